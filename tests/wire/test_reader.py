import itertools
import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from harness.wire.events import (
    ElementReceived,
    Event,
    Rule,
    StreamEnded,
    StreamOpened,
    Violation,
    Whitespace,
)
from harness.wire.reader import Limits, StreamReader
from harness.xmpp.namespaces import CLIENT, STREAM, XML, Name

HEADER = (
    b"<?xml version='1.0'?>\n<stream:stream xmlns='jabber:client' "
    b"xmlns:stream='http://etherx.jabber.org/streams' id='s1' xml:lang='en'>"
)
SMALL = Limits(max_stanza=300, max_header=400, max_depth=5)


def read(*pieces: bytes, limits: Limits | None = None) -> list[Event]:
    """All events of the pieces and of the end after them; runs of white space are joined."""
    reader = StreamReader(limits=limits)
    events: list[Event] = []
    for piece in pieces:
        events.extend(reader.feed(piece))
    return join_blanks([*events, *reader.end()])


def join_blanks(events: list[Event]) -> list[Event]:
    joined: list[Event] = []
    for event in events:
        if isinstance(event, Whitespace) and joined and isinstance(joined[-1], Whitespace):
            joined[-1] = Whitespace(raw=joined[-1].raw + event.raw)
        else:
            joined.append(event)
    return joined


def without_blanks(events: list[Event]) -> list[Event]:
    return [event for event in events if not isinstance(event, Whitespace)]


def cut(data: bytes, at: list[int]) -> list[bytes]:
    edges = [0, *sorted(place % (len(data) + 1) for place in at), len(data)]
    return [data[a:b] for a, b in itertools.pairwise(edges)]


def violations(events: list[Event]) -> list[tuple[Rule, int, bool]]:
    return [(event.rule, event.offset, event.fatal) for event in events if isinstance(event, Violation)]


def elements(events: list[Event]) -> list[ElementReceived]:
    return [event for event in events if isinstance(event, ElementReceived)]


# --- what comes out -------------------------------------------------------------------------------


def test_header_is_told_when_it_is_complete() -> None:
    [event] = StreamReader().feed(HEADER)
    assert isinstance(event, StreamOpened)
    assert event.name == Name(STREAM, "stream")
    assert event.attributes == {"id": "s1", f"{{{XML}}}lang": "en"}
    assert event.namespaces == {None: CLIENT, "stream": STREAM}
    assert event.raw == HEADER


@pytest.mark.parametrize(
    "raw",
    [
        b"<presence/>",
        b"<presence></presence>",
        b"<message a='/>' b=\"&lt;/message>\"><body>]] > \xc3\xa9 &lt;&#x41;</body></message>",
        b"<message><x:f xmlns:x='u'><message a=''><message/><message ></message></message></x:f></message >",
        b"<message><body><![CDATA[</message><message>]]></body></message>",
        b"<a><ab/><abc></abc></a\n>",
        b"<stream:features><a:b xmlns:a='c'/></stream:features>",
    ],
)
def test_element_has_exactly_its_bytes(raw: bytes) -> None:
    events = read(HEADER + raw + raw + b"</stream:stream>")
    assert [element.raw for element in elements(events)] == [raw, raw]
    assert events[-1] == StreamEnded(raw=b"</stream:stream>")
    assert not violations(events)


def test_element_names_and_attributes_are_expanded() -> None:
    [element] = elements(
        read(HEADER + b"<q:a xmlns:q='u v}w' q:b='1' c='2' xml:lang='de'/>", b"</stream:stream>")
    )
    assert element.name == Name("u v}w", "a")
    assert element.attributes == {"{u v}w}b": "1", "c": "2", f"{{{XML}}}lang": "de"}


def test_element_comes_with_its_last_byte() -> None:
    reader = StreamReader()
    reader.feed(HEADER)
    raw = b"<iq type='get' id='1'><query xmlns='jabber:iq:roster'/></iq>"
    for _ in range(50):
        assert reader.feed(raw[:-1]) == []
        assert len(reader.feed(raw[-1:])) == 1


