"""Faults of the kinds that fuzzing finds: what odd input does to servers of which such things are known."""

from harness.faults.fault import table

#: Those of the way into a session, by the code of `harness/negotiation/`.
ENTRANCE_FAULTS = table(
    (
        "restart-changes-host",
        "After authentication the stream may be opened to any domain",
        "stream-error-host-unknown",
    ),
    (
        "unoffered-mechanism-accepted",
        "A mechanism works that is not on offer",
        "rfc6120-6.3.4-no-tls-only-mechanism-before-tls",
        "rfc6120-13.8.3-plain-needs-tls",
        "sasl-error-invalid-mechanism",
    ),
    (
        "tls-required-in-name-only",
        "TLS is said to be required, and whoever goes without it is let in",
        "rfc6120-tls-mtn",
    ),
    (
        "starttls-by-local-name",
        "An element called starttls starts TLS, whatever its namespace is",
        "rfc6120-4.8.4-foreign-first-level",
    ),
)

#: Those of a session, by the code of `harness/reference/`.
ODDITY_FAULTS = table(
    (
        "attributes-not-escaped",
        "Values of attributes are written as they are",
        "rfc6120-xml-wellformed-xml",
        "rfc6120-8.4-pass-through-unmodified",
    ),
    (
        "control-reference-accepted",
        "References to control characters are taken and passed on",
        "rfc6120-xml-wellformed-xml",
        "rfc6120-11.3-not-well-formed-closes",
    ),
    (
        "header-prefix-lost",
        "What a stream header declares is missing from messages that are passed on",
        "rfc6120-4.8.5-ns-declared-on-forward",
        "rfc6120-xml-wellformed-ns",
    ),
    (
        "from-like-own-passed-on",
        "A from that begins like the sender's bare JID is passed on",
        "rfc6120-8.1.2.1-from-spoof-overridden",
    ),
    (
        "from-in-capitals-passed-on",
        "A from is passed on if it is written in capitals",
        "rfc6120-8.1.2.1-from-spoof-overridden",
    ),
    (
        "second-payload-carried-out",
        "Of a request with two children both are carried out",
        "rfc6120-8.2.3-iq-two-children",
    ),
    (
        "roster-crash-swallowed",
        "A roster set without item or address gets no answer",
        "rfc6120-stanza-iq-reply",
    ),
    (
        "roster-crash-told",
        "A roster set without item or address is an internal server error",
        "rfc6121-2.3.3-set-two-items",
    ),
    (
        "request-before-login-answered",
        "A request for nobody is answered before anybody has logged in",
        "rfc6120-4.9.3.12-not-authorized-not-processed",
    ),
    (
        "bound-stream-ends-unexplained",
        "The connection of a bound client ends without a stream error",
        "rfc6120-stream-error-generate",
    ),
    (
        "message-before-login-delivered",
        "A message is delivered before its sender has logged in",
        "rfc6120-4.9.3.12-not-authorized-not-processed",
        "rfc6120-7.1-stanza-before-bind",
        "rfc6120-bind-mtn",
        "rfc6120-stream-negotiation-complete",
    ),
    (
        "bound-two-stream-errors",
        "A second stream error follows a bound client's closing tag",
        "rfc6120-4.4-no-data-after-close",
    ),
    ("whitespace-counted", "White space between stanzas is counted", "xep0198-4-count-stanzas-only"),
    (
        "nested-stanza-routed",
        "A stanza in a message is also passed on by itself, with the from that it claims",
        "rfc6120-8.1.2.1-from-spoof-overridden",
        "rfc6120-8.4-unknown-message-payload",
    ),
    (
        "second-forged-stanza-id-kept",
        "Of forged ids of the archive only the first is taken off",
        "xep0313-3.5-stanza-id-spoof",
    ),
    (
        "bad-admin-query-kills-room",
        "After a muc#admin request without items a room is deaf and dumb",
        "rfc6120-stanza-iq-reply",
        "xep0045-9-admin-only",
    ),
    (
        "address-prepared-unstably",
        "A localpart is normalised after its case was mapped, so that what comes out can be prepared again",
        "rfc7622-4-server-enforces",
        "rfc7622-3.3-local-case",
    ),
    (
        "type-before-to-lost",
        "The type of a message is not seen if it stands before the address",
        "rfc6120-stanza-attribute-type",
    ),
    (
        "unasked-approval-taken",
        "An approval for which nobody has asked makes the subscription mutual",
        "rfc6121-A.2.3-table4-outbound-subscribed-none",
        "rfc6121-A.2.3-table4-outbound-subscribed-to",
    ),
    (
        "unsubscriber-kept",
        "Who unsubscribes stays a subscriber in the contact's roster",
        "rfc6121-3.3.3-unsubscribe-inbound-push",
        "rfc6121-3.3.3-unsubscribe-cancels-request",
        "rfc6121-A.3.2-table7-inbound-unsubscribe-from",
        "rfc6121-presence-sub-unsubscribe",
    ),
    (
        "last-group-not-told",
        "The last of several groups is missing when the roster is fetched",
        "rfc6121-2-roster-stored-unmodified",
    ),
    ("violation-locks-account", "Whose stream ends because of what is no XML cannot log in any more"),
    ("password-of-anybody-set", "Who is registered sets the password of whatever user name he gives"),
    (
        "muc-changes-show-addresses",
        "When somebody's role or affiliation is changed, everybody is told who that is",
        "xep0045-7.2.4-semianon-jid-moderators",
    ),
    ("muc-own-role-free", "Whoever is in a room takes any role there", "xep0045-8-moderator-only"),
    ("errors-repeat-themselves", "An error holds thirty times what it is about"),
    ("fiftieth-answer-lost", "Each fiftieth answer is lost", "rfc6120-stanza-iq-reply"),
)

