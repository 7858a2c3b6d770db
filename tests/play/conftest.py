from collections.abc import Callable, Sequence
from textwrap import dedent

import pytest

from harness.play.acts import Outcome
from harness.play.served import Making
from harness.proof.memory import play_itself
from harness.transcript.parser import parse

HEADER = "# A title\n## covers: rfc6120-stanza-iq-reply\n\n[Client] Romeo\n\n[Client] Juliet\n\n-----\n\n"


class Play:
    """Plays a script of two actors against itself; `change` alters what the server's side sends."""

    def __call__(
        self, steps: str, change: Callable[[Making], Sequence[object]] | None = None, **choices: int
    ) -> Outcome:
        lines = dedent(steps).strip("\n").replace("    ", "\t")
        transcript = parse(HEADER + lines + "\n", "script.scs")
        numbered = {int(name.removeprefix("line")): index for name, index in choices.items()}
        shaping = change or (lambda making: making.elements)
        outcome, served = play_itself(transcript, shaping=shaping, choices=numbered)
        assert not served.problems, served.problems
        return outcome


@pytest.fixture
def play() -> Play:
    return Play()
