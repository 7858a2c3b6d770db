"""The exceptions of xmpp-harness. Each means a fault of ours or of the environment, never of a peer.

HarnessError
    ScriptError          a transcript that cannot be read: file, line, column, what was expected
    DataError            a requirement table, target file or baseline that cannot be read
    UsageError           the command line asks for something that is not there
    TargetError          a target cannot be launched, reached or given accounts
        ThrottledError        the target refuses because we ask too fast
    LimitError           the system gives us no more of something, such as open files
    ExchangeError        we were about to do something impossible on a connection

What a peer does wrong is never raised: it is a `Violation` or a `Difference`, with a place and a rule.
"""


class HarnessError(Exception):
    """What happened, where, and what to do about it, in one line."""

    def __init__(self, message: str, *, where: str = "", advice: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.advice = advice

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        advice = f" ({self.advice})" if self.advice else ""
        return f"{place}{self.message}{advice}"


class ScriptError(HarnessError):
    """A transcript that cannot be read.

    `excerpt` is the offending line followed by a line with a caret under the column, both without
    a final newline; empty when the fault has no single place.
    """

    def __init__(self, message: str, *, where: str = "", advice: str = "", excerpt: str = "") -> None:
        super().__init__(message, where=where, advice=advice)
        self.excerpt = excerpt

    def __str__(self) -> str:
        line = super().__str__()
        return f"{line}\n{self.excerpt}" if self.excerpt else line


class DataError(HarnessError):
    """A requirement table, target file or baseline that cannot be read."""


class UsageError(HarnessError):
    """The command line asks for something that does not exist."""


class TargetError(HarnessError):
    """A target cannot be launched, reached or given accounts."""


class ThrottledError(TargetError):
    """The target refuses because we ask too fast."""


class LimitError(HarnessError):
    """The system gives us no more of something: nothing can be said of a target until it does."""


class ExchangeError(HarnessError):
    """A step was about to do something impossible on a connection, such as sending after its close."""
