"""Hypothesis strategies of what goes into streams: stanzas, addresses, texts."""

from collections.abc import Sequence

from hypothesis import strategies as st

from harness.strategies.addresses import ODD_JIDS
from harness.strategies.payload import Payload
from harness.strategies.payloads import PAYLOADS
from harness.strategies.sample import Element
from harness.strategies.values import JIDS, TEXTS, is_jid

#: Hypothesis draws integers of so many bits evenly, larger ones not.
_WIDTH = 24
_NO_CHARACTERS = "".join(chr(code) for code in (*range(9), 0x0B, 0x0C, *range(0x0E, 0x20), 0xFFFE, 0xFFFF))

#: Numbers that decide; 0 stands for what is plainest.
numbers = st.integers(0, 2**_WIDTH - 1)


def _made(payload: Payload, low: int, high: int) -> Element:
    return payload.make(low | high << _WIDTH)


def stanzas(kinds: Sequence[str] = ("message", "presence", "iq")) -> st.SearchStrategy[Element]:
    """Whole valid stanzas of these kinds, of every purpose; the plainest is a message with a body.

    Each has `${token}` as its id; most are for the peer, the server, or the sender's own account.
    """
    chosen = [payload for payload in PAYLOADS if payload.kind in kinds]
    return st.builds(_made, st.sampled_from(chosen), numbers, numbers)


def jids(*, valid: bool = True) -> st.SearchStrategy[str]:
    """Addresses in the sense of RFC 7622, some with placeholders; if not `valid`, also what is none."""
    odd = [jid for jid in ODD_JIDS if is_jid(jid)] if valid else ODD_JIDS
    return st.sampled_from(list(dict.fromkeys((*JIDS, *odd))))


def texts() -> st.SearchStrategy[str]:
    """Texts of all characters that XML permits (XML 1.0, 2.2); often such as have made trouble."""
    free = st.text(st.characters(codec="utf-8", exclude_characters=_NO_CHARACTERS), max_size=64)
    return st.one_of(st.sampled_from(TEXTS), free)
