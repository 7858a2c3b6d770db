"""The certificate of a launched server holds in a real handshake."""

import ssl
from pathlib import Path

import pytest
import trio
import trio.testing

from harness.targets.certificates import make_certificate, names_of


@pytest.mark.parametrize("name", ["example.org", "conference.example.org", "127.0.0.1"])
async def test_names_are_certified(tmp_path: Path, name: str) -> None:
    made = make_certificate(tmp_path, names_of("example.org"))
    serving = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    serving.load_cert_chain(made.key_and_chain)
    trusting = ssl.create_default_context(cafile=made.ca_file)
    ours, theirs = trio.testing.memory_stream_pair()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(trio.SSLStream(theirs, serving, server_side=True).do_handshake)
        await trio.SSLStream(ours, trusting, server_hostname=name).do_handshake()
