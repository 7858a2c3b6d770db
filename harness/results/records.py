"""The lines of a run record. One run is one file of JSON lines; every report is made from it.

The records are msgspec structs, so that the JSON schema in `reports/` is generated from them.
Times are seconds; absolute ones are Unix time, `at` is relative to the start of its case.
"""

import msgspec

from harness.results.verdicts import Level, Perspective, Verdict

#: The family of the monitors' own cases.
MONITORS = "monitors"
#: The family of the properties that only fuzzing judges.
FUZZ = "fuzz"


class Exchange(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing seen on the wire. `kind`: bytes, connected, tls, disconnected, violation, note."""

    at: float
    actor: str
    direction: str  # "sent" by the harness, "received" from the target, or "" for what is neither
    kind: str
    text: str  # secrets are masked; bytes that are not UTF-8 are written as \\xNN


class StepPlace(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where in a transcript something happened."""

    file: str
    line: int
    text: str = ""  # the step's own first line, such as "Romeo receives:"


class Finding(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why a case did not simply pass, or what is worth knowing though it did."""

    cause: str  # one line, the same for all findings of one cause; findings are grouped by it
    message: str  # what was expected and what came, in a sentence
    difference: list[
        str
    ] = []  # lines of the marked difference: "  same", "- expected", "+ received", "? ^^^"
    step: StepPlace | None = None
    requirements: list[str] = []
    hint: str = ""
    at: float | None = None  # when it showed; None: at the end of the case
    reproduce: str = ""  # a command line, where that of the case shows something else or there is none


class RunStarted(msgspec.Struct, frozen=True, kw_only=True, tag="run-started", omit_defaults=True):
    """The first line."""

    version: str
    started: float
    command: list[str]
    seed: int = 0
    python: str = ""
    expat: str = ""
    openssl: str = ""
    selection: list[str] = []
    is_partial: bool = False  # less was to be played than there is


class TargetStarted(msgspec.Struct, frozen=True, kw_only=True, tag="target-started", omit_defaults=True):
    """A target is up and its features are known."""

    target: str
    product: str
    version: str
    domain: str
    endpoint: str
    attached: bool = False
    features: list[str] = []
    seconds: float = 0.0  # from exec to readiness
    planned: int = 0  # scenarios to come; 0: not known
    mismatch: str = ""  # that its known deviations are those of another product, version or configuration


class CaseFinished(msgspec.Struct, frozen=True, kw_only=True, tag="case", omit_defaults=True):
    """One scenario, or one monitor, against one target."""

    target: str
    case: str  # path below scenarios/ without the suffix; monitors are "monitors/NAME"
    title: str
    perspective: Perspective
    verdict: Verdict
    family: str  # first folder of the path
    requirements: list[str] = []
    level: Level | None = None  # the strongest level among the requirements
    tags: list[str] = []
    severity: str = ""  # "security" when what went wrong helps somebody hostile
    findings: list[Finding] = []
    notes: list[str] = []  # permitted alternatives that were taken, background traffic set aside
    exchanges: list[Exchange] = []
    started: float = 0.0
    seconds: float = 0.0
    known: str = ""  # reason of a known deviation that covers this verdict
    expired: str = ""  # date and reason of a known deviation that would cover it and is out of date
    unexpected_pass: bool = False  # a known deviation did not show
    no_longer_measured: bool = False  # it was, when the known deviations were recorded
    flaky: str = ""  # how each try came out, where they differ: "fail, pass"; findings are the worst one's
    reproduce: str = ""  # a command line
    shown_by: str = ""  # for a monitor: the case that showed the breach

    @property
    def was_known(self) -> str:
        """What to say of a known deviation that has expired; empty when there is none."""
        return f"was known, expired {self.expired}" if self.expired else ""

    @property
    def is_monitor(self) -> bool:
        """Whether it is a rule over all traffic, and not a scenario."""
        return self.family == MONITORS


class TargetFinished(msgspec.Struct, frozen=True, kw_only=True, tag="target-finished", omit_defaults=True):
    """All that there was to play against a target has been played, or it was given up: `died` says why."""

    target: str
    seconds: float
    died: str = ""
    shortfall: str = ""  # that fewer cases were measured than had to be
    cpu_seconds: float | None = None  # the target's own processes, where they can be watched
    harness_cpu_seconds: float | None = None
    peak_rss: int | None = None  # bytes
    waited: float = 0.0  # seconds in which cases waited for a client that said nothing, added up


class RunFinished(msgspec.Struct, frozen=True, kw_only=True, tag="run-finished", omit_defaults=True):
    """The last line; a record without it was cut short."""

    finished: float
    exit_code: int
    interrupted: bool = False


Record = RunStarted | TargetStarted | CaseFinished | TargetFinished | RunFinished
