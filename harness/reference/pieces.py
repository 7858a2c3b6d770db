"""A stream in pieces, text and markup by turns, to be altered before anybody reads them."""

import re
from collections.abc import Callable

from harness.wire.tokens import Mode, scan

_MOST_KEPT = 1 << 16  # bytes; who sends a longer tag is none of our business
_LOST = frozenset({Mode.BROKEN, Mode.UNKNOWN})

#: A document type declaration; group 1 is its internal subset.
DOCUMENT_TYPE = re.compile(rb"<!DOCTYPE[^\[>]*(?:\[([^\]]*)\]\s*)?>")
_OPEN_REFERENCE = re.compile(rb"&[^;<&]{0,12}\Z")


class Pieces:
    """Passes bytes on, piece by piece, each through a function; what is not complete yet waits.

    However the bytes are cut, the pieces are the same. From what is no markup on, nothing is altered.
    """

    #: Whether a document type declaration is a piece, too.
    takes_types = False

    def __init__(self, alter: Callable[[bytes], bytes]) -> None:
        self._alter = alter
        self._kept = b""
        self._is_lost = False

    def take(self, data: bytes) -> bytes:
        """What can be passed on now."""
        self._kept += data
        done, start = b"", 0
        while not self._is_lost and start < len(self._kept):
            end = self._end_of_piece(start)
            if end == start:
                break
            done += self._alter(self._kept[start:end])
            start = end
        self._kept = self._kept[start:]
        return done + self.rest() if self._is_lost or len(self._kept) > _MOST_KEPT else done

    def rest(self) -> bytes:
        """What waits, as it is; the stream is over, or beyond us."""
        self._is_lost = True
        kept, self._kept = self._kept, b""
        return kept

    def _end_of_piece(self, start: int) -> int:
        if self._kept[start : start + 1] != b"<":
            end = self._kept.find(b"<", start)
            return end if end >= 0 else self._end_of_text(start)
        mode, end = scan(Mode.OPEN, self._kept, start, len(self._kept))
        self._is_lost = mode in _LOST or (mode is Mode.DOCTYPE and not self.takes_types)
        if mode is Mode.DOCTYPE and self.takes_types:
            found = DOCUMENT_TYPE.match(self._kept, start)
            return found.end() if found else start
        return end if mode is Mode.COMPLETE else start

    def _end_of_text(self, start: int) -> int:
        found = _OPEN_REFERENCE.search(self._kept, start)
        return found.start() if found else len(self._kept)
