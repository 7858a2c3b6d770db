from harness.pattern.difference import Difference
from harness.pattern.match import match
from harness.pattern.nodes import Strictness

STANZAS = "urn:ietf:params:xml:ns:xmpp-stanzas"


def difference(node, received, strictness=Strictness.OPEN, scope=None):
    result = match(node, received, scope or {}, strictness)
    assert isinstance(result, Difference)
    return result


def test_an_attribute_is_marked_with_carets(pattern, element):
    found = difference(pattern("<iq type='result' id='{any}'/>"), element("<iq id='x7' type='get'/>"))
    assert found.cause == "iq: attribute type is 'get' instead of 'result'"
    assert found.lines == (
        "- <iq type='result' id='{any}'/>",
        "?     ^^^^^^^^^^^^^",
        "+ <iq type='get' id='x7'/>",
        "?     ^^^^^^^^^^",
    )


def test_an_unexpected_error_names_its_condition(pattern, element):
    received = element(
        f"<iq type='error'><error type='cancel'><item-not-found xmlns='{STANZAS}'/></error></iq>"
    )
    found = difference(pattern("<iq type='result'/>"), received)
    assert found.cause == "iq: attribute type is 'error' instead of 'result' (item-not-found)"


def test_another_condition_is_told(pattern, element):
    shape = f"<iq type='error'><error type='cancel'><NAME xmlns='{STANZAS}'/></error></iq>"
    found = difference(
        pattern(shape.replace("NAME", "item-not-found")), element(shape.replace("NAME", "forbidden"))
    )
    assert found.cause == "iq/error: child item-not-found is missing, forbidden is there"
    assert f"-     <item-not-found xmlns='{STANZAS}'/>" in found.lines


def test_the_cause_holds_no_values_that_change(pattern, element):
    node = pattern("<iq id='{capture:x}' from='${a}'/>")
    first = difference(node, element("<iq id='1' from='b1'/>"), scope={"a": "c1"})
    second = difference(node, element("<iq id='2' from='b2'/>"), scope={"a": "c2"})
    assert first.cause == second.cause == "iq: attribute from is not '${a}'"


def test_the_most_similar_child_is_explained(pattern, element):
    node = pattern("<q xmlns='u'><item jid='b' ask='subscribe' name='B'/></q>")
    received = element("<q xmlns='u'><item jid='a'/><item jid='b' name='B'/><item jid='c'/></q>")
    found = difference(node, received)
    assert found.cause == "q/item: attribute ask is missing"
    assert "+   <item jid='b' name='B'/>" in found.lines


def test_other_causes_are_words(pattern, element):
    rows = [
        ("<a/>", "<b/>", "a: b came instead"),
        ("<a xmlns='u'/>", "<a xmlns='v'/>", "a: the namespace is v instead of u"),
        ("<a><b/></a>", "<a/>", "a: child b is missing"),
        ("<a>x</a>", "<a/>", "a: the text is missing"),
        ("<a>x</a>", "<a>y</a>", "a: the text is not 'x'"),
        (
            "<presence/>",
            "<presence type='probe'/>",
            "presence: attribute type must not be there, and is 'probe'",
        ),
        ("<a><b harness:absent='true'/></a>", "<a><b/></a>", "a: child b must not be there"),
        ("<a harness:strict='true'/>", "<a>x</a>", "a: there is text"),
        ("<a harness:strict='true'/>", "<a z='1'/>", "a: attribute z must not be there"),
        ("<a harness:strict='true'/>", "<a><b/></a>", "a: unexpected child b"),
        ("<a harness:strict='true'><b/><c/></a>", "<a><c/><b/></a>", "a: the children are in another order"),
        ("<message/>", "<message type='chat'/>", "message: attribute type is 'chat' instead of 'normal'"),
    ]
    for expected, received, cause in rows:
        assert difference(pattern(expected), element(received)).cause == cause


def test_captures_that_disagree_are_shown_where_they_meet(pattern, element):
    found = difference(
        pattern("<q><i a='{capture:x}'/><j a='{capture:x}'/></q>"), element("<q><i a='1'/><j a='3'/></q>")
    )
    assert found.cause == "q/j: attribute a is not '{capture:x}'"


def test_a_large_element_is_no_wall(pattern, element):
    node = pattern("<q>" + "".join(f"<i a='{number}'/>" for number in range(500)) + "<j/></q>")
    received = element("<q>" + "".join(f"<i a='{number}'/>" for number in range(500)) + "</q>")
    found = difference(node, received)
    assert found.cause == "q: child j is missing"
    assert len(found.lines) < 15
