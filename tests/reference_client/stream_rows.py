"""Rows of faults in streams and logins."""

from harness.wire.events import TlsFailed
from tests.reference_client.conversation import (
    BIND,
    BOUND,
    END,
    HEADER,
    LEGACY,
    LOGIN,
    MANAGEMENT,
    OLD_HEADER,
    PROCEED,
    SESSION,
    SUCCESS,
    TLS,
    TLS_DEMANDED,
    TLS_FAILURE,
    features,
    mechanisms,
)
from tests.reference_client.rows import (
    AFTER_LOGIN,
    AUTH_FIELDS,
    ERROR,
    FIELDS,
    FORM,
    NOT_AUTHORIZED,
    PING,
    PLUS,
    REGISTERING,
    SCRAM,
    SM,
    STREAM_ERROR,
    direct,
    disabled,
    online,
    optional,
    required,
    scram,
    secret_signature,
)

#: Of each fault: a conversation, and what its log has only without the fault, or (after a !) only with it.
STREAM_ROWS = {
    # streams
    "header-without-to": (disabled("connect"), "to='localhost'"),
    "header-with-id": (disabled("connect"), "! id='"),
    "header-from-full-jid": (direct("connect"), "!from='romeo@localhost/orchard'"),
    "header-without-from": (direct("connect"), "from='romeo@localhost'"),
    "header-without-version": (disabled("connect"), " version='1.0' xml"),
    "header-namespaces-unchecked": (
        disabled("connect", HEADER.replace("jabber:client", "jabber:server")),
        "invalid-namespace",
    ),
    "tls-requirement-ignored": (required("connect", HEADER + features(mechanisms("SCRAM-SHA-1"))), "!<auth"),
    "credentials-before-tls": (
        required("connect", HEADER + features(TLS, mechanisms("SCRAM-SHA-1"))),
        "<starttls",
    ),
    "demanded-tls-skipped": (
        disabled("connect", HEADER + features(TLS_DEMANDED, mechanisms("PLAIN"))),
        "tls-required",
    ),
    "tls-failure-ignored": (
        required("connect", HEADER + features(TLS, mechanisms("SCRAM-SHA-1")), TLS_FAILURE),
        "tls-refused",
    ),
    "clear-after-proceed": (required("connect", HEADER + features(TLS), PROCEED), "TLS"),
    "clear-bytes-kept": (
        required(
            "connect",
            HEADER + features(TLS),
            PROCEED + HEADER + features(mechanisms("PLAIN")),
        ),
        "!<auth",
    ),
    "certificate-unchecked": (
        required("connect", HEADER + features(TLS), PROCEED, handshake=TlsFailed(reason="expired")),
        "tls-failed",
    ),
    "tls-without-restart": (
        required("connect", HEADER + features(TLS, mechanisms("SCRAM-SHA-1")), PROCEED),
        "!<auth",
    ),
    "restart-with-closing-tag": (required("connect", HEADER + features(TLS), PROCEED), "!" + END),
    "bad-xml-swallowed": (online("<message></presence>"), "<not-well-formed"),
    "restricted-xml-tolerated": (online("<!-- a comment -->"), "<restricted-xml"),
    "crashes-at-bad-xml": (online("<message></presence>"), "!RESET"),
    "bad-stream-left-unexplained": (online("<message></presence>"), "<stream:error>"),
    "stream-error-wrong-condition": (online("<message></presence>"), "<not-well-formed"),
    "stream-error-without-closing": (online("<message></presence>"), "</stream:error>" + END),
    "foreign-namespace-accepted": (
        online("<iq xmlns='jabber:server' type='get' id='1'/>"),
        "<invalid-names",
    ),
    "prefix-accepted": (
        online("<c:message xmlns:c='jabber:client'><c:body>hi</c:body></c:message>"),
        "<bad-namespace-prefix",
    ),
    "stream-error-ignored": (online(STREAM_ERROR % "conflict"), "CLOSED"),
    "stream-error-hidden": (online(STREAM_ERROR % "conflict"), '"condition":"conflict"'),
    "unknown-condition-told": (online(STREAM_ERROR % "made-up"), "undefined-condition"),
    "close-tag-ignored": (online(END), "CLOSED"),
    "close-tag-unanswered": (online(END), END),
    "closing-tag-never-sent": (online(END), END),
    "stream-not-closed": (online("disconnect"), END),
    "hangs-up-without-waiting": (online("disconnect"), "!CLOSED"),
    "talks-after-closing": (online("disconnect", PING), "!<iq type='result'"),
    "split-characters-refused": (
        online(lambda talk: talk.receive_in_pieces(b"<message><body>\xc3", b"\xa4</body></message>")),
        "!<not-well-formed",
    ),
    "nested-stream-error-obeyed": (
        online(f"<message><x xmlns='urn:x'>{STREAM_ERROR % 'conflict'}</x></message>"),
        '!"condition":"conflict"',
    ),
    "unknown-extension-ends-stream": (
        online("<message><body>hi</body><odd xmlns='urn:x'/></message>"),
        "!<policy-violation",
    ),
    "mixed-content-ends-stream": (
        online("<message>text<body>hi</body></message>"),
        "!<policy-violation",
    ),
    "cdata-refused": (online("<message><body><![CDATA[hi]]></body></message>"), "!<policy-violation"),
    "login-counted": (
        disabled(*LOGIN[:3], HEADER + features(BIND, MANAGEMENT), BOUND, f"<enabled {SM}/><r {SM}/>"),
        "!h='4'",
    ),
    # logins
    "plain-in-clear": (optional("connect", HEADER + features(mechanisms("PLAIN"))), "!<auth"),
    "weakest-mechanism-first": (
        direct("connect", HEADER + features(mechanisms("PLAIN", "SCRAM-SHA-1"))),
        "!'PLAIN'",
    ),
    "server-order-followed": (
        direct("connect", HEADER + features(mechanisms("SCRAM-SHA-1", "SCRAM-SHA-256"))),
        "'SCRAM-SHA-256'",
    ),
    "unknown-mechanism-tried": (
        disabled("connect", HEADER + features(mechanisms("X-NEW", "PLAIN"))),
        "!'X-NEW'",
    ),
    "plus-not-used": (direct("connect", HEADER + features(mechanisms(*PLUS))), "'SCRAM-SHA-1-PLUS'"),
    "authzid-sent": (disabled(*LOGIN[:2]), ">AHJvbWVvAHNlY3JldA=="),
    "scram-wrong-signature-accepted": (
        disabled(*SCRAM, scram(signature=secret_signature), *AFTER_LOGIN),
        '!"connected"',
    ),
    "scram-missing-signature-accepted": (
        disabled(*SCRAM, scram(), *AFTER_LOGIN) | {"unsigned": True},
        '!"connected"',
    ),
    "scram-early-success-accepted": (disabled(*SCRAM, SUCCESS, *AFTER_LOGIN), '!"connected"'),
    "scram-nonce-unchecked": (disabled(*SCRAM, scram(extends_nonce=False)), "!<response"),
    "scram-nonce-constant": (disabled(*SCRAM), "!PWFsd2F5cy10aGUtc2FtZQ"),
    "scram-demand-ignored": (disabled(*SCRAM, scram(demands=True), *AFTER_LOGIN), '!"connected"'),
    "scram-flag-n-always": (direct(*SCRAM), ">eSws"),
    "sasl-failure-ignored": (disabled(*LOGIN[:2], NOT_AUTHORIZED), '"condition":"not-authorized"'),
    "sasl-without-restart": (disabled(*LOGIN[:3]), "!bind-1"),
    "resource-not-asked-for": (disabled(*LOGIN[:4]), "<resource>orchard</resource>"),
    "assigned-resource-ignored": (
        disabled(*LOGIN[:4], BOUND.replace("orchard", "other")),
        '"connected","jid":"romeo@localhost/other"',
    ),
    "session-left-out": (disabled(*LOGIN[:3], HEADER + features(BIND, SESSION), BOUND), "session-1"),
    "legacy-login-preferred": (
        disabled("connect", HEADER + features(LEGACY, mechanisms("PLAIN"))),
        "!jabber:iq:auth",
    ),
    "legacy-password-preferred": (disabled("connect", OLD_HEADER, AUTH_FIELDS), "!<password>"),
    "legacy-digest-in-capitals": (
        disabled("connect", OLD_HEADER, AUTH_FIELDS),
        "<digest>3d1121b21f6287dc58010ebe9a95fa84ee2483d4</digest>",
    ),
    "fields-not-asked-for": (disabled(*REGISTERING), "register-1"),
    "fields-left-out": (disabled(*REGISTERING, FIELDS % ""), "<name>"),
    "registration-key-lost": (disabled(*REGISTERING, FIELDS % ""), "<key>k7</key>"),
    "form-not-understood": (disabled(*REGISTERING, FIELDS % FORM), "jabber:x:data"),
    "registration-error-ignored": (
        disabled(
            *REGISTERING,
            FIELDS % "",
            f"<iq type='error' id='register-2'>{ERROR % 'conflict'}</iq>",
        ),
        '"condition":"conflict"',
    ),
}
