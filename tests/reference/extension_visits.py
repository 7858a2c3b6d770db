"""Long conversations about extensions, in which their faults show."""

SM = "xmlns='urn:xmpp:sm:3'"
ENABLE = f"<enable {SM} resume='true'/>"


def said(to, body="x", type="chat", content=""):
    return f"<message to='{to}' type='{type}'><body>{body}</body>{content}</message>"


def resume(id, h=0):
    return f"<resume {SM} previd='{id}' h='{h}'/>"


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


EXTENSION_VISITS = (visit_acknowledgements, visit_resumption)
