"""The examples of RFC 4013, 3, and the rules that they leave out."""

import pytest

from harness.negotiation.saslprep import saslprep


@pytest.mark.parametrize(
    ("text", "prepared"),
    [
        ("I\u00adX", "IX"),
        ("user", "user"),
        ("USER", "USER"),
        ("\u00aa", "a"),
        ("\u2168", "IX"),
        ("\u0007", None),
        ("\u0627\u0031", None),
        ("\u0627\u0031\u0628", "\u0627\u0031\u0628"),
        ("\u0627a\u0628", None),
        ("a\u00a0b", "a b"),
        ("用户1", "用户1"),
        ("\ue000", None),
        ("\u00ad", ""),
        ("", ""),
    ],
)
def test_texts_are_prepared(text, prepared):
    assert saslprep(text) == prepared
