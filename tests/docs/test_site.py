"""The documentation site is built without a warning, is whole, and needs nothing from elsewhere."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

ROOT = Path(__file__).parents[2]
#: What a browser fetches by itself, by the element and the attribute that names it.
_FETCHED = {
    *(("script", "src"), ("img", "src"), ("img", "srcset"), ("iframe", "src"), ("source", "src")),
    *(("audio", "src"), ("video", "src"), ("object", "data"), ("embed", "src"), ("link", "href")),
}
_NOT_FETCHED = {"canonical", "prev", "next"}  # what a `link` may be besides
_ELSEWHERE = re.compile(r"""^\s*(https?:)?//|url\(\s*["']?(https?:)?//|@import""", re.IGNORECASE)


class Reader(HTMLParser):
    """What a page fetches, where its links lead, and what can be linked to on it."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.links: list[str] = []
        self.anchors: set[str] = set()
        self.feed(page.read_text("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.anchors |= {given[name] for name in ("id", "name") if name in given}
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        elif given.get("rel") not in _NOT_FETCHED:
            self.fetched += [value for name, value in given.items() if (tag, name) in _FETCHED]
        self.fetched += [value for name, value in given.items() if name == "style" and "url(" in value]


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder)]
    built = subprocess.run(
        command,
        cwd=ROOT,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert (built.returncode, built.stdout, built.stderr) == (0, "", "")
    return folder


@pytest.fixture(scope="module")
def pages(site) -> dict[Path, Reader]:
    return {page: Reader(page) for page in site.rglob("*.html")}


def named_in_nav() -> Iterator[str]:
    nav = (ROOT / "mkdocs.yml").read_text("utf-8").partition("\nnav:\n")[2]
    return (page.removesuffix(".md") for page in re.findall(r"[\w/]+\.md", nav))


def test_each_page_of_the_navigation_is_there(site):
    named = list(named_in_nav())
    assert len(named) > 20
    assert [page for page in named if not (site / f"{page}.html").is_file()] == []


def test_nothing_is_fetched_from_another_host(site, pages):
    found = [
        (page.name, one) for page, read in pages.items() for one in read.fetched if _ELSEWHERE.search(one)
    ]
    styles = [style.name for style in site.rglob("*.css") if _ELSEWHERE.search(style.read_text("utf-8"))]
    assert found + styles == []


def test_every_link_within_the_site_leads_somewhere(site, pages):
    broken = [
        f"{page.relative_to(site)}: {link}"
        for page, read in pages.items()
        if page.name != "404.html"  # which may be shown anywhere, so that its links begin at the root
        for link in read.links
        if not leads_somewhere(page, link, pages)
    ]
    assert broken == []


def leads_somewhere(page: Path, link: str, pages: dict[Path, Reader]) -> bool:
    parts = urlsplit(link)
    if parts.scheme or parts.netloc:
        return True
    target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
    if target not in pages:
        return target.is_file()
    return not parts.fragment or unquote(parts.fragment) in pages[target].anchors


def test_the_search_can_be_read_without_a_server(site):
    assert (site / "search" / "search_index.js").read_text("utf-8").startswith("var __index = ")
    assert 'src="assets/iframe-worker.js"' in (site / "index.html").read_text("utf-8")


@pytest.mark.parametrize("page", ["language", "scenario", "scenarios/roster"])
def test_a_scenario_can_be_copied(site, page):
    """It is indented by tabs, which Markdown would make blanks of."""
    text = unescape((site / f"{page}.html").read_text("utf-8"))
    assert re.search(r"\n\t<(span[^>]*>)*<?iq ", text)


def test_a_requirement_names_who_checks_it(site):
    page = (site / "requirements" / "rfc6121.html").read_text("utf-8")
    row = page.partition('id="rfc6121-2.1.6-push-one-item"')[2].partition("</div>")[0]
    assert "server MUST" in row
    assert "scenarios/roster.html#set_is_answered_and_pushed" in row
    assert "monitors.html#roster-pushes" in row


def test_every_scenario_that_a_page_names_is_there():
    """Names of scenarios become links; one that is not there would silently stay a word."""
    families = {folder.name for folder in (ROOT / "scenarios").iterdir() if folder.is_dir()}
    named = {
        (page.name, name)
        for page in sorted((ROOT / "docs" / "pages").rglob("*.md"))
        for name in re.findall(r"`([a-z_]+/[a-z0-9_/]+)`", page.read_text("utf-8"))
        if name.split("/")[0] in families
    }
    assert len(named) > 50
    assert [one for one in sorted(named) if not (ROOT / "scenarios" / f"{one[1]}.scs").is_file()] == []
