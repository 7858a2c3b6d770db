"""Each fault is in a table and in the code, and changes what a long conversation looks like.

`test_oddities.py` has those that only odd input brings out.
"""

import re
from pathlib import Path

import pytest

import harness.reference
from harness.faults.addresses import ADDRESS_FAULTS
from harness.faults.bound_stream import BOUND_STREAM_FAULTS
from harness.faults.extensions import EXTENSION_FAULTS
from harness.faults.fuzzing import ODDITY_FAULTS
from harness.faults.legacy import LEGACY_FAULTS
from harness.faults.occupancy import OCCUPANCY_FAULTS
from harness.faults.presence import PRESENCE_FAULTS, SUBSCRIPTION_FAULTS
from harness.faults.privacy import PRIVACY_FAULTS
from harness.faults.room_ranks import RANK_FAULTS
from harness.faults.rooms import ROOM_FAULTS
from harness.faults.services import SERVICE_FAULTS
from harness.faults.stanzas import STANZA_FAULTS
from harness.faults.tables import SESSION_FAULTS
from harness.tables.subscription_states import TYPES
from harness.wire.events import Rule, Violation, Whitespace
from tests.reference.extension_visits import EXTENSION_VISITS

ROOM = "hall@conference.example.org"
MUC = "http://jabber.org/protocol/muc"
JOIN = f"<x xmlns='{MUC}'/>"
SOURCE = Path(harness.reference.__file__).parent


def iq(type, payload, to="", id="q"):
    address = f" to='{to}'" if to else ""
    return f"<iq type='{type}' id='{id}'{address}>{payload}</iq>"


def roster(item=""):
    return f"<query xmlns='jabber:iq:roster'>{item}</query>"


def item(jid, *groups, **attributes):
    extra = "".join(f" {name}='{value}'" for name, value in attributes.items())
    return f"<item jid='{jid}'{extra}>{''.join(f'<group>{group}</group>' for group in groups)}</item>"


def message(to="", body="x", type="chat", content=""):
    return f"<message id='m' to='{to}' type='{type}'><body>{body}</body>{content}</message>"


def presence(to="", type="", content=""):
    attributes = (f" to='{to}'" if to else "") + (f" type='{type}'" if type else "")
    return f"<presence{attributes}>{content}</presence>"


def disco(what, node=""):
    which = f" node='{node}'" if node else ""
    return f"<query xmlns='http://jabber.org/protocol/disco#{what}'{which}/>"


def form(**values):
    fields = "".join(f"<field var='{name}'><value>{value}</value></field>" for name, value in values.items())
    return f"<x xmlns='jabber:x:data' type='submit'>{fields}</x>"


def owner(content):
    return f"<query xmlns='{MUC}#owner'>{content}</query>"


def configure(**values):
    return owner(form(**{f"muc#roomconfig_{name}": value for name, value in values.items()}))


def admin(content):
    return f"<query xmlns='{MUC}#admin'>{content}</query>"


def register(content=""):
    return f"<query xmlns='jabber:iq:register'>{content}</query>"


def visit_stanzas(world):
    """Routing, iq and messages."""
    romeo, phone = world.login("romeo", available=True), world.login("romeo", "phone")
    juliet, nurse = world.login("juliet"), world.login("nurse", "down")
    ping = "<ping xmlns='urn:xmpp:ping'/>"
    phone.send(presence(content="<priority>3</priority>"))
    nurse.send(presence(content="<priority>-1</priority>"))
    juliet.send(presence(content="<priority>2</priority>"))
    romeo.send(
        iq("get", ping, "example.org"),
        f"<iq type='get'>{ping}</iq>",
        f"<iq type='gut' id='x' to='example.org'>{ping}</iq>",
        f"<iq type='get' id='x' to='example.org'>{ping}{ping}</iq>",
        iq("get", "<a xmlns='urn:example:a'/>"),
        iq("get", ping, juliet.bare),
        iq("get", ping, juliet.jid),
        iq("get", ping, f"{juliet.bare}/gone"),
        message(juliet.jid, content="<a xmlns='urn:example:a'/>"),
        message(juliet.bare, body="/me bows"),
        "<iq type='get' id='p'><p:ping xmlns:p='urn:xmpp:ping'/></iq>",
        iq("set", "<session xmlns='urn:ietf:params:xml:ns:xmpp-session'/>"),
        message("x@nowhere.example"),
        message(juliet.bare, type="groupchat"),
        message(nurse.bare),
        message(nurse.bare, body="second"),
        message(juliet.bare, type="error"),
        message(juliet.bare, type="headline"),
        "<message type='error' to='x@nowhere.example'/>",
        message(nurse.bare, type="chat").replace(
            "<body>x</body>", "<active xmlns='http://jabber.org/protocol/chatstates'/>"
        ),
    )
    juliet.send(
        message("romeo@example.org"),
        message("romeo@example.org/home"),
        message("romeo@example.org", type="headline"),
    )
    world.now += 50
    world.login("nurse", "up").send(presence())
    world.login("nurse", "later").send(presence())
    juliet.send(f"<message from='romeo@example.org' to='{romeo.jid}'/>")
    world.login("romeo", "forger").send(f"<message from='romeo@example.organ' to='{phone.jid}'/>")


