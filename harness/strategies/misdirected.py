"""Errors to those who are not there, and to the server: nobody may answer them (RFC 6120, 8.3.1)."""

from harness.strategies.grammar import maybe, one
from harness.strategies.messages import BODY, ERROR
from harness.strategies.payload import NOBODY, SERVER, Payload, iq, message, presence

MISDIRECTED: tuple[Payload, ...] = (
    message("error to nobody", "RFC 6120, 8.3", maybe(BODY), one(ERROR), types="error", to=NOBODY),
    message("error to the server", "RFC 6120, 8.3", maybe(BODY), one(ERROR), types="error", to=SERVER),
    presence("error to nobody", "RFC 6120, 8.3", one(ERROR), types="error", to=NOBODY),
    presence("error to the server", "RFC 6120, 8.3", one(ERROR), types="error", to=SERVER),
    iq("error to nobody", "RFC 6120, 8.3", one(ERROR), types="error", to=NOBODY),
    iq("error to the server", "RFC 6120, 8.3", one(ERROR), types="error", to=SERVER),
)
