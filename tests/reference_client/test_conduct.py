"""What we hold for right where a server is odd, old or hostile."""

import pytest

from harness.reference_client.settings import TlsUse
from harness.wire.events import ConnectFailed, TlsFailed
from harness.xmpp.conditions import LEGACY_CODES, SASL_CONDITIONS, STREAM_CONDITIONS
from tests.reference_client.conversation import (
    BIND,
    BOUND,
    END,
    HEADER,
    LEGACY,
    LOGIN,
    OLD_HEADER,
    PROCEED,
    SASL,
    SUCCESS,
    TLS,
    VERSIONS,
    Talk,
    features,
    mechanisms,
    online,
)

STREAMS = "urn:ietf:params:xml:ns:xmpp-streams"
STANZAS = "urn:ietf:params:xml:ns:xmpp-stanzas"
ROOM = "hall@rooms.localhost"
CONFLICT = f"<error type='cancel'><conflict xmlns='{STANZAS}'/></error>"


def gained(talk, *steps):
    before = len(talk.log)
    talk.play(*steps)
    return talk.log[before:]


# --- negotiation ------------------------------------------------------------------------------------


@pytest.mark.parametrize("condition", sorted(SASL_CONDITIONS))
def test_a_sasl_failure_is_told_and_the_stream_closed(condition):
    talk = Talk().play(*LOGIN[:2], f"<failure {SASL}><{condition}/><text>No</text></failure>")
    assert f'"condition":"{condition}"' in talk.text
    assert talk.log[-3:-1] == [END, "CLOSED"]


def test_an_unknown_sasl_condition_counts_as_not_authorized():
    assert '"not-authorized"' in Talk().play(*LOGIN[:2], f"<failure {SASL}><odd/></failure>").text


@pytest.mark.parametrize("condition", sorted(STREAM_CONDITIONS))
@pytest.mark.parametrize("steps", [LOGIN, LOGIN[:2], ("connect", HEADER)])
def test_a_stream_error_is_told_and_answered_by_the_close(condition, steps):
    error = f"<stream:error><{condition} xmlns='{STREAMS}'/></stream:error>"
    log = gained(Talk().play(*steps), error + END)
    assert f'"condition":"{condition}"' in log[0]
    assert log[1:3] == [END, "CLOSED"]


@pytest.mark.parametrize("steps", [LOGIN, LOGIN[:2], ("connect", HEADER)])
def test_a_closing_tag_is_answered(steps):
    log = gained(Talk().play(*steps), END)
    assert END in log
    assert "CLOSED" in log


def test_features_may_stand_in_any_order_among_unknown_ones():
    odd = "<odd xmlns='urn:example:odd'><starttls/></odd>"
    talk = Talk().play(
        "connect", HEADER + features(odd, BIND, mechanisms("X-ODD", "", "PLAIN", "PLAIN"), odd)
    )
    assert "mechanism='PLAIN'" in talk.text


@pytest.mark.parametrize("names", [(), ("",), ("X-ODD",), ("EXTERNAL", "ANONYMOUS")])
def test_without_a_mechanism_of_ours_there_is_no_login(names):
    talk = Talk().play("connect", HEADER + features(mechanisms(*names)))
    assert '"condition":"no-mechanism"' in talk.text
    assert "<auth" not in talk.text


def test_what_comes_in_the_clear_behind_proceed_counts_for_nothing():
    evil = HEADER + features(mechanisms("PLAIN"))
    talk = Talk(tls=TlsUse.REQUIRED).play("connect", HEADER + features(TLS), PROCEED + evil)
    assert "<auth" not in talk.text
    talk.play(HEADER + features(mechanisms("SCRAM-SHA-1")))
    assert "SCRAM-SHA-1" in talk.text


def test_features_of_before_tls_are_forgotten():
    before = features(TLS, mechanisms("PLAIN"), BIND)
    talk = Talk(tls=TlsUse.REQUIRED).play("connect", HEADER + before, PROCEED, HEADER + features())
    assert '"condition":"no-mechanism"' in talk.text


@pytest.mark.parametrize("tls", [TlsUse.REQUIRED, TlsUse.OPTIONAL])
def test_a_bad_certificate_ends_it(tls):
    handshake = TlsFailed(reason="unknown authority")
    log = Talk(tls=tls, handshake=handshake).play("connect", HEADER + features(TLS), PROCEED).log
    assert '"condition":"tls-failed"' in "\n".join(log)
    assert not any(line.startswith("<auth") for line in log)
    assert END not in log


