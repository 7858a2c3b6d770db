"""Small questions and extensions, each with its common uses and refusals."""

import pytest

from harness.reference.settings import Feature

INFO = "<query xmlns='http://jabber.org/protocol/disco#info'{}/>"
ITEMS = "<query xmlns='http://jabber.org/protocol/disco#items'{}/>"
BARE = "romeo@example.org"


@pytest.fixture
def friends(world):
    romeo, juliet = world.login("romeo", available=True), world.login("juliet", available=True)
    world.befriend(romeo, juliet)
    return romeo, juliet


def names(answer):
    return [child.tag.rpartition("}")[2] for child in answer[0]]


# --- discovery and small questions ---------------------------------------------------------------


def test_the_server_describes_itself(world, tell):
    romeo = world.login("romeo")
    answer = romeo.ask("get", INFO.format(""), "example.org")
    assert dict(answer[0][0].attrib)["category"] == "server"
    features = [each.get("var") for each in answer[0] if each.get("var")]
    assert len(features) == len(set(features))
    assert {"http://jabber.org/protocol/disco#info", "urn:xmpp:ping", "vcard-temp", "urn:xmpp:mam:2"} <= set(
        features
    )
    assert (
        tell(romeo.ask("get", INFO.format(" node='x'"), "example.org"))
        == "iq error example.org item-not-found"
    )
    assert romeo.ask("get", ITEMS.format(""), "example.org")[0][0].get("jid") == "conference.example.org"


def test_an_account_shows_itself_to_friends_only(world, friends, tell):
    romeo, juliet = friends
    nurse = world.login("nurse")
    assert romeo.ask("get", INFO.format(""), juliet.bare)[0][0].get("category") == "account"
    assert [each.get("jid") for each in romeo.ask("get", ITEMS.format(""), juliet.bare)[0]] == [juliet.jid]
    assert tell(nurse.ask("get", INFO.format(""), juliet.bare)).endswith("service-unavailable")
    assert len(nurse.ask("get", ITEMS.format(""), juliet.bare)[0]) == 0


def test_version_and_time(world):
    romeo = world.login("romeo")
    assert names(romeo.ask("get", "<query xmlns='jabber:iq:version'/>", "example.org")) == ["name", "version"]
    time = romeo.ask("get", "<time xmlns='urn:xmpp:time'/>", "example.org")[0]
    assert [each.text for each in time] == ["+00:00", "2023-11-14T22:13:20.000Z"]
    old = romeo.ask("get", "<query xmlns='jabber:iq:time'/>", "example.org")[0]
    assert old[0].text == "20231114T22:13:20"


def test_last_activity(world, friends, tell):
    romeo, juliet = friends
    last = "<query xmlns='jabber:iq:last'/>"
    assert romeo.ask("get", last, juliet.bare)[0].get("seconds") == "0"
    juliet.send("<presence type='unavailable'><status>off</status></presence>")
    juliet.end()
    world.now += 30
    answer = romeo.ask("get", last, juliet.bare)[0]
    assert (answer.get("seconds"), answer.text) == ("30", "off")
    assert romeo.ask("get", last, "example.org")[0].get("seconds") == "30"
    assert tell(world.login("nurse").ask("get", last, romeo.bare)).endswith("forbidden")


def test_a_feature_that_is_off_is_not_there(make_world, tell):
    romeo = make_world(off=frozenset({Feature.PING})).login("romeo")
    assert tell(romeo.ask("get", "<ping xmlns='urn:xmpp:ping'/>", "example.org")).endswith(
        "service-unavailable"
    )
    assert not [
        f for f in romeo.ask("get", INFO.format(""), "example.org")[0] if f.get("var") == "urn:xmpp:ping"
    ]


# --- storage -------------------------------------------------------------------------------------


def test_vcards(world, tell):
    romeo, juliet = world.login("romeo"), world.login("juliet")
    get = "<vCard xmlns='vcard-temp'/>"
    assert tell(romeo.ask("get", get)).endswith("item-not-found")
    for name in ("one", "two"):
        romeo.ask("set", f"<vCard xmlns='vcard-temp'><FN>{name}</FN></vCard>")
    assert [each.text for each in romeo.ask("get", get)[0]] == ["two"]
    assert [each.text for each in juliet.ask("get", get, romeo.bare)[0]] == ["two"]
    for nobody in ("nurse@example.org", "nobody@example.org"):
        assert tell(juliet.ask("get", get, nobody)).endswith("service-unavailable")
    assert tell(juliet.ask("set", get, romeo.bare)).endswith("forbidden")


