"""Bytes that are sent before the login, with what is claimed of them."""

from dataclasses import dataclass

from harness.strategies.answers import NOT_WELL_FORMED, NOTHING, RESTRICTED
from harness.strategies.sample import Claim, Place, Sample

DECLARATION = "<?xml version='1.0'?>"
CONTENT = "xmlns='jabber:client'"
STREAMS = "xmlns:stream='http://etherx.jabber.org/streams'"


@dataclass(frozen=True, kw_only=True, slots=True)
class Opening:
    """Bytes before the login. With the claim `LEGAL` the conditions are permitted, with others due."""

    name: str
    data: bytes
    claim: Claim = Claim.LEGAL
    conditions: frozenset[str] = NOTHING

    def sample(self, family: str, place: Place) -> Sample:
        """What is sent."""
        return Sample(
            family=family,
            data=self.data,
            claim=self.claim,
            place=place,
            labels=(self.name,),
            conditions=self.conditions,
        )


def header(
    to: str = "to='${domain}'",
    version: str = "version='1.0'",
    *,
    content: str = CONTENT,
    streams: str = STREAMS,
    name: str = "stream:stream",
    declaration: str = DECLARATION,
    more: str = "",
) -> str:
    """A stream header, plain but for what is given."""
    parts = [f"<{name}", to, version, content, streams, more]
    return declaration + " ".join(part for part in parts if part) + ">"


def row(
    name: str, data: str | bytes, conditions: frozenset[str] = NOTHING, claim: Claim = Claim.LEGAL
) -> Opening:
    """Well-formed ones."""
    octets = data.encode() if isinstance(data, str) else data
    return Opening(name=name, data=octets, claim=claim, conditions=conditions)


def ill(name: str, data: str | bytes, conditions: frozenset[str] = NOT_WELL_FORMED) -> Opening:
    """Ill-formed ones."""
    return row(name, data, conditions, Claim.ILL_FORMED)


def restricted(name: str, data: str) -> Opening:
    """Well-formed ones with what streams must not hold."""
    return row(name, data, RESTRICTED, Claim.RESTRICTED)
