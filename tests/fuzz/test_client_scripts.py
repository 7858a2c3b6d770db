"""What clients are sent, and what is kept of it, are scripts that can be read."""

from dataclasses import replace

import pytest

from harness.catalogue.requirements import load_requirements
from harness.fuzz.clients.properties import CLIENT_PROPERTIES
from harness.fuzz.clients.scripts import client_script_of, fence_of, first_raw_line, trial_script
from harness.fuzz.clients.side import CLIENTS, families_of
from harness.fuzz.property import Property
from harness.fuzz.trial import Conduct, Trial, read_as_sent
from harness.fuzz.troubles import Trouble
from harness.play.hosted import Fence
from harness.play.obstacles import obstacle
from harness.strategies.client_families import CLIENT_FAMILIES
from harness.strategies.families import MESSAGE, derived
from harness.strategies.sample import Claim, Harm, Moment, Place, Sample
from harness.transcript.lint import lint
from harness.transcript.parser import parse
from harness.transcript.script import ReceivesRaw, Side
from harness.transcript.terms import terms_of

SHOWN = [one for one in CLIENT_PROPERTIES if one.steps is not None]
KNOWN = load_requirements()

AWKWARD = b"<message to=\"${peer's JID}\" id='${token}'><body>\\ $ \t\r\n caf\xc3\xa9 \xff</body></message> "


def sample(place: Place = Place.SESSION, moment: Moment | None = None) -> Sample:
    return Sample(family="f", data=AWKWARD, claim=Claim.LEGAL, place=place, moment=moment, cuts=(3,))


def trouble(broken: Property, one: Sample, fence: Fence) -> Trouble:
    reading, sent = read_as_sent(one.data)
    conduct = Conduct(fence=fence)
    trial = Trial(sample=one, token="t", data=one.data, reading=reading, sent=sent, conduct=conduct)
    return Trouble(broken=broken, trial=trial, cause="something is wrong")


@pytest.mark.parametrize("fence", Fence)
@pytest.mark.parametrize("broken", SHOWN, ids=lambda one: one.name)
@pytest.mark.parametrize("moment", [None, *Moment])
def test_a_finding_parses_and_names_requirements_that_there_are(
    moment: Moment | None, broken: Property, fence: Fence
) -> None:
    one = sample(moment=moment)
    transcript = parse(client_script_of(trouble(broken, one, fence), [one]), "f.scs")
    assert set(transcript.covers) <= set(KNOWN)
    assert transcript.tests == {Side.CLIENT}
    assert transcript.steps


@pytest.mark.parametrize("name", CLIENT_FAMILIES)
def test_every_row_of_a_family_can_be_tried(name: str) -> None:
    family = CLIENT_FAMILIES[name]
    for number in [*family.numbers][:200]:
        one = derived(family, MESSAGE.make(0), number)
        terms_of(parse(trial_script([one], ["t-1"], Fence.PING), "f.scs"))


def test_samples_begin_behind_what_a_client_is_asked_to_do() -> None:
    script = trial_script([sample(moment=Moment.ROSTER)], ["t-1"], Fence.PING)
    raw = next(one for one in parse(script, "f.scs").steps if isinstance(one, ReceivesRaw))
    assert first_raw_line(script) == raw.line
    assert first_raw_line(trial_script([sample(moment=Moment.LOGIN)], ["t-1"], Fence.PING)) == 0


@pytest.mark.parametrize("ways", [("websocket", "tls-direct"), ("tls-direct",), ("tls-none",)])
def test_who_has_no_starttls_is_not_told_to_require_it(ways: tuple[str, ...]) -> None:
    """What it sends in the clear, or over the TLS that it has already, endangers nobody."""
    family = CLIENT_FAMILIES["negotiation"]
    for number in family.numbers:
        one = derived(family, MESSAGE.make(0), number)
        if Harm.SECRET in one.harms:
            transcript = parse(trial_script([one], ["t-1"], Fence.PING), "f.scs")
            assert obstacle(transcript, frozenset({"connect"}), frozenset(ways))


def test_what_is_found_without_a_driver_is_played_without_one() -> None:
    one = sample()
    reading, sent = read_as_sent(one.data)
    untold = Trial(
        sample=one, token="t", data=one.data, reading=reading, sent=sent, conduct=Conduct(tells=False)
    )
    push = next(each for each in CLIENT_PROPERTIES if each.name == "forged-push-ignored")
    found = Trouble(broken=push, trial=untold, cause="a forged push gets a result")
    transcript = parse(client_script_of(found, [one]), "f.scs")
    assert not obstacle(transcript, frozenset(), frozenset({"tls-starttls"}))


def test_each_of_several_samples_is_followed_by_a_question() -> None:
    text = trial_script([sample(), sample()], ["t-1", "t-2"], Fence.PING)
    assert [text.count(fence_of(token)) for token in ("t-1", "t-2")] == [1, 1]
    steps = [one for one in parse(text, "f.scs").steps if isinstance(one, ReceivesRaw)]
    assert len(steps) == 2
    assert all(len(one.chunks) == 2 for one in steps)


def test_whoever_wants_acknowledgements_may_ask_for_them_first() -> None:
    one = replace(sample(), family="management")
    text = trial_script([one], ["t-1"], Fence.PING)
    assert text.index("still-there") < text.index("Romeo receives raw:")
    assert "still-there" not in trial_script([one], ["t-1"], Fence.NONE)
    assert "still-there" not in trial_script([sample()], ["t-1"], Fence.PING)
    parse(text, "f.scs")


def test_rows_are_those_of_the_family_in_another_order_for_each_seed() -> None:
    first, again, other = (CLIENTS.rows("forgeries", seed) for seed in (1, 1, 2))
    assert first == again != other
    assert len(first) == len(CLIENT_FAMILIES["forgeries"].numbers)
    assert {"forgeries", "valid"} <= set(families_of(["forgeries", "valid"]))


def test_lint_has_nothing_to_say() -> None:
    one = sample()
    broken = next(each for each in CLIENT_PROPERTIES if each.name == "forged-push-ignored")
    text = client_script_of(trouble(broken, one, Fence.PING), [one])
    assert [str(each) for each in lint(parse(text, "f.scs"), KNOWN)] == []