def visit_roster(world):
    """Rosters, subscriptions and presence."""
    romeo, phone, deaf = (world.login("romeo", name) for name in ("home", "phone", "deaf"))
    juliet, other = world.login("juliet"), world.login("juliet", "other")
    nurse = world.login("nurse", available=True)
    for client in (romeo, phone, juliet, other):
        client.send(iq("get", roster()), presence())
    deaf.send(presence())
    romeo.send(
        iq("set", roster(item("a@example.org", "g", "h", name="A"))),
        iq("set", roster(item("a@example.org", "k", subscription="both"))),
        iq("set", roster(item("b@example.org") + item("c@example.org"))),
        iq("set", roster(item("b@example.org", "g", "g"))),
        iq("set", roster(item("b@example.org", ""))),
        iq("set", roster(item("z@example.org", subscription="remove"))),
        iq("set", roster(item(nurse.bare))),
        iq("get", roster()),
        presence(juliet.bare, "subscribe"),
    )
    nurse.send(presence(romeo.bare, "subscribe"), presence(romeo.bare, "probe"))
    world.login("romeo", "new").send(presence())
    juliet.send(presence(romeo.bare, "subscribed"), presence(romeo.bare, "subscribed"))
    romeo.send(presence(content="<show>away</show><a xmlns='urn:example:a'/>"), presence(type="invisible"))
    late = world.login("romeo", "late")
    late.send(presence())
    juliet.send(presence(romeo.bare, "subscribe"))
    romeo.send(presence(juliet.bare, "subscribed"), presence(nurse.bare), presence(content="<show>xa</show>"))
    romeo.send(presence(type="unavailable", content="<status>bye</status>"))
    phone.send(presence(nurse.bare))
    phone.break_off()
    late.send(presence(juliet.bare, "unsubscribe"), presence(juliet.bare, "unsubscribed"))
    late.send(presence(juliet.bare, "subscribe"))
    juliet.send(
        presence(romeo.bare, "subscribed"),
        presence(romeo.bare, "subscribe"),
        presence(romeo.bare, "unsubscribe"),
    )
    late.send(presence(juliet.bare, "subscribed"))
    juliet.send(presence(romeo.bare, "subscribe"))
    late.send(presence(juliet.bare, "subscribed"), presence(juliet.bare, "unsubscribed"))
    juliet.send(presence(romeo.bare, "subscribe"))
    late.send(presence(juliet.bare, "subscribed"))
    juliet.send(presence(romeo.bare, "unsubscribe"))
    late.send(iq("set", roster(item(juliet.bare, subscription="remove"))))


def visit_services(world):
    """Discovery, small questions, storage, registration."""
    romeo, juliet = world.login("romeo", available=True), world.login("juliet", available=True)
    get_vcard, private = "<vCard xmlns='vcard-temp'/>", "<query xmlns='jabber:iq:private'>{}</query>"
    romeo.send(
        *(iq("get", disco(what), to) for what in ("info", "items") for to in ("example.org", juliet.bare)),
        iq("get", disco("info", "x"), "example.org"),
        *(
            iq("get", f"<{name} xmlns='{namespace}'/>", "example.org")
            for name, namespace in (
                ("query", "jabber:iq:version"),
                ("time", "urn:xmpp:time"),
                ("query", "jabber:iq:time"),
                ("query", "jabber:iq:last"),
                ("query", "jabber:iq:browse"),
                ("query", "jabber:iq:agents"),
            )
        ),
        iq("get", "<query xmlns='jabber:iq:last'/>", juliet.bare),
        *(iq("set", f"<vCard xmlns='vcard-temp'><FN>{name}</FN></vCard>") for name in "ab"),
        iq("get", get_vcard),
        iq("get", get_vcard, "nobody@example.org"),
        iq("set", private.format("")),
        iq("set", private.format("<n xmlns='urn:example:n'><a/></n>")),
        iq("get", private.format("<n xmlns='urn:example:n'/>")),
        iq("get", register()),
    )
    world.befriend(romeo, juliet)
    world.login("romeo", "again").send(presence())
    romeo.send(
        iq("get", disco("info", "http://jabber.org/protocol/commands"), "example.org"),
        iq("get", "<query xmlns='jabber:iq:last'/>", juliet.bare),
        iq("get", disco("items"), juliet.bare),
        iq("get", "<ping xmlns='urn:xmpp:ping'/>", "example.org"),
        iq("set", register("<username>nobody</username><password>new</password>")),
        iq("set", register("<username>romeo</username>")),
        message(juliet.bare, type="gossip"),
    )
    nurse = world.login("nurse")
    nurse.send(iq("get", disco("items"), nurse.bare), presence(romeo.bare, "subscribe"))
    romeo.send(presence(nurse.bare, "subscribed"), presence(nurse.bare, "subscribe"))
    nurse.send(presence(romeo.bare, "subscribed"))
    nurse.end()
    romeo.send(iq("get", "<query xmlns='jabber:iq:last'/>", nurse.bare))
    romeo.send(iq("set", register("<username>romeo</username><password>new</password>")))
    fields = "<username>romeo</username><password>new</password><resource>r</resource>"
    seen = world.register(iq("set", f"<query xmlns='jabber:iq:auth'>{fields}</query>"))
    romeo.send(
        iq("get", register()),
        iq("set", register("<username>romeo</username><remove/>")),
        iq("set", register("<remove/>")),
    )
    juliet.send(iq("get", roster()))
    return seen


