import time

import pytest

from harness.errors import ScriptError
from harness.pattern.make import make
from harness.pattern.match import Matched, match
from harness.pattern.nodes import Strictness
from harness.pattern.reader import MOST_LEVELS, Place, Reading, read_nodes
from harness.xmpp.namespaces import CLIENT, STREAM, Name

PLACE = Place("test.scs", 10)


def test_every_node_knows_its_place():
    text = "\t<iq>\n\t\t<q xmlns='u'>\n\t\t\t<a/></q></iq>\n\t<b/>"
    iq, other = read_nodes(text, PLACE, Reading())
    query = iq.children[0]
    assert [(node.line, node.column) for node in (iq, query, query.children[0], other)] == [
        (10, 2),
        (11, 3),
        (12, 4),
        (13, 2),
    ]


def test_a_template_knows_where_it_is_written():
    (node,) = read_nodes("\t<a b='1'\n\t\tid='{any}'>\n\t\tx ${y}</a>", PLACE, Reading())
    assert node.attributes[Name("", "id")].place == "test.scs:11:7"
    assert node.text.place.startswith("test.scs:1")


def test_prefixes_need_no_declaration():
    (node,) = read_nodes("<stream:error scansion:strict='true'/>", PLACE, Reading())
    assert node.name == Name(STREAM, "error")
    assert node.strictness is Strictness.EXACT
    assert node.attributes == {}


def test_the_tab_of_a_body_is_no_part_of_a_text():
    (node,) = read_nodes("\t<body>one\n\ttwo\n\t\tthree</body>", PLACE, Reading())
    assert node.text.source == "one\ntwo\n\tthree"


def test_layout_is_no_text_but_a_single_space_is():
    (node,) = read_nodes("<a>\n\t<b> </b>\n\t<c>\n\t</c>\n</a>", PLACE, Reading())
    assert node.text is None
    assert node.children[0].text.source == " "
    assert node.children[1].text is None


def test_stanzas_without_type_are_read_as_they_stand_when_sent_or_imported():
    reading = Reading(strict_placeholders=False, typeless_is_plain=False)
    (node,) = read_nodes("<presence/>", PLACE, reading)
    assert node.absent_attributes == ()
    (node,) = read_nodes("<presence/>", PLACE, Reading())
    assert node.absent_attributes == (Name("", "type"),)


def test_only_stanzas_have_a_default_type():
    (node,) = read_nodes("<x xmlns='u'><presence/><message/></x>", PLACE, Reading())
    assert all(not child.absent_attributes and not child.optional_attributes for child in node.children)
    (node,) = read_nodes("<x xmlns='u'><message xmlns='jabber:client'/></x>", PLACE, Reading())
    assert node.children[0].name == Name(CLIENT, "message")
    assert node.children[0].optional_attributes


@pytest.mark.parametrize(
    ("text", "where", "message"),
    [
        ("\t<iq>\n\t<a b='{nope}'/>\n\t</iq>", "11:8", "unknown placeholder"),
        ("\t<iq", "10:5", "not closed"),
        ("\t<iq>\n\t\t<a/>", "11:7", "not closed"),
        ("\t<a>\n\t</b>", "11:4", "mismatched tag"),
        ("\t<x:y/>", "10:2", "unbound prefix"),
        ("\tfoo", "10:2", "text outside"),
        ("\t<a/> &amp;", "10:7", "text outside"),
        ("\t<a harness:x='true'/>", "10:2", "unknown mark 'x'"),
        ("\t<a scansion:strict='yes'/>", "10:2", "unknown mark 'strict'"),
        ("\t<!DOCTYPE a>", "10:4", "well-formed"),
        ("\t<a>&foo;</a>", "10:5", "undefined entity"),
        ("\t</stream:stream>", "10:2", "no element is open"),
    ],
)
def test_faults_point_at_their_place(text, where, message):
    with pytest.raises(ScriptError, match=message) as caught:
        read_nodes(text, PLACE, Reading())
    assert caught.value.where == f"test.scs:{where}"
    line, caret = caught.value.excerpt.split("\n")
    assert caret.endswith("^")
    assert line in text


@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("\t<iq><a xmlns='${x}'/></iq>", "10:16"),
        ("\t<iq>\n\t\t<a b='1'\n\t\t\txmlns='urn:{any}'/></iq>", "12:11"),
        ("\t<iq xmlns:p='urn:${x}'><p:a/></iq>", "10:15"),
    ],
)
def test_a_namespace_has_no_holes(text, where, strict):
    with pytest.raises(ScriptError, match="no variable or placeholder") as caught:
        read_nodes(text, PLACE, Reading(strict_placeholders=strict))
    assert caught.value.where == f"test.scs:{where}"


def nested(levels, leaf=""):
    return "<a>" * levels + leaf + "</a>" * levels


def test_elements_are_nested_to_a_limit():
    too_deep = "\t" + nested(MOST_LEVELS + 5)
    with pytest.raises(ScriptError, match="nested more than 64 deep") as caught:
        read_nodes(too_deep, PLACE, Reading())
    assert caught.value.where == f"test.scs:10:{2 + 3 * MOST_LEVELS}"
    with pytest.raises(ScriptError, match="nested more than"):
        read_nodes(nested(100_000), PLACE, Reading(strict_placeholders=False))


@pytest.mark.parametrize("strictness", list(Strictness))
def test_what_is_nested_to_the_limit_can_be_used(strictness, element):
    node = read_nodes(nested(MOST_LEVELS, "x"), PLACE, Reading())[0]
    made = make(node, {}, str).element
    assert isinstance(match(node, made, {}, strictness), Matched)
    begun = time.process_time()
    assert "the text is not 'x'" in match(node, element(nested(MOST_LEVELS, "y")), {}, strictness).cause
    assert time.process_time() - begun < 2
