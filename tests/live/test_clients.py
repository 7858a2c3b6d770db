"""Clients that are built here behave as is known of them, in the daily matters of a client.

Everything that there is takes minutes with some of them; a command of the README plays it with gloox.
"""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.live.buildable import need_client

COMMAND = Path(sys.executable).with_name("xmpp-harness")
_DAILY = ("client_sanity", "client_login", "client_presence", "client_messages", "client_roster")
#: What is played with each. libstrophe answers no request, so that with rosters there is much to wait for.
PLAYED = {"gloox": _DAILY, "libstrophe": _DAILY[:-1], "slixmpp": _DAILY, "xmpp.js": _DAILY}


@pytest.mark.parametrize("client", PLAYED)
def test_a_client_behaves_as_is_known(client: str, tmp_path: Path) -> None:
    need_client(client)
    ended = subprocess.run(
        [str(COMMAND), "run", client, *PLAYED[client], "--out", str(tmp_path / "out")],
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert (tmp_path / "out" / "report.html").stat().st_size > 50_000
