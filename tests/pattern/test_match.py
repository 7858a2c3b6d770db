import time

import pytest

from harness.errors import ScriptError
from harness.pattern.difference import Difference
from harness.pattern.match import Matched, match
from harness.pattern.nodes import Strictness

OPEN, EXACT, SCANSION = Strictness.OPEN, Strictness.EXACT, Strictness.BY_NAMESPACE
STANZAS = "urn:ietf:params:xml:ns:xmpp-stanzas"


def is_match(node, received, strictness=OPEN, scope=None):
    return isinstance(match(node, received, scope or {}, strictness), Matched)


@pytest.mark.parametrize(
    ("expected", "received", "answer"),
    [
        ("<iq type='result' id='a'/>", "<iq id='a' type='result' to='x'/>", True),
        ("<iq type='result' id='a'/>", "<iq id='b' type='result'/>", False),
        ("<iq type='result' id='a'/>", "<iq type='result'/>", False),
        ("<iq type='result'/>", "<iq type='result'><query xmlns='x'/></iq>", True),
        ("<iq type='set'><query xmlns='x'/></iq>", "<iq type='set'><query xmlns='y'/></iq>", False),
        ("<iq type='set'><a/></iq>", "<iq type='set'/>", False),
        ("<a><b/><c/></a>", "<a><c/><x/><b/></a>", True),
        ("<a><b/><b/></a>", "<a><b/></a>", False),
        ("<a><b x='{any}'/><b x='1'/></a>", "<a><b x='1'/><b x='2'/></a>", True),
        ("<a><b x='{any}'/><b x='{any}'/><b x='1'/></a>", "<a><b x='1'/><b x='2'/><b x='1'/></a>", True),
        ("<a>text</a>", "<a>\n text </a>", True),
        ("<a>text</a>", "<a>other</a>", False),
        ("<a>text</a>", "<a/>", False),
        ("<a/>", "<a>whatever</a>", True),
        ("<a>{any}</a>", "<a/>", True),
        ("<a>one <b/> two</a>", "<a>one<b/>two</a>", True),
        ("<a>one <b/> two</a>", "<a>one<b/></a>", False),
        ("<a xml:lang='de'/>", "<a xml:lang='de'/>", True),
        ("<a xml:lang='de'/>", "<a lang='de'/>", False),
        ("<stream:features/>", "<stream:features/>", True),
        ("<a x='{absent}'/>", "<a/>", True),
        ("<a x='{absent}'/>", "<a x=''/>", False),
        ("<a x='{optional}'/>", "<a/>", True),
        ("<a x='{optional}'/>", "<a x='1'/>", True),
        ("<a x='{optional: {integer}}'/>", "<a x='1'/>", True),
        ("<a x='{optional: {integer}}'/>", "<a x='y'/>", False),
        ("<a><b x='1' harness:absent='true'/></a>", "<a><b x='2'/></a>", True),
        ("<a><b x='1' harness:absent='true'/></a>", "<a><b x='2'/><b x='1'/></a>", False),
        ("<a><!-- note --><b/></a>", "<a><!-- other --><?x?><b/></a>", True),
    ],
)
def test_open_matching(pattern, element, expected, received, answer):
    assert is_match(pattern(expected), element(received)) is answer


@pytest.mark.parametrize(
    ("expected", "received", "answer"),
    [
        ("<presence/>", "<presence/>", True),
        ("<presence/>", "<presence type='unavailable'/>", False),
        ("<presence type='{any}'/>", "<presence type='unavailable'/>", True),
        ("<presence type='{any}'/>", "<presence/>", False),
        ("<presence type='{optional}'/>", "<presence type='unavailable'/>", True),
        ("<message/>", "<message/>", True),
        ("<message/>", "<message type='normal'/>", True),
        ("<message/>", "<message type='chat'/>", False),
        ("<message type='normal'/>", "<message/>", False),
        ("<message type='{optional}'/>", "<message type='chat'/>", True),
    ],
)
def test_a_stanza_without_type_is_a_plain_one(pattern, element, expected, received, answer):
    assert is_match(pattern(expected), element(received)) is answer


@pytest.mark.parametrize(
    ("expected", "received", "answer"),
    [
        ("<a x='1'/>", "<a x='1'/>", True),
        ("<a x='1'/>", "<a x='1' y='2'/>", False),
        ("<a><b/></a>", "<a><b/><c/></a>", False),
        ("<a><b/><c/></a>", "<a><c/><b/></a>", False),
        ("<a/>", "<a>text</a>", False),
        ("<a x='{optional}'/>", "<a x='1'/>", True),
        ("<a><b harness:strict='false'/></a>", "<a><b z=''><c/></b></a>", True),
    ],
)
def test_exact_matching(pattern, element, expected, received, answer):
    assert is_match(pattern(expected), element(received), EXACT) is answer


