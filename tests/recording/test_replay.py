"""A recording that is played back: what differs is left open, what is in another order may be."""

import pytest

from harness.recording.replay import Replayed, replayed
from harness.recording.script import Written
from harness.recording.session import Recording
from harness.results.records import CaseFinished, Exchange, Finding
from harness.results.verdicts import Verdict
from tests.cases import played
from tests.recording.conversation import Talk

FAILED = played(Verdict.FAIL, "c")


def recording(*received: str) -> Recording:
    """What somebody who has asked something receives."""
    made = Recording()
    talk = Talk(made, "r@example.org/xyz")
    talk.sends("<iq type='get' id='q1'/>")
    for text in received:
        talk.receives(text)
    return made


def case(*received: str) -> CaseFinished:
    """A play that has failed, in which Romeo received this."""
    exchanges = [
        Exchange(at=0.0, actor="Romeo", direction="received", kind="bytes", text=one) for one in received
    ]
    finding = Finding(cause="c", message="Romeo received something else.")
    return played(Verdict.FAIL, findings=[finding], exchanges=exchanges)


def result(of: Recording, *plays: CaseFinished | str) -> tuple[Replayed, list[str]]:
    """How it ends, with the scripts that were played."""
    scripts: list[str] = []
    left = list(plays)

    def play(written: Written) -> CaseFinished | str:
        scripts.append(written.text)
        return left.pop(0) if left else played(Verdict.PASS)

    return replayed(of, play, lambda is_replayed: f"replayed: {is_replayed}"), scripts


def test_two_plays_in_a_row_have_to_pass() -> None:
    done, scripts = result(recording("<iq type='result' id='q1'/>"))
    assert (len(scripts), done.trouble) == (2, "")
    assert "# replayed: False\n" in scripts[0]
    assert "# replayed: True\n" in done.written.text


def test_a_value_that_differs_is_left_open_and_what_equals_is_not() -> None:
    old = "<iq type='result' id='q1'><q seconds='{}' kind='x'><n>a</n><n>b</n></q></iq>"
    new = "<iq type='result' id='1'><q seconds='{}' kind='x'><n>b</n><n>a</n></q></iq>"
    done, scripts = result(recording(old.format(4)), case(new.format(5)))
    assert len(scripts) == 3
    assert "<q seconds='{any}' kind='x'>" in done.written.text
    assert "<n>a</n>\n\t\t\t<n>b</n>" in done.written.text
    assert len(done.loose.values) == 1


def test_another_order_is_free_then() -> None:
    one, two = "<message from='a'><x/></message>", "<message from='a'><y/></message>"
    done, scripts = result(recording(one, two), case(two, one))
    assert "Romeo receives:\n" in scripts[0]
    assert "Romeo receives in any order:\n" in done.written.text
    assert done.trouble == ""


@pytest.mark.parametrize("text", ["<iq type='result' id='1'/>", "<iq type='error' id='1'><q/></iq>"])
def test_what_cannot_be_left_open_is_told(text: str) -> None:
    done, scripts = result(recording("<iq type='result' id='q1'><q/></iq>"), case(text))
    assert len(scripts) == 1
    assert done.trouble == "Romeo received something else."
    assert done.was_played


def test_a_play_that_passes_only_at_times_goes_on_no_longer_than_it_may() -> None:
    of = recording("<iq type='result' id='q1'><q v='1'/></iq>")
    done, scripts = result(of, case("<iq type='result' id='1'><q v='2'/></iq>"), played(Verdict.PASS), case())
    assert len(scripts) == 3
    assert done.trouble


def test_what_could_not_be_played_is_told_apart() -> None:
    done, _ = result(recording(), "no accounts")
    assert (done.trouble, done.was_played) == ("no accounts", False)
    done, _ = result(recording(), played(Verdict.UNSUPPORTED, notes=["there is no muc"]))
    assert (done.trouble, done.was_played) == ("there is no muc", False)
