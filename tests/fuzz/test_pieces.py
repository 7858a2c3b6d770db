"""What may be left out of a sample."""

from harness.fuzz.pieces import insides, parts_placeholder, wholes

DATA = b"<a b='1' c='${token}'><d/><e f='2'>text</e></a>"


def texts(spots: list) -> list[bytes]:
    return [DATA[one.start : one.end] for one in spots]


def test_wholes_are_elements_attributes_and_texts_but_not_everything() -> None:
    assert texts(wholes(DATA)) == [
        b"<e f='2'>text</e>",
        b" c='${token}'",
        b" b='1'",
        b" f='2'",
        b"<d/>",
        b"text",
    ]


def test_what_is_ill_formed_has_wholes_too() -> None:
    data = b"<a><b>x</a> <c d='1'"
    assert [data[one.start : one.end] for one in wholes(data)] == [b" d='1'", b"x", b" "]


def test_insides_are_values_and_texts() -> None:
    assert texts(insides(DATA)) == [b"1", b"${token}", b"2", b"text"]


def test_a_placeholder_goes_as_a_whole_or_not_at_all() -> None:
    start = DATA.index(b"${")
    end = start + len(b"${token}")
    assert not parts_placeholder(DATA, start, end)
    assert parts_placeholder(DATA, start + 1, end)
    assert parts_placeholder(DATA, 0, end - 1)