def visit_extensions(world):
    """Carbons, blocking, stream management, the archive."""
    romeo, phone, deaf = (world.login("romeo", name, available=True) for name in ("home", "phone", "deaf"))
    juliet = world.login("juliet", available=True)
    carbons, sm = "<{} xmlns='urn:xmpp:carbons:2'/>", "xmlns='urn:xmpp:sm:3'"
    romeo.send(iq("set", carbons.format("enable")))
    phone.send(iq("set", carbons.format("enable")))
    juliet.send(message(romeo.jid, content=f"<stanza-id xmlns='urn:xmpp:sid:0' by='{romeo.bare}' id='f'/>"))
    romeo.send(message(juliet.jid), message(juliet.jid, content=carbons.format("private")))
    phone.send(iq("set", carbons.format("disable")))
    world.now += 10
    juliet.send(message(romeo.jid, body="second"))
    mam = "<query xmlns='urn:xmpp:mam:2' queryid='q'>{}</query>"
    romeo.send(
        iq("set", mam.format("<set xmlns='http://jabber.org/protocol/rsm'><max>2</max></set>")),
        iq("set", mam.format(form(**{"with": "nurse@example.org"}))),
    )
    world.befriend(romeo, juliet)
    block = "<{0} xmlns='urn:xmpp:blocking'>{1}</{0}>"
    romeo.send(
        iq("get", "<blocklist xmlns='urn:xmpp:blocking'/>"),
        iq("set", block.format("block", f"<item jid='{juliet.bare}'/>")),
        message(juliet.bare),
    )
    juliet.send(message(romeo.bare))
    romeo.send(
        iq("set", block.format("unblock", "")),
        iq("set", block.format("block", "<item jid='conference.example.org'/>")),
        iq("get", disco("info"), "conference.example.org"),
    )
    deaf.send(f"<enable {sm}/>", f"<r {sm}/>", "<presence/>", f"<r {sm}/>")
    juliet.send(message(deaf.jid))
    deaf.break_off()
    phone.send(f"<enable {sm}/>", f"<a {sm} h='9'/>")


def visit_rooms(world):
    """Rooms."""
    romeo, juliet, nurse, admin_ = (
        world.login(name, available=True) for name in ("romeo", "juliet", "nurse", "admin")
    )
    old, late = world.login("admin", "old"), world.login("admin", "late")

    def join(client, nick, content=JOIN):
        client.send(presence(f"{ROOM}/{nick}", content=content))

    def room(client, type, payload):
        client.send(iq(type, payload, ROOM))

    join(romeo, "r")
    join(juliet, "j")
    room(romeo, "set", configure())
    forged = f"<x xmlns='{MUC}#user'><item affiliation='owner'/></x>"
    join(juliet, "j", JOIN + forged)
    join(nurse, "j")
    romeo.send(iq("get", disco("info"), ROOM), iq("get", disco("items"), "conference.example.org"))
    romeo.send(iq("get", disco("info"), "conference.example.org"))
    nurse.send(message(ROOM, type="groupchat"))
    juliet.send(message(ROOM, type="groupchat"), message(ROOM, type="groupchat", body="second"))
    juliet.send(message(f"{ROOM}/r"), message(f"{ROOM}/r", type="groupchat"), message(f"{ROOM}/gone"))
    subject = f"<message type='groupchat' to='{ROOM}'><subject>S</subject></message>"
    juliet.send(subject, iq("get", "<query xmlns='jabber:iq:version'/>", f"{ROOM}/r"))
    romeo.send(subject)
    join(nurse, "n", f"<x xmlns='{MUC}'><history maxstanzas='1'/></x>")
    juliet.send(presence(f"{ROOM}/k"))
    for type, content in (("get", ""), ("set", "<destroy/>")):
        room(juliet, type, owner(content)) if not content else None
    room(juliet, "set", admin("<item nick='n' role='none'/>"))
    room(juliet, "set", admin(f"<item jid='{nurse.bare}' affiliation='none'/>"))
    room(juliet, "get", admin("<item affiliation='owner'/>"))
    room(romeo, "get", owner(""))
    room(romeo, "set", admin("<item nick='n' role='visitor'/>"))
    room(romeo, "set", configure(moderatedroom=1, passwordprotectedroom=1, roomsecret="s"))
    nurse.send(message(ROOM, type="groupchat"))
    join(admin_, "a")
    invite = f"<x xmlns='{MUC}#user'><invite to='{admin_.bare}'><reason>come</reason></invite></x>"
    romeo.send(f"<message to='{ROOM}'>{invite}</message>")
    admin_.send(f"<message to='{ROOM}'><x xmlns='{MUC}#user'><decline to='{romeo.bare}'/></x></message>")
    room(romeo, "set", configure(moderatedroom=0, passwordprotectedroom=0, whois="anyone", publicroom=0))
    romeo.send(iq("get", disco("items"), "conference.example.org"))
    join(old, "o")
    room(romeo, "set", admin(f"<item jid='{juliet.bare}' affiliation='admin'/>"))
    room(juliet, "set", admin("<item nick='r' role='none'/>"))
    room(juliet, "set", admin(f"<item jid='{juliet.bare}' affiliation='owner'/>"))
    join(romeo, "r")
    room(romeo, "set", admin("<item nick='n' role='none'/>"))
    room(romeo, "set", admin(f"<item jid='{nurse.bare}' affiliation='outcast'/>"))
    join(nurse, "n")
    room(romeo, "set", admin(f"<item jid='{old.bare}' affiliation='outcast'/>"))
    room(romeo, "get", admin("<item affiliation='outcast'/>"))
    room(romeo, "set", admin(f"<item jid='{old.bare}' affiliation='none'/>"))
    join(late, "l")
    room(romeo, "set", configure(membersonly=1))
    room(romeo, "set", admin(f"<item jid='{romeo.bare}' affiliation='none'/>"))
    join(late, "l")
    juliet.send(presence(f"{ROOM}/k", "unavailable"))
    room(admin_, "set", owner("<destroy/>"))
    room(romeo, "set", owner("<destroy><reason>over</reason></destroy>"))
    claim = "<query xmlns='jabber:iq:conference'><nick>c</nick></query>"
    romeo.send(iq("set", claim, "old@conference.example.org"))
    juliet.send(iq("set", claim, "old@conference.example.org"))


