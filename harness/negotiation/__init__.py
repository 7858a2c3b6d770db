"""STARTTLS, SASL, resource binding and the legacy login, for both sides from the same tables."""
