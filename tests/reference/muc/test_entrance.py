import pytest

ROOM = "hall@conference.example.org"
JOIN = "<x xmlns='http://jabber.org/protocol/muc'/>"
USER = "{http://jabber.org/protocol/muc#user}"
OWNER = "http://jabber.org/protocol/muc#owner"
INSTANT = f"<query xmlns='{OWNER}'><x xmlns='jabber:x:data' type='submit'>{{}}</x></query>"


def field(name, value):
    return f"<field var='muc#roomconfig_{name}'><value>{value}</value></field>"


def join(client, nick, content=JOIN):
    return client.send(f"<presence to='{ROOM}/{nick}'>{content}</presence>")


def codes(stanza):
    return [status.get("code") for status in stanza.iter(f"{USER}status")]


def item(stanza):
    return dict(next(stanza.iter(f"{USER}item")).attrib)


def opened(client, nick="owner", **changes):
    join(client, nick)
    answer = client.ask("set", INSTANT.format("".join(field(*each) for each in changes.items())), ROOM)
    assert answer.get("type") == "result"
    client.take()


@pytest.fixture
def three(world):
    return tuple(world.login(name, available=True) for name in ("romeo", "juliet", "nurse"))


def test_a_new_room_is_locked_until_it_is_configured(three, tell):
    romeo, juliet, _ = three
    got = join(romeo, "owner")
    assert [tell(each) for each in got] == [f"presence {ROOM}/owner", f"message groupchat {ROOM}"]
    assert codes(got[0]) == ["110", "201"]
    assert item(got[0]) == {"affiliation": "owner", "role": "moderator", "jid": romeo.jid}
    assert [tell(each) for each in join(juliet, "j")] == [f"presence error {ROOM}/j item-not-found"]
    assert romeo.ask("set", INSTANT.format(""), ROOM).get("type") == "result"
    assert len(join(juliet, "j")) == 3


def test_the_order_of_a_join(world, three, tell):
    romeo, juliet, nurse = three
    opened(romeo)
    join(juliet, "j")
    romeo.send(f"<message type='groupchat' id='s' to='{ROOM}'><subject>S</subject></message>")
    juliet.send(
        *(f"<message type='groupchat' id='m{n}' to='{ROOM}'><body>{n}</body></message>" for n in (1, 2))
    )
    world.now += 60
    got = join(nurse, "n")
    assert [tell(each) for each in got] == [
        f"presence {ROOM}/owner",
        f"presence {ROOM}/j",
        f"presence {ROOM}/n",
        f"message groupchat {ROOM}/j",
        f"message groupchat {ROOM}/j",
        f"message groupchat {ROOM}/owner",
    ]
    assert [each.get("id") for each in got[3:]] == ["m1", "m2", "s"]
    assert all(each[-1].get("from") == ROOM for each in got[3:])
    assert item(got[2]) == {"affiliation": "none", "role": "participant"}
    assert codes(got[2]) == ["110"]
    assert item(romeo.take()[-1]) == {"affiliation": "none", "role": "participant", "jid": nurse.jid}
    assert "jid" not in item(juliet.take()[-1])


@pytest.mark.parametrize(
    ("wish", "expected"),
    [
        ("maxstanzas='1'", ["3"]),
        ("maxchars='0'", []),
        ("maxstanzas='9'", ["1", "2", "3"]),
        ("seconds='25'", ["2", "3"]),
        ("since='2023-11-14T22:13:50Z'", ["3"]),
        ("seconds='25' maxstanzas='0'", []),
        ("maxchars='300'", ["3"]),
    ],
)
def test_limits_on_history(world, three, wish, expected):
    romeo, juliet, _ = three
    opened(romeo)
    for number in (1, 2, 3):
        world.now += 10
        romeo.send(f"<message type='groupchat' to='{ROOM}'><body>{number}</body></message>")
    world.now += 10
    got = join(juliet, "j", f"<x xmlns='http://jabber.org/protocol/muc'><history {wish}/></x>")
    bodies = [each.findtext("{jabber:client}body") for each in got if each.tag.endswith("message")]
    assert [body for body in bodies if body] == expected