@pytest.mark.parametrize(
    "raw", [b"<a><a/></a>", b"<a><!-- --></a>", b"<a>\n</a\n>", b"<a><![CDATA[</a>]]></a>"]
)
def test_element_does_not_wait_for_what_follows(raw: bytes) -> None:
    reader = StreamReader()
    reader.feed(HEADER)
    for following in (b" ", b"<", b"<b"):
        assert [element.raw for element in elements(reader.feed(raw + following))] == [raw]
        reader.feed(b"b/>"[-2 - (following == b"<") :] if following != b" " else b"")


def test_keepalive_is_told_at_once() -> None:
    reader = StreamReader()
    reader.feed(HEADER)
    assert reader.feed(b" ") == [Whitespace(raw=b" ")]
    assert reader.feed(b"\n\n") == [Whitespace(raw=b"\n\n")]
    [element] = reader.feed(b"<a/>")
    assert isinstance(element, ElementReceived)


def test_tree_stands_alone_with_the_prefixes_that_were_sent() -> None:
    [one, two] = elements(
        read(
            HEADER
            + b"<stream:error><a xmlns='u'/></stream:error> <message to='x'>hi</message></stream:stream>"
        )
    )
    assert one.tree.tag == f"{{{STREAM}}}error"
    assert one.tree.prefix == "stream"
    assert two.tree.tag == f"{{{CLIENT}}}message"
    assert two.tree.prefix is None
    assert two.tree.getparent() is None
    assert two.tree.tail is None


def test_tree_of_an_element_that_declares_its_own_namespace() -> None:
    start = b'<success a=" xmlns=\'no\' " xmlns = "urn:ietf:params:xml:ns:xmpp-sasl">'
    raw = start + b"<message xmlns='jabber:client'/></success>"
    [element] = elements(read(HEADER + raw, b"</stream:stream>"))
    assert element.tree.tag == str(element.name) == "{urn:ietf:params:xml:ns:xmpp-sasl}success"


def test_tree_has_no_comments() -> None:
    [element] = elements(read(HEADER + b"<a>x<!-- y --><?z?></a></stream:stream>"))
    assert element.tree.text == "x"
    assert len(element.tree) == 0


