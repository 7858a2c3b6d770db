import random
from dataclasses import replace

import pytest

from harness.strategies.choices import Choices
from harness.strategies.payloads import PAYLOADS, VALUES, check
from harness.strategies.sample import Element
from harness.strategies.trees import leaf, stanza, with_attribute, with_child
from harness.strategies.values import filled, is_jid, is_text
from harness.xmpp.jid import Jid
from harness.xmpp.namespaces import CLIENT, PING, ROSTER, Name

CHANCE = random.Random(6121)
NUMBERS = [0, 1, 2, 3, *(CHANCE.getrandbits(CHANCE.choice([8, 24, 48, 96])) for _ in range(30))]


def test_what_is_made_is_valid():
    wrong = [
        (payload.name, number, faults)
        for payload in PAYLOADS
        for number in NUMBERS
        if (faults := payload.check(payload.make(number)))
    ]
    assert wrong == []


def test_there_are_many_kinds_of_each():
    kinds = [payload.kind for payload in PAYLOADS]
    assert {kind: kinds.count(kind) >= 15 for kind in ("message", "presence", "iq")} == dict.fromkeys(
        kinds, True
    )
    assert len({(payload.kind, payload.name) for payload in PAYLOADS}) == len(PAYLOADS)


def test_the_first_is_a_plain_message():
    assert PAYLOADS[0].make(0) == stanza(
        "message", leaf(CLIENT, "body", "hello"), to="${peer's JID}", id="${token}"
    )


def test_every_purpose_has_many_forms():
    few = [payload.name for payload in PAYLOADS if len({payload.make(number) for number in NUMBERS}) < 3]
    assert few == []


def test_every_stanza_has_the_token():
    for payload in PAYLOADS:
        for number in NUMBERS:
            assert payload.make(number).get("id") == "${token}"


BODY, PING_ASKED, CONTACT = (
    next(one for one in PAYLOADS if (one.kind, one.name) == wanted)
    for wanted in (("message", "body"), ("iq", "ping"), ("iq", "contact"))
)
PONG = leaf(PING, "ping")
FOR_SERVER = {"to": "${domain}", "type": "get", "id": "a"}


@pytest.mark.parametrize(
    ("payload", "element", "fault"),
    [
        (PING_ASKED, stanza("iq", PONG, to="${domain}", type="get"), "an iq without id"),
        (PING_ASKED, stanza("iq", PONG, to="${domain}", type="GET", id="a"), "type='GET' is no word"),
        (PING_ASKED, stanza("iq", PONG, to="unknown", type="get", id="a"), "ping is not for unknown"),
        (PING_ASKED, stanza("iq", PONG, "x", **FOR_SERVER), "text in a stanza"),
        (PING_ASKED, stanza("iq", PONG, PONG, **FOR_SERVER), "unexpected child {urn:xmpp:ping}ping"),
        (PING_ASKED, stanza("iq", leaf(PING, "ping", "x"), **FOR_SERVER), "ping holds text"),
        (PING_ASKED, stanza("iq", leaf(PING, "ping", a="b"), **FOR_SERVER), "unknown attribute a"),
        (PING_ASKED, stanza("iq", **FOR_SERVER), "iq lacks {urn:xmpp:ping}ping"),
        (PING_ASKED, Element(name=Name("", "iq")), "iq instead of iq"),
        (BODY, stanza("message", leaf(CLIENT, "body", "\x01"), to="${peer}"), "'\\x01' is no text"),
        (
            CONTACT,
            stanza("iq", leaf(ROSTER, "query"), type="set", id="a"),
            "query lacks {jabber:iq:roster}item",
        ),
    ],
)
def test_what_is_wrong_is_told(payload, element, fault):
    assert check(element)
    assert any(fault in one for one in payload.check(element)), payload.check(element)


def test_every_attribute_that_is_needed_is_missed():
    for payload in PAYLOADS:
        made = payload.make(0)
        for described in payload.content:
            for node in described.nodes:
                for attribute in node.attributes:
                    if not attribute.is_needed:
                        continue
                    children = tuple(
                        with_attribute(child, attribute.name, None) if child.name == node.name else child
                        for child in made.elements
                    )
                    broken = replace(made, children=children)
                    assert broken == made or payload.check(broken), (payload.name, attribute.name)


def test_a_child_too_much_is_missed_nowhere():
    for payload in PAYLOADS:
        assert payload.check(with_child(payload.make(0), leaf("urn:example:other", "other")))


def test_all_values_are_characters_of_xml():
    for value in VALUES.values():
        for number in range(40):
            text = value.make(Choices(number))
            assert is_text(text), value.name
            assert value.is_valid(text), (value.name, text)


def test_addresses_are_addresses():
    assert is_jid("${peer's JID}")
    assert not is_jid("@")
    assert Jid.parse(filled("room@${muc}/nick")).resource == "nick"
