"""A remark, and where it points."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Remark:
    """Something dubious; `line` and `column` count from 1, `code` names the rule."""

    line: int
    column: int
    code: str
    message: str
