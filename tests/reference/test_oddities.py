"""Each fault of the kinds that fuzzing finds shows where it is planted, and nowhere else."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from lxml import etree

from harness.faults.fuzzing import ODDITY_FAULTS
from harness.wire.effects import Send
from harness.wire.events import Connected, ElementReceived, Rule, Violation, Whitespace
from harness.xmpp.namespaces import Name
from tests.reference.conftest import HEADER, OPENED

ROOM = "hall@conference.example.org"
PING = "<iq type='get' id='{}' to='example.org'><ping xmlns='urn:xmpp:ping'/></iq>"
SM = "xmlns='urn:xmpp:sm:3'"
ADMIN = "<query xmlns='http://jabber.org/protocol/muc#admin'/>"
OWNER = "http://jabber.org/protocol/muc#owner"
FORGED = "<stanza-id xmlns='urn:xmpp:sid:0' by='juliet@example.org' id='{}'/>"
NESTED = "<message to='juliet@example.org/home' from='nurse@example.org'><body>in</body></message>"
NO_XML = Violation(rule=Rule.NOT_WELL_FORMED, message="no XML", offset=0, excerpt=b"<", fatal=True)
OWN_HEADER = HEADER.replace(b" version", b" xmlns:x='urn:example:x' version")


class Stage:
    """Romeo and Juliet, who see bytes, however broken."""

    def __init__(self, world: Any) -> None:  # Any: the class is that of the neighbouring conftest
        self.server = world.server
        self.romeo, self.juliet = (world.login(name, available=True) for name in ("romeo", "juliet"))
        self.seen: dict[int, bytes] = {}

    def send(self, stanza: str, header: bytes = HEADER, connection: int | None = None) -> None:
        """Let Romeo send a stanza, or somebody else."""
        parsed = etree.fromstring(header + stanza.encode() + b"</stream:stream>")[0]
        event = ElementReceived(
            name=Name.of(str(parsed.tag)),
            attributes=dict(parsed.attrib),
            raw=stanza.encode(),
            stream=replace(OPENED, raw=header),
        )
        self.carry(self.server.received(connection or self.romeo.connection, event))

    def carry(self, effects: Any) -> None:
        for one in effects:
            if isinstance(one.effect, Send):
                self.seen[one.connection] = self.seen.get(one.connection, b"") + one.effect.data


def two_payloads(stage: Stage) -> None:
    items = "".join(
        f"<query xmlns='jabber:iq:roster'><item jid='{name}@a.example'/></query>" for name in "bc"
    )
    stage.send(f"<iq type='set' id='a'>{items}</iq>")
    stage.send("<iq type='get' id='b'><query xmlns='jabber:iq:roster'/></iq>")


def early(stage: Stage) -> None:
    stage.server.connected(77, Connected())
    stage.server.received(77, OPENED)
    stage.send("<message to='juliet@example.org/home'><body>early</body></message>", connection=77)


def hasty(stage: Stage) -> None:
    stage.server.connected(77, Connected())
    stage.carry(stage.server.received(77, OPENED))
    stage.send("<iq type='get' id='a'><ping xmlns='urn:xmpp:ping'/></iq>", connection=77)


def blank(stage: Stage) -> None:
    stage.send(f"<enable {SM}/>")
    stage.carry(stage.server.received(stage.romeo.connection, Whitespace(raw=b" ")))
    stage.send(f"<r {SM}/>")


def deadly(stage: Stage) -> None:
    stage.send(f"<presence to='{ROOM}/r'><x xmlns='http://jabber.org/protocol/muc'/></presence>")
    stage.send(f"<iq type='get' id='bad' to='{ROOM}'>{ADMIN}</iq>")
    stage.seen.clear()
    stage.send(f"<message type='groupchat' to='{ROOM}'><body>anybody?</body></message>")
    stage.send(PING.format("room").replace("example.org", ROOM))


def unstable(stage: Stage) -> None:
    stage.send(
        "<iq type='set' id='a'><query xmlns='jabber:iq:roster'><item jid='&#x1D2C;b@c.example'/></query></iq>"
    )
    stage.send("<iq type='get' id='b'><query xmlns='jabber:iq:roster'/></iq>")


def many(stage: Stage) -> None:
    for number in range(1, 51):
        stage.send(PING.format(f"p{number}"))


def sends(stanza: str, header: bytes = HEADER) -> Callable[[Stage], None]:
    return lambda stage: stage.send(stanza, header)


def chat(content: str, attributes: str = "") -> str:
    return f"<message to='juliet@example.org/home' {attributes} type='chat'>{content}</message>"


def befriended(stage: Stage, *more: str) -> None:
    """Romeo has Juliet in two groups; she is his subscriber, unless more is said."""
    juliet = stage.juliet.connection
    item = "<item jid='juliet@example.org'><group>a</group><group>b</group></item>"
    stage.send(f"<iq type='set' id='a'><query xmlns='jabber:iq:roster'>{item}</query></iq>")
    stage.send("<presence type='subscribe' to='romeo@example.org'/>", connection=juliet)
    stage.send("<presence type='subscribed' to='juliet@example.org'/>")
    for one in more:
        stage.send(one, connection=juliet)
    stage.seen.clear()
    stage.send("<iq type='get' id='b'><query xmlns='jabber:iq:roster'/></iq>")


def unasked(stage: Stage) -> None:
    stage.send("<presence type='subscribed' to='juliet@example.org'/>")
    stage.send("<iq type='get' id='b'><query xmlns='jabber:iq:roster'/></iq>")


def violating(stage: Stage) -> None:
    """What keeps an account out at its next login is what comes back here."""
    stage.server.received(stage.romeo.connection, NO_XML)
    stage.seen[stage.romeo.connection] = (stage.server.accounts.trouble("romeo") or "").encode()


def together(stage: Stage, stanza: str, by: str) -> None:
    """Romeo's room, with Juliet in it; then one of them asks for something."""
    form = "<x xmlns='jabber:x:data' type='submit'/>"
    stage.send(f"<presence to='{ROOM}/r'><x xmlns='http://jabber.org/protocol/muc'/></presence>")
    stage.send(f"<iq type='set' id='o' to='{ROOM}'><query xmlns='{OWNER}'>{form}</query></iq>")
    entering = f"<presence to='{ROOM}/j'><x xmlns='http://jabber.org/protocol/muc'/></presence>"
    stage.send(entering, connection=stage.juliet.connection)
    stage.seen.clear()
    stage.send(stanza, connection=getattr(stage, by).connection)


