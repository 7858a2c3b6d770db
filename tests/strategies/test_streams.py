import pyexpat
import re

import pytest
from lxml import etree

from harness.strategies.headers import HEADERS, header_sample
from harness.strategies.openings import OPENINGS, opening_sample
from harness.strategies.reading import read_all
from harness.strategies.sample import PLACEHOLDER, Claim, Place
from harness.xmpp.conditions import STREAM_CONDITIONS

HEADER = b"<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>"
FOOTER = b"</stream:stream>"


def closed(data: bytes) -> bytes:
    """The bytes with the end tag of the root, if they open one."""
    root = re.search(rb"<([^\s<>!?/]+)[^<>]*[^/<>]>", data)
    ends = data.rstrip().endswith(b"/>") and data.count(b"<stream") == 1
    return data + b"</" + root[1] + b">" if root and not ends else data


def expat_takes(data: bytes) -> bool:
    parser = pyexpat.ParserCreate("UTF-8", "\x01")
    try:
        parser.Parse(data, True)
    except pyexpat.ExpatError:
        return False
    return True


def libxml2_takes(data: bytes) -> bool:
    try:
        etree.fromstring(data, etree.XMLParser(encoding="UTF-8", no_network=True, load_dtd=False))
    except etree.XMLSyntaxError:
        return False
    return True


@pytest.mark.parametrize("row", HEADERS, ids=lambda row: row.name)
def test_the_claim_about_a_header_is_true(row):
    is_taken = row.claim is not Claim.ILL_FORMED
    data = closed(row.data)
    assert expat_takes(data) is is_taken
    assert libxml2_takes(data) is is_taken


@pytest.mark.parametrize("row", OPENINGS, ids=lambda row: row.name)
def test_the_claim_about_what_follows_is_true(row):
    is_taken = row.claim is not Claim.ILL_FORMED
    data = HEADER + row.data + FOOTER
    assert expat_takes(data) is is_taken
    assert libxml2_takes(data) is is_taken
    if row.claim is Claim.RESTRICTED:
        assert read_all(row.data) is None


@pytest.mark.parametrize("rows", [HEADERS, OPENINGS], ids=["headers", "openings"])
def test_rows_have_names_and_conditions_of_their_own(rows):
    assert len({row.name for row in rows}) == len({row.data for row in rows}) == len(rows)
    assert not {one for row in rows for one in row.conditions} - set(STREAM_CONDITIONS)
    assert [row.name for row in rows if row.claim is not Claim.LEGAL and not row.conditions] == []
    assert [
        row.name for row in rows if b"${" in PLACEHOLDER.sub("", row.data.decode("latin-1")).encode()
    ] == []


def test_samples_say_where_they_belong():
    header, opening = header_sample(0), opening_sample(0)
    assert (header.place, header.family, header.labels) == (Place.HEADER, "header", ("plain",))
    assert (opening.place, opening.family, opening.labels) == (Place.OPEN, "state", ("a message",))
