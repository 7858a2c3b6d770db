"""What measures send, what they make of what comes, and their scripts, where that needs no server."""

import re
from typing import Any

import pytest
from lxml import etree

from harness.catalogue.requirements import load_requirements
from harness.fuzz.measures import anonymity, privileges
from harness.fuzz.measures.amplification import LOADS, Cost
from harness.fuzz.measures.anonymity import DEEDS, HIDING, Leak, leaks
from harness.fuzz.measures.asking import answer_in, is_result
from harness.fuzz.measures.belongings import ADDRESSINGS, BELONGINGS, TO_THE_SERVER, demands
from harness.fuzz.measures.bystanders import BYSTANDERS, _shown
from harness.fuzz.measures.every import MEASURED
from harness.fuzz.measures.measure import Measure, Shown
from harness.fuzz.measures.privileges import RANKS, ROOMS, WISHES
from harness.strategies.reading import read
from harness.strategies.sample import filled
from harness.transcript.parser import parse
from harness.wire.events import ElementReceived
from harness.wire.reader import StreamReader
from harness.xmpp.namespaces import CLIENT, MUC_USER, Name

HEADER = b"<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>"
NAMES = {
    "me": "romeo@example.org",
    "my JID": "romeo@example.org/a",
    "peer": "juliet@example.org",
    "peer's JID": "juliet@example.org/b",
    "peer's username": "juliet",
    "domain": "example.org",
    "token": "t",
}


def elements(data: bytes) -> list[ElementReceived]:
    return [one for one in StreamReader().feed(HEADER + data) if isinstance(one, ElementReceived)]


def script(measure: Measure, shown: Shown) -> Any:  # Any: what the parser gives is asked for little
    text = measure.trouble(shown).script
    transcript = parse(text, "f.scs")
    assert set(transcript.covers) <= set(load_requirements())
    assert transcript.steps
    return text


def test_every_requirement_is_there() -> None:
    known = set(load_requirements())
    assert all(set(one.requirements) <= known for one in MEASURED)


@pytest.mark.parametrize("addressing", ADDRESSINGS, ids=lambda one: one.name)
def test_what_is_anothers_is_demanded_in_whole_stanzas(addressing: Any) -> None:
    asked = [read(filled(one.data, NAMES)) for one in demands(addressing)]
    assert len(asked) >= (3 if addressing is TO_THE_SERVER else 30)
    for one in asked:
        assert one is not None
        assert one.name == Name(CLIENT, "iq")
        assert one.get("type") == "set"
        assert len(one.elements) == 1
    assert len({one.get("id") for one in asked if one is not None}) == len(asked)


def test_nobody_loses_his_own_account_by_a_demand_in_his_own_name() -> None:
    data = [one.data for one in demands(TO_THE_SERVER)]
    assert all(b"peer's username" in one for one in data)


def test_an_account_is_taken_away_last() -> None:
    for addressing in ADDRESSINGS:
        *others, last = [one.data for one in demands(addressing)]
        assert b"<remove/>" in last
        assert sum(b"<remove/>" in one for one in others) <= 1


@pytest.mark.parametrize("name", ["login", *(one.name for one in BELONGINGS)])
def test_the_script_of_a_bystander_reads_what_was_set(name: str) -> None:
    from_her = next(one for one in ADDRESSINGS if one.sender)
    text = script(BYSTANDERS, _shown(name, next(iter(demands(from_her)))))
    assert "rfc6120-8.1.2.1-from-spoof-overridden" in text
    assert text.index("Romeo sends raw:") < text.index("Juliet", text.index("Romeo sends raw:"))


ADDRESSES = {"Juliet": "juliet@example.org", "Romeo": "romeo@example.org", "Mercutio": "m@example.org"}
ITEM = "<presence from='r@c/x'><x xmlns='http://jabber.org/protocol/muc#user'>{}</x></presence>"


