"""XMPP over WebSocket: what messages amount to, and which messages a stream becomes."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from harness.wire.events import ElementReceived, Event, Rule, StreamEnded, StreamOpened, Violation, Whitespace
from harness.wire.framing import FrameReader, FrameWriter
from harness.wire.reader import Limits
from harness.wire.writer import stream_footer, stream_header
from harness.xmpp.namespaces import CLIENT, FRAMING, SASL, STREAM, XML, Name

OPEN = b'<open xmlns="urn:ietf:params:xml:ns:xmpp-framing" to="localhost" version="1.0" xml:lang="en"/>'
CLOSE = b'<close xmlns="urn:ietf:params:xml:ns:xmpp-framing" />'
HEADER = stream_header(attributes={"from": "localhost", "id": "s'1", f"{{{XML}}}lang": "en"})
LIMITS = Limits(max_stanza=200, max_depth=4)


def read(*messages: bytes) -> list[Event]:
    reader = FrameReader(limits=LIMITS)
    return [event for message in messages for event in reader.read(message)]


def rules(events: list[Event]) -> list[Rule]:
    assert all(event.fatal for event in events if isinstance(event, Violation))
    return [event.rule for event in events if isinstance(event, Violation)]


# --- what comes in ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "before", [b"", b"<?xml version='1.0'?>", b'<?xml version="1.0" encoding="UTF-8"?>\n']
)
def test_open_is_a_stream_header(before: bytes) -> None:
    (opened,) = read(before + OPEN)
    assert isinstance(opened, StreamOpened)
    assert opened.name == Name(STREAM, "stream")
    assert opened.attributes == {"to": "localhost", "version": "1.0", f"{{{XML}}}lang": "en"}
    assert opened.default_namespace == CLIENT
    assert opened.raw.startswith(b"<stream:stream xmlns='jabber:client'")


def test_a_second_open_is_a_restart() -> None:
    opened = read(OPEN, b"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>", OPEN)
    assert [type(event) for event in opened] == [StreamOpened, ElementReceived, StreamOpened]


def test_open_in_another_namespace_is_a_header_in_it() -> None:
    (opened,) = read(b"<open xmlns='urn:example:tea' to='localhost'/>")
    assert isinstance(opened, StreamOpened)
    assert opened.name == Name("urn:example:tea", "open")


def test_an_element_has_what_it_declares_itself() -> None:
    message = b"<message xmlns='jabber:client' to='a@b'><body>tea</body></message>"
    declared, bare = read(OPEN, message, b"<message to='a@b'/>")[1:]
    assert isinstance(declared, ElementReceived)
    assert isinstance(bare, ElementReceived)
    assert declared.name == Name(CLIENT, "message")
    assert declared.raw == message
    assert declared.tree.findtext(f"{{{CLIENT}}}body") == "tea"
    assert bare.name == Name("", "message")
    assert bare.tree.tag == "message"


def test_close_is_the_end_and_nothing_may_follow() -> None:
    ended, violation = read(OPEN, CLOSE, b"<presence xmlns='jabber:client'/>", b"<more/>")[1:]
    assert ended == StreamEnded(raw=CLOSE)
    assert isinstance(violation, Violation)
    assert (violation.rule, violation.offset) == (Rule.DATA_AFTER_END, len(OPEN + CLOSE))


@pytest.mark.parametrize(
    ("message", "rule"),
    [
        (b"", Rule.NOT_WELL_FORMED),
        (b"tea", Rule.TEXT_BETWEEN_STANZAS),
        (b"<a><b/>", Rule.NOT_WELL_FORMED),
        (b"<a", Rule.NOT_WELL_FORMED),
        (b"</a>", Rule.NOT_WELL_FORMED),
        (b"<a/><b/>", Rule.NOT_WELL_FORMED),
        (b"<a/></s>", Rule.NOT_WELL_FORMED),
        (b"<a/>tea", Rule.TEXT_BETWEEN_STANZAS),
        (b"<a><!-- tea --></a>", Rule.RESTRICTED_XML),
        (b"<x:a/>", Rule.BAD_NAMESPACE),
        (b"<stream:stream xmlns:stream='http://etherx.jabber.org/streams'>", Rule.NOT_WELL_FORMED),
        (b"<a>" + b"x" * 200 + b"</a>", Rule.TOO_LARGE),
        (b"<a><a><a><a><a/></a></a></a></a>", Rule.TOO_DEEP),
    ],
)
def test_a_message_is_one_whole_element(message: bytes, rule: Rule) -> None:
    assert rules(read(OPEN, message, b"<after/>")) == [rule]
    assert len(read(OPEN, message, b"<after/>")) == 2


def test_white_space_is_seen() -> None:
    assert read(OPEN, b" \n")[1:] == [Whitespace(raw=b" \n")]


def test_what_is_no_text_ends_the_reading() -> None:
    reader = FrameReader()
    assert rules(reader.refuse(Rule.BAD_ENCODING, "a binary message")) == [Rule.BAD_ENCODING]
    assert reader.read(OPEN) == reader.refuse(Rule.BAD_ENCODING, "a binary message") == []


@settings(max_examples=30)
@given(st.lists(st.binary(max_size=30) | st.sampled_from([OPEN, CLOSE, b"<a/>"]), max_size=4))
def test_no_message_makes_it_raise(messages: list[bytes]) -> None:
    read(*messages)


# --- what goes out ------------------------------------------------------------------------------


def started() -> FrameWriter:
    writer = FrameWriter()
    assert len(writer.write(HEADER)) == 1
    return writer


def test_a_header_becomes_open() -> None:
    writer = FrameWriter()
    (message,) = writer.write(HEADER)
    element = etree.fromstring(message)
    assert element.tag == f"{{{FRAMING}}}open"
    assert dict(element.attrib) == {"from": "localhost", "id": "s'1", f"{{{XML}}}lang": "en"}


def test_each_element_is_a_message_with_its_namespaces() -> None:
    features = b"<stream:features><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></stream:features>"
    opened, featured, stanza = FrameWriter().write(HEADER + features + b" \n<presence from='a@b'/>")
    assert opened.startswith(b"<open ")
    assert etree.fromstring(featured).tag == f"{{{STREAM}}}features"
    assert stanza == b"<presence xmlns='jabber:client' from='a@b'/>"


def test_what_an_element_declares_stays() -> None:
    challenge = b"<challenge xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>eA==</challenge>"
    assert started().write(challenge) == [challenge]


def test_the_declarations_of_the_present_header_count() -> None:
    writer = started()
    writer.restart()
    writer.write(b"<s:stream xmlns='jabber:client' xmlns:s='http://etherx.jabber.org/streams' version='1.0'>")
    (message,) = writer.write(b"<s:features/>")
    assert etree.fromstring(message).tag == f"{{{STREAM}}}features"


def test_an_error_and_the_closing_tag_are_two_messages() -> None:
    writer = started()
    error = b"<stream:error><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>"
    told, closed = writer.write(error + stream_footer())
    assert etree.fromstring(told).tag == f"{{{STREAM}}}error"
    assert etree.fromstring(closed).tag == f"{{{FRAMING}}}close"
    assert writer.has_ended


def test_after_a_restart_what_is_no_header_stays_what_it_is() -> None:
    writer = started()
    writer.restart()
    (success,) = writer.write(b"<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>")
    assert etree.fromstring(success).tag == f"{{{SASL}}}success"
    assert writer.write(HEADER)[0].startswith(b"<open ")


def test_a_header_within_the_stream_is_an_element() -> None:
    (message,) = started().write(b"<stream:stream id='again'></stream:stream>")
    assert etree.fromstring(message).tag == f"{{{STREAM}}}stream"


@pytest.mark.parametrize(
    ("data", "sent"),
    [
        (b"<message><body>Half", b"<message xmlns='jabber:client'><body>Half"),
        (b"<message type=chat/>", b"<message xmlns='jabber:client' type=chat/>"),
        (b"<a>\xc0\xbc</a>", b"<a xmlns='jabber:client'>\xc0\xbc</a>"),
        (b"<iq><tea:query/></iq>", b"<iq xmlns='jabber:client'><tea:query/></iq>"),
        (b"</message>", b"</message>"),
        (b"Did my heart love?", b"Did my heart love?"),
        (b"<!-- tea -->", b"<!-- tea -->"),
    ],
)
def test_what_is_broken_goes_out_broken(data: bytes, sent: bytes) -> None:
    assert started().write(data) == [sent]


def test_white_space_is_not_sent() -> None:
    assert started().write(b" \n") == []


@settings(max_examples=30)
@given(
    st.lists(
        st.sampled_from(
            [b"<presence/>", b"<message><body>x</body></message>", b"<a xmlns='urn:a'/>", b"<iq id='1'/>"]
        ),
        max_size=4,
    )
)
def test_what_is_written_is_read_as_the_same_elements(stanzas: list[bytes]) -> None:
    messages = FrameWriter().write(HEADER + b"".join(stanzas) + stream_footer())
    assert len(messages) == len(stanzas) + 2
    reader = FrameReader()
    opened, *elements, ended = [event for message in messages for event in reader.read(message)]
    assert isinstance(opened, StreamOpened)
    assert isinstance(ended, StreamEnded)
    assert all(isinstance(one, ElementReceived) and one.name.namespace for one in elements)