# --- violations -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "rule", "offset", "fatal"),
    [
        (b"<a b='1'></c>", Rule.NOT_WELL_FORMED, 11, True),
        (b"<a b=1/>", Rule.NOT_WELL_FORMED, 5, True),
        (b"<a b='<'/>", Rule.NOT_WELL_FORMED, 6, True),
        (b"<a b='1' b='2'/>", Rule.NOT_WELL_FORMED, 9, True),
        (b"<a>x & y</a>", Rule.NOT_WELL_FORMED, 6, True),
        (b"<a>]]></a>", Rule.NOT_WELL_FORMED, 5, True),
        (b"<a>\x01</a>", Rule.NOT_WELL_FORMED, 3, True),
        (b"<a>&#0;</a>", Rule.NOT_WELL_FORMED, 3, True),
        (b"<a>\xef\xbf\xbf</a>", Rule.NOT_WELL_FORMED, 3, True),
        (b"<a><?xml version='1.0'?></a>", Rule.NOT_WELL_FORMED, 3, True),
        (b"<!ELEMENT a>", Rule.NOT_WELL_FORMED, 0, True),
        (b"</a>", Rule.NOT_WELL_FORMED, 2, True),
        (b"<>", Rule.NOT_WELL_FORMED, 1, True),
        (b"<b:a/>", Rule.BAD_NAMESPACE, 0, True),
        (b"<a b:c='1'/>", Rule.BAD_NAMESPACE, 0, True),
        (b"<a xmlns:b=''/>", Rule.BAD_NAMESPACE, 0, True),
        (b"<a xmlns:xml='u'/>", Rule.BAD_NAMESPACE, 0, True),
        (b"<a xmlns:xmlns='u'/>", Rule.BAD_NAMESPACE, 0, True),
        (b"<a xmlns='http://www.w3.org/XML/1998/namespace'/>", Rule.BAD_NAMESPACE, 0, True),
        (b"<a xmlns:b='u' xmlns:c='u' b:d='1' c:d='2'/>", Rule.BAD_NAMESPACE, 0, True),
        (b"<a:b:c/>", Rule.BAD_NAMESPACE, 4, True),
        (b"<:a/>", Rule.BAD_NAMESPACE, 1, True),
        (b"<a>\xff</a>", Rule.BAD_ENCODING, 3, True),
        (b"<a>\xc3<b/></a>", Rule.BAD_ENCODING, 3, True),
        (b"<a>\xed\xa0\x80</a>", Rule.BAD_ENCODING, 3, True),
        (b"<a>\xc0\xaf</a>", Rule.BAD_ENCODING, 3, True),
        (b"<a>&foo;</a>", Rule.RESTRICTED_XML, 3, True),
        (b"<a b='&foo;'/>", Rule.RESTRICTED_XML, 0, True),
        (b"<!DOCTYPE a [<!ENTITY b 'c'>]>", Rule.RESTRICTED_XML, 0, True),
        (b"<a><!DOCTYPE a []></a>", Rule.RESTRICTED_XML, 3, True),
        (b"<!-- x > -->", Rule.RESTRICTED_XML, 0, False),
        (b"<a><!-- x --></a>", Rule.RESTRICTED_XML, 3, False),
        (b"<a><?x y?></a>", Rule.RESTRICTED_XML, 3, False),
        (b" \nfoo <a/>", Rule.TEXT_BETWEEN_STANZAS, 2, False),
        (b"<![CDATA[x]]>", Rule.TEXT_BETWEEN_STANZAS, 0, False),
        (b"<a/>foo", Rule.TEXT_BETWEEN_STANZAS, 4, False),
        (b"</stream:stream> <a/>", Rule.DATA_AFTER_END, 17, True),
        (b"<a><b>", Rule.TRUNCATED, 6, True),
        (b"<a b='", Rule.TRUNCATED, 6, True),
        (b"<a><!DOCT", Rule.NOT_WELL_FORMED, 5, True),
        (b"<", Rule.TRUNCATED, 1, True),
        (b"<a>" + b"x" * 300, Rule.TOO_LARGE, 300, True),
        (b"<a>" + b"x" * 293 + b"</a>", None, 0, False),
        (b"<a>" + b"x" * 294 + b"</a>", Rule.TOO_LARGE, 300, True),
        (b"<a b='" + b"x" * 300 + b"'/>", Rule.TOO_LARGE, 300, True),
        (b"x" * 400, Rule.TOO_LARGE, 300, True),
        (b"<a>" * 5 + b"</a>" * 5, None, 0, False),
        (b"<a>" * 6 + b"</a>" * 6, Rule.TOO_DEEP, 15, True),
        (b"<a><b><c><d><e><f/></e></d></c></b></a>", Rule.TOO_DEEP, 15, True),
        (b"<a>" + b"<b/>" * 20 + b"<![CDATA[<b>]]><b><c><d><e><f>", Rule.TOO_DEEP, 110, True),
    ],
)
def test_violation_is_told_with_its_place(data: bytes, rule: Rule | None, offset: int, fatal: bool) -> None:
    whole = read(HEADER + data, limits=SMALL)
    assert read(*cut(HEADER + data, list(range(len(HEADER + data)))), limits=SMALL) == whole
    expected = [] if rule is None else [(rule, len(HEADER) + offset, fatal)]
    assert violations(whole) == expected


