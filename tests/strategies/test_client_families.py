"""What is claimed of samples for clients is true, and what is forged is forged."""

import pytest

from harness.strategies.client_families import CLIENT_FAMILIES, received
from harness.strategies.families import MESSAGE, derived
from harness.strategies.hostile import BY_OWN, BY_STRANGER
from harness.strategies.sample import Claim, Harm, Place, Sample
from harness.wire.events import StreamEnded, Violation
from harness.wire.reader import StreamReader
from harness.wire.writer import stream_footer, stream_header

OURS = ("forgeries", "management", "reconnection", "jids", "valid")


def rows(name: str) -> list[Sample]:
    family = CLIENT_FAMILIES[name]
    return [derived(family, MESSAGE.make(0), number) for number in family.numbers]


def is_whole(sample: Sample) -> bool:
    header = stream_header(attributes={"version": "1.0"})
    events = StreamReader().feed(header + sample.data.replace(b"${", b"{") + stream_footer())
    broken = [one for one in events if isinstance(one, Violation) and one.rule.value != "data-after-end"]
    return not broken and any(isinstance(one, StreamEnded) for one in events)


@pytest.mark.parametrize("name", OURS)
def test_claims_are_true(name: str) -> None:
    wrong = [one.labels for one in rows(name) if is_whole(one) is not (one.claim is Claim.LEGAL)]
    assert wrong == []


def test_no_stranger_is_the_account_itself() -> None:
    """By whatever spelling: from there it would be genuine."""
    for one in rows("forgeries"):
        assert one.element is not None
        origin = one.element.get("from") or ""
        assert origin not in ("", "${peer}", "${PEER}")
        assert not origin.startswith(("${peer}/", "${peer's JID}")) or one.labels[0].endswith(BY_OWN)
        assert one.labels[0].endswith((BY_OWN, BY_STRANGER))
        assert one.harms


def test_every_harm_is_meant_by_some_sample() -> None:
    shown = {harm for family in CLIENT_FAMILIES for one in rows(family)[:400] for harm in one.harms}
    assert shown == set(Harm)


def test_before_the_login_nothing_is_of_a_session() -> None:
    assert {one.place for one in rows("negotiation")} == {Place.OPEN}
    assert {one.place for one in rows("header")} == {Place.HEADER}


def test_a_stanza_comes_from_somebody_else_unless_it_says_otherwise() -> None:
    plain = received(MESSAGE.make(0))
    assert (plain.get("from"), plain.get("to")) == ("${my JID}", "${peer's JID}")
    assert received(plain.having("from", "${domain}")).get("from") == "${domain}"
