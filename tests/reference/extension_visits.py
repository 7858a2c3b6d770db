"""Long conversations about extensions, in which their faults show."""

SM = "xmlns='urn:xmpp:sm:3'"
ENABLE = f"<enable {SM} resume='true'/>"


def said(to, body="x", type="chat", content=""):
    return f"<message to='{to}' type='{type}'><body>{body}</body>{content}</message>"


def resume(id, h=0):
    return f"<resume {SM} previd='{id}' h='{h}'/>"


def asked(payload, type="set", to=""):
    address = f" to='{to}'" if to else ""
    return f"<iq type='{type}' id='q'{address}>{payload}</iq>"


def query(*, fields=None, page="", content=""):
    shown = "".join(
        f"<field var='{name}'><value>{value}</value></field>" for name, value in (fields or {}).items()
    )
    form = f"<x xmlns='jabber:x:data' type='submit'>{shown}</x>" if shown else ""
    rsm = f"<set xmlns='http://jabber.org/protocol/rsm'>{page}</set>" if page else ""
    return asked(f"<query xmlns='urn:xmpp:mam:2' queryid='q'>{form}{rsm}{content}</query>")


def visit_acknowledgements(world):
    """Stream management, enabled and misused."""
    world.arrive(f"<enable {SM}/>", user="romeo")
    romeo, juliet = world.login("romeo", available=True), world.login("juliet")
    romeo.send(f"<enable {SM}/>", f"<a {SM} h='0'/>", f"<r {SM}/>")
    juliet.send(said(romeo.jid))
    romeo.break_off()
    world.login("romeo", "later").send("<presence/>")
    nurse = world.login("nurse")
    nurse.send(f"<enable {SM}/>", f"<enable {SM}/>", f"<r {SM}/>")


def visit_resumption(world):
    """Sessions that are resumed, by those who may and by others."""
    romeo, juliet = world.login("romeo", available=True), world.login("juliet", available=True)
    id = next((each.get("id", "") for each in romeo.send(ENABLE)), "")
    romeo.send("<presence/>", f"<presence to='{juliet.jid}'/>")
    juliet.send(said(romeo.jid, "first"))
    world.arrive(resume(id))
    world.arrive(resume("unknown"), user="romeo")
    world.arrive(resume(id), user="juliet")
    romeo.break_off()
    juliet.send(said(romeo.jid, "second"))
    again = world.arrive(resume(id, 2), f"<r {SM}/>", user="romeo")
    juliet.send(said("romeo@example.org", "third"))
    once_more = world.arrive(resume(id, 3), user="romeo")
    again.send("<presence/>")
    once_more.end()
    world.arrive(resume(id), user="romeo")
    for _ in range(2):
        lost = world.login("nurse", available=True)
        lost.send(ENABLE, f"<presence to='{juliet.jid}'/>")
        lost.break_off()
        world.now += 100
        juliet.send("<presence/>")


def visit_archive(world):
    """An archive and all that one may ask it."""
    romeo, juliet = world.login("romeo", available=True), world.login("juliet", available=True)
    mine = "<origin-id xmlns='urn:xmpp:sid:0' id='mine'/>"
    juliet.send(asked("<metadata xmlns='urn:xmpp:mam:2'/>", "get"), query())
    for number in range(3):
        world.now += 10
        romeo.send(said(juliet.jid, str(number), content=mine))
        juliet.send(said(romeo.jid, f"re {number}"))
    juliet.send(said(juliet.bare, "to myself"))
    romeo.send(said(juliet.bare, "not a room", type="groupchat"))
    juliet.send(
        query(),
        query(fields={"with": juliet.bare}),
        query(fields={"start": "2099-01-01T00:00:00Z"}),
        query(fields={"end": "2001-01-01T00:00:00Z"}),
        query(fields={"nonsense": "x"}),
        query(fields={"ids": "unknown"}),
        query(page="<max>2</max><before/>"),
        query(page="<max>2</max><after>unknown</after>"),
        asked("<query xmlns='urn:xmpp:mam:2'/>", "get"),
        asked("<metadata xmlns='urn:xmpp:mam:2'/>", "get"),
        query(page="<max>2</max>", content="<flip-page/>"),
        asked("<query xmlns='http://jabber.org/protocol/disco#info'/>", "get", juliet.bare),
    )
    ids = [each[0].get("id", "") for each in juliet.send(query()) if each.get("type") is None and len(each)]
    if len(ids) > 3:
        juliet.send(
            query(fields={"after-id": ids[0], "before-id": ids[3]}),
            query(fields={"ids": ids[1]}),
            query(page=f"<max>1</max><after>{ids[1]}</after>"),
            query(page=f"<max>1</max><before>{ids[1]}</before>"),
        )