@pytest.mark.parametrize(
    ("changes", "content", "condition"),
    [
        ({"membersonly": 1}, JOIN, "registration-required"),
        ({"passwordprotectedroom": 1, "roomsecret": "s"}, JOIN, "not-authorized"),
        (
            {"passwordprotectedroom": 1, "roomsecret": "s"},
            "<x xmlns='http://jabber.org/protocol/muc'><password>t</password></x>",
            "not-authorized",
        ),
        ({"maxusers": 1}, JOIN, "service-unavailable"),
    ],
)
def test_who_is_refused(three, tell, changes, content, condition):
    romeo, juliet, _ = three
    opened(romeo, **changes)
    assert [tell(each) for each in join(juliet, "j", content)] == [f"presence error {ROOM}/j {condition}"]


def test_the_right_password_opens(three):
    romeo, juliet, _ = three
    opened(romeo, passwordprotectedroom=1, roomsecret="s")
    content = "<x xmlns='http://jabber.org/protocol/muc'><password>s</password></x>"
    assert len(join(juliet, "j", content)) == 3


def test_nicknames(three, tell):
    romeo, juliet, nurse = three
    opened(romeo)
    join(juliet, "j")
    assert [tell(each) for each in join(nurse, "j")] == [f"presence error {ROOM}/j conflict"]
    assert (
        tell(nurse.send(f"<presence to='{ROOM}'>{JOIN}</presence>")[0])
        == f"presence error {ROOM} jid-malformed"
    )
    romeo.take()
    got = juliet.send(f"<presence to='{ROOM}/k'/>")
    assert [tell(each) for each in got] == [f"presence unavailable {ROOM}/j", f"presence {ROOM}/k"]
    assert codes(got[0]) == ["110", "303"]
    assert item(got[0])["nick"] == "k"
    assert [codes(each) for each in romeo.take()] == [["303"], []]
    assert tell(juliet.send(f"<presence to='{ROOM}/owner'/>")[0]) == f"presence error {ROOM}/owner conflict"


def test_a_second_session_shares_the_nickname(world, three):
    romeo, juliet, _ = three
    opened(romeo)
    join(juliet, "j")
    phone = world.login("juliet", "phone", available=True)
    join(phone, "j")
    juliet.take()
    romeo.send(f"<message type='groupchat' to='{ROOM}'><body>x</body></message>")
    assert (len(juliet.take()), len(phone.take())) == (1, 1)
    romeo.take()
    assert codes(phone.send(f"<presence type='unavailable' to='{ROOM}/j'/>")[0]) == ["110"]
    assert romeo.take() == []


@pytest.mark.parametrize("how", ["leave", "break_off"])
def test_leaving(three, tell, how):
    romeo, juliet, _ = three
    opened(romeo)
    join(juliet, "j")
    romeo.take()
    if how == "leave":
        (own,) = juliet.send(f"<presence type='unavailable' to='{ROOM}/j'><status>bye</status></presence>")
        assert codes(own) == ["110"]
    else:
        juliet.break_off()
    (told,) = romeo.take()
    assert tell(told) == f"presence unavailable {ROOM}/j"
    assert item(told)["role"] == "none"


def test_forged_service_data_is_not_reflected(three):
    romeo, juliet, _ = three
    opened(romeo)
    forged = "<x xmlns='http://jabber.org/protocol/muc#user'><item affiliation='owner'/></x>"
    join(juliet, "j", JOIN + forged)
    (seen,) = romeo.take()
    assert len(seen.findall(f"{USER}x")) == 1
    assert item(seen)["affiliation"] == "none"


def test_groupchat_1_0(three, tell):
    romeo, juliet, _ = three
    assert [tell(each) for each in join(romeo, "owner", "")] == [
        f"presence {ROOM}/owner",
        f"message groupchat {ROOM}",
        f"message groupchat {ROOM}",
    ]
    join(juliet, "j", "")
    joined = romeo.take()
    assert [joined[0].find(f"{USER}x"), joined[1][0].text] == [None, "j has joined"]


def test_without_groupchat_1_0_there_is_a_kick(make_world):
    romeo = make_world(groupchat_1_0=False).login("romeo", available=True)
    (kick,) = join(romeo, "owner", "")
    assert codes(kick) == ["110", "307", "333"]
    assert kick.get("type") == "unavailable"


def test_only_untyped_presence_enters_and_only_unavailable_leaves(three):
    romeo, juliet, _ = three
    opened(romeo)
    for type in ("probe", "unavailable"):
        assert juliet.send(f"<presence type='{type}' to='{ROOM}/j'/>") == []
    assert romeo.take() == []