@pytest.mark.parametrize(
    ("data", "rule", "offset", "fatal"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n", Rule.NOT_WELL_FORMED, 0, True),
        (b" \x16\x03\x01", Rule.NOT_WELL_FORMED, 1, True),
        (b" <?xml version='1.0'?><a/>", Rule.NOT_WELL_FORMED, 1, True),
        (b"\xef\xbb\xbf<a></a>", Rule.BAD_ENCODING, 0, False),
        (b"\xef\xbbx<a></a>", Rule.NOT_WELL_FORMED, 0, True),
        ("<a>".encode("utf-16"), Rule.BAD_ENCODING, 0, True),
        ("<a>".encode("utf-16-le"), Rule.BAD_ENCODING, 0, True),
        ("<a>".encode("utf-16-be"), Rule.BAD_ENCODING, 0, True),
        (b"<?xml version='1.0' encoding='ISO-8859-1'?><a></a>", Rule.BAD_ENCODING, 0, False),
        (b"<?xml version='1.0' encoding='utf-8'?><a></a>", None, 0, False),
        (b"<?xml version='1.1'?><a></a>", Rule.BAD_ENCODING, 0, False),
        (b"<?xml version='1.0' standalone='no'?><a></a>", Rule.RESTRICTED_XML, 0, False),
        (b"<!-- x --><a></a>", Rule.RESTRICTED_XML, 0, False),
        (b"<?x y?><a></a>", Rule.RESTRICTED_XML, 0, False),
        (b"<!DOCTYPE a><a></a>", Rule.RESTRICTED_XML, 0, True),
        (b"<a:b></a:b>", Rule.BAD_NAMESPACE, 0, True),
        (b"</a>", Rule.NOT_WELL_FORMED, 1, True),
        (b"<?xml version='1.0'?>", Rule.TRUNCATED, 21, True),
        (b"<stream:stream", Rule.TRUNCATED, 14, True),
        (b" " * 401, Rule.TOO_LARGE, 400, True),
        (b"<a b='" + b"x" * 400, Rule.TOO_LARGE, 400, True),
        (b"<a/>", None, 0, False),
        (b" \n", None, 0, False),
        (b"", None, 0, False),
    ],
)
def test_violation_in_the_header(data: bytes, rule: Rule | None, offset: int, fatal: bool) -> None:
    whole = read(data, limits=SMALL)
    assert read(*cut(data, list(range(len(data)))), limits=SMALL) == whole
    expected = [] if rule is None else [(rule, offset, fatal)]
    found = violations(whole)
    assert found == expected


def test_size_is_enforced_before_the_stanza_ends() -> None:
    reader = StreamReader(limits=SMALL)
    reader.feed(HEADER + b"<a>")
    assert reader.feed(b"x" * 297) == []
    [violation] = reader.feed(b"x")
    assert isinstance(violation, Violation)
    assert violation.rule is Rule.TOO_LARGE


def test_fault_inside_an_unfinished_stanza_is_told_at_once() -> None:
    reader = StreamReader()
    reader.feed(HEADER)
    [violation] = reader.feed(b"<message><body></message>")
    assert isinstance(violation, Violation)
    assert violation.excerpt == b"<message><body></message>"


def test_nothing_comes_after_a_fatal_violation() -> None:
    reader = StreamReader()
    reader.feed(HEADER + b"<a></b>")
    assert reader.feed(b"<c/></stream:stream>") == []
    assert reader.end() == []


def test_separator_of_expat_cannot_be_smuggled_in() -> None:
    for reference in (b"\x01", b"&#1;", b"&#x1;"):
        [violation] = violations(read(HEADER + b"<a xmlns='x" + reference + b"y'/>"))
        assert violation[0] is Rule.NOT_WELL_FORMED


# --- restart --------------------------------------------------------------------------------------


def test_restart_expects_a_new_header() -> None:
    reader = StreamReader()
    reader.feed(HEADER + b"<a/>")
    reader.restart()
    [header, element] = reader.feed(HEADER + b"<b/>")
    assert isinstance(header, StreamOpened)
    assert isinstance(element, ElementReceived)