def visit_blocking(world):
    """Blocked contacts, before and after the user comes again."""
    romeo, juliet = world.login("romeo", available=True), world.login("juliet", available=True)
    phone = world.login("romeo", "phone", available=True)
    world.befriend(romeo, juliet)
    version = "<query xmlns='jabber:iq:version'/>"
    nurse = world.login("nurse")
    items = "".join(f"<item jid='{each.bare}'/>" for each in (romeo, juliet, nurse))
    block = f"<block xmlns='urn:xmpp:blocking'>{items}</block>"
    romeo.send(asked(version, "get", juliet.jid), asked(block))
    juliet.send(
        f"<presence type='probe' to='{romeo.bare}'/>",
        asked(version, "get", romeo.jid),
        asked(version, "result", romeo.jid),
    )
    nurse.send(f"<presence type='probe' to='{romeo.bare}'/>")
    phone.send(said(romeo.jid))
    romeo.end()
    juliet.send(said(romeo.bare))
    nurse.send(asked("<query xmlns='http://jabber.org/protocol/disco#info'/>", "get", "example.org"))


def visit_copies(world):
    """Carbons asked for, given up, and returned; and what is kept for a negative priority."""
    romeo, juliet = world.login("romeo", available=True), world.login("juliet", available=True)
    phone, carbons = world.login("romeo", "phone"), "<{} xmlns='urn:xmpp:carbons:2'/>"
    phone.send(*(asked(carbons.format(word)) for word in ("enable", "enable", "disable", "enable")))
    juliet.send(said(romeo.jid), said(romeo.jid, type="normal"))
    original = f"<message xmlns='jabber:client' from='{juliet.jid}'/>"
    copy = f"<forwarded xmlns='urn:xmpp:forward:0'>{original}</forwarded>"
    phone.send(said(romeo.bare, type="error", content=copy))
    romeo.send(said("nurse@example.org"))
    nurse = world.login("nurse")
    nurse.send("<presence><priority>-1</priority></presence>")


PUBSUB = "http://jabber.org/protocol/pubsub"
SERVICE = "pubsub.example.org"


def pubsub(content, to="", type="set", namespace=PUBSUB):
    return asked(f"<pubsub xmlns='{namespace}'>{content}</pubsub>", type, to)


def owning(content, to=""):
    return pubsub(content, to, namespace=f"{PUBSUB}#owner")


def published(node, item=" id='i'", payload="<a xmlns='urn:example:a'/>", to="", access=""):
    field = f"<field var='pubsub#access_model'><value>{access}</value></field>"
    options = f"<publish-options><x xmlns='jabber:x:data' type='submit'>{field}</x></publish-options>"
    item = f"<item{item}>{payload}</item>"
    return pubsub(f"<publish node='{node}'>{item}</publish>{options if access else ''}", to)