def test_no_connection_is_told():
    talk = Talk(tls=TlsUse.DIRECT, handshake=TlsFailed(reason="unknown authority")).play("connect")
    assert '"condition":"connect-failed"' in talk.text
    assert "disconnected" in talk.text


@pytest.mark.parametrize("version", ["1.0", "1.9", "01.0", "2.0", "10.0"])
def test_a_version_from_1_0_on_has_features(version):
    header = HEADER.replace("version='1.0'", f"version='{version}'")
    assert "<auth" in Talk().play("connect", header + features(mechanisms("PLAIN"))).text


@pytest.mark.parametrize("header", [OLD_HEADER, HEADER.replace("version='1.0'", "version='0.9'")])
def test_a_server_of_before_xmpp_gets_the_old_login(header):
    fields = "<username/><%s/><resource/>"
    for way in ("digest", "password"):
        answer = f"<iq type='result' id='auth-1'><query xmlns='jabber:iq:auth'>{fields % way}</query></iq>"
        talk = Talk().play("connect", header, answer)
        talk.play(*[answer] * (way == "password"), "<iq type='result' id='auth-2'/>")
        assert f"<{way}>" in talk.text
        assert '"connected","jid":"romeo@localhost/orchard"' in talk.text


def test_the_old_login_shows_no_password_without_leave():
    answer = "<iq type='result' id='auth-1'><query xmlns='jabber:iq:auth'><password/></query></iq>"
    talk = Talk(tls=TlsUse.OPTIONAL).play("connect", OLD_HEADER, answer)
    assert "secret" not in talk.text
    assert '"no-digest"' in talk.text


def test_the_old_login_serves_where_no_mechanism_fits():
    assert "jabber:iq:auth" in Talk().play("connect", HEADER + features(LEGACY, mechanisms("X-ODD"))).text


def test_the_old_login_is_refused_by_code():
    error = "<iq type='error' id='auth-1'><error code='401'>Unauthorized</error></iq>"
    assert '"condition":"not-authorized"' in Talk().play("connect", OLD_HEADER, error).text


@pytest.mark.parametrize("count", ["1", "4096"])
def test_a_low_iteration_count_is_the_servers_affair(count):
    talk = Talk().play("connect", HEADER + features(mechanisms("SCRAM-SHA-1")))
    talk.scram(iterations=int(count))
    assert talk.play(HEADER + features(BIND), BOUND).text.count('"connected"') == 1


@pytest.mark.parametrize(
    "count", [b"i=999999999", b"i=0", b"i=-1", b"i=99999999999999999999", b"i=x", b"j=1"]
)
def test_an_iteration_count_that_would_keep_us_busy_is_refused(count):
    talk = Talk().play("connect", HEADER + features(mechanisms("SCRAM-SHA-1")))
    talk.scram(spoil=lambda challenge: challenge.replace(b"i=4096", count))
    assert "<response" not in talk.text
    assert '"server-at-fault"' in talk.text


@pytest.mark.parametrize("challenge", ["!!!", "YQ=", "", "/w=="])
def test_a_challenge_that_makes_no_sense_is_refused(challenge):
    talk = Talk().play(
        "connect", HEADER + features(mechanisms("SCRAM-SHA-1")), f"<challenge {SASL}>{challenge}</challenge>"
    )
    assert "<response" not in talk.text
    assert '"server-at-fault"' in talk.text


def test_success_counts_only_where_it_is_due():
    assert '"connected"' not in Talk().play("connect", HEADER + SUCCESS + features(BIND)).text


def test_bind_may_be_refused_and_other_stanzas_come_before():
    message = "<message from='juliet@localhost/b'><body>early</body></message>"
    talk = Talk().play(*LOGIN[:4], message + f"<iq type='error' id='bind-1'>{CONFLICT}</iq>")
    assert '"condition":"conflict"' in talk.text
    talk = Talk().play(*LOGIN[:4], message + BOUND)
    assert talk.text.index('"connected"') < talk.text.index('"early"')


# --- streams ----------------------------------------------------------------------------------------

