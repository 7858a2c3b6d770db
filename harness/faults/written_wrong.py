"""Faults of how stanzas are written: each shows in whatever the server says."""

from harness.faults.fault import table

WRITING_FAULTS = table(
    (
        "error-in-a-result",
        "Results carry an error as well",
        "rfc6120-8.3.1-error-child-only-on-error",
        "rfc6120-stanza-iq-child",
    ),
    (
        "error-element-missing",
        "Error stanzas lack the element error",
        "rfc6120-stanza-error-child",
        "rfc6120-8.3.1-error-for-iq",
    ),
    ("error-id-missing", "Error stanzas lack the id of what caused them", "rfc6120-stanza-error-id"),
    (
        "error-type-made-up",
        "Errors are of a type that there is not",
        "rfc6120-8.3.2-error-type-value",
    ),
    ("error-of-another-kind", "Errors come as messages, whatever caused them", "rfc6120-8.3-error-same-kind"),
    (
        "error-text-misplaced",
        "Errors have a text, outside the namespace of conditions",
        "rfc6120-8.3.2-text-namespace",
    ),
    ("message-language-lost", "Messages lose their language", "rfc6120-stanza-attribute-xmllang"),
    (
        "answer-to-another-address",
        "Answers of the server are addressed to somebody else",
        "rfc6120-8.1.1.1-server-generated-to",
    ),
    (
        "answer-from-a-resource-of-the-domain",
        "What the server says for itself comes from a resource of its domain",
        "rfc6120-8.1.2.1-server-own-from",
    ),
    (
        "extension-without-namespace",
        "Messages get an element that is no content, in the content's namespace",
        "rfc6120-8.4-extension-namespace",
    ),
    ("stamp-of-another-zone", "Stamps of delayed delivery are in local time", "xep0203-2-stamp-utc"),
    ("stamp-in-old-form", "Stamps of delayed delivery have the form of XEP-0091", "xep0203-2-stamp-format"),
    ("registration-field-made-up", "A field that there is not is asked for", "xep0077-4-no-new-fields"),
    ("stamp-missing", "Delayed delivery has no stamp", "xep0203-2-stamp"),
    (
        "identity-with-two-names",
        "Identities are listed twice, the second time with another name",
        "xep0030-3.1-identity-unique",
    ),
    ("identity-without-type", "Identities have no type", "xep0030-3.1-identity-attrs"),
    ("feature-without-var", "Features have no name", "xep0030-3.1-feature-var"),
    ("item-with-text", "Items hold text", "xep0030-4.1-item-no-text"),
    ("item-with-empty-node", "Items have an empty node", "xep0030-4.2-node-not-null"),
)
