"""The server's side against clients that are right, wrong and hostile."""

import hashlib
import re

import pytest

from harness.negotiation.policy import BindRefused, Bound, Ended, TlsOffer
from harness.wire.effects import CloseConnection
from harness.wire.writer import stream_footer
from tests.negotiation.joint import MEMORY_TLS
from tests.negotiation.script import (
    ABORT,
    FOOTER,
    HANG_UP,
    HEADER,
    NAMED_HEADER,
    OLD_HEADER,
    STARTTLS,
    TLS,
    auth,
    bind,
    converse,
    legacy,
    plain,
    policy_with,
    raw_auth,
    response,
)

MESSAGE = b"<message to='juliet@example.org'/>"


def error_of(server):
    """The condition of the stream error that ends what the server sent."""
    match = re.search(
        rb"<stream:error><([a-z-]+) xmlns='[^']*'/>.*</stream:error></stream:stream>$", server.sent
    )
    return match.group(1).decode() if match else None


def header_of(server):
    return re.search(rb"<stream:stream[^>]*>", server.sent).group().decode()


@pytest.mark.parametrize(
    ("header", "condition"),
    [
        (HEADER.replace(b"jabber.org/streams", b"jabber.org/stream"), "invalid-namespace"),
        (HEADER.replace(b"jabber:client", b"jabber:server"), "invalid-namespace"),
        (HEADER.replace(b"jabber:client", b"jabber:component:accept"), "invalid-namespace"),
        (
            HEADER.replace(b"stream:stream", b"s:stream").replace(b"xmlns:stream", b"xmlns:s"),
            "bad-namespace-prefix",
        ),
        (HEADER.replace(b"stream:stream", b"stream:features"), "bad-format"),
        (HEADER.replace(b"example.org", b"example.com"), "host-unknown"),
        (HEADER.replace(b"version='1.0' x", b"version='abc' x"), "unsupported-version"),
        (HEADER.replace(b"xmlns:stream", b"xmlns:other"), "not-well-formed"),
        (b"<stream:stream>", "not-well-formed"),
        (b"GET / HTTP/1.1\r\n\r\n", "not-well-formed"),
        (HEADER.replace(b"'1.0'?", b"'1.0' encoding='UTF-16'?"), "unsupported-encoding"),
        (b"<!DOCTYPE x>" + HEADER, "restricted-xml"),
    ],
)
def test_faulty_headers(header, condition):
    server = converse(header)
    assert error_of(server) == condition
    assert server.sent.startswith(b"<?xml version='1.0'?><stream:stream ")
    assert "from='example.org' id='fresh1'" in header_of(server)
    assert isinstance(server.log[-1], CloseConnection)
    assert server.result == Ended(reason=f"stream error {condition}", condition=condition)


@pytest.mark.parametrize(
    ("header", "present", "absent"),
    [
        (HEADER, ["from='example.org'", "version='1.0'", "xml:lang='en'"], [" to="]),
        (NAMED_HEADER, ["to='romeo@example.org'"], []),
        (
            NAMED_HEADER.replace(b"romeo@example.org", b"romeo@example.org/x"),
            ["to='romeo@example.org'"],
            ["/x"],
        ),
        (HEADER.replace(b"version='1.0' x", b"version='2.3' x"), ["version='1.0'"], []),
        (HEADER.replace(b"version='1.0' x", b"version='01.10' x"), ["version='1.0'"], []),
        (HEADER.replace(b"example.org", b"Example.NET."), ["from='example.net'"], []),
        (HEADER.replace(b" to='example.org'", b""), ["from='example.org'"], []),
        (
            HEADER.replace(b" to=", b" id='mine' xml:lang='en-GB' to="),
            ["xml:lang='en'", "id='fresh1'"],
            ["mine"],
        ),
        (HEADER.replace(b" to=", b" xml:lang='fi' to="), ["xml:lang='en'"], []),
    ],
)
def test_headers_are_answered(header, present, absent):
    server = converse(header, HANG_UP)
    assert b"<stream:features>" in server.sent
    for text in present:
        assert text in header_of(server)
    for text in absent:
        assert text not in header_of(server)


