"""What CI services are given: an action, a GitLab template, a hook; each as far as it goes without them."""

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import trio
import yaml

from harness.targets.description import load
from harness.targets.launching import started
from tests.cli.program import Family, words_of_children
from tests.needing import needed

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "ci" / "action.sh"
ACTION = yaml.safe_load((ROOT / "action.yml").read_text())
PATH = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
PASSWORD = 'of "Romeo" \\ and others'


def act(folder: Path, *words: str, **inputs: str) -> subprocess.CompletedProcess[str]:
    given = {f"XMPP_{name.upper()}": value for name, value in inputs.items()}
    clean = {name: value for name, value in os.environ.items() if not name.startswith("XMPP_")}
    return subprocess.run(
        words or [SCRIPT],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        env={**clean, "PATH": PATH, "GITHUB_STEP_SUMMARY": str(folder / "summary"), **given},
    )


def test_every_input_reaches_the_script_and_is_read_there() -> None:
    (play,) = [step for step in ACTION["runs"]["steps"] if step.get("name") == "Play"]
    assert play["env"] == {f"XMPP_{name.upper()}": f"${{{{ inputs.{name} }}}}" for name in ACTION["inputs"]}
    read = set(re.findall(r'(?:input|number) "?([A-Z$]\w*)', SCRIPT.read_text()))
    numbered = {name.upper() for name in ACTION["inputs"] if not name.startswith("account")}
    assert numbered <= read
    assert all(one["description"] for one in ACTION["inputs"].values())


def test_a_server_that_the_harness_starts(tmp_path: Path) -> None:
    done = act(
        tmp_path, target="reference", enabledTests="sanity, discovery", disabledSpecifications="XEP-0012"
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "As expected." in done.stdout
    assert "# " in (tmp_path / "summary").read_text()
    assert {"report.html", "junit.xml", "results.sarif", "badge.svg"} <= {
        one.name for one in (tmp_path / "output").iterdir()
    }
    assert "last_activity" not in (tmp_path / "output/junit.xml").read_text()


def test_what_goes_wrong_is_the_exit_code(tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_text('launcher = "reference"\n[settings]\nfaults = ["ping-refused"]\n')
    assert act(tmp_path, target="bad.toml", enabledTests="discovery", logDir="there").returncode == 1
    assert (tmp_path / "there/report.html").exists()
    (tmp_path / "known.toml").write_text(
        '[[deviation]]\nreason = "r"\nverdict = "fail"\ncases = ["discovery/server_answers_a_ping"]\n'
    )
    known = act(tmp_path, target="bad.toml", enabledTests="discovery", baseline="known.toml")
    assert known.returncode == 0, known.stdout
    assert act(tmp_path, target="reference", enabledTests="nothing/of/the/kind").returncode == 2
    assert act(tmp_path, host="127.0.0.1", port="1", domain="localhost").returncode == 3
    assert act(tmp_path, securityMode="perhaps").returncode == 2


@pytest.mark.parametrize(
    ("inputs", "told"),
    [
        ({"enabledTests": "--help"}, "--help is no specification and no test"),
        ({"port": "abc"}, "port: a number, not abc"),
        ({"timeout": "-5"}, "timeout: a number, not -5"),
    ],
)
def test_an_odd_input_is_told_and_nothing_is_played(
    inputs: dict[str, str], told: str, tmp_path: Path
) -> None:
    done = act(tmp_path, target="reference", **inputs)
    assert (done.returncode, done.stderr) == (2, f"{told}\n")


def test_a_service_that_gives_up_leaves_no_server_behind(tmp_path: Path) -> None:
    environment = os.environ | {"PATH": PATH, "XMPP_TARGET": "reference"}
    with subprocess.Popen([SCRIPT], cwd=tmp_path, env=environment, stdout=subprocess.PIPE) as process:
        while not any(Path(word).name == "xmpp-harness" for word in words_of_children(process.pid)):
            assert process.poll() is None
        family = Family(process.pid)
        process.send_signal(signal.SIGTERM)
        process.wait()
        family.wait()
    assert process.returncode == 3


def test_what_cannot_be_played_may_stop_the_build(tmp_path: Path) -> None:
    needed(shutil.which("prosody"), "Prosody is not installed")
    words = {"target": "prosody", "enabledTests": "legacy"}
    stopped = act(tmp_path, **words, failOnImpossibleTest="true")
    assert (stopped.returncode, "no longer measured" in stopped.stdout) == (1, True), stopped.stdout


async def test_an_attached_server_with_three_accounts(tmp_path: Path) -> None:
    needed(shutil.which("prosody"), "Prosody is not installed")
    names = ("One", "Two", "Three")
    async with started(load("prosody")) as server:
        assert server.create_account is not None
        for name in names:
            await server.create_account(f"user-{name.lower()}", PASSWORD)
        accounts = {f"account{name}Username": f"user-{name.lower()}" for name in names}
        accounts |= {f"account{name}Password": PASSWORD for name in names}

        def play() -> subprocess.CompletedProcess[str]:
            return act(
                tmp_path,
                host="127.0.0.1",
                port=str(server.port),
                domain=server.domain,
                acceptAllCertificates="true",
                timeout="2500",
                enabledSpecifications="XEP-0199,RFC 6121",
                **accounts,
            )

        done = await trio.to_thread.run_sync(play)
    assert done.returncode in (0, 1), done.stdout + done.stderr
    assert re.search(r"✓ \d\d+ passed", done.stdout), done.stdout
    for one in (tmp_path / "output").iterdir():
        assert PASSWORD not in one.read_text("utf-8", "replace"), one


def test_the_template_for_gitlab_does_what_the_action_does(tmp_path: Path) -> None:
    job = yaml.safe_load((ROOT / "ci/gitlab.yml").read_text())[".xmpp-conformance"]
    variables = {name.removeprefix("XMPP_"): value for name, value in job["variables"].items()}
    variables |= {"TARGET": "reference", "ENABLEDTESTS": "sanity"}
    done = act(tmp_path, "bash", "-euc", "\n".join(job["script"]), **variables)
    assert done.returncode == 0, done.stdout + done.stderr
    for path in (job["artifacts"]["reports"]["junit"], *job["artifacts"]["paths"]):
        assert (tmp_path / path).exists()


@pytest.mark.parametrize(("text", "code"), [("Romeo connects", 0), ("Romeo conects", 1)])
def test_the_hook_lints_scenarios(text: str, code: int, tmp_path: Path) -> None:
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    head = "# A\n## covers: rfc6120-stanza-iq-reply\n\n[Client] Romeo\n\n---------\n\n"
    (tmp_path / "a.scs").write_text(f"{head}{text}\nRomeo disconnects\n")
    assert re.search(hook["files"], "a.scs")
    done = act(tmp_path, *shlex.split(hook["entry"]), "a.scs")
    assert done.returncode == code, done.stdout + done.stderr


def test_the_image_is_made_of_what_there_is() -> None:
    lines = (ROOT / "ci/Dockerfile").read_text().splitlines()
    assert [line for line in lines if line.startswith("COPY")] == ["COPY . /source"]
    assert 'ENTRYPOINT ["xmpp-harness"]' in lines
