"""Each fault shows in the conversation that is named beside it, and is absent without it."""

import base64
import re

import pytest

from harness.errors import UsageError
from harness.faults.tables import NEGOTIATION_FAULTS
from harness.negotiation.policy import BindRefused, ServerPolicy
from harness.negotiation.scram import Binding, SaltedPasswords, ScramClient
from harness.play.sasl_messages import SaslExchange
from harness.wire.effects import Receive
from tests.negotiation.joint import MEMORY_TLS
from tests.negotiation.script import (
    HANG_UP,
    HEADER,
    NAMED_HEADER,
    SALTED,
    STARTTLS,
    TLS,
    auth,
    bind,
    converse,
    plain,
    policy_with,
    response,
)
from tests.negotiation.shown import IN, MESSAGE, OFFERED, ROOT, SCRAM_SAYS, SCRAM_SHOWN, SHOWN

#: Faults that take more than fixed bytes to show; each has a test of its own below.
SHOWN_BELOW = {
    "connection-kept-after-failed-tls",
    "proceed-without-handshake",
    "resource-told-as-asked",
    "restart-drops-connection",
    "stream-not-closed-after-error",
    "channel-binding-unchecked",
    "plus-not-offered",
    "sasl-identity-not-correlated",
    "scram-wrong-server-signature",
    "scram-without-server-signature",
    "scram-low-iterations",
    "scram-nonce-not-extended",
    "scram-failure-as-signature",
    *SCRAM_SHOWN,
    *SCRAM_SAYS,
}


def refuse(username, wanted):
    return BindRefused(condition="conflict") if wanted == "taken" else wanted or "made"


def talk(steps, faults=(), **more):
    return converse(*steps, policy=policy_with(**more, faults=frozenset(faults)), bind_resource=refuse)


@pytest.mark.parametrize("fault", sorted(SHOWN))
def test_fault_shows(fault):
    steps, policy, broken, whole = SHOWN[fault]
    wrong, right = talk(steps, [fault], **policy).sent, talk(steps, **policy).sent
    assert re.search(broken, wrong, re.DOTALL), wrong
    assert re.search(whole, right, re.DOTALL), right
    assert not re.search(broken, right, re.DOTALL), right


def test_connection_stays_open_after_an_error_until_the_client_leaves():
    steps = (HEADER, MESSAGE, b" ", HANG_UP)
    right, wrong = talk(steps), talk(steps, ["stream-not-closed-after-error"])
    assert right.sent == wrong.sent
    assert wrong.log.count(Receive()) > right.log.count(Receive())


def test_connection_stays_open_after_a_failed_handshake_until_the_client_leaves():
    steps = (HEADER, STARTTLS, MESSAGE, b" ", HANG_UP)
    right, wrong = talk(steps, **OFFERED), talk(steps, ["connection-kept-after-failed-tls"], **OFFERED)
    assert right.sent == wrong.sent
    assert wrong.log.count(Receive()) > right.log.count(Receive())


@pytest.mark.parametrize(
    ("fault", "steps"),
    [
        ("proceed-without-handshake", (HEADER, STARTTLS, TLS, HEADER, HANG_UP)),
        ("restart-drops-connection", (*IN, HANG_UP)),
    ],
)
def test_nothing_follows_where_the_connection_ends(fault, steps):
    right, wrong = talk(steps, **OFFERED), talk(steps, [fault], **OFFERED)
    assert right.sent.startswith(wrong.sent)
    assert len(wrong.sent) < len(right.sent)


def test_a_resource_may_be_told_as_it_was_asked_for():
    def told(*faults):
        policy = policy_with(faults=frozenset(faults))
        return converse(*IN, bind("Balcony "), policy=policy, bind_resource=lambda *_: "balcony").sent

    assert b"/balcony</jid>" in told()
    assert b"/Balcony </jid>" in told("resource-told-as-asked")


class Scram:
    """A client of SCRAM that looks at what it gets."""

    def __init__(self, *faults, mechanism="SCRAM-SHA-1", binding=None, sees=None, tls=None):
        half = ScramClient(
            hash="SHA-1",
            username="romeo",
            password="secret",
            nonce="nonce",
            salted=SaltedPasswords(),
            binding=binding,
        )
        policy = policy_with(faults=frozenset(faults))
        opening = (HEADER, auth(mechanism, half.first()))
        sent = converse(*opening, policy=policy, tls=tls).sent
        self.first = re.search(rb"<challenge[^>]*>([^<]*)<", sent).group(1)
        self.first = base64.b64decode(self.first)
        half.binding = sees or binding
        self.final = half.respond(self.first)
        self.objection = None
        if isinstance(self.final, bytes):
            sent = converse(*opening, response(self.final), policy=policy, tls=tls).sent
            self.is_in = b"<success" in sent
            data = re.search(rb"<success[^>]*>([^<]*)<", sent)
            self.objection = half.finish(base64.b64decode(data.group(1)) if data else None)


