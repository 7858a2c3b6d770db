"""Pages of the project that stand elsewhere, and are brought into the site as they are."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from website.project import ROOT

#: Where the site's own pages are.
PAGES = ROOT / "docs" / "pages"

#: The site's page, and the file that it is.
INCLUDED = {
    "language.md": "scenarios/README.md",
    "drivers.md": "fixtures/clients/README.md",
    "targets.md": "fixtures/targets/README.md",
    "requirements/columns.md": "scenarios/requirements/README.md",
    "benchmarks.md": "benchmarks/README.md",
    "readme.md": "README.md",
    "architecture.md": "ARCHITECTURE.md",
    "contributing.md": "CONTRIBUTING.md",
    "changelog.md": "CHANGELOG.md",
}

_FENCED = re.compile(r"^(```|~~~).*?^\1", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"(?<=\]\()[^)\s]+(?=\))")


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """A piece of a page: what stands between fences is code, and left alone."""

    text: str
    is_code: bool


def parts_of(markdown: str) -> Iterator[Part]:
    """A page in pieces, in order."""
    end = 0
    for fenced in _FENCED.finditer(markdown):
        yield Part(text=markdown[end : fenced.start()], is_code=False)
        yield Part(text=fenced[0], is_code=True)
        end = fenced.end()
    yield Part(text=markdown[end:], is_code=False)


def source_of(page: str) -> Path:
    """The file of a page, which is that of another folder or one of the site's own."""
    return ROOT / INCLUDED[page] if page in INCLUDED else PAGES / page


def links_of(page: str) -> Sequence[str]:
    """The targets of the links on a page, without those to other hosts."""
    texts = (part.text for part in parts_of(source_of(page).read_text("utf-8")) if not part.is_code)
    return [link for text in texts for link in LINK.findall(text) if is_local(link)]


def is_local(link: str) -> bool:
    """Whether it leads to a file of the project, and not to another host or a place on the same page."""
    return "://" not in link and not link.startswith(("mailto:", "#"))
