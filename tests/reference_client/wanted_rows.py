"""Rows of faults that the authors of scenarios for clients asked for."""

import base64

from tests.reference_client.conversation import BIND, HEADER, OLD_HEADER, TLS, Talk, features, mechanisms
from tests.reference_client.rows import (
    ADDRESS,
    ARCHIVED,
    AUTH_FIELDS,
    CHALLENGED,
    ERROR,
    FIELDS,
    FORM,
    FORWARDED,
    IN,
    ITEM,
    PUSH,
    REGISTERING,
    ROOM,
    SCRAM,
    SELF,
    STREAM_ERROR,
    counting,
    direct,
    disabled,
    online,
    required,
)

#: Of each fault: a conversation, and what its log has only without the fault, or (after a !) only with it.
WANTED_ROWS = {
    # what the authors of scenarios for clients wanted
    "header-from-demanded": (
        required("connect", HEADER.replace(" from='localhost'", "") + features(TLS)),
        "<starttls",
    ),
    "header-language-demanded": (required("connect", HEADER + features(TLS)), "<starttls"),
    "header-id-missing-hangs-up": (
        required("connect", HEADER.replace(" id='s1'", "") + features(TLS)),
        "<starttls",
    ),
    "stream-prefix-demanded": (
        required("connect", (HEADER + features(TLS)).replace("stream:", "s:").replace(":stream=", ":s=")),
        "<starttls",
    ),
    "version-compared-as-text": (
        required("connect", HEADER.replace("1.0", "01.00") + features(TLS)),
        "<starttls",
    ),
    "header-in-one-piece": (
        required(
            "connect",
            lambda talk: talk.receive_in_pieces(HEADER[:9].encode(), HEADER[9:].encode()),
            features(TLS),
        ),
        "<starttls",
    ),
    "xml-pedantic": (required("connect", HEADER.replace("'", '"') + features(TLS)), "<starttls"),
    "redirect-followed-in-clear": (
        required(
            "connect",
            HEADER + STREAM_ERROR % "see-other-host",
            HEADER + features(mechanisms("PLAIN")),
        ),
        "!<auth",
    ),
    "comes-back-at-once": (
        required("connect", HEADER + STREAM_ERROR % "conflict", HEADER + features(TLS)),
        "!<starttls",
    ),
    "plain-where-tls-is-withheld": (required("connect", HEADER + features(mechanisms("PLAIN"))), "!<auth"),
    "features-in-place-of-proceed": (
        required("connect", HEADER + features(TLS), features(mechanisms("PLAIN"))),
        "!<auth",
    ),
    "starttls-over-direct-tls": (
        direct("connect", HEADER + features(TLS, mechanisms("SCRAM-SHA-1"))),
        "!<starttls",
    ),
    "lost-connection-hidden": (online(Talk.hang_up), '"disconnected"'),
    "unknown-stream-element-answered": (online("<tea xmlns='urn:x'/>"), "!<iq type='error'"),
    "namespace-of-stanzas-ignored": (
        online("<message xmlns='urn:x' from='j@x'><body>hi</body></message>"),
        '!"body":"hi"',
    ),
    "unbound-prefix-accepted": (
        online("<message from='j@x' tea:sort='green'><body>hi</body></message>"),
        '!"body":"hi"',
    ),
    "cut-stanza-taken": (
        online(lambda talk: talk.cut_off(b"<message from='j@x'><body>Half a</body>")),
        '!"body":"Half a"',
    ),
    "text-ends-at-comment": (
        online("<message from='j@x'><body>good<!-- -->.evil</body></message>"),
        '!"body":"good"',
    ),
    "crashes-at-stream-error": (online(STREAM_ERROR % "conflict"), "!RESET"),
    "crashes-at-huge-count": (counting(2**31), "!RESET"),
    "crashes-at-count-of-one": (counting(1), "!RESET"),
    "crashes-at-large-elements": (
        online(f"<message from='j@x'><body>{'long' * 1024}</body></message>"),
        "!RESET",
    ),
    "crashes-at-deep-nesting": (online("<message>" + "<x>" * 600 + "</x>" * 600 + "</message>"), "!RESET"),
    "crashes-at-second-header": (online("<stream:stream></stream:stream>"), "!RESET"),
    "crashes-at-unknown-elements": (online("<tea xmlns='urn:x'/>"), "!RESET"),
    "sasl-skipped": (disabled("connect", HEADER + features(BIND)), "!bind-1"),
    "scram-unknown": (disabled(*SCRAM), "<auth"),
    "repeated-mechanism-refused": (
        disabled("connect", HEADER + features(mechanisms("PLAIN", "PLAIN"))),
        "<auth",
    ),
    "first-feature-only": (required("connect", HEADER + features(BIND, TLS)), "<starttls"),
    "bad-base64-tolerated": (
        disabled(*SCRAM, CHALLENGED % base64.b64encode(b"r=f1x,s=c2FsdA==,i=9").decode().replace("x", "x*")),
        "!<response",
    ),
    "empty-challenge-answered": (disabled(*SCRAM, CHALLENGED % ""), "!<response"),
    "results-hidden": (online("ping|localhost", "<iq type='result' id='{id}' from='localhost'/>"), '"pong"'),
    "answer-by-type-alone": (
        online("ping|localhost", "<iq type='result' id='other' from='localhost'/>"),
        '!"pong"',
    ),
    "one-request-at-a-time": (online("ping|localhost", "query-version|localhost"), "jabber:iq:version"),
    "unescaped-text-sent": (online("send-message|juliet@localhost|chat|a < b & c"), "a &lt; b &amp; c"),
    "lookalike-trusted": (online(PUSH % (" from='romeo@localhost.evil'", ITEM)), '!"contact"'),
    "removal-as-plain-set": (online("remove-contact|juliet@localhost"), "subscription='remove'"),
    "approval-id-mirrored": (
        online("<presence type='subscribe' id='ask-1' from='j@x'/>", "send-presence|j@x|subscribed"),
        "!ask-1",
    ),
    "presence-error-hidden": (
        online(f"<presence type='error' from='j@x'>{ERROR % 'conflict'}</presence>"),
        '"type":"error"',
    ),
    "unsubscribe-hidden": (online("<presence type='unsubscribe' from='j@x'/>"), '"unsubscribe"'),
    "presence-returned": (online("<presence from='j@x/y'/>"), "!<presence to='j@x/y'"),
    "forwarded-taken-for-genuine": (online(FORWARDED), '!"body":"inner"'),
    "message-without-to-dropped": (online("<message from='j@x'><body>hi</body></message>"), '"body":"hi"'),
    "unknown-payload-called-bad": (
        online("<message from='j@x'><odd xmlns='urn:x'/></message>"),
        "!bad-request",
    ),
    "private-message-as-groupchat": (
        online(f"join-room|{ROOM}|R|", f"send-message|{ROOM}/J|chat|hi"),
        "type='chat'",
    ),
    "subject-sent-as-body": (online(f"set-subject|{ROOM}|News"), "<subject>News"),
    "rooms-confused": (
        online(
            f"join-room|{ROOM}|R|", IN, f"<presence type='unavailable' from='den@rooms/R'>{SELF}</presence>"
        ),
        '!"left"',
    ),
    "room-error-taken-for-entrance": (
        online(
            f"join-room|{ROOM}|R|", f"<presence type='error' from='{ROOM}/R'>{ERROR % 'conflict'}</presence>"
        ),
        '!"joined"',
    ),
    "odd-status-code-refused": (
        online(f"join-room|{ROOM}|R|", IN.replace("<status", "<status code='tea'/><status")),
        '"joined"',
    ),
    "addresses-of-2002": (online(f"join-room|{ROOM}|Rose \N{ROSE}|"), "Rose \N{ROSE}"),
    "account-made-in-clear": (required("register", HEADER + features()), "!<password>secret"),
    "form-and-fields-sent": (disabled(*REGISTERING, FIELDS % FORM), "!<username"),
    "form-beside-query": (disabled(*REGISTERING, FIELDS % FORM), "</x></query>"),
    "password-field-left-out": (disabled(*REGISTERING, FIELDS % ""), "<password>"),
    "hidden-fields-left-out": (disabled(*REGISTERING, FIELDS % FORM), "FORM_TYPE"),
    "address-passed-over": (disabled(*REGISTERING, ADDRESS), "!<password>"),
    "legacy-fields-not-asked-for": (disabled("connect", OLD_HEADER), "'get' id='auth-1'"),
    "legacy-error-ignored": (
        disabled(
            "connect", OLD_HEADER, AUTH_FIELDS, f"<iq type='error' id='auth-2'>{ERROR % 'conflict'}</iq>"
        ),
        '!"connected"',
    ),
    "legacy-login-then-bind": (
        disabled("connect", OLD_HEADER, AUTH_FIELDS, "<iq type='result' id='auth-2'/>"),
        "!bind-1",
    ),
    "legacy-password-refused": (
        direct("connect", OLD_HEADER, *[AUTH_FIELDS.replace("<digest/>", "")] * 2),
        "<password>secret",
    ),
    "odd-delay-drops-message": (
        online("<message from='j@x'><body>hi</body><delay xmlns='urn:xmpp:delay' stamp='tea'/></message>"),
        '"body":"hi"',
    ),
    "contacts-of-messages-taken": (
        online("<message from='j@x'><x xmlns='jabber:x:roster'><item jid='j@x'/></x></message>"),
        '!"contact"',
    ),
    "archive-of-anybody-taken": (online(ARCHIVED), '!"body":"inner"'),
    "unknown-show-drops-presence": (
        online("<presence from='j@x'><show>normal</show></presence>"),
        '"presence"',
    ),
}