def test_signatures_of_the_server():
    assert Scram().objection is None
    assert "wrong" in Scram("scram-wrong-server-signature").objection.message
    assert "without" in Scram("scram-without-server-signature").objection.message


def scram(first, changed=("", ""), *faults):
    """The server's first message, and what it answers the last one of a client with."""
    mechanism = "SCRAM-SHA-1-PLUS" if first.startswith(b"p=") else "SCRAM-SHA-1"
    policy, opening = policy_with(faults=frozenset(faults)), (HEADER, auth(mechanism, first))
    told = re.search(rb"<challenge[^>]*>([^<]*)<", converse(*opening, policy=policy, tls=MEMORY_TLS).sent)
    challenge = base64.b64decode(told.group(1)).decode() if told else ""
    exchange = SaslExchange(mechanism=mechanism, first=first.decode(), challenge=challenge)
    end = exchange.end("secret", changed, bindings=MEMORY_TLS.bindings, salted=SALTED)
    answer = response(base64.b64decode(end))
    return challenge.encode(), converse(*opening, answer, policy=policy, tls=MEMORY_TLS).sent


@pytest.mark.parametrize("fault", sorted(SCRAM_SHOWN))
def test_fault_turns_the_outcome_of_scram_over(fault):
    first, changed = SCRAM_SHOWN[fault]
    assert (b"<success" in scram(first, changed)[1]) is not (b"<success" in scram(first, changed, fault)[1])


@pytest.mark.parametrize("fault", sorted(SCRAM_SAYS))
def test_fault_shows_in_what_the_server_of_scram_says(fault):
    assert re.search(SCRAM_SAYS[fault], scram(b"n,,n=romeo,r=nonce", ("", ""), fault)[0])
    assert not re.search(SCRAM_SAYS[fault], scram(b"n,,n=romeo,r=nonce")[0])


def test_failure_as_signature():
    wrong = (b"n,,n=romeo,r=nonce", ("p", "AAAA"))
    assert scram(*wrong)[1].count(b"<challenge") == 1
    assert scram(*wrong, "scram-failure-as-signature")[1].count(b"<challenge") == 2


def test_low_iterations():
    assert b",i=4096" in Scram().first
    assert Scram("scram-low-iterations").first.endswith(b",i=1")


def test_nonces():
    assert Scram().first.startswith(b"r=nonce")
    assert not isinstance(Scram("scram-nonce-not-extended").final, bytes)


def test_channel_binding_data():
    type = "tls-unique"
    names = Binding(type=type, data=MEMORY_TLS.bindings[type])
    lies = Binding(type=type, data=b"another channel")
    common = {"mechanism": "SCRAM-SHA-1-PLUS", "tls": MEMORY_TLS, "binding": names}
    assert Scram(**common).is_in
    assert not Scram(**common, sees=lies).is_in
    assert Scram("channel-binding-unchecked", **common, sees=lies).is_in


def test_channel_binding_that_is_not_offered():
    policy = policy_with(faults=frozenset({"plus-not-offered"}))
    assert b"-PLUS<" in converse(HEADER, tls=MEMORY_TLS).sent
    assert b"-PLUS<" not in converse(HEADER, policy=policy, tls=MEMORY_TLS).sent


def test_identity_in_the_header():
    header = NAMED_HEADER.replace(b"romeo@", b"juliet@")
    policy = policy_with(faults=frozenset({"sasl-identity-not-correlated"}))
    assert b"<success" in converse(header, plain(), policy=policy, tls=MEMORY_TLS).sent
    assert b"<success" not in converse(header, plain(), tls=MEMORY_TLS).sent


def test_every_fault_is_shown():
    assert SHOWN.keys() | SHOWN_BELOW == NEGOTIATION_FAULTS.keys()


def test_every_fault_is_asked_for_in_the_code():
    code = "".join(path.read_text() for path in (ROOT / "harness/negotiation").glob("*.py"))
    assert set(re.findall(r'has\(\s*"([^"]+)"', code)) == NEGOTIATION_FAULTS.keys()


def test_unknown_names_are_refused():
    with pytest.raises(UsageError, match="no fault named 'tpyo'"):
        ServerPolicy(faults=frozenset({"tpyo"}))
    with pytest.raises(UsageError, match="no mechanism 'CRAM-MD5'"):
        ServerPolicy(tls_mechanisms=("CRAM-MD5",))
