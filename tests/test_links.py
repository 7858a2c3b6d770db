"""Every page of the project points to files and chapters that are there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted(
    page
    for page in (page for depth in ("", "*/", "*/*/") for page in ROOT.glob(f"{depth}*.md"))
    if not any(part == "out" or part.startswith(".") for part in page.relative_to(ROOT).parts)
    if not page.is_relative_to(ROOT / "docs" / "pages")  # those lead to generated ones; mkdocs checks them
)
LINK = re.compile(r"\[[^]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"^```.*?^```$|`[^`\n]*`", re.DOTALL | re.MULTILINE)
HEAD = re.compile(r"^#+ (.*)$", re.MULTILINE)


def links():
    for page in PAGES:
        for link in LINK.findall(CODE.sub("", page.read_text("utf-8"))):
            if "://" not in link and not link.startswith("mailto:"):
                yield pytest.param(page, link, id=f"{page.relative_to(ROOT)}: {link}")


def anchors(page):
    """The anchors that a page's headings get: lower case, words joined by hyphens."""
    heads = HEAD.findall(re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE))
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize(("page", "link"), list(links()))
def test_a_link_leads_somewhere(page, link):
    file, _, anchor = link.partition("#")
    target = page.parent / file if file else page
    assert target.exists()
    assert target.resolve().is_relative_to(ROOT)
    assert not anchor or anchor in anchors(target)


def test_the_pages_are_found():
    assert {"README.md", "CONTRIBUTING.md"} <= {page.name for page in PAGES}
