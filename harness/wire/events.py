"""What is seen on one connection, in order. Events are facts; judging them is the monitors' work."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache

import msgspec
from lxml import etree

from harness.wire.tokens import in_scope
from harness.xmpp.namespaces import Name


@dataclass(frozen=True, kw_only=True, slots=True)
class StreamOpened:
    """A stream header. `attributes` are keyed by `Name` text: `id`, or `{namespace}local`."""

    name: Name
    attributes: Mapping[str, str]
    namespaces: Mapping[str | None, str]
    raw: bytes

    @property
    def default_namespace(self) -> str:
        """The content namespace that the header declares, or the empty string."""
        return self.namespaces.get(None, "")


class ElementReceived(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """One complete child of the stream: a stanza or a nonza, with exactly the bytes that carried it."""

    # A struct because so many are made: a frozen dataclass takes three times as long.
    name: Name
    attributes: Mapping[str, str]
    raw: bytes
    stream: StreamOpened

    @property
    def tree(self) -> etree._Element:
        """The element as an lxml tree, built when first asked for."""
        kept = self.__dict__  # `cached_property` would lock each time
        if "tree" not in kept:
            kept["tree"] = etree.fromstring(in_scope(self.stream.raw, self.raw), parser=_parser())
        tree: etree._Element = kept["tree"]
        return tree


@lru_cache(maxsize=1)
def _parser() -> etree.XMLParser:
    """The one lxml parser: it fetches nothing, knows no entities and keeps no comments.

    It sees only what expat has accepted, and has to take all of that: with `recover` also namespaces that are
    no URIs. lxml guards a parser that several threads use.
    """
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=True,
        remove_comments=True,
        remove_pis=True,
        collect_ids=False,
        recover=True,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class StreamEnded:
    """The closing tag of the stream."""

    raw: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class Whitespace:
    """White space between stanzas, which RFC 6120, 4.6.1 uses as a keepalive."""

    raw: bytes


class Rule(Enum):
    """What a violation breaks. The value names the rule in records and reports."""

    NOT_WELL_FORMED = "not-well-formed"
    BAD_NAMESPACE = "bad-namespace"
    BAD_ENCODING = "bad-encoding"
    RESTRICTED_XML = "restricted-xml"
    TEXT_BETWEEN_STANZAS = "text-between-stanzas"
    DATA_AFTER_END = "data-after-end"
    TOO_LARGE = "too-large"
    TOO_DEEP = "too-deep"
    TRUNCATED = "truncated"


@dataclass(frozen=True, kw_only=True, slots=True)
class Violation:
    """The peer's bytes break a rule. After a `fatal` one the reader gives no further elements."""

    rule: Rule
    message: str
    offset: int
    excerpt: bytes
    fatal: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class TlsStarted:
    """A TLS handshake has finished. `bindings` maps channel binding types to their data (RFC 5929)."""

    version: str
    cipher: str
    bindings: Mapping[str, bytes] = field(default_factory=dict)
    peer_certificate: bytes = b""


@dataclass(frozen=True, kw_only=True, slots=True)
class TlsFailed:
    """A TLS handshake has failed; `reason` is one line for a person."""

    reason: str


#: Why there is no handshake with a server that sends more behind `<proceed/>` (RFC 6120, 5.4.3.1).
GOES_ON_IN_CLEAR = "the server goes on in the clear behind its consent to TLS"


@dataclass(frozen=True, kw_only=True, slots=True)
class Connected:
    """A connection is open; `tls` when a handshake came with it (direct TLS)."""

    tls: TlsStarted | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ConnectFailed:
    """No connection could be opened."""

    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Disconnected:
    """The connection has gone: `clean` when the peer closed it in order, otherwise a reset."""

    clean: bool
    reason: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Silence:
    """Nothing came within the patience of a `Receive`."""

    seconds: float


Event = (
    StreamOpened
    | ElementReceived
    | StreamEnded
    | Whitespace
    | Violation
    | TlsStarted
    | TlsFailed
    | Connected
    | ConnectFailed
    | Disconnected
    | Silence
)