#: For fuzzing: what shows in bytes, in time and in memory only, by the code that lies between a socket and
#: the server. No conversation of whole elements has them.
RAW_FAULTS = table(
    (
        "split-characters-broken",
        "A character that comes in two segments is replaced by signs for the unreadable",
        "rfc6120-8.4-pass-through-unmodified",
    ),
    (
        "bad-utf-8-replaced",
        "Bytes that are not UTF-8 are replaced by signs for the unreadable",
        "rfc6120-11.6-other-encoding-closes",
        "rfc6120-11.6-utf8-only",
        "stream-error-unsupported-encoding",
    ),
    (
        "single-quotes-ignored",
        "A tag ends at the first > outside of double quotes",
        "rfc6120-xml-wellformed-xml",
    ),
    (
        "cdata-ends-late",
        "A CDATA section does not end at ]]> if another ] stands before it",
        "rfc6120-xml-wellformed-xml",
    ),
    (
        "comment-becomes-text",
        "What a comment says is taken for text",
        "rfc6120-11.1-restricted-xml-closes",
        "rfc6120-xml-restriction-comment",
        "stream-error-restricted-xml",
    ),
    (
        "entities-expanded",
        "A document type may define entities, which are then replaced, three deep",
        "rfc6120-11.1-restricted-xml-closes",
        "rfc6120-xml-restriction-dtd",
        "rfc6120-xml-restriction-ref",
        "stream-error-restricted-xml",
    ),
    (
        "size-checked-at-end",
        "The size of a stanza is looked at when it is all there",
        "rfc6120-13.12-oversized-stanza",
    ),
    ("buffer-copied-each-time", "What waits for the rest of its stanza is copied again and again"),
    ("each-tag-costs-memory", "Each tag of a stanza costs a kibibyte for as long as it is read"),
    ("failed-login-leaks", "Each failed login costs 64 KiB for good"),
    ("each-message-leaks", "Each message costs 64 KiB for good"),
    (
        "namespace-cut-at-bar",
        "The name of a namespace ends at a |",
        "rfc6120-8.4-extension-namespace",
        "rfc6120-4.8.3-unsupported-content-ns",
    ),
    (
        "long-names-cut",
        "Names of elements, attributes and namespaces end after 1023 octets",
        "rfc6120-8.4-pass-through-unmodified",
        "rfc6120-8.4-extension-namespace",
    ),
    (
        "clear-bytes-survive-starttls",
        "What follows the starttls command in the clear is read as if it had come over TLS",
        "rfc6120-5.4.3.3-insecure-info-discarded",
    ),
    (
        "early-response-kills-server",
        "A SASL response before any auth ends the server's process",
        "rfc6120-sasl-errors",
    ),
    (
        "early-abort-deafens-server",
        "After a SASL abort before any auth nobody is heard any more",
        "rfc6120-stanza-iq-reply",
    ),
    (
        "early-abort-deafens-sessions",
        "After a SASL abort before any auth nobody is heard who is logged in then",
        "rfc6120-stanza-iq-reply",
    ),
    ("lingerers-stay", "Connections on which nobody logs in stay for ever"),
    (
        "slow-client-stalls-others",
        "While one client is in the middle of a stanza the others are not heard",
        "rfc6120-stanza-iq-reply",
    ),
)
