"""What mkdocs calls while it builds the site: pages of other folders are brought in, and lists generated."""

import re
from collections.abc import Callable, Mapping
from functools import cache, partial
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.structure.pages import Page

from website import fault_lists, fuzzing_lists, requirement_pages, scenario_pages, server_lists
from website.command_pages import commands_reference
from website.included import INCLUDED, LINK, PAGES, Part, parts_of
from website.names import places_by_name, with_links
from website.places import Place
from website.project import ROOT, Project, load_project
from website.record_tables import record_tables
from website.sources import is_picture, rewritten, shown_files, source_page

#: A page asks for a list by a line such as `<!-- generated: commands -->`.
_GENERATED = re.compile(r"^<!-- generated: (\w[\w ]*) -->$", re.MULTILINE)


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add what stands elsewhere, and what is generated page by page."""
    for page, file in INCLUDED.items():
        files.append(File.generated(config, page, abs_src_path=str(ROOT / file)))
    apart = partial(File.generated, config, inclusion=InclusionLevel.NOT_IN_NAV)
    for page, content in _generated_pages():
        files.append(apart(page, content=content))
    for path, place in _shown().items():
        if is_picture(path):
            files.append(File.generated(config, place.page, abs_src_path=str(path)))
        else:
            files.append(apart(place.page, content=source_page(path)))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Put the lists in that a page asks for, and make links lead to what is on the site."""
    name = page.file.src_uri
    if name not in INCLUDED and not (PAGES / name).is_file():
        return markdown
    text = "".join(_linked(part, name) for part in parts_of(markdown))
    return _GENERATED.sub(lambda found: f"\n{_list(found[1], name)}\n", text)


def _list(name: str, page: str) -> str:
    if name not in _lists():
        raise PluginError(f"{page}: no list is called {name} (there are: {', '.join(_lists())})")
    return _lists()[name]()


def _linked(part: Part, page: str) -> str:
    if part.is_code:
        return part.text
    text = LINK.sub(lambda found: rewritten(found[0], page, _shown()), part.text)
    return with_links(text, page, _places())


def _generated_pages() -> list[tuple[str, str]]:
    project = _project()
    return [*requirement_pages.requirement_pages(project), *scenario_pages.scenario_pages(project)]


@cache
def _project() -> Project:
    return load_project()


@cache
def _places() -> Mapping[str, Place]:
    return places_by_name(_project())


@cache
def _shown() -> Mapping[Path, Place]:
    own = [path.relative_to(PAGES).as_posix() for path in PAGES.rglob("*.md")]
    return shown_files([*INCLUDED, *own])


@cache
def _lists() -> Mapping[str, Callable[[], str]]:
    """What makes each list, by the name with which pages ask for it."""
    project = _project()
    return {
        "commands": commands_reference,
        "run record": record_tables,
        "requirements": partial(requirement_pages.overview, project),
        "scenarios": partial(scenario_pages.overview, project),
        "monitors": partial(scenario_pages.monitors, project),
        "faults of the server": partial(fault_lists.server_faults, project),
        "faults of the client": partial(fault_lists.client_faults, project),
        "servers by document": partial(server_lists.by_document, project),
        "deviations of servers": partial(server_lists.deviations, project),
        "families for servers": fuzzing_lists.server_families,
        "families for clients": fuzzing_lists.client_families,
        "machines": fuzzing_lists.machines,
        "measures": fuzzing_lists.measures,
        "properties of servers": partial(fuzzing_lists.server_properties, project),
        "properties of clients": partial(fuzzing_lists.client_properties, project),
    }
