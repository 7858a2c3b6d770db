"""Faults in reading addresses (RFC 7622)."""

from harness.faults.fault import table

ADDRESS_FAULTS = table(
    (
        "address-characters-unchecked",
        "Any character may stand in a localpart",
        "rfc7622-3.3.1-local-excluded",
        "rfc7622-4-server-enforces",
        "stanza-error-jid-malformed",
    ),
    (
        "address-length-unchecked",
        "Parts of an address may be longer than 1023 octets",
        "rfc7622-3.2-domain-length",
        "rfc7622-3.3-local-length",
        "rfc7622-3.4-resource-length",
    ),
    (
        "address-length-in-letters",
        "The length of a part counts in letters",
        "rfc7622-3.3-local-length",
    ),
    (
        "address-long-name-refused",
        "A localpart of more than 255 octets is malformed",
        "rfc7622-3.3-local-length",
    ),
    (
        "address-empty-parts-dropped",
        "An empty part of an address is left out",
        "rfc7622-3.3-local-length",
        "rfc7622-3.4-resource-length",
    ),
    (
        "address-at-sign-first",
        "An address is split at its last at-sign before it is split at a slash",
        "rfc7622-3.2-parse-order",
    ),
    (
        "address-case-kept",
        "Localparts that differ in case are different",
        "rfc7622-3.3-local-case",
    ),
    (
        "address-domain-case-kept",
        "Domainparts that differ in case are different",
        "rfc7622-3.2.3-domain-case",
    ),
    (
        "address-dot-kept",
        "A dot at the end of a domainpart makes a difference",
        "rfc7622-3.2-domain-trailing-dot",
    ),
    (
        "address-a-labels-kept",
        "A-labels in a domainpart stay as they are",
        "rfc7622-3.2.1-domain-u-labels",
    ),
    (
        "address-resource-folded",
        "Capital letters in a resourcepart become small ones",
        "rfc7622-3.4-resource-opaque",
    ),
    (
        "malformed-address-is-bad-request",
        "A stanza to no address is refused as a bad request",
        "rfc7622-4-server-enforces",
        "stanza-error-jid-malformed",
    ),
    (
        "roster-address-unchecked",
        "The roster takes contacts whose address is none",
        "rfc7622-4-roster-jid",
    ),
    (
        "resource-bound-as-it-stands",
        "Any resource that a client asks for is bound",
        "rfc7622-4-bind-resource",
    ),
    (
        "resource-bound-unprepared",
        "A resource is bound in another spelling than that in which it is compared",
        "rfc6120-4.3.6-canonical-jid",
    ),
)