def test_a_header_without_prefix_is_answered():
    server = converse(b"<stream to='example.org' version='1.0' xmlns='http://etherx.jabber.org/streams'>")
    assert b"<stream:features>" in server.sent


def test_a_header_without_version_has_neither_version_nor_features_in_answer():
    server = converse(OLD_HEADER, HANG_UP)
    assert "version" not in header_of(server)
    assert b"features" not in server.sent
    assert error_of(converse(OLD_HEADER, policy=policy_with(legacy=False))) == "unsupported-version"


@pytest.mark.parametrize(
    ("data", "condition"),
    [
        (MESSAGE, "not-authorized"),
        (b"<presence/>", "not-authorized"),
        (b"<iq type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq>", "not-authorized"),
        (b"<iq type='result' id='1'/>", "not-authorized"),
        (bind(), "not-authorized"),
        (b"<message xmlns='jabber:server'/>", "invalid-namespace"),
        (b"<x:message xmlns:x='jabber:client'/>", "bad-namespace-prefix"),
        (b"<pubsub/>", "unsupported-stanza-type"),
        (b"<a xmlns='urn:xmpp:sm:3'/>", "unsupported-stanza-type"),
        (b"<message><body></message>", "not-well-formed"),
        (b"<message><x:body/></message>", "not-well-formed"),
        (b"<message><!-- no --></message>", "restricted-xml"),
        (b"<?target?>", "restricted-xml"),
        (b"<message>&eacute;</message>", "restricted-xml"),
        (b"<message>\xff</message>", "unsupported-encoding"),
        (b"text<message/>", "bad-format"),
    ],
)
def test_faults_before_authentication(data, condition):
    server = converse(HEADER, data)
    assert error_of(server) == condition
    assert server.sent.count(b"<stream:stream") == 1


def test_too_big_stanzas_are_told_apart():
    server = converse(HEADER, b"<message>" + b"x" * (1 << 21))
    assert error_of(server) == "policy-violation"
    assert b"<stanza-too-big xmlns='urn:xmpp:errors'/>" in server.sent


def test_the_closing_tag_is_answered():
    server = converse(HEADER, FOOTER)
    assert server.sent.endswith(b"</stream:features></stream:stream>")
    assert server.result == Ended(reason="the client closed the stream")


def test_who_closes_instead_of_a_restart_closes_the_stream_that_there_was():
    server = converse(HEADER, plain(), FOOTER)
    assert server.sent.endswith(b"<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/></stream:stream>")


def test_a_stream_error_of_the_client_is_answered_by_the_closing_tag():
    server = converse(HEADER, b"<stream:error/></stream:stream>")
    assert server.sent.count(stream_footer()) == 1
    assert b"stream:error" not in server.sent


def test_a_client_that_goes_away():
    assert converse(HEADER, HANG_UP).result == Ended(reason="the client went away")
    assert converse(HANG_UP).result == Ended(reason="the client went away")


# --- STARTTLS ------------------------------------------------------------------------------------


def test_starttls_restarts_the_stream():
    server = converse(HEADER, STARTTLS, TLS, NAMED_HEADER, policy=policy_with(tls=TlsOffer.OFFERED))
    before, after = server.sent.split(b"<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")
    assert b"<starttls" in before
    assert b"<starttls" not in after
    assert b"id='fresh2'" in after
    assert b"SCRAM-SHA-1-PLUS" in after
    assert b"<channel-binding type='tls-unique'/>" in after


@pytest.mark.parametrize("command", [STARTTLS, STARTTLS.replace(b"/>", b"><x/></starttls>")])
def test_starttls_fails_where_it_cannot_be(command):
    offer = TlsOffer.NONE if command == STARTTLS else TlsOffer.OFFERED
    server = converse(HEADER, command, policy=policy_with(tls=offer))
    assert server.sent.endswith(b"<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:stream>")
    assert isinstance(server.log[-1], CloseConnection)