@pytest.mark.parametrize(
    ("expected", "received", "answer"),
    [
        # A stanza without type matches any type, and may hold more.
        (
            "<presence from='a'/>",
            "<presence from='a' type='unavailable' id='x'><x xmlns='u'/></presence>",
            True,
        ),
        # A payload in a namespace of its own is strict: attributes both ways, children in order.
        ("<iq><q xmlns='u'><a/><b/></q></iq>", "<iq><q xmlns='u'><a/><b/></q></iq>", True),
        ("<iq><q xmlns='u'><a/><b/></q></iq>", "<iq><q xmlns='u'><b/><a/></q></iq>", False),
        ("<iq><q xmlns='u'><a/></q></iq>", "<iq><q xmlns='u'><a/><b/></q></iq>", False),
        ("<iq><q xmlns='u'/></iq>", "<iq><q xmlns='u' x='1'/></iq>", False),
        # strict='false' frees order and extras, down to the children.
        (
            "<iq><q xmlns='u' scansion:strict='false'><b/><a/></q></iq>",
            "<iq><q xmlns='u' x='1'><a><z/></a><c/><b/></q></iq>",
            True,
        ),
        # strict='true' reaches down, a child may leave it again and then need not repeat the text.
        (
            "<iq><q xmlns='u' scansion:strict='true'><v scansion:strict='false'/></q></iq>",
            "<iq><q xmlns='u'><v>1.0</v></q></iq>",
            True,
        ),
        (
            "<iq><q xmlns='u' scansion:strict='true'><v/></q></iq>",
            "<iq><q xmlns='u'><v>1</v></q></iq>",
            False,
        ),
        # Without an explicit mark, missing text is not empty text.
        ("<iq><q xmlns='u'><h></h></q></iq>", "<iq><q xmlns='u'><h>token</h></q></iq>", True),
        ("<iq><q xmlns='u'><h>a</h></q></iq>", "<iq><q xmlns='u'><h>b</h></q></iq>", False),
        # A stanza inside a strict payload is free again.
        (
            "<message><f xmlns='u'><message xmlns='jabber:client' to='a'/></f></message>",
            "<message><f xmlns='u'><message xmlns='jabber:client' to='a' id='1'><b/></message></f></message>",
            True,
        ),
        # Declaring the same namespace again changes nothing.
        ("<iq><q xmlns='u'><a xmlns='u'/></q></iq>", "<iq><q xmlns='u'><a/></q></iq>", True),
        ("<iq xmlns:stream='x'/>", "<iq/>", True),
    ],
)
def test_scansion_matching(pattern, element, expected, received, answer):
    assert is_match(pattern(expected, ours=False), element(received), SCANSION) is answer


def test_captures_tie_children_together(pattern, element):
    node = pattern("<q><i a='{capture:x}'/><j a='{capture:x}'/></q>")
    result = match(node, element("<q><i a='1'/><i a='2'/><j a='2'/></q>"), {}, OPEN)
    assert isinstance(result, Matched)
    assert result.captures == {"x": "2"}
    assert not is_match(node, element("<q><i a='1'/><i a='2'/><j a='3'/></q>"))


def test_a_variable_may_use_what_the_same_element_captures(pattern, element):
    node = pattern("<q><i a='{capture:x}'/><j a='${x}'/></q>")
    assert is_match(node, element("<q><j a='2'/><i a='1'/><i a='2'/></q>"))


def test_a_capture_known_before_is_compared(pattern, element):
    node = pattern("<q a='{capture:x}'/>")
    assert is_match(node, element("<q a='1'/>"), scope={"x": "1"})
    difference = match(node, element("<q a='2'/>"), {"x": "1"}, OPEN)
    assert isinstance(difference, Difference)


def test_rebinding_tells_what_changed(pattern, element):
    node = pattern("<q a='{scansion:capture:x}'/>", ours=False)
    result = match(node, element("<q a='2'/>"), {"x": "1"}, SCANSION, rebind=True)
    assert isinstance(result, Matched)
    assert result.captures == {"x": "2"}
    assert result.notes == ("{capture:x} had another value before",)


@pytest.mark.parametrize("written", ["<i a='{number}'/>", "<i>{number}</i>", "<i a='x{capture:c{number}}'/>"])
@pytest.mark.parametrize("strictness", [OPEN, EXACT])
def test_a_thousand_children_take_no_time(pattern, element, written, strictness):
    numbers = range(1000)
    expected = "".join(written.replace("{number}", str(number)) for number in numbers)
    values = numbers if strictness is EXACT else reversed(numbers)
    attribute = "" if ">{number}" in written else "{value}"
    shape = "<i>{n}</i>" if not attribute else "<i a='x{n}'/>" if "capture" in written else "<i a='{n}'/>"
    received = element(f"<q>{''.join(shape.replace('{n}', str(value)) for value in values)}</q>")
    node = pattern(f"<q>{expected}</q>")
    start = time.perf_counter()
    assert is_match(node, received, strictness)
    assert time.perf_counter() - start < 2


def test_a_thousand_children_that_do_not_match_are_explained_soon(pattern, element):
    node = pattern("<q>" + "<i b='{any}'/>" * 300 + "</q>")
    received = element("<q>" + "<i a='1'/>" * 1000 + "</q>")
    start = time.perf_counter()
    result = match(node, received, {}, OPEN)
    assert isinstance(result, Difference)
    assert len(result.lines) < 50
    assert time.perf_counter() - start < 3


def test_a_pattern_with_too_many_ways_is_our_fault(pattern, element):
    tied = "".join(f"<i a='{{capture:c{number}}}'/>" for number in range(6))
    last = "<k c='" + "".join(f"${{c{number}}}" for number in range(6)) + "'/>"
    received = element("<q>" + "".join(f"<i a='{number}'/>" for number in range(60)) + "<k c='x'/></q>")
    with pytest.raises(ScriptError, match="too many ways"):
        match(pattern(f"<q>{tied}{last}</q>"), received, {}, OPEN)


def test_an_unknown_variable_is_told_even_when_another_element_came(pattern, element):
    with pytest.raises(ScriptError, match="there is no"):
        match(pattern("<a><b c='${nobody}'/></a>"), element("<z/>"), {}, OPEN)


def test_order_in_the_pattern_is_no_matter_for_captures(pattern, element):
    node = pattern("<q><j a='${x}'/><i a='{capture:x}'/></q>")
    assert is_match(node, element("<q><j a='2'/><i a='1'/><i a='2'/></q>"))
    assert not is_match(node, element("<q><j a='3'/><i a='1'/><i a='2'/></q>"))
