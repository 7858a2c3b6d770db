"""Compliance suites: which documents a server or a client has to keep to be called one of a kind.

By XEP-0479 (XMPP Compliance Suites 2023, section 2), and what was asked for in 2008 by XEP-0211 and XEP-0212
(section 2; both obsolete). Where a suite lets one of several documents do, those that we have rows of stand
here.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from harness.results.coverage import Coverage, DocumentCoverage, coverage_by_document
from harness.results.summary import Run, TargetRun
from harness.results.verdicts import Level, Perspective


@dataclass(frozen=True, kw_only=True, slots=True)
class Suite:
    """One suite at one level, and the documents that it asks servers and clients to keep."""

    name: str
    document: str
    server: tuple[str, ...]
    client: tuple[str, ...]

    def documents(self, perspective: Perspective) -> tuple[str, ...]:
        """What it asks of the target when we play the given side."""
        return self.client if perspective is Perspective.SERVER else self.server


class State(Enum):
    """What a run says of a document on one target."""

    BROKEN = "broken"  # a MUST
    KEPT = "kept"  # as far as it was measured
    ABSENT = "not offered"
    UNMEASURED = "not measured"  # nothing is played that says anything of it


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """One document of a suite: what is broken of it, and how much was measured."""

    document: str
    state: State
    broken: int = 0
    measured: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class SuiteResult:
    """A suite on one target."""

    suite: Suite
    parts: tuple[Part, ...]

    @property
    def state(self) -> State:
        """The worst of what the parts say; kept only where each of them is."""
        return min((one.state for one in self.parts), key=_WORST.index, default=State.UNMEASURED)

    def count(self, state: State) -> int:
        """How many documents are in that state."""
        return sum(one.state is state for one in self.parts)


_WORST = (State.BROKEN, State.ABSENT, State.UNMEASURED, State.KEPT)

_CORE = ("RFC 6120", "RFC 7590", "XEP-0030")
_CORE_ADVANCED = (*_CORE, "XEP-0368", "XEP-0115", "XEP-0163")
_IM = ("RFC 6121", "XEP-0054", "XEP-0280", "XEP-0045", "XEP-0363")
_IM_ADVANCED = (*_IM, "XEP-0153", "XEP-0191", "XEP-0048", "XEP-0313", "XEP-0223", "XEP-0049", "XEP-0198")
_TALK = ("XEP-0084", "XEP-0184", "XEP-0085", "XEP-0308", "XEP-0234")
_OLD = ("RFC 6120", "RFC 6121", "XEP-0030")
_NEW = "XEP-0479, 2"

#: All of them, from the least to the most.
SUITES: Sequence[Suite] = (
    Suite(name="Core", document=_NEW, server=(*_CORE, "XEP-0114"), client=(*_CORE, "XEP-0115")),
    Suite(name="Core, advanced", document=_NEW, server=(*_CORE_ADVANCED, "XEP-0114"), client=_CORE_ADVANCED),
    Suite(name="IM", document=_NEW, server=_IM, client=(*_IM, "XEP-0245")),
    Suite(
        name="IM, advanced", document=_NEW, server=_IM_ADVANCED, client=(*_IM_ADVANCED, "XEP-0245", *_TALK)
    ),
    Suite(name="Web", document=_NEW, server=("RFC 7395",), client=("RFC 7395", "XEP-0156")),
    Suite(name="Mobile", document=_NEW, server=("XEP-0198", "XEP-0352"), client=("XEP-0198", "XEP-0352")),
    Suite(
        name="Basic, 2008",
        document="XEP-0211 and XEP-0212, 2",
        server=(*_OLD, "XEP-0078", "XEP-0086"),
        client=(*_OLD, "XEP-0115"),
    ),
)


def suites_of(run: Run, target: TargetRun) -> tuple[SuiteResult, ...]:
    """What a run says of each suite; none of a target on which nothing was played."""
    if not target.cases:
        return ()
    perspective = target.cases[0].perspective
    found = {one.document: one for one in coverage_by_document(run, target.cases)}
    return tuple(
        SuiteResult(suite=suite, parts=tuple(_parts(suite.documents(perspective), found, perspective)))
        for suite in SUITES
    )


def _parts(
    documents: Iterable[str], found: dict[str, DocumentCoverage], perspective: Perspective
) -> Iterable[Part]:
    for document in documents:
        coverage = found.get(document)
        if coverage is None or not coverage.is_touched:
            yield Part(document=document, state=State.UNMEASURED)
            continue
        broken = sum(
            one.coverage is Coverage.BROKEN and one.requirement.level(perspective) is Level.MUST
            for one in coverage.results
        )
        yield Part(
            document=document,
            state=_state(broken, coverage.measured),
            broken=broken,
            measured=coverage.measured,
        )


def _state(broken: int, measured: int) -> State:
    if broken:
        return State.BROKEN
    return State.KEPT if measured else State.ABSENT
