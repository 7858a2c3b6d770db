"""Everything against the servers that Debian has, and Openfire where there is one: no surprises.

What the servers are known to do otherwise is in `fixtures/baselines`; anything else that shows, or no
longer shows, fails here.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.needing import needed

COMMAND = Path(sys.executable).with_name("xmpp-harness")
PROGRAMS = {"prosody": "prosody", "ejabberd": "ejabberdctl", "jabberd2": "jabberd2-c2s"}


def is_there(server):
    if server == "openfire":
        return bool(os.environ.get("OPENFIRE_HOME"))
    return shutil.which(PROGRAMS[server], path=f"{os.environ['PATH']}:/usr/sbin") is not None


@pytest.mark.parametrize("server", [*PROGRAMS, "openfire"])
def test_a_server_behaves_as_is_known(server, tmp_path):
    advice = f"{server} is not installed; xmpp-harness doctor says how to get it"
    needed(is_there(server), advice, name=server)
    ended = subprocess.run(
        [str(COMMAND), "run", server, "--out", str(tmp_path / "out")],
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert (tmp_path / "out" / "report.html").stat().st_size > 100_000