def test_bytes_in_the_clear_after_starttls_end_the_connection():
    server = converse(HEADER, STARTTLS + plain(), policy=policy_with(tls=TlsOffer.OFFERED))
    assert server.sent.endswith(b"<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")
    assert server.result == Ended(reason="bytes in the clear where TLS was due")


def test_what_was_known_before_tls_is_forgotten():
    """A mechanism that was offered in the clear needs a new header first."""
    server = converse(HEADER, STARTTLS, TLS, plain(), policy=policy_with(tls=TlsOffer.OFFERED))
    assert error_of(server) == "bad-format"
    assert b"<success" not in server.sent


# --- SASL ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("request_", "condition"),
    [
        (auth("CRAM-MD5"), "invalid-mechanism"),
        (auth("PLAIN").replace(b" mechanism='PLAIN'", b""), "invalid-mechanism"),
        (auth("SCRAM-SHA-256", b"n,,n=romeo,r=x"), "invalid-mechanism"),
        (auth("ANONYMOUS", b""), "mechanism-too-weak"),
        (plain(password="wrong"), "not-authorized"),
        (plain(username="nobody"), "not-authorized"),
        (plain(authzid="juliet@example.org"), "invalid-authzid"),
        (plain(username="locked"), "account-disabled"),
        (auth("PLAIN", b"romeo\0secret"), "malformed-request"),
        (auth("PLAIN", b"\0romeo\0secret\0more"), "malformed-request"),
        (auth("PLAIN", b"\0\0secret"), "malformed-request"),
        (auth("PLAIN", b"\0romeo\0"), "malformed-request"),
        (auth("PLAIN", b"\0\xff\0secret"), "malformed-request"),
        (auth("PLAIN", b""), "malformed-request"),
        (raw_auth("PLAIN", b"<x/>"), "malformed-request"),
        (raw_auth("PLAIN", b"AHJvbWVvAHNlY3JldA"), "incorrect-encoding"),
        (raw_auth("PLAIN", b" AHJvbWVvAHNlY3JldA=="), "incorrect-encoding"),
        (raw_auth("PLAIN", b"AHJv=bWVvAHNlY3JldA=="), "incorrect-encoding"),
        (raw_auth("PLAIN", b"!!!!"), "incorrect-encoding"),
        (response(b"x"), "malformed-request"),
        (ABORT, "aborted"),
    ],
)
def test_sasl_failures(request_, condition):
    failure = b"<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><%s/></failure>" % condition.encode()
    server = converse(HEADER, request_)
    assert failure in server.sent
    assert b"<success" in converse(HEADER, request_, plain()).sent


def test_plain_needs_tls_where_policy_says_so():
    policy = policy_with(tls=TlsOffer.OFFERED, clear_mechanisms=("SCRAM-SHA-1",))
    assert b"<encryption-required/>" in converse(HEADER, plain(), policy=policy).sent
    required = policy_with(tls=TlsOffer.REQUIRED)
    assert b"<encryption-required/>" in converse(HEADER, plain(), policy=required).sent


@pytest.mark.parametrize(
    ("initial", "answer"),
    [
        (b"", b"<success"),
        (b"romeo@example.org", b"<success"),
        (b"juliet@example.org", b"<invalid-authzid/>"),
        (None, b"<challenge"),
    ],
)
def test_external_is_for_those_whose_certificate_is_known(initial, answer):
    policy = policy_with(tls_mechanisms=("EXTERNAL", "SCRAM-SHA-1"))
    known = {"policy": policy, "tls": MEMORY_TLS, "identify": lambda tls: "romeo"}
    server = converse(HEADER, auth("EXTERNAL", initial), HANG_UP, **known)
    assert b"<mechanism>EXTERNAL</mechanism>" in server.sent
    assert answer in server.sent
    stranger = converse(HEADER, auth("EXTERNAL", b""), HANG_UP, **known | {"identify": lambda tls: None})
    assert b"EXTERNAL" not in stranger.sent
    assert b"<mechanism-too-weak/>" in stranger.sent


