"""Rows of faults in requests, rosters, presence, messages and rooms."""

from tests.reference_client.conversation import BIND, BOUND, HEADER, LOGIN, VERSIONS, features
from tests.reference_client.rows import (
    CARBON,
    DISCO,
    ERROR,
    IN,
    ITEM,
    KICKED,
    PING,
    PUSH,
    RENAMED,
    ROOM,
    UNKNOWN,
    VERSION,
    disabled,
    online,
)

#: Of each fault: a conversation, and what its log has only without the fault, or (after a !) only with it.
STANZA_ROWS = {
    # requests
    "requests-unanswered": (online(PING), "id='g1'"),
    "requests-answered-twice": (
        online(PING),
        "!<iq type='result' id='g1' to='localhost'/>\n<iq type='result' id='g1' to='localhost'/>",
    ),
    "unknown-request-unanswered": (online(UNKNOWN), "service-unavailable"),
    "unknown-request-answered-by-result": (online(UNKNOWN), "service-unavailable"),
    "iq-bad-type-accepted": (online("<iq type='ask' id='1'/>"), "bad-request"),
    "iq-without-child-accepted": (online("<iq type='get' id='1'/>"), "bad-request"),
    "iq-two-children-accepted": (
        online("<iq type='get' id='1'><ping xmlns='urn:xmpp:ping'/><x xmlns='urn:x'/></iq>"),
        "bad-request",
    ),
    "answer-id-changed": (online(PING), "id='g1'"),
    "answer-id-missing": (online(PING), "id='g1'"),
    "answer-to-wrong-address": (online(PING), "to='localhost'/>"),
    "answer-typed-set": (online(PING), "<iq type='result'"),
    "result-answered": (online("<iq type='result' id='1' from='localhost'/>"), "!service-unavailable"),
    "error-answered": (
        online(f"<iq type='error' id='1' from='localhost'>{ERROR % 'item-not-found'}</iq>"),
        "!service-unavailable",
    ),
    "error-wrong-condition": (online(UNKNOWN), "service-unavailable"),
    "error-wrong-type": (online(UNKNOWN), "<error type='cancel'>"),
    "error-without-condition": (online(UNKNOWN), "service-unavailable"),
    "error-without-error-child": (online(UNKNOWN), "<error"),
    "error-of-other-kind": (online(UNKNOWN), "<iq type='error'"),
    "ids-repeated": (online("ping|localhost", "ping|localhost"), "!id='same'"),
    "answer-from-anybody-taken": (
        online("ping|localhost", "<iq type='result' id='{id}' from='juliet@localhost'/>"),
        '!"pong"',
    ),
    "second-answer-taken": (
        online("ping|localhost", "<iq type='result' id='{id}' from='localhost'/>" * 2),
        '!"pong","jid":"localhost"}\n{"event":"pong"',
    ),
    "error-answer-hidden": (
        online("ping|localhost", f"<iq type='error' id='{{id}}' from='localhost'>{ERROR % 'conflict'}</iq>"),
        '"condition":"conflict"',
    ),
    "numeric-codes-unknown": (
        online(
            "ping|localhost", "<iq type='error' id='{id}' from='localhost'><error code='404'>No</error></iq>"
        ),
        '"condition":"item-not-found","text":"No"',
    ),
    "ping-refused": (online(PING), "<iq type='result' id='g1'"),
    "version-without-name": (online(VERSION), "<name>"),
    "version-without-version": (online(VERSION), "<version>"),
    "disco-identity-missing": (online(DISCO % ""), "<identity"),
    "disco-feature-missing": (online(DISCO % ""), "'http://jabber.org/protocol/disco#info'/>"),
    "disco-ping-not-listed": (online(DISCO % ""), "urn:xmpp:ping"),
    "disco-version-not-listed": (online(DISCO % ""), "jabber:iq:version"),
    "disco-muc-not-listed": (online(DISCO % ""), "http://jabber.org/protocol/muc"),
    "disco-unknown-node-answered": (online(DISCO % " node='x'"), "item-not-found"),
    "password-changed-in-clear": (online("change-password|other"), '"refused"'),
    "removal-with-to": (online("unregister"), "!to='localhost'><query"),
    # rosters, subscriptions, presence
    "forged-push-accepted": (online(PUSH % (" from='juliet@localhost'", ITEM)), '!"contact"'),
    "forged-push-answered": (online(PUSH % (" from='juliet@localhost'", ITEM)), "!id='p1'"),
    "push-of-others-at-home-taken": (
        online(PUSH % (" from='romeo@localhost/elsewhere'", ITEM)),
        '!"contact"',
    ),
    "push-unanswered": (online(PUSH % ("", ITEM)), "<iq type='result' id='p1'"),
    "push-answered-by-error": (online(PUSH % ("", ITEM)), "<iq type='result' id='p1'"),
    "push-ignored": (online(PUSH % ("", ITEM)), '"contact","jid":"juliet@localhost"'),
    "push-with-many-items-taken": (online(PUSH % ("", ITEM + ITEM)), "bad-request"),
    "push-version-forgotten": (
        disabled(*LOGIN[:3], HEADER + features(BIND, VERSIONS), BOUND, PUSH % ("", ITEM), "get-roster"),
        "ver='v9'",
    ),
    "removal-misunderstood": (
        online(PUSH % ("", "<item jid='juliet@localhost' subscription='remove'/>")),
        '"subscription":"remove"',
    ),
    "unasked-roster-taken": (
        online(f"<iq type='result' id='1'><query xmlns='jabber:iq:roster'>{ITEM}</query></iq>"),
        '!"roster"',
    ),
    "unknown-subscription-told": (
        online(PUSH % ("", "<item jid='juliet@localhost' subscription='maybe'/>")),
        '!"maybe"',
    ),
    "roster-get-with-item": (online("get-roster"), "!<item"),
    "roster-get-to-server": (online("get-roster"), "!to='localhost'><query"),
    "version-sent-unasked": (online("get-roster"), "!ver="),
    "roster-version-made-up": (
        disabled(*LOGIN[:3], HEADER + features(BIND, VERSIONS), BOUND, "get-roster"),
        "ver=''",
    ),
    "roster-set-with-ask": (online("add-contact|juliet@localhost|J|Friends"), "!ask="),
    "roster-set-with-approved": (online("add-contact|juliet@localhost|J|Friends"), "!approved="),
    "roster-set-with-two-items": (
        online("add-contact|juliet@localhost||"),
        "jid='juliet@localhost'/></query>",
    ),
    "subscription-accepted-by-itself": (
        online("<presence type='subscribe' from='juliet@localhost'/>"),
        "!type='subscribed'",
    ),
    "subscription-request-hidden": (
        online("<presence type='subscribe' from='juliet@localhost'/>"),
        '"type":"subscribe"',
    ),
    "subscription-to-full-jid": (
        online("send-presence|juliet@localhost/b|subscribe"),
        "to='juliet@localhost'",
    ),
    "subscription-without-id": (online("send-presence|juliet@localhost|subscribe"), "'subscribe' id="),
    "presence-answered-by-error": (online("<presence from='juliet@localhost/b'/>"), "!type='error'"),
    "presence-error-answered": (
        online(f"<presence type='error' from='juliet@localhost/b'>{ERROR % 'conflict'}</presence>"),
        "!<presence type='error'",
    ),
    "probes-sent": (online("set-presence|available"), "!'probe'"),
    "presence-with-to": (online("set-presence|available"), "<presence/>"),
    "show-made-up": (online("set-presence|dnd"), "<show>dnd</show>"),
    "unknown-show-told": (online("<presence from='j@localhost/b'><show>odd</show></presence>"), "!odd"),
    "priority-out-of-range": (online("set-presence|away||5"), "<priority>5</priority>"),
    "unavailable-with-show": (online("set-presence|unavailable"), "!<show>"),
    "leaves-without-unavailable": (online("set-presence|available", "disconnect"), "'unavailable'"),
    # messages and rooms
    "message-error-answered": (
        online(f"<message type='error' from='j@localhost/b'>{ERROR % 'conflict'}</message>"),
        "!<message type='error'",
    ),
    "message-error-hidden": (
        online(f"<message type='error' from='j@localhost/b'>{ERROR % 'conflict'}</message>"),
        '"condition":"conflict"',
    ),
    "message-answered-by-error": (
        online("<message from='j@localhost/b'><body>hi</body></message>"),
        "!'error'",
    ),
    "unknown-extension-drops-message": (
        online("<message from='j@localhost/b'><body>hi</body><x xmlns='urn:x'/></message>"),
        '"body":"hi"',
    ),
    "unknown-message-type-told": (
        online("<message type='odd' from='j@localhost/b'><body>hi</body></message>"),
        '"type":"normal"',
    ),
    "message-without-id": (online("send-message|juliet@localhost|chat|hi"), "type='chat' id="),
    "forged-carbons-accepted": (online(CARBON % "mallory@localhost"), "!copied"),
    "carbons-ignored": (online(CARBON % "romeo@localhost"), '"body":"copied"'),
    "carbons-answered": (online(CARBON % "romeo@localhost"), "!I am busy"),
    "groupchat-sent-as-chat": (online(f"send-message|{ROOM}|groupchat|hi"), "'groupchat'"),
    "room-entered-as-of-old": (online(f"join-room|{ROOM}|R|"), "<x xmlns"),
    "room-entered-with-type": (online(f"join-room|{ROOM}|R|"), "!type='available'"),
    "room-password-left-out": (online(f"join-room|{ROOM}|R|open"), "<password>open</password>"),
    "room-left-by-unsubscribing": (online(f"leave-room|{ROOM}|R"), "type='unavailable'"),
    "room-entrance-unnoticed": (online(f"join-room|{ROOM}|R|", IN), '"joined"'),
    "room-assigned-name-ignored": (
        online(f"join-room|{ROOM}|R|", IN.replace("/R'", "/Other'")),
        '"nick":"Other"',
    ),
    "room-exit-unnoticed": (
        online(f"join-room|{ROOM}|R|", IN, IN.replace("<presence", "<presence type='unavailable'")),
        '"left"',
    ),
    "room-exit-reason-lost": (
        online(
            f"join-room|{ROOM}|R|",
            IN,
            f"<presence type='unavailable' from='{ROOM}/R'>{KICKED}</presence>",
        ),
        '"condition":"kicked"',
    ),
    "room-error-unnoticed": (
        online(
            f"join-room|{ROOM}|R|",
            f"<presence type='error' from='{ROOM}/R'>{ERROR % 'not-authorized'}</presence>",
        ),
        '"left","room":"hall@rooms.localhost","condition":"not-authorized"',
    ),
    "room-error-taken-for-exit": (
        online(
            f"join-room|{ROOM}|R|",
            IN,
            f"change-nickname|{ROOM}|S",
            f"<presence type='error' from='{ROOM}/S'>{ERROR % 'conflict'}</presence>",
        ),
        '"error","condition":"conflict","command":"change-nickname"',
    ),
    "room-new-name-taken-for-exit": (
        online(
            f"join-room|{ROOM}|R|",
            IN,
            f"change-nickname|{ROOM}|S",
            f"<presence type='unavailable' from='{ROOM}/R'>{RENAMED}</presence>",
            IN.replace("/R'", "/S'"),
        ),
        '"nick":"S"',
    ),
}
