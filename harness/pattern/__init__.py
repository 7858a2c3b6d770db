"""Stanzas with placeholders: a pattern matches a received element and makes one to send."""
