import pytest

from harness.pattern.nodes import Literal, Strictness, Variable
from harness.transcript.parser import parse
from harness.transcript.portable import portable
from harness.transcript.walk import step_templates
from harness.xmpp.namespaces import Name

HEADER = """# t
[Client] Romeo
	jid: Romeo@localhost/orchard
	password: password
[Client] Romeo's phone
	jid: romeo@localhost
	password: password
[Client] Juliet
	jid: juliet@localhost
	password: password
	resource: balcony
-----
"""


def shown(template):
    return "".join(
        part.text
        if isinstance(part, Literal)
        else f"${{{part.name}}}"
        if isinstance(part, Variable)
        else "{any}"
        for part in template.parts
    )


def rewritten(text, action="Romeo receives:"):
    step = portable(parse(f"{HEADER}{action}\n\t{text}", "x.scs")).steps[0]
    return [shown(template) for template in step_templates(step)]


def test_accounts_are_fresh_and_shared_as_before():
    romeo, phone, juliet = portable(parse(f"{HEADER}Romeo connects", "x.scs")).actors
    assert all(actor.jid is None and actor.password is None for actor in (romeo, phone, juliet))
    assert (romeo.resource.source, phone.resource, juliet.resource.source) == ("orchard", None, "balcony")
    assert [actor.account_of for actor in (romeo, phone, juliet)] == ["", "Romeo", ""]


@pytest.mark.parametrize(
    ("literal", "portable_form"),
    [
        ("romeo@localhost", "${Romeo's JID}"),
        ("romeo@localhost/orchard", "${Romeo's JID}/orchard"),
        ("juliet@localhost", "${Juliet's JID}"),
        ("nurse@localhost", "${token nurse}@${domain}"),
        ("localhost", "${domain}"),
        ("conference.localhost", "${muc service}"),
        ("garden@conference.localhost/Romeo", "${room garden}/Romeo"),
        ("pubsub.localhost", "${pubsub service}"),
        ("upload.localhost", "${upload service}"),
        ("other.localhost", "other.${domain}"),
        ("mylocalhost", "mylocalhost"),
        ("localhost.org", "localhost.org"),
        ("romeo", "romeo"),
        ("xmpp:admin@localhost", "xmpp:admin@${domain}"),
        ("{scansion:any}", "{any}"),
        ("from juliet@localhost to romeo@localhost.", "from ${Juliet's JID} to ${Romeo's JID}."),
    ],
)
def test_addresses_become_variables(literal, portable_form):
    assert rewritten(f"<message from='{literal}'/>") == [portable_form]
    assert rewritten(f"<message><body>{literal}</body></message>") == [portable_form]


def test_nodes_of_a_service_are_renamed_everywhere():
    text = (
        f"{HEADER}Romeo sends:\n\t<iq type='set' to='pubsub.localhost'>"
        "<pubsub xmlns='http://jabber.org/protocol/pubsub'><create node='princely'/></pubsub></iq>\n"
        "Romeo receives:\n\t<message><items node='princely'/><other node='urn:x'/></message>"
    )
    steps = portable(parse(text, "x.scs")).steps
    assert "${node princely}" in [shown(template) for template in step_templates(steps[0])]
    assert [shown(template) for template in step_templates(steps[1])] == ["${node princely}", "urn:x"]


@pytest.mark.parametrize("identifier", ["fixme", "{scansion:any}"])
def test_an_answer_gets_the_id_of_its_request(identifier):
    assert "${Romeo's last request id}" in rewritten(f"<iq type='result' id='{identifier}'/>", "Romeo sends:")


def test_an_answer_whose_request_is_spelled_out_keeps_its_id():
    text = f"{HEADER}Romeo receives:\n\t<iq type='get' id='p1'/>\nRomeo sends:\n\t<iq type='result' id='p1'/>"
    node = portable(parse(text, "x.scs")).steps[1].nodes[0]
    assert node.attributes[Name("", "id")].source == "p1"
    assert shown(node.attributes[Name("", "id")]) == "p1"


def test_services_and_administrators_are_needs():
    text = "[Client] A\n\tjid: admin@localhost\n---\nA sends:\n\t<presence to='r@conference.localhost/a'/>"
    moved = portable(parse(text, "x.scs"))
    assert moved.needs == ("muc", "admin")
    assert moved.tags == ("intrusive",)
    assert moved.actors[0].is_admin


def test_hashes_of_capabilities_are_fresh():
    capabilities = "<c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='urn:c' ver='a+b='/>"
    announced = f"<presence>{capabilities}</presence>"
    asked = "<iq type='get'><query xmlns='http://jabber.org/protocol/disco#info' node='urn:c#a+b='/></iq>"
    other = "<iq type='get' id='r'><query xmlns='jabber:iq:roster' ver='1'/></iq>"
    text = f"{HEADER}Romeo sends:\n\t{announced}\nRomeo receives:\n\t{asked}\nRomeo sends:\n\t{other}"
    steps = portable(parse(text, "x.scs")).steps
    assert "${token a+b=}" in [shown(template) for template in step_templates(steps[0])]
    assert "urn:c#${token a+b=}" in [shown(template) for template in step_templates(steps[1])]
    assert "1" in [shown(template) for template in step_templates(steps[2])]


@pytest.mark.parametrize(
    ("sender", "strictness"),
    [("localhost", Strictness.OPEN), ("pubsub.localhost", Strictness.OPEN), ("romeo@localhost", None)],
)
def test_a_list_of_what_all_share_may_be_longer(sender, strictness):
    items = "<query xmlns='http://jabber.org/protocol/disco#items'><item jid='a'/></query>"
    text = f"{HEADER}Romeo receives:\n\t<iq type='result' from='{sender}'>{items}</iq>"
    assert portable(parse(text, "x.scs")).steps[0].nodes[0].children[0].strictness is strictness


def test_our_own_scripts_stay_as_they_are():
    transcript = parse("## covers: a\n[Client] A\n\tjid: a@localhost\n---\nA connects", "x.scs")
    assert portable(transcript) is transcript
