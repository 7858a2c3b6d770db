"""Nothing in the engine or below it sleeps or polls, but for the waits that somebody asked for."""

import ast
from pathlib import Path

ROOT = Path(__file__).parents[2] / "harness"

#: A scripted pause between two segments, a door that nobody can come through until all is ended, and the
#: rest that a target's file declares; and the clock by which the reference server dismisses who does not
#: log in.
ASKED_FOR = {
    ("transport/connection.py", "sleep"),
    ("transport/listener.py", "sleep"),
    ("transport/reference_serving.py", "sleep"),
    ("transport/listener.py", "sleep_forever"),
    ("engine/session.py", "sleep_until"),
}
WAITS = {"sleep", "sleep_until", "sleep_forever", "checkpoint", "wait_all_tasks_blocked"}


def test_nothing_sleeps_or_polls() -> None:
    found = {
        (path.relative_to(ROOT).as_posix(), node.func.attr)
        for room in ("engine", "transport")
        for path in (ROOT / room).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in WAITS
    }
    assert found == ASKED_FOR
