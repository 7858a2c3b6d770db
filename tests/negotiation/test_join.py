"""Client and server joined in memory: every mechanism, every way of TLS, the legacy login, refusals."""

import itertools

import pytest

from harness.negotiation.client import (
    ClientState,
    Credentials,
    LoggedIn,
    Refusal,
    SaltedPasswords,
    Stage,
    TlsPolicy,
    connect,
)
from harness.negotiation.mechanisms import MECHANISMS
from harness.negotiation.policy import BindRefused, Bound, Ended, ServerPolicy, TlsOffer
from harness.negotiation.server import negotiate
from harness.wire.effects import Send
from harness.wire.events import TlsStarted
from tests.negotiation.joint import MEMORY_TLS, Side, join

SALTED = SaltedPasswords()  # a memo: the keys of one password are the same in every test
EVERYTHING = tuple(name for name in MECHANISMS if name != "EXTERNAL")


class Accounts:
    def __init__(self, passwords=None, troubles=None):
        self.passwords = passwords or {"romeo": "o'er <night> & day", "juliet": "pass"}
        self.troubles = troubles or {}

    def password(self, username):
        return self.passwords.get(username.lower())

    def localpart(self, username):
        return username.lower()

    def trouble(self, username):
        return self.troubles.get(username)


def bind_any(username, requested):
    return requested or "made-by-server"


def counter(prefix):
    numbers = itertools.count(1)
    return lambda: f"{prefix}{next(numbers)}"


def play(
    policy=None,
    tls=TlsPolicy.IF_OFFERED,
    *,
    accounts=None,
    bind_resource=bind_any,
    username="romeo",
    password="o'er <night> & day",
    client_tls=MEMORY_TLS,
    server_tls=MEMORY_TLS,
    **credentials,
):
    """Run both sides; return both with their results."""
    state = ClientState(domain="example.org")
    given = Credentials(username=username, domain="example.org", password=password, **credentials)
    client = Side(protocol=connect(state, given, tls, nonce=counter("c"), salted=SALTED), tls=client_tls)
    server = Side(
        protocol=negotiate(
            policy or policy_with(),
            accounts or Accounts(),
            counter("s"),
            bind_resource=bind_resource,
            tls=server_tls if tls is TlsPolicy.DIRECT else None,
            salted=SALTED,
        ),
        tls=server_tls,
    )
    join(client, server)
    return client, server


def policy_with(**more):
    defaults = {"clear_mechanisms": EVERYTHING, "tls_mechanisms": EVERYTHING}
    return ServerPolicy(domains=("example.org",), **defaults | more)


@pytest.mark.parametrize("mechanism", [name for name in EVERYTHING if not name.endswith("-PLUS")])
@pytest.mark.parametrize("tls", [TlsPolicy.NEVER, TlsPolicy.REQUIRED, TlsPolicy.DIRECT])
def test_login_by_each_mechanism(mechanism, tls):
    client, server = play(policy_with(tls=TlsOffer.OFFERED), tls, mechanisms=(mechanism,), resource="balcony")
    assert isinstance(client.result, LoggedIn), client.result
    assert isinstance(server.result, Bound)
    assert client.result.mechanism == server.result.how == mechanism
    assert client.result.jid == server.result.jid
    assert client.result.tls == (None if tls is TlsPolicy.NEVER else MEMORY_TLS)


@pytest.mark.parametrize("mechanism", [name for name in EVERYTHING if name.endswith("-PLUS")])
@pytest.mark.parametrize("type", ["tls-unique", "tls-server-end-point", "tls-exporter"])
def test_login_with_channel_binding(mechanism, type):
    tls = TlsStarted(version="x", cipher="x", bindings={type: b"data"})
    policy = policy_with(tls=TlsOffer.OFFERED)
    client, _ = play(policy, mechanisms=(mechanism,), client_tls=tls, server_tls=tls)
    assert isinstance(client.result, LoggedIn), client.result
    assert client.result.mechanism == mechanism


def test_login_fails_when_the_channel_has_somebody_in_the_middle():
    other = TlsStarted(version="x", cipher="x", bindings={"tls-unique": b"another channel"})
    client, _ = play(policy_with(tls=TlsOffer.OFFERED), server_tls=other)
    assert client.result.condition == "not-authorized"


def test_the_strongest_mechanism_is_chosen():
    client, _ = play(policy_with(tls=TlsOffer.OFFERED))
    assert client.result.mechanism == "SCRAM-SHA-512-PLUS"
    client, _ = play(policy_with(), TlsPolicy.NEVER)
    assert client.result.mechanism == "SCRAM-SHA-512"


