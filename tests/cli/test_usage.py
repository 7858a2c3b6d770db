"""What is wrong on the command line or in a file is one message and exit code 2; nothing is played."""

import io
import os
import re
import shlex
import sys
from pathlib import Path

import pytest
from rich.console import Console

from harness.catalogue.requirements import load_requirements
from harness.cli.terminal import print_rows
from harness.engine.known import TO_BE_WRITTEN
from harness.faults.tables import all_faults
from harness.monitors.roll import all_monitors
from harness.reference_client.faults import FAULTS as CLIENT_FAULTS
from harness.results.record_file import read_records
from harness.results.records import CaseFinished, RunStarted
from tests.cli.running import Run

SCRIPT = """# Fine
## covers: rfc6120-stanza-iq-reply

[Client] Romeo

---------

Romeo connects
Romeo disconnects
"""
ASKS = "Romeo sends:\n\t<iq type='get' id='a'><ping xmlns='urn:xmpp:ping'/></iq>\n"
BROKEN = SCRIPT.replace("Romeo connects", "Romeo conects")
UNKNOWN = SCRIPT.replace("iq-reply", "iq-replies")
TARGET = "host = '127.0.0.1'\ndomain = 'a.example'\n"
DEVIATION = "[[deviation]]\ncases = ['sanity/log_in_and_ping']\nverdict = 'fail'\nreason = 'r'\n"


def written(path: Path, text: str) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("command", ["run", "show", "prove"])
def test_all_broken_scripts_are_told_in_one_go(run: Run, tmp_path: Path, command: str) -> None:
    written(tmp_path / "mine/a.scs", BROKEN)
    written(tmp_path / "mine/b.scs", SCRIPT)
    written(tmp_path / "mine/c.scs", UNKNOWN)
    done = run(command, "mine")
    assert done.code == 2
    assert "mine/a.scs:8" in done.error
    assert "mine/c.scs:2" in done.error
    assert "rfc6120-stanza-iq-replies" in done.error
    assert "did you mean rfc6120-stanza-iq-reply" in done.error
    assert not (tmp_path / "out").exists()


def test_a_broken_script_shows_its_line(run: Run, tmp_path: Path) -> None:
    done = run("run", written(tmp_path / "a.scs", BROKEN))
    assert done.code == 2
    assert "a.scs:8:7: " in done.error
    assert "\nRomeo conects\n      ^" in done.error


def test_lint_goes_on_after_a_broken_script(run: Run, tmp_path: Path) -> None:
    written(tmp_path / "mine/a.scs", BROKEN)
    written(tmp_path / "mine/b.scs", BROKEN)
    done = run("lint", "mine")
    assert done.code == 1
    assert "mine/a.scs:8" in done.out
    assert "mine/b.scs:8" in done.out


DEEP = "[Client] Romeo\n\n---\nRomeo sends:\n\t" + "<a>" * 5000 + "</a>" * 5000