ENTITIES = "<!DOCTYPE x [<!ENTITY a 'b'>]>"
BROKEN = [
    ("<message></presence>", "not-well-formed"),
    ("<message a='1' a='2'/>", "not-well-formed"),
    ("<message><x:y/></message>", "not-well-formed"),
    ("<message><body>&#1;</body></message>", "not-well-formed"),
    ("<message><body>&nbsp;</body></message>", "restricted-xml"),
    ("<message><body>a & b</body></message>", "not-well-formed"),
    ("<message><!-- c --></message>", "restricted-xml"),
    ("<?odd instruction?>", "restricted-xml"),
    (ENTITIES, "restricted-xml"),
    (b"text<message/>", "bad-format"),
    ("<a>" * 600, "policy-violation"),
    ("<message>" + "x" * (1 << 21), "policy-violation"),
]


@pytest.mark.parametrize(("data", "condition"), BROKEN)
@pytest.mark.parametrize("steps", [LOGIN, LOGIN[:2]])
def test_what_cannot_be_read_ends_the_stream(data, condition, steps):
    log = gained(Talk().play(*steps), data)
    assert log[0].startswith(f"<stream:error><{condition} ")
    assert log[0].endswith(END)
    assert f'"condition":"{condition}"' in log[1]
    assert log[2] == "CLOSED"


def test_bytes_that_are_not_utf8_end_the_stream():
    talk = online()
    talk.receive(b"<message><body>\xff\xfe</body></message>")
    assert "<unsupported-encoding" in talk.text


def test_nothing_is_done_after_the_end():
    talk = online().play("<message></presence>")
    assert gained(talk, lambda one: one.hang_up()) == []
    assert gained(talk, "ping|localhost") == [
        '{"event":"refused","command":"ping","reason":"we are not connected"}'
    ]


def test_a_client_can_come_back():
    assert online().play(END, *LOGIN).text.count('"connected"') == 2


def test_unknown_elements_and_white_space_are_passed_over():
    assert gained(online(), b" \n<r xmlns='urn:xmpp:sm:3'/><odd/><features xmlns='urn:x'/>") == []


def test_the_stream_is_closed_politely():
    talk = online()
    assert gained(talk, "set-presence|available", "disconnect")[-3:] == [
        "<presence type='unavailable'/>",
        END,
        '{"event":"done","command":"disconnect"}',
    ]
    late = "<message from='juliet@localhost/b'><body>late</body></message>"
    ping = "<iq type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq>"
    assert gained(talk, late + ping + END)[1:] == [
        "CLOSED",
        '{"event":"disconnected","reason":"the server closed the stream"}',
    ]


@pytest.mark.parametrize("steps", [(), ("connect",), LOGIN[:3], LOGIN])
def test_quit_ends_the_program(steps):
    talk = Talk().play(*steps, "quit")
    if not talk.client.is_over:
        talk.hang_up()
    assert talk.client.is_over


def test_a_connection_that_breaks_is_told_once():
    talk = online()
    assert len(gained(talk, lambda one: one.hang_up())) == 1
    assert gained(talk, lambda one: one.hang_up()) == []


# --- stanzas ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("type", ["get", "set"])
@pytest.mark.parametrize(
    "payload", ["<query xmlns='urn:example:unknown'/>", "<odd/>", "<query xmlns='jabber:iq:last'/>"]
)
def test_an_unknown_request_is_refused(type, payload):
    [log] = gained(online(), f"<iq type='{type}' id='7' from='juliet@localhost/b'>{payload}</iq>")
    assert log.startswith("<iq type='error' id='7' to='juliet@localhost/b'>")
    assert "<service-unavailable" in log


@pytest.mark.parametrize("from_", ["", " from='romeo@localhost'", " from='ROMEO@localhost'"])
def test_a_push_of_the_account_is_taken(from_):
    push = (
        f"<iq type='set' id='p'{from_}><query xmlns='jabber:iq:roster'><item jid='j@localhost'/></query></iq>"
    )
    log = gained(online(), push)
    assert '"contact","jid":"j@localhost","subscription":"none"' in log[0]
    assert log[1].startswith("<iq type='result' id='p'")


@pytest.mark.parametrize(
    "from_", ["localhost", "juliet@localhost", "romeo@localhost.evil", "romeo@localhost/x"]
)
def test_a_push_of_anybody_else_is_ignored(from_):
    push = (
        f"<iq type='set' id='p' from='{from_}'><query xmlns='jabber:iq:roster'><item jid='j@x'/></query></iq>"
    )
    assert gained(online(), push) == []


@pytest.mark.parametrize("from_", ["", " from='romeo@localhost'", " from='localhost'"])
def test_the_roster_comes_from_home(from_):
    roster = (
        f"<iq type='result' id='{{id}}'{from_}><query xmlns='jabber:iq:roster'><item jid='j@x'/></query></iq>"
    )
    assert '"roster"' in gained(online(), "get-roster", roster)[-1]


