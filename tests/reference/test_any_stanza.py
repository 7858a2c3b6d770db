"""Whatever well-formed stanzas come: nothing upsets the server, and each iq request gets one answer."""

import random

import pytest

from harness.reference.iqs import HANDLERS
from harness.reference.muc.service import ROOM_HANDLERS

NAMES = sorted({key[2] for key in HANDLERS} | {key[1] for key in ROOM_HANDLERS})
ADDRESSES = (
    "",
    "example.org",
    "example.org/x",
    "romeo@example.org",
    "juliet@example.org",
    "nobody@example.org",
    "juliet@example.org/gone",
    "conference.example.org",
    "hall@conference.example.org",
    "x@nowhere.example",
    "@@",
)
WORDS = (
    *ADDRESSES,
    "0",
    "-1",
    "9" * 5000,
    "none",
    "owner",
    "outcast",
    "visitor",
    "remove",
    "submit",
    "cancel",
    "٣",
)
LOCALS = (
    "item",
    "remove",
    "destroy",
    "username",
    "password",
    "set",
    "max",
    "before",
    "nick",
    "invite",
    "history",
)
ATTRIBUTES = (
    "jid",
    "nick",
    "role",
    "affiliation",
    "subscription",
    "name",
    "to",
    "node",
    "action",
    "ver",
    "type",
)
VARS = (
    "FORM_TYPE",
    "with",
    "start",
    "ids",
    "muc#roomconfig_maxusers",
    "muc#register_roomnick",
    "accountjids",
)


def attributes(chance):
    return "".join(f" {name}='{chance.choice(WORDS)}'" for name in ATTRIBUTES if chance.random() < 0.3)


def child(chance, namespace):
    if chance.random() < 0.3:
        value = f"<value>{chance.choice(WORDS)}</value>" * chance.randint(0, 2)
        fields = f"<field var='{chance.choice(VARS)}'>{value}</field>" * chance.randint(0, 2)
        return f"<x xmlns='jabber:x:data' type='submit'>{fields}</x>"
    name = chance.choice(LOCALS)
    return f"<{name} xmlns='{namespace}'{attributes(chance)}>{chance.choice(WORDS)}</{name}>"


def request(chance, id):
    name, to = chance.choice(NAMES), chance.choice(ADDRESSES)
    content = "".join(child(chance, name.namespace) for _ in range(chance.randint(0, 2)))
    payload = f"<{name.local} xmlns='{name.namespace}'{attributes(chance)}>{content}</{name.local}>"
    address = f" to='{to}'" if to else ""
    return f"<iq type='{chance.choice(('get', 'set'))}' id='{id}'{address}>{payload}</iq>"


def other(chance):
    kind, to = chance.choice(("message", "presence")), chance.choice(ADDRESSES)
    types = (
        ("groupchat", "normal", "error")
        if kind == "message"
        else ("unavailable", "subscribe", "probe", "error")
    )
    type = f" type='{chance.choice(types)}'" if chance.random() < 0.7 else ""
    content = child(chance, "http://jabber.org/protocol/muc#user") + child(chance, "jabber:client")
    return f"<{kind}{type} to='{to or 'example.org'}'>{content}</{kind}>"


@pytest.mark.parametrize("seed", range(12))
def test_any_stanza(make_world, seed):
    chance, world = random.Random(seed), make_world()
    names = ["romeo", "juliet"]
    clients = [world.login(name, available=True) for name in names]
    for client in clients:
        client.send(
            "<presence to='hall@conference.example.org/n'><x xmlns='http://jabber.org/protocol/muc'/></presence>"
        )
    for number in range(60):
        client = chance.choice(clients)
        if client.is_closed:
            continue  # it has removed its account
        client.send(other(chance))
        arrived = client.send(request(chance, f"id{number}"))
        answers = [each for each in arrived if each.get("id") == f"id{number}"]
        assert [each.get("type") in ("result", "error") for each in answers] == [True]