#: Words and files; what the message holds.
WRONG = {
    "no-such-selection": (["run", "rostr"], {}, "nothing is called rostr (did you mean roster"),
    "near-target": (["run", "prosodyy", "roster"], {}, "nothing is called prosodyy (did you mean prosody"),
    "near-client": (["run", "slixmp"], {}, "nothing is called slixmp (did you mean slixmpp"),
    "near-no-target": (["show", "prosodyy"], {}, "nothing is called prosodyy\n"),
    "near-for-a-client": (
        ["run", "reference-client", "clientmuc"],
        {},
        "nothing is called clientmuc (did you mean client_muc",
    ),
    "section-after-a-space": (["run", "rfc6121 2.1"], {}, "rfc6121 2.1 (did you mean rfc6121/2.1?)"),
    "section-as-cited": (["show", "RFC 6121, 2.1"], {}, "RFC 6121, 2.1 (did you mean rfc6121/2.1?)"),
    "monitors": (["run", "monitors"], {}, "monitors: monitors are not played, they watch every scenario"),
    "one-monitor": (["prove", "monitors/iq_replies"], {}, "monitors/iq_replies: monitors are not played"),
    "no-records": (["report", "r.jsonl"], {"r.jsonl": ""}, "r.jsonl: there are no cases in this record"),
    "no-such-monitor": (
        ["list", "monitors/iq_reply"],
        {},
        "nothing is called monitors/iq_reply (did you mean",
    ),
    "no-such-document": (
        ["list", "--uncovered", "xep9999"],
        {},
        "nothing is called xep9999 (did you mean xep0",
    ),
    "tags-of-monitors": (["list", "monitors", "--tag", "muc"], {}, "monitors have no tags"),
    "tags-of-requirements": (["list", "--uncovered", "--tag", "muc"], {}, "requirements have no tags"),
    **{
        f"empty-word-{command}": ([command, ""], {"mine/a.scs": ""}, "an empty word ")
        for command in ("run", "list", "show", "prove", "lint")
    },
    "nobodys-folder": (["run", "~nobody-at-all/x"], {}, "nothing is called ~nobody-at-all/x"),
    "nul": (
        ["run", "a.toml"],
        {"a.toml": TARGET + '[accounts]\nprovider = "hook"\ncreate = "true \\u0000"'},
        "a.toml: accounts.create: there is a NUL in it",
    ),
    "nested": (["run", "a.scs"], {"a.scs": DEEP}, "a.scs:5:194: elements are nested more than 64 deep"),
    "empty-folder": (["run", "empty"], {"empty/readme": ""}, "empty: this folder has no .scs files"),
    "not-text": (["run", "a.scs"], {"a.scs": "\udcff"}, "a.scs: this script cannot be read"),
    "unknown-key": (
        ["run", "a.toml"],
        {"a.toml": TARGET + "prot = 1"},
        "a.toml: unknown key prot (did you mean port",
    ),
    "wrong-type": (["run", "a.toml"], {"a.toml": TARGET + "port = 'x'"}, "a.toml: port: Expected `int`"),
    "wrong-choice": (["run", "a.toml"], {"a.toml": TARGET + "tls = 'x'"}, "a.toml: tls: 'x' is not known"),
    "wrong-inner-key": (
        ["run", "a.toml"],
        {"a.toml": TARGET + "[accounts]\nprovidr = 'given'"},
        "a.toml: unknown key accounts.providr (did you mean provider",
    ),
    "not-toml": (["run", "a.toml"], {"a.toml": "host ="}, "a.toml: this is not TOML"),
    "no-target-file": (["run", "b.toml"], {}, "b.toml: there is no such target file"),
    "twice": (["run", "reference", "reference"], {}, "2 targets are called reference"),
    "fault": (["run", "--fault", "x"], {}, "the reference server has no fault x"),
    "fault-of-others": (["run", "prosody", "--fault", "x"], {}, "prosody has no faults to switch on"),
    "option": (["run", "--bogus"], {}, "No such option"),
    "at-once": (["run", "--at-once", "0"], {}, "at-once"),
    "no-host": (["run", "--domain", "a.example"], {}, "--domain says something about a server to attach to"),
    "no-password": (["run", "--host", "a", "--account", "romeo"], {}, "romeo has no password"),
    "no-ca": (["run", "--host", "a", "--ca", "n.pem"], {}, "--ca: cannot read 'n.pem': No such file"),
    "no-certificate": (
        ["run", "--host", "a", "--ca", "a.pem"],
        {"a.pem": "-----BEGIN"},
        "--ca: a.pem holds no certificate in PEM form (give a PEM file",
    ),
    "pin": (["run", "--host", "a", "--pin", "12:34"], {}, "--pin: '12:34' is no SHA-256 (give the SHA-256"),
    "ca-in-a-file": (
        ["run", "a.toml"],
        {"a.toml": TARGET + "ca = 'n.pem'"},
        "a.toml: ca: cannot read 'n.pem'",
    ),
    "launcher": (
        ["run", "a.toml"],
        {"a.toml": "launcher = 'prosdy'"},
        "a.toml: launcher: 'prosdy' is not known (did you mean prosody? launchers: ",
    ),
    "fault-in-a-file": (
        ["run", "a.toml"],
        {"a.toml": "launcher = 'reference'\n[settings]\nfaults = ['x']"},
        "the reference server has no fault x",
    ),
    "host-and-target": (["run", "reference", "--host", "a"], {}, "exclude each other"),
    "baseline-missing": (["run", "--baseline", "b.toml"], {}, "b.toml: cannot read the baseline"),
    "baseline-key": (
        ["run", "--baseline", "b.toml"],
        {"b.toml": DEVIATION + "wy = 1"},
        "b.toml: deviation[0]: Object contains unknown field `wy`",
    ),
    "baseline-type": (
        ["run", "--baseline", "b.toml"],
        {"b.toml": DEVIATION + "expires = 'soon'"},
        "b.toml: deviation[0].expires: ",
    ),
    "baseline-verdict": (
        ["run", "--baseline", "b.toml"],
        {"b.toml": DEVIATION.replace("fail", "error")},
        "b.toml: deviation[0]: verdict 'error' is no deviation",
    ),
    "baseline-case": (
        ["run", "--baseline", "b.toml"],
        {"b.toml": DEVIATION + DEVIATION.replace("log_in", "login")},
        "b.toml: deviation[1].cases: there is no case sanity/login_and_ping (did you mean sanity/log_in",
    ),
    "baseline-unmeasured": (
        ["run", "--baseline", "b.toml"],
        {"b.toml": "unmeasured = ['sanity/login_and_ping']"},
        "b.toml: unmeasured: there is no case sanity/login_and_ping (did you mean sanity/log_in",
    ),
    "baseline-not-named": (
        ["run", "--update-baseline"],
        {},
        "has no file to write to (give --baseline FILE)",
    ),
    "baseline-of-a-client-not-named": (
        ["client", "--update-baseline", "--", "true"],
        {},
        "has no file to write to (give --baseline FILE)",
    ),
    "baseline-of-several": (
        ["run", "reference", "prosody", "--baseline", "b.toml", "--update-baseline"],
        {},
        "a baseline is of one target",
    ),
    "target-of-no-baseline": (
        ["report", "r.jsonl", "--target", "a"],
        {"r.jsonl": ""},
        "--target says whom a baseline is of (give --update-baseline)",
    ),
    "no-record": (["report", "r.jsonl"], {}, "r.jsonl: the run record cannot be read"),
    "not-a-record": (["report", "r.jsonl"], {"r.jsonl": "{}\nx\n"}, "r.jsonl:1: not a line of a run record"),
}


