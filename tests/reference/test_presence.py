import pytest


def shown(tell, elements):
    return [tell(each) for each in elements]


@pytest.fixture
def friends(world):
    romeo, juliet = world.login("romeo", available=True), world.login("juliet", available=True)
    world.befriend(romeo, juliet)
    return romeo, juliet


def test_initial_presence_goes_to_self_and_contacts_and_learns_of_them(world, friends, tell):
    romeo, juliet = friends
    phone = world.login("romeo", "phone")
    got = phone.be_available("<show>away</show>")
    assert shown(tell, got) == [f"presence {phone.jid}", f"presence {romeo.jid}", f"presence {juliet.jid}"]
    assert shown(tell, romeo.take()) == [f"presence {phone.jid}"]
    (arrived,) = juliet.take()
    assert (arrived.get("to"), arrived[0].text) == (juliet.bare, "away")


def test_an_absent_contact_shows_as_unavailable_with_its_last_moment(world, friends, tell):
    _, juliet = friends
    juliet.send("<presence type='unavailable'><status>bye</status></presence>")
    juliet.end()
    got = world.login("romeo", "phone").be_available()
    assert tell(got[-1]) == f"presence unavailable {juliet.bare}"
    assert got[-1][0].tag == "{urn:xmpp:delay}delay"


@pytest.mark.parametrize("ending", ["end", "break_off", "unavailable"])
def test_the_end_is_told_to_contacts_however_it_comes(friends, tell, ending):
    romeo, juliet = friends
    if ending == "unavailable":
        got = juliet.send("<presence type='unavailable'><status>bye</status></presence>")
        assert shown(tell, got) == [f"presence unavailable {juliet.jid}"]
    else:
        getattr(juliet, ending)()
    told = romeo.take()
    assert shown(tell, told) == [f"presence unavailable {juliet.jid}"]
    assert len(told[0]) == (ending == "unavailable")


def test_directed_presence_to_a_stranger_is_taken_back_at_the_end(world, tell):
    romeo, nurse = world.login("romeo", available=True), world.login("nurse", available=True)
    romeo.send(f"<presence to='{nurse.bare}'><status>hi</status></presence>")
    assert shown(tell, nurse.take()) == [f"presence {romeo.jid}"]
    romeo.be_available("<show>dnd</show>")
    assert nurse.take() == []
    romeo.break_off()
    assert shown(tell, nurse.take()) == [f"presence unavailable {romeo.jid}"]


def test_a_subscriber_gets_one_unavailable_after_directed_presence(friends, tell):
    romeo, juliet = friends
    romeo.send(f"<presence to='{juliet.bare}'/>")
    romeo.end()
    assert shown(tell, juliet.take()) == [f"presence {romeo.jid}", f"presence unavailable {romeo.jid}"]


def test_probes(world, friends, tell):
    romeo, juliet = friends
    nurse = world.login("nurse")
    probe = f"<presence type='probe' id='p' to='{juliet.bare}'/>"
    assert shown(tell, romeo.send(probe)) == [f"presence {juliet.jid}"]
    (refusal,) = nurse.send(probe)
    assert (tell(refusal), refusal.get("id")) == (f"presence unsubscribed {juliet.bare}", "p")
    juliet.send(f"<presence to='{nurse.jid}'><show>chat</show></presence>")
    nurse.take()
    (shown_to_nurse,) = nurse.send(probe)
    assert (tell(shown_to_nurse), len(shown_to_nurse)) == (f"presence {juliet.jid}", 0)


@pytest.mark.parametrize(
    "content", ["<presence type='invisible'/>", "<presence><priority>128</priority></presence>"]
)
def test_bad_presence(world, tell, content):
    romeo = world.login("romeo")
    assert shown(tell, romeo.send(content)) == ["presence error bad-request"]


def test_presence_to_an_unmatched_or_absent_resource_is_dropped(world):
    romeo = world.login("romeo", available=True)
    world.login("juliet", available=True)
    for to in ("juliet@example.org/gone", "nurse@example.org", "nobody@example.org"):
        assert romeo.send(f"<presence to='{to}'/>") == []