def test_next_event_leaves_the_rest_for_the_stream_after_a_restart() -> None:
    reader = StreamReader()
    reader.push(HEADER + b"<auth/>" + HEADER + b"<iq/>")
    assert isinstance(reader.next_event(), StreamOpened)
    assert isinstance(reader.next_event(), ElementReceived)
    assert reader.pending == HEADER + b"<iq/>"
    reader.restart()
    assert isinstance(reader.next_event(), StreamOpened)
    assert isinstance(reader.next_event(), ElementReceived)
    assert reader.next_event() is None


def test_restart_can_discard_what_is_pending() -> None:
    reader = StreamReader()
    reader.push(HEADER + b"<proceed/><injected/>")
    reader.next_event()
    reader.next_event()
    reader.restart(discard=True)
    assert reader.pending == b""
    assert reader.next_event() is None


def test_restart_revives_a_dead_reader() -> None:
    reader = StreamReader()
    reader.feed(b"no")
    reader.restart()
    assert len(reader.feed(HEADER)) == 1


# --- for all bytes --------------------------------------------------------------------------------

FRAGMENTS = st.sampled_from(
    [
        b"<message to='a' id=\"b\"><body>text</body></message>",
        b"<message>",
        b"</message>",
        b"<message/>",
        b"<message a='/>'>",
        b"<m>",
        b"</m>",
        b"<m:n xmlns:m='u'/>",
        b"<presence/>",
        b"</stream:stream>",
        b"<stream:error>",
        b"</stream:error>",
        b" ",
        b"\r\n",
        b"text",
        b"]]>",
        b"&amp;",
        b"&am",
        b"&foo;",
        b"<!-- c -->",
        b"<!--",
        b"-->",
        b"<![CDATA[",
        b"]]",
        b">",
        b"<",
        b"'",
        b'"',
        b"<?p i?>",
        b"<?",
        b"?>",
        b"<!DOCTYPE",
        b"<!",
        b"\xc3",
        b"\xa9",
        b"\xe2\x82\xac",
        b"\xff",
        b"\0",
        b"<a xmlns=''>",
        b"</a>",
        b"<x:y>",
        b"x" * 100,
        b"<d><d><d>",
        b"</d></d></d>",
    ]
)
STREAMS = st.builds(
    lambda header, parts: header + b"".join(parts),
    st.sampled_from([HEADER, b"", b"<?xml version='1.0'?>", b"\xef\xbb\xbf" + HEADER]),
    st.lists(FRAGMENTS | st.binary(max_size=4), max_size=25),
)
PLACES = st.lists(st.integers(0, 4000), max_size=12)
WIDE = settings(max_examples=150)


@given(data=STREAMS, places=PLACES)
@example(data=HEADER + b"<m>\xe2\x82<m", places=[])
@example(data=HEADER + b"&am<m/>", places=[])
@WIDE
def test_cuts_change_nothing(data: bytes, places: list[int]) -> None:
    whole = read(data, limits=SMALL)
    assert read(*cut(data, list(range(len(data)))), limits=SMALL) == whole
    assert read(*cut(data, places), limits=SMALL) == whole


@given(data=STREAMS, places=PLACES)
@WIDE
def test_cuts_delay_no_element(data: bytes, places: list[int]) -> None:
    whole = StreamReader(limits=SMALL).feed(data)
    for pieces in (cut(data, places), cut(data, list(range(len(data))))):
        reader = StreamReader(limits=SMALL)
        events = [event for piece in pieces for event in reader.feed(piece)]
        assert elements(events) == elements(whole)


@given(data=STREAMS, rest=STREAMS)
@WIDE
def test_data_that_follows_changes_nothing_before_it(data: bytes, rest: bytes) -> None:
    before = without_blanks(StreamReader(limits=SMALL).feed(data))
    after = without_blanks(read(data + rest, limits=SMALL))
    assert after[: len(before)] == before


@given(data=st.binary(max_size=200) | st.builds(lambda tail: HEADER + tail, st.binary(max_size=200)))
@WIDE
def test_no_bytes_make_it_raise(data: bytes) -> None:
    read(data)


