"""Faults in routing, errors, iq and messages."""

from harness.reference.faults import table

_BARE = "rfc6121-8.5.4-table1-one-non-negative-bare-chat rfc6121-8.5.4-table1-several-non-negative-bare-chat"
_FULL = "rfc6121-8.5.3.1-match-message"
_ELSEWHERE = "rfc6121-8.5.3.2.1-nomatch-chat rfc6120-10.3.1-message-no-to"

STANZA_FAULTS = table(
    (
        "from-not-stamped",
        "stanzas are passed on without a from",
        "rfc6120-8.1.2.1-delivered-has-from rfc6120-8.1.2.1-from-stamped-full-jid",
    ),
    (
        "from-stamped-bare",
        "messages and presence are stamped with the bare JID",
        "rfc6120-8.1.2.1-from-stamped-full-jid",
    ),
    (
        "forged-from-accepted",
        "a from that is not the sender's is passed on",
        "rfc6120-8.1.2.1-from-spoof-overridden rfc6120-stanza-attribute-from-stamp",
    ),
    (
        "from-compared-by-prefix",
        "a from that begins like the sender's bare JID goes without a stream error",
        "rfc6120-8.1.2.1-from-spoof-overridden",
    ),
    (
        "remote-domain-silent",
        "a stanza for a domain that does not exist vanishes",
        "rfc6120-10.4.3-remote-not-found stanza-error-remote-server-not-found",
    ),
    ("error-answered-by-error", "an error stanza is answered by an error", "rfc6120-stanza-error-reply"),
    (
        "error-wrong-condition",
        "every stanza error says undefined-condition",
        "rfc6120-8.4-unknown-iq-payload stanza-error-service-unavailable rfc6121-8.5.1-no-user-message",
    ),
    ("error-wrong-type", "every stanza error has the type continue", "stanza-error-service-unavailable"),
    (
        "error-wrong-code",
        "the numeric code of an error is one too high",
        "legacy-code-503 legacy-error-code-to-condition",
    ),
    ("error-without-condition", "a stanza error has no condition", "rfc6120-8.3.2-error-has-condition"),
    (
        "error-addresses-not-swapped",
        "an error seems to come from who caused it",
        "rfc6120-8.3.1-error-swaps-addresses",
    ),
    (
        "iq-unanswered",
        "requests to the server get no answer",
        "rfc6120-stanza-iq-reply rfc6120-8.2.3-iq-no-reply-to-response",
    ),
    (
        "iq-response-answered",
        "results and errors are answered by an error",
        "rfc6120-8.2.3-iq-no-reply-to-response rfc6121-2.1.6-push-error-ignored",
    ),
    ("matched-iq-refused", "requests and answers never reach a resource", "rfc6120-10.5.4-full-match"),
    ("iq-id-made-up", "an error for a request without id has one", "rfc6120-8.2.3-iq-missing-id"),
    ("iq-answered-twice", "requests to the server get their answer twice", "rfc6120-stanza-iq-reply"),
    ("iq-wrong-id", "answers have another id than the request", "rfc6120-8.1.3-id-echoed"),
    ("iq-result-as-get", "results have the type get", "rfc6120-stanza-iq-reply"),
    ("iq-result-to-bare-jid", "answers go to the bare JID and are lost", "rfc6120-stanza-iq-reply"),
    ("iq-without-id-unanswered", "a request without id gets no answer", "rfc6120-stanza-iq-reply"),
    ("session-refused", "the old request for a session is refused", "legacy-session-establish"),
    (
        "prefixed-payload-unknown",
        "the child of a request is not known when it has a prefix",
        "rfc6120-8.4-prefix-independent",
    ),
    ("iq-without-id-accepted", "a request without id is carried out", "rfc6120-stanza-iq-id"),
    (
        "iq-two-children-accepted",
        "a request with no child or two is carried out",
        "rfc6120-8.2.3-iq-two-children",
    ),
    (
        "iq-type-accepted",
        "an iq of an unknown type gets no error",
        "rfc6120-8.2.3-iq-bad-type rfc6120-stanza-iq-type",
    ),
    (
        "unknown-payload-item-not-found",
        "an unknown payload is refused as item-not-found",
        "rfc6120-8.4-unknown-iq-payload rfc6120-10.3.3-iq-no-to-unknown",
    ),
    (
        "bare-iq-delivered",
        "a request to a bare JID goes to a resource",
        "rfc6121-8.5.2.1.3-bare-iq-not-delivered rfc6120-10.5.3.2-bare-iq-handled xep0054-3.3-get-other",
    ),
    (
        "unmatched-iq-unanswered",
        "a request to a full JID that nobody has gets no answer",
        "rfc6121-8.5.3.2.3-nomatch-iq",
    ),
    (
        "iq-to-stranger-delivered",
        "a request reaches a resource that shares no presence",
        "rfc6121-8.5.3.1-match-iq-request-unauthorised",
    ),
    ("message-lost", "messages are not delivered", f"{_BARE} {_FULL} {_ELSEWHERE}"),
    ("message-delivered-twice", "messages are delivered twice", f"{_BARE} {_FULL}"),
    (
        "message-payload-dropped",
        "extensions of a message are taken out",
        "rfc6121-5.3-message-extensions rfc6120-8.4-pass-through-unmodified xep0066-3-x-passed-through",
    ),
    (
        "message-overtaken",
        "each second message overtakes the one before, which waits for it",
        "rfc6120-10.1-in-order-delivery",
    ),
    (
        "message-me-replaced",
        "/me at the beginning of a body becomes the sender's name",
        "legacy-me-passed-through rfc6120-8.4-pass-through-unmodified",
    ),
    ("message-id-changed", "a message arrives with another id", "rfc6120-8.4-pass-through-unmodified"),
    (
        "message-to-rewritten",
        "a message to a bare JID arrives with a full to",
        "rfc6121-8.5.2.1.1-bare-to-not-rewritten",
    ),
    ("full-jid-message-to-all", "a message to a full JID is treated as to the bare JID", _FULL),
    (
        "negative-priority-served",
        "a resource of negative priority gets messages to the bare JID",
        "rfc6121-8.5.2.1.1-bare-negative-never",
    ),
    (
        "least-available-served",
        "of several resources the one of lowest priority gets the message",
        "rfc6121-8.5.4-table1-several-non-negative-bare-chat",
    ),
    (
        "headline-stored",
        "headlines and errors for the absent are stored",
        "rfc6121-8.5.2.2.1-offline-headline-error",
    ),
    ("headline-to-one", "a headline reaches one resource only", "rfc6121-5.2.2-headline-delivery"),
    (
        "groupchat-to-account-delivered",
        "a groupchat message to a bare JID is delivered",
        "rfc6121-8.5.2.1.1-bare-groupchat-error",
    ),
    (
        "error-message-to-bare-delivered",
        "an error message to a bare JID is delivered",
        "rfc6121-8.5.2.1.1-bare-error-ignored",
    ),
    (
        "undeliverable-message-silent",
        "a message that cannot be delivered gets no error",
        "rfc6121-8.5.2.1.1-bare-groupchat-error rfc6121-8.5.2.2.1-offline-groupchat",
    ),
    (
        "offline-lost",
        "messages for the absent vanish",
        "xep0160-2-stored rfc6121-8.5.2.2.1-offline-chat-normal",
    ),
    ("offline-reversed", "stored messages come in reverse order", "rfc6120-10.1-in-order-delivery"),
    ("offline-without-delay", "stored messages have no delay element", "xep0160-2-delay"),
    (
        "offline-delay-of-delivery",
        "the delay element has the time of delivery",
        "xep0203-2-stamp",
    ),
    ("offline-delivered-again", "stored messages come at each login", "xep0160-2-delivered-once"),
    ("chat-states-stored", "lone chat states are stored", "xep0160-3-chat-states-not-stored"),
)
