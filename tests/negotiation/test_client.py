"""The client against servers that refuse, misbehave or are old."""

import itertools

import pytest
from lxml import etree

from harness.negotiation.client import (
    ClientState,
    Credentials,
    LoggedIn,
    Refusal,
    SaltedPasswords,
    Stage,
    TlsPolicy,
    await_features,
    bind,
    connect,
    legacy_authenticate,
    open_stream,
)
from harness.negotiation.policy import TlsOffer
from harness.negotiation.server import negotiate
from harness.negotiation.state import read_features
from harness.wire.effects import OpenConnection, Receive, Send
from harness.wire.events import Connected, ConnectFailed, ElementReceived, Silence, TlsStarted
from harness.wire.reader import StreamReader
from tests.negotiation.joint import MEMORY_TLS, Side, join
from tests.negotiation.script import SALTED, Accounts, policy_with

HEADER = (
    "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' "
    "from='example.org' id='sid' version='1.0'>"
)
FEATURES = "<stream:features>%s</stream:features>"
MECHANISMS = "<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>%s</mechanism></mechanisms>"
SUCCESS = "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>"
BIND = "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>"
BOUND = (
    "<iq type='result' id='bind-1'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"
    "<jid> romeo@example.org/x </jid></bind></iq>"
)
SESSION = "<session xmlns='urn:ietf:params:xml:ns:xmpp-session'>%s</session>"


def credentials(**more):
    defaults = {"username": "romeo", "domain": "example.org", "password": "secret"}
    return Credentials(**defaults | more)


def log_in(state, policy=TlsPolicy.IF_OFFERED, **more):
    numbers = itertools.count(1)
    return connect(state, credentials(**more), policy, nonce=lambda: f"n{next(numbers)}", salted=SALTED)


def against(faults=(), policy=TlsPolicy.IF_OFFERED, client_tls=MEMORY_TLS, given=None, **more):
    """Log in to the server of this room with faults planted."""
    numbers = itertools.count(1)
    client = Side(protocol=log_in(ClientState(domain="example.org"), policy, **given or {}), tls=client_tls)
    server = negotiate(
        policy_with(faults=frozenset(faults), **more),
        Accounts(),
        lambda: f"s{next(numbers)}",
        bind_resource=lambda username, wanted: wanted or "made",
        salted=SALTED,
    )
    join(client, Side(protocol=server))
    return client


def fed(protocol, *answers, within=""):
    """Run a protocol against texts, one for each time that it has to wait; return result and what it sent.

    `within` is the stream header that has come before.
    """
    reader, sent, waiting = StreamReader(), [], list(answers)
    reader.feed(within.encode())
    answer = None
    try:
        while True:
            effect = protocol.send(answer)
            answer = None
            if isinstance(effect, OpenConnection):
                answer = Connected()
            elif isinstance(effect, Send):
                sent.append(effect.data.decode())
            elif isinstance(effect, Receive):
                answer = reader.next_event()
                if answer is None:
                    text = waiting.pop(0) if waiting else None
                    if text is not None and text.startswith("<stream:stream"):
                        reader = StreamReader()
                    reader.push((text or "").encode())
                    answer = reader.next_event() or Silence(seconds=1)
    except StopIteration as stop:
        return stop.value, sent


@pytest.mark.parametrize(
    ("fault", "stage", "condition"),
    [
        ("stream-error-without-header", None, None),
        ("header-wrong-stream-namespace", Stage.FEATURES, "unexpected"),
        ("features-missing", Stage.FEATURES, "silence"),
        ("features-missing-after-restart", Stage.FEATURES, "silence"),
        ("scram-nonce-not-extended", Stage.SASL, "server-at-fault"),
        ("scram-wrong-server-signature", Stage.SASL, "server-at-fault"),
        ("scram-without-server-signature", Stage.SASL, "server-at-fault"),
        ("mechanisms-empty", Stage.SASL, "no-mechanism"),
        ("bind-result-without-jid", Stage.BIND, "no-jid"),
        ("bind-result-bare-jid", Stage.BIND, "no-jid"),
        ("bind-result-wrong-id", Stage.BIND, "silence"),
    ],
)
def test_faults_of_the_server_are_told(fault, stage, condition):
    result = against([fault], given={"mechanisms": ("SCRAM-SHA-1",)}).result
    if stage is None:
        assert isinstance(result, LoggedIn)
    else:
        assert (result.stage, result.condition) == (stage, condition)


