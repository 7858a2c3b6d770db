"""Expressions that could hold everything up: refused when a script is read, or given up in time."""

import time

import pytest

from harness.errors import ScriptError
from harness.pattern.expressions import MOST_SIGNS, fits, objection
from harness.pattern.match import match
from harness.pattern.nodes import Strictness
from harness.pattern.template import make_template, match_template

ENDLESS = r"(a|aa)+b"


@pytest.mark.parametrize(
    "regex", ["[a-z]+", r"\{x\}", "[{}]", r"a{2,3}b{,4}c{5,}", r"\N{DIGIT ONE}", "a{65536}", "[(]" * 99]
)
def test_nothing_against_it(regex):
    assert objection(regex) == ""


@pytest.mark.parametrize(
    ("regex", "why"),
    [
        ("a{1000000000}", "written out"),
        ("(?:(?:a{1000}){1000}){1000}", "written out"),
        ("(?:(?:a?){1000}){1000}", "written out"),
        ("(?=a{1000000}).*", "written out"),
        ("(?:b|a{1000000})", "written out"),
        ("a{99999999999}", "too large"),
        ("(" * 5000 + ")" * 5000, "in one another"),
        ("(", "cannot be read"),
        # Read in two ways: as a set in a set, or as an approximate match.
        ("[[:alpha:]]", "nested set"),
        ("(?:abc){e<=1}", "brace"),
    ],
)
def test_an_objection_is_told(regex, why):
    assert why in objection(regex)


def test_what_is_made_is_no_longer_than_what_is_read(template):
    text, _ = make_template(template(f"{{regex:(?:ab){{{MOST_SIGNS // 2}}}}}"), {}, str)
    assert len(text) == MOST_SIGNS
    with pytest.raises(ScriptError, match="written out") as caught:
        template(f"{{regex:(?:ab){{{MOST_SIGNS // 2 + 1}}}}}")
    assert caught.value.where == "test.scs:3:5"
    assert caught.value.excerpt.endswith("\n^")


@pytest.mark.parametrize(
    "text", [f"{{regex:{ENDLESS}}}", f"{{capture:x:regex:{ENDLESS}}}", f"x{{regex:{ENDLESS}}}"]
)
def test_too_many_ways_are_given_up(template, text):
    value = "x" * text.startswith("x") + "a" * 200
    with pytest.raises(ScriptError, match="too many ways") as caught:
        match_template(template(text), value, {})
    assert caught.value.where == "test.scs:3:5"


def test_many_holes_are_given_up(template):
    pieces = "".join(f"{{any}}{letter}" for letter in "abcdefghi")
    begun = time.process_time()
    with pytest.raises(ScriptError, match="too many ways"):
        match_template(template(pieces), "abcdefgh" * 5000, {})
    assert time.process_time() - begun < 3


def test_one_hole_takes_no_time_however_long_the_value(template):
    for kind in ("any", "jid", "full jid", "bare jid", "timestamp", "integer", "base64", "uuid"):
        for value in ("a" * 300_000, "1" * 300_000, "a/" * 100_000, "a@b" * 100_000):
            assert match_template(template(f"{{{kind}}}!"), value, {}) is None


def test_a_pattern_tells_the_place(pattern, element):
    node = pattern(f"<message><body>{{regex:{ENDLESS}}}</body></message>")
    received = element(f"<message><body>{'a' * 200}</body></message>")
    with pytest.raises(ScriptError, match=r"^test\.scs:1:16: there are too many ways"):
        match(node, received, {}, Strictness.OPEN)


def test_a_number_that_means_another_group_here_is_our_fault(template):
    doubled = template(r"{capture:x:regex:(.)\1}")
    with pytest.raises(ScriptError, match="by a name of its own"):
        match_template(doubled, "aa", {})
    assert match_template(template("{capture:x:regex:(?P<one>.)(?P=one)}"), "aa", {}) == {"x": "aa"}


def test_fits_the_whole():
    assert fits("a|ab", "ab")
    assert not fits("a", "ab")
