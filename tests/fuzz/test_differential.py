"""Who is alone with an answer."""

from harness.fuzz.differential import alone, samples_for
from harness.strategies.sample import Claim, Sample

SAMPLE = Sample(family="f", data=b"<a/>", claim=Claim.LEGAL)


def told(*answers: str) -> dict[str, dict[bytes, str]]:
    return {f"server {number}": {b"<a/>": answer} for number, answer in enumerate(answers)}


def test_who_answers_otherwise_than_all_others_is_alone() -> None:
    found = list(alone([SAMPLE], told("x", "y", "x")))
    assert [(one.target, one.answer, one.others) for one in found] == [("server 1", "y", "x")]


def test_nobody_is_alone_among_two_or_where_there_are_several_ways() -> None:
    for answers in (("x", "y"), ("x", "y", "z"), ("x", "x", "x"), ("x", "x", "y", "y")):
        assert list(alone([SAMPLE], told(*answers))) == []


def test_all_get_the_same_samples() -> None:
    first, again, other = (samples_for(["wf", "header"], seed, 5) for seed in (1, 1, 2))
    assert first == again != other
    assert {one.family for one in first} == {"wf", "header"}