@pytest.mark.parametrize(
    ("fault", "condition"),
    [
        ("starttls-ignored", "silence"),
        ("starttls-refused", "tls-refused"),
        ("proceed-wrong-namespace", "unexpected"),
        ("starttls-not-advertised", "tls-not-offered"),
    ],
)
def test_faults_of_starttls_are_told(fault, condition):
    result = against([fault], TlsPolicy.REQUIRED, tls=TlsOffer.OFFERED).result
    assert (result.stage, result.condition) == (Stage.TLS, condition)


@pytest.mark.parametrize("fault", ["failure-without-condition", "failure-undefined-condition"])
def test_failures_that_name_no_known_condition(fault):
    result = against([fault], given={"password": "wrong"}).result
    assert result.condition in ("not-authorized", "bad-auth")


def test_a_server_that_takes_any_password_does_not_know_ours():
    result = against(["any-password-accepted"], given={"password": "wrong"}).result
    assert result.condition == "server-at-fault"
    assert "signature" in result.message


def test_a_server_without_version_gets_the_legacy_login():
    result = against(["header-version-missing"], given={"resource": "r"}).result
    assert (result.jid, result.mechanism) == ("romeo@example.org/r", "legacy digest")


def test_the_legacy_login_falls_back_to_the_password_where_no_digest_is_asked_for():
    get = "<iq type='result' id='auth-1'><query xmlns='jabber:iq:auth'><username/><password/></query></iq>"
    header = HEADER.replace(" version='1.0'", "")
    result, sent = fed(
        log_in(ClientState(domain="example.org")), header, get, get, "<iq type='result' id='auth-2'/>"
    )
    assert result.mechanism == "legacy plain"
    assert result.jid == "romeo@example.org/harness"
    assert "<password>secret</password><resource>harness</resource>" in sent[-1]


def test_the_legacy_digest_is_that_of_the_example():
    """XEP-0078, 3: stream id 3EE948B0 and password Calli0pe."""
    state = ClientState(domain="shakespeare.lit")
    fed(open_stream(state), HEADER.replace("sid", "3EE948B0"))
    get = "<iq type='result' id='auth-1'><query xmlns='jabber:iq:auth'><digest/></query></iq>"
    _, sent = fed(
        legacy_authenticate(state, credentials(password="Calli0pe"), digest=True), get, get, within=HEADER
    )
    assert "<digest>48fc78be9ec8f86d8ce1c39c320c97c21d62334d</digest>" in sent[-1]


@pytest.mark.parametrize(
    ("error", "condition"),
    [
        ("<error code='401'/>", "not-authorized"),
        ("<error code='409'>Conflict</error>", "conflict"),
        ("<error code='777'/>", "undefined-condition"),
        ("<error><not-acceptable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>", "not-acceptable"),
        ("", "undefined-condition"),
    ],
)
def test_errors_of_old_servers(error, condition):
    state = ClientState(domain="example.org")
    fed(open_stream(state), HEADER)
    result, _ = fed(
        legacy_authenticate(state, credentials(), digest=True),
        f"<iq type='error' id='auth-1'>{error}</iq>",
        within=HEADER,
    )
    assert (result.stage, result.condition) == (Stage.LEGACY, condition)


@pytest.mark.parametrize(
    ("answer", "stage", "condition"),
    [
        ("", Stage.STREAM, "silence"),
        ("<oops", Stage.STREAM, "silence"),
        ("hello", Stage.STREAM, "not-well-formed"),
        (HEADER + "</stream:stream>", Stage.FEATURES, "stream-closed"),
        (HEADER + "<message/>", Stage.FEATURES, "unexpected"),
        (HEADER + FEATURES % "", Stage.SASL, "no-mechanism"),
        (HEADER + FEATURES % (MECHANISMS % "X-OWN"), Stage.SASL, "no-mechanism"),
        (
            HEADER
            + "<stream:error><host-unknown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>",
            Stage.FEATURES,
            "host-unknown",
        ),
        (HEADER + "<stream:error/>", Stage.FEATURES, "undefined-condition"),
    ],
)
def test_streams_that_do_not_open(answer, stage, condition):
    result, _ = fed(log_in(ClientState(domain="example.org")), answer)
    assert (result.stage, result.condition) == (stage, condition)


@pytest.mark.parametrize(
    "answer",
    [
        "<challenge xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>!!</challenge>",
        "<challenge xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>AAAA</challenge>",
        "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>!!</success>",
        "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>AAAA</success>",
        "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><x/></success>AAAA",
    ],
)
def test_answers_to_plain_that_are_none(answer):
    features = HEADER + FEATURES % (MECHANISMS % "PLAIN")
    result, _ = fed(log_in(ClientState(domain="example.org")), features, answer)
    assert isinstance(result, Refusal)
    assert (result.stage is Stage.SASL) == ("<x/>" not in answer)


