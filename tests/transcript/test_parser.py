import pytest

from harness.errors import ScriptError
from harness.pattern.nodes import Literal, Strictness, Variable
from harness.transcript.bodies import XMLNS
from harness.transcript.parser import parse
from harness.transcript.script import (
    Authenticates,
    Binds,
    ClosesConnection,
    ClosesStream,
    Connects,
    Dialect,
    Disconnects,
    MayReceive,
    OpensConnection,
    OpensStream,
    Receives,
    ReceivesHeader,
    ReceivesInAnyOrder,
    ReceivesNothing,
    ReceivesOneOf,
    ReceivesStreamEnd,
    ReceivesStreamError,
    Sends,
    SendsRaw,
    Standing,
    StartsTls,
)
from harness.xmpp.namespaces import XML, Name

HEADER = """# Title
## covers: rfc6121-1-a
[Client] Romeo
[Client] Romeo's phone
[Client] Juliet
----
"""


def steps(text):
    return parse(HEADER + text, "test.scs").steps


def one(text):
    (step,) = steps(text)
    return step


def test_a_header_is_read_whole():
    text = (
        "# A title\n# Why it\n# matters.\n#\n# More.\n## covers: a-1, b-2\n## covers: c-3\n"
        "## needs: muc, carbons\n## slow\n## tags: roster\n## issue: 17\n\n"
        "[Client] Romeo\n\tpassword: p: q\n\tjid: a@b/c\n\n---\nRomeo connects\n"
    )
    transcript = parse(text, "x.scs")
    assert transcript.title == "A title"
    assert transcript.description == "Why it matters.\nMore."
    assert transcript.covers == ("a-1", "b-2", "c-3")
    assert transcript.needs == ("muc", "carbons")
    assert transcript.tags == ("slow", "roster")
    assert transcript.headers == {"issue": "17"}
    assert transcript.dialect is Dialect.HARNESS
    assert transcript.strictness is Strictness.OPEN
    (romeo,) = transcript.actors
    assert (romeo.jid.source, romeo.password.source, romeo.line) == ("a@b/c", "p: q", 13)


@pytest.mark.parametrize(
    ("header", "dialect"),
    [
        ("# t", Dialect.SCANSION),
        ("## tag", Dialect.SCANSION),
        ("## dialect: harness", Dialect.HARNESS),
        ("## covers: a", Dialect.HARNESS),
    ],
)
def test_the_header_decides_the_dialect(header, dialect):
    assert parse(f"{header}\n[Client] A\n---\nA connects", "x").dialect is dialect


def test_a_possessive_name_shares_the_account():
    transcript = parse(
        "[Client] Romeo\n[Client] Romeo's phone\n[Client] Romeo's tablet\n\tjid: other@x\n[Client] Work\n"
        "\taccount: Romeo\n---\nWork connects",
        "x",
    )
    assert [actor.account_of for actor in transcript.actors] == ["", "Romeo", "", "Romeo"]


def test_the_longest_name_begins_a_step():
    assert [step.actor for step in steps("Romeo's phone connects\nRomeo connects")] == [
        "Romeo's phone",
        "Romeo",
    ]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Romeo connects", Connects),
        ("Romeo disconnects", Disconnects),
        ("Romeo receives nothing", ReceivesNothing),
        ("Romeo receives: nothing", ReceivesNothing),
        ("Romeo receives:\n\tnothing", ReceivesNothing),
        ("Romeo opens a connection", OpensConnection),
        ("Romeo opens a stream", OpensStream),
        ("Romeo receives a stream header", ReceivesHeader),
        ("Romeo receives the stream's end", ReceivesStreamEnd),
        ("Romeo starts TLS", StartsTls),
        ("Romeo authenticates", Authenticates),
        ("Romeo binds", Binds),
        ("Romeo closes the stream", ClosesStream),
        ("Romeo closes the connection", ClosesConnection),
        ("Romeo sends\n\t<a/>", Sends),
        ("Romeo receives\n\t<a/>", Receives),
        ("Romeo receives in any order:\n\t<a/>\n\t<b/>", ReceivesInAnyOrder),
    ],
)
def test_each_sentence_becomes_its_step(text, kind):
    step = one(text)
    assert type(step) is kind
    assert (step.actor, step.line, step.text) == ("Romeo", 7, text.split("\n")[0])


