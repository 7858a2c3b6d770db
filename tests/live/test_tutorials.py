"""The tutorials of the documentation site, followed from top to bottom: files are written, commands are run.

What the README shows as well is run by its own test. A command ends with exit code 0, or with the one that
its comment names; what only sets the reader's machine up is left out.
"""

import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.live.test_readme_commands import commands as commands_of_the_readme
from tests.needing import needed

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "docs" / "pages"
BLOCK = re.compile(r'^```(\w+)(?: title="([^"]+)")?\n(.*?)^```$', re.DOTALL | re.MULTILINE)
SETTING_UP = ("make ", ". .venv/", "sudo apt ")


def without_comment(line: str) -> str:
    return line.partition(" #")[0].strip()


def commands(page: Path) -> list[str]:
    shown = [block[2] for block in BLOCK.findall(page.read_text("utf-8")) if block[0] == "sh"]
    return [line for text in shown for line in text.splitlines() if not line.startswith(SETTING_UP)]


READ_ELSEWHERE = {without_comment(line) for line in commands_of_the_readme()}
TUTORIALS = [
    page for page in sorted(PAGES.glob("*.md")) if {*map(without_comment, commands(page))} - READ_ELSEWHERE
]


def follow(page: Path, folder: Path) -> list[str]:
    """Do what a page says, and return what did not come out as it says."""
    wrong: list[str] = []
    for language, title, text in BLOCK.findall(page.read_text("utf-8")):
        if language == "diff":
            change(folder / title, text)
        elif title:
            (folder / title).write_text(text)
        elif language == "sh":
            wrong += [told for line in text.splitlines() if (told := outcome(line, folder))]
    return wrong


def change(file: Path, difference: str) -> None:
    """Put what a difference adds in the place of what it takes away."""
    lines = difference.splitlines()
    old, new = ("".join(f"{line[1:]}\n" for line in lines if line[0] in (" ", sign)) for sign in "-+")
    assert old in file.read_text()
    file.write_text(file.read_text().replace(old, new))


def outcome(line: str, folder: Path) -> str:
    """Run a command; empty when it ends as it should."""
    command = without_comment(line)
    if not command or command.startswith(SETTING_UP) or command in READ_ELSEWHERE:
        return ""
    ended = subprocess.run(
        ["sh", "-c", command],
        cwd=folder,
        env=os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    named = re.search(r"# exit code (\d)", line)
    expected = int(named[1]) if named else 0
    return "" if ended.returncode == expected else f"{line}\n{ended.returncode}: {ended.stdout}{ended.stderr}"


@pytest.fixture(scope="module")
def followed(tmp_path_factory) -> dict[Path, Future[list[str]]]:
    """All at the same time, since a command spends much of its time with waiting."""
    needed(shutil.which("prosody"), "Prosody is not installed")
    with ThreadPoolExecutor(max_workers=4) as pool:
        return {page: pool.submit(follow, page, tmp_path_factory.mktemp(page.stem)) for page in TUTORIALS}


@pytest.mark.parametrize("page", TUTORIALS, ids=lambda page: page.stem)
def test_a_tutorial_can_be_followed(page, followed):
    assert followed[page].result() == []


def test_the_tutorials_are_found():
    assert {"server", "client", "ci", "scenario"} <= {page.stem for page in TUTORIALS}
