"""Rules on stream headers (RFC 6120, 4.7 and 4.8).

The header that goes before a stream error is spared where the text lets it differ: the peer has just
said that it cannot serve this stream (4.9.1.3, and 4.7.5 with 4.9.3.25).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from harness.monitors.addresses import same
from harness.monitors.monitor import (
    CLIENTS,
    SERVERS,
    Breach,
    Case,
    ElementMonitor,
    Findings,
    Monitor,
    breaches,
)
from harness.monitors.observed import Direction, Observed
from harness.monitors.stanzas import CONTENT_NAMESPACES, LANG, STREAM_ERROR, Topic
from harness.monitors.traffic import Link
from harness.results.verdicts import Perspective
from harness.wire.events import ElementReceived, StreamOpened
from harness.wire.tokens import tag_name
from harness.xmpp.namespaces import STREAM, Name

_VERSION = re.compile(r"(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)")
#: Of extensions that live in stanzas; those of streams are in others.
_OF_PAYLOADS = ("jabber:iq:", "jabber:x:", "vcard-temp", "http://jabber.org/protocol/")
_LANGUAGE = re.compile(r"([A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*)?")  # RFC 4646 as far as it needs no registry


@dataclass(frozen=True, kw_only=True, slots=True)
class Opening:
    """A header of the target's, ours in the other direction if any, and what became of the stream."""

    observed: Observed
    link: Link
    header: StreamOpened
    ours: StreamOpened | None
    is_refused: bool = False

    @property
    def attributes(self) -> dict[str, str]:
        """The attributes of the target's header."""
        return dict(self.header.attributes)


class _HeaderMonitor(Monitor):
    """Judges a header once the next event shows whether the stream is being refused."""

    received = frozenset({Topic.HEADER, Topic.STANZA, Topic.NONZA, Topic.END})

    def __init__(self, case: Case) -> None:
        super().__init__(case)
        self._waiting: dict[int, Opening] = {}

    def observe(self, observed: Observed) -> Iterable[Breach]:
        """Hold a header back until something follows it."""
        if isinstance(observed.event, StreamOpened):
            link = self.link(observed)
            ours = link.headers.get(Direction.SENT)
            self._waiting[observed.connection] = Opening(
                observed=observed, link=link, header=observed.event, ours=ours
            )
        elif waiting := self._waiting.pop(observed.connection, None):
            yield from self._judged(waiting, is_refused=_refuses(observed))

    def finish(self) -> Iterable[Breach]:
        """Judge headers that nothing followed."""
        for waiting in self._waiting.values():
            yield from self._judged(waiting, is_refused=True)

    def _judged(self, one: Opening, *, is_refused: bool) -> Iterable[Breach]:
        self.has_checked = True
        opening = Opening(
            observed=one.observed, link=one.link, header=one.header, ours=one.ours, is_refused=is_refused
        )
        return breaches(self.judge(opening), one.observed)

    def judge(self, opening: Opening) -> Findings:
        """Give a message and a requirement for each breach."""
        raise NotImplementedError


class ResponseHeaderAttributes(_HeaderMonitor):
    """A server's header names its domain, an id and a language (RFC 6120, 4.7)."""

    name = "response-header-attributes"
    title = "A server's stream header has from, id and xml:lang"
    requirements = (
        "rfc6120-stream-attribute-response-from",
        "rfc6120-stream-attribute-response-id",
        "rfc6120-4.7.4-response-lang-present",
    )
    perspectives = SERVERS

    def judge(self, opening: Opening) -> Findings:
        """The id stands in every header; the others may be missing where the stream is refused."""
        attributes = opening.attributes
        if not attributes.get("id"):
            shown = "an empty id" if "id" in attributes else "no id"
            yield f"the stream header has {shown}", "rfc6120-stream-attribute-response-id"
        if opening.is_refused:
            return
        if not attributes.get("from"):
            yield "the stream header has no from", "rfc6120-stream-attribute-response-from"
        if LANG not in attributes:
            yield "the stream header has no xml:lang", "rfc6120-4.7.4-response-lang-present"


