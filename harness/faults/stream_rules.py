"""Faults of what holds for the whole negotiation: languages, restarts, the way into TLS, binding."""

from harness.faults.fault import table

STREAM_RULE_FAULTS = table(
    (
        "header-unanswered",
        "A client's header ends the connection, and no header comes back",
        "rfc6120-stream-tcp-binding",
        "rfc6120-4.5-two-streams-one-tcp",
        "rfc6120-4.1-response-stream-opened",
    ),
    (
        "content-namespace-refused",
        "A header with jabber:client as content namespace is refused",
        "rfc6120-xml-namespace-content-client",
    ),
    (
        "features-without-prefix",
        "Features have a declaration of their own in place of the header's prefix",
        "rfc6120-xml-namespace-streams-prefix",
    ),
    (
        "header-declares-payloads",
        "The stream header declares a namespace of what stands in stanzas",
        "rfc6120-4.8.5-no-extension-ns-in-header",
    ),
    (
        "app-condition-without-namespace",
        "Stream errors have a second condition in the content namespace",
        "rfc6120-4.9.2-app-condition-namespace",
    ),
    (
        "declaration-standalone",
        "The XML declaration says that the document is standalone",
        "rfc6120-11.5-no-standalone",
    ),
    ("byte-order-mark-sent", "The stream begins with a byte order mark", "rfc6120-11.6-no-bom"),
    ("header-id-short", "Stream ids have three signs", "rfc6120-4.7.3-id-unpredictable"),
    (
        "header-lang-echoed",
        "The stream header repeats any language that the client names",
        "rfc6120-4.7.4-response-lang-default",
    ),
    (
        "header-lang-never-theirs",
        "Who asks for a language that the server speaks gets a header in Latin",
        "rfc6120-4.7.4-response-lang-match",
    ),
    (
        "unknown-host-played",
        "The stream header comes from whatever domain the client asked for",
        "rfc6120-4.9.1.3-unknown-host-from",
    ),
    (
        "version-zeros-refused",
        "A version with zeros before its numbers is not understood",
        "rfc6120-4.7.5-version-leading-zeros-ignored",
    ),
    (
        "standalone-unexplained",
        "A standalone declaration ends the connection without a stream error",
        "rfc6120-11.5-standalone-received",
    ),
    (
        "early-whitespace-refused",
        "White space before a resource is bound ends the stream",
        "rfc6120-11.7-whitespace-between-stanzas",
    ),
    (
        "close-tag-at-restart",
        "The success of the login is followed by a closing tag",
        "rfc6120-4.3.3-restart-no-close-tag",
    ),
    (
        "restart-drops-connection",
        "The success of the login ends the connection",
        "rfc6120-4.3.3-restart-keeps-tcp",
    ),
    (
        "tls-needed-unannounced",
        "No login works without TLS, and nothing says so before",
        "rfc6120-5.4.1-starttls-required-child",
        "rfc6120-6.3.4-no-tls-only-mechanism-before-tls",
    ),
    (
        "proceed-without-handshake",
        "The connection ends behind proceed",
        "rfc6120-5.4.2.3-proceed-starts-tls",
        "rfc6120-5.4.3.1-server-certificate",
    ),
    (
        "xml-behind-proceed",
        "Features in the clear follow proceed",
        "rfc6120-5.4.2.3-proceed-starts-tls",
        "rfc6120-5.4.3.1-no-xml-during-handshake",
    ),
    (
        "login-behind-proceed",
        "Whoever goes on in the clear behind proceed is let in",
        "rfc6120-5.3.4-tls-then-sasl",
    ),
    (
        "close-tag-after-failed-tls",
        "A closing tag follows a handshake that failed",
        "rfc6120-5.4.3.2-tls-failure-no-close-tag",
    ),
    (
        "connection-kept-after-failed-tls",
        "The connection stays open after a handshake that failed",
        "rfc6120-5.4.3.2-tls-failure-drops-tcp",
    ),
    (
        "clear-from-remembered",
        "The stream header over TLS is addressed to who the client was before",
        "rfc6120-5.4.3.3-insecure-info-discarded",
        "rfc6120-4.7.2-response-to-absent",
    ),
    (
        "restart-after-bind",
        "A new header has to follow the binding of a resource",
        "rfc6120-bind-restart",
    ),
    (
        "bind-conflict-ends-stream",
        "Who asks for a resource that is taken is refused, and its stream is closed",
        "rfc6120-7.7.2.2-bind-conflict-stream-kept",
    ),
    (
        "resource-told-as-asked",
        "A resource is bound and told as the client has written it",
        "rfc6120-4.3.6-canonical-jid",
    ),
)