def role_of_juliet(role: str) -> str:
    return f"<iq type='set' id='r' to='{ROOM}'>{ADMIN[:-2]}><item nick='j' role='{role}'/></query></iq>"


#: fault -> (what is done, who sees it, what is there with the fault, what is there without it).
SHOWN: dict[str, tuple[Callable[[Stage], None], str, str, str]] = {
    "attributes-not-escaped": (
        sends(chat("<a xmlns='urn:example:a' b='&lt;&apos;'/>")),
        "juliet",
        "b='<''",
        "b='&lt;&apos;'",
    ),
    "control-reference-accepted": (
        sends(chat("<body>\U000f0001</body>")),
        "juliet",
        "<body>&#1;</body>",
        "<body>\U000f0001</body>",
    ),
    "header-prefix-lost": (
        sends(chat("<x:a/>"), OWN_HEADER),
        "juliet",
        "<x:a/>",
        "<x:a xmlns:x='urn:example:x'/>",
    ),
    "from-like-own-passed-on": (
        sends(chat("", "from='romeo@example.org.evil'")),
        "juliet",
        "from='romeo@example.org.evil'",
        "^$",
    ),
    "from-in-capitals-passed-on": (
        sends(chat("", "from='NURSE@example.org/x'")),
        "juliet",
        "from='NURSE@example.org/x'",
        "^$",
    ),
    "second-payload-carried-out": (two_payloads, "romeo", "c@a.example", "bad-request"),
    "roster-crash-swallowed": (
        sends("<iq type='set' id='a'><query xmlns='jabber:iq:roster'/></iq>"),
        "romeo",
        "^$",
        "bad-request",
    ),
    "roster-crash-told": (
        sends("<iq type='set' id='a'><query xmlns='jabber:iq:roster'/></iq>"),
        "romeo",
        "internal-server-error",
        "bad-request",
    ),
    "request-before-login-answered": (hasty, "stranger", "<iq type='result' id='a'/>", "<not-authorized"),
    "bound-stream-ends-unexplained": (sends("<a xmlns='b'/>"), "romeo", "^$", "<stream:error>"),
    "message-before-login-delivered": (early, "juliet", "early", "^$"),
    "bound-two-stream-errors": (
        sends("<a xmlns='b'/>"),
        "romeo",
        "</stream:stream><stream:error>.*</stream:stream>$",
        "^<stream:error><[^<]*></stream:error></stream:stream>$",
    ),
    "whitespace-counted": (blank, "romeo", "h='1'", "h='0'"),
    "nested-stanza-routed": (
        sends(chat(NESTED)),
        "juliet",
        "</message><message [^>]*from='nurse@example.org'",
        "^<message [^>]*from='romeo@example.org/home'[^>]*><message .*</message></message>$",
    ),
    "second-forged-stanza-id-kept": (
        sends(chat("<body>x</body>" + FORGED.format("one") + FORGED.format("two"))),
        "juliet",
        "id='two'",
        "<stanza-id (?!.*id='two')",
    ),
    "bad-admin-query-kills-room": (deadly, "romeo", "^$", "anybody.*id='room'"),
    "address-prepared-unstably": (unstable, "romeo", "jid='Ab@c.example'", "jid-malformed"),
    "type-before-to-lost": (
        sends("<message type='chat' to='juliet@example.org/home'><body>x</body></message>"),
        "juliet",
        "^<message(?![^>]* type=)",
        "^<message [^>]*type='chat'",
    ),
    "unasked-approval-taken": (unasked, "romeo", "subscription='both'", "subscription='none'"),
    "unsubscriber-kept": (
        lambda stage: befriended(stage, "<presence type='unsubscribe' to='romeo@example.org'/>"),
        "romeo",
        "subscription='from'",
        "subscription='none'",
    ),
    "last-group-not-told": (befriended, "romeo", "<group>a</group></item>", "<group>b</group></item>"),
    "violation-locks-account": (violating, "romeo", "account-disabled", "^$"),
    "password-of-anybody-set": (
        sends(
            "<iq type='set' id='a'><query xmlns='jabber:iq:register'>"
            "<username>juliet</username><password>stolen</password></query></iq>"
        ),
        "romeo",
        "type='result'",
        "not-allowed",
    ),
    "muc-changes-show-addresses": (
        lambda stage: together(stage, role_of_juliet("visitor"), "romeo"),
        "juliet",
        "jid='juliet@example.org/home'",
        "<item affiliation='none' role='visitor'>",
    ),
    "muc-own-role-free": (
        lambda stage: together(stage, role_of_juliet("moderator"), "juliet"),
        "juliet",
        "role='moderator'.*type='result'|type='result'.*role='moderator'",
        "forbidden",
    ),
    "errors-repeat-themselves": (
        sends("<iq type='get' id='a'><q xmlns='urn:example:q'/></iq>"),
        "romeo",
        "<q xmlns='urn:example:q'/><q xmlns='urn:example:q'/>",
        "^<iq [^>]*type='error'(?!.*urn:example:q)",
    ),
    "fiftieth-answer-lost": (many, "romeo", "id='p49'[^>]*>$", "id='p50'[^>]*>$"),
}


