"""Faults of streams: headers, TLS, what cannot be read, and how a stream ends."""

from harness.faults.fault import table

STREAM_FAULTS = table(
    ("header-without-to", "The stream header has no to", "rfc6120-stream-attribute-initial-to"),
    (
        "header-with-id",
        "The stream header has an id, which is the server's to give",
        "rfc6120-4.7.3-client-header-no-id",
    ),
    (
        "header-from-full-jid",
        "The from of the stream header is a full JID",
        "rfc6120-4.7.1-client-from-bare-jid",
    ),
    (
        "header-without-from",
        "The stream header does not say who we are although TLS is up",
        "rfc6120-stream-attribute-initial-from",
    ),
    ("header-without-version", "The stream header has no version", "rfc6120-4.7.5-version-highest"),
    (
        "header-namespaces-unchecked",
        "The namespaces of the server's header are not looked at",
        "rfc6120-4.8.1-wrong-stream-namespace",
        "rfc6120-4.8.3-unsupported-content-ns",
    ),
    (
        "tls-requirement-ignored",
        "The login goes on in the clear where TLS is required and not offered",
        "rfc6120-13.8.3-client-plain-needs-tls",
        "rfc7590-3.4-clients-authenticate-servers",
    ),
    (
        "credentials-before-tls",
        "The login begins before TLS although it is offered",
        "rfc6120-5.2-tls-before-sasl-preferred",
    ),
    (
        "demanded-tls-skipped",
        "The login goes on in the clear although the server demands TLS",
        "rfc6120-tls-mtn",
    ),
    (
        "tls-failure-ignored",
        "The login goes on in the clear after the server refused to start TLS",
        "rfc7590-3.4-clients-authenticate-servers",
        "rfc6120-13.8.3-client-plain-needs-tls",
    ),
    (
        "clear-after-proceed",
        "No handshake begins after proceed, and the next stream is in the clear",
        "rfc6120-5.4.2.3-proceed-starts-tls",
    ),
    (
        "clear-bytes-kept",
        "What came in the clear behind proceed counts once TLS is up",
        "rfc6120-5.4.2.3-no-plaintext-after-proceed",
    ),
    (
        "certificate-unchecked",
        "Every certificate is good enough",
        "rfc6120-5.4.3.1-client-validates-certificate",
        "rfc6120-13.7.2-cert-failure-terminates",
        "rfc6120-tls-certs",
        "rfc7590-3.4-clients-authenticate-servers",
    ),
    (
        "tls-without-restart",
        "There is no new stream after TLS, and the old features still count",
        "rfc6120-tls-restart",
        "rfc6120-5.4.3.3-insecure-info-discarded",
    ),
    (
        "restart-with-closing-tag",
        "A closing tag goes before the header of the new stream",
        "rfc6120-4.3.3-restart-no-close-tag",
    ),
    (
        "bad-xml-swallowed",
        "What cannot be read is passed over in silence",
        "rfc6120-11.3-not-well-formed-closes",
        "rfc6120-11.1-restricted-xml-closes",
        "rfc6120-11.6-other-encoding-closes",
        "rfc6120-xml-wellformed-xml",
    ),
    (
        "restricted-xml-tolerated",
        "Comments and their like are passed over",
        "rfc6120-11.1-restricted-xml-closes",
        "rfc6120-xml-restriction-comment",
        "rfc6120-xml-restriction-pi",
    ),
    (
        "crashes-at-bad-xml",
        "The program dies of what it cannot read",
        "rfc6120-stream-error-generate",
        "rfc6120-11.3-not-well-formed-closes",
    ),
    (
        "bad-stream-left-unexplained",
        "The connection ends without a stream error at what cannot be read",
        "rfc6120-stream-error-generate",
    ),
    (
        "stream-error-wrong-condition",
        "Every stream error says undefined-condition",
        "rfc6120-stream-error-generate",
        "stream-error-not-well-formed",
        "stream-error-restricted-xml",
        "stream-error-invalid-namespace",
    ),
    (
        "stream-error-without-closing",
        "No closing tag follows a stream error",
        "rfc6120-stream-error-generate",
    ),
    (
        "foreign-namespace-accepted",
        "Stanzas in jabber:server are taken like our own",
        "rfc6120-4.8.3-unsupported-content-ns",
    ),
    ("prefix-accepted", "Stanzas with a prefix are taken", "rfc6120-4.8.5-prefixed-content-rejected"),
    (
        "stream-error-ignored",
        "The stream goes on after the server's stream error",
        "rfc6120-4.9.1.1-peer-closes-after-error",
    ),
    (
        "stream-error-hidden",
        "The user is not told of a stream error",
        "rfc6120-4.9.2-unknown-condition-as-undefined",
    ),
    (
        "unknown-condition-told",
        "A condition that nobody knows is passed on as it is",
        "rfc6120-4.9.2-unknown-condition-as-undefined",
        "rfc6120-6.5-unknown-sasl-condition",
        "rfc6120-8.3.2-unknown-stanza-condition",
    ),
    ("close-tag-ignored", "The server's closing tag changes nothing", "rfc6120-4.4-close-tag-answered"),
    (
        "close-tag-unanswered",
        "The server's closing tag is answered by the end of the connection alone",
        "rfc6120-4.4-close-tag-answered",
    ),
    (
        "closing-tag-never-sent",
        "Our stream is never closed by a tag",
        "rfc6120-4.4-close-tag-answered",
        "rfc6120-4.9.1.1-peer-closes-after-error",
    ),
    (
        "stream-not-closed",
        "A disconnect drops the connection without a closing tag",
        "rfc6120-4.4-wait-for-peer-close",
    ),
    (
        "hangs-up-without-waiting",
        "The connection ends at once after our closing tag",
        "rfc6120-4.4-wait-for-peer-close",
        "rfc6120-4.4-inbound-processed-after-close",
    ),
    ("talks-after-closing", "Requests are answered after our closing tag", "rfc6120-4.4-no-data-after-close"),
    ("header-without-language", "The stream header has no xml:lang", "rfc6120-stream-attribute-initial-lang"),
    (
        "higher-version-refused",
        "A server of a higher minor version is left",
        "rfc6120-4.7.5-minor-version-ignored",
    ),
    (
        "white-space-in-negotiation",
        "White space follows the request for TLS",
        "rfc6120-5.3.3-no-whitespace-starttls",
    ),
    (
        "white-space-refused",
        "White space between stanzas ends the stream",
        "rfc6120-11.7-whitespace-between-stanzas",
    ),
)
