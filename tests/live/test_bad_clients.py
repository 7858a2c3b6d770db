"""Clients whose programs misbehave: one clear line, the right verdict, and nothing of them is left."""

import dataclasses
import shlex
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import msgspec
import pytest
import trio

from harness.catalogue.requirements import Requirement, load_requirements
from harness.catalogue.scenarios import Scenario, find
from harness.cli.selection import SANITY
from harness.engine.batch import Options
from harness.engine.campaign import Books, ExitCode, Plan, run_targets
from harness.errors import DataError
from harness.results.records import CaseFinished, Record, TargetFinished
from harness.results.verdicts import Verdict
from harness.targets.client_description import ClientDescription, TlsUse, load_client
from harness.transcript.script import Side
from tests.cli.program import running
from tests.waiting import is_gone, until

PROGRAM = Path(__file__).with_name("bad_client.py")
PATIENCE = 1.0
HEADER = "# {title}\n## covers: rfc6121-5.2.2-message-type-values\n## tests: client\n## server: tls none\n"
SCRIPT = """## client: tls disabled

[Client] Romeo

---------

Romeo connects
Romeo receives:
	<message from='${domain}'><body>urn:example:WORD</body></message>
Romeo receives:
	<iq type='get' id='x' from='${domain}'><ping xmlns='urn:xmpp:ping'/></iq>
Romeo sends:
	<iq type='result' id='x'/>
"""
TROUBLE, PEACE = SCRIPT.replace("WORD", "trouble"), SCRIPT.replace("WORD", "peace")


@cache
def requirements() -> Mapping[str, Requirement]:
    return load_requirements()


@cache
def scenarios_that_come_with_it() -> Sequence[Scenario]:
    return find(table=requirements())


def plan(tmp_path: Path, trouble: str, **scripts: str) -> Plan:
    table = requirements()
    for name, text in scripts.items():
        (tmp_path / f"{name}.scs").write_text(HEADER.format(title=name) + text, encoding="utf-8")
    sanity = next(one for one in scenarios_that_come_with_it() if one.name == SANITY[Side.CLIENT])
    scenarios: list[Scenario] = find([tmp_path], table=table)
    description = ClientDescription(
        name="bad",
        run=shlex.join([sys.executable, "-S", str(PROGRAM), trouble, str(tmp_path / "notes")]),
        tls=(TlsUse.NONE,),
        patience=PATIENCE,
        has_driver=False,
    )
    return Plan(
        descriptions=[description],
        scenarios=scenarios,
        sanity={Side.CLIENT: sanity},
        options=Options(at_once=1),
    )


async def played(made: Plan) -> tuple[dict[str, CaseFinished], TargetFinished, ExitCode]:
    records: list[Record] = []
    books = Books()
    with trio.fail_after(30):
        await run_targets(made, records.append)
    for one in records:
        books.record(one)
    cases = {
        one.case.rpartition("/")[2]: one
        for one in records
        if isinstance(one, CaseFinished) and one.family != "monitors"
    }
    assert isinstance(records[-1], TargetFinished)
    assert len(msgspec.json.encode(records)) < 8 << 20
    return cases, records[-1], books.exit_code(interrupted=False)


def started(tmp_path: Path) -> list[int]:
    """Everything that the client's programs have started, and they themselves."""
    return [int(line) for line in (tmp_path / "notes").read_text().split()]


async def nothing_is_left(tmp_path: Path) -> None:
    numbers = started(tmp_path)
    assert numbers
    await until(lambda: all(is_gone(one) for one in numbers))


#: What comes of a trouble in the midst of a case.
GOES_ON = {
    "none": (Verdict.PASS, ""),
    "garbage": (Verdict.PASS, ""),
    "second-connection": (Verdict.PASS, ""),
    "silence-later": (Verdict.FAIL, "nothing instead of <iq type='result'/>"),
    "deaf": (Verdict.FAIL, "nothing instead of <iq type='result'/>"),
    "children-later": (Verdict.FAIL, "the end of the connection instead of <iq type='result'/>"),
    "exit-later": (Verdict.FAIL, "the end of the connection instead of <iq type='result'/>"),
    "crash-later": (Verdict.FAIL, "crashed: SIGSEGV"),
    "sanitizer": (Verdict.FAIL, "crashed: a sanitizer reported"),
    "flooded-output-later": (Verdict.ERROR, "the program prints without end"),
    "flooded-stream": (Verdict.FAIL, "sends without end"),
}