@pytest.mark.parametrize(
    ("viewer", "stanza", "found"),
    [
        pytest.param("Romeo", ITEM.format("<item jid='m@example.org/a'/>"), ["jid"], id="an-item"),
        pytest.param("Romeo", ITEM.format("<item jid='romeo@example.org/a'/>"), [], id="his-own"),
        pytest.param("Romeo", ITEM.format("<item jid='om@example.orga/a'/>"), [], id="somebody-like-him"),
        pytest.param("Juliet", ITEM.format("<item jid='m@example.org/a'/>"), [], id="a-moderator"),
        pytest.param(
            "Romeo", ITEM.format("<item><actor jid='juliet@example.org'/></item>"), [], id="who-did-it"
        ),
        pytest.param("Mercutio", "<message><a>romeo@example.org</a></message>", [""], id="a-text"),
        pytest.param("Mercutio", "<iq type='get' from='juliet@example.org/b'/>", ["from"], id="the-sender"),
    ],
)
def test_who_is_told_whose_address(viewer: str, stanza: str, found: list[str]) -> None:
    told = {name: elements(stanza.encode()) if name == viewer else [] for name in ADDRESSES}
    assert [one.attribute for one in leaks(told, ADDRESSES)] == found


def test_a_leak_is_written_as_a_pattern() -> None:
    path = (Name(CLIENT, "presence"), Name(MUC_USER, "x"), Name(MUC_USER, "item"))
    leak = Leak(viewer="Romeo", of="Juliet", path=path, attribute="jid")
    element = etree.fromstring(leak.pattern)
    assert element[0][0].attrib == {"jid": "${Juliet's JID}{any}"}
    assert Leak(viewer="Romeo", of="Juliet", path=path[:1]).pattern == (
        "<presence type='{optional}'>${Juliet's JID}{any}</presence>"
    )


@pytest.mark.parametrize("number", range(len(DEEDS)))
def test_the_script_of_a_leak_has_what_came_before(number: int) -> None:
    leak = Leak(viewer="Romeo", of="Juliet", path=(Name(CLIENT, "presence"),), attribute="from")
    text = script(HIDING, anonymity._found("c", number, leak))
    assert len(re.findall(r"id='after-", text)) // 2 in (number, number + 1)
    assert "Romeo receives nothing like:" in text


def test_nobody_is_made_a_moderator_who_is_looked_at() -> None:
    assert not any(
        word in one.stanza for one in DEEDS for word in ("'admin'", "'owner'") if "set" in one.stanza
    )


@pytest.mark.parametrize("wish", WISHES, ids=lambda one: one.name)
@pytest.mark.parametrize("rank", RANKS, ids=lambda one: one.name)
def test_a_wish_is_a_stanza_and_has_a_script(rank: Any, wish: Any) -> None:
    shown = privileges._shown(rank, wish, "is not refused")
    assert read(shown.data.replace(b"${room}", b"r@c")) is not None
    text = script(ROOMS, shown)
    assert "{romeo}" not in text
    assert "<iq type='error' id='wish'/>" in text


def test_wishes_have_names_of_their_own() -> None:
    assert len({one.name for one in WISHES}) == len(WISHES)


@pytest.mark.parametrize(
    ("memory", "back", "is_dear", "is_multiplied"),
    [
        pytest.param(200_000, 36_000, False, False, id="as-much-as-may-be"),
        pytest.param(200_001, 36_400, True, True, id="more"),
        pytest.param(0, 0, False, False, id="nothing"),
    ],
)
def test_costs_by_the_byte(memory: int, back: int, is_dear: bool, is_multiplied: bool) -> None:
    cost = Cost(memory=memory, back=back)
    assert (cost.is_dear(1000), cost.is_multiplied(1000)) == (is_dear, is_multiplied)


@pytest.mark.parametrize("name", LOADS)
def test_loads_are_as_large_as_they_are_wanted(name: str) -> None:
    data = filled(LOADS[name](10_000), NAMES)
    assert 8_900 < len(data) < 11_000
    assert len(elements(data)) == (0 if name == "deep elements" else 1)


def test_an_answer_is_one_with_the_id() -> None:
    ping, error = elements(b"<iq type='get' id='a'/><iq type='error' id='a'/>")
    assert answer_in([ping, error], "a") is error
    assert answer_in([ping], "a") is None
    assert not is_result(error)
    assert not is_result(None)
