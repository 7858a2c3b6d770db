"""The reader on another expat: some builds put off looking at an incomplete token, with no way to say no."""

import json
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PYTHON = Path("/usr/bin/python3")
SCRIPT = """
import json, sys, types
sys.modules["lxml"] = types.SimpleNamespace(etree=types.SimpleNamespace(_Element=None, XMLParser=None))
class Struct:
    def __init_subclass__(cls, **options): pass
    def __init__(self, **fields): self.__dict__.update(fields)
sys.modules["msgspec"] = types.SimpleNamespace(Struct=Struct)
sys.path.insert(0, sys.argv[1])
from harness.wire.events import ElementReceived
from harness.wire.reader import StreamReader
header = b"<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>"
stanza = b"<message to='a' note='b > c'><body>text &amp; <![CDATA[<more>]]></body><message/></message>"
late = {}
for size in (1, 2, 3, 7, 64, len(stanza) - 1):
    reader = StreamReader()
    reader.feed(header)
    late[size] = 0
    for _ in range(30):
        pieces = [stanza[at : at + size] for at in range(0, len(stanza), size)]
        counts = [sum(isinstance(event, ElementReceived) for event in reader.feed(piece)) for piece in pieces]
        late[size] += counts != [0] * (len(pieces) - 1) + [1]
print(json.dumps(late))
"""


@pytest.mark.skipif(not PYTHON.exists(), reason="no Python of the system's")
def test_no_stanza_is_late_with_the_systems_expat() -> None:
    version = subprocess.run(
        [PYTHON, "-c", "import sys; print(sys.version_info >= (3, 11))"], capture_output=True
    )
    if version.stdout.strip() != b"True":
        pytest.skip("the system's Python is too old")
    done = subprocess.run([PYTHON, "-c", SCRIPT, ROOT], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    assert set(json.loads(done.stdout).values()) == {0}