def visit_occupancy(world):
    """Who is in a room as whom, what newcomers are told, and what members may do."""
    romeo, juliet, nurse, admin_ = (
        world.login(name, available=True) for name in ("romeo", "juliet", "nurse", "admin")
    )
    phone = world.login("juliet", "phone", available=True)
    ping, nick = "<ping xmlns='urn:xmpp:ping'/>", disco("info", "x-roomuser-item")
    asked = register(form(FORM_TYPE=f"{MUC}#register", **{"muc#register_roomnick": "j"}))

    def join(client, nick, content=JOIN):
        client.send(presence(f"{ROOM}/{nick}", content=content))

    def room(client, type, payload):
        client.send(iq(type, payload, ROOM))

    def role(nick, role):
        room(romeo, "set", admin(f"<item nick='{nick}' role='{role}'/>"))

    def affiliation(client, affiliation):
        room(romeo, "set", admin(f"<item jid='{client.bare}' affiliation='{affiliation}'/>"))

    room(romeo, "get", register())
    romeo.send(message(ROOM, type="groupchat"), iq("get", disco("items"), "example.org"))
    join(romeo, "r")
    room(romeo, "set", configure(enablelogging=1))
    affiliation(nurse, "outcast")
    room(nurse, "get", register())
    affiliation(nurse, "member")
    room(romeo, "get", admin("<item affiliation='member'/>"))
    nurse.send(presence(f"{ROOM}/n", "probe"), presence(f"{ROOM}/n", "unavailable"), presence(f"{ROOM}/n"))
    nurse.send(presence(f"{ROOM}/n", "unavailable"), message(f"{ROOM}/r"), iq("get", ping, f"{ROOM}/n"))
    for what in ("info", "items"):
        nurse.send(iq("get", disco(what), f"{ROOM}/r"), iq("get", disco(what), ROOM))
    room(juliet, "get", nick)
    room(juliet, "get", register())
    join(juliet, "j")
    room(juliet, "get", nick)
    room(juliet, "set", register())
    room(juliet, "set", asked)
    room(juliet, "get", register())
    room(juliet, "get", nick)
    room(admin_, "set", asked)
    juliet.send(iq("get", ping, f"{ROOM}/j"), iq("get", disco("info", f"{MUC}#traffic"), ROOM))
    join(phone, "j")
    join(juliet, "j")
    romeo.send(message(ROOM, type="groupchat"))
    phone.send(presence(f"{ROOM}/j", "unavailable"))
    world.now += 5
    romeo.send(
        message(ROOM, type="groupchat", content="<occupant-id xmlns='urn:xmpp:occupant-id:0' id='x'/>")
    )
    romeo.send(f"<message type='groupchat' to='{ROOM}'><subject>S</subject></message>")
    for place, limit in enumerate(
        (
            "maxstanzas='0'",
            "maxchars='9'",
            "seconds='0'",
            "since='2100-01-01T00:00:00Z'",
            "seconds='0' maxstanzas='0'",
        )
    ):
        world.now += 5
        join(nurse, f"n{place}", f"<x xmlns='{MUC}'><history {limit}/></x>")
        nurse.send(presence(f"{ROOM}/n{place}", "unavailable"))
    join(nurse, " ")
    nurse.send(presence(f"{ROOM}/ ", "unavailable"))
    join(nurse, "n\ue000")
    nurse.send(presence(f"{ROOM}/n\ue000", "unavailable"))
    join(nurse, "n")
    role("n", "visitor")
    join(nurse, "n", "<show>away</show>")
    room(romeo, "get", admin("<item role='visitor'/>"))
    room(romeo, "set", admin("<item nick='n' role='moderator' affiliation='admin'/>"))
    nurse.send(presence(f"{ROOM}/n", "probe"))
    join(juliet, "k")
    juliet.send(presence(f"{ROOM}/k", "unavailable"))
    join(juliet, "k")
    invite = f"<x xmlns='{MUC}#user'><invite to='nobody@example.org'/></x>"
    romeo.send(f"<message to='{ROOM}'>{invite}</message>")
    room(romeo, "set", configure(moderatedroom=1))
    join(admin_, "a")
    admin_.send(presence(f"{ROOM}/a", "unavailable"))
    room(romeo, "set", configure(moderatedroom=0))
    room(romeo, "set", configure(enablelogging=0, whois="anyone", maxusers=2))
    join(admin_, "a")
    affiliation(admin_, "admin")
    affiliation(nurse, "admin")
    join(admin_, "a")
    room(nurse, "set", admin(f"<item jid='{admin_.bare}' affiliation='outcast'/>"))
    gone = "<error type='cancel'><gone xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"
    nurse.send(f"<message type='error' to='{ROOM}/r'>{gone}</message>")


