"""The reference client with the reference server: everything goes well, or fails for a good reason."""

import pytest

from harness.errors import UsageError
from harness.reference.settings import Settings as ServerSettings
from harness.reference_client.client import ReferenceClient
from harness.reference_client.settings import Settings, TlsUse
from harness.xmpp.jid import Jid
from tests.reference_client.conversation import Pair


def pair(tls=TlsUse.REQUIRED, jid="romeo@localhost/orchard", password="secret", **server):
    given = {"tls_offered": True, "accounts": {"romeo": "secret", "juliet": "secret"}} | server
    return Pair(Settings(jid=jid, password=password, tls=tls), ServerSettings(**given))


@pytest.mark.parametrize("tls", TlsUse)
def test_a_login_ends_bound(tls):
    both = pair(tls)
    both.command("connect")
    assert both.report("connected").values == {"jid": "romeo@localhost/orchard"}
    both.command("quit")
    assert "disconnected" in both.events
    assert both.client.is_over


def test_a_jid_may_come_parsed_and_without_resource():
    both = pair(jid=Jid.parse("romeo@localhost"))
    both.command("connect")
    assert both.report("connected").values["jid"].startswith("romeo@localhost/")


def test_the_strongest_mechanism_is_taken():
    both = pair()
    both.command("connect")
    assert any(b"mechanism='SCRAM-SHA-256-PLUS'" in data for data in both.sent)


def test_a_wrong_password_is_told():
    both = pair(password="wrong")
    both.command("connect")
    assert both.report("error").values["condition"] == "not-authorized"
    assert "disconnected" in both.events


def test_a_server_without_tls_gets_no_password():
    both = pair(tls_offered=False)
    both.command("connect")
    assert both.report("error").values["condition"] == "tls-not-offered"
    assert b"secret" not in b"".join(both.sent)
    assert b"<auth" not in b"".join(both.sent)


@pytest.mark.parametrize(
    ("fault", "condition"),
    [
        ("scram-wrong-server-signature", "server-at-fault"),
        ("scram-without-server-signature", "server-at-fault"),
        ("scram-nonce-not-extended", "server-at-fault"),
    ],
)
def test_a_server_that_cannot_prove_itself_is_left(fault, condition):
    both = pair(faults=frozenset({fault}))
    both.command("connect")
    assert both.report("error").values["condition"] == condition
    assert "connected" not in both.events


def test_an_account_is_registered_and_used():
    both = pair(jid="mercutio@localhost/x", registration_key="7")
    both.command("register")
    assert "registered" in both.events
    both.command("connect")
    assert "connected" in both.events
    both.command("change-password", "other")
    both.command("unregister")
    assert {"password-changed", "unregistered"} <= set(both.events)


def test_an_account_that_is_taken_is_a_conflict():
    both = pair(jid="juliet@localhost/x", password="mine")
    both.command("register")
    assert both.report("error").values["condition"] == "conflict"


def test_contacts_come_and_go():
    both = pair()
    both.command("connect")
    both.command("get-roster")
    assert both.report("roster").values == {"items": []}
    both.command("add-contact", "juliet@localhost", "J", "Friends")
    assert both.report("contact").values["name"] == "J"
    both.command("get-roster")
    both.command("remove-contact", "juliet@localhost")
    assert both.report("contact").values["subscription"] == "remove"


def test_rooms_are_entered_renamed_and_left():
    both = pair()
    room = "hall@conference.localhost"
    both.command("connect")
    both.command("join-room", room, "Romeo")
    assert both.report("joined").values == {"room": room, "nick": "Romeo"}
    both.command("change-nickname", room, "Montague")
    assert both.report("joined").values["nick"] == "Montague"
    both.command("send-message", room, "groupchat", "hello")
    assert both.report("message").values["body"] == "hello"
    both.command("leave-room", room, "Montague")
    assert both.report("left").values == {"room": room}


def test_questions_are_answered():
    both = pair()
    both.command("connect")
    for command in ("ping", "query-disco", "query-version"):
        both.command(command, "localhost")
    assert {"pong", "disco", "version"} <= set(both.events)
    both.command("ping", "nowhere.example")
    assert both.report("error").values["command"] == "ping"


def test_an_unknown_fault_and_a_bad_jid_are_refused():
    for settings in (
        Settings(jid="romeo@localhost", password="", tls=TlsUse.REQUIRED, faults=frozenset({"none"})),
        Settings(jid="@localhost", password="", tls=TlsUse.REQUIRED),
    ):
        with pytest.raises(UsageError):
            ReferenceClient(settings, fresh=str)