def test_mechanisms_without_initial_response():
    server = converse(HEADER, auth("PLAIN"), response(b"\0romeo\0secret"))
    assert b"<challenge xmlns='urn:ietf:params:xml:ns:xmpp-sasl'></challenge><success" in server.sent


def test_a_second_auth_drops_the_first():
    server = converse(HEADER, auth("SCRAM-SHA-1", b"n,,n=romeo,r=x"), plain())
    assert b"</challenge><success" in server.sent


def test_an_abort_in_between():
    server = converse(HEADER, auth("SCRAM-SHA-1", b"n,,n=romeo,r=x"), ABORT, response(b"c=biws,r=x,p=AA=="))
    assert (
        b"</challenge><failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><aborted/></failure>" in server.sent
    )
    assert b"<malformed-request/>" in server.sent


def test_a_stanza_in_between_is_not_processed():
    assert error_of(converse(HEADER, auth("SCRAM-SHA-1", b"n,,n=romeo,r=x"), MESSAGE)) == "not-authorized"


def test_retries_have_an_end():
    wrong = plain(password="wrong")
    server = converse(HEADER, wrong, wrong, wrong, wrong, wrong)
    assert server.sent.count(b"<not-authorized/>") == 4
    assert error_of(server) == "policy-violation"
    assert b"<success" in converse(HEADER, wrong, wrong, plain()).sent


def test_the_from_of_a_protected_header_must_be_who_authenticates():
    header = NAMED_HEADER.replace(b"romeo@", b"juliet@")
    assert b"<not-authorized/>" in converse(header, plain(), tls=MEMORY_TLS).sent
    assert b"<success" in converse(header, plain()).sent


def test_no_features_are_offered_twice_and_ids_differ():
    server = converse(HEADER, plain(), HEADER)
    first, second = re.findall(rb" id='(\w+)'", server.sent)
    assert first != second
    assert b"<mechanism>" not in server.sent.partition(b"<success")[2]


def test_another_host_after_authentication_is_refused():
    server = converse(HEADER, plain(), HEADER.replace(b"example.org", b"example.net"))
    assert error_of(server) == "not-authorized"


# --- binding --------------------------------------------------------------------------------------


def test_bound_tells_all_about_the_client():
    header = HEADER.replace(b" to=", b" xml:lang='de' to=")
    server = converse(header, plain(username="Romeo"), header, bind("balcony"))
    bound = server.result
    assert isinstance(bound, Bound)
    assert (bound.jid, bound.how, bound.language, bound.tls) == (
        "romeo@example.org/balcony",
        "PLAIN",
        "de",
        None,
    )
    assert server.sent.endswith(b"<jid>romeo@example.org/balcony</jid></bind></iq>")


@pytest.mark.parametrize("wanted", [None, ""])
def test_the_server_makes_a_resource(wanted):
    assert converse(HEADER, plain(), HEADER, bind(wanted)).result.resource == "made"


@pytest.mark.parametrize(
    ("data", "condition"),
    [
        (MESSAGE, "not-authorized"),
        (b"<presence/>", "not-authorized"),
        (b"<iq type='get' id='1' to='juliet@example.org'><x xmlns='y'/></iq>", "not-authorized"),
        (b"<iq type='result' id='1'/>", "not-authorized"),
        (b"<message xmlns='jabber:server'/>", "invalid-namespace"),
        (plain(), "unsupported-stanza-type"),
        (b"<message><body></message>", "not-well-formed"),
    ],
)
def test_faults_before_binding(data, condition):
    assert error_of(converse(HEADER, plain(), HEADER, data)) == condition


def test_requests_to_the_server_are_refused_before_binding_and_the_stream_goes_on():
    request = b"<iq type='get' id='q'><query xmlns='jabber:iq:roster'/></iq>"
    server = converse(HEADER, plain(), HEADER, request, bind())
    assert b"<iq type='error' id=\"q\"><error type='auth'><not-authorized" in server.sent
    assert isinstance(server.result, Bound)


