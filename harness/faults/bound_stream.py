"""Faults of the stream once a resource is bound."""

from harness.faults.fault import table

BOUND_STREAM_FAULTS = table(
    (
        "bound-close-unanswered",
        "The closing tag of a bound client is answered by the end of the connection alone",
        "rfc6120-4.4-close-tag-answered",
    ),
    (
        "bound-error-wrong-condition",
        "Stream errors of a bound client say undefined-condition",
        "rfc6120-stream-error-generate",
        "rfc6120-7.7.2.2-bind-conflict-old-stream",
        "rfc6120-4.8.3-unsupported-content-ns",
        "rfc6120-11.3-ns-not-well-formed",
        "rfc6120-13.12-oversized-stanza",
        "stream-error-not-well-formed",
        "stream-error-restricted-xml",
        "stream-error-unsupported-encoding",
        "stream-error-unsupported-stanza-type",
    ),
    (
        "bound-error-without-condition",
        "Stream errors of a bound client have no condition",
        "rfc6120-4.9.2-one-defined-condition",
    ),
    (
        "bound-error-keeps-stream",
        "A bound client's stream goes on after its stream error",
        "rfc6120-stream-error-generate",
        "rfc6120-11.1-restricted-xml-closes",
        "rfc6120-11.3-not-well-formed-closes",
        "rfc6120-11.6-other-encoding-closes",
        "xep0078-3.1-conflict-old-ended",
        "legacy-auth-conflict-409",
    ),
    (
        "bound-bad-xml-tolerated",
        "Comments and their like are passed over once a resource is bound",
        "rfc6120-11.1-restricted-xml-closes",
    ),
    (
        "prefixed-stanza-wrong-condition",
        "A stanza with a prefix ends the stream with undefined-condition",
        "stream-error-bad-namespace-prefix",
    ),
    (
        "one-resource-at-a-time",
        "Who binds a resource ends those that the account has",
        "rfc6120-7.1-several-resources",
    ),
    (
        "bound-peer-error-ignored",
        "A stream error of a bound client changes nothing",
        "rfc6120-4.9.1.1-peer-closes-after-error",
        "rfc6120-4.9.2-unknown-condition-as-undefined",
    ),
    (
        "lookalike-routed",
        "What is called message is one, in whatever namespace",
        "rfc6120-4.8.4-foreign-data-not-routed",
        "rfc6120-4.8.4-foreign-first-level",
    ),
    (
        "stanza-lang-replaced",
        "The language that a stanza names is written over",
        "rfc6120-4.7.4-stanza-lang-not-changed",
    ),
    (
        "zwnbsp-taken-for-bom",
        "U+FEFF is taken for a byte order mark and left out",
        "rfc6120-11.6-feff-is-zwnbsp",
    ),
    (
        "bound-whitespace-refused",
        "White space between stanzas ends the stream",
        "rfc6120-11.7-whitespace-between-stanzas",
    ),
)
