import pytest

ABSENT, NEGATIVE, ONE = "absent", "negative", "one"


@pytest.mark.parametrize(
    ("presence", "to", "type", "expected"),
    [
        (ABSENT, "", "normal", "stored"),
        (ABSENT, "", "chat", "stored"),
        (ABSENT, "", "groupchat", "error"),
        (ABSENT, "", "headline", "dropped"),
        (ABSENT, "", "error", "dropped"),
        (ABSENT, "/gone", "chat", "stored"),
        (ABSENT, "/gone", "normal", "error"),
        (NEGATIVE, "", "chat", "stored"),
        (NEGATIVE, "", "headline", "dropped"),
        (NEGATIVE, "/home", "headline", "delivered"),
        (NEGATIVE, "/home", "groupchat", "delivered"),
        (NEGATIVE, "/gone", "chat", "stored"),
        (ONE, "", "normal", "delivered"),
        (ONE, "", "unheard-of", "delivered"),
        (ONE, "", "groupchat", "error"),
        (ONE, "", "headline", "delivered"),
        (ONE, "", "error", "dropped"),
        (ONE, "/home", "error", "delivered"),
        (ONE, "/gone", "chat", "delivered"),
        (ONE, "/gone", "normal", "error"),
        (ONE, "/gone", "groupchat", "error"),
        (ONE, "/gone", "error", "dropped"),
    ],
)
def test_table_one(world, presence, to, type, expected):
    romeo = world.login("romeo")
    juliet = None if presence == ABSENT else world.login("juliet")
    if juliet is not None:
        juliet.be_available("<priority>-1</priority>" if presence == NEGATIVE else "")
        juliet.take()
    answer = romeo.send(f"<message to='juliet@example.org{to}' type='{type}'><body>x</body></message>")
    delivered = [] if juliet is None else juliet.take()
    later = [each for each in world.login("juliet", "later").be_available() if each.tag.endswith("message")]
    assert (len(delivered), len(later), len(answer)) == {
        "delivered": (1, 0, 0),
        "stored": (0, 1, 0),
        "error": (0, 0, 1),
        "dropped": (0, 0, 0),
    }[expected]


@pytest.mark.parametrize(
    ("type", "count"), [("normal", 1), ("chat", 1), ("groupchat", 1), ("headline", 0), ("error", 0)]
)
def test_an_unknown_account(world, type, count):
    romeo = world.login("romeo")
    assert (
        len(romeo.send(f"<message to='nobody@example.org' type='{type}'><body>x</body></message>")) == count
    )


def test_the_most_available_gets_the_message_and_all_get_a_headline(world):
    romeo, high, low = world.login("romeo"), world.login("juliet", "high"), world.login("juliet", "low")
    high.be_available("<priority>5</priority>")
    low.be_available("<priority>1</priority>")
    high.take()
    low.take()
    romeo.send("<message to='juliet@example.org' type='chat'><body>x</body></message>")
    assert (len(high.take()), len(low.take())) == (1, 0)
    romeo.send("<message to='juliet@example.org' type='headline'><body>x</body></message>")
    assert (len(high.take()), len(low.take())) == (1, 1)


def test_a_message_without_to_is_for_oneself(world):
    romeo = world.login("romeo", available=True)
    assert [each.get("to") for each in romeo.send("<message><body>x</body></message>")] == [romeo.bare]


def test_stored_messages_have_a_delay_and_come_once(world):
    romeo = world.login("romeo")
    romeo.send(*(f"<message to='juliet@example.org'><body>{n}</body></message>" for n in (1, 2)))
    world.now += 100
    juliet = world.login("juliet")
    got = [each for each in juliet.be_available() if each.tag.endswith("message")]
    assert [each[0].text for each in got] == ["1", "2"]
    stamp = got[0].find("{urn:xmpp:delay}delay")
    assert (stamp.get("from"), stamp.get("stamp")) == ("example.org", "2023-11-14T22:13:20.000Z")
    assert world.login("juliet", "again").be_available()[0].tag.endswith("presence")


def test_lone_chat_states_are_not_stored(world):
    romeo = world.login("romeo")
    romeo.send(
        "<message to='juliet@example.org' type='chat'>"
        "<active xmlns='http://jabber.org/protocol/chatstates'/></message>"
    )
    assert len(world.login("juliet").be_available()) == 1
