import pytest

ROOM = "hall@conference.example.org"
JOIN = "<x xmlns='http://jabber.org/protocol/muc'/>"
USER = "{http://jabber.org/protocol/muc#user}"
NAMES = ("romeo", "juliet", "nurse")


def admin(item):
    return f"<query xmlns='http://jabber.org/protocol/muc#admin'>{item}</query>"


def owner(content):
    return f"<query xmlns='http://jabber.org/protocol/muc#owner'>{content}</query>"


def submit(**changes):
    fields = "".join(
        f"<field var='muc#roomconfig_{name}'><value>{value}</value></field>"
        for name, value in changes.items()
    )
    return owner(f"<x xmlns='jabber:x:data' type='submit'>{fields}</x>")


def codes(stanza):
    return [status.get("code") for status in stanza.iter(f"{USER}status")]


def item(stanza):
    return next(stanza.iter(f"{USER}item"))


@pytest.fixture
def three(world):
    clients = tuple(world.login(name, available=True) for name in NAMES)
    for client, name in zip(clients, NAMES, strict=True):
        client.send(f"<presence to='{ROOM}/{name}'>{JOIN}</presence>")
        if name == "romeo":
            client.ask("set", submit(), ROOM)
    for client in clients:
        client.take()
    return clients


def test_a_kick(three):
    romeo, juliet, nurse = three
    answer = romeo.ask("set", admin("<item nick='juliet' role='none'><reason>out</reason></item>"), ROOM)
    assert answer.get("type") == "result"
    (own,) = juliet.take()
    assert (own.get("type"), codes(own)) == ("unavailable", ["110", "307"])
    (seen,) = nurse.take()
    assert (codes(seen), item(seen).get("role")) == (["307"], "none")
    assert item(seen).findtext(f"{USER}reason") == "out"
    assert item(seen).find(f"{USER}actor").get("nick") == "romeo"


def test_a_ban_holds(three, tell):
    romeo, juliet, _ = three
    romeo.ask("set", admin("<item jid='juliet@example.org/any' affiliation='outcast'/>"), ROOM)
    assert codes(juliet.take()[0]) == ["110", "301"]
    assert tell(juliet.send(f"<presence to='{ROOM}/j'>{JOIN}</presence>")[0]).endswith("forbidden")
    listed = romeo.ask("get", admin("<item affiliation='outcast'/>"), ROOM)
    assert dict(listed[0][0].attrib) == {"affiliation": "outcast", "jid": "juliet@example.org"}


def test_voice_and_moderators(three):
    romeo, juliet, nurse = three
    for role in ("visitor", "participant", "moderator", "participant"):
        assert romeo.ask("set", admin(f"<item nick='juliet' role='{role}'/>"), ROOM).get("type") == "result"
        assert item(nurse.take()[0]).get("role") == role
        assert codes(juliet.take()[0]) == ["110"]
    (listed,) = romeo.ask("get", admin("<item role='moderator'/>"), ROOM)[0]
    assert dict(listed.attrib) == {
        "nick": "romeo",
        "role": "moderator",
        "affiliation": "owner",
        "jid": "romeo@example.org/home",
    }


@pytest.mark.parametrize("affiliation", ["member", "admin", "owner", "none"])
def test_affiliations(three, affiliation):
    romeo, _, nurse = three
    wanted = admin(f"<item jid='juliet@example.org' affiliation='{affiliation}'/>")
    assert romeo.ask("set", wanted, ROOM).get("type") == "result"
    assert item(nurse.take()[0]).get("affiliation") == affiliation


@pytest.mark.parametrize(
    ("who", "type", "content", "condition"),
    [
        (1, "set", "<item nick='nurse' role='none'/>", "forbidden"),
        (1, "set", "<item jid='nurse@example.org' affiliation='outcast'/>", "forbidden"),
        (1, "get", "<item affiliation='member'/>", "forbidden"),
        (1, "get", "<item role='moderator'/>", "forbidden"),
        (0, "set", "<item jid='romeo@example.org' affiliation='outcast'/>", "conflict"),
        (0, "set", "<item jid='romeo@example.org' affiliation='none'/>", "conflict"),
        (0, "set", "<item nick='nobody' role='none'/>", "item-not-found"),
        (0, "set", "<item nick='nurse' role='none' affiliation='none'/>", "bad-request"),
        (0, "set", "<item nick='nurse' role='lord'/>", "bad-request"),
        (0, "set", "", "bad-request"),
        (0, "set", "<item nick='romeo' role='visitor'/>", "not-allowed"),
    ],
)
def test_what_is_refused(three, tell, who, type, content, condition):
    assert tell(three[who].ask(type, admin(content), ROOM)) == f"iq error {ROOM} {condition}"


def test_the_limits_of_admins(three, tell):
    romeo, juliet, _ = three
    romeo.ask("set", admin("<item jid='juliet@example.org' affiliation='admin'/>"), ROOM)
    for content, condition in (
        ("<item jid='romeo@example.org' affiliation='outcast'/>", "not-allowed"),
        ("<item jid='romeo@example.org' affiliation='none'/>", "forbidden"),
        ("<item jid='nurse@example.org' affiliation='owner'/>", "forbidden"),
        ("<item nick='romeo' role='none'/>", "not-allowed"),
        ("<item nick='romeo' role='participant'/>", "not-allowed"),
    ):
        assert tell(juliet.ask("set", admin(content), ROOM)) == f"iq error {ROOM} {condition}"
    assert (
        juliet.ask("set", admin("<item jid='nurse@example.org' affiliation='member'/>"), ROOM).get("type")
        == "result"
    )


