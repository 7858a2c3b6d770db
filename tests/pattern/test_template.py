import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import ScriptError
from harness.pattern.nodes import Kind, Literal, Placeholder, Template, Variable
from harness.pattern.template import make_template, match_template, parse_template

SCOPE = {"Romeo's full JID": "r.o(m)eo@example.org/balcony", "domain": "example.org"}


def read(text, *, ours=True):
    return parse_template(text, line=3, column=5, path="test.scs", strict_placeholders=ours)


def counter():
    numbers = itertools.count()
    return lambda kind: f"{kind.replace(' ', '-')}-{next(numbers)}"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("plain", (Literal(text="plain"),)),
        ("", ()),
        ("${Romeo's full JID}", (Variable(name="Romeo's full JID"),)),
        ("a ${b} c", (Literal(text="a "), Variable(name="b"), Literal(text=" c"))),
        ("{{x}} $5", (Literal(text="{x} $5"),)),
        ("${{x}}", (Literal(text="${x}"),)),
        ("{full jid}", (Placeholder(kind=Kind.FULL_JID),)),
        ("{regex:[a-f]{2}}", (Placeholder(kind=Kind.REGEX, regex="[a-f]{2}"),)),
        (r"{regex:\}+}", (Placeholder(kind=Kind.REGEX, regex=r"\}+"),)),
        ("{one of: a, b c}", (Placeholder(kind=Kind.ONE_OF, choices=("a", "b c")),)),
        ("{capture:ver}", (Placeholder(kind=Kind.ANY, capture="ver"),)),
        ("{capture:n:integer}", (Placeholder(kind=Kind.INTEGER, capture="n"),)),
        ("{capture:n:regex:a|b}", (Placeholder(kind=Kind.REGEX, regex="a|b", capture="n"),)),
        ("{scansion:any}", (Placeholder(kind=Kind.ANY),)),
    ],
)
def test_our_dialect_is_read(text, parts):
    assert read(text).parts == parts


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("{scansion:any}", (Placeholder(kind=Kind.ANY),)),
        ("{scansion:capture:first}", (Placeholder(kind=Kind.ANY, capture="first"),)),
        ("{any}", (Literal(text="{any}"),)),
        ('{"json": {}}', (Literal(text='{"json": {}}'),)),
        ("{{ }} }", (Literal(text="{{ }} }"),)),
        ("{scansion:other}", (Literal(text="{scansion:other}"),)),
        ("${Romeo's JID}", (Variable(name="Romeo's JID"),)),
        ("open ${", (Literal(text="open ${"),)),
    ],
)
def test_scansion_leaves_other_braces_alone(text, parts):
    assert read(text, ours=False).parts == parts


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("ab {nope}", 8),
        ("{any", 5),
        ("a}", 6),
        ("${}", 5),
        ("{regex:(}", 5),
        ("x{absent}", 6),
        ("{capture:}", 5),
        ("b {other than: a {any}}", 7),
        ("{other than: " * 2000 + "}" * 2000, 5),
        ("{capture:x:" * 2000 + "any" + "}" * 2000, 5),
        ("{capture:x:capture:y}", 5),
    ],
)
def test_faults_name_their_column(text, column):
    with pytest.raises(ScriptError) as caught:
        read(text)
    assert caught.value.where == f"test.scs:3:{column}"


@pytest.mark.parametrize(
    ("text", "accepted", "refused"),
    [
        ("{any}", ["", "x\ny"], []),
        ("{full jid}", ["a@b/c", "b/c", "a@b/c/d@e"], ["a@b", "@b/c", "a@b/", "a b@c/d"]),
        ("{bare jid}", ["a@b", "b"], ["a@b/c", "", "a@"]),
        ("{jid}", ["a@b", "b", "a@b/c"], ["", "a@b/"]),
        ("{timestamp}", ["1969-07-21T02:56:15Z", "2024-02-29T23:59:59.123456+01:00"], ["2024-02-29", "now"]),
        ("{timestamp}", [], ["20240229T10:00:00", "2024-13-01T00:00:00Z", "2024-01-01T00:00:00"]),
        ("{integer}", ["0", "-3", "17"], ["", "1.0", "٣", "x"]),
        ("{base64}", ["", "YQ==", "YWI=", "YWJj"], ["YQ=", "Y", "YQ ==", "-_-_"]),
        ("{uuid}", ["123e4567-e89b-12d3-a456-426614174000"], ["123e4567e89b12d3a456426614174000"]),
        ("{one of: cancel, wait}", ["cancel", "wait"], ["", "modify", "cancel, wait"]),
        ("{other than: ${domain}}", ["", "example.orgx", "x"], ["example.org"]),
        ("x{other than: a b}", ["x", "xa"], ["xa b", "a"]),
        ("{regex:a.b}", ["a\nb", "axb"], ["ab", "axbx"]),
        ("id-{integer}-x", ["id-4-x"], ["id--x", "4"]),
        ("${Romeo's full JID}", ["r.o(m)eo@example.org/balcony"], ["rxo(m)eo@example.org/balcony"]),
    ],
)
def test_kinds_accept_and_refuse(text, accepted, refused):
    for value in accepted:
        assert match_template(read(text), value, SCOPE) == {}, value
    for value in refused:
        assert match_template(read(text), value, SCOPE) is None, value