class ResponseHeaderTo(_HeaderMonitor):
    """A server repeats the address that the client gave, and none if it gave none (RFC 6120, 4.7.2)."""

    name = "response-header-to"
    title = "A server's stream header has the client's address in to if the client gave one"
    requirements = ("rfc6120-4.7.2-response-to-bare-jid", "rfc6120-4.7.2-response-to-absent")
    perspectives = SERVERS

    def judge(self, opening: Opening) -> Findings:
        """What a server does with an address that is not the account's own, the text leaves open."""
        if opening.ours is None or opening.is_refused:
            return
        given, to = opening.ours.attributes.get("from"), opening.attributes.get("to")
        own = self.context.accounts.get(opening.link.actor, "")
        if given is None and to is not None:
            yield f"to='{to}', though our header had no from", "rfc6120-4.7.2-response-to-absent"
        elif given and own and same(given, own) and not same(to or "", own):
            shown = "no to" if to is None else f"to='{to}'"
            yield f"{shown}, though our header had from='{given}'", "rfc6120-4.7.2-response-to-bare-jid"


class HeaderVersion(_HeaderMonitor):
    """Versions are two integers; a server answers with the lower one (RFC 6120, 4.7.5)."""

    name = "header-version"
    title = "The version in the stream header is well formed and not higher than ours"
    requirements = (
        "rfc6120-4.7.5-version-leading-zeros-ignored",
        "rfc6120-4.7.5-version-lower-of-two",
        "rfc6120-4.7.5-version-absent-no-version-back",
    )

    def judge(self, opening: Opening) -> Findings:
        """A header without version is of version 0.9."""
        version = opening.attributes.get("version")
        if version is not None and not _VERSION.fullmatch(version):
            yield f"version='{version}' is no version", "rfc6120-4.7.5-version-leading-zeros-ignored"
        elif self.context.perspective is Perspective.CLIENT and opening.ours and not opening.is_refused:
            yield from _compared(opening.ours.attributes.get("version"), version)


def _compared(ours: str | None, theirs: str | None) -> Findings:
    if ours is None:
        if theirs is not None:
            yield (
                f"version='{theirs}', though our header had none",
                "rfc6120-4.7.5-version-absent-no-version-back",
            )
        return
    if not (asked := _VERSION.fullmatch(ours)):
        return  # what a server makes of a version that is none, the text does not say
    if (given := _VERSION.fullmatch(theirs or "")) and _pair(given) > _pair(asked):
        yield f"version='{theirs}' is higher than our '{ours}'", "rfc6120-4.7.5-version-lower-of-two"
    elif theirs is None and _pair(asked) >= (1, 0):
        yield f"no version, though our header had '{ours}'", "rfc6120-4.7.5-version-lower-of-two"


def _pair(version: "re.Match[str]") -> tuple[int, int]:
    return int(version[1]), int(version[2])


class HeaderNamespaces(_HeaderMonitor):
    """The header is in the streams namespace and declares the content namespace of the stream."""

    name = "header-namespaces"
    title = "The stream header is in the right namespaces"
    requirements = (
        "rfc6120-xml-namespace-streams-declaration",
        "rfc6120-4.8.2-content-ns-same-both-ways",
        "rfc6120-4.8.5-no-extension-ns-in-header",
    )

    def judge(self, opening: Opening) -> Findings:
        """The content namespace may also stand on each stanza instead (RFC 6120, 4.8.2)."""
        header = opening.header
        if header.name != Name(STREAM, "stream"):
            yield f"the root element is {header.name}", "rfc6120-xml-namespace-streams-declaration"
        for namespace in header.namespaces.values():
            if namespace.startswith(_OF_PAYLOADS):
                shown = f"the stream header declares {namespace}, which belongs into stanzas"
                yield shown, "rfc6120-4.8.5-no-extension-ns-in-header"
        if opening.ours is None or opening.is_refused:
            return
        ours, theirs = opening.ours.default_namespace, header.default_namespace
        if ours in CONTENT_NAMESPACES and theirs not in (ours, "", STREAM):
            yield (
                f"the default namespace is {theirs}, ours is {ours}",
                "rfc6120-4.8.2-content-ns-same-both-ways",
            )