def test_private_data(world, tell):
    romeo = world.login("romeo")
    query = "<query xmlns='jabber:iq:private'>{}</query>"
    empty = "<notes xmlns='urn:example:notes'/>"
    assert len(romeo.ask("get", query.format(empty))[0][0]) == 0
    assert (
        romeo.ask("set", query.format("<notes xmlns='urn:example:notes'><a/></notes>")).get("type")
        == "result"
    )
    assert names(romeo.ask("get", query.format(empty))[0]) == ["a"]
    for type in ("get", "set"):
        assert tell(romeo.ask(type, query.format(""))).endswith("not-acceptable")
    assert tell(romeo.ask("get", query.format(empty), "juliet@example.org")).endswith("forbidden")


# --- registration --------------------------------------------------------------------------------


def test_registration_after_login(world, friends, tell):
    romeo, juliet = friends
    query = "<query xmlns='jabber:iq:register'>{}</query>"
    assert names(juliet.ask("get", query.format(""))) == ["registered", "username", "password"]
    assert tell(juliet.ask("set", query.format("<username>juliet</username>"))).endswith("bad-request")
    other = "<username>romeo</username><password>x</password>"
    assert tell(juliet.ask("set", query.format(other))).endswith("not-allowed")
    assert tell(juliet.ask("set", query.format("<remove/><username>juliet</username>"))).endswith(
        "bad-request"
    )
    juliet.ask("set", query.format("<remove/>"))
    assert juliet.is_closed
    assert [tell(each) for each in romeo.take()] == [
        f"presence unavailable {juliet.jid}",
        f"presence unsubscribe {juliet.bare}",
        f"presence unsubscribed {juliet.bare}",
    ] or romeo
    assert tell(romeo.ask("get", "<vCard xmlns='vcard-temp'/>", juliet.bare)).endswith("service-unavailable")


# --- carbons -------------------------------------------------------------------------------------


def test_carbons(world, tell):
    romeo, phone, deaf = (world.login("romeo", name, available=True) for name in ("home", "phone", "deaf"))
    juliet = world.login("juliet", available=True)
    for client in (romeo, phone, deaf):
        client.take()
    for client in (romeo, phone):
        client.ask("set", "<enable xmlns='urn:xmpp:carbons:2'/>")
    juliet.send(f"<message type='chat' to='{romeo.jid}'><body>x</body></message>")
    assert [tell(each) for each in romeo.take()] == [f"message chat {juliet.jid}"]
    (copy,) = phone.take()
    assert (tell(copy), copy.get("to")) == (f"message chat {romeo.bare}", phone.jid)
    assert copy[0].tag == "{urn:xmpp:carbons:2}received"
    assert tell(copy[0][0][0]) == f"message chat {juliet.jid}"
    romeo.send(f"<message type='chat' to='{juliet.jid}'><body>y</body></message>")
    (copy,) = phone.take()
    assert copy[0].tag == "{urn:xmpp:carbons:2}sent"
    private = "<private xmlns='urn:xmpp:carbons:2'/>"
    romeo.send(f"<message type='chat' to='{juliet.jid}'><body>z</body>{private}</message>")
    phone.ask("set", "<disable xmlns='urn:xmpp:carbons:2'/>")
    romeo.send(f"<message type='chat' to='{juliet.jid}'><body>z</body></message>")
    assert phone.take() == deaf.take() == romeo.take() == []


# --- blocking ------------------------------------------------------------------------------------