def test_a_capture_is_kept_then_compared():
    template = read("v{capture:ver}")
    assert match_template(template, "v1", {}) == {"ver": "1"}
    assert match_template(template, "v1", {"ver": "1"}) == {}
    assert match_template(template, "v2", {"ver": "1"}) is None
    assert match_template(template, "v2", {"ver": "1"}, rebind=True) == {"ver": "2"}


def test_a_name_captured_twice_in_one_text_must_agree():
    template = read("{capture:a:integer}-{capture:a:integer}")
    assert match_template(template, "12-12", {}) == {"a": "12"}
    assert match_template(template, "12-13", {}) is None


def test_an_unknown_variable_is_told_with_what_there_is():
    with pytest.raises(ScriptError, match=r"there is no \$\{Juliet's JID\} here .*\$\{domain\}") as caught:
        match_template(read("${Juliet's JID}"), "x", SCOPE)
    assert caught.value.where == "test.scs:3:5"


def test_made_captures_are_remembered_and_reused():
    template = read("{capture:a}/{capture:a}/{capture:b}")
    value, made = make_template(template, {"b": "known"}, counter())
    assert value == "any-0/any-0/known"
    assert made == {"a": "any-0", "b": "known"}


KINDS = ["any", "jid", "full jid", "bare jid", "timestamp", "integer", "base64", "uuid", "one of: x, y"]

REGEXES = ["[a-f]{3}", r"\d+(x|yy)?", "[^a]", "(?:foo|ba)r*", r"\w\W\s\S\D", ".", "a{2,}b?", "[0-9A-F]{8}"]
PLACEHOLDERS = [*KINDS, *(f"regex:{regex}" for regex in REGEXES)]

texts = st.text(st.characters(exclude_characters="{}$", exclude_categories=["Cs"]), max_size=6)
placeholders = st.sampled_from(PLACEHOLDERS).map(lambda body: f"{{{body}}}")
captured = st.tuples(st.sampled_from("abc"), st.sampled_from(KINDS)).map(
    lambda pair: f"{{capture:{pair[0]}:{pair[1]}}}"
)


@given(
    st.lists(st.one_of(texts, placeholders, st.just("{capture:z}"), st.just("${domain}")), max_size=5),
    st.text(),
)
def test_what_is_made_is_matched(pieces, seed):
    template = read("".join(pieces))
    numbers = itertools.count()
    value, made = make_template(template, SCOPE, lambda kind: f"{seed}{next(numbers)}")
    found = match_template(template, value, SCOPE)
    assert found is not None
    assert found.keys() == made.keys()
    assert match_template(template, value, {**SCOPE, **made}) == {}


@given(st.lists(captured, min_size=1, max_size=1))
def test_captured_kinds_are_pairs_too(pieces):
    template = read("".join(pieces))
    value, made = make_template(template, SCOPE, counter())
    assert match_template(template, value, SCOPE) == made


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_scansion_text_stands_for_itself_unless_it_is_marked(text):
    if "${" in text or "{scansion:" in text:
        return
    template = read(text, ours=False)
    assert template.parts == ((Literal(text=text),) if text else ())


def test_two_fresh_tokens_differ():
    fresh = counter()
    template = read("{uuid}")
    assert make_template(template, {}, fresh)[0] != make_template(template, {}, fresh)[0]


def test_a_regex_nobody_can_make_is_our_fault():
    with pytest.raises(ScriptError, match="no text can be made"):
        make_template(read("{regex:a(?=b)}"), {}, counter())


def test_equality_ignores_the_place():
    one = Template(parts=(), source="", place="a:1:1")
    assert one == Template(parts=(), source="", place="b:2:2")
