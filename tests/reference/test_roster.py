import pytest
from lxml import etree

QUERY = "{jabber:iq:roster}query"


def roster_set(item):
    return f"<query xmlns='jabber:iq:roster'>{item}</query>"


GET = "<query xmlns='jabber:iq:roster'/>"


def items(answer):
    return [dict(item.attrib) | {"groups": [g.text for g in item]} for item in answer[0]]


def test_a_set_is_answered_and_pushed_to_interested_resources_only(world, tell):
    romeo, phone, deaf = (world.login("romeo", name) for name in ("home", "phone", "deaf"))
    assert items(romeo.ask("get", GET)) == []
    phone.ask("get", GET)
    answer = romeo.ask(
        "set", roster_set("<item jid='juliet@example.org' name='J'><group>a</group><group>b</group></item>")
    )
    assert answer.get("type") == "result"
    assert len(answer) == 0
    expected = {"jid": "juliet@example.org", "name": "J", "subscription": "none", "groups": ["a", "b"]}
    for client in (romeo, phone):
        (push,) = client.take()
        assert tell(push) == "iq set"
        assert items(push) == [expected]
        assert push[0].get("ver") == "v1"
    assert deaf.take() == []
    assert items(romeo.ask("get", GET)) == [expected]


def test_an_update_replaces_name_and_groups(world):
    romeo = world.login("romeo")
    romeo.ask(
        "set", roster_set("<item jid='j@example.org' name='J' subscription='both'><group>a</group></item>")
    )
    romeo.ask("set", roster_set("<item jid='j@example.org'><group>b</group></item>"))
    assert items(romeo.ask("get", GET)) == [{"jid": "j@example.org", "subscription": "none", "groups": ["b"]}]


@pytest.mark.parametrize(
    ("content", "condition"),
    [
        ("", "bad-request"),
        ("<item jid='a@b'/><item jid='b@b'/>", "bad-request"),
        ("<item/>", "bad-request"),
        ("<item jid='@'/>", "jid-malformed"),
        ("<item jid='a@b'><group>x</group><group>x</group></item>", "bad-request"),
        ("<item jid='a@b'><group/></item>", "not-acceptable"),
        (f"<item jid='a@b' name='{'x' * 1024}'/>", "not-acceptable"),
        ("<item jid='a@b' subscription='remove'/>", "item-not-found"),
    ],
)
def test_what_is_wrong_with_a_set(world, tell, content, condition):
    romeo = world.login("romeo")
    assert tell(romeo.ask("set", roster_set(content))) == f"iq error {condition}"


def test_another_roster_is_closed(world, tell):
    romeo = world.login("romeo")
    for type in ("get", "set"):
        answer = romeo.ask(
            type, roster_set("<item jid='a@b'/>" if type == "set" else ""), "juliet@example.org"
        )
        assert tell(answer) == "iq error juliet@example.org forbidden"


def test_a_known_version_gets_the_changes_as_pushes(world):
    romeo = world.login("romeo")
    for name in ("a", "b", "a"):
        romeo.ask("set", roster_set(f"<item jid='{name}@example.org'/>"))
    romeo.ask("set", roster_set("<item jid='b@example.org' subscription='remove'/>"))
    again = world.login("romeo", "again")
    answer = again.ask("get", "<query xmlns='jabber:iq:roster' ver='v2'/>")
    assert len(answer) == 0
    assert [items(push)[0]["subscription"] for push in again.take()] == ["none", "remove"]
    assert len(again.ask("get", "<query xmlns='jabber:iq:roster' ver='unknown'/>")[0]) == 1


def test_removal_ends_the_subscription_on_both_sides(world, tell):
    romeo, juliet = world.login("romeo", available=True), world.login("juliet", available=True)
    for client in (romeo, juliet):
        client.ask("get", GET)
    world.befriend(romeo, juliet)
    romeo.ask("set", roster_set(f"<item jid='{juliet.bare}' subscription='remove'/>"))
    told = [tell(each) for each in juliet.take()]
    assert told == [
        f"presence unavailable {romeo.jid}",
        f"presence unsubscribe {romeo.bare}",
        "iq set",
        f"presence unsubscribed {romeo.bare}",
        "iq set",
    ]
    assert items(juliet.ask("get", GET)) == [{"jid": romeo.bare, "subscription": "none", "groups": []}]
    assert items(romeo.ask("get", GET)) == []
    assert [tell(each) for each in romeo.take()] == [f"presence unavailable {juliet.jid}", "iq set"], etree