class StreamPrefix(ElementMonitor):
    """Features and errors of the stream are written as its header is (RFC 6120, 4.3.2 and 4.8.1)."""

    name = "stream-prefix"
    title = "Elements of the stream namespace have the prefix of the stream header"
    requirements = ("rfc6120-xml-namespace-streams-prefix",)
    perspectives = SERVERS
    received = frozenset({Topic.NONZA})

    def concerns(self, element: ElementReceived) -> bool:
        """Features and stream errors."""
        return element.name.namespace == STREAM

    def judge(self, element: ElementReceived, link: Link) -> Findings:
        """Prefixes are compared as they are written."""
        self.has_checked = True
        header = element.stream.raw
        ours, theirs = _prefix(element.raw, 0), _prefix(header, header.rfind(b"<"))
        if ours != theirs:
            shown = f"<{element.name.local}/> has the prefix '{ours}', the stream header '{theirs}'"
            yield shown, "rfc6120-xml-namespace-streams-prefix"


def _prefix(data: bytes, position: int) -> str:
    prefix, colon, _ = tag_name(data, position).partition(b":")
    return prefix.decode("utf-8", "replace") if colon else ""


class HeaderLanguage(_HeaderMonitor):
    """A language is a language tag (RFC 6120, 4.7.4)."""

    name = "header-language"
    title = "The xml:lang of a stream header is a language tag"
    requirements = ("rfc6120-4.7.4-lang-syntax",)

    def judge(self, opening: Opening) -> Findings:
        """An empty value takes a language back (XML 1.0, 2.12)."""
        language = opening.attributes.get(LANG, "")
        if not is_language(language):
            yield f"xml:lang='{language}' is no language tag", "rfc6120-4.7.4-lang-syntax"


class InitialHeader(_HeaderMonitor):
    """A client says whom it wants to talk to, and leaves the id to the server (RFC 6120, 4.7)."""

    name = "initial-header"
    title = "A client's stream header has to, no id, and a bare JID in from"
    requirements = (
        "rfc6120-stream-attribute-initial-to",
        "rfc6120-4.7.3-client-header-no-id",
        "rfc6120-4.7.1-client-from-bare-jid",
    )
    perspectives = CLIENTS

    def judge(self, opening: Opening) -> Findings:
        """Each attribute by itself."""
        attributes = opening.attributes
        if not attributes.get("to"):
            yield "the stream header has no to", "rfc6120-stream-attribute-initial-to"
        if "id" in attributes:
            yield f"id='{attributes['id']}' in a client's header", "rfc6120-4.7.3-client-header-no-id"
        given = attributes.get("from", "@")
        if "/" in given or "@" not in given:
            yield f"from='{given}' is no bare JID", "rfc6120-4.7.1-client-from-bare-jid"


class InitialHeaderLanguage(_HeaderMonitor):
    """A client should say which language its user reads (RFC 6120, 4.7.4)."""

    name = "initial-header-language"
    title = "A client's stream header has xml:lang"
    requirements = ("rfc6120-stream-attribute-initial-lang",)
    perspectives = CLIENTS

    def judge(self, opening: Opening) -> Findings:
        """A SHOULD."""
        if LANG not in opening.attributes:
            yield "the stream header has no xml:lang", "rfc6120-stream-attribute-initial-lang"


class UniqueStreamIds(_HeaderMonitor):
    """No stream id comes twice, neither after a restart nor on another connection (RFC 6120, 4.7.3)."""

    name = "unique-stream-ids"
    title = "A stream id never comes twice in a run"
    requirements = ("rfc6120-stream-attribute-response-id-unique",)
    perspectives = SERVERS

    def judge(self, opening: Opening) -> Findings:
        """A missing id is another monitor's matter."""
        identity = opening.attributes.get("id", "")
        if identity and identity in self.case.memory.stream_ids:
            yield (
                f"the stream id '{identity}' has been used before",
                "rfc6120-stream-attribute-response-id-unique",
            )
        self.case.memory.stream_ids.add(identity)


def is_language(tag: str) -> bool:
    """Whether it has the form of a language tag, or is empty."""
    return bool(_LANGUAGE.fullmatch(tag))


def _refuses(observed: Observed) -> bool:
    event = observed.event
    return not isinstance(event, ElementReceived) or event.name == STREAM_ERROR