def test_blocking(world, friends, tell):
    romeo, juliet = friends
    get = "<blocklist xmlns='urn:xmpp:blocking'/>"
    change = "<{} xmlns='urn:xmpp:blocking'>{}</{}>"
    item = f"<item jid='{juliet.bare}'/>"
    assert len(romeo.ask("get", get)[0]) == 0
    assert tell(romeo.ask("set", change.format("block", "", "block"))).endswith("bad-request")
    assert romeo.ask("set", change.format("block", item, "block")).get("type") == "result"
    assert [tell(each) for each in romeo.take()] == ["iq set"]
    assert [tell(each) for each in juliet.take()] == [f"presence unavailable {romeo.jid}"]
    (error,) = juliet.send(f"<message to='{romeo.bare}'><body>x</body></message>")
    assert tell(error) == f"message error {romeo.bare} service-unavailable"
    assert juliet.be_available("<show>away</show>")[0].get("from") == juliet.jid
    assert romeo.take() == []
    (error,) = romeo.send(f"<message to='{juliet.bare}'><body>x</body></message>")
    assert tell(error) == f"message error {juliet.bare} not-acceptable"
    assert error[-1][-1].tag == "{urn:xmpp:blocking:errors}blocked"
    assert romeo.ask("set", change.format("unblock", "", "unblock")).get("type") == "result"
    assert [tell(each) for each in juliet.take()] == [f"presence {romeo.jid}"]
    assert len(romeo.ask("get", get)[0]) == 0


# --- stream management ---------------------------------------------------------------------------


def test_stream_management(world, tell):
    romeo, juliet = world.login("romeo", available=True), world.login("juliet", available=True)
    sm = "xmlns='urn:xmpp:sm:3'"
    assert [tell(each) for each in romeo.send(f"<resume {sm} h='0' previd='x'/>")] == [
        "failed unexpected-request"
    ]
    assert [tell(each) for each in romeo.send(f"<enable {sm}/>")] == ["enabled"]
    romeo.send(f"<message to='{juliet.bare}'><body>x</body></message>", "<presence/>")
    answer = romeo.send(f"<r {sm}/>")[-1]
    assert (answer.tag, answer.get("h")) == ("{urn:xmpp:sm:3}a", "2")
    juliet.send(f"<message id='lost' to='{romeo.jid}' type='chat'><body>y</body></message>")
    romeo.break_off()
    again = [each for each in world.login("romeo", "again").be_available() if each.get("id") == "lost"]
    assert len(again) == 1


def test_too_high_a_count_ends_the_stream(world):
    romeo = world.login("romeo")
    romeo.send("<enable xmlns='urn:xmpp:sm:3'/>", "<a xmlns='urn:xmpp:sm:3' h='7'/>")
    assert b"<undefined-condition" in romeo.raw
    assert b"<handled-count-too-high" in romeo.raw


# --- archive -------------------------------------------------------------------------------------


def query(fields="", page="", **attributes):
    x = ""
    if fields:
        shown = "".join(f"<field var='{n}'><value>{v}</value></field>" for n, v in fields.items())
        x = f"<x xmlns='jabber:x:data' type='submit'>{shown}</x>"
    rsm = f"<set xmlns='http://jabber.org/protocol/rsm'>{page}</set>" if page else ""
    extra = "".join(f" {name}='{value}'" for name, value in attributes.items())
    return f"<query xmlns='urn:xmpp:mam:2'{extra}>{x}{rsm}</query>"


def bodies(client):
    return ["".join(each.itertext("{jabber:client}body")) for each in client.take()]


def test_the_archive(world, tell):
    romeo, juliet = world.login("romeo", available=True), world.login("juliet", available=True)
    forged = f"<stanza-id xmlns='urn:xmpp:sid:0' by='{juliet.bare}' id='forged'/>"
    ids = []
    for number in range(4):
        world.now += 10
        romeo.send(f"<message type='chat' to='{juliet.bare}'><body>{number}</body>{forged}</message>")
        (seen,) = juliet.take()
        (mark,) = seen.findall("{urn:xmpp:sid:0}stanza-id")
        ids.append(mark.get("id"))
    assert "forged" not in ids
    fin = juliet.ask("set", query(page="<max>2</max>", queryid="q"))[0]
    assert fin.get("complete") is None
    assert [each.text for each in fin[0]] == [ids[0], ids[1], "4"]
    first = juliet.inbox[0]
    assert (first[0].get("queryid"), first[0].get("id")) == ("q", ids[0])
    assert [each.tag.rpartition("}")[2] for each in first[0][0]] == ["delay", "message"]
    assert bodies(juliet) == ["0", "1"]
    for asked, expected, complete in (
        (query(page=f"<max>2</max><after>{ids[1]}</after>"), ["2", "3"], "true"),
        (query(page="<max>1</max><before/>"), ["3"], None),
        (query(page=f"<max>5</max><before>{ids[2]}</before>"), ["0", "1"], "true"),
        (query({"with": "romeo@example.org"}), ["0", "1", "2", "3"], "true"),
        (query({"with": "nurse@example.org"}), [], "true"),
        (query({"start": "2023-11-14T22:13:45Z"}), ["2", "3"], "true"),
        (query({"after-id": ids[2]}), ["3"], "true"),
    ):
        assert juliet.ask("set", asked)[0].get("complete") == complete
        assert bodies(juliet) == expected
    assert tell(juliet.ask("set", query({"color": "red"}))).endswith("feature-not-implemented")
    assert tell(juliet.ask("set", query(page="<after>gone</after>"))).endswith("item-not-found")
    assert tell(juliet.ask("set", query(), romeo.bare)).endswith("forbidden")
    romeo.ask("set", query())
    assert bodies(romeo) == ["0", "1", "2", "3"]
    assert names(juliet.ask("get", "<metadata xmlns='urn:xmpp:mam:2'/>")) == ["start", "end"]