def test_a_hidden_offer_of_binding_is_noticed():
    """The client says y, having seen no -PLUS mechanism, and the server knows that it offered one."""
    policy = policy_with(tls=TlsOffer.OFFERED)
    state = ClientState(domain="example.org")
    given = Credentials(username="romeo", domain="example.org", password="x", mechanisms=("SCRAM-SHA-1",))
    client = Side(protocol=connect(state, given, nonce=counter("c"), salted=SALTED))
    server = Side(protocol=negotiate(policy, Accounts(), counter("s"), bind_resource=bind_any, salted=SALTED))
    take = client.take
    client.take = lambda data: take(
        data.replace(b"<mechanism>SCRAM-SHA-1-PLUS</mechanism>", b"")
        .replace(b"<mechanism>SCRAM-SHA-256-PLUS</mechanism>", b"")
        .replace(b"<mechanism>SCRAM-SHA-512-PLUS</mechanism>", b"")
    )
    join(client, server)
    assert client.result.condition == "not-authorized"


def test_the_resource_is_made_by_the_server_when_none_is_asked_for():
    client, _ = play()
    assert client.result.jid == "romeo@example.org/made-by-server"


def test_resources_are_escaped():
    client, server = play(resource="a<b>&'c'")
    assert client.result.jid == server.result.jid == "romeo@example.org/a<b>&'c'"


def test_the_server_writes_the_username_as_it_must_be():
    client, _ = play(username="Romeo", mechanisms=("PLAIN",))
    assert client.result.jid == "romeo@example.org/made-by-server"


@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-1"])
@pytest.mark.parametrize(("username", "password"), [("romeo", "wrong"), ("nobody", "pass")])
def test_wrong_credentials(mechanism, username, password):
    client, server = play(username=username, password=password, mechanisms=(mechanism,))
    assert isinstance(client.result, Refusal)
    assert (client.result.stage, client.result.condition) == (Stage.SASL, "not-authorized")
    assert isinstance(server.result, Ended)


@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-1"])
@pytest.mark.parametrize(
    ("authzid", "condition"),
    [("romeo@example.org", None), ("juliet@example.org", "invalid-authzid"), ("@", "invalid-authzid")],
)
def test_authorization_identities(mechanism, authzid, condition):
    client, _ = play(mechanisms=(mechanism,), authzid=authzid)
    assert getattr(client.result, "condition", None) == condition


@pytest.mark.parametrize("trouble", ["account-disabled", "credentials-expired", "temporary-auth-failure"])
def test_accounts_in_trouble(trouble):
    client, _ = play(accounts=Accounts(troubles={"romeo": trouble}))
    assert client.result.condition == trouble


@pytest.mark.parametrize(
    ("offer", "tls", "stage", "condition"),
    [
        (TlsOffer.NONE, TlsPolicy.REQUIRED, Stage.TLS, "tls-not-offered"),
        (TlsOffer.REQUIRED, TlsPolicy.NEVER, Stage.SASL, "no-mechanism"),
    ],
)
def test_policies_that_do_not_fit(offer, tls, stage, condition):
    client, _ = play(policy_with(tls=offer), tls)
    assert (client.result.stage, client.result.condition) == (stage, condition)


def test_a_failed_handshake():
    client, server = play(policy_with(tls=TlsOffer.OFFERED), server_tls=None)
    assert (client.result.stage, client.result.condition) == (Stage.TLS, "tls-failed")
    assert server.result == Ended(reason="made to fail")
    assert not server.sent.endswith(b"</stream:stream>")


def test_nothing_but_starttls_is_offered_where_it_is_required():
    client, server = play(policy_with(tls=TlsOffer.REQUIRED))
    assert isinstance(client.result, LoggedIn)
    first = server.sent.split(b"</stream:features>")[0]
    assert b"<required/></starttls>" in first
    assert b"mechanism" not in first


@pytest.mark.parametrize("condition", ["conflict", "resource-constraint", "not-allowed", "bad-request"])
def test_refused_resources(condition):
    client, _ = play(bind_resource=lambda username, requested: BindRefused(condition=condition))
    assert (client.result.stage, client.result.condition) == (Stage.BIND, condition)


@pytest.mark.parametrize("password", ["o'er <night> & day", "wrong"])
def test_the_legacy_login(password):
    policy = policy_with(clear_mechanisms=(), legacy=True)
    client, server = play(policy, password=password, resource="balcony")
    if password == "wrong":
        assert (client.result.stage, client.result.condition) == (Stage.LEGACY, "not-authorized")
    else:
        assert client.result.jid == server.result.jid == "romeo@example.org/balcony"
        assert client.result.mechanism == server.result.how == "legacy digest"


def test_secrets_are_masked_wherever_they_are_sent():
    for mechanism in ("PLAIN", "SCRAM-SHA-1"):
        client, _ = play(mechanisms=(mechanism,))
        masked = [effect for effect in client.log if isinstance(effect, Send) and effect.masked is not None]
        assert len(masked) == 1
        assert b"[masked]" in masked[0].masked


def test_the_client_tells_who_it_is_only_over_tls():
    client, _ = play(policy_with(tls=TlsOffer.OFFERED))
    headers = [part for part in client.sent.split(b"<?xml") if b"<stream:stream" in part]
    assert [b"from=" in header for header in headers] == [False, True, True]


def test_round_trips_are_few():
    client, _ = play(mechanisms=("PLAIN",))
    assert sum(isinstance(effect, Send) for effect in client.log) == 4  # header, auth, header, bind
