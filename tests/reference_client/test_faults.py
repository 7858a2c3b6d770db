"""Every fault shows in a conversation, which the client without it passes."""

import tomllib

import pytest

from harness.reference_client.faults import FAULTS
from harness.reference_client.settings import TlsUse
from harness.resources import folder
from harness.wire.events import TlsFailed
from tests.reference_client.conversation import (
    BIND,
    BOUND,
    END,
    HANDSHAKE,
    HEADER,
    LEGACY,
    LOGIN,
    OLD_HEADER,
    PROCEED,
    SASL,
    SESSION,
    SUCCESS,
    TLS,
    TLS_DEMANDED,
    TLS_FAILURE,
    VERSIONS,
    Talk,
    features,
    mechanisms,
)

ROOM = "hall@rooms.localhost"
MUC = "<x xmlns='http://jabber.org/protocol/muc#user'>%s</x>"
SELF = MUC % "<item/><status code='110'/>"
KICKED = MUC % "<item/><status code='307'/>"
RENAMED = MUC % "<item nick='S'/><status code='303'/><status code='110'/>"
IN = f"<presence from='{ROOM}/R'>{SELF}</presence>"
PUSH = "<iq type='set' id='p1'%s><query xmlns='jabber:iq:roster' ver='v9'>%s</query></iq>"
ITEM = "<item jid='juliet@localhost' subscription='both'/>"
ERROR = "<error type='cancel'><%s xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"
UNKNOWN = "<iq type='get' id='q1' from='juliet@localhost/b'><query xmlns='urn:example:unknown'/></iq>"
DISCO = (
    "<iq type='get' id='d1' from='localhost'><query xmlns='http://jabber.org/protocol/disco#info'%s/></iq>"
)
VERSION = "<iq type='get' id='v1' from='localhost'><query xmlns='jabber:iq:version'/></iq>"
PING = "<iq type='get' id='g1' from='localhost'><ping xmlns='urn:xmpp:ping'/></iq>"
STREAM_ERROR = "<stream:error><%s xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>"
CARBON = (
    "<message from='%s'><received xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'>"
    "<message xmlns='jabber:client' from='juliet@localhost/b' type='chat'><body>copied</body></message>"
    "</forwarded></received></message>"
)
FIELDS = (
    "<iq type='result' id='register-1'><query xmlns='jabber:iq:register'>"
    "<username/><password/><name/><key>k7</key>%s</query></iq>"
)
FORM = (
    "<x xmlns='jabber:x:data' type='form'><field var='FORM_TYPE' type='hidden'><value>jabber:iq:register"
    "</value></field><field var='username'><required/></field><field var='password'/></x>"
)
REGISTERING = ("register", HEADER + features())
PLUS = ("SCRAM-SHA-1", "SCRAM-SHA-1-PLUS")
SCRAM = ("connect", HEADER + features(mechanisms("SCRAM-SHA-1")))
AUTH_FIELDS = (
    "<iq type='result' id='auth-1'><query xmlns='jabber:iq:auth'>"
    "<username/><digest/><password/><resource/></query></iq>"
)
NOT_AUTHORIZED = f"<failure {SASL}><not-authorized/></failure>"
AFTER_LOGIN = (HEADER + features(BIND), BOUND)


def _direct(*steps):
    return {"steps": steps, "tls": TlsUse.DIRECT}


def _required(*steps, **more):
    return {"steps": steps, "tls": TlsUse.REQUIRED, **more}


def _optional(*steps):
    return {"steps": steps, "tls": TlsUse.OPTIONAL}


def _disabled(*steps):
    return {"steps": steps, "tls": TlsUse.DISABLED}


def _online(*steps):
    return {"steps": (*LOGIN, *steps), "tls": TlsUse.DISABLED}


def _secret_signature(_signature):
    return b"not the signature"


def _scram(**options):
    return lambda talk: talk.scram(**options)


