"""Long conversations, in which faults show."""

from harness.wire.events import Rule, Violation, Whitespace
from tests.reference.said import JOIN, ROOM, disco, form, iq, item, message, presence, register, roster


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