@given(data=STREAMS)
@WIDE
def test_taking_events_singly_is_the_same(data: bytes) -> None:
    reader = StreamReader(limits=SMALL)
    reader.push(data)
    singly = list(iter(reader.next_event, None))
    assert singly == StreamReader(limits=SMALL).feed(data)


BODY = st.sampled_from(
    [b"t", b"<a/>", b"<message/>", b"<message></message>", b"<b c='>'>x</b>", b"<![CDATA[<x>]]>"]
)
STANZAS = st.builds(
    lambda name, inner: b"<" + name + b">" + b"".join(inner) + b"</" + name + b">",
    st.sampled_from([b"message", b"a", b"b", b"stream:x"]),
    st.lists(BODY, max_size=8),
)


@given(items=st.lists(STANZAS | st.sampled_from([b" ", b"\n\n", b"<presence/>"]), max_size=8), places=PLACES)
@WIDE
def test_raws_of_a_good_stream_join_to_what_was_sent(items: list[bytes], places: list[int]) -> None:
    data = HEADER + b"".join(items) + b"</stream:stream>"
    events = read(*cut(data, places))
    assert b"".join(event.raw for event in events) == data
    assert [element.raw for element in elements(events)] == [item for item in items if item.strip()]


def test_cost_of_tiny_pieces_grows_with_the_size_only() -> None:
    looked_at = 0

    class Counting(StreamReader):
        __slots__ = ()

        def _parse(self, end: int, *, is_final: bool = False) -> bool:
            nonlocal looked_at
            looked_at += end - self._fed
            return super()._parse(end, is_final=is_final)

    reader = Counting()
    reader.feed(HEADER)
    data = b"<a b='" + b"x" * 100_000 + b"'>" + b"y" * 100_000 + b"<c/>" * 1000 + b"</a>"
    events = [event for at in range(0, len(data), 7) for event in reader.feed(data[at : at + 7])]
    assert len(events) == 1
    assert looked_at == len(HEADER + data)


@pytest.mark.parametrize("head", [b"<a b='", b"<a>", b"text", b"<a><!--", b"<a><b c='"])
def test_time_does_not_grow_with_the_square_of_the_size(head: bytes) -> None:
    reader = StreamReader()
    reader.feed(HEADER + head)
    piece = b"x" * 50
    begin = time.process_time()
    for _ in range(20_000):
        assert reader.feed(piece) == []
    assert time.process_time() - begin < 4  # seconds; it takes a tenth, and would take a minute


@pytest.mark.parametrize("size", [1, 5, 100])
def test_the_stream_before_a_restart_may_be_closed_instead(size: int) -> None:
    reader = StreamReader()
    header = b"<s:stream xmlns:s='http://etherx.jabber.org/streams' xmlns='jabber:client'>"
    reader.feed(header)
    reader.restart()
    data = b"</s:stream>"
    events = [event for at in range(0, len(data), size) for event in reader.feed(data[at : at + size])]
    assert events == [StreamEnded(raw=data)]


def test_another_closing_tag_is_no_end_of_the_stream_before() -> None:
    reader = StreamReader()
    reader.feed(b"<s:stream xmlns:s='http://etherx.jabber.org/streams' xmlns='jabber:client'>")
    reader.restart()
    (violation,) = reader.feed(b"</stream:stream>")
    assert isinstance(violation, Violation)


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_the_stream_before_a_restart_may_go_on_instead(size: int) -> None:
    reader = StreamReader()
    reader.feed(HEADER)
    reader.restart()
    data = b"<abort xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/><message><body/></message></stream:stream>"
    events = [event for at in range(0, len(data), size) for event in reader.feed(data[at : at + size])]
    assert [type(event) for event in events] == [ElementReceived, ElementReceived, StreamEnded]
    assert [event.name.local for event in events[:2]] == ["abort", "message"]
