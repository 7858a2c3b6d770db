import random

import pytest

from harness.strategies.mutations import MUTATIONS
from harness.strategies.payloads import PAYLOADS
from harness.strategies.reading import read
from harness.strategies.sample import PLACEHOLDER, Element
from harness.strategies.serializing import serialize
from harness.strategies.structures import STRUCTURES
from harness.strategies.style import Style
from harness.xmpp.conditions import STREAM_CONDITIONS

STANZAS = [payload.make(number) for payload in PAYLOADS[::8] for number in (0, 0x5DEECE66D)]
NUMBERS = [0, 1, 2, 5, 77, 123456789]


def variants(name: str) -> list[tuple[Element, Element]]:
    apply = MUTATIONS[name].apply
    found = [(stanza, apply(stanza, number)) for stanza in STANZAS for number in NUMBERS]
    return [(stanza, changed) for stanza, changed in found if changed is not None]


@pytest.mark.parametrize("name", MUTATIONS)
def test_what_comes_of_it_is_legal_xml_with_whole_placeholders(name):
    found = variants(name)
    assert found
    chance = random.Random(name)
    for _, changed in found:
        style = Style.of(chance.getrandbits(14))
        data = serialize(changed, style)
        assert "${" not in PLACEHOLDER.sub("", data.decode())
        back = read(data)
        assert back is not None, changed
        assert back.normal() == changed.normal()
    assert any(stanza != changed for stanza, changed in found)


def test_names_and_conditions_are_known():
    assert not {one for mutation in MUTATIONS.values() for one in mutation.conditions} - set(
        STREAM_CONDITIONS
    )
    assert len({mutation.name for mutation in STRUCTURES}) == len(STRUCTURES)


def test_stanzas_within_stanzas_can_be_told_from_those_around_them():
    """Nothing that is within a stanza and looks like one has the token alone as its id."""
    stanza = PAYLOADS[0].make(0)
    for number in range(200):
        changed = MUTATIONS["a stanza within"].apply(stanza, number)
        assert changed is not None
        inner = [one for one in changed.elements if one.name.local in ("message", "presence", "iq")]
        assert [one.get("id") for one in inner] == ["${token}-inner"]
