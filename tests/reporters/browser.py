"""A real browser. Pages drive themselves by a script that is added to a copy of them."""

import re
import shutil
import subprocess
from pathlib import Path

from lxml import html as lxml_html

from tests.needing import needed

_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--enable-logging=stderr",
)
#: What a page may take of its own time, in milliseconds; it passes as soon as nothing is left to do.
_BUDGET = 2_000


def command(profile: Path) -> list[str]:
    """What starts a browser without a window."""
    found = next((path for name in _BROWSERS if (path := shutil.which(name))), None)
    needed(found, "no Chromium here, and the report has to be seen in one")
    assert found is not None, "needed"
    return [found, *_FLAGS, f"--user-data-dir={profile}"]


def opened(tmp_path: Path, page: str, *, budget: int = _BUDGET, width: int = 1280) -> tuple[str, str]:
    """Open a page; return its elements after all scripts have run, and what the console said."""
    (tmp_path / "report.html").write_text(page, encoding="utf-8")
    words = [*command(tmp_path / "profile"), f"--virtual-time-budget={budget}", f"--window-size={width},1600"]
    done = subprocess.run(
        [*words, "--dump-dom", (tmp_path / "report.html").as_uri()],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    said = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
    return done.stdout, "\n".join(said)


def driven(tmp_path: Path, page: str, script: str, *, budget: int = _BUDGET, width: int = 1280) -> str:
    """Run a script in a page, after the page's own; return what it writes to `document.title`."""
    page = without_policy(page)
    caught = "catch((error) => document.title = 'broken: ' + error)"
    driver = f"<script data-driver>(async () => {{ {script} }})().{caught}</script>"
    dom, said = opened(tmp_path, page.replace("</body>", f"{driver}</body>"), budget=budget, width=width)
    assert said == ""
    return lxml_html.document_fromstring(dom).xpath("string(//title)")


def without_policy(page: str) -> str:
    """The page as it is, but for what forbids it all scripts that are not its own."""
    return re.sub(r"<meta http-equiv=[^>]*>", "", page)
