"""Decisions taken out of one number, so that a whole sample follows from what was drawn once."""

from collections.abc import Sequence
from typing import TypeVar

Option = TypeVar("Option")


class Choices:
    """The digits of a number, each to the base that a decision needs, the lowest first.

    The number 0 takes the first option everywhere, and so does every number once its digits are used up.
    Tables therefore begin with what is plainest, and a smaller number makes a plainer sample.

    >>> choices = Choices(7)
    >>> choices.among("abc"), choices.below(10), choices.below(10)
    ('b', 2, 0)
    """

    __slots__ = ("rest",)

    def __init__(self, number: int) -> None:
        self.rest = number

    def below(self, bound: int) -> int:
        """A number from 0 to `bound` - 1."""
        self.rest, digit = divmod(self.rest, bound)
        return digit

    def among(self, options: Sequence[Option]) -> Option:
        """One of the options."""
        self.rest, digit = divmod(self.rest, len(options))
        return options[digit]

    def once_in(self, bound: int) -> bool:
        """True for one number in `bound`, and never for 0."""
        return self.below(bound) == bound - 1
