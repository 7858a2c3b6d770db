"""Acknowledgements as a client at fault counts them (XEP-0198, 4); without the fault there are none."""

from dataclasses import dataclass

from harness.reference_client.session import IQ, MESSAGE, PRESENCE, Session
from harness.wire.events import ElementReceived
from harness.xmpp.elements import build
from harness.xmpp.namespaces import STREAM_MANAGEMENT, Name

_ENABLED, _REQUEST = Name(STREAM_MANAGEMENT, "enabled"), Name(STREAM_MANAGEMENT, "r")
_STANZAS = (IQ, MESSAGE, PRESENCE)
_AT_LOGIN = 4  # features twice, success, and the answer to binding


@dataclass(kw_only=True, slots=True)
class MistakenCount:
    """Counts the stanzas that come once acknowledgements are on, and what came before."""

    session: Session
    _count: int = _AT_LOGIN
    _is_on: bool = False

    def ask(self) -> None:
        """Have them switched on."""
        self.session.write(build(Name(STREAM_MANAGEMENT, "enable")))

    def take(self, event: ElementReceived) -> None:
        """Count it, and answer what asks for the count."""
        self._count += self._is_on and event.name in _STANZAS
        self._is_on |= event.name == _ENABLED
        if self._is_on and event.name == _REQUEST:
            self.session.write(build(Name(STREAM_MANAGEMENT, "a"), {"h": str(self._count)}))
