"""What a SASL mechanism's two halves say: an objection of the client, the answers of the server."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Objection:
    """The server's message is not what the mechanism demands; `message` is one sentence for a person."""

    message: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Challenge:
    """The server wants a further message."""

    data: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class Success:
    """The client is `username`; `data` goes along with the success where the mechanism has some."""

    username: str
    data: bytes | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Failure:
    """The exchange has failed with one of the conditions of RFC 6120, 6.5."""

    condition: str


ServerAnswer = Challenge | Success | Failure
