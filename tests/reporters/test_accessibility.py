"""axe-core finds nothing in our pages that keeps people out.

XMPP_HARNESS_AXE_CORE names its script; `make test` has `.ci/axe-core` get it.
"""

import json
import os
from pathlib import Path

import pytest

from harness.reporters.comparison_html import comparison_html
from harness.reporters.html import html
from harness.results.comparison import Comparison
from harness.results.summary import summarize
from tests.needing import needed
from tests.reporters.browser import driven
from tests.reporters.sample import REQUIREMENTS, records

_AXE = os.environ.get("XMPP_HARNESS_AXE_CORE", "")
_RUN = summarize(records(), REQUIREMENTS)
_NARROW = 390  # pixels, as a telephone has

_PAGES = {
    "report": html(_RUN).decode(),
    "report of one target": html(_RUN.only(_RUN.targets[1])).decode(),
    "report of nothing": html(summarize([], {})).decode(),
    "comparison": comparison_html(Comparison(old=_RUN.targets[1], new=_RUN.targets[2]), _RUN).decode(),
}

#: Looks at the page in both themes, with all parts closed and all open, and tells what it finds.
_LOOK = """
    const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'];
    const look = async (window, width) => {
      const page = window.document;
      const found = [];
      for (const theme of ['light', 'dark']) {
        page.documentElement.dataset.theme = theme;
        for (const open of [false, true]) {
          for (const part of page.querySelectorAll('details')) part.open = open;
          for (const dialog of page.querySelectorAll('dialog')) dialog.open = open;
          const { violations } = await window.axe.run(page, { runOnly: rules, resultTypes: ['violations'] });
          for (const { id, nodes: [first, ...more] } of violations)
            found.push({ id, width, theme, open, more: more.length, html: first.html.slice(0, 200),
                         why: first.failureSummary });
        }
      }
      return found;
    };
"""
_WIDE = _LOOK + "document.title = JSON.stringify(await look(window, 'wide'));"
_IN_FRAME = (
    _LOOK
    + f"""
    const frame = document.createElement('iframe');
    frame.style.width = '{_NARROW}px';
    frame.style.height = '800px';
    frame.srcdoc = document.documentElement.outerHTML.replace(/<script data-driver[^]*/, '');
    document.body.replaceChildren(frame);
    await new Promise((done) => frame.onload = done);
    document.title = JSON.stringify(await look(frame.contentWindow, 'narrow'));
"""
)


@pytest.mark.parametrize("script", [_WIDE, _IN_FRAME], ids=["wide", "narrow"])
@pytest.mark.parametrize("name", _PAGES)
def test_nothing_keeps_people_out(name: str, script: str, tmp_path: Path) -> None:
    needed(_AXE, "XMPP_HARNESS_AXE_CORE names no script; .ci/axe-core FOLDER gets one")
    axe = Path(_AXE).read_text(encoding="utf-8")
    page = _PAGES[name].replace("</body>", f"<script>{axe}</script></body>")
    found = json.loads(driven(tmp_path, page, script, budget=60_000))
    assert found == []


def test_axe_core_finds_what_is_wrong(tmp_path: Path) -> None:
    needed(_AXE, "XMPP_HARNESS_AXE_CORE names no script; .ci/axe-core FOLDER gets one")
    axe = Path(_AXE).read_text(encoding="utf-8")
    page = _PAGES["report"].replace("</main>", "<button></button></main>")
    found = json.loads(
        driven(tmp_path, page.replace("</body>", f"<script>{axe}</script></body>"), _WIDE, budget=60_000)
    )
    assert "button-name" in {one["id"] for one in found}
