"""Makes the pictures of the report again: `python docs/screenshots.py REPORT.html`.

`xmpp-harness run reference prosody ejabberd jabberd2` makes such a report. Chromium takes
the pictures, pngquant makes them small.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from tests.reporters.browser import command, without_policy

FOLDER = Path(__file__).parent
WIDTHS = {"wide": (1280, 1500), "narrow": (390, 1300)}
#: Chromium has no window as narrow as a telephone; a frame can be.
_FRAME = "<body style='margin:0'><iframe src='{}' style='border:0;width:{}px;height:{}px'></iframe>"


def main() -> None:
    """Take them of the report that is named."""
    report = without_policy(Path(sys.argv[1]).read_text(encoding="utf-8"))
    (FOLDER / "images").mkdir(exist_ok=True)
    for theme in ("light", "dark"):
        for name, (width, height) in WIDTHS.items():
            picture = FOLDER / f"images/report-{name}-{theme}.png"
            _take(picture, report, theme, width, height)
    _take(FOLDER / "report.png", report, "light", 1280, 1060)


def _take(picture: Path, page: str, theme: str, width: int, height: int) -> None:
    shown = f"<script>document.documentElement.dataset.theme = '{theme}'</script></body>"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "report.html").write_text(page.replace("</body>", shown), encoding="utf-8")
        (folder / "frame.html").write_text(_FRAME.format("report.html", width, height), encoding="utf-8")
        words = [*command(folder / "profile"), "--hide-scrollbars", "--virtual-time-budget=5000"]
        words += [f"--window-size={width},{height}", f"--screenshot={picture}"]
        subprocess.run([*words, (folder / "frame.html").as_uri()], check=True, capture_output=True)
    subprocess.run(["pngquant", "--force", "--ext=.png", "64", str(picture)], check=True)


if __name__ == "__main__":
    main()
