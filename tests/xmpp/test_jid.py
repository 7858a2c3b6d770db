import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.xmpp.jid import Jid, prepare_domain, prepare_local, prepare_resource


@pytest.mark.parametrize(
    ("text", "local", "domain", "resource"),
    [  # RFC 7622, 3.5
        ("juliet@example.com", "juliet", "example.com", ""),
        ("juliet@example.com/foo", "juliet", "example.com", "foo"),
        ("juliet@example.com/foo bar", "juliet", "example.com", "foo bar"),
        ("juliet@example.com/foo@bar", "juliet", "example.com", "foo@bar"),
        ("foo\\20bar@example.com", "foo\\20bar", "example.com", ""),
        ("fußball@example.com", "fußball", "example.com", ""),
        ("π@example.com", "π", "example.com", ""),
        ("king@example.com/♚", "king", "example.com", "♚"),
        ("example.com", "", "example.com", ""),
        ("example.com/foobar", "", "example.com", "foobar"),
        ("a.example.com/b@example.net", "", "a.example.com", "b@example.net"),
    ],
)
def test_parse_takes_apart_the_examples_of_the_rfc(text: str, local: str, domain: str, resource: str) -> None:
    jid = Jid.parse(text)
    assert (jid.local, jid.domain, jid.resource) == (local, domain, resource)
    assert str(jid) == jid.full == text
    assert jid.prepared() == jid


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('"juliet"@example.com', "'\"' in it"),
        ("@example.com/", "nothing before the @"),
        ("juliet@", "no domainpart"),
        ("/foobar", "no domainpart"),
        ("", "no domainpart"),
        ("a@b/", "nothing after the /"),
        ("a@b@c", "an @ in its domainpart"),
        ("a" * 1024 + "@b", "1024 octets"),
        ("a@b/" + "é" * 512, "1024 octets"),
    ],
)
def test_parse_says_what_is_wrong(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        Jid.parse(text)


@pytest.mark.parametrize(
    "text",
    ["foo bar@example.com", "henryⅣ@example.com", "♚@example.com", "a＠b@c", "a@b c", "a@b/\t", "a@xn--a"],
)
def test_prepared_refuses_what_the_profiles_refuse(text: str) -> None:
    with pytest.raises(ValueError, match=r"not allowed|in it"):
        Jid.parse(text).prepared()


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Romeo@Example.ORG/Home", "romeo@example.org/Home", True),
        ("romeo@example.org/Home", "romeo@example.org/home", False),
        ("ｒｏｍｅｏ@example.org", "romeo@example.org", True),
        ("a@bücher.example", "a@xn--bcher-kva.example", True),
        ("a@example.org.", "a@example.org", True),
        ("Σ@example.com", "σ@example.com", True),
        ("ς@example.com", "σ@example.com", False),
        ("a@b/e\u0301", "a@b/é", True),
        ("a b@c", "a b@c", True),
        ("a b@c", "A b@c", False),
    ],
)
def test_same_as_compares_prepared_parts(one: str, other: str, same: bool) -> None:
    assert Jid.parse(one).same_as(Jid.parse(other)) is same


@pytest.mark.parametrize(
    ("text", "prepared"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("[0:0::1]", "[::1]"),
        ("LOCALHOST", "localhost"),
        ("chat_1.Example", "chat_1.example"),
        ("faß.de", "faß.de"),
        ("a.b。", "a.b"),
    ],
)
def test_domain_is_an_address_or_a_name(text: str, prepared: str) -> None:
    assert prepare_domain(text) == prepared


@pytest.mark.parametrize("text", [".", "a..b", "a" * 64 + ".b", "[::g]", "xn--.org"])
def test_domain_that_is_neither_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"not allowed|empty"):
        prepare_domain(text)


def test_with_resource() -> None:
    jid = Jid.parse("a@b/c")
    assert jid.bare == "a@b"
    assert jid.with_resource("d").full == "a@b/d"
    assert jid.with_resource("").full == "a@b"


@given(st.text(min_size=1, max_size=8))
def test_preparation_is_stable(text: str) -> None:
    for prepare in (prepare_local, prepare_resource, prepare_domain):
        try:
            once = prepare(text)
        except ValueError:
            continue
        assert prepare(once) == once


@given(st.text(max_size=20))
def test_parse_raises_nothing_but_value_error(text: str) -> None:
    try:
        jid = Jid.parse(text)
        assert Jid.parse(str(jid)) == jid
        jid.prepared()
    except ValueError:
        pass
