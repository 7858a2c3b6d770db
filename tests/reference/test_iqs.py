def conditions(element):
    return [child.tag.rpartition("}")[2] for child in element[-1]]


def test_ping_is_answered_with_and_without_to(world):
    romeo = world.login("romeo")
    ping = "<ping xmlns='urn:xmpp:ping'/>"
    for to in (None, "example.org", romeo.bare):
        answer = romeo.ask("get", ping, to)
        assert answer.get("type") == "result"
        assert answer.get("from") == to
        assert answer.get("to") == romeo.jid


def test_an_unknown_payload_is_service_unavailable_everywhere(world):
    romeo = world.login("romeo")
    for to in (None, "example.org", "juliet@example.org", "nobody@example.org", "juliet@example.org/x"):
        answer = romeo.ask("get", "<query xmlns='urn:example:unknown'/>", to)
        assert conditions(answer) == ["service-unavailable"]
        assert answer[-1].get("code") == "503"


def test_a_bad_iq_is_a_bad_request(world, tell):
    romeo = world.login("romeo")
    ping = "<ping xmlns='urn:xmpp:ping'/>"
    assert tell(romeo.send(f"<iq type='get'>{ping}</iq>")[0]) == "iq error bad-request"
    assert tell(romeo.send(f"<iq type='gut' id='a'>{ping}</iq>")[0]) == "iq error bad-request"
    assert tell(romeo.send("<iq type='get' id='a'/>")[0]) == "iq error bad-request"
    assert tell(romeo.send(f"<iq type='get' id='a'>{ping}{ping}</iq>")[0]) == "iq error bad-request"


def test_results_and_errors_are_not_answered(world):
    romeo = world.login("romeo")
    assert romeo.send("<iq type='result' id='a'/>", "<iq type='error' id='b' to='example.org'/>") == []


def test_a_request_to_a_full_jid_needs_shared_presence(world, tell):
    romeo, juliet = world.login("romeo", available=True), world.login("juliet", available=True)
    ping = f"<iq type='get' id='p' to='{juliet.jid}'><ping xmlns='urn:xmpp:ping'/></iq>"
    assert tell(romeo.send(ping)[0]) == f"iq error {juliet.jid} service-unavailable"
    world.befriend(romeo, juliet)
    assert romeo.send(ping) == []
    assert [tell(each) for each in juliet.take()] == [f"iq get {romeo.jid}"]
    juliet.send(f"<iq type='result' id='p' to='{romeo.jid}'/>")
    assert [tell(each) for each in romeo.take()] == [f"iq result {juliet.jid}"]
