"""How soon the HTML report of 2,000 cases on four targets stands in Chromium, beside other pages.

    python benchmarks/report.py [rounds]

What is measured is the time from the beginning of the navigation until everything is parsed, its scripts
have run and it is laid out, as the page itself tells it. The pages take turns. `plain` has as many bytes
without an element, `scriptless` is the report without its script, `empty` has nothing.
"""

import re
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from measuring import median, write

from harness.catalogue.requirements import load_requirements, views
from harness.reporters.html import html
from harness.results.summary import summarize
from tests.reporters.browser import command, without_policy
from tests.reporters.sample import REQUIREMENTS, large

CASES, SERVERS = 2_000, 4
_TELL = """<script>addEventListener("load", () => {
  document.body.offsetHeight;
  document.title = "took " + performance.now();
});</script></body>"""
_SHELL = "<!DOCTYPE html><html lang='en'><head><title></title></head><body>{}</body></html>"


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    pages = _pages()
    took: dict[str, list[float]] = {name: [] for name in pages}
    with tempfile.TemporaryDirectory() as folder:
        for name, page in pages.items():
            (Path(folder) / f"{name}.html").write_text(page.replace("</body>", _TELL), encoding="utf-8")
        for _ in range(rounds):
            for name in pages:
                took[name].append(_milliseconds(Path(folder), name))
    seconds = {name: median([one / 1000 for one in times]) for name, times in took.items()}
    figures: dict[str, object] = {
        "megabytes": round(len(pages["report"]) / 1e6, 2),
        "seconds": seconds["report"],
        "seconds of an empty page": seconds["empty"],
        "seconds at best": round(min(took["report"]) / 1000, 4),
        "times as long as without its script": _ratio(took, "scriptless"),
        "times as long as a plain page of its size": _ratio(took, "plain"),
    }
    goals = {"seconds": 1, "times as long as without its script": 1.2}
    write("report", figures, goals)


def _pages() -> Mapping[str, str]:
    table = {**views(load_requirements()), **REQUIREMENTS}
    report = without_policy(html(summarize(large(CASES, SERVERS), table)).decode())
    return {
        "report": report,
        "scriptless": re.sub(r'<script>"use strict".*?</script>', "", report, flags=re.DOTALL),
        "plain": _SHELL.format("word " * (len(report) // 5)),
        "empty": _SHELL.format(""),
    }


def _milliseconds(folder: Path, name: str) -> float:
    words = [*command(folder / "profile"), "--dump-dom", (folder / f"{name}.html").as_uri()]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=True)
    found = re.search(r"<title>took ([\d.]+)", done.stdout)
    assert found, "the page has not told its time"
    return float(found[1])


def _ratio(took: Mapping[str, list[float]], other: str) -> float:
    """The median of the rounds: within one, others had the same share of the machine."""
    pairs = zip(took["report"], took[other], strict=True)
    return round(statistics.median(mine / theirs for mine, theirs in pairs), 2)


if __name__ == "__main__":
    main()