def test_changes_are_all_made_or_none(three):
    romeo, juliet, _ = three
    both = "<item nick='juliet' role='none'/><item nick='nobody' role='none'/>"
    assert romeo.ask("set", admin(both), ROOM).get("type") == "error"
    assert juliet.take() == []


def test_members_only(world, three):
    romeo, juliet, nurse = three
    romeo.ask("set", admin("<item jid='juliet@example.org' affiliation='member'/>"), ROOM)
    juliet.take()
    nurse.take()
    romeo.ask("set", submit(membersonly=1), ROOM)
    assert codes(nurse.take()[0]) == ["110", "322"]
    assert [codes(each) for each in juliet.take()] == [["322"], ["104"]]
    romeo.ask("set", admin("<item jid='juliet@example.org' affiliation='none'/>"), ROOM)
    (gone,) = juliet.take()
    assert codes(gone) == ["110", "321"]
    romeo.ask("set", admin("<item jid='nurse@example.org' affiliation='member'/>"), ROOM)
    assert nurse.take()[0].tag.endswith("message")


def test_configuration(three, tell):
    romeo, juliet, _ = three
    assert tell(juliet.ask("get", owner(""), ROOM)) == f"iq error {ROOM} forbidden"
    form = romeo.ask("get", owner(""), ROOM)[0][0]
    assert {each.get("var") for each in form} >= {"FORM_TYPE", "muc#roomconfig_membersonly"}
    romeo.ask("set", submit(whois="anyone", enablelogging=1), ROOM)
    assert codes(juliet.take()[0]) == ["170", "172"]
    assert tell(romeo.ask("set", submit(passwordprotectedroom=1), ROOM)) == f"iq error {ROOM} not-acceptable"
    cancel = owner("<x xmlns='jabber:x:data' type='cancel'/>")
    assert romeo.ask("set", cancel, ROOM).get("type") == "result"
    assert juliet.take() == []


def test_the_end_of_a_room(three, tell):
    romeo, juliet, nurse = three
    destroy = owner("<destroy jid='other@conference.example.org'><reason>over</reason></destroy>")
    assert tell(juliet.ask("set", destroy, ROOM)) == f"iq error {ROOM} forbidden"
    assert romeo.ask("set", destroy, ROOM).get("type") == "result"
    for client in three:
        (gone,) = client.take()
        assert gone.get("type") == "unavailable"
        shown = gone.find(f"{USER}x/{USER}destroy")
        assert (shown.get("jid"), shown.findtext(f"{USER}reason")) == ("other@conference.example.org", "over")
    info = "<query xmlns='http://jabber.org/protocol/disco#info'/>"
    assert tell(nurse.ask("get", info, ROOM)) == f"iq error {ROOM} item-not-found"


def test_cancelling_the_first_configuration_gives_the_room_up(world):
    romeo = world.login("romeo", available=True)
    romeo.send(f"<presence to='{ROOM}/r'>{JOIN}</presence>")
    cancel = owner("<x xmlns='jabber:x:data' type='cancel'/>")
    assert romeo.ask("set", cancel, ROOM).get("type") == "result"
    assert [each.get("type") for each in romeo.take()] == ["unavailable"]


def test_discovery(three, tell):
    romeo, _, _ = three
    info = "<query xmlns='http://jabber.org/protocol/disco#info'/>"
    items = "<query xmlns='http://jabber.org/protocol/disco#items'/>"
    service = "conference.example.org"
    features = {each.get("var") for each in romeo.ask("get", info, service)[0]}
    assert "http://jabber.org/protocol/muc" in features
    assert [each.get("jid") for each in romeo.ask("get", items, service)[0]] == [ROOM]
    traits = {each.get("var") for each in romeo.ask("get", info, ROOM)[0]}
    assert {"muc_open", "muc_public", "muc_temporary", "muc_unmoderated", "muc_semianonymous"} <= traits
    assert len(romeo.ask("get", items, ROOM)[0]) == 0
    romeo.ask("set", submit(publicroom=0), ROOM)
    assert len(romeo.ask("get", items, service)[0]) == 0
    assert service in [each.get("jid") for each in romeo.ask("get", items, "example.org")[0]]


def test_registration_with_a_room(world, three, tell):
    romeo, juliet, nurse = three
    query = "<query xmlns='jabber:iq:register'>{}</query>"
    form = (
        "<x xmlns='jabber:x:data' type='submit'>"
        "<field var='FORM_TYPE'><value>http://jabber.org/protocol/muc#register</value></field>"
        "<field var='muc#register_roomnick'><value>J</value></field></x>"
    )
    assert len(juliet.ask("get", query.format(""), ROOM)[0]) == 1
    assert juliet.ask("set", query.format(form), ROOM).get("type") == "result"
    assert item(romeo.take()[-1]).get("affiliation") == "member"
    assert tell(nurse.ask("set", query.format(form), ROOM)) == f"iq error {ROOM} conflict"
    assert tell(nurse.ask("set", query.format(""), ROOM)) == f"iq error {ROOM} bad-request"
    assert juliet.ask("get", query.format(""), ROOM)[0][0].tag == "{jabber:iq:register}registered"
