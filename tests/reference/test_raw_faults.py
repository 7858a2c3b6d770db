"""Each fault between the socket and the server, seen in what a reader gives, however the bytes are cut."""

import tracemalloc

import pytest

from harness.faults.fuzzing import RAW_FAULTS
from harness.reference.mortal import DEAFNESS, DEATH, FORGETFULNESS, HOARD, LEAK
from harness.reference.raw_faults import READING_FAULTS, FaultyReader, make_reader
from harness.transport.reference_serving import LINGERERS, STALL
from harness.wire.events import ElementReceived, Violation
from harness.wire.reader import Limits, StreamReader

HEADER = b"<s:stream xmlns:s='http://etherx.jabber.org/streams' xmlns='jabber:client'>"
LONG = b"n" * 1030
DOCTYPE = b"<!DOCTYPE s [<!ENTITY a '&b;&b;'><!ENTITY b \"&c;&c;\"><!ENTITY c '&d;'><!ENTITY d 'x'>]>"

#: fault -> (what comes after the header, what is read with the fault; without it nothing of the kind).
READ: dict[str, tuple[bytes, bytes]] = {
    "bad-utf-8-replaced": (b"<a>\xff\xc3</a>", "<a>\ufffd\ufffd</a>".encode()),
    "single-quotes-ignored": (b"<a b='>' c='d'/></a>", b"<a b=''>' c='d'/></a>"),
    "cdata-ends-late": (
        b"<a><![CDATA[x]]]></a><a><![CDATA[y]]></a>",
        b"<a>x]]]&gt;&lt;/a&gt;&lt;a&gt;&lt;![CDATA[y</a>",
    ),
    "comment-becomes-text": (b"<a><!-- <b/> & --></a>", b"<a> &lt;b/&gt; &amp; </a>"),
    "control-reference-accepted": (b"<a b='&#1;'>&#x1F;</a>", "<a b='\U000f0001'>\U000f001f</a>".encode()),
    "namespace-cut-at-bar": (b"<p:a xmlns:p='urn:a|b' xmlns=\"|\"/>", b"<p:a xmlns:p='urn:a' xmlns=\"\"/>"),
    "long-names-cut": (
        b"<a><" + LONG + b" xmlns='" + LONG + b"'>" + LONG + b"</" + LONG + b"></a>",
        b"<a><" + LONG[:1023] + b" xmlns='" + LONG[:1023] + b"'>" + LONG + b"</" + LONG[:1023] + b"></a>",
    ),
}
ORDINARY = (
    b"<?xml version='1.0'?>"
    + HEADER
    + b"<message to=\"a\" id='&lt;&#10;'><body>a &amp; b \xc3\xa4]]&gt;</body></message>"
    b" <iq><![CDATA[ ]] ]]></iq><x:a xmlns:x='urn:x' x:b='>'/></s:stream>"
)


def read(faults: set[str], *parts: bytes) -> list[object]:
    """What a reader makes of some segments, white space apart."""
    reader = make_reader(frozenset(faults), Limits(), None)
    events: list[object] = []
    for part in parts:
        events += reader.feed(part)
    return events + list(reader.end())


def elements(events: list[object]) -> list[bytes]:
    return [event.raw for event in events if isinstance(event, ElementReceived)]


def bytewise(data: bytes) -> list[bytes]:
    return [data[at : at + 1] for at in range(len(data))]


@pytest.mark.parametrize("fault", sorted(READ))
def test_a_fault_shows(fault: str) -> None:
    sent, wrong = READ[fault]
    assert elements(read({fault}, HEADER + sent)) == [wrong]
    assert elements(read({fault}, *bytewise(HEADER + sent))) == [wrong]
    assert elements(read(set(), HEADER + sent)) != [wrong]


@pytest.mark.parametrize("cut", range(4))
def test_a_character_in_two_segments(cut: int) -> None:
    body = "<a>€</a>".encode()
    parts = (HEADER + body[: 3 + cut], body[3 + cut :])
    whole = elements(read({"split-characters-broken"}, *parts))
    assert (whole == [body]) == (cut in (0, 3))
    assert elements(read(set(), *parts)) == [body]
    if cut in (1, 2):
        assert whole == [b"<a>" + "\ufffd".encode() * (4 - cut) + b"</a>"]


def test_entities_are_expanded_three_deep() -> None:
    sent = DOCTYPE + HEADER + b"<m>&c;</m><m>&b;</m><m>&a;</m>"
    for parts in ([sent], bytewise(sent)):
        events = read({"entities-expanded"}, *parts)
        assert elements(events) == [b"<m>x</m>", b"<m>xx</m>"]  # the third is four deep
        assert any(isinstance(event, Violation) for event in events)
    assert elements(read(set(), sent)) == []


def test_what_was_in_the_clear_survives() -> None:
    former = StreamReader()
    former.push(HEADER)
    assert FaultyReader(frozenset({"clear-bytes-survive-starttls"}), Limits(), former).pending == HEADER
    assert FaultyReader(frozenset({"size-checked-at-end"}), Limits(), former).pending == b""


@pytest.mark.parametrize(("faults", "is_read"), [({"size-checked-at-end"}, True), (set(), False)])
def test_size(faults: set[str], is_read: bool) -> None:
    sent = HEADER + b"<a>" + b"x" * (1 << 20) + b"</a>"
    assert bool(elements(read(faults, sent))) == is_read


def test_tags_take_up_memory_until_something_else_is_read() -> None:
    reader = FaultyReader(frozenset({"each-tag-costs-memory"}), Limits(), None)
    taken = []
    for part in (HEADER, b"<a>" + b"<b/>" * 1000, b"</a>", b" "):
        tracemalloc.start()
        reader.feed(part)
        taken.append(tracemalloc.get_traced_memory()[0] > 1000 * 1024)
        tracemalloc.stop()
    assert taken == [False, True, True, False]


@pytest.mark.parametrize("fault", sorted(READING_FAULTS))
def test_ordinary_streams_are_read_as_ever(fault: str) -> None:
    sent = ORDINARY.replace(b"'>'", b"''") if fault == "single-quotes-ignored" else ORDINARY
    right = read(set(), sent)
    assert len(elements(right)) == 3
    assert read({fault}, sent) == right
    if fault != "split-characters-broken":
        assert elements(read({fault}, *bytewise(sent))) == elements(right)


def test_what_is_not_well_formed_is_refused_all_the_same() -> None:
    for fault in READING_FAULTS:
        for sent in (b"<a><b></a>", b"<a <b/>", b"<!x>", b"<a>&amp</a>", b"<a"):
            events = read({fault}, HEADER + sent)
            assert any(isinstance(event, Violation) and event.fatal for event in events), (fault, sent)


def test_every_fault_is_somewhere() -> None:
    elsewhere = {DEAFNESS, DEATH, FORGETFULNESS, HOARD, LEAK, LINGERERS, STALL}
    assert {*READING_FAULTS, *elsewhere} - {"control-reference-accepted"} == RAW_FAULTS.keys()


def test_without_faults_the_reader_is_the_ordinary_one() -> None:
    assert type(make_reader(frozenset({"iq-unanswered"}), Limits(), None)) is StreamReader
