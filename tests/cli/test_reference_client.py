"""The reference client as a program: its input, its output and how it ends."""

import os
import subprocess
import sys
from contextlib import suppress

import msgspec
import pytest
import trio

from harness.targets.description import load
from harness.targets.launching import started

PROGRAM = (sys.executable, "-m", "harness.cli.reference_client")
HEADER = (
    b"<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' "
    b"from='localhost' id='s' version='1.0'>"
)


def environment(port=1, **more):
    given = {"XMPP_HOST": "127.0.0.1", "XMPP_PORT": str(port), "XMPP_PASSWORD": "secret"}
    return {**os.environ, **given, "XMPP_JID": "romeo@localhost/x", "XMPP_TLS": "disabled", **more}


async def run(commands, given):
    """Exit status, events and standard error of a run."""
    with trio.fail_after(20):
        ended = await trio.run_process(
            PROGRAM, stdin=commands, capture_stdout=True, capture_stderr=True, check=False, env=given
        )
    return ended.returncode, [msgspec.json.decode(line) for line in ended.stdout.splitlines()], ended.stderr


async def test_what_cannot_be_done_now_is_refused_and_the_end_of_input_is_quit():
    status, events, _ = await run(b"odd\nping\tlocalhost\n\xff\r\n", environment())
    assert status == 0
    assert [one["event"] for one in events] == ["ready", "refused", "refused", "refused", "done"]


async def test_it_tells_what_it_is_without_being_told_where_to_connect():
    given = {name: value for name, value in os.environ.items() if not name.startswith("XMPP_")}
    status, events, _ = await run(b"quit\n", given)
    assert status == 0
    assert events[0]["event"] == "ready"


async def test_a_server_that_is_not_there_is_told():
    status, events, _ = await run(b"connect\n", environment())
    assert status == 0
    assert {"connect-failed"} == {one["condition"] for one in events if one["event"] == "error"}


@pytest.mark.parametrize(
    "more", [{"XMPP_TLS": "odd"}, {"XMPP_PORT": "x"}, {"XMPP_JID": "@"}, {"XMPP_FAULTS": "odd"}]
)
async def test_settings_that_make_no_sense_are_told(more):
    status, events, told = await run(b"", environment(**more))
    assert (status, events) == (1, [])
    assert told.startswith(b"reference client: ")


async def _say_nonsense(stream):
    await stream.receive_some()
    await stream.send_all(HEADER + b"</nonsense>")
    with suppress(trio.BrokenResourceError):
        async for _ in stream:
            pass


async def _part_a_character(stream):
    await stream.receive_some()
    await stream.send_all(HEADER + b"<stream:features><x xmlns='urn:x'>\xc3")
    await trio.sleep(0.2)
    with suppress(trio.BrokenResourceError):
        await stream.send_all(b"\xa4</x></stream:features></stream:stream>")
        async for _ in stream:
            pass


async def connect(given, last):
    """Exit status and output of a run that connects and ends its input when `last` was told."""
    with trio.fail_after(20):
        process = await trio.lowlevel.open_process(
            PROGRAM, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=given
        )
        assert process.stdin is not None
        assert process.stdout is not None
        printed = b""
        async with process.stdin, process.stdout:
            await process.stdin.send_all(b"connect\n")
            async for data in process.stdout:
                printed += data
                if last in printed:
                    await process.stdin.aclose()
            return await process.wait(), printed


@pytest.mark.parametrize(("faults", "status"), [("", 0), ("crashes-at-bad-xml", 70)])
async def test_a_planted_crash_shows_in_the_exit_status(nursery, faults, status):
    listeners = await nursery.start(trio.serve_tcp, _say_nonsense, 0)
    given = environment(listeners[0].socket.getsockname()[1], XMPP_FAULTS=faults)
    assert (await connect(given, b'"disconnected"'))[0] == status
    nursery.cancel_scope.cancel()


@pytest.mark.parametrize("faults", ["", "split-characters-refused"])
async def test_a_fault_may_depend_on_the_segments(nursery, faults):
    listeners = await nursery.start(trio.serve_tcp, _part_a_character, 0)
    given = environment(listeners[0].socket.getsockname()[1], XMPP_FAULTS=faults)
    _, printed = await connect(given, b'"disconnected"')
    assert (b'"not-well-formed"' in printed) is bool(faults)
    nursery.cancel_scope.cancel()


@pytest.mark.parametrize(("faults", "last"), [("", b'"connected"'), ("clear-bytes-kept", b'"connected"')])
async def test_it_logs_in_with_tls(faults, last):
    async with started(load("reference")) as instance:
        assert instance.create_account is not None
        await instance.create_account("romeo", "secret")
        given = environment(
            instance.port,
            XMPP_TLS="required",
            XMPP_CA_FILE=instance.ca_file,
            XMPP_JID=f"romeo@{instance.domain}/x",
            XMPP_FAULTS=faults,
        )
        status, printed = await connect(given, last)
    assert status == 0
    assert last in printed
    assert b'"disconnected"' in printed


@pytest.mark.parametrize(
    ("faults", "last"), [("", b'"tls-failed"'), ("certificate-unchecked", b'"connected"')]
)
async def test_only_a_planted_fault_lets_a_strange_certificate_pass(faults, last):
    async with started(load("reference")) as instance:
        assert instance.create_account is not None
        await instance.create_account("romeo", "secret")
        jid = f"romeo@{instance.domain}/x"
        given = environment(instance.port, XMPP_TLS="required", XMPP_JID=jid, XMPP_FAULTS=faults)
        _, printed = await connect(given, last)
    assert last in printed
