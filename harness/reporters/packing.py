"""Packing rarely read parts of the HTML report, so that it stays one file of bearable size.

Pieces of HTML that our templates have made are put into blocks; a block is JSON, deflated, in base64. The
report's script unfolds a piece when its place is opened.
"""

import base64
import json
import zlib
from dataclasses import dataclass

_PIECES = 40  # in one block: enough for likeness to pay, few enough to unfold at once


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where a piece is: the number of its block, and its number therein."""

    block: int
    piece: int


class Packer:
    """Takes pieces and gives blocks: `pack(html)` says where a piece will be, `blocks()` gives them all."""

    def __init__(self) -> None:
        self._full: list[str] = []
        self._open: list[str] = []

    def pack(self, piece: str) -> Place:
        """Add a piece."""
        place = Place(block=len(self._full), piece=len(self._open))
        self._open.append(piece)
        if len(self._open) == _PIECES:
            self._full.append(_block(self._open))
            self._open = []
        return place

    def blocks(self) -> list[str]:
        """All blocks, in base64, which needs no escaping."""
        return [*self._full, _block(self._open)] if self._open else list(self._full)


def _block(pieces: list[str]) -> str:
    return base64.b64encode(zlib.compress(json.dumps(pieces).encode(), 9)).decode("ascii")
