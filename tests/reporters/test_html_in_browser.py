"""The report in a real browser. Pages drive themselves by a script that is added to a copy of the report."""

import re
import shutil
import subprocess
from pathlib import Path

from lxml import html as lxml_html

from harness.reporters.html import html
from harness.results.summary import summarize
from tests.needing import needed
from tests.reporters.sample import REQUIREMENTS, records

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
    "--virtual-time-budget=2000",
    "--window-size=1280,1600",
)
_PAGE = html(summarize(records(), REQUIREMENTS)).decode()


def _browser() -> str:
    found = next((path for name in _BROWSERS if (path := shutil.which(name))), None)
    needed(found, "no Chromium here, and the report has to be seen in one")
    assert found is not None, "needed"
    return found


def _opened(tmp_path: Path, page: str) -> tuple[str, str]:
    """Open a page; return its elements after all scripts have run, and what the console said."""
    (tmp_path / "report.html").write_text(page, encoding="utf-8")
    command = [_browser(), *_FLAGS, f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom"]
    done = subprocess.run(
        [*command, (tmp_path / "report.html").as_uri()],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    said = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
    return done.stdout, "\n".join(said)


def _driven(tmp_path: Path, script: str) -> str:
    """Run a script in the page, after the page's own; return what it writes to `document.title`."""
    page = re.sub(r"<meta http-equiv=[^>]*>", "", _PAGE)
    caught = "catch((error) => document.title = 'broken: ' + error)"
    driver = f"<script>(async () => {{ {script} }})().{caught}</script>"
    dom, said = _opened(tmp_path, page.replace("</body>", f"{driver}</body>"))
    assert said == ""
    return lxml_html.document_fromstring(dom).xpath("string(//title)")


def test_page_opens_without_a_word_on_the_console(tmp_path: Path) -> None:
    dom, said = _opened(tmp_path, _PAGE)
    tree = lxml_html.document_fromstring(dom)
    assert said == ""
    assert tree.xpath("string(//title)").startswith("8 surprises")
    assert tree.xpath("//form[contains(@class, 'filter')][not(@hidden)]"), "the script has not run"


def test_policy_stops_a_script_that_is_not_ours(tmp_path: Path) -> None:
    page = _PAGE.replace("</body>", "<script>document.title = 'broken'</script></body>")
    dom, said = _opened(tmp_path, page)
    assert "Content Security Policy" in said
    assert "<title>broken" not in dom


_FILTERS = {
    "": 17,
    "verdict('fail')": 5,
    "verdict('surprise')": 7,
    "verdict('fail'); choose('target', '1')": 3,
    "choose('family', 'roster')": 2,
    "choose('document', 'XEP-0045')": 2,
    "choose('search', 'ROSTER push')": 2,
    "choose('search', 'no such thing')": 0,
}


def test_filter_shows_what_was_asked_for(tmp_path: Path) -> None:
    script = """
        const form = document.querySelector('.filter');
        const verdict = (name) => { form.querySelector('[value=' + name + ']').checked = true; };
        const choose = (id, value) => { document.getElementById(id).value = value; };
        const shown = () => {
          form.dispatchEvent(new Event('input'));
          const number = [...document.querySelectorAll('details.case')].filter((one) => !one.hidden).length;
          form.reset();
          return number;
        };
        const found = [];
    """
    steps = "".join(f"{change}; found.push(shown());" for change in _FILTERS)
    assert _driven(tmp_path, f"{script}{steps} document.title = found.join(' ')") == " ".join(
        str(number) for number in _FILTERS.values()
    )


def test_packed_conversation_unfolds_when_its_case_is_opened(tmp_path: Path) -> None:
    script = """
        const one = document.querySelector('.packed').closest('details.outcome');
        one.closest('details.case').open = true;
        one.open = true;
        for (let turn = 0; turn < 200 && !one.querySelector('svg.sequence'); turn += 1)
          await new Promise((done) => setTimeout(done, 5));
        const number = (what) => one.querySelectorAll(what).length;
        document.title = number('.log li') + ' ' + number('.packed');
    """
    assert _driven(tmp_path, script) == "9 0"


def test_link_to_an_outcome_opens_it(tmp_path: Path) -> None:
    script = """
        const link = document.querySelector('.shown a');
        location.hash = link.hash;
        await new Promise((done) => setTimeout(done, 50));
        const place = document.getElementById(link.hash.slice(1));
        document.title = place.open + ' ' + place.closest('details.case').open;
    """
    assert _driven(tmp_path, script) == "true true"


def test_theme_switch_goes_round(tmp_path: Path) -> None:
    script = """
        const seen = [];
        for (let turn = 0; turn < 3; turn += 1) {
          document.getElementById('theme').click();
          seen.push(document.documentElement.dataset.theme || 'auto');
        }
        document.title = seen.join(' ');
    """
    assert _driven(tmp_path, script) == "light dark auto"


def test_failures_are_readable_without_the_script(tmp_path: Path) -> None:
    page = re.sub(r"<script>.*?</script>", "", _PAGE, flags=re.DOTALL)
    measure = """<script>
        const causes = [...document.querySelectorAll('.cause')].every((one) => one.offsetHeight > 80);
        document.querySelector('details.case:has(svg.sequence)').open = true;
        const picture = document.querySelector('details.case[open] svg.sequence').getBoundingClientRect();
        const filter = document.querySelector('.filter').offsetHeight;
        document.title = [causes, picture.height > 80, filter].join(' ');
    </script>"""
    page = re.sub(r"<meta http-equiv=[^>]*>", "", page).replace("</body>", f"{measure}</body>")
    dom, said = _opened(tmp_path, page)
    assert said == ""
    assert lxml_html.document_fromstring(dom).xpath("string(//title)") == "true true 0"


def test_page_is_not_wider_than_a_telephone(tmp_path: Path) -> None:
    script = """
        const frame = document.createElement('iframe');
        frame.style.width = '420px';
        frame.srcdoc = document.documentElement.outerHTML.replace(/<script>[^]*<[/]script>/g, '');
        document.body.append(frame);
        await new Promise((done) => frame.onload = done);
        for (const part of frame.contentDocument.querySelectorAll('details')) part.open = true;
        document.title = frame.contentDocument.documentElement.scrollWidth <= 420;
    """
    assert _driven(tmp_path, script) == "true"
