"""Every fault shows in a conversation, which the client without it passes."""

import tomllib

import pytest

from harness.reference_client.faults import FAULTS
from harness.resources import folder
from tests.reference_client.conversation import BIND, END, HANDSHAKE, HEADER, LOGIN, VERSIONS, Talk, features
from tests.reference_client.more_rows import MORE_ROWS
from tests.reference_client.rows import STREAM_ERROR, TIRED, disabled
from tests.reference_client.stanza_rows import STANZA_ROWS
from tests.reference_client.stream_rows import STREAM_ROWS
from tests.reference_client.wanted_rows import WANTED_ROWS

ROWS = STREAM_ROWS | STANZA_ROWS | MORE_ROWS | WANTED_ROWS


def _log(row, faults):
    talk = Talk(faults, row["tls"], handshake=row.get("handshake", HANDSHAKE))
    if row.get("unsigned"):
        talk.is_unsigned = True
    return talk.play(*row["steps"]).text


def test_every_fault_has_a_row():
    assert ROWS.keys() == FAULTS.keys()


@pytest.mark.parametrize("fault", sorted(ROWS))
def test_the_fault_shows(fault):
    row, sign = ROWS[fault]
    good, bad = _log(row, ()), _log(row, (fault,))
    where, elsewhere = (bad, good) if sign.startswith("!") else (good, bad)
    assert sign.removeprefix("!") in where, where
    assert sign.removeprefix("!") not in elsewhere, elsewhere


@pytest.mark.parametrize(
    ("fault", "steps"),
    [
        ("sasl-failure-ignored", (*LOGIN[:2], TIRED)),
        ("stream-error-ignored", ("connect", HEADER + STREAM_ERROR % "reset" + END)),
        ("close-tag-ignored", ("connect", HEADER + END)),
    ],
)
def test_the_client_goes_on_at_login(fault, steps):
    assert "CLOSED" in _log(disabled(*steps), ())
    assert "CLOSED" not in _log(disabled(*steps), (fault,))


def test_a_stream_error_at_login_is_hidden():
    row = disabled("connect", HEADER + STREAM_ERROR % "reset")
    assert '"reset"' in _log(row, ())
    assert '"error"' not in _log(row, ("stream-error-hidden",))


def test_binding_behind_another_feature_is_not_found():
    row = disabled(*LOGIN[:3], HEADER + features(VERSIONS, BIND))
    assert "bind-1" in _log(row, ())
    assert "bind-1" not in _log(row, ("first-feature-only",))


def test_every_fault_breaks_what_binds_clients():
    rows = [
        row
        for path in (folder("scenarios") / "requirements").glob("*.toml")
        for row in tomllib.loads(path.read_text(encoding="utf-8"))["requirement"]
    ]
    binding = {row["id"] for row in rows if row["client"] != "N/A"}
    for fault in FAULTS.values():
        assert fault.breaks, fault
        assert binding.issuperset(fault.breaks), fault
