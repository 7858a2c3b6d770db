import pytest


def test_from_is_stamped_with_the_full_jid(world, tell):
    romeo, juliet = world.login("romeo"), world.login("juliet", available=True)
    romeo.send(f"<message to='{juliet.bare}' from='{romeo.bare}'><body>x</body></message>")
    assert [tell(each) for each in juliet.take()] == ["message romeo@example.org/home"]


@pytest.mark.parametrize(
    "forged", ["juliet@example.org", "romeo@example.org/other", "romeo@example.organ", "example.org", ""]
)
def test_a_forged_from_ends_the_stream(world, forged):
    romeo, juliet = world.login("romeo"), world.login("juliet", available=True)
    romeo.send(f"<message to='{juliet.bare}' from='{forged}'><body>x</body></message>")
    assert b"<invalid-from xmlns=" in romeo.raw
    assert romeo.raw.endswith(b"</stream:stream>")
    assert romeo.is_closed
    assert juliet.take() == []


def test_an_unknown_stanza_ends_the_stream(world):
    romeo = world.login("romeo")
    romeo.send("<note/>")
    assert b"<unsupported-stanza-type" in romeo.raw


def test_a_malformed_address_is_refused(world, tell):
    romeo = world.login("romeo")
    assert (
        tell(romeo.send("<message to='a@@b' id='x'><body>x</body></message>")[0])
        == "message error jid-malformed"
    )


def test_an_unknown_domain_is_told(world, tell):
    romeo = world.login("romeo")
    got = romeo.send("<message to='a@nowhere.example'><body>x</body></message>")
    assert [tell(each) for each in got] == ["message error a@nowhere.example remote-server-not-found"]


def test_errors_are_never_answered(world):
    romeo = world.login("romeo")
    assert (
        romeo.send("<message type='error' to='a@nowhere.example'/>", "<presence type='error' to='x@y'/>")
        == []
    )


def test_addresses_are_compared_prepared(world):
    romeo, juliet = world.login("romeo"), world.login("juliet", available=True)
    romeo.send("<message to='JULIET@Example.ORG'><body>x</body></message>")
    assert len(juliet.take()) == 1