def _with_demand(challenge):
    return b"m=x," + challenge


#: Of each fault: a conversation, and what its log has only without the fault, or (after a !) only with it.
ROWS = {
    # streams
    "header-without-to": (_disabled("connect"), "to='localhost'"),
    "header-with-id": (_disabled("connect"), "! id='"),
    "header-from-full-jid": (_direct("connect"), "!from='romeo@localhost/orchard'"),
    "header-without-from": (_direct("connect"), "from='romeo@localhost'"),
    "header-without-version": (_disabled("connect"), " version='1.0' xml"),
    "header-namespaces-unchecked": (
        _disabled("connect", HEADER.replace("jabber:client", "jabber:server")),
        "invalid-namespace",
    ),
    "tls-requirement-ignored": (_required("connect", HEADER + features(mechanisms("SCRAM-SHA-1"))), "!<auth"),
    "credentials-before-tls": (
        _required("connect", HEADER + features(TLS, mechanisms("SCRAM-SHA-1"))),
        "<starttls",
    ),
    "demanded-tls-skipped": (
        _disabled("connect", HEADER + features(TLS_DEMANDED, mechanisms("PLAIN"))),
        "tls-required",
    ),
    "tls-failure-ignored": (
        _required("connect", HEADER + features(TLS, mechanisms("SCRAM-SHA-1")), TLS_FAILURE),
        "tls-refused",
    ),
    "clear-after-proceed": (_required("connect", HEADER + features(TLS), PROCEED), "TLS"),
    "clear-bytes-kept": (
        _required(
            "connect",
            HEADER + features(TLS),
            PROCEED + STREAM_ERROR % "reset",
            HEADER + features(mechanisms("PLAIN")),
        ),
        "<auth",
    ),
    "certificate-unchecked": (
        _required("connect", HEADER + features(TLS), PROCEED, handshake=TlsFailed(reason="expired")),
        "tls-failed",
    ),
    "tls-without-restart": (
        _required("connect", HEADER + features(TLS, mechanisms("SCRAM-SHA-1")), PROCEED),
        "!<auth",
    ),
    "restart-with-closing-tag": (_required("connect", HEADER + features(TLS), PROCEED), "!" + END),
    "bad-xml-swallowed": (_online("<message></presence>"), "<not-well-formed"),
    "restricted-xml-tolerated": (_online("<!-- a comment -->"), "<restricted-xml"),
    "crashes-at-bad-xml": (_online("<message></presence>"), "!RESET"),
    "bad-stream-left-unexplained": (_online("<message></presence>"), "<stream:error>"),
    "stream-error-wrong-condition": (_online("<message></presence>"), "<not-well-formed"),
    "stream-error-without-closing": (_online("<message></presence>"), "</stream:error>" + END),
    "foreign-namespace-accepted": (
        _online("<iq xmlns='jabber:server' type='get' id='1'/>"),
        "<invalid-names",
    ),
    "prefix-accepted": (
        _online("<c:message xmlns:c='jabber:client'><c:body>hi</c:body></c:message>"),
        "<bad-namespace-prefix",
    ),
    "stream-error-ignored": (_online(STREAM_ERROR % "conflict"), "CLOSED"),
    "stream-error-hidden": (_online(STREAM_ERROR % "conflict"), '"condition":"conflict"'),
    "unknown-condition-told": (_online(STREAM_ERROR % "made-up"), "undefined-condition"),
    "close-tag-ignored": (_online(END), "CLOSED"),
    "close-tag-unanswered": (_online(END), END),
    "closing-tag-never-sent": (_online(END), END),
    "stream-not-closed": (_online("disconnect"), END),
    "hangs-up-without-waiting": (_online("disconnect"), "!CLOSED"),
    "talks-after-closing": (_online("disconnect", PING), "!<iq type='result'"),
    # logins
    "plain-in-clear": (_optional("connect", HEADER + features(mechanisms("PLAIN"))), "!<auth"),
    "weakest-mechanism-first": (
        _direct("connect", HEADER + features(mechanisms("PLAIN", "SCRAM-SHA-1"))),
        "!'PLAIN'",
    ),
    "server-order-followed": (
        _direct("connect", HEADER + features(mechanisms("SCRAM-SHA-1", "SCRAM-SHA-256"))),
        "'SCRAM-SHA-256'",
    ),
    "unknown-mechanism-tried": (
        _disabled("connect", HEADER + features(mechanisms("X-NEW", "PLAIN"))),
        "!'X-NEW'",
    ),
    "plus-not-used": (_direct("connect", HEADER + features(mechanisms(*PLUS))), "'SCRAM-SHA-1-PLUS'"),
    "authzid-sent": (_disabled(*LOGIN[:2]), ">AHJvbWVvAHNlY3JldA=="),
    "scram-wrong-signature-accepted": (
        _disabled(*SCRAM, _scram(signature=_secret_signature), *AFTER_LOGIN),
        '!"connected"',
    ),
    "scram-missing-signature-accepted": (
        _disabled(*SCRAM, _scram(), *AFTER_LOGIN) | {"unsigned": True},
        '!"connected"',
    ),
    "scram-early-success-accepted": (_disabled(*SCRAM, SUCCESS, *AFTER_LOGIN), '!"connected"'),
    "scram-nonce-unchecked": (_disabled(*SCRAM, _scram(extends_nonce=False)), "!<response"),
    "scram-nonce-constant": (_disabled(*SCRAM), "!PWFsd2F5cy10aGUtc2FtZQ"),
    "scram-demand-ignored": (_disabled(*SCRAM, _scram(spoil=_with_demand)), "!<response"),
    "scram-flag-n-always": (_direct(*SCRAM), ">eSws"),
    "sasl-failure-ignored": (_disabled(*LOGIN[:2], NOT_AUTHORIZED), '"condition":"not-authorized"'),
    "sasl-without-restart": (_disabled(*LOGIN[:3]), "!bind-1"),
    "resource-not-asked-for": (_disabled(*LOGIN[:4]), "<resource>orchard</resource>"),
    "assigned-resource-ignored": (
        _disabled(*LOGIN[:4], BOUND.replace("orchard", "other")),
        '"connected","jid":"romeo@localhost/other"',
    ),
    "session-left-out": (_disabled(*LOGIN[:3], HEADER + features(BIND, SESSION), BOUND), "session-1"),
    "legacy-login-preferred": (
        _disabled("connect", HEADER + features(LEGACY, mechanisms("PLAIN"))),
        "!jabber:iq:auth",
    ),
    "legacy-password-preferred": (_disabled("connect", OLD_HEADER, AUTH_FIELDS), "!<password>"),
    "legacy-digest-in-capitals": (
        _disabled("connect", OLD_HEADER, AUTH_FIELDS),
        "<digest>3d1121b21f6287dc58010ebe9a95fa84ee2483d4</digest>",
    ),
    "fields-not-asked-for": (_disabled(*REGISTERING), "register-1"),
    "fields-left-out": (_disabled(*REGISTERING, FIELDS % ""), "<name>"),
    "registration-key-lost": (_disabled(*REGISTERING, FIELDS % ""), "<key>k7</key>"),
    "form-not-understood": (_disabled(*REGISTERING, FIELDS % FORM), "jabber:x:data"),
    "registration-error-ignored": (
        _disabled(
            *REGISTERING,
            FIELDS % "",
            f"<iq type='error' id='register-2'>{ERROR % 'conflict'}</iq>",
        ),
        '"condition":"conflict"',
    ),
    # requests
    "requests-unanswered": (_online(PING), "id='g1'"),
    "requests-answered-twice": (
        _online(PING),
        "!<iq type='result' id='g1' to='localhost'/>\n<iq type='result' id='g1' to='localhost'/>",
    ),
    "unknown-request-unanswered": (_online(UNKNOWN), "service-unavailable"),
    "unknown-request-answered-by-result": (_online(UNKNOWN), "service-unavailable"),
    "iq-bad-type-accepted": (_online("<iq type='ask' id='1'/>"), "bad-request"),
    "iq-without-child-accepted": (_online("<iq type='get' id='1'/>"), "bad-request"),
    "iq-two-children-accepted": (
        _online("<iq type='get' id='1'><ping xmlns='urn:xmpp:ping'/><x xmlns='urn:x'/></iq>"),
        "bad-request",
    ),
    "answer-id-changed": (_online(PING), "id='g1'"),
    "answer-id-missing": (_online(PING), "id='g1'"),
    "answer-to-wrong-address": (_online(PING), "to='localhost'/>"),
    "answer-typed-set": (_online(PING), "<iq type='result'"),
    "result-answered": (_online("<iq type='result' id='1' from='localhost'/>"), "!service-unavailable"),
    "error-answered": (
        _online(f"<iq type='error' id='1' from='localhost'>{ERROR % 'item-not-found'}</iq>"),
        "!service-unavailable",
    ),
    "error-wrong-condition": (_online(UNKNOWN), "service-unavailable"),
    "error-wrong-type": (_online(UNKNOWN), "<error type='cancel'>"),
    "error-without-condition": (_online(UNKNOWN), "service-unavailable"),
    "error-without-error-child": (_online(UNKNOWN), "<error"),
    "error-of-other-kind": (_online(UNKNOWN), "<iq type='error'"),
    "ids-repeated": (_online("ping|localhost", "ping|localhost"), "!id='same'"),
    "answer-from-anybody-taken": (
        _online("ping|localhost", "<iq type='result' id='{id}' from='juliet@localhost'/>"),
        '!"pong"',
    ),
    "second-answer-taken": (
        _online("ping|localhost", "<iq type='result' id='{id}' from='localhost'/>" * 2),
        '!"pong","jid":"localhost"}\n{"event":"pong"',
    ),
    "error-answer-hidden": (
        _online("ping|localhost", f"<iq type='error' id='{{id}}' from='localhost'>{ERROR % 'conflict'}</iq>"),
        '"condition":"conflict"',
    ),
    "numeric-codes-unknown": (
        _online(
            "ping|localhost", "<iq type='error' id='{id}' from='localhost'><error code='404'>No</error></iq>"
        ),
        '"condition":"item-not-found","text":"No"',
    ),
    "ping-refused": (_online(PING), "<iq type='result' id='g1'"),
    "version-without-name": (_online(VERSION), "<name>"),
    "version-without-version": (_online(VERSION), "<version>"),
    "disco-identity-missing": (_online(DISCO % ""), "<identity"),
    "disco-feature-missing": (_online(DISCO % ""), "'http://jabber.org/protocol/disco#info'/>"),
    "disco-ping-not-listed": (_online(DISCO % ""), "urn:xmpp:ping"),
    "disco-version-not-listed": (_online(DISCO % ""), "jabber:iq:version"),
    "disco-muc-not-listed": (_online(DISCO % ""), "http://jabber.org/protocol/muc"),
    "disco-unknown-node-answered": (_online(DISCO % " node='x'"), "item-not-found"),
    "password-changed-in-clear": (_online("change-password|other"), '"refused"'),
    "removal-with-to": (_online("unregister"), "!to='localhost'><query"),
    # rosters, subscriptions, presence
    "forged-push-accepted": (_online(PUSH % (" from='juliet@localhost'", ITEM)), '!"contact"'),
    "forged-push-answered": (_online(PUSH % (" from='juliet@localhost'", ITEM)), "!id='p1'"),
    "push-unanswered": (_online(PUSH % ("", ITEM)), "<iq type='result' id='p1'"),
    "push-answered-by-error": (_online(PUSH % ("", ITEM)), "<iq type='result' id='p1'"),
    "push-ignored": (_online(PUSH % ("", ITEM)), '"contact","jid":"juliet@localhost"'),
    "push-with-many-items-taken": (_online(PUSH % ("", ITEM + ITEM)), "bad-request"),
    "push-version-forgotten": (
        _disabled(*LOGIN[:3], HEADER + features(BIND, VERSIONS), BOUND, PUSH % ("", ITEM), "get-roster"),
        "ver='v9'",
    ),
    "removal-misunderstood": (
        _online(PUSH % ("", "<item jid='juliet@localhost' subscription='remove'/>")),
        '"subscription":"remove"',
    ),
    "unasked-roster-taken": (
        _online(f"<iq type='result' id='1'><query xmlns='jabber:iq:roster'>{ITEM}</query></iq>"),
        '!"roster"',
    ),
    "unknown-subscription-told": (
        _online(PUSH % ("", "<item jid='juliet@localhost' subscription='maybe'/>")),
        '!"maybe"',
    ),
    "roster-get-with-item": (_online("get-roster"), "!<item"),
    "roster-get-to-server": (_online("get-roster"), "!to='localhost'><query"),
    "version-sent-unasked": (_online("get-roster"), "!ver="),
    "roster-version-made-up": (
        _disabled(*LOGIN[:3], HEADER + features(BIND, VERSIONS), BOUND, "get-roster"),
        "ver=''",
    ),
    "roster-set-with-ask": (_online("add-contact|juliet@localhost|J|Friends"), "!ask="),
    "roster-set-with-approved": (_online("add-contact|juliet@localhost|J|Friends"), "!approved="),
    "roster-set-with-two-items": (
        _online("add-contact|juliet@localhost||"),
        "jid='juliet@localhost'/></query>",
    ),
    "subscription-accepted-by-itself": (
        _online("<presence type='subscribe' from='juliet@localhost'/>"),
        "!type='subscribed'",
    ),
    "subscription-request-hidden": (
        _online("<presence type='subscribe' from='juliet@localhost'/>"),
        '"type":"subscribe"',
    ),
    "subscription-to-full-jid": (
        _online("send-presence|juliet@localhost/b|subscribe"),
        "to='juliet@localhost'",
    ),
    "subscription-without-id": (_online("send-presence|juliet@localhost|subscribe"), "'subscribe' id="),
    "presence-answered-by-error": (_online("<presence from='juliet@localhost/b'/>"), "!type='error'"),
    "presence-error-answered": (
        _online(f"<presence type='error' from='juliet@localhost/b'>{ERROR % 'conflict'}</presence>"),
        "!<presence type='error'",
    ),
    "probes-sent": (_online("set-presence|available"), "!'probe'"),
    "presence-with-to": (_online("set-presence|available"), "<presence/>"),
    "show-made-up": (_online("set-presence|dnd"), "<show>dnd</show>"),
    "unknown-show-told": (_online("<presence from='j@localhost/b'><show>odd</show></presence>"), "!odd"),
    "priority-out-of-range": (_online("set-presence|away||5"), "<priority>5</priority>"),
    "unavailable-with-show": (_online("set-presence|unavailable"), "!<show>"),
    "leaves-without-unavailable": (_online("set-presence|available", "disconnect"), "'unavailable'"),
    # messages and rooms
    "message-error-answered": (
        _online(f"<message type='error' from='j@localhost/b'>{ERROR % 'conflict'}</message>"),
        "!<message type='error'",
    ),
    "message-error-hidden": (
        _online(f"<message type='error' from='j@localhost/b'>{ERROR % 'conflict'}</message>"),
        '"condition":"conflict"',
    ),
    "message-answered-by-error": (
        _online("<message from='j@localhost/b'><body>hi</body></message>"),
        "!'error'",
    ),
    "unknown-extension-drops-message": (
        _online("<message from='j@localhost/b'><body>hi</body><x xmlns='urn:x'/></message>"),
        '"body":"hi"',
    ),
    "unknown-message-type-told": (
        _online("<message type='odd' from='j@localhost/b'><body>hi</body></message>"),
        '"type":"normal"',
    ),
    "message-without-id": (_online("send-message|juliet@localhost|chat|hi"), "type='chat' id="),
    "forged-carbons-accepted": (_online(CARBON % "mallory@localhost"), "!copied"),
    "carbons-ignored": (_online(CARBON % "romeo@localhost"), '"body":"copied"'),
    "carbons-answered": (_online(CARBON % "romeo@localhost"), "!I am busy"),
    "groupchat-sent-as-chat": (_online(f"send-message|{ROOM}|groupchat|hi"), "'groupchat'"),
    "room-entered-as-of-old": (_online(f"join-room|{ROOM}|R|"), "<x xmlns"),
    "room-entered-with-type": (_online(f"join-room|{ROOM}|R|"), "!type='available'"),
    "room-password-left-out": (_online(f"join-room|{ROOM}|R|open"), "<password>open</password>"),
    "room-left-by-unsubscribing": (_online(f"leave-room|{ROOM}|R"), "type='unavailable'"),
    "room-entrance-unnoticed": (_online(f"join-room|{ROOM}|R|", IN), '"joined"'),
    "room-assigned-name-ignored": (
        _online(f"join-room|{ROOM}|R|", IN.replace("/R'", "/Other'")),
        '"nick":"Other"',
    ),
    "room-exit-unnoticed": (
        _online(f"join-room|{ROOM}|R|", IN, IN.replace("<presence", "<presence type='unavailable'")),
        '"left"',
    ),
    "room-exit-reason-lost": (
        _online(
            f"join-room|{ROOM}|R|",
            IN,
            f"<presence type='unavailable' from='{ROOM}/R'>{KICKED}</presence>",
        ),
        '"condition":"kicked"',
    ),
    "room-error-unnoticed": (
        _online(
            f"join-room|{ROOM}|R|",
            f"<presence type='error' from='{ROOM}/R'>{ERROR % 'not-authorized'}</presence>",
        ),
        '"left","room":"hall@rooms.localhost","condition":"not-authorized"',
    ),
    "room-error-taken-for-exit": (
        _online(
            f"join-room|{ROOM}|R|",
            IN,
            f"change-nickname|{ROOM}|S",
            f"<presence type='error' from='{ROOM}/S'>{ERROR % 'conflict'}</presence>",
        ),
        '"error","condition":"conflict","command":"change-nickname"',
    ),
    "room-new-name-taken-for-exit": (
        _online(
            f"join-room|{ROOM}|R|",
            IN,
            f"change-nickname|{ROOM}|S",
            f"<presence type='unavailable' from='{ROOM}/R'>{RENAMED}</presence>",
            IN.replace("/R'", "/S'"),
        ),
        '"nick":"S"',
    ),
    # those that were added when scenarios wanted them
    "header-without-language": (_disabled("connect"), "xml:lang"),
    "higher-version-refused": (
        _disabled("connect", HEADER.replace("1.0", "1.1") + features(mechanisms("PLAIN"))),
        "<auth",
    ),
    "white-space-in-negotiation": (_required("connect", HEADER + features(TLS)), "!-tls'/>\n"),
    "white-space-refused": (_online(b" "), "!<policy-violation"),
    "sasl-data-with-line-breaks": (_disabled(*LOGIN[:2]), "AHJvbWVvAHNlY3JldA=="),
    "bind-left-out": (_disabled(*LOGIN[:4]), "bind-1"),
    "bind-error-ignored": (
        _disabled(*LOGIN[:4], f"<iq type='error' id='bind-1'>{ERROR % 'conflict'}</iq>"),
        '"condition":"conflict"',
    ),
    "legacy-resource-missing": (
        _disabled("connect", OLD_HEADER, AUTH_FIELDS),
        "<resource>orchard</resource>",
    ),
    "prefixed-payload-unknown": (
        _online("<iq type='get' id='1'><p:ping xmlns:p='urn:xmpp:ping'/></iq>"),
        "<iq type='result' id='1'",
    ),
    "application-condition-told": (
        _online(
            "<message type='error' from='j@x'><error type='cancel'>"
            "<gone xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/><odd xmlns='urn:x'/></error></message>"
        ),
        '"condition":"gone"',
    ),
    "ping-of-others-refused": (_online(PING.replace("localhost", "j@x/y")), "<iq type='result' id='g1'"),
    "disco-items-refused": (_online(DISCO.replace("info", "items") % ""), "<iq type='result' id='d1'"),
    "rooms-shown-to-anybody": (
        _online(
            f"join-room|{ROOM}|R",
            DISCO.replace("info", "items") % " node='http://jabber.org/protocol/muc#rooms'",
        ),
        f"!jid='{ROOM}'",
    ),
    "roster-ignored": (
        _online(
            "get-roster", f"<iq type='result' id='{{id}}'><query xmlns='jabber:iq:roster'>{ITEM}</query></iq>"
        ),
        '"roster"',
    ),
    "roster-version-left-out": (
        _disabled(*LOGIN[:3], HEADER + features(BIND, VERSIONS), BOUND, "get-roster"),
        "ver=''",
    ),
    "presence-hidden": (_online("<presence from='j@x/y'/>"), '"presence"'),
    "subscription-answer-hidden": (_online("<presence type='subscribed' from='j@x'/>"), '"subscribed"'),
    "unknown-extension-drops-presence": (
        _online("<presence from='j@x/y'><odd xmlns='urn:x'/></presence>"),
        '"presence"',
    ),
    "message-hidden": (_online("<message from='j@x'><body>hi</body></message>"), '"body":"hi"'),
    "headline-hidden": (
        _online("<message type='headline' from='j@x'><body>hi</body></message>"),
        '"body":"hi"',
    ),
    "groupchat-hidden": (
        _online(f"<message type='groupchat' from='{ROOM}/R'><body>hi</body></message>"),
        '"body":"hi"',
    ),
    "invitation-hidden": (
        _online(f"<message from='j@x'><x xmlns='jabber:x:conference' jid='{ROOM}'/></message>"),
        '"message"',
    ),
    "subject-hidden": (
        _online(f"<message type='groupchat' from='{ROOM}'><subject>News</subject></message>"),
        '"message"',
    ),
    "message-without-sender-dropped": (_online("<message><body>hi</body></message>"), '"body":"hi"'),
    "message-type-made-up": (_online("send-message|juliet@localhost|chat|hi"), "type='chat'"),
}


def _log(row, faults):
    talk = Talk(faults, row["tls"], handshake=row.get("handshake", HANDSHAKE))
    if row.get("unsigned"):
        talk.is_unsigned = True
    return talk.play(*row["steps"]).text


def test_every_fault_has_a_row():
    assert ROWS.keys() == FAULTS.keys()


@pytest.mark.parametrize("fault", sorted(ROWS))
def test_the_fault_shows(fault):
    row, sign = ROWS[fault]
    good, bad = _log(row, ()), _log(row, (fault,))
    where, elsewhere = (bad, good) if sign.startswith("!") else (good, bad)
    assert sign.removeprefix("!") in where, where
    assert sign.removeprefix("!") not in elsewhere, elsewhere


def test_every_fault_breaks_what_binds_clients():
    rows = [
        row
        for path in (folder("scenarios") / "requirements").glob("*.toml")
        for row in tomllib.loads(path.read_text(encoding="utf-8"))["requirement"]
    ]
    binding = {row["id"] for row in rows if row["client"] != "N/A"}
    for fault in FAULTS.values():
        assert fault.breaks, fault
        assert binding.issuperset(fault.breaks), fault
