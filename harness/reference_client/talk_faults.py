"""Faults in messages and rooms."""

from harness.faults.fault import table

TALK_FAULTS = table(
    ("message-error-answered", "An error of a message is answered by an error", "rfc6120-stanza-error-reply"),
    (
        "message-error-hidden",
        "The user is not told that a message failed",
        "rfc6120-stanza-error",
        "rfc6121-message-type-support",
    ),
    ("message-answered-by-error", "Messages are answered by errors", "rfc6120-stanza-kind-message"),
    (
        "unknown-extension-drops-message",
        "A message with an extension that we do not know is dropped",
        "rfc6120-8.4-unknown-part-ignored",
        "rfc6120-stanza-extension",
    ),
    (
        "unknown-message-type-told",
        "An unknown type of message is passed on",
        "rfc6121-5.2.2-message-type-default",
    ),
    ("message-without-id", "Messages have no id", "rfc6120-8.1.3-id-on-message-presence"),
    (
        "forged-carbons-accepted",
        "Copies of messages count whoever sends them",
        "xep0280-11-client-checks-from",
    ),
    (
        "carbons-ignored",
        "Copies of messages are passed over",
        "xep0459-im-outbound-sync",
        "xep0479-im-outbound-sync",
    ),
    ("carbons-answered", "Copies of messages are answered", "xep0280-10.4-no-auto-reply"),
    ("groupchat-sent-as-chat", "Messages to rooms have the type chat", "xep0045-17.2-message-type-groupchat"),
    ("room-entered-as-of-old", "A room is entered without x", "xep0045-7.2.1-join-with-x"),
    ("room-entered-with-type", "The presence that enters a room has a type", "xep0045-7.2.1-join-no-type"),
    ("room-password-left-out", "The password of a room is not sent", "xep0045-7.2.5-password-in-x"),
    ("room-left-by-unsubscribing", "A room is left by unsubscribing", "xep0045-7.14-exit-unavailable"),
    (
        "room-entrance-unnoticed",
        "The client does not notice that it is in the room",
        "xep0459-im-group-chat",
        "xep0479-im-group-chat",
    ),
    (
        "room-assigned-name-ignored",
        "The client believes to have the name that it asked for",
        "xep0459-im-group-chat",
        "xep0479-im-group-chat",
    ),
    (
        "room-exit-unnoticed",
        "The client does not notice that it is out of the room",
        "rfc6121-presence-unavailable",
        "xep0459-im-group-chat",
        "xep0479-im-group-chat",
    ),
    (
        "room-exit-reason-lost",
        "A ban, a kick and the end of the room look like leaving",
        "xep0459-im-group-chat",
        "xep0479-im-group-chat",
    ),
    (
        "room-error-unnoticed",
        "The client does not notice that it may not enter",
        "rfc6120-stanza-error",
        "xep0459-im-group-chat",
        "xep0479-im-group-chat",
    ),
    (
        "room-error-taken-for-exit",
        "The client takes a refused name for the end of its stay",
        "xep0459-im-group-chat",
        "xep0479-im-group-chat",
    ),
    (
        "room-new-name-taken-for-exit",
        "The client takes its new name for the end of its stay",
        "xep0459-im-group-chat",
        "xep0479-im-group-chat",
    ),
)
