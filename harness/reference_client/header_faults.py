"""Faults in reading the server's header and markup: what is demanded though it need not be there."""

from harness.faults.fault import table

HEADER_FAULTS = table(
    (
        "header-from-demanded",
        "A server whose header has no from is left",
        "rfc6120-4.7.1-missing-from-tolerated",
    ),
    (
        "header-language-demanded",
        "A server whose header has no xml:lang is left",
        "rfc6120-11.4-schema-violations-ignored",
    ),
    (
        "header-id-missing-hangs-up",
        "A server whose header has no id is left without a stream error",
        "rfc6120-11.4-schema-violations-ignored",
        "rfc6120-stream-error-generate",
    ),
    (
        "stream-prefix-demanded",
        "A server whose header has another prefix than stream is left without a stream error",
        "rfc6120-4.8.5-bad-stream-prefix",
    ),
    (
        "version-compared-as-text",
        "Every version but the text 1.0 counts as none",
        "rfc6120-4.7.5-version-leading-zeros-ignored",
    ),
    (
        "header-in-one-piece",
        "A stream header that comes in several segments is not seen",
        "rfc6120-stream-tcp-binding",
    ),
    (
        "xml-pedantic",
        "Double quotes in a tag, or white space before = or >, end the stream",
        "rfc6120-tls-support",
        "rfc6120-xml-wellformed-xml",
    ),
)