def test_refused_resources_may_be_tried_again_but_not_without_end():
    taken = ["balcony"] * 6
    refuse = {
        "bind_resource": lambda username, wanted: (
            BindRefused(condition="conflict") if wanted in taken else "x"
        )
    }
    server = converse(HEADER, plain(), HEADER, bind("balcony"), bind("orchard"), **refuse)
    assert b"<error type='modify'><conflict xmlns=" in server.sent
    assert isinstance(server.result, Bound)
    server = converse(HEADER, plain(), HEADER, *[bind("balcony")] * 7, **refuse)
    assert server.sent.count(b"<conflict") == 6
    assert error_of(server) == "policy-violation"


# --- legacy ---------------------------------------------------------------------------------------


def digest(stream_id="fresh1", password="secret"):
    return hashlib.sha1((stream_id + password).encode()).hexdigest()


@pytest.mark.parametrize("header", [HEADER, OLD_HEADER])
@pytest.mark.parametrize("secret", [{"password": "secret"}, {"digest": digest()}])
def test_the_legacy_login(header, secret):
    server = converse(header, legacy("set", username="romeo", resource="r", **secret))
    assert server.sent.endswith(b"<iq type='result' id=\"a1\"/>")
    assert server.result.jid == "romeo@example.org/r"


@pytest.mark.parametrize("username", ["romeo", "nobody"])
def test_the_legacy_fields(username):
    server = converse(OLD_HEADER, legacy("get", username=username), HANG_UP)
    assert server.sent.endswith(
        b"<query xmlns='jabber:iq:auth'><username/><password/><digest/><resource/></query></iq>"
    )


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"username": "romeo", "resource": "r", "password": "x"}, b"code='401'><not-authorized"),
        ({"username": "nobody", "resource": "r", "password": "x"}, b"code='401'><not-authorized"),
        ({"username": "locked", "resource": "r", "password": "secret"}, b"code='401'><not-authorized"),
        ({"username": "romeo", "resource": "r", "digest": digest().upper()}, b"code='401'><not-authorized"),
        ({"username": "romeo", "resource": "r"}, b"code='406'><not-acceptable"),
        ({"username": "romeo", "password": "secret"}, b"code='406'><not-acceptable"),
        ({"resource": "r", "password": "secret"}, b"code='406'><not-acceptable"),
        ({"username": "romeo", "resource": "taken", "password": "secret"}, b"code='409'><conflict"),
    ],
)
def test_legacy_refusals(fields, error):
    refuse = {"bind_resource": lambda username, wanted: BindRefused(condition="conflict")}
    server = converse(HEADER, legacy("set", **fields), HANG_UP, **refuse)
    assert error in server.sent
    assert b"jabber:iq:auth" not in server.sent


def test_the_legacy_login_is_refused_where_it_is_not_served():
    server = converse(HEADER, legacy("get"), HANG_UP, policy=policy_with(legacy=False))
    assert b"code='503'><service-unavailable" in server.sent
    required = policy_with(tls=TlsOffer.REQUIRED)
    assert error_of(converse(HEADER, legacy("get"), policy=required)) == "policy-violation"


def test_the_legacy_login_is_refused_after_a_sasl_failure():
    server = converse(HEADER, plain(password="wrong"), legacy("get"))
    assert error_of(server) == "policy-violation"


def test_legacy_retries_have_an_end():
    wrong = legacy("set", username="romeo", resource="r", password="x")
    server = converse(HEADER, wrong, wrong, wrong, wrong)
    assert server.sent.count(b"code='401'") == 4
    assert error_of(server) == "policy-violation"


def test_registration_before_login_is_the_owner_s():
    request = b"<iq type='get' id='r'><query xmlns='jabber:iq:register'/></iq>"
    seen = []

    def register(iq):
        seen.append(iq.get("id"))
        return b"<iq type='result' id='r'/>"

    server = converse(HEADER, request, HANG_UP, register=register)
    assert seen == ["r"]
    assert b"<register xmlns='http://jabber.org/features/iq-register'/>" in server.sent
    assert server.sent.endswith(b"<iq type='result' id='r'/>")
    refused = converse(HEADER, request, HANG_UP, policy=policy_with(registration=False))
    assert b"<service-unavailable" in refused.sent
