"""What we send, read as the target reads it: monitors are shown events of both directions."""

import re

from harness.wire.events import Event
from harness.wire.reader import Limits, StreamReader

_HEADER = re.compile(rb"\s*(?:<\?xml[^>]*\?>\s*)?<(?:[^\s<>/:]+:)?stream[\s>/]")


class OwnWords:
    """Reads the bytes that go out on one connection."""

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._reader = StreamReader(limits=self._limits)

    def read(self, data: bytes) -> list[Event]:
        """Return the events that our own bytes amount to; a header begins a new stream."""
        if _HEADER.match(data):
            self._reader = StreamReader(limits=self._limits)
        return self._reader.feed(data)
