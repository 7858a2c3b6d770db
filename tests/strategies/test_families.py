import random

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings

from harness.strategies import (
    Claim,
    Place,
    batches,
    check,
    jids,
    malformed_streams,
    read,
    samples,
    stanzas,
    texts,
)
from harness.strategies.chunks import cuts
from harness.strategies.families import FAMILIES, derived
from harness.strategies.payloads import PAYLOADS
from harness.strategies.sample import PLACEHOLDER
from harness.strategies.sizes import FLOOR
from harness.strategies.spots import placeholders_in
from harness.strategies.style import Style
from harness.strategies.values import is_jid, is_text
from harness.xmpp.conditions import STREAM_CONDITIONS

CHANCE = random.Random(7622)
STANZAS = [PAYLOADS[0].make(0), *(payload.make(CHANCE.getrandbits(48)) for payload in PAYLOADS[::11])]
NUMBERS = [*range(60), *(CHANCE.getrandbits(24) for _ in range(40))]
QUICK = [name for name in FAMILIES if name != "bombs"]
few = settings(max_examples=40, derandomize=True, database=None, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize("name", FAMILIES)
def test_every_family_has_samples_that_keep_their_word(name):
    family = FAMILIES[name]
    for stanza in STANZAS[:5]:
        for number in NUMBERS[:: 1 if name in QUICK else 10]:
            sample = derived(family, stanza, number)
            assert sample.family == name
            assert sample.place is family.place
            assert sample.labels or not number
            assert sample.conditions <= set(STREAM_CONDITIONS)
            assert sample.claim is Claim.LEGAL or sample.conditions
            assert all(0 < cut < len(sample.data) for cut in sample.cuts)
            if sample.place is Place.SESSION and name in QUICK:
                is_read = read(sample.data)
                assert sample.claim is Claim.LEGAL or is_read is None, sample
                if sample.claim is Claim.LEGAL and sample.element is not None:
                    assert is_read is not None
                    assert is_read.normal() == sample.element.normal()


@pytest.mark.parametrize("name", QUICK)
def test_numbers_make_different_samples(name):
    found = {
        (sample.data, sample.cuts)
        for number in NUMBERS
        if (sample := derived(FAMILIES[name], STANZAS[0], number))
    }
    assert len(found) >= len(NUMBERS) * 0.35


@pytest.mark.parametrize("name", ["valid", "style", "chunks"])
def test_nought_is_plain(name):
    sample = derived(FAMILIES[name], STANZAS[0], 0)
    assert sample.data == b"<message to=\"${peer's JID}\" id='${token}'><body>hello</body></message>"
    assert (sample.cuts, sample.claim) == ((), Claim.LEGAL)


def test_what_every_server_has_to_take_is_small_enough():
    for number in range(600):
        assert len(derived(FAMILIES["size"], STANZAS[0], number).data) <= FLOOR - 1000


def test_only_bombs_amplify():
    assert [name for name, family in FAMILIES.items() if family.is_amplifying] == ["bombs"]


def test_placeholders_are_parted_by_nothing():
    for name in QUICK:
        for number in NUMBERS:
            sample = derived(FAMILIES[name], STANZAS[1], number)
            assert "${" not in PLACEHOLDER.sub("", sample.data.decode("latin-1"))
            for start, end in placeholders_in(sample.data):
                assert not [cut for cut in sample.cuts if start < cut < end]


def test_cuts_fall_everywhere():
    data = "<a b='é'>&amp;é<![CDATA[x]]>\r\n</a>".encode()
    assert cuts(data, 0) == ()
    assert cuts(data, 2) == tuple(range(1, len(data)))
    assert {data[cut - 1] >= 0xC0 for cut in cuts(data, 3)} == {True}
    assert {at for number in range(300) for at in cuts(data, number)} == set(range(1, len(data)))


def test_styles_have_names_for_what_is_odd():
    assert Style.of(0).oddities == ()
    assert all(Style.of(number).oddities for number in range(1, 3000))


@few
@given(stanzas())
def test_drawn_stanzas_are_valid(stanza):
    assert check(stanza) == []


@few
@given(stanzas(("presence",)))
def test_kinds_can_be_chosen(stanza):
    assert stanza.name.local == "presence"


@few
@given(jids(), jids(valid=False), texts())
def test_addresses_and_texts_are_such(jid, other, text):
    assert is_jid(jid)
    assert is_text(other)
    assert is_text(text)


@few
@given(malformed_streams(), samples("stanza"), batches("wf", 5))
def test_samples_can_be_drawn(malformed, mutated, batch):
    assert malformed.family in FAMILIES
    assert mutated.family == "stanza"
    assert 1 <= len(batch) <= 5


def test_what_is_found_shrinks_to_what_is_plain():
    phases = (Phase.generate, Phase.shrink)
    quiet = settings(max_examples=200, derandomize=True, database=None, phases=phases)
    assert find(stanzas(), lambda _: True, settings=quiet) == STANZAS[0]
    (sample,) = find(batches("valid"), lambda _: True, settings=quiet)
    assert sample.element == STANZAS[0]
    (sample,) = find(
        batches("style"), lambda batch: any(b'"yes' not in one.data for one in batch), settings=quiet
    )
    assert sample.labels == ()