@pytest.mark.parametrize("trouble", GOES_ON)
async def test_a_case_ends_and_the_run_goes_on(trouble: str, tmp_path: Path) -> None:
    verdict, cause = GOES_ON[trouble]
    cases, finished, code = await played(plan(tmp_path, trouble, a_trouble=TROUBLE, b_peace=PEACE))
    case = cases["a_trouble"]
    assert (case.verdict, [one.cause for one in case.findings][:1]) == (verdict, [cause] if cause else [])
    assert cases["b_peace"].verdict is Verdict.PASS, cases["b_peace"].findings
    assert not finished.died
    assert code is (ExitCode.AS_EXPECTED if verdict is Verdict.PASS else ExitCode.DEVIATIONS)
    await nothing_is_left(tmp_path)


#: What is said of a client with which nothing can be played.
DIES = {
    "silence": "nothing came",
    "exit": "nothing came, and its program has ended",
    "children": "nothing came, and its program has ended",
    "crash": "the client crashed: SIGSEGV",
    "flooded-output": "the program prints without end",
}


@pytest.mark.parametrize("trouble", DIES)
async def test_a_client_with_which_nothing_can_be_played(trouble: str, tmp_path: Path) -> None:
    cases, finished, code = await played(plan(tmp_path, trouble, a_peace=PEACE))
    assert DIES[trouble] in finished.died
    assert "nothing can be told of a client" in finished.died
    assert "\n" not in finished.died
    assert "a_peace" not in cases
    assert code is ExitCode.ENVIRONMENT
    await nothing_is_left(tmp_path)


async def test_who_has_gone_is_not_waited_for(tmp_path: Path) -> None:
    begun = time.monotonic()
    made = plan(tmp_path, "exit", a_peace=PEACE)
    patient = msgspec.structs.replace(made.descriptions[0], patience=60.0)
    await played(Plan(descriptions=[patient], scenarios=made.scenarios, sanity=made.sanity))
    assert time.monotonic() - begun < 10


# --- the command line -----------------------------------------------------------------------------


def told(tmp_path: Path, *words: object) -> tuple[int, str]:
    """Exit code and the lines on standard error."""
    with running(*words, folder=tmp_path, environment={"XDG_CACHE_HOME": str(tmp_path / "cache")}) as program:
        error = program.end()
    assert "Traceback" not in program.out + error
    return program.code, error + program.out


def file(path: Path, text: str | bytes, *, mode: int = 0o755) -> Path:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    path.chmod(mode)
    return path


def test_a_command_that_does_not_exist(tmp_path: Path) -> None:
    code, line = told(tmp_path, "client", "--", "no-such-client")
    assert (code, line) == (2, "xmpp-harness: no-such-client: there is no such program\n")


def test_a_command_that_is_not_executable(tmp_path: Path) -> None:
    file(tmp_path / "my-client", "", mode=0o644)
    code, line = told(tmp_path, "client", "--", "./my-client")
    assert (code, line.count("\n")) == (2, 1)
    assert "my-client: not executable (chmod +x" in line


def test_a_command_that_is_not_on_the_search_path(tmp_path: Path) -> None:
    file(tmp_path / "my-client", "#!/bin/sh\n")
    code, line = told(tmp_path, "client", "--", "my-client")
    assert (code, line.count("\n")) == (2, 1)
    assert "write ./my-client" in line


@pytest.mark.parametrize("content", [b"\x7fELF nothing of the kind", b"#!/no/such/interpreter\n"])
def test_a_command_that_the_system_cannot_run(content: bytes, tmp_path: Path) -> None:
    file(tmp_path / "my-client", content)
    code, text = told(tmp_path, "client", "--", "./my-client")
    assert code == 3
    assert "cannot start" in text


def driver(tmp_path: Path, text: str, **keys: str) -> Path:
    """A client's folder with a driver in Python."""
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "driver.py").write_text(text)
    given = {"run": '"{python} -S driver.py"', "patience": "0.3"} | keys
    (folder / "client.toml").write_text("".join(f"{key} = {value}\n" for key, value in given.items()))
    return folder


READY = 'print(\'{"event": "ready", "library": "mine", "commands": %s}\', flush=True)\n'
STAY = "import time\ntime.sleep(600)\n"

#: A driver, and what is said of it.
UNREADY = {
    "silent": (STAY, "has not said that it is ready within 1.5 s"),
    "gone": ("", "the driver ended"),
    "broken": ("print(no_such_name)", "the driver ended with status 1: NameError"),
    "crashing": ("import os, signal\nos.kill(os.getpid(), signal.SIGILL)", "the driver crashed: SIGILL"),
    "binary": ("import os\nos.write(1, bytes(range(256)) * 9)\n" + STAY, "has not said that it is ready"),
    "flooding": ("while True: print('x' * 99)", "the driver prints without end"),
    "of-something-else": (
        'print(\'{"event": "connected"}\', flush=True)\n' + STAY,
        "tells of 'connected' before",
    ),
    "without-commands": (READY % "null" + STAY, "does not tell its commands"),
    "with-odd-commands": (READY % "7" + STAY, "does not tell its commands"),
}


