"""`xmpp-harness coverage`, as people call it."""

import pytest
from click.testing import CliRunner

from harness.cli.coverage import coverage
from harness.errors import UsageError


def said(*words):
    done = CliRunner().invoke(coverage, words, catch_exceptions=False)
    assert done.exit_code == 0
    return done.output.splitlines()


def test_each_document_is_a_line_with_shares_by_level():
    (line,) = [one for one in said() if one.startswith("XEP-0092 ")]
    assert line.startswith("XEP-0092  MUST 2 of 2 (100 %)")
    assert said()[-1].startswith("all  MUST ")


def test_a_requirement_is_told_with_what_showed_that_it_is_checked():
    lines = said("rfc6121-8.5.3.1-match-message")
    assert lines[0].startswith("rfc6121-8.5.3.1-match-message  [MUST]  checked: ")
    assert any(": fault " in one for one in lines[1:])


def test_what_cannot_be_tested_says_why():
    told, why = said("xep0092-5-os-hidable")
    assert "  untestable: " in told
    assert why == "    Configuration"


def test_clients_are_asked_other_things():
    assert said("--tests", "client", "rfc6120") != said("rfc6120")


def test_an_unknown_word_is_told():
    with pytest.raises(UsageError, match="nothing is called rfc6129"):
        CliRunner().invoke(coverage, ["rfc6129"], catch_exceptions=False)