def visit_ranks(world):
    """What moderators, admins and owners do in a room, and what they may not."""
    romeo, juliet, nurse, tybalt = (
        world.login(name, available=True) for name in ("romeo", "juliet", "nurse", "admin")
    )

    def room(client, type, payload, to=ROOM):
        client.send(iq(type, payload, to))

    def ranks(client, **affiliations):
        items = (
            f"<item jid='{name}@example.org' affiliation='{each}'/>" for name, each in affiliations.items()
        )
        room(client, "set", admin("".join(items)))

    def roles(client, **given):
        room(
            client,
            "set",
            admin("".join(f"<item nick='{nick}' role='{role}'/>" for nick, role in given.items())),
        )

    romeo.send(presence(f"{ROOM}/r", content=JOIN))
    room(romeo, "set", configure(roomsecret="", passwordprotectedroom=1))
    room(romeo, "set", configure(moderatedroom=1, changesubject=1))
    ranks(romeo, nurse="admin", admin="admin")
    for client, nick in ((juliet, "j"), (nurse, "n"), (tybalt, "t")):
        client.send(presence(f"{ROOM}/{nick}", content=JOIN))
    request = form(**{"FORM_TYPE": f"{MUC}#request", "muc#role": "participant"})
    juliet.send(f"<message to='{ROOM}'>{request}</message>")
    approval = {"FORM_TYPE": f"{MUC}#request", "muc#roomnick": "j", "muc#request_allow": "1"}
    romeo.send(f"<message to='{ROOM}'>{form(**approval)}</message>")
    room(romeo, "get", admin("<item role='participant'/>"))
    room(romeo, "get", admin("<item affiliation='admin'/>"))
    romeo.send(f"<message type='groupchat' to='{ROOM}'><subject>S</subject><body>b</body></message>")
    room(romeo, "set", admin(f"<item nick='j' jid='{juliet.bare}' role='visitor' affiliation='member'/>"))
    roles(romeo, n="visitor")
    roles(tybalt, n="participant")
    roles(romeo, j="moderator")
    room(juliet, "get", admin("<item role='participant'/>"))
    ranks(tybalt, nurse="outcast")
    ranks(nurse, nurse="outcast")
    ranks(romeo, juliet="member", romeo="outcast")
    ranks(romeo, nurse="owner", admin="owner")
    ranks(romeo, nurse="admin")
    invite = f"<x xmlns='{MUC}#user'><invite to='{tybalt.bare}'/></x>"
    tybalt.send(presence(f"{ROOM}/t", "unavailable"))
    ranks(romeo, admin="none")
    romeo.send(f"<message to='{ROOM}'>{invite}</message>")
    room(romeo, "get", admin("<item affiliation='member'/>"))
    ranks(romeo, juliet="member")
    room(romeo, "set", configure(membersonly=1))
    juliet.send(f"<message to='{ROOM}'>{invite}</message>")
    ranks(romeo, juliet="none")
    room(romeo, "set", owner(form(**{"muc#roomconfig_roomname": "N"}).replace("submit", "cancel")))
    room(romeo, "get", owner(""))
    room(romeo, "set", configure(membersonly=0, enablelogging=1))
    tybalt.send(presence(f"{ROOM}/t", content=JOIN))
    given_up = "early@conference.example.org"
    for _ in range(2):
        romeo.send(presence(f"{given_up}/r", content=JOIN))
        room(romeo, "set", owner("<x xmlns='jabber:x:data' type='cancel'/>"), given_up)
        romeo.send(presence(f"{given_up}/r", "unavailable"))
        juliet.send(presence(f"{given_up}/j", content=JOIN))
        juliet.send(presence(f"{given_up}/j", "unavailable"))