def test_a_forged_roster_is_ignored_and_the_real_one_still_taken():
    form = (
        "<iq type='result' id='{id}' from='%s'><query xmlns='jabber:iq:roster'><item jid='%s'/></query></iq>"
    )
    talk = online().play("get-roster", form % ("mallory@localhost", "m@x"), form % ("romeo@localhost", "j@x"))
    assert "m@x" not in talk.text
    assert "j@x" in talk.text


def test_an_empty_roster_result_leaves_the_roster_as_it_is():
    login = (*LOGIN[:3], HEADER + features(BIND, VERSIONS), BOUND)
    whole = (
        "<iq type='result' id='{id}'><query xmlns='jabber:iq:roster' ver='a'><item jid='j@x'/></query></iq>"
    )
    talk = Talk().play(*login, "get-roster", whole, END, *login)
    log = gained(talk, "get-roster", "<iq type='result' id='{id}'/>")
    assert "ver='a'" in log[0]
    assert '"items":[{"jid":"j@x"' in log[-1]


def test_presence_is_shown_and_never_answered():
    types = ("", "unavailable", "subscribe", "subscribed", "unsubscribe", "unsubscribed")
    for type in types:
        attribute = f" type='{type}'" if type else ""
        [log] = gained(online(), f"<presence{attribute} from='juliet@localhost'/>")
        assert log.startswith('{"event":"presence"')
    for type in ("probe", "odd"):
        assert gained(online(), f"<presence type='{type}' from='juliet@localhost'/>") == []


def test_messages_are_shown_and_never_answered():
    for type in ("chat", "normal", "headline", "groupchat"):
        log = gained(online(), f"<message type='{type}' from='j@x/y' id='m'><body>/me waits</body></message>")
        assert log == [
            f'{{"event":"message","from":"j@x/y","type":"{type}","body":"/me waits","id":"m"}}',
        ]
    for content in ("", "<x xmlns='urn:example:unknown'/>", "<odd/>"):
        assert gained(online(), f"<message from='j@x/y'>{content}</message>") == []


@pytest.mark.parametrize("code", sorted(LEGACY_CODES))
def test_an_old_error_is_understood(code):
    log = gained(online(), f"<message type='error' from='j@x'><error code='{code}'>Sorry</error></message>")
    assert f'"condition":"{LEGACY_CODES[code][0]}"' in log[0]


def test_an_error_may_be_odd():
    for error in (
        "",
        "<error/>",
        "<error code='999'/>",
        "<error code='x'/>",
        f"<error><odd xmlns='{STANZAS}'/></error>",
    ):
        log = gained(online(), f"<message type='error' from='j@x'>{error}</message>")
        assert '"condition":"undefined-condition"' in log[0]


# --- rooms ------------------------------------------------------------------------------------------


def _presence(content="", type="", nick="R"):
    attribute = f" type='{type}'" if type else ""
    x = f"<x xmlns='http://jabber.org/protocol/muc#user'>{content}</x>" if content else ""
    return f"<presence{attribute} from='{ROOM}/{nick}'>{x}</presence>"


def test_a_room_of_groupchat_1_0_is_entered_and_left():
    talk = online().play(f"join-room|{ROOM}|R", _presence(nick="Other"), _presence())
    assert talk.text.count('"joined"') == 1
    assert '"left"' in gained(talk, f"leave-room|{ROOM}|R", _presence(type="unavailable"))[-1]


@pytest.mark.parametrize(
    ("content", "condition"),
    [
        ("<item/><status code='301'/>", "banned"),
        ("<item/><status code='307'/>", "kicked"),
        ("<item/><status code='321'/>", "affiliation-changed"),
        ("<item/><status code='322'/>", "members-only"),
        ("<item/><status code='332'/>", "system-shutdown"),
        ("<item/><destroy><reason>over</reason></destroy>", "destroyed"),
    ],
)
def test_why_we_are_out_is_told(content, condition):
    talk = online().play(f"join-room|{ROOM}|R", _presence("<status code='110'/>"))
    log = gained(talk, _presence(content, type="unavailable"))
    assert f'"left","room":"{ROOM}","condition":"{condition}"' in log[-1]


def test_others_may_be_thrown_out():
    talk = online().play(f"join-room|{ROOM}|R", _presence("<status code='110'/>"))
    log = gained(talk, _presence("<item/><status code='307'/>", type="unavailable", nick="Other"))
    assert '"left"' not in "".join(log)


