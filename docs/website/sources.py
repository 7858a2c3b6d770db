"""Pages that show files of the project to which others link, such as a template for a CI service."""

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from website.included import INCLUDED, PAGES, is_local, links_of, source_of
from website.places import Place
from website.project import ROOT

_LANGUAGES = {".sh": "sh", ".py": "python", ".toml": "toml", ".yml": "yaml", ".yaml": "yaml", ".json": "json"}
_PICTURES = (".png", ".svg")
_LONGEST = 4000  # lines of a folder's page


def shown_files(pages: Iterable[str]) -> Mapping[Path, Place]:
    """The files and folders outside of the site to which its pages link, and what shows each on the site."""
    linked = {_resolved(page, link) for page in pages for link in links_of(page)}
    known = {ROOT / file for file in INCLUDED.values()}
    shown = sorted(
        path for path in linked if path.exists() and path not in known and not path.is_relative_to(PAGES)
    )
    return {path: _place_of(path) for path in shown}


def is_picture(path: Path) -> bool:
    """Whether it is shown as it is, and not on a page of its own."""
    return path.suffix in _PICTURES


def _place_of(path: Path) -> Place:
    name = path.relative_to(ROOT).as_posix()
    return Place(page=f"pictures/{name}" if is_picture(path) else f"source/{name}.md")


def source_page(path: Path) -> str:
    """The Markdown of such a page: a file, or all files of a folder."""
    name = path.relative_to(ROOT).as_posix()
    if path.is_file():
        return f"# {name}\n\n{_fenced(path)}"
    sections = (f"## {one.relative_to(path).as_posix()}\n\n{_fenced(one)}" for one in _files(path))
    return "\n".join([f"# {name}\n", *sections])


def rewritten(link: str, page: str, shown: Mapping[Path, Place]) -> str:
    """The link as it has to be on the site: to the page that a file of the project is there."""
    if not is_local(link):
        return link
    path, anchor = _resolved(page, link), link.partition("#")[2]
    places = {ROOT / file: Place(page=own) for own, file in INCLUDED.items()} | dict(shown)
    if path in places:
        return Place(page=places[path].page, anchor=anchor).markdown_from(page)
    return link


def _resolved(page: str, link: str) -> Path:
    return (source_of(page).parent / link.partition("#")[0]).resolve()


def _files(folder: Path) -> Sequence[Path]:
    """The texts of a folder, as long as they are few."""
    found = (one for one in sorted(folder.rglob("*")) if one.is_file() and "__pycache__" not in one.parts)
    texts, lines = [], 0
    for one in found:
        lines += len(one.read_bytes().splitlines())
        if lines > _LONGEST:
            break
        texts.append(one)
    return texts


def _fenced(path: Path) -> str:
    text = path.read_text("utf-8", errors="replace").rstrip()
    fence = max(re.findall(r"^`{3,}", text, re.MULTILINE), default="``") + "`"
    return f"{fence}{_LANGUAGES.get(path.suffix, 'text')}\n{text}\n{fence}\n"
