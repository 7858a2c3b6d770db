import pytest

ROOM = "hall@conference.example.org"
JOIN = "<x xmlns='http://jabber.org/protocol/muc'/>"
OWNER = "http://jabber.org/protocol/muc#owner"
USER = "{http://jabber.org/protocol/muc#user}"


def configure(client, **changes):
    fields = "".join(
        f"<field var='muc#roomconfig_{name}'><value>{value}</value></field>"
        for name, value in changes.items()
    )
    form = f"<query xmlns='{OWNER}'><x xmlns='jabber:x:data' type='submit'>{fields}</x></query>"
    return client.ask("set", form, ROOM)


@pytest.fixture
def three(world):
    clients = tuple(world.login(name, available=True) for name in ("romeo", "juliet", "nurse"))
    for client, nick in zip(clients[:2], ("r", "j"), strict=True):
        client.send(f"<presence to='{ROOM}/{nick}'>{JOIN}</presence>")
        if nick == "r":
            configure(client)
    for client in clients:
        client.take()
    return clients


def test_a_message_is_reflected_to_all_with_its_id(three, tell):
    romeo, juliet, _ = three
    (own,) = juliet.send(f"<message type='groupchat' id='m' to='{ROOM}'><body>/me waves</body></message>")
    (other,) = romeo.take()
    for seen, client in ((own, juliet), (other, romeo)):
        assert tell(seen) == f"message groupchat {ROOM}/j"
        assert (seen.get("id"), seen.get("to"), seen[0].text) == ("m", client.jid, "/me waves")


@pytest.mark.parametrize(
    ("who", "type", "to", "condition"),
    [
        (2, "groupchat", "", "not-acceptable"),
        (2, "chat", "/r", "not-acceptable"),
        (1, "chat", "/nobody", "item-not-found"),
        (1, "groupchat", "/r", "bad-request"),
        (1, "chat", "", "bad-request"),
    ],
)
def test_what_is_refused(three, tell, who, type, to, condition):
    (error,) = three[who].send(f"<message type='{type}' to='{ROOM}{to}'><body>x</body></message>")
    assert tell(error) == f"message error {ROOM}{to} {condition}"
    assert three[0].take() == []


def test_an_unknown_room_is_item_not_found(three, tell):
    (error,) = three[0].send(
        "<message type='groupchat' to='gone@conference.example.org'><body>x</body></message>"
    )
    assert tell(error).endswith("item-not-found")


def test_visitors_are_silent_in_a_moderated_room(three, tell):
    romeo, juliet, nurse = three
    configure(romeo, moderatedroom=1)
    nurse.send(f"<presence to='{ROOM}/n'>{JOIN}</presence>")
    (error,) = nurse.send(f"<message type='groupchat' to='{ROOM}'><body>x</body></message>")
    assert tell(error) == f"message error {ROOM} forbidden"
    romeo.take()
    juliet.take()
    purpose = "<field var='FORM_TYPE'><value>{}#request</value></field>"
    form = f"<x xmlns='jabber:x:data' type='submit'>{purpose}{{}}</x>"
    muc = "http://jabber.org/protocol/muc"
    nurse.send(f"<message to='{ROOM}'>{form.format(muc, '')}</message>")
    (asked,) = romeo.take()
    assert asked[0].tag == "{jabber:x:data}x"
    allowed = (
        "<field var='muc#roomnick'><value>n</value></field>"
        "<field var='muc#request_allow'><value>true</value></field>"
    )
    romeo.send(f"<message to='{ROOM}'>{form.format(muc, allowed)}</message>")
    (shown,) = juliet.take()
    assert next(shown.iter(f"{USER}item")).get("role") == "participant"


def test_private_messages(three, tell):
    romeo, juliet, _ = three
    juliet.send(f"<message type='chat' id='p' to='{ROOM}/r'><body>x</body></message>")
    (seen,) = romeo.take()
    assert tell(seen) == f"message chat {ROOM}/j"
    assert seen.find(f"{USER}x") is not None
    assert juliet.take() == []


def test_subjects(three, tell):
    romeo, juliet, _ = three
    change = f"<message type='groupchat' to='{ROOM}'><subject>S</subject>{{}}</message>"
    assert tell(juliet.send(change.format(""))[0]) == f"message error {ROOM} forbidden"
    assert [tell(each) for each in romeo.send(change.format(""))] == [f"message groupchat {ROOM}/r"]
    juliet.take()
    juliet.send(change.format("<body>no subject change</body>"))
    assert romeo.take()[0].findtext("{jabber:client}body") == "no subject change"


def test_invitations_and_their_refusal(three, tell):
    romeo, juliet, nurse = three
    configure(romeo, passwordprotectedroom=1, roomsecret="s")
    for client in three:
        client.take()
    x = "<x xmlns='http://jabber.org/protocol/muc#user'>{}</x>"
    invite = f"<invite to='{nurse.bare}'><reason>come</reason></invite>"
    assert juliet.send(f"<message to='{ROOM}'>{x.format(invite)}</message>") == []
    (invited,) = nurse.take()
    assert tell(invited) == f"message {ROOM}"
    assert invited.find(f"{USER}x/{USER}invite").get("from") == juliet.bare
    assert invited.findtext(f"{USER}x/{USER}invite/{USER}reason") == "come"
    assert invited.findtext(f"{USER}x/{USER}password") == "s"
    assert invited.find("{jabber:x:conference}x").get("jid") == ROOM
    nurse.send(f"<message to='{ROOM}'>{x.format(f'''<decline to='{juliet.bare}'/>''')}</message>")
    (declined,) = juliet.take()
    assert declined.find(f"{USER}x/{USER}decline").get("from") == nurse.bare
    unknown = x.format("<invite to='nobody@example.org'/>")
    assert (
        tell(juliet.send(f"<message to='{ROOM}'>{unknown}</message>")[0])
        == f"message error {ROOM} item-not-found"
    )


def test_an_iq_between_occupants_hides_who_they_are(three, tell):
    romeo, juliet, nurse = three
    version = "<query xmlns='jabber:iq:version'/>"
    juliet.send(f"<iq type='get' id='v' to='{ROOM}/r'>{version}</iq>")
    (asked,) = romeo.take()
    assert (tell(asked), asked.get("to")) == (f"iq get {ROOM}/j", romeo.jid)
    romeo.send(f"<iq type='result' id='v' to='{ROOM}/j'/>")
    (answered,) = juliet.take()
    assert (tell(answered), answered.get("to")) == (f"iq result {ROOM}/r", juliet.jid)
    assert tell(nurse.ask("get", version, f"{ROOM}/r")) == f"iq error {ROOM}/r not-acceptable"
    disco = "<query xmlns='http://jabber.org/protocol/disco#info'/>"
    assert tell(nurse.ask("get", disco, f"{ROOM}/r")) == f"iq error {ROOM}/r bad-request"
    assert juliet.ask("get", "<ping xmlns='urn:xmpp:ping'/>", f"{ROOM}/j").get("type") == "result"