def test_variants_of_a_sentence():
    assert one("Romeo opens a TLS connection").direct_tls
    assert one("Romeo receives the end of the stream or connection").abrupt
    assert one("Romeo may receive any number of:\n\t<a/>").repeated
    assert not one("Romeo may receive:\n\t<a/>").repeated
    assert isinstance(one("Romeo may receive:\n\t<a/>"), MayReceive)
    assert one("Romeo authenticates with SCRAM-SHA-1").mechanism == "SCRAM-SHA-1"
    assert one("Romeo authenticates with legacy digest").mechanism == "legacy digest"
    assert one("Romeo binds resource 'a b'").resource.source == "a b"
    assert one('Romeo binds the resource: "it\'s"').resource.source == "it's"
    assert one("Romeo binds").resource is None
    assert [node.name.local for node in one("Romeo receives nothing like:\n\t<a/>\n\t<b/>").nodes] == [
        "a",
        "b",
    ]


def test_a_step_has_requirements_of_its_own():
    first, second = steps("Romeo connects\n## covers: a-1, a-2\n# a comment\nRomeo disconnects")
    assert first.covers == ()
    assert second.covers == ("a-1", "a-2")


def test_alternatives_and_their_standing():
    step = one(
        "Romeo receives one of:\n\t<a/>\n\t<b/>\n\tor:\n\t<c/>\n\tthe stream's end\n"
        "\tpermitted (RFC 6121 (8.5) lets it):\n\tnothing\n\n"
        "\tdeviates:\n\tthe end of the stream or connection\n"
        "\tfails (old servers do it):\n\t<d>\n\t\tor:\n\t</d>"
    )
    assert isinstance(step, ReceivesOneOf)
    shapes = [
        (one.standing, [node.name.local for node in one.nodes], one.nothing, one.stream_end, one.line)
        for one in step.alternatives
    ]
    assert shapes == [
        (Standing.REQUIRED, ["a", "b"], False, False, 8),
        (Standing.REQUIRED, ["c"], False, True, 10),
        (Standing.PERMITTED, [], True, False, 13),
        (Standing.DEVIATES, [], False, True, 16),
        (Standing.FAILS, ["d"], False, False, 18),
    ]
    assert step.alternatives[2].note == "RFC 6121 (8.5) lets it"
    assert step.alternatives[4].nodes[0].text.source.strip() == "or:"


def test_the_first_alternative_may_have_a_label():
    step = one("Romeo receives one of:\n\tpermitted:\n\t<a/>\n\trequired:\n\t<b/>")
    assert [alternative.standing for alternative in step.alternatives] == [
        Standing.PERMITTED,
        Standing.REQUIRED,
    ]


def test_a_stream_header_is_given_by_attributes():
    step = one(
        "Romeo opens a stream:\n\tto='${domain}' version='{absent}'\n\txml:lang=\"de\" xmlns='a&amp;b'"
    )
    assert step.attributes[Name("", "version")] is None
    assert step.attributes[Name("", "to")].parts == (Variable(name="domain"),)
    assert step.attributes[Name(XML, "lang")].source == "de"
    assert step.attributes[Name(XMLNS, "xmlns")].source == "a&b"
    expected = one("Romeo receives a stream header:\n\tid='{any}'\n\tto='{absent}'")
    assert expected.absent == (Name("", "to"),)
    assert list(expected.attributes) == [Name("", "id")]


def test_stream_errors_are_conditions():
    step = one(
        "Romeo receives a stream error:\n\thost-unknown\n\tpermitted (old): host-gone\n\tdeviates: any"
    )
    assert isinstance(step, ReceivesStreamError)
    assert step.conditions == (
        ("host-unknown", Standing.REQUIRED),
        ("host-gone", Standing.PERMITTED),
        ("any", Standing.DEVIATES),
    )
    assert step.notes == {"host-gone": "old"}