@pytest.mark.parametrize(
    ("feature", "is_started"),
    [("", False), (SESSION % "", True), (SESSION % "<optional/>", False)],
)
def test_a_session_is_started_where_the_server_insists(feature, is_started):
    result, sent = fed(
        log_in(ClientState(domain="example.org")),
        HEADER + FEATURES % (MECHANISMS % "PLAIN"),
        SUCCESS,
        HEADER + FEATURES % (BIND + feature),
        BOUND,
        "<iq type='result' id='session-1'/>",
    )
    assert result.jid == "romeo@example.org/x"
    assert ("id='session-1'" in sent[-1]) == is_started


def test_what_comes_early_is_kept_in_order():
    state = ClientState(domain="example.org")
    result, _ = fed(bind(state, None), "<presence/><message/>" + BOUND, within=HEADER)
    assert result == "romeo@example.org/x"
    assert [event.name.local for event in state.pushed_back] == ["presence", "message"]
    result, _ = fed(bind(state, None), BOUND, within=HEADER)
    assert result == "romeo@example.org/x"
    assert [event.name.local for event in state.pushed_back] == ["presence", "message"]


def test_a_connection_that_cannot_be_opened():
    protocol = log_in(ClientState(domain="example.org"), TlsPolicy.DIRECT)
    assert protocol.send(None) == OpenConnection(direct_tls=True)
    with pytest.raises(StopIteration) as stop:
        protocol.send(ConnectFailed(reason="refused"))
    assert (stop.value.value.stage, stop.value.value.message) == (Stage.CONNECT, "refused")


@pytest.mark.parametrize(
    ("announced", "mechanism"), [(["tls-server-end-point"], "SCRAM-SHA-1-PLUS"), (["tls-odd"], "SCRAM-SHA-1")]
)
def test_announced_channel_bindings_are_used(announced, mechanism):
    """Only the end point binding is there under TLS 1.3; unannounced it is not tried (XEP-0440)."""
    tls = TlsStarted(version="TLSv1.3", cipher="x", bindings={"tls-server-end-point": b"certificate"})
    client = Side(protocol=log_in(ClientState(domain="example.org")), tls=tls)
    numbers = itertools.count(1)
    server = negotiate(
        policy_with(tls=TlsOffer.REQUIRED),
        Accounts(),
        lambda: f"s{next(numbers)}",
        bind_resource=lambda username, wanted: "made",
        salted=SaltedPasswords(),
    )
    other = TlsStarted(
        version="TLSv1.3",
        cipher="x",
        bindings={"tls-server-end-point": b"certificate"} | dict.fromkeys(announced, b"certificate"),
    )
    take = client.take
    if mechanism == "SCRAM-SHA-1":
        client.take = lambda data: take(data.replace(b"<channel-binding type='tls-server-end-point'/>", b""))
    join(client, Side(protocol=server, tls=other))
    assert client.result.mechanism == mechanism


def test_features_are_read():
    features = etree.fromstring(
        "<features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls>"
        f"{MECHANISMS % ' PLAIN '}<auth xmlns='http://jabber.org/features/iq-auth'/><!-- x -->"
        "<sasl-channel-binding xmlns='urn:xmpp:sasl-cb:0'><channel-binding type='a'/></sasl-channel-binding>"
        f"{BIND}{SESSION % ''}</features>"
    )
    offered = read_features(features)
    assert offered.mechanisms == ("PLAIN",)
    assert offered.starttls
    assert offered.starttls_required
    assert offered.bind
    assert offered.session
    assert offered.legacy
    assert offered.binding_types == {"a"}


def test_features_may_be_set_from_outside():
    state = ClientState(domain="example.org")
    assert state.offered.mechanisms == ()
    state.features = etree.fromstring(f"<features>{MECHANISMS % 'PLAIN'}</features>")
    assert state.offered.mechanisms == ("PLAIN",)
    state.forget_stream()
    assert state.features is None


def test_attributes_of_the_header_can_be_changed():
    state = ClientState(domain="example.org", lang="de")
    _, sent = fed(open_stream(state, {"version": None, "from": "a@b"}), HEADER)
    assert "version=" not in sent[0].partition("?>")[2]
    assert "from='a@b'" in sent[0]
    assert "xml:lang='de'" in sent[0]


def test_features_are_awaited_as_an_element():
    state = ClientState(domain="example.org")
    result, _ = fed(await_features(state), FEATURES % BIND, within=HEADER)
    assert isinstance(result, ElementReceived)
    assert state.offered.bind
