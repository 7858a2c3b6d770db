import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from harness.errors import ScriptError
from harness.pattern.make import make
from harness.pattern.match import Matched, match
from harness.pattern.nodes import Node, Strictness
from harness.pattern.reader import Place, Reading, read_nodes
from harness.pattern.template import parse_template
from harness.xmpp.namespaces import CLIENT, STREAM, XML, Name

SCOPE = {"domain": "example.org", "me": "a@b/c<'&>"}


def counter():
    numbers = itertools.count()
    return lambda kind: f"{kind.replace(' ', '-')}-{next(numbers)}"


def test_bytes_stand_as_they_do_in_a_stream(pattern):
    node = pattern(
        "<iq type='set' id='{any}' to='${me}'>"
        "<query xmlns='u' xml:lang='de'>a &lt; b<y xmlns=''/></query></iq>"
    )
    made = make(node, SCOPE, counter())
    assert made.data == (
        b"<iq type='set' id='any-0' to='a@b/c&lt;&apos;&amp;&gt;'>"
        b"<query xmlns='u' xml:lang='de'>a &lt; b<y xmlns=''/></query></iq>"
    )
    assert made.element.tag == "{jabber:client}iq"


def test_optional_and_absent_attributes_are_left_out(pattern):
    made = make(
        pattern("<message x='{optional}' y='{absent}'><b harness:absent='true'/></message>"), {}, counter()
    )
    assert made.data == b"<message/>"


def test_stream_elements_keep_their_prefix(pattern):
    made = make(pattern("<stream:error><host-gone xmlns='u'/></stream:error>"), {}, counter())
    assert made.data == b"<stream:error><host-gone xmlns='u'/></stream:error>"


def test_line_ends_survive(pattern, element):
    node = pattern("<a x='${v}'>${v}</a>")
    made = make(node, {"v": "a\r\n\tb"}, counter())
    again = element(made.data.decode())
    assert again.text == again.get("x") == "a\r\n\tb"


def test_what_xml_cannot_hold_is_our_fault(pattern):
    with pytest.raises(ScriptError, match="XML cannot hold"):
        make(pattern("<a x='${v}'/>"), {"v": "\0"}, counter())


few = settings(max_examples=50)

# --- pairs ---------------------------------------------------------------------------------------

locals_ = st.sampled_from(["a", "b", "item", "iq"])
namespaces = st.sampled_from([CLIENT, CLIENT, "urn:x", "urn:y", "", STREAM])
values = st.lists(
    st.one_of(
        st.sampled_from(["{any}", "{integer}", "{uuid}", "{timestamp}", "{full jid}"]),
        st.sampled_from(["${me}", "{one of: p, q}", "{regex:[a-c]{2}}"]),
        st.text(
            st.characters(codec="utf-8", exclude_characters="{}$", categories=["L", "N", "P", "Zs"]),
            max_size=4,
        ),
    ),
    max_size=3,
).map("".join)


# Captures stand alone here: beside {any} in one text there is more than one way to cut it.
captured = st.sampled_from(["{capture:c}", "{capture:d}", "{capture:e:integer}"])


def templates():
    return (values | captured).map(
        lambda text: parse_template(text, line=1, column=1, path="x", strict_placeholders=True)
    )


attribute_names = st.sampled_from([Name("", "a"), Name("", "b"), Name(XML, "lang"), Name("urn:z", "c")])


def nodes():
    fields = {
        "attributes": st.dictionaries(attribute_names, templates(), max_size=3),
        "text": st.none() | templates(),
        "tail": st.none(),
        "strictness": st.sampled_from([None, None, Strictness.OPEN, Strictness.EXACT]),
        "name": st.builds(Name, namespaces, locals_),
    }
    leaf = st.builds(Node, **fields)
    return st.recursive(
        leaf,
        lambda inner: st.builds(
            Node, **fields, children=st.lists(inner, max_size=4).map(tuple), optional_attributes=st.just({})
        ),
        max_leaves=8,
    )


@few
@given(nodes(), st.sampled_from(Strictness))
def test_what_is_made_always_matches(node, strictness):
    made = make(node, SCOPE, counter())
    result = match(node, made.element, SCOPE, strictness)
    assert isinstance(result, Matched), result
    assert result.captures.keys() == made.captures.keys()


@few
@given(nodes(), st.integers(0, 3))
def test_an_open_pattern_takes_more_and_a_missing_attribute_fails(node, index):
    made = make(node, SCOPE, counter())
    if node.strictness is Strictness.EXACT:
        return
    made.element.set("extra", "1")
    etree.SubElement(made.element, "{urn:extra}extra")
    assert isinstance(match(node, made.element, SCOPE, Strictness.OPEN), Matched)
    for name in list(node.attributes)[index : index + 1]:
        del made.element.attrib[str(name)]
        assert not isinstance(match(node, made.element, SCOPE, Strictness.OPEN), Matched)


def test_read_made_and_read_again_is_the_same():
    text = "<iq type='set'><q xmlns='u'>a<b/>c</q></iq>"
    node = read_nodes(text, Place("x", 1), Reading())[0]
    assert make(node, {}, counter()).data.decode() == text
