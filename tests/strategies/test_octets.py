import random

import pytest
from lxml import etree

from harness.strategies.encodings import ENCODINGS
from harness.strategies.octet import Octets
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
from tests.strategies.parsers import expat_takes, libxml2_takes

OCTETS = {one.name: one for one in (*WELLFORMEDNESS, *ENCODINGS, *RESTRICTIONS, *PREFIXES)}

HEADER = f"<stream:stream xmlns='{CLIENT}' xmlns:stream='{STREAM}'>".encode()
FOOTER = b"</stream:stream>"
TABLES = (WELLFORMEDNESS, ENCODINGS, RESTRICTIONS, PREFIXES)
ROWS = [row for table in TABLES for row in table]


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


def is_true(claim: Claim, conditions: frozenset[str], data: bytes) -> bool:
    whole = HEADER + data + FOOTER
    if claim is Claim.LEGAL:
        is_read = read_all(data) is not None or bool(conditions)
        return is_read and expat_takes(whole) and (libxml2_takes(whole) or "valid URI" in why(whole))
    if claim is Claim.RESTRICTED:  # a document type is legal only where there is no stream around
        is_xml = any(expat_takes(one) and libxml2_takes(one) for one in (whole, data))
        return is_xml and read_all(data) is None
    return not expat_takes(whole) and not libxml2_takes(whole)


@pytest.mark.parametrize(
    "table", [WELLFORMEDNESS, ENCODINGS, RESTRICTIONS, PREFIXES], ids=lambda table: table[0].topic.name
)
def test_claims_are_true_to_both_parsers(table):
    wrong = [
        (row.name, data)
        for row in table
        for data in variants(row)
        if not is_true(row.claim, row.conditions, data)
    ]
    assert wrong == []


def test_each_applies_to_something():
    assert [row.name for row in ROWS if not variants(row)] == []


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
