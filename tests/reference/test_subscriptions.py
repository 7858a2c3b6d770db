import pytest

from harness.reference.subscription_states import INBOUND, OUTBOUND, SHOWN, State

GET = "<query xmlns='jabber:iq:roster'/>"


@pytest.fixture
def pair(world):
    romeo, juliet = world.login("romeo"), world.login("juliet")
    for client in (romeo, juliet):
        client.ask("get", GET)
        client.be_available()
        client.take()
    return romeo, juliet


def pushed(element):
    item = element[0][0]
    return " ".join(filter(None, (item.get("subscription"), item.get("ask"), item.get("approved"))))


def shown(tell, elements):
    return [pushed(each) if each.tag.endswith("iq") else tell(each) for each in elements]


def test_request_approval_and_their_traces(pair, tell):
    romeo, juliet = pair
    assert shown(tell, romeo.send(f"<presence type='subscribe' to='{juliet.bare}/any'/>")) == [
        "none subscribe"
    ]
    assert shown(tell, juliet.take()) == [f"presence subscribe {romeo.bare}"]
    assert shown(tell, juliet.send(f"<presence type='subscribed' to='{romeo.bare}'/>")) == ["from"]
    assert shown(tell, romeo.take()) == [
        f"presence subscribed {juliet.bare}",
        "to",
        f"presence {juliet.jid}",
    ]


def test_denial(pair, tell):
    romeo, juliet = pair
    romeo.send(f"<presence type='subscribe' to='{juliet.bare}'/>")
    juliet.take()
    assert juliet.send(f"<presence type='unsubscribed' to='{romeo.bare}'/>") == []
    assert shown(tell, romeo.take()) == [f"presence unsubscribed {juliet.bare}", "none"]


def test_cancelling_and_unsubscribing(world, pair, tell):
    romeo, juliet = pair
    world.befriend(romeo, juliet)
    assert shown(tell, juliet.send(f"<presence type='unsubscribed' to='{romeo.bare}'/>")) == ["to"]
    assert shown(tell, romeo.take()) == [
        f"presence unavailable {juliet.jid}",
        f"presence unsubscribed {juliet.bare}",
        "from",
    ]
    assert shown(tell, juliet.send(f"<presence type='unsubscribe' to='{romeo.bare}'/>")) == [
        "none",
        f"presence unavailable {romeo.jid}",
    ]
    assert shown(tell, romeo.take()) == [f"presence unsubscribe {juliet.bare}", "none"]


def test_a_request_waits_for_each_login_until_it_is_answered(world, tell):
    romeo = world.login("romeo", available=True)
    for _ in range(2):
        romeo.send("<presence type='subscribe' to='juliet@example.org'><status>hi</status></presence>")
    for resource in ("one", "two"):
        juliet = world.login("juliet", resource)
        requests = [each for each in juliet.be_available() if each.get("type") == "subscribe"]
        assert [each[0].text for each in requests] == ["hi"]
    juliet.send("<presence type='unsubscribed' to='romeo@example.org'/>")
    assert all(each.get("type") != "subscribe" for each in world.login("juliet", "three").be_available())


def test_pre_approval(pair, tell):
    romeo, juliet = pair
    assert shown(tell, juliet.send(f"<presence type='subscribed' to='{romeo.bare}'/>")) == ["none true"]
    assert romeo.take() == []
    assert shown(tell, romeo.send(f"<presence type='subscribe' to='{juliet.bare}'/>")) == [
        "none subscribe",
        f"presence subscribed {juliet.bare}",
        "to",
        f"presence {juliet.jid}",
    ]
    assert shown(tell, juliet.take()) == ["from true"]


def test_an_unexpected_approval_is_dropped(pair):
    romeo, juliet = pair
    juliet.send(
        f"<presence type='unsubscribed' to='{romeo.bare}'/>",
        f"<presence type='unsubscribe' to='{romeo.bare}'/>",
    )
    assert romeo.take() == []


def test_nobody_subscribes_to_himself(pair, tell):
    romeo, _ = pair
    assert shown(tell, romeo.send(f"<presence type='subscribe' to='{romeo.bare}'/>")) == [
        f"presence error {romeo.bare} bad-request"
    ]


@pytest.mark.parametrize("table", [OUTBOUND, INBOUND])
def test_the_tables_are_whole(table):
    assert set(table) == {"subscribe", "subscribed", "unsubscribe", "unsubscribed"}
    for steps in table.values():
        assert set(steps) == set(State)
        assert all(step.state is not state for state, step in steps.items())


def test_each_state_shows_differently():
    assert len(set(SHOWN.values())) == len(State)
