"""What a client knows of its connection while it logs in, and how a login can be refused."""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

from lxml import etree

from harness.wire.effects import Protocol, Receive
from harness.wire.events import (
    ConnectFailed,
    Disconnected,
    ElementReceived,
    Event,
    Silence,
    StreamEnded,
    StreamOpened,
    TlsFailed,
    TlsStarted,
    Violation,
    Whitespace,
)
from harness.xmpp import namespaces as ns
from harness.xmpp.namespaces import STREAM, STREAM_ERRORS, Name

FEATURES = Name(STREAM, "features")
STREAM_ERROR = Name(STREAM, "error")


class TlsPolicy(Enum):
    """What a client does about TLS."""

    REQUIRED = "required"
    IF_OFFERED = "if offered"
    NEVER = "never"
    DIRECT = "direct"


class Stage(Enum):
    """How far a login had come."""

    CONNECT = "connecting"
    STREAM = "opening the stream"
    FEATURES = "stream features"
    TLS = "STARTTLS"
    SASL = "SASL"
    LEGACY = "legacy login"
    BIND = "resource binding"
    SESSION = "session"
    REGISTRATION = "registration"


@dataclass(frozen=True, kw_only=True, slots=True)
class Credentials:
    """What to log in with. `mechanisms` in order of preference; None: the strongest that both have.

    `resource` None lets the server choose one. `authzid` is a bare JID to act as (RFC 6120, 6.3.8).
    """

    username: str
    domain: str
    password: str
    resource: str | None = None
    mechanisms: tuple[str, ...] | None = None
    authzid: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Refusal:
    """A step of the login that did not succeed.

    `condition` is the peer's own where it named one, otherwise a word of ours such as `disconnected`,
    `silence` or `unexpected`; `event` is what showed it.
    """

    stage: Stage
    condition: str
    message: str
    event: Event | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Offered:
    """Stream features, read. `binding_types` None: the server does not tell (XEP-0440)."""

    mechanisms: tuple[str, ...] = ()
    starttls: bool = False
    starttls_required: bool = False
    bind: bool = False
    session: bool = False
    legacy: bool = False
    binding_types: frozenset[str] | None = None


_STARTTLS = f"{{{ns.TLS}}}starttls"
_TLS_REQUIRED = f"{{{ns.TLS}}}required"
_MECHANISMS = f"{{{ns.SASL}}}mechanisms"
_MECHANISM = f"{{{ns.SASL}}}mechanism"
_BIND = f"{{{ns.BIND}}}bind"
_SESSION = f"{{{ns.SESSION}}}session"
_OPTIONAL = f"{{{ns.SESSION}}}optional"
_LEGACY = f"{{{ns.AUTH_FEATURE}}}auth"
_CHANNEL_BINDINGS = "{urn:xmpp:sasl-cb:0}sasl-channel-binding"
_CHANNEL_BINDING = "{urn:xmpp:sasl-cb:0}channel-binding"


def read_features(features: Iterable["etree._Element"]) -> Offered:
    """Read a features element. A session that is marked optional does not count."""
    by_tag = {str(feature.tag): feature for feature in features}
    mechanisms, starttls = by_tag.get(_MECHANISMS), by_tag.get(_STARTTLS)
    session, bindings = by_tag.get(_SESSION), by_tag.get(_CHANNEL_BINDINGS)
    return Offered(
        mechanisms=()
        if mechanisms is None
        else tuple((one.text or "").strip() for one in mechanisms.iterchildren(_MECHANISM)),
        starttls=starttls is not None,
        starttls_required=starttls is not None
        and (starttls.find(_TLS_REQUIRED) is not None or len(by_tag) == 1),
        bind=_BIND in by_tag,
        session=session is not None and session.find(_OPTIONAL) is None,
        legacy=_LEGACY in by_tag,
        binding_types=None
        if bindings is None
        else frozenset(one.get("type", "") for one in bindings.iterchildren(_CHANNEL_BINDING)),
    )


