"""What is sent when a target is fuzzed, and what is claimed of it.

Addresses are not known where samples are made. They stand in the bytes as `${me}` and `${peer}` (bare JIDs of
the sender and of another user who is there), `${my JID}` and `${peer's JID}` (their full JIDs), `${domain}`,
`${muc}` (a service for rooms), `${token}` (an id that nothing else has), `${PEER}` (`${peer}` in upper case).
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum

from harness.xmpp.namespaces import Name

#: What stands for something that is known only when it is sent.
PLACEHOLDER = re.compile(r"\$\{(?:me|peer|my JID|peer's JID|domain|muc|token|PEER)\}")


class Claim(Enum):
    """What is true of the bytes as XML, whoever reads them."""

    LEGAL = "legal"  # well-formed, and of the kind that streams may hold
    ILL_FORMED = "ill-formed"  # no UTF-8, no XML, or against Namespaces in XML (RFC 6120, 11.3)
    RESTRICTED = "restricted"  # well-formed, but excluded from streams (RFC 6120, 11.1)


class Place(Enum):
    """Where in the course of a stream the bytes go."""

    HEADER = "header"  # instead of a stream header, on a new connection
    OPEN = "open"  # after header and features, before anything has been negotiated
    SESSION = "session"  # after binding


class Moment(Enum):
    """When in the course of a client the bytes come, where `Place` does not tell."""

    LOGIN = "login"  # it is served as the terms have it, and there are no bytes
    FEATURES = "features"  # instead of stream features, in the clear
    PROCEED = "proceed"  # instead of the answer to its request for TLS
    CHALLENGE = "challenge"  # instead of the answer to its `auth` of SCRAM-SHA-1, over TLS
    VERSION = "version"  # instead of the answer to its question for somebody's version
    DISCO = "disco"  # the same, for somebody's features
    PING = "ping"  # the same, for a ping
    ROSTER = "roster"  # the same, for its roster


class Harm(Enum):
    """What must not come of what a client is sent."""

    CONTACT = "contact"  # its user is told of a contact that holds the token, or the push gets a result
    OWN_CONTACT = "own contact"  # the same, by another address of the user's own
    ANSWER = "answer"  # a forged answer is told as that of who was asked
    COPY = "copy"  # a message inside a carbon copy is told as one of its own
    ARCHIVED = "archived"  # or one inside a result of the archive
    FORWARDED = "forwarded"  # or one that was only forwarded
    ROSTER = "roster"  # a roster that nobody has asked for is told
    END = "end"  # the stream ends
    SECRET = "secret"  # it begins to log in
    LOGIN = "login"  # it takes itself for logged in
    PROOF = "proof"  # it answers a challenge of which the nonce is not its own
    RESTART = "restart"  # it takes success for true, and opens another stream
    LOOP = "loop"  # it comes back again and again at once


#: See `Sample.trace`.
Trace = tuple[
    bytes, Place, tuple[int, ...], Moment | None, tuple[str, ...], Claim, frozenset[str], frozenset[Harm]
]

_MOST_SHOWN = 60  # bytes


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Element:
    """An element as XML means it, without the ways of writing it. Neighbouring texts are one."""

    name: Name
    attributes: tuple[tuple[Name, str], ...] = ()
    children: "tuple[Element | str, ...]" = ()

    def __repr__(self) -> str:
        """Short: its children are only counted."""
        attributes = {str(name): value[:_MOST_SHOWN] for name, value in self.attributes}
        return f"Element({self.name}, {attributes}, {len(self.children)} children)"

    def get(self, local: str) -> str | None:
        """The value of an attribute without namespace."""
        return next((value for name, value in self.attributes if name == Name("", local)), None)

    def having(self, local: str, value: str | None) -> "Element":
        """The same with another value for an attribute without namespace; None takes it away."""
        wanted = Name("", local)
        others = tuple(one for one in self.attributes if one[0] != wanted)
        return replace(self, attributes=others if value is None else (*others, (wanted, value)))

    @property
    def elements(self) -> "tuple[Element, ...]":
        """The children that are elements."""
        return tuple(child for child in self.children if isinstance(child, Element))

    def normal(self) -> "Element":
        """The same with sorted attributes and neighbouring texts as one, so that `==` compares meaning."""
        children: list[Element | str] = []
        for child in self.children:
            if isinstance(child, Element):
                children.append(child.normal())
            elif child and children and isinstance(children[-1], str):
                children[-1] += child
            elif child:
                children.append(child)
        return Element(name=self.name, attributes=tuple(sorted(self.attributes)), children=tuple(children))


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Sample:
    """Bytes to send in one place of a stream. `labels` say how they came about, the coarsest first.

    `conditions` are the stream errors that may answer them; empty where nothing is claimed of that. With the
    claim `LEGAL` they are permitted although the XML is in order, for instance where no stanza is sent.
    `element` is what they mean, where they are one stanza that can be read, or begin with one. `cuts` are the
    offsets at which they are sent in separate segments. What is for clients may come at a `moment` of its
    own, on `terms` as `## server:` has them, and name the `harms` that must not come of it.
    """

    family: str
    data: bytes
    claim: Claim
    place: Place = Place.SESSION
    labels: tuple[str, ...] = ()
    conditions: frozenset[str] = frozenset()
    element: Element | None = None
    cuts: tuple[int, ...] = ()
    moment: Moment | None = None
    terms: tuple[str, ...] = ()
    harms: frozenset[Harm] = frozenset()

    @property
    def trace(self) -> Trace:
        """By which it is known again: what comes of two with the same trace is the same."""
        digest = hashlib.sha1(self.data, usedforsecurity=False).digest()
        return digest, self.place, self.cuts, self.moment, self.terms, self.claim, self.conditions, self.harms

    def __repr__(self) -> str:
        """Short, for Hypothesis writes down what it has tried."""
        return f"Sample({self.family!r}, {self.labels!r}, {self.data[:_MOST_SHOWN]!r})"


def filled(data: bytes, names: Mapping[str, str]) -> bytes:
    """Bytes with what stands for placeholders, by their names.

    >>> filled(b"<message to='${peer}'/>", {"peer": "juliet@example.com"})
    b"<message to='juliet@example.com'/>"
    """
    for name, value in names.items():
        data = data.replace(b"${%s}" % name.encode(), value.encode())
    return data
