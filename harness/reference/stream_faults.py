"""Faults of the stream once a resource is bound; those of negotiation are in that room."""

from harness.reference.faults import table

STREAM_FAULTS = table(
    (
        "bound-close-unanswered",
        "the closing tag of a bound client is answered by the end of the connection alone",
        "rfc6120-4.4-close-tag-answered",
    ),
    (
        "bound-error-wrong-condition",
        "stream errors of a bound client say undefined-condition",
        "rfc6120-stream-error-generate",
    ),
    (
        "bound-error-without-condition",
        "stream errors of a bound client have no condition",
        "rfc6120-4.9.2-one-defined-condition",
    ),
    (
        "bound-error-keeps-stream",
        "a bound client's stream goes on after its stream error",
        "rfc6120-stream-error-generate",
    ),
    (
        "bound-bad-xml-tolerated",
        "comments and their like are passed over once a resource is bound",
        "rfc6120-11.1-restricted-xml-closes",
    ),
    (
        "bound-whitespace-refused",
        "white space between stanzas ends the stream",
        "rfc6120-11.7-whitespace-between-stanzas",
    ),
)
