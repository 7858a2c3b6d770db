"""The protocol's nouns: namespaces, JIDs, error conditions. Knows no bytes and no connections."""
