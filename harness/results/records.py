"""The lines of a run record. One run is one file of JSON lines; every report is made from it.

The records are msgspec structs, so that the JSON schema in `reports/` is generated from them.
Times are seconds; absolute ones are Unix time, `at` is relative to the start of its case.
"""

from typing import Annotated

import msgspec
from msgspec import Meta

from harness.results.verdicts import Level, Perspective, Verdict

#: The family of the monitors' own cases.
MONITORS = "monitors"
#: The family of the properties that only fuzzing judges.
FUZZ = "fuzz"


class Exchange(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing seen on the wire."""

    at: Annotated[float, Meta(description="Seconds since the start of the case")]
    actor: Annotated[str, Meta(description="The party of the scenario on whose connection it was")]
    direction: Annotated[
        str,
        Meta(description="`sent` by the harness, `received` from the target, or empty for what is neither"),
    ]
    kind: Annotated[str, Meta(description="One of: bytes, connected, tls, disconnected, violation, note")]
    text: Annotated[
        str,
        Meta(description="What it was; secrets are masked, bytes that are not UTF-8 are written as `\\xNN`"),
    ]


class StepPlace(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where in a transcript something happened."""

    file: Annotated[str, Meta(description="The scenario's file")]
    line: Annotated[int, Meta(description="The line of the step")]
    text: Annotated[str, Meta(description="The step's own first line, such as `Romeo receives:`")] = ""


class Finding(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why a case did not simply pass, or what is worth knowing though it did."""

    cause: Annotated[
        str,
        Meta(description="One line, the same for all findings of one cause; findings are grouped by it"),
    ]
    message: Annotated[str, Meta(description="What was expected and what came, in a sentence")]
    difference: Annotated[
        list[str],
        Meta(
            description="Lines of the marked difference: `  ` before what is the same, `- ` before what was"
            " expected, `+ ` before what was received, `? ` before a line that points at the place"
        ),
    ] = []
    step: Annotated[StepPlace | None, Meta(description="The step that showed it")] = None
    requirements: Annotated[list[str], Meta(description="Ids of the requirements that it breaks")] = []
    hint: Annotated[str, Meta(description="What may be the reason, or what to do")] = ""
    at: Annotated[
        float | None,
        Meta(description="Seconds since the start of the case; without it, it showed at the end"),
    ] = None
    reproduce: Annotated[
        str,
        Meta(description="A command line, where that of the case shows something else or there is none"),
    ] = ""


class RunStarted(msgspec.Struct, frozen=True, kw_only=True, tag="run-started", omit_defaults=True):
    """The first line."""

    version: Annotated[str, Meta(description="The version of xmpp-harness")]
    started: Annotated[float, Meta(description="When, as Unix time")]
    command: Annotated[list[str], Meta(description="The command line")]
    seed: Annotated[
        int, Meta(description="The seed of the order or of the samples; 0 where there is none")
    ] = 0
    python: Annotated[str, Meta(description="The version of Python")] = ""
    expat: Annotated[str, Meta(description="The version of the XML parser")] = ""
    openssl: Annotated[str, Meta(description="The version of the TLS library")] = ""
    selection: Annotated[list[str], Meta(description="What was asked for; without it, everything")] = []
    is_partial: Annotated[bool, Meta(description="Less was to be played than there is")] = False
    fail_on: Annotated[str, Meta(description="What makes the run fail, as --fail-on says it")] = "any"
    fail_on_flaky: Annotated[bool, Meta(description="What is flaky makes it fail, too")] = False


class TargetStarted(msgspec.Struct, frozen=True, kw_only=True, tag="target-started", omit_defaults=True):
    """A target is up and its features are known."""

    target: Annotated[str, Meta(description="Its name in this run")]
    product: Annotated[str, Meta(description="What it is, as it says itself or its file does")]
    version: Annotated[str, Meta(description="Its version, as it says itself")]
    domain: Annotated[str, Meta(description="The domain under test")]
    endpoint: Annotated[str, Meta(description="Its address and port")]
    attached: Annotated[bool, Meta(description="It ran already, and was not started by the harness")] = False
    features: Annotated[list[str], Meta(description="What it offers, in the words of `## needs:`")] = []
    seconds: Annotated[float, Meta(description="From its start until it was ready")] = 0.0
    planned: Annotated[int, Meta(description="Scenarios to come; 0 where that is not known")] = 0
    mismatch: Annotated[
        str,
        Meta(description="That its known deviations are those of another product, version or configuration"),
    ] = ""


class CaseFinished(msgspec.Struct, frozen=True, kw_only=True, tag="case", omit_defaults=True):
    """One scenario, or one monitor, against one target."""

    target: Annotated[str, Meta(description="The target's name in this run")]
    case: Annotated[
        str,
        Meta(description="Path below `scenarios/` without the suffix; monitors are `monitors/NAME`"),
    ]
    title: Annotated[str, Meta(description="The behaviour, as a sentence")]
    perspective: Annotated[Perspective, Meta(description="The side that the harness played")]
    verdict: Annotated[Verdict, Meta(description="What came of it")]
    family: Annotated[str, Meta(description="The first folder of the path")]
    requirements: Annotated[list[str], Meta(description="Ids of the requirements that it checks")] = []
    level: Annotated[Level | None, Meta(description="The firmest level among these requirements")] = None
    tags: Annotated[list[str], Meta(description="The tags of the scenario")] = []
    severity: Annotated[str, Meta(description="`security` when what went wrong helps somebody hostile")] = ""
    findings: Annotated[list[Finding], Meta(description="What was wrong, or is worth knowing")] = []
    notes: Annotated[
        list[str],
        Meta(description="Permitted alternatives that were taken, and background traffic that was set aside"),
    ] = []
    exchanges: Annotated[list[Exchange], Meta(description="The conversation, in order")] = []
    started: Annotated[float, Meta(description="When, as Unix time")] = 0.0
    seconds: Annotated[float, Meta(description="How long it took")] = 0.0
    known: Annotated[str, Meta(description="The reason of a known deviation that covers this verdict")] = ""
    expired: Annotated[
        str,
        Meta(description="Date and reason of a known deviation that would cover it and is out of date"),
    ] = ""
    unexpected_pass: Annotated[bool, Meta(description="A known deviation did not show")] = False
    no_longer_measured: Annotated[
        bool, Meta(description="It was measured when the known deviations were recorded, and now is not")
    ] = False
    flaky: Annotated[
        str,
        Meta(
            description="How each try came out, where they differ: `fail, pass`;"
            " the findings are those of the worst one"
        ),
    ] = ""
    reproduce: Annotated[str, Meta(description="A command line that plays the case again")] = ""
    shown_by: Annotated[str, Meta(description="For a monitor: the case that showed the breach")] = ""

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

    target: Annotated[str, Meta(description="The target's name in this run")]
    seconds: Annotated[float, Meta(description="From the start of the first case to the end of the last")]
    died: Annotated[str, Meta(description="Why it was given up")] = ""
    shortfall: Annotated[str, Meta(description="That fewer cases were measured than had to be")] = ""
    cpu_seconds: Annotated[
        float | None,
        Meta(description="Processor time of the target's own processes, where they can be watched"),
    ] = None
    harness_cpu_seconds: Annotated[float | None, Meta(description="Processor time of the harness")] = None
    peak_rss: Annotated[
        int | None, Meta(description="The most memory that the target's processes held, in bytes")
    ] = None
    waited: Annotated[
        float,
        Meta(description="Seconds in which cases waited for a client that said nothing, added up"),
    ] = 0.0


class RunFinished(msgspec.Struct, frozen=True, kw_only=True, tag="run-finished", omit_defaults=True):
    """The last line; a record without it was cut short."""

    finished: Annotated[float, Meta(description="When, as Unix time")]
    exit_code: Annotated[int, Meta(description="The exit code of the run")]
    interrupted: Annotated[bool, Meta(description="Somebody has ended it early")] = False


Record = RunStarted | TargetStarted | CaseFinished | TargetFinished | RunFinished
