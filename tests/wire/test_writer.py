import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from harness.wire.events import ElementReceived, StreamEnded, StreamOpened
from harness.wire.reader import StreamReader
from harness.wire.writer import escape, serialize, stream_footer, stream_header
from harness.xmpp.elements import build
from harness.xmpp.namespaces import CLIENT, ROSTER, SERVER, STREAM, XML, Name


@pytest.mark.parametrize(
    ("source", "written"),
    [
        ("<message xmlns='jabber:client'><body>x</body></message>", "<message><body>x</body></message>"),
        ("<iq xmlns='jabber:client'><query xmlns='u'/></iq>", "<iq><query xmlns='u'/></iq>"),
        ("<c:iq xmlns:c='jabber:client'><c:a/></c:iq>", "<iq><a/></iq>"),
        (
            "<a xmlns='u'><b/><c xmlns='jabber:client'/></a>",
            "<a xmlns='u'><b/><c xmlns='jabber:client'/></a>",
        ),
        ("<a/>", "<a xmlns=''/>"),
        (
            "<s:features xmlns:s='http://etherx.jabber.org/streams'><a xmlns='u'/></s:features>",
            "<stream:features><a xmlns='u'/></stream:features>",
        ),
        ("<d:a xmlns:d='u' b='1'><d:c/></d:a>", "<d:a xmlns:d='u' b='1'><d:c/></d:a>"),
        ("<stream:a xmlns:stream='u'/>", "<stream:a xmlns:stream='u'/>"),
        ("<a xmlns='jabber:client' xml:lang='en'/>", "<a xml:lang='en'/>"),
        ("<a xmlns='jabber:client' xmlns:p='u' p:b='1'/>", "<a xmlns:p='u' p:b='1'/>"),
        ("<a xmlns='jabber:client'><!-- c -->x<?p i?>y</a>", "<a>xy</a>"),
        (
            "<a xmlns='jabber:client' b='&quot;&amp;&lt;&#9;&#10;&#13;'>&amp;&lt;&#13;\t\n</a>",
            "<a b='&quot;&amp;&lt;&#9;&#10;&#13;'>&amp;&lt;&#13;\t\n</a>",
        ),
    ],
)
def test_serialize_declares_what_the_stream_has_not(source: str, written: str) -> None:
    assert serialize(etree.fromstring(source)).decode() == written


def test_serialize_for_another_content_namespace() -> None:
    element = build(Name(SERVER, "message"), None, build(Name(CLIENT, "body")))
    assert serialize(element, default_namespace=SERVER) == b"<message><body xmlns='jabber:client'/></message>"


def test_serialize_leaves_the_tail_out() -> None:
    assert serialize(etree.fromstring("<a xmlns='jabber:client'><b/>tail</a>")[0]) == b"<b/>"


def test_serialize_goes_as_deep_as_a_tree_can() -> None:
    root = element = build(Name(CLIENT, "a"))
    for _ in range(5000):
        element.append(build(Name(CLIENT, "a")))
        element = element[0]
    assert serialize(root).count(b"<a") == 5001


def test_stream_header_has_prefix_and_declarations() -> None:
    header = stream_header(
        attributes={"to": "o'b", f"{{{XML}}}lang": "en", "xmlns:db": "jabber:server:dialback"}
    )
    assert header == (
        b"<?xml version='1.0'?><stream:stream xmlns='jabber:client' "
        b"xmlns:stream='http://etherx.jabber.org/streams' to='o&apos;b' xml:lang='en' "
        b"xmlns:db='jabber:server:dialback'>"
    )


def test_stream_header_refuses_a_namespace_without_prefix() -> None:
    with pytest.raises(ValueError, match="no prefix"):
        stream_header(attributes={"{u}a": "1"})


def test_escape_leaves_nothing_to_misread() -> None:
    assert escape("<a b='c'>&\"]]>\r\n") == "&lt;a b=&apos;c&apos;&gt;&amp;&quot;]]&gt;&#13;\n"


TEXT = st.text(
    alphabet=st.characters(exclude_categories=["Cs", "Cc", "Cn"], include_characters="\t\n\r"), max_size=8
)
NAMESPACES = st.sampled_from([CLIENT, ROSTER, STREAM, "", "http://example.org/?a=b&c"])
LOCALS = st.sampled_from(["a", "message", "b-1", "é"])
NAMES = st.builds(Name, NAMESPACES, LOCALS)
ATTRIBUTES = st.dictionaries(
    st.builds(lambda name: str(name), st.builds(Name, NAMESPACES | st.just(XML), LOCALS)), TEXT, max_size=3
)
TREES = st.recursive(
    st.builds(lambda name, attributes, text: build(name, attributes, text), NAMES, ATTRIBUTES, TEXT),
    lambda trees: st.builds(
        lambda name, attributes, parts: build(name, attributes, *parts),
        NAMES,
        ATTRIBUTES,
        st.lists(trees | TEXT, max_size=4),
    ),
    max_leaves=8,
)


def facts(element: etree._Element) -> object:
    """What a tree says, whatever its prefixes."""
    inner = [(facts(child), child.tail or "") for child in element]
    return element.tag, dict(element.attrib), element.text or "", inner


@given(tree=TREES, namespace=st.sampled_from([CLIENT, SERVER, ROSTER]))
@settings(max_examples=150)
def test_what_is_written_reads_the_same(tree: etree._Element, namespace: str) -> None:
    header = stream_header(attributes={"id": "x"}, content_namespace=namespace)
    events = StreamReader().feed(header + serialize(tree, default_namespace=namespace) + stream_footer())
    opened, element, ended = events
    assert isinstance(opened, StreamOpened)
    assert isinstance(element, ElementReceived)
    assert isinstance(ended, StreamEnded)
    assert facts(element.tree) == facts(tree)
    assert str(element.name) == tree.tag
    assert dict(element.attributes) == dict(tree.attrib)
