"""SCRAM against the examples of the RFCs and against another implementation."""

import base64

import pytest
from scramp import ScramClient as OtherClient
from scramp import ScramMechanism
from scramp.core import ScramException

from harness.negotiation.outcomes import Challenge, Failure, Objection, Success
from harness.negotiation.scram import (
    Binding,
    SaltedPasswords,
    ScramClient,
    ScramServer,
    decode_base64,
    escape,
    salt_of,
    unescape,
)

ITERATIONS = 64


def client(hash="SHA-1", *, username="user", password="pencil", nonce="fyko+d2lbbFgONRv9qkxdawL", **more):
    return ScramClient(
        hash=hash, username=username, password=password, nonce=nonce, salted=SaltedPasswords(), **more
    )


def server(hash="SHA-1", *, accounts=None, nonce="theirs", iterations=ITERATIONS, **more):
    return ScramServer(
        hash=hash,
        password=(accounts or {"user": "pencil"}).get,
        nonce=nonce,
        salted=SaltedPasswords(),
        domain="example.org",
        iterations=iterations,
        **more,
    )


def exchange(one, other):
    """Run both to the server's verdict; an objection of the client ends it, too."""
    answer = other.start(one.first())
    while isinstance(answer, Challenge):
        response = one.respond(answer.data)
        if isinstance(response, Objection):
            return response
        answer = other.respond(response)
    return answer


def test_client_says_what_rfc_5802_shows():
    one = client()
    assert one.first() == b"n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL"
    final = one.respond(b"r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096")
    assert final == (b"c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=")
    assert one.has_secret
    assert one.finish(b"v=rmF9pqV8S7suAoZWja4dJRkFsKQ=") is None


def test_client_says_what_rfc_7677_shows():
    one = client("SHA-256", nonce="rOprNGfwEbeRWgbNEkqO")
    one.first()
    final = one.respond(
        b"r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"
    )
    assert isinstance(final, bytes)
    assert final.endswith(b"p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=")
    assert one.finish(b"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=") is None


@pytest.mark.parametrize("hash", ["SHA-1", "SHA-256", "SHA-512"])
def test_client_agrees_with_another_server(hash):
    mechanism = ScramMechanism(f"SCRAM-{hash}")
    known = mechanism.make_auth_info("pencil", iteration_count=4096, salt=b"sixteen bytes ..")
    theirs = mechanism.make_server(lambda _: known)
    ours = client(hash)
    theirs.set_client_first(ours.first().decode())
    theirs.set_client_final(ours.respond(theirs.get_server_first().encode()).decode())
    assert ours.finish(theirs.get_server_final().encode()) is None


@pytest.mark.parametrize("hash", ["SHA-1", "SHA-256", "SHA-512"])
@pytest.mark.parametrize("password", ["pencil", "wrong"])
def test_server_agrees_with_another_client(hash, password):
    ours = server(hash, iterations=4096)
    theirs = OtherClient([f"SCRAM-{hash}"], "user", password)
    theirs.set_server_first(ours.start(theirs.get_client_first().encode()).data.decode())
    answer = ours.respond(theirs.get_client_final().encode())
    if password == "wrong":
        assert answer == Failure(condition="not-authorized")
        return
    assert answer.username == "user"
    theirs.set_server_final(answer.data.decode())


def test_another_client_notices_a_wrong_signature():
    ours = server(iterations=4096, signature=lambda right: right[::-1])
    theirs = OtherClient(["SCRAM-SHA-1"], "user", "pencil")
    theirs.set_server_first(ours.start(theirs.get_client_first().encode()).data.decode())
    answer = ours.respond(theirs.get_client_final().encode())
    with pytest.raises(ScramException):
        theirs.set_server_final(answer.data.decode())


def test_channel_binding_succeeds_when_both_see_the_same_channel():
    binding = Binding(type="tls-unique", data=b"channel")
    one = client(binding=binding)
    other = server(must_bind=True, has_plus=True, bindings={"tls-unique": b"channel"})
    answer = exchange(one, other)
    assert isinstance(answer, Success)
    assert one.finish(answer.data) is None


@pytest.mark.parametrize(
    ("ours", "theirs", "condition"),
    [
        ({"binding": Binding(type="tls-unique", data=b"x")}, {"must_bind": True}, "not-authorized"),
        ({"binding": Binding(type="tls-odd", data=b"x")}, {"must_bind": True}, "not-authorized"),
        ({"binding": Binding(type="tls-unique", data=b"y")}, {}, "malformed-request"),
        ({}, {"must_bind": True}, "malformed-request"),
        ({"flag": "y"}, {"has_plus": True}, "not-authorized"),
        ({"flag": "z"}, {}, "malformed-request"),
        ({"authzid": "other@example.org"}, {}, "invalid-authzid"),
        ({"password": "wrong"}, {}, "not-authorized"),
        ({"username": "nobody"}, {}, "not-authorized"),
    ],
)
def test_server_refuses(ours, theirs, condition):
    answer = exchange(client(**ours), server(bindings={"tls-unique": b"y"}, **theirs))
    assert answer == Failure(condition=condition)


