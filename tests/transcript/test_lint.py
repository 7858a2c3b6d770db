import pytest

from harness.transcript.lint import lint
from harness.transcript.parser import parse

OURS = "# t\n## covers: a-1\n[Client] A\n[Client] B\n---\nA connects\nB connects\n"
SCANSION = "# t\n\n[Client] A\n\tjid: a@localhost\n---\nA connects\n\n"


def codes(text, requirements=None, features=None):
    return [(remark.line, remark.code) for remark in lint(parse(text, "x.scs"), requirements, features)]


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
        ("A connects", (8, "connected-twice")),
        ("A opens a connection", (8, "connected-twice")),
        ("A receives:\n\t<presence/>\nA connects", (10, "connected-twice")),
        ("A receives one of:\n\t<presence/>\n\tor:\n\tnothing\nA connects", (12, "connected-twice")),
        ("## covres: a-1\nA receives nothing", (8, "unknown-directive")),
        ("## needs: muc\nA receives nothing", (8, "misplaced-directive")),
        ("A receives nothing\n## covers: a-1\n", (9, "misplaced-directive")),
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


@pytest.mark.parametrize(
    "end",
    [
        "A disconnects",
        "A closes the connection",
        "A closes the stream",
        "A sends raw:\n\t<",
        "A receives the stream's end",
        "A receives a stream error:\n\tconflict",
        "A receives:\n\t<stream:error/>",
        "A receives one of:\n\tnothing\n\tpermitted:\n\tthe stream's end",
    ],
)
def test_connecting_again_after_what_may_be_the_end(end):
    assert codes(f"{OURS}{end}\nA connects") == []


@pytest.mark.parametrize(
    ("line", "column", "message"),
    [
        ("## need: muc", 4, "there is no directive 'need'; perhaps needs is meant"),
        (
            "##colour: red",
            3,
            "there is no directive 'colour'; there are: covers, needs, tags, dialect, tests, server, client",
        ),
        ("## co-vers: a-1", 4, "there is no directive 'co-vers'; perhaps covers is meant"),
        ("## Covers a-1", 4, "a directive has a colon: write `## covers: ...`"),
        ("## needs muc", 4, "a directive has a colon: write `## needs: ...`"),
        ("## dialect: hraness", 13, "there is no dialect 'hraness'; perhaps harness is meant"),
    ],
)
def test_a_directive_that_means_nothing(line, column, message):
    found = [one for one in lint(parse(f"{line}\n{OURS}", "x.scs")) if one.code == "unknown-directive"]
    assert [(one.line, one.column, one.message) for one in found] == [(1, column, message)]


@pytest.mark.parametrize(
    "line", ["##", "## quick", "## Tags: a", "## dialect: harness", "## see RFC 6120, 4"]
)
def test_a_directive_or_comment_that_is_all_right(line):
    assert codes(f"{line}\n{OURS}") == []


def test_in_a_scansion_script_only_slips_are_told():
    text = "A receives:\n\t<message type='chat'/>"
    assert codes("## Note: see below\n" + SCANSION + text) == []
    assert codes("## dialetc: harness\n" + SCANSION + text) == [(1, "unknown-directive")]


def test_needs_that_nothing_meets():
    text = OURS.replace("# t", "## needs: muc, mcu\n## needs: PLAIN, urn:xmpp:x, muc:a:b, blocks", 1)
    assert codes(text, features={"muc", "blocking"}) == [(1, "unknown-feature"), (2, "unknown-feature")]
    assert codes(text) == []
    first = lint(parse(text, "x.scs"), features={"muc", "blocking"})[0]
    assert (first.column, first.message) == (
        16,
        "nothing that a server offers is called 'mcu'; perhaps muc is meant",
    )
