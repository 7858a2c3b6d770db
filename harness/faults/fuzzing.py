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
        "message-before-login-delivered",
        "A message is delivered before its sender has logged in",
        "rfc6120-4.9.3.12-not-authorized-not-processed",
        "rfc6120-7.1-stanza-before-bind",
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
    ("fiftieth-answer-lost", "Each fiftieth answer is lost", "rfc6120-stanza-iq-reply"),
)
