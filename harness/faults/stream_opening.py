"""Faults of streams until a client logs in: headers, features, stream errors, TLS."""

from harness.faults.fault import table

STREAM_OPENING_FAULTS = table(
    ("header-id-missing", "The stream header has no id", "rfc6120-stream-attribute-response-id"),
    (
        "header-id-reused",
        "The header after a restart has the id of the stream before",
        "rfc6120-4.3.3-restart-new-stream-id",
        "rfc6120-stream-attribute-response-id-unique",
    ),
    (
        "header-id-constant",
        "Every stream header has the same id",
        "rfc6120-stream-attribute-response-id-unique",
        "rfc6120-4.3.3-restart-new-stream-id",
    ),
    ("header-id-echoed", "The id of the client's header is given back", "rfc6120-4.7.3-client-id-ignored"),
    (
        "header-without-to-dropped",
        "A header without to ends the connection, and no header comes back",
        "rfc6120-4.1-response-stream-opened",
        "rfc6120-4.7.2-missing-to-tolerated",
    ),
    (
        "header-without-prefix-dropped",
        "A header without the prefix stream ends the connection without an error",
        "rfc6120-4.8.5-bad-stream-prefix",
    ),
    ("header-from-missing", "The stream header has no from", "rfc6120-stream-attribute-response-from"),
    (
        "header-from-wrong",
        "The stream header comes from a domain that is not served",
        "rfc6120-4.7.1-response-from-value",
    ),
    (
        "header-to-missing",
        "The stream header has no to although the client said who it is",
        "rfc6120-4.7.2-response-to-bare-jid",
        "rfc6120-stream-attribute-response-to",
    ),
    (
        "header-to-unasked",
        "The stream header has a to although the client did not say who it is",
        "rfc6120-4.7.2-response-to-absent",
    ),
    ("header-lang-missing", "The stream header has no xml:lang", "rfc6120-4.7.4-response-lang-present"),
    (
        "header-version-missing",
        "The stream header has no version, though features follow",
        "rfc6120-4.7.5-version-lower-of-two",
    ),
    (
        "header-version-echoed",
        "The stream header repeats any version that the client names",
        "rfc6120-4.7.5-version-lower-of-two",
    ),
    (
        "header-version-unasked",
        "A header without version is answered by one with version",
        "rfc6120-4.7.5-version-absent-no-version-back",
        "legacy-auth-no-version",
    ),
    (
        "header-wrong-stream-namespace",
        "The stream header declares another streams namespace",
        "rfc6120-xml-namespace-streams-declaration",
    ),
    (
        "header-content-namespace-server",
        "The stream header declares jabber:server as content namespace",
        "rfc6120-4.8.2-content-ns-same-both-ways",
    ),
    (
        "header-namespaces-tolerated",
        "A header in wrong namespaces is taken",
        "rfc6120-4.8.1-wrong-stream-namespace",
    ),
    ("host-unknown-accepted", "Any domain is served", "stream-error-host-unknown"),
    ("features-missing", "No features follow any header", "rfc6120-stream-negotiation-features"),
    (
        "features-missing-after-restart",
        "No features follow the header after authentication",
        "rfc6120-4.3.4-features-resent",
    ),
    (
        "roster-versions-not-announced",
        "Rosters have versions, which is not among the features",
        "rfc6121-2.6.1-ver-feature",
    ),
    (
        "pre-approval-not-announced",
        "Approvals ahead of a request are taken, which is not among the features",
        "rfc6121-3.4-preapproval-feature",
    ),
    (
        "stream-error-without-header",
        "A stream error during setup comes without a header before it",
        "rfc6120-4.9.1.2-header-before-setup-error",
    ),
    (
        "stream-error-without-condition",
        "A stream error has no condition",
        "rfc6120-4.9.2-one-defined-condition",
    ),
    (
        "stream-error-wrong-namespace",
        "The condition of a stream error is in another namespace",
        "rfc6120-4.9.2-one-defined-condition",
    ),
    (
        "stream-error-wrong-condition",
        "Every stream error says undefined-condition",
        "rfc6120-stream-error-generate",
        "rfc6120-7.7.3-bind-retry-limit",
        "stream-error-undefined-condition",
        "stream-error-bad-namespace-prefix",
        "stream-error-restricted-xml",
        "stream-error-unsupported-encoding",
    ),
    ("two-stream-errors", "A second stream error follows the closing tag", "rfc6120-4.4-no-data-after-close"),
    (
        "stream-not-closed-after-error",
        "The connection stays open after a stream error",
        "rfc6120-4.4-tcp-closed-after-both",
    ),
    (
        "close-tag-unanswered",
        "The client's closing tag is answered by the end of the connection alone",
        "rfc6120-4.4-close-tag-answered",
    ),
    (
        "bad-xml-tolerated",
        "Comments, other encodings and text between stanzas are passed over",
        "rfc6120-xml-restriction-comment",
        "rfc6120-xml-restriction-pi",
        "stream-error-restricted-xml",
        "stream-error-unsupported-encoding",
    ),
    (
        "stanza-before-auth-ignored",
        "Stanzas before authentication are passed over",
        "stream-error-not-authorized",
    ),
    ("starttls-not-advertised", "STARTTLS is served and not advertised", "rfc6120-5.4.1-starttls-advertised"),
    (
        "starttls-not-marked-required",
        "STARTTLS is mandatory and not marked so",
        "rfc6120-5.4.1-starttls-required-child",
    ),
    (
        "starttls-beside-other-features",
        "SASL is offered and served where STARTTLS is mandatory",
        "rfc6120-5.3.1-required-only-starttls",
        "rfc6120-tls-mtn",
    ),
    (
        "starttls-after-tls",
        "STARTTLS is advertised over TLS",
        "rfc6120-5.4.3.3-no-starttls-after-tls",
        "xep0368-3-no-starttls",
    ),
    (
        "unknown-tls-command-taken",
        "Any element of the TLS namespace starts TLS",
        "rfc6120-4.8.4-foreign-first-level",
    ),
    ("starttls-ignored", "The starttls command stays unanswered", "rfc6120-5.4.2.1-starttls-answered"),
    ("starttls-refused", "The starttls command is refused though advertised", "rfc6120-tls-support"),
    (
        "starttls-failure-keeps-stream",
        "The stream stays open after a refused starttls command",
        "rfc6120-5.4.2.2-starttls-failure-closes",
    ),
    (
        "proceed-wrong-namespace",
        "The proceed element is in another namespace",
        "rfc6120-5.4.2.1-starttls-answered",
    ),
)