def visit_room_registration(world):
    """Registering with a room."""
    romeo, juliet, nurse = (world.login(name, available=True) for name in ("romeo", "juliet", "nurse"))
    wish = form(**{"FORM_TYPE": f"{MUC}#register", "muc#register_roomnick": "j"})
    romeo.send(presence(f"{ROOM}/r", content=JOIN), iq("set", configure(), ROOM))
    juliet.send(iq("set", register(wish), ROOM))
    romeo.send(iq("set", admin(f"<item jid='{juliet.bare}' affiliation='outcast'/>"), ROOM))
    nurse.send(presence(f"{ROOM}/j", content=JOIN))


def visit_registration(world):
    """Registration before login, through the server's own entrance."""
    lines = []
    for type, content in (
        ("get", ""),
        ("set", "<username>fresh</username>"),
        ("set", "<username>romeo</username><remove/>"),
        ("set", "<username>romeo</username><password>x</password>"),
        ("set", "<username>made</username><password>x</password>"),
        ("set", "<username>made</username><password>x</password>"),
    ):
        lines.append(world.register(iq(type, register(content))))
    # This is the password "secret" of romeo, without an authorization identity.
    auth = "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AHJvbWVvAHNlY3JldA==</auth>"
    for resource in ("a\u00a0b", "a\u0080b"):
        bind = f"<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>{resource}</resource></bind>"
        lines.append(world.register(auth, "", iq("set", bind)))
    return b"".join(lines)


def visit_streams(world):
    """How streams of bound clients go on and end; what is closed is not in the bytes."""
    romeo, juliet, nurse = world.login("romeo"), world.login("juliet"), world.login("nurse")
    comment = Violation(rule=Rule.RESTRICTED_XML, message="a comment", offset=0, excerpt=b"", fatal=False)
    world.carry(world.server.received(romeo.connection, Whitespace(raw=b" ")))
    world.carry(world.server.received(juliet.connection, comment))
    nurse.send("<unknown xmlns='urn:example:unknown'/>")
    romeo.end()
    world.login("admin").send("<c:presence xmlns:c='jabber:client'/>")
    other = world.login("nurse", "other")
    third = world.login("nurse", "third")
    other.send(
        f"<message to='{third.jid}' xml:lang='la'><body>{'x' * 9000}</body></message>",
        f"<message xmlns='urn:example:a' to='{third.jid}'/>",
    )
    third.send(f"<message to='{third.jid}'><body>a\ufeffb</body></message>")
    third.send("<stream:error><reset xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>")


def visit_edges(world):
    """What comes to nobody, to resources that are gone, and to those who may not."""
    romeo, juliet = world.login("romeo"), world.login("juliet")
    for client in (romeo, juliet):
        client.send(iq("get", roster()), presence())
    romeo.send(
        iq("get", roster(), juliet.bare),
        presence("nobody@example.org"),
        presence(f"{juliet.bare}/attic"),
        presence(juliet.jid, "subscribe"),
        "<iq type='result' id='r' to='example.org'/>",
        message("nurse@example.org", type="headline"),
    )
    juliet.send(presence(romeo.bare, "subscribed"), presence("nurse@example.org", "subscribed"))
    phone = world.login("romeo", "phone")
    phone.send(presence(), iq("get", disco("info"), romeo.jid))
    phone.send(iq("get", "<query xmlns='jabber:iq:roster' ver='v0'/>"))
    nurse = world.login("nurse", available=True)
    nurse.send(
        iq("get", disco("info"), nurse.bare),
        iq("get", disco("info"), "nobody@example.org"),
        iq("get", "<vCard xmlns='vcard-temp'/>"),
        iq("set", "<block xmlns='urn:xmpp:blocking'/>"),
        iq("set", register("<username>nurse</username><password/>")),
        presence(ROOM, content=JOIN),
        presence(f"{ROOM}/n", content=JOIN),
        presence(f"{ROOM}/n", content="<show>away</show>"),
    )