# --- commands ------------------------------------------------------------------------------------


def test_an_administrator_adds_and_deletes_accounts(world, tell):
    admin, romeo = world.login("admin"), world.login("romeo")
    node = "http://jabber.org/protocol/admin#{}"
    command = "<command xmlns='http://jabber.org/protocol/commands' node='{}'{}>{}</command>"
    form = "<x xmlns='jabber:x:data' type='submit'>{}</x>"
    add, delete = node.format("add-user"), node.format("delete-user")
    assert tell(romeo.ask("set", command.format(add, "", ""), "example.org")).endswith("forbidden")
    shown = admin.ask("set", command.format(add, " action='execute'", ""), "example.org")[0]
    assert shown.get("status") == "executing"
    session = f" sessionid='{shown.get('sessionid')}'"
    fields = (
        "<field var='accountjid'><value>new@example.org</value></field>"
        "<field var='password'><value>p</value></field>"
        "<field var='password-verify'><value>p</value></field>"
    )
    done = admin.ask("set", command.format(add, session, form.format(fields)), "example.org")[0]
    assert done.get("status") == "completed"
    new = world.login("new")
    gone = "<field var='accountjids'><value>new@example.org</value></field>"
    admin.ask("set", command.format(delete, "", form.format(gone)), "example.org")
    assert new.is_closed
    assert tell(admin.ask("set", command.format(delete, "", form.format(gone)), "example.org")).endswith(
        "bad-request"
    )
    commands = ITEMS.format(" node='http://jabber.org/protocol/commands'")
    assert len(admin.ask("get", commands, "example.org")[0]) == 2
    assert len(romeo.ask("get", commands, "example.org")[0]) == 0


# --- what came before ----------------------------------------------------------------------------


def test_the_old_conference_protocol(world, tell):
    romeo, juliet = world.login("romeo", available=True), world.login("juliet", available=True)
    room = "old@conference.example.org"
    browse, claim = "<query xmlns='jabber:iq:browse'/>", "<query xmlns='jabber:iq:conference'>{}</query>"
    assert tell(romeo.ask("get", browse, room)).endswith("item-not-found")
    for client, nicks in ((romeo, ("r",)), (juliet, ("r", "j"))):
        assert client.send(f"<presence to='{room}'/>") == []
        answer = client.ask("set", claim.format("".join(f"<nick>{nick}</nick>" for nick in nicks)), room)
        assert answer[0][0].text == nicks[-1]
    assert tell(juliet.ask("set", claim.format("<nick>r</nick>"), room)).endswith("conflict")
    shown = juliet.ask("get", browse, room)[0]
    assert (shown.tag, [each.get("name") for each in shown]) == ("{jabber:iq:browse}conference", ["r", "j"])
    romeo.take()
    juliet.break_off()
    assert [tell(each) for each in romeo.take()] == [f"presence unavailable {room}/j"]


def test_browsing_and_agents(world):
    romeo = world.login("romeo")
    shown = romeo.ask("get", "<query xmlns='jabber:iq:browse'/>", "example.org")[0]
    assert (shown.tag, shown[0].get("jid")) == ("{jabber:iq:browse}service", "conference.example.org")
    agents = romeo.ask("get", "<query xmlns='jabber:iq:agents'/>", "example.org")[0]
    assert agents[0].get("jid") == "conference.example.org"