@pytest.mark.parametrize("name", WRONG)
def test_one_message_says_what_is_wrong(run: Run, tmp_path: Path, name: str) -> None:
    words, files, told = WRONG[name]
    for file, text in files.items():
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / file).write_bytes(text.encode("utf-8", "surrogateescape"))
    done = run(*words)
    assert done.code == 2
    assert told in done.error
    assert "Traceback" not in done.error
    assert not (tmp_path / "out").exists()


def test_what_is_for_clients_is_not_proposed_for_a_server(run: Run) -> None:
    proposed = run("run", "rosterr").error
    assert "did you mean roster" in proposed
    assert "client_roster" not in proposed


def listed(run: Run, *words: str) -> list[str]:
    done = run("list", *words)
    assert done.code == 0, done.error
    return done.out.splitlines()


def test_scenarios_and_monitors_are_listed(run: Run) -> None:
    monitors = listed(run, "monitors")
    assert len(monitors) == len(all_monitors())
    names = [line.split()[0] for line in listed(run)]
    assert "sanity/log_in_and_ping" in names
    assert names[-len(monitors) :] == [line.split()[0] for line in monitors]
    first = all_monitors()[0]
    assert listed(run, f"monitors/{first.name}") == [f"monitors/{first.name}  [MUST]  {first.title}"]
    both = listed(run, "sanity", "monitors/well*")
    assert [line.partition("/")[0] for line in both] == ["sanity", "monitors"]


