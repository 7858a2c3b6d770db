"""The whole catalogue, proven by the command that users have."""

import subprocess
import sys
from pathlib import Path

COMMAND = Path(sys.executable).with_name("xmpp-harness")


def prove(*words):
    return subprocess.run(
        [str(COMMAND), "prove", *words], capture_output=True, text=True, timeout=600, check=False
    )


def test_every_scenario_is_sound():
    ended = prove()
    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_an_unsound_scenario_is_exit_code_1(tmp_path):
    unsound = tmp_path / "unsound.scs"
    unsound.write_text(
        "# Nothing is asked for and nothing is checked\n## covers: rfc6120-stanza-iq-reply\n\n"
        "[Client] Romeo\n\n-----\n\nRomeo sends:\n\t<presence/>\nRomeo connects\n"
    )
    ended = prove(str(unsound))
    assert ended.returncode == 1
    assert "does not play against itself" in ended.stdout
