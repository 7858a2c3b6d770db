"""Rules on what stanzas hold: types, children, languages and times."""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from lxml import etree

from harness.monitors.monitor import CLIENTS, SERVERS, Breach, Case, ElementMonitor, EventMonitor, Findings
from harness.monitors.observed import Direction, Observed
from harness.monitors.stanzas import LANG, Topic, children, type_of
from harness.monitors.stream_headers import is_language
from harness.monitors.traffic import Link
from harness.wire.events import ElementReceived, Event
from harness.xmpp.namespaces import DELAY

_PRESENCE_TYPES = frozenset(
    {"error", "probe", "subscribe", "subscribed", "unavailable", "unsubscribe", "unsubscribed"}
)
_MESSAGE_TYPES = frozenset({"chat", "error", "groupchat", "headline", "normal"})
_SHOWS = frozenset({"away", "chat", "dnd", "xa"})
_CHILDREN = {
    "message": frozenset({"body", "subject", "thread", "error"}),
    "presence": frozenset({"show", "status", "priority", "error"}),
    "iq": frozenset({"error"}),
}
#: XEP-0082, 3.2: CCYY-MM-DDThh:mm:ss[.sss]TZD, where the TZD is Z or an offset.
_DATE_TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)")


class _StanzaMonitor(ElementMonitor):
    """Judges stanzas that the target itself has made."""

    received = frozenset({Topic.STANZA})

    def judge(self, element: ElementReceived, link: Link) -> Findings:
        """Leave out what an actor wrote, should there be a fault in it."""
        found = list(self.judge_stanza(element))
        if found and not self.traffic.is_relayed(element):
            yield from found

    def judge_stanza(self, stanza: ElementReceived) -> Findings:
        """Give a message and a requirement for each breach."""
        raise NotImplementedError


class PresenceTypes(_StanzaMonitor):
    """A presence without type says that somebody is there; there are seven other things it can say."""

    name = "presence-types"
    title = "The type of a presence is a known one"
    kind = "presence"
    requirements = ("rfc6121-4.7.1-presence-type-values",)

    def judge_stanza(self, stanza: ElementReceived) -> Findings:
        """No type is a type too."""
        self.has_checked = True
        kind = stanza.attributes.get("type")
        if kind is not None and kind not in _PRESENCE_TYPES:
            yield f"a presence of type '{kind}'", "rfc6121-4.7.1-presence-type-values"


class MessageTypes(_StanzaMonitor):
    """A client uses one of the five types of messages (RFC 6121, 5.2.2)."""

    name = "message-types"
    title = "The type of a client's message is a known one"
    kind = "message"
    requirements = ("rfc6121-5.2.2-message-type-values",)
    perspectives = CLIENTS

    def judge_stanza(self, stanza: ElementReceived) -> Findings:
        """No type means normal."""
        self.has_checked = True
        kind = stanza.attributes.get("type")
        if kind is not None and kind not in _MESSAGE_TYPES:
            yield f"a message of type '{kind}'", "rfc6121-5.2.2-message-type-values"


class PresenceChildren(_StanzaMonitor):
    """A client says show and priority once, and in words that all know (RFC 6121, 4.7.2)."""

    name = "presence-children"
    title = "A client's presence has at most one show and one priority, with legal values"
    kind = "presence"
    requirements = (
        "rfc6121-4.7.2.1-show-values",
        "rfc6121-4.7.2.1-show-once",
        "rfc6121-4.7.2.3-priority-range",
        "rfc6121-4.7.2.3-priority-once",
    )
    perspectives = CLIENTS

    def judge_stanza(self, stanza: ElementReceived) -> Findings:
        """Only children in the content namespace are meant."""
        self.has_checked = True
        shows, priorities = (_texts(stanza, local) for local in ("show", "priority"))
        if len(shows) > 1:
            yield f"a presence with {len(shows)} show children", "rfc6121-4.7.2.1-show-once"
        if len(priorities) > 1:
            yield f"a presence with {len(priorities)} priorities", "rfc6121-4.7.2.3-priority-once"
        for show in shows:
            if show not in _SHOWS:
                yield f"a presence with the show '{show}'", "rfc6121-4.7.2.1-show-values"
        for priority in priorities:
            if not _is_priority(priority):
                yield f"a presence with the priority '{priority}'", "rfc6121-4.7.2.3-priority-range"


class MessageTexts(_StanzaMonitor):
    """A client says a thing once in each language, and names one thread (RFC 6121, 5.2.3 to 5.2.5)."""

    name = "message-texts"
    title = "A client's message has one body and one subject for each language, and at most one thread"
    kind = "message"
    requirements = ("rfc6121-5.2.3-body-langs", "rfc6121-5.2.4-subject-langs", "rfc6121-5.2.5-thread-once")
    perspectives = CLIENTS

    def judge_stanza(self, stanza: ElementReceived) -> Findings:
        """Who gives no language inherits that of the stanza, or of the stream: one and the same."""
        self.has_checked = True
        for local, requirement in (
            ("body", "rfc6121-5.2.3-body-langs"),
            ("subject", "rfc6121-5.2.4-subject-langs"),
        ):
            languages = _languages(stanza, local)
            if len(set(languages)) < len(languages):
                yield f"a message with two {local} children in one language", requirement
        threads = _texts(stanza, "thread")
        if len(threads) > 1:
            yield f"a message with {len(threads)} threads", "rfc6121-5.2.5-thread-once"


