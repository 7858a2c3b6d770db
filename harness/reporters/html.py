"""The report that people read: one HTML file that needs nothing besides itself.

Everything that came over the wire is escaped by the templates. A content security policy forbids every
request and every script but the one that is inlined, should anything slip through.
"""

from collections.abc import Mapping, Set
from dataclasses import replace
from itertools import groupby

from markupsafe import Markup

from harness.reporters.headline import is_green, played, verdict_of_run
from harness.reporters.packing import Packer
from harness.reporters.pages import policy, script, style, templates
from harness.reporters.report_view import CaseView, OutcomeView, case_views, is_open
from harness.reporters.sequence import Diagram, diagram
from harness.reporters.target_view import target_views
from harness.results.causes import causes
from harness.results.coverage import Coverage, DocumentCoverage, coverage_by_document
from harness.results.records import CaseFinished
from harness.results.suites import State, suites_of
from harness.results.summary import (
    ABSENCES,
    Run,
    absences,
    by_document,
    by_family,
    by_level,
    flaky,
    percentiles,
    slowest,
)
from harness.results.verdicts import Level, Perspective, Verdict

#: A sign and a class for each state of a document in a suite.
LOOKS = {
    State.BROKEN: ("✗", "fail"),
    State.KEPT: ("✓", "pass"),
    State.ABSENT: ("○", "unsupported"),
    State.UNMEASURED: ("–", "not-applicable"),
}
#: What becomes of requirements, in the order in which it is told: what was tested first.
_STATES = (
    *(Coverage.HELD, Coverage.BROKEN),
    *(Coverage.NAMED, Coverage.UNMEASURED, Coverage.UNTOUCHED, Coverage.UNTESTABLE),
)
#: What the page does by itself, in this order.
_SCRIPTS = ("theme.js", "conversations.js", "filter.js", "links.js", "keys.js")
_ROOM = 2_000_000  # characters of what went wrong that stand in the page itself; half of it conversations
_ROOM_IN_LARGE = 600_000

_MOST_OUTCOMES = 1_000  # whose bodies all stand in the page; beyond that only what went wrong does


def html(run: Run) -> bytes:
    """Return the report as a UTF-8 document."""
    return _Report(run).render().encode("utf-8")


class _Report:
    """Renders one run; keeps count of what it has written out and what it has packed."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._packer = Packer()
        self._unpacked = 0
        self._environment = templates()
        self._is_large = len(run.cases) > _MOST_OUTCOMES
        self._room = _ROOM_IN_LARGE if self._is_large else _ROOM
        self._open = {one.case for one in run.cases if is_open(one)}
        self._body = self._environment.get_template("case.html.j2")
        self._conversation = self._environment.get_template("conversation.html.j2")

    def render(self) -> str:
        found = causes(self._run.cases)
        first = {_key(one.first.case) for one in found if not (one.is_known and self._is_large)}
        views = case_views(self._run, lambda case: self._place(case, is_needed=_key(case) in first))
        if self._is_large:
            views = [self._packed(view, first) for view in views]
        return self._environment.get_template("report.html.j2").render(
            run=self._run,
            cases=views,
            groups=[(family, list(those)) for family, those in groupby(views, lambda view: view.row.family)],
            anchors={
                (outcome.target, view.row.case): view.anchor if view.place else outcome.anchor
                for view in views
                for outcome in view.outcomes
            },
            case_anchors={view.row.case: view.anchor for view in views},
            causes=found,
            cause_anchors={one.key: f"cause-{number}" for number, one in enumerate(found, start=1)},
            absences=absences(self._run.cases),
            flaky=flaky(self._run.cases),
            advice=ABSENCES,
            style=style(),
            script=script(_SCRIPTS),
            policy=policy(style(), script(_SCRIPTS)),
            blocks=[Markup(block) for block in self._packer.blocks()],
            **_figures(self._run),
        )

    def _packed(self, view: CaseView, first: Set[tuple[str, str]]) -> CaseView:
        """Put what nobody waits for out of the way: thousands of bodies take a browser seconds.

        In the page stays what stands for a cause, and of the rest that went wrong as much as has room.
        """
        body = self._body.render(run=self._run, view=view, advice=ABSENCES)
        is_needed = any(_key(outcome.case) in first for outcome in view.outcomes)
        if is_needed or (view.is_open and self._unpacked + len(body) < self._room):
            self._unpacked += len(body)
            return view
        return replace(view, place=self._packer.pack(body))

    def _place(self, case: CaseFinished, *, is_needed: bool) -> OutcomeView:
        """Draw a conversation and say where it stands: in the page when somebody has to read it."""
        number = next((at for at, one in enumerate(self._run.targets) if one.name == case.target), 0)
        is_left_out = self._is_large and not is_open(case)  # it is in the run record
        label = self._run.targets[number].label
        written = "" if is_left_out or not case.exchanges else self._draw(case, label)
        is_unpacked = is_open(case) and (is_needed or self._unpacked + len(written) < self._room / 2)
        if is_unpacked:
            self._unpacked += len(written)
        is_whole = is_unpacked or self._goes_with_its_case(case)
        place = None if is_whole or not written else self._packer.pack(written)
        return OutcomeView(
            case=case,
            target=case.target,
            column=number,
            written=Markup(written) if is_whole else None,
            place=place,
        )

    def _goes_with_its_case(self, case: CaseFinished) -> bool:
        """Whether the body of its case will be packed as a whole."""
        return self._is_large and case.case not in self._open

    def _draw(self, case: CaseFinished, target_label: str) -> str:
        picture: Diagram = diagram(case, target_label)
        return self._conversation.render(case=case, picture=picture, target_label=target_label)


def _key(case: CaseFinished) -> tuple[str, str]:
    return case.target, case.case


def _figures(run: Run) -> Mapping[str, object]:
    coverage = coverage_by_document(run, run.cases)
    of_all = [result for one in coverage for result in one.results]
    return {
        "headline": verdict_of_run(run),
        "played": played(run),
        "is_green": is_green(run),
        "documents": [
            (document, counted, by_level([case for case in run.cases if document in run.documents(case)]))
            for document, counted in by_document(run, run.cases).items()
        ],
        "levels": by_level(run.cases),
        "families": by_family(run.cases),
        "touched": [one for one in coverage if one.is_touched],
        "untouched": [one for one in coverage if not one.is_touched],
        "states": _STATES,
        "covered": DocumentCoverage(document="", results=tuple(of_all)),
        "asked": _asked(run),
        "perspectives": run.perspectives(),
        "target_views": target_views(run),
        "suites": [(target, suites_of(run, target)) for target in run.targets if target.cases],
        "looks": LOOKS,
        "slowest": slowest(run.cases, 12),
        "percentiles": {target.name: percentiles(target.cases) for target in run.targets},
        "Verdict": Verdict,
        "Level": Level,
        "Coverage": Coverage,
    }


def _asked(run: Run) -> str:
    """Whom the requirements that count are asked of."""
    words = {Perspective.CLIENT: "servers", Perspective.SERVER: "clients", Perspective.BOTH: "either side"}
    return " and ".join(words[one] for one in run.perspectives()) or "servers and clients"