def visit_privacy(world):
    """Privacy lists: kept, chosen, applied and taken away."""
    romeo, phone = world.login("romeo", available=True), world.login("romeo", "phone", available=True)
    juliet, nurse = world.login("juliet", available=True), world.login("nurse", available=True)
    query = "<query xmlns='jabber:iq:privacy'>{}</query>"
    rule = "<item type='jid' value='{}' action='{}' order='{}'/>"

    def tell(type, content, client=romeo):
        client.send(iq(type, query.format(content)))

    def rules(name, *items):
        tell("set", f"<list name='{name}'>{''.join(rule.format(*item) for item in items)}</list>")

    phone.send(iq("get", query.format("")))
    rules("x", (juliet.bare, "deny", 1))
    rules("x", ("example.org", "allow", 9), (juliet.bare, "deny", 2))
    rules("y", (juliet.bare, "deny", 1), (nurse.bare, "deny", 1))
    tell("get", "<list name='x'/>")
    tell("get", "<list name='none'/>")
    tell("get", "<list name='x'/><list name='x'/>")
    tell("set", "<active name='x'/><default name='x'/>")
    for kind in ("active", "default"):
        tell("set", f"<{kind} name='none'/>")
    romeo.send(presence(juliet.jid), presence(nurse.jid))
    for setting in ("<active name='x'/>", "<active/>", "<default name='x'/>"):
        tell("set", setting)
        tell("get", "")
        for client in (juliet, nurse):
            client.send(message(romeo.jid), iq("get", "<ping xmlns='urn:xmpp:ping'/>", romeo.jid))
    rules("z", ("far.example", "deny", 1))
    tell("set", "<active name='z'/>")
    juliet.send(message(romeo.jid))
    tell("set", "<list name='x'/>")
    tell("set", "<default/>")


def visit_legacy(world):
    """The gateway, the directory, and what came before XMPP."""
    romeo, juliet = world.login("romeo", available=True), world.login("juliet", available=True)
    away, gateway, users = world.login("nurse"), "gateway.example.org", "users.example.org"
    fields = "<username>r</username><password>x</password>"
    ask, search = "<query xmlns='jabber:iq:gateway'>{}</query>", "<query xmlns='jabber:iq:search'>{}</query>"
    romeo.send(
        iq("get", roster()),
        iq("get", disco("info"), gateway),
        iq("get", register(), gateway),
        iq("set", register("<username>r</username>"), gateway),
        iq("set", register(), gateway),
        message(f"friar@{gateway}"),
        iq("set", register(fields), gateway),
        iq("get", register(), gateway),
        presence(gateway, "subscribe"),
        presence(gateway, "subscribed"),
        presence(type="unavailable"),
        presence(),
        message(f"nobody@{gateway}"),
        iq("get", ask.format(""), gateway),
        iq("set", ask.format("<prompt>friar</prompt>"), gateway),
        iq("set", register("<remove/>"), gateway),
        iq("set", register("<remove/>"), gateway),
        iq("set", "<vCard xmlns='vcard-temp'><N><FAMILY>Montague</FAMILY></N></vCard>"),
        iq("get", search.format(""), users),
        iq("set", search.format("<last>Montague</last>"), users),
        iq("set", search.format("<last>Nobody</last>"), users),
    )
    wish = "<x xmlns='jabber:x:event'><offline/></x>"
    away.end()
    romeo.send(message(away.bare, content=wish))
    world.befriend(romeo, juliet)
    last = "<query xmlns='jabber:iq:last'/>"
    romeo.send(iq("get", last, juliet.bare), presence(juliet.bare, "probe"))
    juliet.end()
    world.now += 10
    romeo.send(iq("get", last, juliet.bare), iq("get", "<query xmlns='jabber:iq:time'/>", "example.org"))
    world.login("nurse").send(presence())
    claim = "<query xmlns='jabber:iq:conference'>{}</query>"
    romeo.send(
        iq("set", claim.format("<nick>c</nick>"), "old@conference.example.org"),
        iq("get", claim.format(""), "old@conference.example.org"),
    )
    again = world.login("juliet", available=True)
    again.send(iq("set", claim.format("<nick>c</nick><nick>d</nick>"), "old@conference.example.org"))
    for place in ("old@conference.example.org", "conference.example.org"):
        again.send(iq("get", "<query xmlns='jabber:iq:browse'/>", place))
    seen = world.register(iq("set", register(f"{fields}<key>wrong</key>")))
    return seen + world.register(iq("set", register(f"{fields}<key>c5b1d7e0</key>")))


def visit_addresses(world):
    """Addresses of odd forms, and stanzas to them."""
    romeo, juliet = world.login("romeo", available=True), world.login("juliet", "Balcony")
    ping, unknown = "<ping xmlns='urn:xmpp:ping'/>", "<a xmlns='urn:example:a'/>"
    odd = ("rom'eo".replace("'", "&apos;"), "a" * 1024, "a" * 1023, "ä" * 600, "")
    romeo.send(
        *(iq("get", ping, f"{name}@example.org") for name in odd),
        *(iq("get", ping, f"{address}/{'a' * 1024}") for address in (romeo.bare, "x@example.org")),
        iq("get", ping, f"x@{'a.' * 600}example.org"),
        iq("get", ping, "example.org/"),
        message("example.org/juliet@example.org"),
        message(juliet.jid),
        iq("get", ping, "example.org/there"),
        iq("get", ping, f"{juliet.bare}/gone"),
        iq("get", ping, "nurse@example.org/gone"),
        iq("get", disco("info"), "conference.example.org"),
        iq("get", roster()),
        iq("get", "<vacation xmlns='jabber:iq:roster'/>"),
        iq("set", disco("info"), "example.org"),
        presence("nobody@example.org", "error"),
        *(iq("set", roster(item(jid))) for jid in ("B@example.org", "b@EXAMPLE.net", "c@example.net.")),
        iq("set", roster(item("b@xn--mnchen-3ya.example"))),
        iq("set", roster(item("b&lt;@example.org"))),
        f"<message to='{juliet.jid}' xml:lang='it'><body>{'x' * 9000}</body></message>",
    )
    juliet.send(presence(content=f"{unknown}<priority>-1</priority>"))
    phone = world.login("romeo", "phone")
    phone.send(presence(), message(juliet.bare))
    error = (
        "<error type='wait'><conflict xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>" + unknown + "</error>"
    )
    phone.send(f"<iq type='error' id='e' to='{romeo.jid}'>{error}</iq>")
    blocked = "<block xmlns='urn:xmpp:blocking'><item jid='nurse@example.org'/></block>"
    phone.send(iq("set", blocked), message("nurse@example.org"))


