"""Regular expressions: examined when a script is read, and matched within a limit of time.

An expression with one hole of a kind of ours takes time in proportion to the text. With two holes, or
with an expression of the script's own, there can be more ways to try than anybody has time for; those
are matched by `regex`, which gives up in time. It reads all that `re` reads in the same way, but for
braces and sets that `objection` refuses.
"""

import re
import warnings
from itertools import accumulate

import regex

from harness.errors import ScriptError
from harness.pattern.example import written_out

#: Seconds of processor time for one value. What can be matched at all takes a thousandth of it.
_SECONDS = 0.5

#: Signs of an expression with its repetitions written out, and so of any text that is made from it.
MOST_SIGNS = 64 * 1024

_MOST_GROUPS_IN_GROUPS = 32

_SETS_AND_ESCAPES = re.compile(r"\\N\{[^}]*\}|\\.|\[\^?\]?(?:\\.|[^]\\])*\]", re.DOTALL)
_LITERAL_BRACE = re.compile(r"\{(?!\d+(?:,\d*)?\}|,\d*\})")


def objection(expression: str) -> str:
    """Why an expression cannot stand in a script; empty when it can."""
    plain = _SETS_AND_ESCAPES.sub("", expression)
    if _depth(plain) > _MOST_GROUPS_IN_GROUPS:
        return f"the regex has more than {_MOST_GROUPS_IN_GROUPS} groups in one another"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", FutureWarning)  # of sets that will mean something else
            re.compile(f"(?:{expression})")
    except (re.error, FutureWarning) as fault:
        return f"the regex cannot be read: {fault}"
    except OverflowError as fault:
        return f"the regex cannot be read: {fault}"
    if written_out(expression, MOST_SIGNS) > MOST_SIGNS:
        return f"the regex takes more than {MOST_SIGNS} signs with its repetitions written out"
    if _LITERAL_BRACE.search(plain):
        return r"a brace in a regex that counts nothing is written \{"
    return ""


def _depth(plain: str) -> int:
    """How many groups are open at most, in an expression without sets and escapes."""
    changes = ((sign == "(") - (sign == ")") for sign in plain)
    return max(accumulate(changes), default=0)


def fits(expression: str, value: str, *, place: str = "") -> "regex.Match[str] | None":
    """Match a whole value. Raises ScriptError, at the place, when that takes too long or is no expression."""
    try:
        return regex.fullmatch(expression, value, regex.DOTALL, timeout=_SECONDS)
    except TimeoutError:
        message = f"there are too many ways to match this: none was found in {_SECONDS} s"
        advice = "do not repeat what can be repeated in itself, as (a+)+ does"
    except regex.error as fault:
        message, advice = (
            f"the regex cannot be read here: {fault}",
            "refer to a group by a name of its own, (?P<name>...) and (?P=name)",
        )
    raise ScriptError(message, where=place, advice=advice)
