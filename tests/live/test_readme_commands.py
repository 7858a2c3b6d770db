"""Every command of the README but the two set-up ones, run as it stands."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import trio

from harness.targets.client_description import client_names
from harness.targets.description import load
from harness.targets.launching import started
from tests.live.buildable import need_client

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
COMMAND = Path(sys.executable).with_name("xmpp-harness")


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)


def commands():
    lines = [line for block in blocks("sh") for line in block.splitlines() if line.strip()]
    return [line for line in lines if not line.startswith(("make ", "pytest "))]  # the plugin has its tests


#: What is played against an attached server or with a fault has surprises.
SURPRISING = ("--host", "my-server.toml", "--fault", "my-client.py")


def expected(line):
    if line.startswith("xmpp-harness run") and any(not has_baseline(word) for word in clients_in(line)):
        return {0, 1}
    if line.startswith("xmpp-harness fuzz prosody"):
        return {0, 1}  # what is found in so short a time is left to chance
    return {1} if any(word in line for word in SURPRISING) else {0}


#: What other tests play all of is played in part here; the commands are the README's all the same.
IN_PART = {
    "xmpp-harness run gloox  ": "client_login",
    "xmpp-harness run prosody ejabberd ": "rfc6121",
    "xmpp-harness run my-server.toml": "rfc6121",
}


def clients_in(line):
    return set(shlex.split(line, comments=True)) & set(client_names())


def has_baseline(client):
    return (ROOT / "fixtures" / "baselines" / f"{client}.toml").exists()


@pytest.fixture
def folder(tmp_path):
    """A user's folder with the files that the README shows."""
    for block in blocks("toml") + blocks("python"):
        name = block.splitlines()[0].removeprefix("# ")
        (tmp_path / name).write_text(block)
    (tmp_path / "my-scenario.scs").write_text(blocks("scs")[0])
    build = tmp_path / "build" / "xmpp"
    build.mkdir(parents=True)
    run(["run", "sanity", "--quiet", "--out", str(build)], tmp_path)
    return tmp_path


def run(arguments, folder):
    return subprocess.run(
        [str(COMMAND), *arguments], cwd=folder, capture_output=True, text=True, timeout=300, check=False
    )


@pytest.mark.parametrize("line", commands())
async def test_a_command_of_the_readme_works(line, folder):
    arguments = shlex.split(line, comments=True)
    arguments += [part for command, part in IN_PART.items() if line.startswith(command)]
    for client in clients_in(line):
        need_client(client)
    assert arguments[0] == "xmpp-harness"
    async with started(load("prosody")) as server:
        point_at(folder / "my-server.toml", server)
        arguments = [str(server.port) if one == "5222" else one for one in arguments[1:]]
        arguments = [server.ca_file if one == "ca.pem" else one for one in arguments]
        ended = await trio.to_thread.run_sync(run, arguments, folder)
    assert ended.returncode in expected(line), ended.stdout + ended.stderr
    assert "Traceback" not in ended.stderr


def point_at(file, server):
    text = file.read_text().replace('"ca.pem"', f'"{server.ca_file}"')
    file.write_text(f"port = {server.port}\n{text}")