def seen(make_world: Any, fault: str, what: Callable[[Stage], None], who: str) -> str:
    stage = Stage(make_world(faults=(fault,) if fault else ()))
    what(stage)
    connection = 77 if who == "stranger" else getattr(stage, who).connection
    return stage.seen.get(connection, b"").decode()


@pytest.mark.parametrize("fault", sorted(SHOWN))
def test_a_fault_shows(make_world: Any, fault: str) -> None:
    what, who, broken, whole = SHOWN[fault]
    wrong, right = seen(make_world, fault, what, who), seen(make_world, "", what, who)
    assert re.search(broken, wrong, re.DOTALL), wrong
    assert re.search(whole, right, re.DOTALL), right
    assert not re.search(broken, right, re.DOTALL), right


def test_every_fault_is_shown() -> None:
    assert SHOWN.keys() == ODDITY_FAULTS.keys()


@pytest.mark.parametrize("fault", sorted(ODDITY_FAULTS))
def test_ordinary_talk_is_as_it_should_be(make_world: Any, fault: str) -> None:
    def talk(stage: Stage) -> None:
        stage.send(chat("<body>&lt;hello&gt;</body>"))
        stage.send(chat("", "from='ROMEO@example.org'"))
        stage.send(PING.format("last"))

    for who in ("romeo", "juliet"):
        assert seen(make_world, fault, talk, who) == seen(make_world, "", talk, who)
