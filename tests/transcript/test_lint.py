import pytest

from harness.transcript.lint import lint
from harness.transcript.parser import parse

OURS = "# t\n## covers: a-1\n[Client] A\n[Client] B\n---\nA connects\nB connects\n"
SCANSION = "# t\n\n[Client] A\n\tjid: a@localhost\n---\nA connects\n\n"


def codes(text, requirements=None):
    return [(remark.line, remark.code) for remark in lint(parse(text, "x.scs"), requirements)]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("A sends:\n\t<iq type='get'/>\n\t<iq type='get'/>", (10, "two-elements")),
        ("A sends:\n\t<iq type='get' id='{scansion:any}'/>", (9, "placeholder-in-sent")),
        ("A receives:\n\t<presence/>", (9, "typeless-presence")),
        ("A sends:\n\t<iq type='result' id='fixme'/>", (9, "fixed-answer-id")),
        ("A disconnects\nA disconnects", (9, "disconnected-twice")),
        ("A receives:\n\t<message><body>{any}</body></message>", (9, "foreign-placeholder")),
        ("A receives:\n\t<iq/>", (9, "iq-without-type")),
    ],
)
def test_scansion_scripts(text, code):
    assert codes(SCANSION + text) == [code]


def test_a_capture_used_again_in_a_scansion_script():
    text = "A receives:\n\t<m x='{scansion:capture:s}'/>\nA receives:\n\t<m x='{scansion:capture:s}'/>"
    assert codes(SCANSION + text) == [(11, "reused-capture")]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("A receives:\n\t<message x='{capture:s}'/>", (9, "unused-capture")),
        ("A sends:\n\t<iq type='result' id='1'/>", (9, "fixed-answer-id")),
        ("A disconnects\nA receives nothing", (9, "not-connected")),
        ("A sends:\n\t<message to='b@localhost'/>", (9, "hard-coded-domain")),
        ("A sends:\n\t<message to='${C's JID}'/>", (9, "unknown-variable")),
        ("A receives nothing like:\n\t<message/>", (9, "narrow-nothing")),
        ("A sends:\n\t<presence/>\n\n\t<presence/>", (11, "two-elements")),
        ("A receives:\n\t<message x='{regex:a*}'/>", (9, "loose-regex")),
    ],
)
def test_our_scripts(text, code):
    text = text.replace("${C's JID}'", "${C&apos;s JID}'")
    assert codes(OURS + text) == [code]


def test_actors_and_requirements():
    text = "## covers: a-1, nope-2\n[Client] A\n\tjid: a@b\n\tcolour: red\n[Client] B\n---\nA connects"
    assert codes(text, {"a-1"}) == [
        (1, "unknown-requirement"),
        (2, "unknown-property"),
        (3, "fixed-address"),
        (5, "never-connects"),
    ]


def test_a_script_that_waits_for_nothing():
    assert codes("## covers: a\n[Client] A\n---\nA opens a connection\nA closes the connection") == [
        (1, "asserts-nothing")
    ]


def test_a_clean_script_has_no_remarks():
    text = (
        "A sends:\n\t<iq type='get' id='a' to='x.invalid'/>\nA receives:\n\t<iq type='error' id='a'/>\n"
        "A receives:\n\t<iq type='get' id='{capture:ping}'/>\nA sends:\n\t<iq type='result' id='${ping}'/>\n"
        "A receives:\n\t<iq type='set' id='push'/>\nA sends:\n\t<iq type='result' id='push'/>\n"
        "B sends:\n\t<message to=\"${A's full JID}\"/>\n\t<presence to='${room garden}/B'/>\n"
    )
    assert codes(OURS + text, {"a-1"}) == []
