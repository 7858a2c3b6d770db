"""A server that lets nobody in without TLS, which is Prosody's own default, is accused of nothing for it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from harness.targets.launching import launcher

COMMAND = Path(sys.executable).with_name("xmpp-harness")
FILE = """launcher = "{0}"
baseline = "{1}"
[settings]
require_tls = true
"""

IS_THERE = all(one.present for one in launcher("prosody").examine())

pytestmark = pytest.mark.skipif(
    not IS_THERE and os.environ.get("CI") != "true", reason="Prosody is not installed"
)


# What is known of Prosody could hide what is wrong here; of the reference server nothing is.
@pytest.mark.parametrize(("server", "baseline"), [("prosody", "prosody"), ("reference", "")])
def test_nothing_new_goes_wrong(server, baseline, tmp_path):
    target = tmp_path / "strict.toml"
    target.write_text(FILE.format(server, baseline))
    ended = subprocess.run(
        [str(COMMAND), "run", str(target), "--fail-on", "should", "--quiet", "--out", str(tmp_path / "out")],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