@pytest.mark.parametrize("flag", ["n", "y"])
def test_server_without_binding_takes_either_flag(flag):
    assert isinstance(exchange(client(flag=flag), server()), Success)


@pytest.mark.parametrize(
    "first",
    [
        b"",
        b"n,,n=user",
        b"n,,r=nonce,n=user",
        b"n,,m=ext,n=user,r=nonce",
        b"n,,n=us=er,r=nonce",
        b"n,,n=user,r=non\tce",
        b"n,a=,n=,r=nonce",
        b"n,b=x,n=user,r=nonce",
        b"\xff,,n=user,r=nonce",
        b"n,,n=user,r=nonce,m=ext",
    ],
)
def test_server_refuses_first_messages_that_break_the_grammar(first):
    assert server().start(first) == Failure(condition="malformed-request")


@pytest.mark.parametrize("final", [b"", b"c=biws,r=nonce", b"r=noncetheirs,c=biws,p=AA==", b"c=biws,p=AA=="])
def test_server_refuses_final_messages_that_break_the_grammar(final):
    other = server()
    other.start(b"n,,n=user,r=nonce")
    assert other.respond(final) == Failure(condition="malformed-request")


def test_server_hashes_optional_extensions_and_ignores_them():
    one, other = client(), server()
    one.first()
    one._bare += ",x=whatever"
    answer = other.start((one._gs2 + one._bare).encode())
    assert isinstance(other.respond(one.respond(answer.data)), Success)


@pytest.mark.parametrize(
    "challenge",
    [
        b"r=other,s=c2FsdA==,i=4096",
        b"r=fyko+d2lbbFgONRv9qkxdawL,s=c2FsdA==,i=4096",
        b"r=fyko+d2lbbFgONRv9qkxdawLx,s=!,i=4096",
        b"r=fyko+d2lbbFgONRv9qkxdawLx,s=c2FsdA==,i=0",
        b"r=fyko+d2lbbFgONRv9qkxdawLx,s=c2FsdA==,i=-5",
        b"r=fyko+d2lbbFgONRv9qkxdawLx,s=c2FsdA==,i=999999999999",
        b"s=c2FsdA==,r=fyko+d2lbbFgONRv9qkxdawLx,i=4096",
        b"m=ext,r=fyko+d2lbbFgONRv9qkxdawLx,s=c2FsdA==,i=4096",
        b"\xff",
        b"",
    ],
)
def test_client_objects_to_first_messages_that_break_the_rules(challenge):
    one = client()
    one.first()
    assert isinstance(one.respond(challenge), Objection)


@pytest.mark.parametrize("final", [None, b"", b"v=AAAA", b"v=", b"e=other-error", b"nonsense"])
def test_client_objects_to_a_success_without_the_right_signature(final):
    one, other = client(), server()
    answer = exchange(one, other)
    assert isinstance(answer, Success)
    assert isinstance(one.finish(final), Objection)


def test_client_takes_the_signature_in_a_challenge():
    one = client()
    answer = exchange(one, server())
    assert one.respond(answer.data) == b""
    assert one.finish(None) is None


def test_hostile_server_leaves_out_the_client_nonce():
    assert isinstance(exchange(client(), server(extends_nonce=False)), Objection)


def test_hostile_server_takes_any_proof():
    one = client(password="wrong")
    answer = exchange(one, server(accepts_any=True))
    assert isinstance(answer, Success)
    assert isinstance(one.finish(answer.data), Objection)


@pytest.mark.parametrize(("username", "written"), [("a,b=c", "a=2Cb=3Dc"), ("plain", "plain")])
def test_names_are_escaped_and_back(username, written):
    assert escape(username) == written
    assert unescape(written) == username


def test_names_beyond_ascii_are_compared_prepared():
    accounts = {"usar": "pe ncil"}
    answer = exchange(client(username="us\u00ada\u00adr", password="pe\u00a0ncil"), server(accounts=accounts))
    assert isinstance(answer, Success)


def test_salted_passwords_are_computed_once():
    salted = SaltedPasswords()
    first = salted.keys("SHA-1", "pencil", b"salt", 10)
    assert salted.keys("SHA-1", "pencil", b"salt", 10) is first
    assert salted.keys("SHA-1", "pencil", b"pepper", 10) is not first


def test_salts_differ_between_users_and_not_between_times():
    assert salt_of("romeo") == salt_of("romeo") != salt_of("juliet")


@pytest.mark.parametrize("text", ["A", "AB==x", "AB==", "AA==\n", " AA==", "A===", "ä"])
def test_base64_must_be_canonical(text):
    assert decode_base64(text) is None
    assert decode_base64(base64.b64encode(b"fine")) == b"fine"
