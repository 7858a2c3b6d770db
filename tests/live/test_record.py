"""Conversations of clients and servers that are not ours, written down and played back."""

import contextlib
import json
import os
import signal
import socket
import struct
import subprocess
import tempfile
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest
import trio

from harness.catalogue.requirements import cache_folder
from harness.negotiation.client import ClientState, Credentials, LoggedIn, TlsPolicy, connect
from harness.negotiation.scram import SaltedPasswords
from harness.targets.access import fresh_nonce
from harness.targets.client_builds import built, command_of
from harness.targets.client_description import load_client
from harness.targets.description import load
from harness.targets.driven import reaping
from harness.targets.instance import Instance
from harness.targets.launching import started
from harness.transport.connection import Connection, drive
from harness.transport.endpoint import Endpoint, Trust
from harness.wire.effects import Protocol, Receive, Send
from harness.wire.events import Disconnected, StreamEnded
from harness.wire.writer import stream_footer
from tests.cli.program import SECONDS, Program, running
from tests.live.buildable import need_client
from tests.needing import needed

_RECORDER = Path("/usr/lib/prosody/modules/mod_scansion_record.lua")
SECRETS = {"alice": "capulet-4711", "bob": "montague-0815"}


@asynccontextmanager
async def prosody() -> AsyncIterator[Instance]:
    """A server with accounts."""
    async with started(load("prosody")) as instance:
        assert instance.create_account is not None
        for name, password in SECRETS.items():
            await instance.create_account(name, password)
        yield instance


@contextmanager
def recorder(folder: Path, instance: Instance, *words: object) -> Iterator[tuple[Program, int]]:
    """The recorder before a server, and the port at which it listens."""
    to = f"127.0.0.1:{instance.port}"
    listen = ("--listen", "127.0.0.1:0", "--out", folder / "out")
    with running("record", "--to", to, "--ca", instance.ca_file, *listen, *words, folder=folder) as program:
        program.wait_for("listening on")
        yield program, int(program.out.split()[2].rpartition(":")[2])


class Client:
    """The driver of a client library."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def does(self, *words: str, until: str) -> None:
        """Have it do something, and wait until it tells of an event."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("\t".join(words) + "\n" if words else "")
        self._process.stdin.flush()
        for line in self._process.stdout:
            if json.loads(line)["event"] == until:
                return
        raise AssertionError(f"it ended without {until}")


@contextmanager
def client(command: list[str], name: str, port: int, folder: Path) -> Iterator[Client]:
    """A real client that trusts the recorder."""
    environment = {
        "XMPP_HOST": "127.0.0.1",
        "XMPP_PORT": str(port),
        "XMPP_JID": f"{name}@localhost",
        "XMPP_PASSWORD": SECRETS[name],
        "XMPP_TLS": "required",
        "XMPP_CA_FILE": str(folder / "out" / "ca.pem"),
    }
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, env=os.environ | environment, text=True, **pipes) as process:
        watchdog = threading.Timer(SECONDS, process.kill)
        watchdog.start()
        try:
            yield Client(process)
        finally:
            watchdog.cancel()
            process.kill()


def talk_of_two(command: list[str], port: int, folder: Path) -> None:
    """Alice and Bob say something to each other, and Alice enters a room."""
    with client(command, "bob", port, folder) as bob, client(command, "alice", port, folder) as alice:
        bob.does(until="ready")
        bob.does("connect", until="connected")
        alice.does(until="ready")
        alice.does("connect", until="connected")
        alice.does("add-contact", "bob@localhost", "Bob", "Friends", until="contact")
        alice.does("join-room", "garden@conference.localhost", "alice", until="joined")
        alice.does("send-message", "bob@localhost", "chat", "It is the east", until="done")
        bob.does(until="message")
        alice.does("disconnect", until="disconnected")
        bob.does("disconnect", until="disconnected")


async def test_two_real_clients_are_recorded_under_tls_and_played_back(tmp_path: Path) -> None:
    need_client("gloox")
    description = load_client("gloox")
    with reaping() as reaper:
        command = command_of(description, await built(description, cache_folder() / "clients", reaper))
    async with prosody() as instance:
        with recorder(tmp_path, instance, "--domain", "localhost", "--clients", 2) as (program, port):
            await trio.to_thread.run_sync(talk_of_two, command, port, tmp_path)
            error = await trio.to_thread.run_sync(program.end)
    assert (program.code, error) == (0, ""), program.out
    assert "played back on localhost twice: it passes" in program.out
    script = (tmp_path / "out" / "recorded.scs").read_text()
    for line in ("[Client] Juliet\n", "<body>It is the east</body>", "<presence to='${room}/alice'>"):
        assert line in script
    for hidden in (*SECRETS.values(), "alice@", "bob@", "localhost"):
        assert hidden not in script


