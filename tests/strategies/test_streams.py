import re

import pytest

from harness.strategies.headers import HEADERS, header_sample
from harness.strategies.openings import OPENINGS, opening_sample
from harness.strategies.reading import read_all
from harness.strategies.sample import PLACEHOLDER, Claim, Place
from harness.xmpp.conditions import STREAM_CONDITIONS
from tests.strategies.parsers import expat_takes, libxml2_takes

HEADER = b"<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>"
FOOTER = b"</stream:stream>"


def closed(data: bytes) -> bytes:
    """The bytes with the end tag of the root, if they open one."""
    root = re.search(rb"<([^\s<>!?/]+)[^<>]*[^/<>]>", data)
    ends = data.rstrip().endswith(b"/>") and data.count(b"<stream") == 1
    return data + b"</" + root[1] + b">" if root and not ends else data


def test_claims_about_headers_are_true_to_both_parsers():
    wrong = [
        row.name
        for row in HEADERS
        for is_taken in (expat_takes(closed(row.data)), libxml2_takes(closed(row.data)))
        if is_taken is (row.claim is Claim.ILL_FORMED)
    ]
    assert wrong == []


def test_claims_about_what_follows_are_true_to_both_parsers():
    wrong = [
        row.name
        for row in OPENINGS
        for is_taken in (expat_takes(HEADER + row.data + FOOTER), libxml2_takes(HEADER + row.data + FOOTER))
        if is_taken is (row.claim is Claim.ILL_FORMED)
    ]
    assert wrong == []


def test_what_is_restricted_is_no_element():
    restricted = [row for row in OPENINGS if row.claim is Claim.RESTRICTED]
    assert restricted
    assert [row.name for row in restricted if read_all(row.data) is not None] == []


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


def test_a_document_type_may_be_told_as_the_scenarios_let_it() -> None:
    typed = [one for one in HEADERS if b"<!DOCTYPE" in one.data]
    assert typed
    assert all({"restricted-xml", "bad-format", "not-well-formed"} <= one.conditions for one in typed)
