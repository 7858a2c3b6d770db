"""Hypothesis strategies of what is valid: stanzas, addresses, texts."""

from collections.abc import Sequence

from hypothesis import strategies as st

from harness.strategies.payload import Payload
from harness.strategies.payloads import PAYLOADS
from harness.strategies.sample import Element

#: What one draw decides at most: Hypothesis draws integers below 2**24 evenly, larger ones not.
WIDTH = 24

#: Numbers that decide; 0 stands for what is plainest.
numbers = st.integers(0, 2**WIDTH - 1)


def _made(payload: Payload, low: int, high: int) -> Element:
    return payload.make(low | high << WIDTH)


def stanzas(kinds: Sequence[str] = ("message", "presence", "iq")) -> st.SearchStrategy[Element]:
    """Whole valid stanzas of these kinds, of every purpose; the plainest is a message with a body.

    Each has `${token}` as its id; most are for the peer, the server, or the sender's own account.
    """
    chosen = [payload for payload in PAYLOADS if payload.kind in kinds]
    return st.builds(_made, st.sampled_from(chosen), numbers, numbers)
