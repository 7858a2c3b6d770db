"""The many ways of writing one element; whatever the style, it means the same to every parser."""

import math
from dataclasses import dataclass
from enum import Enum

from harness.strategies.choices import Choices


class Order(Enum):
    """In which order attributes are written, declarations of namespaces among them."""

    AS_GIVEN = "declarations first, then as given"
    REVERSED = "reversed"
    SORTED = "sorted"


class Prefixes(Enum):
    """How elements get their namespaces. Those of jabber:client have no prefix (RFC 6120, 4.8.5)."""

    NONE = "default namespaces"
    OWN = "a prefix declared on each element that needs it"
    EARLY = "prefixes declared on the stanza"
    DOUBLE = "prefixes declared on the stanza, two for each namespace"


class Empty(Enum):
    """How an element without content is written."""

    SHORT = "<a/>"
    BLANK = "<a />"
    PAIR = "<a></a>"


class Text(Enum):
    """How characters are written in text."""

    LITERAL = "as they are, where that is possible"
    NAMED = "all five that have a name by their name"
    DECIMAL = "all by decimal references"
    HEXADECIMAL = "all by hexadecimal references"
    ZEROS = "by references with leading zeros, in turns with themselves"
    CDATA = "in CDATA sections"
    SECTIONS = "each character in a CDATA section of its own"


class Blanks(Enum):
    """What stands in tags besides what must."""

    NONE = ""
    SPACES = " "
    LINES = "\n"
    TABS = "\t \r\n"


@dataclass(frozen=True, kw_only=True, slots=True)
class Style:
    """One way of writing; the defaults are the usual one."""

    is_double_quoted: bool = False
    order: Order = Order.AS_GIVEN
    prefixes: Prefixes = Prefixes.NONE
    empty: Empty = Empty.SHORT
    text: Text = Text.LITERAL
    values: Text = Text.LITERAL  # of attributes; there are no CDATA sections there
    blanks: Blanks = Blanks.NONE

    @classmethod
    def of(cls, number: int) -> "Style":
        """A style for each number; 0 is the usual one."""
        choices = Choices(number)
        return cls(
            is_double_quoted=choices.below(2) == 1,
            empty=choices.among(_EMPTIES),
            text=choices.among(_TEXTS),
            prefixes=choices.among(_PREFIXES),
            blanks=choices.among(_BLANKS),
            order=choices.among(_ORDERS),
            values=choices.among(_VALUES),
        )

    @property
    def oddities(self) -> tuple[str, ...]:
        """What is not the usual way."""
        found: tuple[str, ...] = ("double quotes",) if self.is_double_quoted else ()
        for one, kind in (
            (self.empty, "empty elements as"),
            (self.text, "characters"),
            (self.prefixes, "namespaces by"),
            (self.blanks, "blanks in tags:"),
            (self.order, "attributes"),
            (self.values, "characters of values"),
        ):
            if one is not next(iter(type(one))):
                found += (f"{kind} {one.name.lower() if one in Blanks else one.value}",)
        return found


PLAIN = Style()

_EMPTIES, _TEXTS, _PREFIXES = tuple(Empty), tuple(Text), tuple(Prefixes)
_BLANKS, _ORDERS = tuple(Blanks), tuple(Order)
_VALUES = tuple(text for text in Text if text not in (Text.CDATA, Text.SECTIONS))

_BASES = (2, *map(len, (_EMPTIES, _TEXTS, _PREFIXES, _BLANKS, _ORDERS, _VALUES)))  # as `Style.of` has them

#: How many styles there are.
STYLES = math.prod(_BASES)
#: The numbers of the usual style, and of those that are odd in one thing only.
SINGLES = (0, *(math.prod(_BASES[:at]) * one for at, base in enumerate(_BASES) for one in range(1, base)))