@pytest.mark.parametrize("policy", [TlsPolicy.DIRECT, TlsPolicy.NEVER])
async def test_a_recording_that_is_interrupted_is_kept(policy: TlsPolicy, tmp_path: Path) -> None:
    async with prosody() as instance:
        direct = ("--direct-tls-port", instance.direct_tls_port, "--domain", "localhost", "--no-replay")
        with recorder(tmp_path, instance, *direct) as (program, port):
            trust = Trust(ca_file=str(tmp_path / "out" / "ca.pem"))
            at = Endpoint(host="127.0.0.1", port=port, direct_tls_port=port, domain="localhost", trust=trust)
            connection = Connection(at, trust.context())
            who = Credentials(username="alice", domain="localhost", password=SECRETS["alice"])
            state = ClientState(domain="localhost")
            logged_in = await drive(
                connect(state, who, policy, nonce=fresh_nonce, salted=SaltedPasswords()), connection
            )
            assert isinstance(logged_in, LoggedIn)
            await drive(_says(b"<message to='alice@localhost'><body>Ay me</body></message>"), connection)
            await connection.aclose()
            program.send(signal.SIGINT)
            error = await trio.to_thread.run_sync(program.end)
    assert program.code == 0, error
    assert "interrupted; stopping" in error
    assert "<body>Ay me</body>" in (tmp_path / "out" / "recorded.scs").read_text()


def _says(stanza: bytes) -> Protocol[None]:
    """Say something and close the stream, and wait for the server to close it too."""
    yield Send(data=stanza + stream_footer())
    while not isinstance((yield Receive()), StreamEnded | Disconnected):
        pass


async def test_what_goes_wrong_is_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        words = ("record", "--to", f"127.0.0.1:{port}", "--listen")
        with running(*words, f"127.0.0.1:{port}", folder=tmp_path) as program:
            told = f"xmpp-harness: 127.0.0.1:{port}: cannot listen: Address already in use"
            assert program.end() == f"{told} (--listen names another address)\n"
        assert program.code == 3
    down = Instance(host="127.0.0.1", port=port, domain="localhost")
    with recorder(tmp_path, down, "--insecure") as (program, listening):
        with socket.create_connection(("127.0.0.1", listening)) as scanner:
            scanner.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # it resets
        with socket.create_connection(("127.0.0.1", listening)) as visitor:
            visitor.sendall(b"<")
            with contextlib.suppress(ConnectionError):
                visitor.recv(1)
        program.send(signal.SIGINT)
        *told, last = program.end().splitlines()
    assert any(
        one.startswith(f"xmpp-harness: the server at 127.0.0.1:{port} cannot be reached: ") for one in told
    )
    assert last == "xmpp-harness: nobody has logged in, so there is nothing to write down"
    assert program.code == 3


@pytest.fixture
def everybody_writes() -> Iterator[Path]:
    """A folder for a server, which has a user of its own."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        path.chmod(0o777)
        yield path


def test_what_the_recorder_of_prosody_has_written_is_made_into_a_scenario(
    tmp_path: Path, everybody_writes: Path
) -> None:
    needed(_RECORDER.exists(), f"there is no {_RECORDER}")
    data = everybody_writes
    target = tmp_path / "recording.toml"
    target.write_text(
        'launcher = "prosody"\nbaseline = ""\n[accounts]\nprovider = "in-band"\n'
        "[settings]\nextra = '''\n"
        f'data_path = "{data}"\nVirtualHost "${{domain}}"\n'
        "modules_enabled = { \"scansion_record\" }\n'''\n"
    )
    chosen = ("roster/set_is_answered_and_pushed", "muc/change_of_nickname_is_told", "--out", "first")
    # Prosody 0.12 ends over an option that is there twice when its file has a path of 60 characters.
    short = {"TMPDIR": "/tmp"}
    with running("run", target, *chosen, folder=tmp_path, environment=short) as program:
        error = program.end()
        assert program.code == 0, program.out + error
    (written,) = data.rglob("*.scs")
    words = ("record", "prosody", "--read", written, "--out", "second")
    with running(*words, folder=tmp_path) as program:
        error = program.end()
        assert program.code == 0, program.out + error
    assert "played back on prosody twice: it passes" in program.out
    assert "${room}/" in (tmp_path / "second" / "recorded.scs").read_text()