def test_raw_bodies_are_cut_into_chunks():
    step = one(
        "Romeo sends raw:\n\t<a>\\\n\t${x}\\|b\\|250ms|\n"
        "\t\t\\xff\\u20ac\\\\\\r\\n\\t\\${y}\n\n# comment\n\tend"
    )
    assert isinstance(step, SendsRaw)
    (first, no_pause), (second, pause), (third, _) = step.chunks
    assert first.parts == (Literal(text="<a>"), Variable(name="x"))
    assert (no_pause, pause) == (0.0, 0.25)
    assert second.parts == (Literal(text="b"),)
    assert third.parts == (Literal(text="\n\t\udcff€\\\r\n\t${y}\n\nend"),)
    assert not step.byte_by_byte
    assert one("Romeo sends raw byte by byte:\n\t</a>").byte_by_byte


def test_a_lone_surrogate_is_sent_as_the_bytes_it_would_have():
    ((template, _),) = one("Romeo sends raw:\n\t\\ud800").chunks
    assert template.parts[0].text.encode("utf-8", "surrogateescape") == b"\xed\xa0\x80"


def test_windows_line_ends_and_a_byte_order_mark_are_tolerated():
    text = "\ufeff" + (HEADER + "Romeo sends:\n\t<a>\n\t</a>").replace("\n", "\r\n")
    assert parse(text, "x").title == "Title"


@pytest.mark.parametrize(
    ("text", "where", "message"),
    [
        ("Romeo recieves:\n\t<a/>", "7:7", "perhaps receives"),
        ("Tybalt connects", "7:1", "no actor's name"),
        ("Romeoconnects", "7:1", "no actor's name"),
        ("Romeo sends:", "7:7", "needs indented lines"),
        ("Romeo connects\n\t<a/>", "8:2", "has nothing below"),
        ("Romeo receives:\n\t<!-- nothing yet -->", "8:2", "no element here"),
        ("\t<a/>", "7:1", "belongs to the step above"),
        ("Romeo sends:\n\t<a>\n\t\t<b></a>", "9:8", "mismatched tag"),
        ("Romeo sends:\n\t<a id='{nothing}'/>", "8:9", "unknown placeholder"),
        ("Romeo receives a stream error:\n\tHost Unknown", "8:2", "condition of a stream error"),
        ("Romeo sends raw:\n\tab\\q", "8:4", "unknown escape"),
        ("Romeo receives one of:\n\t<a/>\n\tor:\n\tor:\n\t<b/>", "9:1", "an alternative is empty"),
        ("Romeo opens a stream:\n\tto=x", "8:1", "expected an attribute"),
        ("Romeo opens a stream:\n\tfoo:to='x'", "8:1", "unknown prefix"),
        ("Romeo authenticates with magic", "7:7", "no step is worded"),
    ],
)
def test_faults_have_a_place_and_a_caret(text, where, message):
    with pytest.raises(ScriptError, match=message) as caught:
        steps(text)
    assert caught.value.where == f"test.scs:{where}"
    line, caret = caught.value.excerpt.split("\n")
    assert line in HEADER + text
    assert caret.endswith("^")


@pytest.mark.parametrize(
    ("text", "where", "message"),
    [
        ("[Client] A\nA connects", "2:1", "expected `.Client. Name`|does not end"),
        ("[Server] A\n---\n", "1:1", "expected `.Client. Name`"),
        ("[Client] A\n[Client] A\n---\n", "2:1", "two actors"),
        ("[Client] A\n\tjid\n---\n", "2:2", "expected a property"),
        ("[Client] A\n\taccount: B\n---\n", "2:2", "no actor is called 'B'"),
        ("hello\n---\n", "1:1", "expected `.Client. Name`"),
    ],
)
def test_faults_in_the_header(text, where, message):
    with pytest.raises(ScriptError, match=message) as caught:
        parse(text, "test.scs")
    assert caught.value.where == f"test.scs:{where}"
