"""The file of evidence: what it holds is so, and what is wrong with it is told."""

import pytest

from harness.catalogue.evidence import load_evidence, written
from harness.cli.selection import open_catalogue
from harness.errors import DataError
from harness.proof.survey import survey
from harness.results.evidence import Evidence


def test_the_evidence_is_what_playing_shows():
    found = survey(open_catalogue().chosen((), (), ()))
    assert written(found) == written(load_evidence()), "`xmpp-harness coverage --prove` writes it anew"


def test_what_is_written_is_read(tmp_path):
    evidence = Evidence(server={"b": {"y/x": "fault f"}, "a": {}}, client={"c": {"z": "iq: dropped"}})
    file = tmp_path / "evidence.json"
    file.write_text(written(evidence))
    assert load_evidence(file) == evidence


@pytest.mark.parametrize("content", ["", "[]", '{"servers": {}}', '{"server": {"a": ["b"]}}'])
def test_a_broken_file_is_told(content, tmp_path):
    file = tmp_path / "evidence.json"
    file.write_text(content)
    with pytest.raises(DataError, match=r"evidence.json.*coverage --prove makes it anew"):
        load_evidence(file)
