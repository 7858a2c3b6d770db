import pyexpat
import random

import pytest
from lxml import etree

from harness.strategies.encodings import ENCODINGS
from harness.strategies.octet import Octets
from harness.strategies.octets import OCTETS
from harness.strategies.payloads import PAYLOADS
from harness.strategies.prefixes import PREFIXES
from harness.strategies.reading import read_all
from harness.strategies.restrictions import RESTRICTIONS
from harness.strategies.sample import PLACEHOLDER, Claim
from harness.strategies.serializing import serialize
from harness.strategies.style import Style
from harness.strategies.wellformedness import WELLFORMEDNESS
from harness.xmpp.conditions import STREAM_CONDITIONS
from harness.xmpp.namespaces import CLIENT, STREAM

HEADER = f"<stream:stream xmlns='{CLIENT}' xmlns:stream='{STREAM}'>".encode()
FOOTER = b"</stream:stream>"
ROWS = (*WELLFORMEDNESS, *ENCODINGS, *RESTRICTIONS, *PREFIXES)


def stanzas() -> list[bytes]:
    chance = random.Random(42)
    plain = [serialize(payload.make(0)) for payload in PAYLOADS[:3] + PAYLOADS[50:53]]
    return plain + [
        serialize(payload.make(chance.getrandbits(40)), Style.of(chance.choice([0, chance.getrandbits(14)])))
        for payload in PAYLOADS[::9]
    ]


STANZAS = stanzas()


def variants(row: Octets) -> list[bytes]:
    found = [row.apply(data, number) for data in STANZAS for number in (0, 1, 5)]
    return list(dict.fromkeys(one for one in found if one is not None))


def expat_takes(data: bytes) -> bool:
    parser = pyexpat.ParserCreate("UTF-8", "\x01")
    try:
        parser.Parse(data, True)
    except pyexpat.ExpatError:
        return False
    return True


def libxml2_takes(data: bytes) -> bool:
    try:
        etree.fromstring(data, etree.XMLParser(no_network=True, huge_tree=False))
    except etree.XMLSyntaxError:
        return False
    return True


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_the_claim_is_true(row):
    found = variants(row)
    assert found
    for data in found:
        whole = HEADER + data + FOOTER
        if row.claim is Claim.LEGAL:
            assert expat_takes(whole), data
            assert read_all(data) is not None or row.conditions, data
            assert libxml2_takes(whole) or "valid URI" in why(whole), data
        elif row.claim is Claim.RESTRICTED:
            assert read_all(data) is None, data
            assert expat_takes(whole) or expat_takes(data), data
            assert libxml2_takes(whole) or libxml2_takes(data), data
        else:
            assert not expat_takes(whole), data
            assert not libxml2_takes(whole), data


def why(data: bytes) -> str:
    try:
        etree.fromstring(data)
    except etree.XMLSyntaxError as error:
        return str(error)
    return ""


def test_names_are_unique():
    assert len(OCTETS) == len(ROWS)


def test_conditions_are_defined_and_due_where_something_is_wrong():
    assert not {one for row in ROWS for one in row.conditions} - set(STREAM_CONDITIONS)
    assert [row.name for row in ROWS if row.claim is not Claim.LEGAL and not row.conditions] == []


def test_placeholders_stay_whole():
    for row in ROWS:
        for data in variants(row):
            rest = PLACEHOLDER.sub("", data.decode("utf-8", "replace"))
            assert "${" not in rest, data
