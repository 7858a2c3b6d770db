"""What changed, as a page that needs nothing besides itself."""

from harness.reporters.comparison_console import summary
from harness.reporters.pages import policy, script, style, templates
from harness.results.comparison import Comparison, Kind
from harness.results.requirements import RequirementView
from harness.results.summary import Run

_SCRIPTS = ("theme.js",)


def comparison_html(comparison: Comparison, run: Run) -> bytes:
    """Return the page; `run` is the newer one, which knows the requirements."""

    def requirements(ids: list[str]) -> list[RequirementView]:
        return [run.requirement(one) for one in ids]

    page = templates().get_template("comparison.html.j2")
    return page.render(
        comparison=comparison,
        groups={kind: comparison.by_cause(kind) for kind in Kind if kind in comparison.by_kind},
        headline=summary(comparison),
        requirements=requirements,
        run=run,
        style=style(),
        script=script(_SCRIPTS),
        policy=policy(style(), script(_SCRIPTS)),
    ).encode("utf-8")
