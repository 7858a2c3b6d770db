"""Scripts written for Scansion, of people who know nothing of us: all of them must be read.

The folder is named by XMPP_HARNESS_SCANSION_SCRIPTS; `make test` has `.ci/scansion-scripts` get those of
Prosody from the source package of the distribution. Without them there is nothing to see here: the fixtures
in test_scansion_traps.py hold every construct that they use, and tests/live/test_scansion_scripts.py, which
plays them, tells of it.
"""

import os
from collections import Counter
from pathlib import Path

import pytest

from harness.transcript.lint import lint
from harness.transcript.parser import parse
from harness.transcript.portable import portable
from harness.transcript.script import Connects, Dialect, Disconnects, Receives, Sends
from harness.transcript.walk import step_templates

FOLDER = os.environ.get("XMPP_HARNESS_SCANSION_SCRIPTS", "")
PATHS = sorted(Path(FOLDER).rglob("*.scs")) if FOLDER else []

pytestmark = pytest.mark.skipif(not FOLDER, reason="XMPP_HARNESS_SCANSION_SCRIPTS names no folder")


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_a_script_is_read_and_made_portable(path):
    transcript = parse(path.read_text(), path.name)
    assert transcript.dialect is Dialect.SCANSION
    assert transcript.steps
    assert all(isinstance(step, (Connects, Disconnects, Sends, Receives)) for step in transcript.steps)
    moved = portable(transcript)
    assert all(actor.jid is None for actor in moved.actors)
    left = [
        part
        for step in moved.steps
        for template in step_templates(step)
        for part in template.parts
        if "@localhost" in getattr(part, "text", "") or "@conference.localhost" in getattr(part, "text", "")
    ]
    assert left == []


def test_remarks_are_few_and_of_known_kinds():
    codes = Counter(remark.code for path in PATHS for remark in lint(parse(path.read_text(), path.name)))
    known = {
        "typeless-presence",
        "fixed-answer-id",
        "reused-capture",
        "unused-capture",
        "never-connects",
        "not-connected",
        "disconnected-twice",
        "placeholder-in-sent",
        "two-elements",
    }
    assert set(codes) <= known