@pytest.mark.parametrize("kind", UNREADY)
async def test_a_driver_that_does_not_say_that_it_is_ready(kind: str, tmp_path: Path) -> None:
    text, line = UNREADY[kind]
    assert line in await why_it_died(driver(tmp_path, text), tmp_path)


async def why_it_died(folder: Path, tmp_path: Path) -> str:
    made = plan(tmp_path, "none", a_peace=PEACE)
    cases, finished, code = await played(dataclasses.replace(made, descriptions=[load_client(str(folder))]))
    assert not cases
    assert code is ExitCode.ENVIRONMENT
    assert "\n" not in finished.died
    return finished.died


BROKEN = {
    "unknown-key": ({"color": '"red"'}, "color"),
    "no-run": ({"run": '""'}, "run is missing"),
    "no-toml": ({"build": "="}, "this is no client's description"),
    "odd-tls": ({"tls": '["ssl"]'}, "tls"),
    "odd-quotes": ({"run": '"python \'driver.py"'}, "No closing quotation"),
    "no-seconds": ({"patience": "-1"}, "patience"),
    "nobody-at-once": ({"at_once": "0"}, "at_once"),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_description_that_cannot_be_read(kind: str, tmp_path: Path) -> None:
    keys, line = BROKEN[kind]
    with pytest.raises(DataError, match=line) as caught:
        load_client(str(driver(tmp_path, "", **keys)))
    assert "client.toml" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_broken_description_on_the_command_line(tmp_path: Path) -> None:
    code, said = told(tmp_path, "run", driver(tmp_path, "", color='"red"'), "client_sanity")
    assert (code, said.count("\n")) == (2, 1), said
    assert "client.toml" in said


async def test_a_client_that_needs_what_is_not_there(tmp_path: Path) -> None:
    folder = driver(tmp_path, "", needs='["no-such-compiler"]', apt='["no-such-package"]')
    said = await why_it_died(folder, tmp_path)
    assert "no-such-compiler is not there (apt install no-such-package)" in said


async def test_a_driver_that_cannot_be_built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = driver(
        tmp_path, "", build='"echo begin; echo driver.c:3: error: no such thing; echo end; exit 1"'
    )
    assert "mine cannot be built: driver.c:3: error: no such thing" in await why_it_died(folder, tmp_path)


# --- ends -----------------------------------------------------------------------------------------


def words(tmp_path: Path, trouble: str) -> list[object]:
    """Play something that takes long with the bad client."""
    (tmp_path / "case.scs").write_text(HEADER.format(title="case") + TROUBLE, encoding="utf-8")
    client = [sys.executable, "-S", PROGRAM, trouble, tmp_path / "notes"]
    given = ["--tls", "disabled", "--patience", "60", "--only", "case.scs", "--out", "reports"]
    return ["client", *given, "--", *client]


async def trouble_has_begun(tmp_path: Path, count: int) -> None:
    """The programs of the first plays, and what the last one has started."""
    notes = tmp_path / "notes"
    await until(lambda: notes.exists() and len(notes.read_text().split()) >= count, 28)


async def test_an_interrupted_run_leaves_reports_and_no_program(tmp_path: Path) -> None:
    with running(*words(tmp_path, "deaf"), folder=tmp_path) as program:
        await trouble_has_begun(tmp_path, 4)
        program.send(signal.SIGINT)
        error = program.end()
    assert program.code == ExitCode.ENVIRONMENT
    assert "reports are written" in error
    assert "Traceback" not in error
    assert (tmp_path / "reports" / "report.html").exists()
    await nothing_is_left(tmp_path)


async def test_a_killed_harness_leaves_no_program(tmp_path: Path) -> None:
    with running(*words(tmp_path, "deaf"), folder=tmp_path) as program:
        await trouble_has_begun(tmp_path, 4)
        program.send(signal.SIGKILL)
        program.end()
    await nothing_is_left(tmp_path)
    await until(lambda: not list(tmp_path.glob("xmpp-harness-client-*")))


async def test_two_runs_build_a_driver_once(tmp_path: Path) -> None:
    folder = driver(tmp_path, READY % '["connect"]', build='"echo >> ../builds; sleep 1"')
    cache = {"XDG_CACHE_HOME": str(tmp_path / "cache")}
    given = ["run", folder, "client_sanity", "--quiet", "--out"]
    with (
        running(*given, "one", folder=tmp_path, environment=cache) as one,
        running(*given, "two", folder=tmp_path, environment=cache) as other,
    ):
        errors = [one.end(), other.end()]
    assert "cannot be built" not in "".join([*errors, one.out, other.out])
    assert (tmp_path / "builds").read_text() == "\n"
