"""Each construct and each oddity that scripts written for Scansion have, in scripts of our own."""

import pytest
from lxml import etree

from harness.pattern.match import Matched, match
from harness.pattern.nodes import Kind, Literal, Placeholder, Strictness, Variable
from harness.transcript.parser import parse
from harness.transcript.script import Connects, Dialect, Disconnects, Receives, Sends
from harness.xmpp.namespaces import Name

ID = Name("", "id")

SCRIPT = """# Two clients talk
# A description
# of two lines

// a comment of the other kind
[Client] Juliet
	jid: juliet@localhost
	password: password

[Client] Juliet's phone
	password: password
	jid: juliet@localhost/phone
	resource: phone

[Client] Rosaline
	jid: rosaline@localhost
	password: password
	connect_host: 127.0.0.1
	connect_port: 5222

-----

Juliet connects
Juliet's phone connects

# no colon below
Juliet sends
	<presence id="a"
		to="b"/>

--
-- Juliet sends:
--	<iq/>

Juliet's phone receives:
    <presence from="${Juliet's full JID}" to="${Juliet's phone's full JID}">
        <c xmlns='http://jabber.org/protocol/caps' ver="{scansion:any}"/>

	</presence>

Juliet disconnects
Juliet disconnects
// vim: set ft=scansion:
"""


def test_a_whole_script_is_read():
    transcript = parse(SCRIPT, "x.scs")
    assert transcript.dialect is Dialect.SCANSION
    assert transcript.strictness is Strictness.BY_NAMESPACE
    assert transcript.title == "Two clients talk"
    assert transcript.description == "A description of two lines"
    assert [type(step) for step in transcript.steps] == [
        Connects,
        Connects,
        Sends,
        Receives,
        Disconnects,
        Disconnects,
    ]
    assert [step.actor for step in transcript.steps[:4]] == [
        "Juliet",
        "Juliet's phone",
        "Juliet",
        "Juliet's phone",
    ]


def test_actors_keep_their_properties():
    juliet, phone, rosaline = parse(SCRIPT, "x.scs").actors
    assert juliet.jid.source == "juliet@localhost"
    assert (phone.jid.source, phone.resource.source, phone.account_of) == (
        "juliet@localhost/phone",
        "phone",
        "",
    )
    assert rosaline.properties["connect_port"] == "5222"


def test_a_possessive_name_stands_in_variables():
    receives = parse(SCRIPT, "x.scs").steps[3]
    attributes = receives.nodes[0].attributes
    assert attributes[Name("", "to")].parts == (Variable(name="Juliet's phone's full JID"),)


def body(text, action="A receives:"):
    return parse(f"[Client] A\n\tjid: a@localhost\n-----\n{action}\n{text}", "x.scs").steps[0]


def test_a_blank_line_does_not_end_a_body():
    # A forgotten `receives` line: the second element goes out with the first, and is remarked on.
    assert len(body("\t<iq/>\n\n\t<iq/>\n", "A sends:").nodes) == 2


@pytest.mark.parametrize("dashes", ["---", "-----", "---------", "----  "])
def test_a_line_of_dashes_ends_the_header(dashes):
    assert (
        parse(f"[Client] A\n{dashes}\nA connects\n-----\nA disconnects", "x.scs").steps[1].text
        == "A disconnects"
    )


def test_our_placeholders_are_text_in_a_scansion_script():
    (node,) = body("\t<message><body>{any} {{x}} { } {regex:</body></message>").nodes
    assert node.children[0].text.parts == (Literal(text="{any} {{x}} { } {regex:"),)


def test_wildcards_and_captures():
    (node,) = body("\t<iq id='{scansion:any}' x='{scansion:capture:start}'/>").nodes
    assert node.attributes[ID].parts == (Placeholder(kind=Kind.ANY),)
    assert node.attributes[Name("", "x")].parts == (Placeholder(kind=Kind.ANY, capture="start"),)


def test_a_wildcard_in_a_sent_stanza_is_read():
    assert body("\t<iq type='result' id='{scansion:any}'/>", "A sends:").nodes[0].attributes[ID]


def test_an_undeclared_prefix_marks_strictness():
    (node,) = body("\t<iq><q xmlns='u' scansion:strict='false'><b scansion:strict=\"true\"/></q></iq>").nodes
    assert node.children[0].strictness is Strictness.OPEN
    assert node.children[0].children[0].strictness is Strictness.EXACT
    assert not node.children[0].attributes


def test_a_declared_prefix_marks_it_too():
    (node,) = body("\t<iq xmlns:scansion='urn:whatever' scansion:strict='true'/>").nodes
    assert node.strictness is Strictness.EXACT


def test_entities_and_other_scripts_are_text():
    (node,) = body("\t<m to='room@x/🤖'><body>it&apos;s</body></m>").nodes
    assert node.attributes[Name("", "to")].source == "room@x/🤖"
    assert node.children[0].text.source == "it's"


def test_a_bare_presence_matches_every_presence():
    (node,) = body("\t<presence/>").nodes
    received = etree.fromstring("<presence xmlns='jabber:client' type='unavailable' from='x'/>")
    assert isinstance(match(node, received, {}, Strictness.BY_NAMESPACE), Matched)


def test_double_hashes_are_tags_in_the_header_and_comments_below():
    transcript = parse("# t\n## pep\n## version: 0.12\n[Client] A\n---\n## a comment: here\nA connects", "x")
    assert transcript.tags == ("pep",)
    assert transcript.headers == {"version": "0.12"}
    assert transcript.steps[0].covers == ()


def test_a_body_may_be_indented_by_spaces():
    (node,) = body("    <iq>\n      <a/>\n    </iq>").nodes
    assert [child.name.local for child in node.children] == ["a"]


def test_a_comment_at_the_edge_does_not_cut_a_body():
    (node,) = body("\t<iq>\n# not yet: <b/>\n\t\t<a/>\n\t</iq>").nodes
    assert [child.line for child in node.children] == [7]
