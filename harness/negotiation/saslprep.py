"""SASLprep (RFC 4013), the preparation of user names and passwords that RFC 5802 and RFC 4616 ask for."""

import stringprep
import unicodedata

_PROHIBITED = (
    stringprep.in_table_c12,
    stringprep.in_table_c21_c22,
    stringprep.in_table_c3,
    stringprep.in_table_c4,
    stringprep.in_table_c5,
    stringprep.in_table_c6,
    stringprep.in_table_c7,
    stringprep.in_table_c8,
    stringprep.in_table_c9,
)


def saslprep(text: str) -> str | None:
    """Prepare a text as a query string, so that unassigned code points pass; None when it is prohibited.

    >>> saslprep("I\\u00adX")
    'IX'
    """
    if text.isascii() and text.isprintable():
        return text
    mapped = "".join(_mapped(character) for character in text)
    prepared = unicodedata.ucd_3_2_0.normalize("NFKC", mapped)
    return None if _is_prohibited(prepared) or not _is_bidi_sound(prepared) else prepared


def _mapped(character: str) -> str:
    if stringprep.in_table_c12(character):
        return " "
    return "" if stringprep.in_table_b1(character) else character


def _is_prohibited(text: str) -> bool:
    return any(is_in_table(character) for character in text for is_in_table in _PROHIBITED)


def _is_bidi_sound(text: str) -> bool:
    """RFC 3454, 6: right-to-left text has no left-to-right letters and begins and ends right to left."""
    if not any(stringprep.in_table_d1(character) for character in text):
        return True
    if any(stringprep.in_table_d2(character) for character in text):
        return False
    return stringprep.in_table_d1(text[0]) and stringprep.in_table_d1(text[-1])