class ClientState:
    """One connection as its client sees it; `jid` is the full JID once a resource is bound.

    `pushed_back` holds events that came while something else was awaited: take them before receiving.
    """

    __slots__ = (
        "_features",
        "_offered",
        "declared",
        "domain",
        "header",
        "jid",
        "lang",
        "mechanism",
        "pushed_back",
        "tls",
    )

    def __init__(self, *, domain: str, lang: str = "en", declared: Mapping[str, str] | None = None) -> None:
        self.domain = domain
        self.lang = lang
        self.declared = {f"xmlns:{prefix}": namespace for prefix, namespace in (declared or {}).items()}
        self.reset()

    def reset(self) -> None:
        """Forget everything: a new connection begins."""
        self.header: StreamOpened | None = None
        self.tls: TlsStarted | None = None
        self.jid = ""
        self.mechanism = ""
        self.pushed_back: deque[Event] = deque()
        self._features: etree._Element | ElementReceived | None = None
        self._offered: Offered | None = None

    def forget_stream(self) -> None:
        """Forget what the old stream told: a restart is due (RFC 6120, 4.3.3 and 5.4.3.3)."""
        self.header = None
        self.features = None

    @property
    def features(self) -> "etree._Element | None":
        """The stream features that came last on this stream."""
        if isinstance(self._features, ElementReceived):
            self._features = self._features.tree
        return self._features

    @features.setter
    def features(self, features: "etree._Element | ElementReceived | None") -> None:
        self._features = features
        self._offered = None

    @property
    def offered(self) -> Offered:
        """The same, read; nothing is offered while no features have come."""
        if self._offered is None:
            features = self.features
            self._offered = Offered() if features is None else read_features(features)
        return self._offered


def next_event(state: ClientState) -> Protocol[Event]:
    """Wait for the next event that means something; flaws that are not fatal are others' business."""
    while True:
        event = state.pushed_back.popleft() if state.pushed_back else (yield Receive())
        if event is None or isinstance(event, Whitespace):
            continue
        if isinstance(event, Violation) and not event.fatal:
            continue
        return event


def await_element(state: ClientState, stage: Stage) -> Protocol[ElementReceived | Refusal]:
    """Wait for an element; a stream error or anything else refuses the stage."""
    event = yield from next_event(state)
    if isinstance(event, ElementReceived) and event.name != STREAM_ERROR:
        return event
    return refusal(stage, event)


def refusal(stage: Stage, event: Event) -> Refusal:
    """Tell how an event ends a login."""
    condition, message = _told(event)
    return Refusal(stage=stage, condition=condition, message=message, event=event)


def _told(event: Event) -> tuple[str, str]:
    match event:
        case ElementReceived(name=name) if name == STREAM_ERROR:
            condition = condition_in(event.tree, STREAM_ERRORS) or "undefined-condition"
            return condition, f"the server closes the stream: {condition}{_text_in(event.tree)}"
        case ElementReceived():
            return "unexpected", f"<{event.name.local}/> came in place of what was due"
        case StreamEnded():
            return "stream-closed", "the server closed the stream"
        case StreamOpened():
            return "unexpected", "a stream header came in place of what was due"
        case Violation():
            return event.rule.value, f"what the server sent cannot be read: {event.message}"
        case Silence():
            return "silence", f"nothing came within {event.seconds:g} s"
        case Disconnected():
            return (
                "disconnected",
                f"the server closed the connection{': ' + event.reason if event.reason else ''}",
            )
        case ConnectFailed():
            return "connect-failed", event.reason
        case TlsFailed():
            return "tls-failed", event.reason
        case _:
            return "unexpected", f"{type(event).__name__} in place of what was due"


def condition_in(element: "etree._Element", namespace: str) -> str:
    """Return the local name of the first child that names a condition; empty if there is none."""
    prefix = f"{{{namespace}}}"
    tags = (str(child.tag) for child in element)
    return next((tag[len(prefix) :] for tag in tags if tag.startswith(prefix) and tag != prefix + "text"), "")


def _text_in(element: "etree._Element") -> str:
    text = element.find("{*}text")
    return f" ({text.text.strip()})" if text is not None and text.text else ""


def described(element: "etree._Element", namespace: str) -> tuple[str, str]:
    """Return condition and a sentence for a SASL failure or a stanza's error."""
    condition = condition_in(element, namespace)
    return condition, f"{condition or 'no condition'}{_text_in(element)}"