def visit_nodes_of_accounts(world):
    """What accounts publish, and who may have it."""
    romeo, juliet = world.login("romeo", available=True), world.login("juliet", available=True)
    info = "<query xmlns='http://jabber.org/protocol/disco#{}'/>"
    romeo.send(published("open", access="open"), published("closed"), published("closed", access="open"))
    romeo.send(asked(info.format("info"), "get", romeo.bare), asked(info.format("items"), "get"))
    world.befriend(romeo, juliet)
    romeo.send(published("secret", access="whitelist"))
    nurse = world.login("nurse")
    nurse.send(
        pubsub("<items node='closed'/>", romeo.bare, "get"),
        pubsub(f"<subscribe node='open' jid='{nurse.jid}'/>", romeo.bare),
        published("open", to=romeo.bare),
    )
    juliet.send(asked(info.format("items"), "get", romeo.bare))
    block = f"<block xmlns='urn:xmpp:blocking'><item jid='{nurse.bare}'/></block>"
    romeo.send(published("open"), asked(block), published("open"), pubsub("<items node='open'/>", type="get"))


def visit_nodes_of_the_service(world):
    """Nodes made, filled, emptied and deleted, by those who may and by others."""
    romeo, juliet = world.login("romeo", available=True), world.login("juliet", available=True)
    info = "<query xmlns='http://jabber.org/protocol/disco#info'{}/>"
    create, items = "<create node='n'/>", "<items node='n'/>"
    romeo.send(pubsub(create, SERVICE), pubsub(create, SERVICE), published("nowhere", to=SERVICE))
    romeo.send(asked(info.format(""), "get", SERVICE), asked(info.format(" node='n'"), "get", SERVICE))
    subscribe = f"<subscribe node='n' jid='{juliet.jid}'/>"
    romeo.send(pubsub(subscribe, SERVICE))
    juliet.send(pubsub(subscribe, SERVICE), published("n", to=SERVICE), owning("<delete node='n'/>", SERVICE))
    romeo.send(
        pubsub(create, SERVICE), *(published("n", to=SERVICE, item=one) for one in ("", "", " id='i'"))
    )
    romeo.send(published("n", to=SERVICE), published("n", to=SERVICE, payload="<a/><b/>"))
    retract = "<retract node='n' notify='true'><item id='i'/></retract>"
    juliet.send(pubsub(retract, SERVICE))
    romeo.send(pubsub("<items node='n'><item id='i'/></items>", SERVICE, "get"))
    romeo.send(pubsub(retract, SERVICE), pubsub(retract, SERVICE), pubsub("<retract node='n'/>", SERVICE))
    romeo.send(pubsub("<create node='m'/>", SERVICE))
    juliet.send(pubsub(subscribe.replace("'n'", "'m'"), SERVICE))
    romeo.send(owning("<delete node='m'/>", SERVICE))
    leave = f"<unsubscribe node='n' jid='{juliet.jid}'/>"
    juliet.send(pubsub(leave, SERVICE), pubsub(leave, SERVICE))
    romeo.send(published("n", to=SERVICE))
    juliet.send(pubsub(subscribe, SERVICE))
    for access in ("nonsense", "whitelist"):
        field = f"<field var='pubsub#access_model'><value>{access}</value></field>"
        form = f"<x xmlns='jabber:x:data' type='submit'>{field}</x>"
        romeo.send(owning(f"<configure node='n'>{form}</configure>", SERVICE))
    juliet.send(pubsub(items, SERVICE, "get"))
    romeo.send(asked(f"<pubsub xmlns='{PUBSUB}#owner'><configure node='n'/></pubsub>", "get", SERVICE))
    for node in ("n", "nowhere"):
        romeo.send(
            owning(f"<delete node='{node}'/>", SERVICE), pubsub(f"<items node='{node}'/>", SERVICE, "get")
        )


EXTENSION_VISITS = (
    visit_acknowledgements,
    visit_resumption,
    visit_archive,
    visit_blocking,
    visit_copies,
    visit_nodes_of_accounts,
    visit_nodes_of_the_service,
)