def test_what_nothing_covers_is_listed(run: Run) -> None:
    everything = {line.split()[0] for line in listed(run, "--uncovered")}
    part = {line.split()[0] for line in listed(run, "--uncovered", "rfc6120")}
    assert part
    assert part < everything
    table = load_requirements()
    assert {table[name].document for name in part} == {"rfc6120"}
    covered = {name for one in all_monitors() for name in one.requirements}
    assert not everything & (covered | {"rfc6120-stanza-iq-reply"})


@pytest.mark.parametrize("columns", ["20", "80"])
def test_names_are_never_cut_short_where_there_is_no_terminal(
    run: Run, monkeypatch: pytest.MonkeyPatch, columns: str
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    told = run("faults").out.splitlines()
    assert len(told) == len(all_faults()) + len(CLIENT_FAULTS)
    fault = all_faults()["ping-refused"]
    assert f"server  ping-refused  {fault.description}  [{', '.join(fault.breaks)}]" in told
    assert "prosody  started here  Prosody" in run("targets").out.splitlines()
    assert "prosody-scansion  started here by prosody  " in run("targets").out
    assert "…" not in run("doctor").out


def test_names_are_never_cut_short_on_a_terminal() -> None:
    out = io.StringIO()
    console = Console(file=out, width=30, force_terminal=True, color_system=None)
    print_rows(console, ("fault", "what"), [("a-name-that-is-longer-than-its-column", "[x] " * 9)])
    cells = [re.split("[│┃]", line)[1].strip() for line in out.getvalue().splitlines() if "│" in line]
    assert "".join(cells) == "a-name-that-is-longer-than-its-column"


#: The environment's fault: exit code 3.
FAILING = {
    "out-is-a-file": (
        ["run", "sanity", "--out", "taken"],
        "taken: the folder for the reports cannot be made",
    ),
    "port-closed": (
        ["run", "sanity", "--host", "127.0.0.1", "--port", "1"],
        "cannot connect: 127.0.0.1:1: Connection refused (is the server running, is the port right?)",
    ),
}


@pytest.mark.parametrize("name", FAILING)
def test_what_the_environment_lacks_is_exit_code_3(run: Run, tmp_path: Path, name: str) -> None:
    words, told = FAILING[name]
    (tmp_path / "taken").write_text("")
    done = run(*words)
    assert done.code == 3
    assert told in (done.error + done.out).replace("\n", " ")
    assert "Traceback" not in done.error
    assert "report:" not in done.out, "there is nothing in it"


def test_an_expected_run_is_exit_code_0_and_a_deviation_1(run: Run, tmp_path: Path) -> None:
    assert run("run", "sanity").code == 0
    broken = SCRIPT.replace("Romeo disconnects", f"{ASKS}Romeo receives:\n\t<presence/>")
    fails = written(tmp_path / "mine/fails.scs", broken)
    assert run("run", fails).code == 1
    baseline = DEVIATION.replace("sanity/log_in_and_ping", "mine/fails").replace("'fail'", "'{}'")
    for verdict, code in (("fail", 0), ("deviates", 1)):
        known = written(tmp_path / "known.toml", baseline.format(verdict))
        assert run("run", fails, "--baseline", known).code == code
    expired = written(tmp_path / "known.toml", baseline.format("fail") + "expires = 2020-01-01\n")
    assert run("run", fails, "--baseline", expired).code == 1
    passes = written(tmp_path / "known.toml", DEVIATION)
    done = run("run", "sanity", "--baseline", passes)
    assert done.code == 1
    assert "unexpected pass" in done.out
    latest = tmp_path / "out/latest"
    assert latest.is_symlink()
    assert sorted((tmp_path / "out").iterdir())[-2:] == [latest.resolve(), latest]


@pytest.mark.parametrize("folder", ["mine", "two words"])
def test_a_script_of_ones_own_is_played_again_by_what_reproduce_says(
    run: Run, tmp_path: Path, folder: str
) -> None:
    fails = SCRIPT.replace("Romeo disconnects", f"{ASKS}Romeo receives:\n\t<iq type='result' id='a'/>")
    written(tmp_path / folder / "fails.scs", fails)
    first = run("run", folder, "--fault", "ping-refused", "--fault", "header-id-constant")
    assert first.code == 1, first.error
    told = re.findall("(?m)reproduce  xmpp-harness (.*)$", first.out)
    assert len(told) == 2, "of the script, and of the monitor that it alarmed"
    for words in map(shlex.split, told):
        assert words[-1] == f"{folder}/fails.scs"
        again = run(*words)
        assert again.code == 1, again.error


def test_a_run_begins_a_baseline_with_which_the_next_one_is_as_expected(run: Run, tmp_path: Path) -> None:
    words = ["run", "sanity", "discovery", "--fault", "ping-refused", "--fault", "header-id-constant"]
    assert run(*words, "--out", "here").code == 1
    (tmp_path / "here/report.html").unlink()
    made = run("report", "here/record.jsonl", "--update-baseline", "known.toml")
    assert made.code == 0, made.error
    assert "written: here/report.html\n" in made.out
    assert re.search(r"written: known.toml: \d deviations added that wait for a reason, 0 taken", made.out)
    again = run(*words, "--baseline", "known.toml")
    assert again.code == 0, again.out
    assert "without a reason (known.toml)" in again.error


def test_a_baseline_lives_with_its_server(run: Run, tmp_path: Path) -> None:
    """Begun, given a reason, gone on with, and the gate tells what has changed at each turn."""
    words = ["run", "discovery", "--baseline", "known.toml", "--fault"]
    begun = run(*words, "ping-refused", "--update-baseline")
    assert begun.code == 0, begun.error
    file = tmp_path / "known.toml"
    file.write_text(file.read_text().replace(TO_BE_WRITTEN, "We know; issue 7"))
    assert run(*words, "ping-refused").code == 0
    worse = run(*words, "ping-refused", "--fault", "header-id-constant")
    assert worse.code == 1, worse.out
    assert run(*words, "ping-refused", "--fault", "header-id-constant", "--update-baseline").code == 0
    assert "We know; issue 7" in file.read_text()
    assert TO_BE_WRITTEN in file.read_text()
    better = run(*words, "header-id-constant")
    assert better.code == 1, better.out
    assert "unexpected pass" in better.out


def test_what_is_left_out_is_not_played(run: Run) -> None:
    done = run("run", "discovery", "--without", "xep0199", "--without", "discovery/*vcard*", "-v")
    assert done.code == 2
    assert "nothing is called discovery/*vcard*" in done.error
    done = run("run", "discovery", "--without", "xep0199", "--without", "xep0012", "-v")
    assert "discovery/server_answers_a_ping" not in done.out
    assert "discovery/last_activity" not in done.out
    assert "discovery/" in done.out
    done = run("run", "discovery", "--without", "discovery")
    assert (done.code, "no scenario is left to play" in done.error) == (2, True)


def test_what_passes_at_another_try_is_flaky_and_not_hidden(run: Run, tmp_path: Path) -> None:
    words = ["run", "discovery", "roster", "--fault", "fiftieth-answer-lost", "--at-once", "1"]
    plain = run(*words, "--out", "plain")
    assert plain.code == 1, plain.out
    tried = run(*words, "--retry", "2", "--out", "here")
    assert tried.code == 0, tried.out
    assert re.search(r"(?m)^≈ flaky reference  \S+: (fail|error), pass", tried.out)
    assert "As expected: " in tried.out
    for report in ("report.html", "summary.md", "junit.xml", "summary.json"):
        assert "flaky" in (tmp_path / "here" / report).read_text().lower(), report
    assert run(*words, "--retry", "2", "--fail-on-flaky").code == 1


def test_an_order_by_chance_can_be_had_again(run: Run, tmp_path: Path) -> None:
    def order(name: str, *words: str) -> list[str]:
        done = run("run", "discovery", "--at-once", "1", "--out", name, *words)
        assert done.code == 0, done.error
        records = read_records(tmp_path / name / "record.jsonl")
        return [one.case for one in records if isinstance(one, CaseFinished) and not one.is_monitor]

    usual, first = order("usual"), order("first", "--shuffle")
    begun = read_records(tmp_path / "first/record.jsonl")[0]
    assert isinstance(begun, RunStarted)
    assert begun.seed > 0
    assert order("again", "--seed", str(begun.seed)) == first
    assert sorted(first) == sorted(usual)
    assert order("another", "--seed", "7") != usual


def test_too_few_measured_scenarios_have_an_exit_code_of_their_own(run: Run) -> None:
    done = run("run", "sanity", "--min-measured", "200")
    assert done.code == 4, done.error
    assert re.search(r"reference: scenarios measured: \d+, and 200 have to be\n", done.out)
    assert "too little was measured on reference" in done.out
    assert run("run", "sanity", "--min-measured", "1").code == 0


def test_passwords_on_the_command_line_are_not_recorded(run: Run, tmp_path: Path) -> None:
    words = ["--account", "romeo:r0se:s", "--account=juliet:b4lcony", "--host", "127.0.0.1", "--port", "1"]
    run("run", "sanity", *words, "--out", "here")
    record = (tmp_path / "here/record.jsonl").read_text()
    assert "romeo:PASSWORD" in record
    assert "juliet:PASSWORD" in record
    assert "r0se" not in record
    assert "b4lcony" not in record


def test_what_an_account_hook_knows_is_not_recorded(run: Run, tmp_path: Path) -> None:
    hook = "echo http://root:r0se@api/ could not make {username} with {password} >&2; false"
    with_server = ["--host", "127.0.0.1", "--port", "1", "--create-account", hook]
    done = run("run", "sanity", *with_server, "--out", "here")
    told = "".join(path.read_text() for path in (tmp_path / "here").glob("*.*")) + done.out + done.error
    assert "root:PASSWORD@api" in told
    assert "r0se" not in told


def test_a_second_run_in_the_same_second_has_its_own_folder(run: Run, tmp_path: Path) -> None:
    for _ in range(3):
        run("run", "sanity", "-q")
    assert len([one for one in (tmp_path / "out").iterdir() if not one.is_symlink()]) == 3


def test_the_locale_may_lack_signs(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", open(os.dup(1), "w", encoding="ascii"))  # noqa: SIM115
    with sys.stdout:
        assert run("run", "sanity").code == 0


def test_a_monitor_that_judged_once_says_so(run: Run, tmp_path: Path) -> None:
    run("run", "sanity", "--out", "here")
    assert '"judged in 1 case"' in (tmp_path / "here/record.jsonl").read_text()


def test_a_terminal_that_does_not_know_its_width(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "0")
    done = run("run", "sanity")
    assert done.code == 0
    assert "sanity" in run("list", "sanity").out
    assert " passed" in done.out


def test_a_server_that_cannot_even_be_asked_is_given_up(run: Run) -> None:
    done = run("run", "roster", "--fault", "iq-unanswered")
    assert done.code == 3
    told = done.out.replace("\n", " ")
    assert 'reference given up: before the first case, the sanity case ("An account can log in' in told
    assert "failed twice: Romeo expected <iq type=" in told
    assert "nothing came; nothing more is played, for without this nothing can be told of a server" in told
