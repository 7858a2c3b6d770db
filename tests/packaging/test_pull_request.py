"""The script that shows the life of a change, as it stands in `docs`."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.needing import needed

SCRIPT = Path(__file__).parents[2] / "docs" / "pull-request.sh"


def test_the_gate_sees_a_change_come_and_go(tmp_path: Path) -> None:
    needed(shutil.which("prosody"), "Prosody is not installed")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        [SCRIPT, tmp_path],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        env={**os.environ, "PATH": path},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    _, begun, green, changed, accepted, undone = done.stdout.split("\n== ")
    assert "written: known.toml: " in begun
    assert "As expected: " in green
    case = "discovery/last_activity_is_kept_from_strangers"
    assert f"prosody  {case}" in changed
    assert f"✓ pass → ✗ fail  {case}\n" in changed
    assert "1 deviation added that waits for a reason, 0 taken out" in accepted
    assert "As expected: " in accepted
    assert f"prosody  {case}  [unexpected pass]" in undone
    assert "0 deviations added, 1 taken out" in undone
    assert "Agreed upon; issue 1" in (tmp_path / "known.toml").read_text()
    assert "issue 2" not in (tmp_path / "known.toml").read_text()
