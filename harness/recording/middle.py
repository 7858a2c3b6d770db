"""What stands between a client and its server: hands on what each says, and understands it meanwhile.

Nothing is changed but for stream features with which we could not follow, or whose conversation would
not be one of ordinary stanzas: those are taken out of what the server offers, so that the client does
without. TLS ends here on both sides.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from lxml import etree

from harness.wire.events import ElementReceived, Event, StreamEnded, StreamOpened, Violation, Whitespace
from harness.wire.reader import Limits, StreamReader
from harness.wire.writer import serialize
from harness.xmpp.elements import children, first, name_of
from harness.xmpp.namespaces import CHANNEL_BINDING, SASL, STREAM, STREAM_MANAGEMENT, TLS, Name

_FEATURES = Name(STREAM, "features")
_MECHANISMS = Name(SASL, "mechanisms")
_SUCCESS = Name(SASL, "success")
_PROCEED = Name(TLS, "proceed")
_MOST = 64 << 20  # bytes; whatever the two agree on is not ours to limit

#: Namespaces of features that are withheld, and why.
WITHHELD = {
    "http://jabber.org/features/compress": "compressed bytes could not be read",
    CHANNEL_BINDING: "it binds a login to the TLS of one connection, and here are two",
    "urn:xmpp:sm:2": "an older form of the next one",
    STREAM_MANAGEMENT: "its counts and acknowledgements belong to the connection, not to what is said",
    "urn:xmpp:sasl:2": "the login and what is bound with it are no part of a scenario",
}


class Source(Enum):
    """Whose words they are."""

    CLIENT = "client"
    SERVER = "server"

    @property
    def other(self) -> "Source":
        """The one on the other side of us."""
        return Source.SERVER if self is Source.CLIENT else Source.CLIENT


@dataclass(frozen=True, kw_only=True, slots=True)
class HandOn:
    """Give bytes to one of the two."""

    to: Source
    data: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class SecureBoth:
    """Shake hands with the server, then tell the client to `proceed`, and with the client (RFC 6120, 5.4)."""

    proceed: bytes


#: Hears of everything that is understood, in the order in which it came.
Hearing = Callable[[Source, Event], None]


class Middle:
    """One connection's two sides. What is ill-formed is handed on all the same, but no longer understood."""

    def __init__(self, hear: Hearing) -> None:
        self._hear = hear
        self._readers = {source: _reader() for source in Source}
        self._held = {source: bytearray() for source in Source}  # has come, but is not handed on yet
        self._is_blind = dict.fromkeys(Source, False)

    def take(self, source: Source, data: bytes) -> Iterator[HandOn | SecureBoth]:
        """Take what one of them sent; what to do about it has to be done before the next one is asked for."""
        self._held[source] += data
        self._readers[source].push(data)
        while not self._is_blind[source] and (event := self._readers[source].next_event()) is not None:
            yield from self._understood(source, event)
        if self._is_blind[source]:
            yield from self._rest(source)

    def secured(self) -> None:
        """Both have shaken hands: nothing that was said in the clear counts (RFC 6120, 5.4.3.3)."""
        self._readers = {source: _reader() for source in Source}
        self._held = {source: bytearray() for source in Source}

    def ended(self, source: Source) -> Iterator[HandOn]:
        """Its connection has ended; what lies here incomplete is handed on."""
        return self._rest(source)

    def _understood(self, source: Source, event: Event) -> Iterator[HandOn | SecureBoth]:
        self._hear(source, event)
        if isinstance(event, Violation):
            self._is_blind[source] = True
            return
        if not isinstance(event, StreamOpened | ElementReceived | StreamEnded | Whitespace):
            return
        if self._held[source].startswith(event.raw):
            del self._held[source][: len(event.raw)]
        data = event.raw
        if isinstance(event, ElementReceived) and source is Source.SERVER:
            data = _without_withheld(event) if event.name == _FEATURES else data
        name = event.name if isinstance(event, ElementReceived) and source is Source.SERVER else None
        if name == _SUCCESS:  # a new stream follows as soon as the client knows (RFC 6120, 6.4.6)
            for reader in self._readers.values():
                reader.restart()
        yield SecureBoth(proceed=data) if name == _PROCEED else HandOn(to=source.other, data=data)

    def _rest(self, source: Source) -> Iterator[HandOn]:
        if self._held[source]:
            yield HandOn(to=source.other, data=bytes(self._held[source]))
            self._held[source].clear()


def _reader() -> StreamReader:
    return StreamReader(limits=Limits(max_stanza=_MOST))


def _without_withheld(features: ElementReceived) -> bytes:
    """What a server offers, without that with which we could not follow; unchanged if there is none of it."""
    tree = features.tree
    before = sum(1 for _ in tree.iter())
    for child in [one for one in children(tree) if name_of(one).namespace in WITHHELD]:
        tree.remove(child)
    mechanisms = first(tree, _MECHANISMS)
    if mechanisms is not None:
        for one in _binding(list(children(mechanisms))):
            mechanisms.remove(one)
    is_changed = sum(1 for _ in tree.iter()) != before
    return (
        serialize(tree, default_namespace=features.stream.default_namespace) if is_changed else features.raw
    )


def _binding(mechanisms: Sequence[etree._Element]) -> list[etree._Element]:
    """Mechanisms that bind to the TLS of one connection, and with them those of the same family.

    A client that could bind would say so in SCRAM, and a server that has offered it takes that for an
    attack (RFC 5802, 6). So such a family goes as a whole where there is another mechanism.
    """
    named = {(one.text or "").strip(): one for one in mechanisms}
    bound = [name for name in named if name.endswith("-PLUS")]
    families = {name.partition("-")[0] for name in bound}
    others = [name for name in named if name.partition("-")[0] not in families]
    gone = [name for name in named if name not in others] if others else bound
    return [named[name] for name in gone]
