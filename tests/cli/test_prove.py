"""The whole catalogue, proven by the command that users have."""

import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from harness.catalogue.scenarios import scenarios_folder
from tests.cli.program import Family, running

COMMAND = Path(sys.executable).with_name("xmpp-harness")


def prove(*words):
    return subprocess.run(
        [str(COMMAND), "prove", *words], capture_output=True, text=True, timeout=600, check=False
    )


#: A family that is proven alone.
ALIKE = "subscriptions"
#: Of so many scenarios one is proven here; `xmpp-harness prove` proves all, which takes some minutes.
EACH = 4


def test_scenarios_are_sound():
    named = sorted(str(one.relative_to(scenarios_folder())) for one in scenarios_folder().rglob("*.scs"))
    ended = prove(*(one.removesuffix(".scs") for one in named[::EACH]))
    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_nothing_is_left_when_a_proof_is_killed(tmp_path):
    with running("prove", ALIKE, folder=tmp_path) as program:
        while not psutil.Process(program.pid).children():
            assert psutil.Process(program.pid).status() != psutil.STATUS_ZOMBIE
        family = Family(program.pid)
        program.send(signal.SIGKILL)
        program.end()
        family.wait()


def test_an_unsound_scenario_is_exit_code_1(tmp_path):
    unsound = tmp_path / "unsound.scs"
    unsound.write_text(
        "# Nothing is asked for and nothing is checked\n## covers: rfc6120-stanza-iq-reply\n\n"
        "[Client] Romeo\n\n-----\n\nRomeo sends:\n\t<presence/>\nRomeo connects\n"
    )
    ended = prove(str(unsound))
    assert ended.returncode == 1
    assert "does not play against itself" in ended.stdout


ASKS_FOR_A_ROSTER = """# A roster comes when it is asked for
## covers: {}

[Client] Romeo

-----

Romeo connects
Romeo sends:
	<iq type='get' id='roster'>
		<query xmlns='jabber:iq:roster'/>
	</iq>
Romeo receives:
	<iq type='result' id='roster'>
		<query xmlns='jabber:iq:roster'/>
	</iq>
"""


@pytest.mark.parametrize(
    ("covered", "code"), [("rfc6120-stanza-iq-reply", 0), ("xep0045-7.4-groupchat-reflected", 1)]
)
def test_only_a_fault_of_its_own_requirements_proves_a_scenario(tmp_path, covered, code):
    scenario = tmp_path / "roster.scs"
    scenario.write_text(ASKS_FOR_A_ROSTER.format(covered))
    ended = prove(str(scenario))
    assert ended.returncode == code, ended.stdout + ended.stderr
    assert ("no fault that breaks one of its requirements kills it" in ended.stdout) == bool(code)


def test_without_faults_no_killer_is_asked_for(tmp_path):
    scenario = tmp_path / "roster.scs"
    scenario.write_text(ASKS_FOR_A_ROSTER.format("xep0045-7.4-groupchat-reflected"))
    assert prove("--no-faults", str(scenario)).returncode == 0
