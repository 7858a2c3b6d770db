"""Long conversations in rooms, in which their faults show."""

from tests.reference.said import (
    JOIN,
    MUC,
    ROOM,
    admin,
    configure,
    disco,
    form,
    iq,
    message,
    owner,
    presence,
    register,
)


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