class ContentChildren(_StanzaMonitor):
    """What RFC 6120 and 6121 do not define is in a namespace of its own (RFC 6120, 8.4)."""

    name = "content-children"
    title = "Children of stanzas that are extensions are in namespaces of their own"
    requirements = ("rfc6120-8.4-extension-namespace",)

    def judge_stanza(self, stanza: ElementReceived) -> Findings:
        """An error may hold what the faulty stanza held (RFC 6120, 8.3.1)."""
        self.has_checked = True
        if type_of(stanza) == "error":
            return
        for name, _ in children(stanza.tree):
            if name.namespace == stanza.name.namespace and name.local not in _CHILDREN[stanza.name.local]:
                yield (
                    f"<{name.local}/> in a {stanza.name.local} is in the content namespace",
                    "rfc6120-8.4-extension-namespace",
                )


class StanzaLanguages(_StanzaMonitor):
    """A language is a language tag (RFC 6120, 4.7.4)."""

    name = "stanza-languages"
    title = "The xml:lang of a stanza is a language tag"
    requirements = ("rfc6120-4.7.4-lang-syntax",)

    def judge_stanza(self, stanza: ElementReceived) -> Findings:
        """Only that of the stanza itself; its payload may be anybody's."""
        language = stanza.attributes.get(LANG)
        self.has_checked |= language is not None
        if language is not None and not is_language(language):
            yield f"xml:lang='{language}' is no language tag", "rfc6120-4.7.4-lang-syntax"


class DelayStamps(EventMonitor):
    """A delayed stanza says since when, in the way of XEP-0082 (XEP-0203, 2)."""

    name = "delay-stamps"
    title = "The stamp of a delay is a date and time in UTC, and nobody delays a stanza twice"
    requirements = (
        "xep0203-2-stamp",
        "xep0203-2-stamp-format",
        "xep0203-2-stamp-utc",
        "xep0203-2-one-delay",
    )
    perspectives = SERVERS
    received = frozenset({Topic.STANZA})
    sent = frozenset({Topic.STANZA})

    def __init__(self, case: Case) -> None:
        super().__init__(case)
        self._ours: set[str | None] = set()

    def observe(self, observed: Observed) -> Iterable[Breach]:
        """A stamp that an actor wrote is not the target's."""
        if observed.direction is Direction.SENT:
            self._ours.update(delay.get("stamp") for delay in _delays(observed.event))
            return ()
        return super().observe(observed)

    def judge(self, event: Event, link: Link) -> Findings:
        """Every delay in the stanza, those of forwarded stanzas included."""
        if (twice := self._delayed_twice(event)) is not None:
            yield f"two delays of '{twice}'", "xep0203-2-one-delay"
        for delay in _delays(event):
            self.has_checked = True
            stamp = delay.get("stamp")
            if stamp in self._ours:
                continue
            if stamp is None:
                yield "a delay without stamp", "xep0203-2-stamp"
            elif (instant := date_time(stamp)) is None:
                yield f"the stamp '{stamp}' is no date and time", "xep0203-2-stamp-format"
            elif instant.utcoffset() != timedelta(0):
                yield f"the stamp '{stamp}' is not in UTC", "xep0203-2-stamp-utc"

    def _delayed_twice(self, event: Event) -> str | None:
        """Somebody who has put two delays on the stanza itself, where no actor wrote any."""
        by = [
            delay.get("from")
            for delay in _delays(event)
            if isinstance(event, ElementReceived) and delay.getparent() is event.tree
            if delay.get("stamp") not in self._ours
        ]
        return next((one for one in by if one and by.count(one) > 1), None)


def date_time(text: str) -> datetime | None:
    """Read a time as XEP-0082, 3.2 writes it; None if it is none. Fractions of a second are dropped.

    >>> date_time("2002-09-10T23:08:25.123Z").isoformat()
    '2002-09-10T23:08:25+00:00'
    >>> date_time("20020910T23:08:25")
    """
    if not (found := _DATE_TIME.fullmatch(text)):
        return None
    seconds = found[1].replace(":60", ":59") if found[1].endswith(":60") else found[1]  # a leap second
    try:
        return datetime.fromisoformat(seconds + found[3].replace("Z", "+00:00"))
    except ValueError:
        return None


def _delays(event: Event) -> "Iterator[etree._Element]":
    if isinstance(event, ElementReceived) and b"delay" in event.raw:
        yield from event.tree.iter(f"{{{DELAY}}}delay")


def _texts(stanza: ElementReceived, local: str) -> list[str]:
    return [(one.text or "").strip() for one in stanza.tree.findall(f"{{{stanza.name.namespace}}}{local}")]


def _languages(stanza: ElementReceived, local: str) -> list[str]:
    inherited = stanza.attributes.get(LANG, "")
    found = stanza.tree.findall(f"{{{stanza.name.namespace}}}{local}")
    return [one.get(LANG, inherited).lower() for one in found]


def _is_priority(text: str) -> bool:
    return bool(re.fullmatch(r"[+-]?[0-9]{1,3}", text)) and -128 <= int(text) <= 127
