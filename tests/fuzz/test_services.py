"""What rooms are asked by malformed requests."""

from harness.fuzz.measures.services import SERVED, _requests, _script
from harness.fuzz.trial import Reading, Trial
from harness.fuzz.troubles import Trouble


def test_a_room_is_asked_for_much_and_never_to_go() -> None:
    data = [one.data for one in _requests()]
    assert len(set(data)) > 10
    assert any(b"muc#admin'/></iq>" in one for one in data)
    assert not any(b"destroy" in one or b"from=" in one for one in data)


def test_the_script_has_both_in_the_room_before_it_is_asked() -> None:
    sample = next(iter(_requests()))
    trial = Trial(sample=sample, token="", data=sample.data, reading=Reading.WHOLE)
    text = _script(Trouble(broken=SERVED, trial=trial, cause="c"), sample)
    steps = [text.index(f"{name} receives:\n\t<presence from='${{room}}") for name in ("Juliet", "Romeo")]
    assert [*steps, text.index("Romeo sends raw:"), text.index("id='served'")] == sorted(
        [*steps, text.index("Romeo sends raw:"), text.index("id='served'")]
    )
    assert "## needs: muc" in text
