"""Ways through a login as steps of a script: what was done, what came, and the step that shows a breach."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from harness.fuzz.trial import is_stream_error
from harness.wire.events import ElementReceived, Event, StreamOpened
from harness.wire.writer import stream_header
from harness.xmpp.namespaces import BIND, SASL, STREAM, TLS

ACTOR = "Romeo"
_WITH_CREDENTIALS = ("PLAIN", "LOGIN", "X-NONE")
_WITHOUT = ("ANONYMOUS", "EXTERNAL")
_STARTTLS = f"<starttls xmlns='{TLS}'/>"

NOTHING_AT_ALL = (f"{ACTOR} receives nothing",)
NO_SUCCESS = (f"{ACTOR} receives nothing like:\n\t<success xmlns='{SASL}'/>",)
NOT_LET_IN = (
    f"{ACTOR} receives one of:\n\t<failure xmlns='{SASL}'/>\n\tor:\n\t<challenge xmlns='{SASL}'/>\n\tor:\n"
    f"\t<stream:error/>\n\tdeviates (it was not offered, and lets somebody in):\n\t<success xmlns='{SASL}'/>",
)
NO_RESULT = (f"{ACTOR} receives nothing like:\n\t<iq type='result'/>",)
OWN_ADDRESS = (
    f"{ACTOR} receives:\n\t<iq type='result'>\n\t\t<bind xmlns='{BIND}'>\n"
    f"\t\t\t<jid>${{{ACTOR}'s JID}}/{{any}}</jid>\n\t\t</bind>\n\t</iq>",
)


@dataclass(kw_only=True)
class Notes:
    """The steps so far. What no step says ends them for good: then there is no script."""

    lines: list[str] = field(default_factory=lambda: [f"{ACTOR} opens a connection"])
    is_complete: bool = True
    _said: int = 1  # lines up to what was done last

    def does(self, *lines: str) -> None:
        """Something was done."""
        self.lines += [f"{ACTOR} {line}" for line in lines]
        self._said = len(self.lines)

    def opens(self, other: bool) -> None:
        """A stream header was sent."""
        self.does("opens a stream:\n\tto='conference.${domain}'" if other else "opens a stream")

    def authenticates(self, mechanism: str, rightly: bool) -> None:
        """An `auth` was sent."""
        if mechanism not in (*_WITH_CREDENTIALS, *_WITHOUT):
            self.is_complete = False
        credentials = f"${{{ACTOR}'s {'' if rightly else 'wrong '}credentials}}"
        said = credentials if mechanism in _WITH_CREDENTIALS else "="
        self.does(f"sends:\n\t<auth xmlns='{SASL}' mechanism='{mechanism}'>{said}</auth>")

    def asks_for_tls(self, injects: bool) -> None:
        """STARTTLS was asked for, perhaps with a header behind the request."""
        header = stream_header(attributes={"to": "${domain}", "version": "1.0"}).decode()
        self.does(f"sends raw:\n\t{_STARTTLS}{header}" if injects else f"sends:\n\t{_STARTTLS}")

    def hears(self, events: Sequence[Event]) -> None:
        """Something came."""
        for event in events:
            if isinstance(event, StreamOpened):
                self.lines.append(f"{ACTOR} receives a stream header")
            elif isinstance(event, ElementReceived) and not is_stream_error(event):
                self.lines.append(f"{ACTOR} receives:\n\t{_shown(event)}")

    def until_then(self) -> Sequence[str]:
        """The steps up to what was done last, without what came of it."""
        return self.lines[: self._said]


def _shown(element: ElementReceived) -> str:
    name = element.name
    if name.namespace == STREAM:
        return f"<stream:{name.local}/>"
    type = element.attributes.get("type")
    return f"<{name.local} xmlns='{name.namespace}'" + (f" type='{type}'/>" if type else "/>")
