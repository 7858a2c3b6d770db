"""Text from the wire, made safe to show.

A peer can send characters that command a terminal, that XML forbids, or that turn a line around.
"""

import re

_UNSHOWABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # controls, but for tab and newline
    "\u200e\u200f\u202a-\u202e\u2066-\u2069"  # direction of writing
    "\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]"
)


def printable(text: str) -> str:
    r"""Write every character that does not show as itself in the manner of Python: `\x1b`, `\u202e`."""
    return _UNSHOWABLE.sub(_escaped, text)


def shortened(text: str, limit: int) -> str:
    """Cut a long text and say how much is missing."""
    if len(text) <= limit:
        return text
    return f"{text[:limit]}… ({len(text) - limit:,} more characters in the run record)".replace(",", " ")


def _escaped(found: re.Match[str]) -> str:
    code = ord(found.group())
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