def test_a_stranger_cannot_pretend_that_we_are_in_a_room():
    assert '"joined"' not in "".join(gained(online(), _presence("<status code='110'/>")))


@pytest.mark.parametrize("from_", [ROOM, ROOM + "/R"])
@pytest.mark.parametrize("condition", ["conflict", "not-authorized", "item-not-found", "forbidden"])
def test_a_closed_door_is_told(from_, condition):
    error = f"<error type='auth'><{condition} xmlns='{STANZAS}'/></error>"
    talk = online().play(f"join-room|{ROOM}|R", f"<presence type='error' from='{from_}'>{error}</presence>")
    assert f'"left","room":"{ROOM}","condition":"{condition}"' in talk.text


def test_invitations_and_subjects_are_shown():
    invite = "<x xmlns='http://jabber.org/protocol/muc#user'><invite from='j@x'/></x>"
    direct = f"<x xmlns='jabber:x:conference' jid='{ROOM}'/>"
    for content in (invite, direct, "<subject>News</subject>"):
        assert '"message"' in gained(online(), f"<message from='{ROOM}'>{content}</message>")[0]


# --- registration -----------------------------------------------------------------------------------

REGISTERING = ("register", HEADER + features())
FIELDS = "<iq type='result' id='register-1'><query xmlns='jabber:iq:register'>%s</query></iq>"


@pytest.mark.parametrize(
    ("error", "condition"),
    [
        (CONFLICT, "conflict"),
        ("<error code='409'>Taken</error>", "conflict"),
        (f"<error code='406' type='modify'><not-acceptable xmlns='{STANZAS}'/></error>", "not-acceptable"),
        ("<error code='406'/>", "not-acceptable"),
    ],
)
def test_a_refused_registration_is_told(error, condition):
    fields = FIELDS % "<instructions/><username/><password/>"
    talk = Talk().play(*REGISTERING, fields, f"<iq type='error' id='register-2'>{error}</iq>")
    assert f'"condition":"{condition}"' in talk.text
    assert '"registered"' not in talk.text


def test_all_fields_are_filled_in():
    talk = Talk().play(
        *REGISTERING, FIELDS % "<instructions>!</instructions><username/><email/><password/><key>k</key>"
    )
    for element in ("<username>romeo<", "<email>romeo@localhost<", "<password>secret<", "<key>k<"):
        assert element in talk.sent
    assert "instructions" not in talk.sent
    assert '"registered"' in talk.play("<iq type='result' id='register-2'/>").text


def test_registration_elsewhere_or_before_is_told():
    url = "<instructions/><x xmlns='jabber:x:oob'><url>http://localhost/join</url></x>"
    assert '"redirect","text":"http://localhost/join"' in Talk().play(*REGISTERING, FIELDS % url).text
    assert '"conflict"' in Talk().play(*REGISTERING, FIELDS % "<registered/><username/>").text
    assert '"no-fields"' in Talk().play(*REGISTERING, "<iq type='result' id='register-1'/>").text


def test_no_password_is_registered_in_the_clear_unless_wished():
    talk = Talk(tls=TlsUse.OPTIONAL).play(*REGISTERING)
    assert "register-1" not in talk.text


# --- commands ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "command",
    [
        "odd",
        "send-message|juliet@localhost|odd|hi",
        "send-message|@|chat|hi",
        "send-message|juliet@localhost|chat|\x01",
        "send-message|juliet@localhost|chat|\udcff",
        "set-presence|odd",
        "set-presence|away||128",
        "set-presence|away||x",
        "send-presence|juliet@localhost|probe",
        "join-room|hall@rooms.localhost|",
        "change-nickname|hall@rooms.localhost|R",
        "change-password|other",
        "connect",
        "\udcff",
    ],
)
def test_what_cannot_be_done_is_refused(command):
    talk = Talk(tls=TlsUse.OPTIONAL).play("connect", HEADER + features(mechanisms("SCRAM-SHA-1")))
    talk.scram()
    talk.play(HEADER + features(BIND), BOUND)
    log = gained(talk, command)
    assert [line[:18] for line in log] == ['{"event":"refused"']


@pytest.mark.parametrize("command", ["disconnect", "get-roster", "ping|localhost"])
def test_without_a_connection_nothing_can_be_done(command):
    assert '"refused"' in Talk().play(command).text


def test_events_of_no_connection_are_passed_over():
    talk = Talk()
    talk.tell(ConnectFailed(reason="late"))
    assert talk.log == []