def visit_subscribers(world):
    """Who sees whom, and what removal, probes and directed presence do to that."""
    romeo, phone, juliet = world.login("romeo"), world.login("romeo", "phone"), world.login("juliet")
    nurse = world.login("nurse", available=True)
    for client in (romeo, phone, juliet):
        client.send(iq("get", roster()), presence(content="<priority>2</priority>"))
    romeo.send(
        iq("set", roster(item("a@example.org", name="n" * 2000))),
        iq("set", roster(item("a@example.org", "g" * 2000))),
        iq("set", roster(item("B@example.org", ask="subscribe"))),
        presence("x@nowhere.example", "subscribe"),
        presence("nobody@example.org", "subscribe"),
        presence("nobody@example.org", "probe"),
        presence(nurse.bare, "unsubscribed"),
        presence(nurse.bare, "subscribed"),
    )
    nurse.send(presence(romeo.bare, "probe"), message(romeo.bare))
    romeo.send(
        presence(nurse.bare, "unsubscribed"), presence(nurse.bare), presence(nurse.bare, "unavailable")
    )
    world.befriend(romeo, juliet)
    juliet.send(presence(phone.jid, "probe"))
    phone.send(presence(juliet.bare), presence(content="<priority>3</priority>"))
    romeo.send(
        iq("set", roster(item(juliet.bare, name="J"))),
        presence(type="unavailable"),
        iq("set", roster(item(juliet.bare, subscription="remove"))),
    )


#: Where clients go, and the faults that are likely to show there.
VISITS = {
    visit_streams: BOUND_STREAM_FAULTS,
    visit_stanzas: STANZA_FAULTS,
    visit_roster: {**PRESENCE_FAULTS, **SUBSCRIPTION_FAULTS},
    visit_subscribers: PRESENCE_FAULTS,
    visit_services: SERVICE_FAULTS,
    visit_rooms: ROOM_FAULTS,
    visit_occupancy: OCCUPANCY_FAULTS,
    visit_ranks: RANK_FAULTS,
    visit_room_registration: RANK_FAULTS,
    visit_extensions: {},
    **dict.fromkeys(EXTENSION_VISITS, EXTENSION_FAULTS),
    visit_registration: {},
    visit_edges: {},
    visit_legacy: LEGACY_FAULTS,
    visit_privacy: PRIVACY_FAULTS,
    visit_addresses: ADDRESS_FAULTS,
}


def tour(make_world, visit, fault=""):
    """What all clients see in a visit."""
    world = make_world(faults=(fault,) if fault else ())
    extra = visit(world) or b""
    return extra + b"\n".join(client.raw for client in world.clients.values())


@pytest.fixture(scope="module")
def usual(make_any_world):
    return {visit: tour(make_any_world, visit) for visit in VISITS}


@pytest.mark.parametrize("visit", VISITS)
def test_a_visit_is_the_same_each_time(make_any_world, usual, visit):
    assert tour(make_any_world, visit) == usual[visit]


def ordered(fault):
    """The visits, first those where the fault is likely to show."""
    return sorted(VISITS, key=lambda visit: fault not in VISITS[visit])


@pytest.mark.parametrize("fault", sorted(SESSION_FAULTS.keys() - ODDITY_FAULTS))
def test_a_fault_shows(make_any_world, usual, fault):
    assert any(tour(make_any_world, visit, fault) != usual[visit] for visit in ordered(fault))


def test_each_fault_is_in_the_code_and_the_other_way_round():
    text = "".join(path.read_text() for path in SOURCE.rglob("*.py"))
    used = set(re.findall(r'faults?\.has\(\s*"([^"]+)"\s*\)', text))
    used |= set(re.findall(r'\bfaults\.has\("([^"]+)"\)', text))
    assert used == set(SESSION_FAULTS) - set(SUBSCRIPTION_FAULTS)
    written = set(re.findall(r'faults\.has\(f"([^"]+)"\)', text))
    assert {one.format(type=type) for one in written for type in TYPES} == set(SUBSCRIPTION_FAULTS)
