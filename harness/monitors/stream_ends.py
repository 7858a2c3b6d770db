"""Rules on how streams end (RFC 6120, 4.4 and 4.9)."""

from collections.abc import Iterable

from harness.monitors.monitor import Breach, Case, ElementMonitor, Findings, Monitor
from harness.monitors.observed import Direction, Observed
from harness.monitors.stanzas import CONTENT_NAMESPACES, STREAM_ERROR, Topic, children, locals_of
from harness.monitors.traffic import Link
from harness.wire.events import Disconnected, ElementReceived, Event, StreamOpened
from harness.xmpp.namespaces import STREAM, STREAM_ERRORS, Name

_OF_STREAMS = (*CONTENT_NAMESPACES, STREAM, "")
_TEXT = Name(STREAM_ERRORS, "text")


class StreamErrorShape(ElementMonitor):
    """A stream error says one defined condition (RFC 6120, 4.9.2)."""

    name = "stream-error-shape"
    title = "A stream error has exactly one defined condition"
    requirements = (
        "rfc6120-4.9.2-one-defined-condition",
        "rfc6120-4.9.2-text-namespace",
        "rfc6120-4.9.2-app-condition-namespace",
    )
    received = frozenset({Topic.NONZA})

    def judge(self, element: ElementReceived, link: Link) -> Findings:
        """Names that RFC 6120 does not know are let through: later documents may define more."""
        if element.name != STREAM_ERROR:
            return
        self.has_checked = True
        names = [name for name, _ in children(element.tree)]
        conditions = [name for name in names if name.namespace == STREAM_ERRORS and name != _TEXT]
        if len(conditions) != 1:
            shown = locals_of(conditions) or "no condition"
            yield f"the stream error has {shown}", "rfc6120-4.9.2-one-defined-condition"
        if any(name.local == "text" and name != _TEXT for name in names):
            yield "the text of the stream error is in a wrong namespace", "rfc6120-4.9.2-text-namespace"
        for name in names:
            if name.namespace in _OF_STREAMS and name.local != "text":
                shown = f"<{name.local}/> of the stream error is in no namespace of an application"
                yield shown, "rfc6120-4.9.2-app-condition-namespace"


class StreamErrorIsLast(Monitor):
    """A stream error cannot be undone: the closing tag follows at once (RFC 6120, 4.9.1.1)."""

    name = "stream-error-is-last"
    title = "A stream error is followed by the closing tag and nothing else"
    requirements = ("rfc6120-stream-error-generate",)
    received = frozenset({Topic.HEADER, Topic.STANZA, Topic.NONZA, Topic.CONNECTION})

    def __init__(self, case: Case) -> None:
        super().__init__(case)
        self._errors: set[int] = set()

    def observe(self, observed: Observed) -> Iterable[Breach]:
        """A reset may have swallowed the tag, so only an orderly end without it counts."""
        event, link = observed.event, self.link(observed)
        if link.number in self._errors and (message := _after_error(event, link)):
            yield Breach(message=message, requirement="rfc6120-stream-error-generate", evidence=observed)
        if isinstance(event, ElementReceived) and event.name == STREAM_ERROR:
            self.has_checked = True
            self._errors.add(link.number)


def _after_error(event: Event, link: Link) -> str:
    match event:
        case ElementReceived(name=name) if name == STREAM_ERROR:
            return "a second stream error"
        case ElementReceived(name=name):
            return f"<{name.local}/> comes after a stream error"
        case StreamOpened():
            return "a new stream header comes after a stream error"
        case Disconnected(clean=True) if _could_have_closed(link):
            return "the connection ends after a stream error without a closing tag"
        case _:
            return ""


def _could_have_closed(link: Link) -> bool:
    """Whether the target ended the connection without a closing tag, and not we under its hands."""
    return Direction.RECEIVED not in link.ended and link.dropped_by is Direction.RECEIVED


class ClosingTagAnswered(Monitor):
    """A closed stream, or an error, is answered by closing the other one (RFC 6120, 4.4 and 4.9.1.1)."""

    name = "closing-tag-answered"
    title = "Our closing tag is answered by a closing tag"
    requirements = ("rfc6120-4.4-close-tag-answered", "rfc6120-4.9.1.1-peer-closes-after-error")
    received = frozenset({Topic.CONNECTION, Topic.END})
    sent = frozenset({Topic.NONZA})

    def __init__(self, case: Case) -> None:
        super().__init__(case)
        self._errors: set[int] = set()

    def observe(self, observed: Observed) -> Iterable[Breach]:
        """Judged only when the target ends the connection in order, for then it could have answered."""
        event, link = observed.event, self.link(observed)
        if observed.direction is Direction.SENT:
            if isinstance(event, ElementReceived) and event.name == STREAM_ERROR:
                self._errors.add(link.number)
            return
        self.has_checked |= Direction.SENT in link.ended
        if not isinstance(event, Disconnected) or not event.clean or not _is_unanswered(link):
            return
        requirement = self.requirements[1 if link.number in self._errors else 0]
        message = "the connection ends without an answer to our closing tag"
        yield Breach(message=message, requirement=requirement, evidence=observed)


def _is_unanswered(link: Link) -> bool:
    has_stream = Direction.RECEIVED in link.headers and Direction.RECEIVED not in link.unreadable
    return has_stream and Direction.SENT in link.ended and _could_have_closed(link)
