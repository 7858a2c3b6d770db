"""Rows of faults that scenarios wanted first."""

from tests.reference_client.conversation import (
    BIND,
    BOUND,
    HEADER,
    LOGIN,
    OLD_HEADER,
    TLS,
    VERSIONS,
    features,
    mechanisms,
)
from tests.reference_client.rows import (
    AUTH_FIELDS,
    DISCO,
    ERROR,
    ITEM,
    PING,
    ROOM,
    disabled,
    online,
    required,
)

#: Of each fault: a conversation, and what its log has only without the fault, or (after a !) only with it.
MORE_ROWS = {
    # those that were added when scenarios wanted them
    "header-without-language": (disabled("connect"), "xml:lang"),
    "higher-version-refused": (
        disabled("connect", HEADER.replace("1.0", "1.1") + features(mechanisms("PLAIN"))),
        "<auth",
    ),
    "white-space-in-negotiation": (required("connect", HEADER + features(TLS)), "!-tls'/>\n"),
    "white-space-refused": (online(b" "), "!<policy-violation"),
    "sasl-data-with-line-breaks": (disabled(*LOGIN[:2]), "AHJvbWVvAHNlY3JldA=="),
    "bind-left-out": (disabled(*LOGIN[:4]), "bind-1"),
    "bind-error-ignored": (
        disabled(*LOGIN[:4], f"<iq type='error' id='bind-1'>{ERROR % 'conflict'}</iq>"),
        '"condition":"conflict"',
    ),
    "legacy-resource-missing": (
        disabled("connect", OLD_HEADER, AUTH_FIELDS),
        "<resource>orchard</resource>",
    ),
    "prefixed-payload-unknown": (
        online("<iq type='get' id='1'><p:ping xmlns:p='urn:xmpp:ping'/></iq>"),
        "<iq type='result' id='1'",
    ),
    "application-condition-told": (
        online(
            "<message type='error' from='j@x'><error type='cancel'>"
            "<gone xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/><odd xmlns='urn:x'/></error></message>"
        ),
        '"condition":"gone"',
    ),
    "ping-of-others-refused": (online(PING.replace("localhost", "j@x/y")), "<iq type='result' id='g1'"),
    "disco-items-refused": (online(DISCO.replace("info", "items") % ""), "<iq type='result' id='d1'"),
    "rooms-shown-to-anybody": (
        online(
            f"join-room|{ROOM}|R",
            DISCO.replace("info", "items") % " node='http://jabber.org/protocol/muc#rooms'",
        ),
        f"!jid='{ROOM}'",
    ),
    "roster-ignored": (
        online(
            "get-roster", f"<iq type='result' id='{{id}}'><query xmlns='jabber:iq:roster'>{ITEM}</query></iq>"
        ),
        '"roster"',
    ),
    "roster-version-left-out": (
        disabled(*LOGIN[:3], HEADER + features(BIND, VERSIONS), BOUND, "get-roster"),
        "ver=''",
    ),
    "presence-hidden": (online("<presence from='j@x/y'/>"), '"presence"'),
    "odd-priority-drops-presence": (
        online("<presence from='j@x/y'><priority>first</priority></presence>"),
        '"presence"',
    ),
    "subscription-answer-hidden": (online("<presence type='subscribed' from='j@x'/>"), '"subscribed"'),
    "unknown-extension-drops-presence": (
        online("<presence from='j@x/y'><odd xmlns='urn:x'/></presence>"),
        '"presence"',
    ),
    "message-hidden": (online("<message from='j@x'><body>hi</body></message>"), '"body":"hi"'),
    "headline-hidden": (
        online("<message type='headline' from='j@x'><body>hi</body></message>"),
        '"body":"hi"',
    ),
    "groupchat-hidden": (
        online(f"<message type='groupchat' from='{ROOM}/R'><body>hi</body></message>"),
        '"body":"hi"',
    ),
    "invitation-hidden": (
        online(f"<message from='j@x'><x xmlns='jabber:x:conference' jid='{ROOM}'/></message>"),
        '"message"',
    ),
    "subject-hidden": (
        online(f"<message type='groupchat' from='{ROOM}'><subject>News</subject></message>"),
        '"message"',
    ),
    "message-without-sender-dropped": (online("<message><body>hi</body></message>"), '"body":"hi"'),
    "message-type-made-up": (online("send-message|juliet@localhost|chat|hi"), "type='chat'"),
}
