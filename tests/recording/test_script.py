"""A recording as a script: who is who, what stands for what, which steps there are."""

import base64

import pytest

from harness.recording.script import write
from harness.recording.session import Recording
from harness.transcript.lint import lint
from harness.transcript.parser import parse
from tests.recording.conversation import CLIENT, SERVER, Talk, bound

ROMEO, JULIET = "r@example.org/xyz", "j@example.org/balcony"


def steps_of(recording: Recording) -> str:
    """The steps of the script, which has to be one that can be played."""
    text = write(recording, "").text
    parse(text, "recorded.scs")
    return text.partition("---------\n\n")[2]


def lines_of(recording: Recording) -> list[str]:
    """The lines behind the login."""
    return [line.strip() for line in steps_of(recording).splitlines() if not line.endswith(" connects")]


def test_a_conversation_of_two() -> None:
    recording = Recording()
    juliet = Talk(recording, JULIET, "balcony")
    romeo = Talk(recording, ROMEO)
    body = "<body>I {love} r@example.org</body>"
    romeo.sends(f"<message from='{ROMEO}' to='j@example.org' id='purple1' xml:lang='en'>{body}</message>")
    juliet.receives(f"<message to='{JULIET}' from='{ROMEO}' id='purple1'>{body}</message>")
    juliet.sends("</stream:stream>")
    juliet.receives("<presence type='unavailable'/></stream:stream>")
    romeo.listening.dropped(CLIENT)
    assert (
        write(recording, "Told.").text
        == """\
# Romeo and Juliet, as recorded
# Told.
## dialect: harness
## tags: recorded

[Client] Romeo
	resource: balcony
[Client] Juliet

---------

Romeo connects
Juliet connects
Juliet sends:
	<message to="${Romeo's JID}" id='1' xml:lang='en'>
		<body>I {{love}} ${Juliet's JID}</body>
	</message>
Romeo receives:
	<message from="${Juliet's full JID}" id='1'>
		<body>I {{love}} ${Juliet's JID}</body>
	</message>
Romeo disconnects
Juliet closes the connection
"""
    )


def test_resources_of_one_account_are_actors_that_share_it_and_come_again() -> None:
    recording = Recording()
    first = Talk(recording, "r@example.org/1")
    Talk(recording, "r@example.org/2")
    first.sends("</stream:stream>")
    Talk(recording, "r@example.org/3")
    text = write(recording, "").text
    assert "[Client] Romeo\n[Client] Romeo's phone\n\taccount: Romeo\n\n" in text
    assert steps_of(recording).splitlines() == [
        "Romeo connects",
        "Romeo's phone connects",
        "Romeo disconnects",
        "Romeo connects",
    ]


def test_the_login_of_old_is_one_too() -> None:
    recording = Recording()
    talk = Talk(recording)
    talk.sends(
        "<iq type='set' id='a'><query xmlns='jabber:iq:auth'><username>r</username>"
        "<password>benvolio7</password><resource>xyz</resource></query></iq>"
    )
    talk.receives("<iq type='result' id='a'/>")
    talk.sends("<message to='r@example.org'><body>benvolio7</body></message>")
    assert "<body>[masked]</body>" in steps_of(recording)
    assert [one.jid for one in recording.logged_in()] == [ROMEO]


def test_what_the_server_makes_up_is_a_placeholder_and_captured_where_it_is_used() -> None:
    recording = Recording()
    romeo = Talk(recording, ROMEO)
    romeo.receives(
        f"<iq type='set' id='push-7' to='{ROMEO}' from='r@example.org'>"
        "<query xmlns='jabber:iq:roster' ver='12'/></iq>"
        "<message id='srv-99'><delay xmlns='urn:xmpp:delay' stamp='2026-01-02T03:04:05Z'/>"
        "<stanza-id xmlns='urn:xmpp:sid:0' by='r@example.org' id='28482-98726-73623-abc'/></message>"
    )
    romeo.sends("<iq type='result' id='push-7'/>")
    romeo.sends(
        "<iq type='get' id='m'><query xmlns='urn:xmpp:mam:2'>"
        "<after>28482-98726-73623-abc</after></query></iq>"
    )
    assert lines_of(recording) == [
        "Romeo receives in any order:",
        "<iq type='set' id='{capture:id1}'>",
        "<query xmlns='jabber:iq:roster' ver='12'/>",
        "</iq>",
        "<message>",
        "<delay xmlns='urn:xmpp:delay' stamp='{timestamp}'/>",
        """<stanza-id xmlns='urn:xmpp:sid:0' by="${Romeo's JID}" id='{capture:id2}'/>""",
        "</message>",
        "Romeo sends:",
        "<iq type='result' id='${id1}'/>",
        "Romeo sends:",
        "<iq type='get' id='1'>",
        "<query xmlns='urn:xmpp:mam:2'>",
        "<after>${id2}</after>",
        "</query>",
        "</iq>",
    ]


def test_what_a_client_said_first_stays_as_it_is() -> None:
    recording = Recording()
    romeo = Talk(recording, ROMEO)
    romeo.sends(
        "<message to='r@example.org/x'><body>Here is abcdefgh12345</body><v>abcdefgh12345</v></message>"
    )
    romeo.receives("<message><v>abcdefgh12345</v><w>zyxwvuts54321</w></message>")
    assert "<v>abcdefgh12345</v>" in lines_of(recording)[5:]
    assert "<w>{any}</w>" in lines_of(recording)


def test_rooms_and_services_are_fresh_ones() -> None:
    recording = Recording()
    romeo = Talk(recording, ROMEO)
    for room in ("garden", "crypt"):
        romeo.sends(
            f"<presence to='{room}@conference.example.org/R'><x xmlns='http://jabber.org/protocol/muc'/></presence>"
        )
    romeo.sends(
        "<iq type='get' id='1' to='conference.example.org'><query xmlns='http://jabber.org/protocol/disco#items'/></iq>"
    )
    romeo.sends(
        "<iq type='get' id='2' to='ps.example.org'><pubsub xmlns='http://jabber.org/protocol/pubsub'/></iq>"
    )
    romeo.sends("<iq type='get' id='3' to='other.example.org'><q xmlns='urn:example:q'/></iq>")
    text = write(recording, "").text
    assert "## needs: muc, pubsub\n" in text
    for address in ("${room}/R", "${room crypt}/R", "${muc service}", "${pubsub service}", "other.${domain}"):
        assert f"to='{address}'" in text


def test_no_password_is_written_down() -> None:
    recording = Recording()
    recording.secrets.add("capulet-99")
    romeo = Talk(recording, ROMEO)
    secret = "verona-4711"
    romeo.sends(
        f"<iq type='set' id='1'><query xmlns='jabber:iq:register'>"
        f"<username>r</username><password>{secret}</password></query></iq>"
        f"<presence to='x@c.example.org/R'><x xmlns='http://jabber.org/protocol/muc'><password>{secret}</password></x></presence>"
        f"<iq type='set' id='2' to='x@c.example.org'>"
        "<query xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data' type='submit'>"
        f"<field var='muc#roomconfig_roomsecret'><value>{secret}</value></field></x></query></iq>"
        f"<message to='j@example.org'><x xmlns='jabber:x:conference' jid='x@c.example.org'/>"
        f"<conference xmlns='storage:bookmarks' password='{secret}'/>"
        "<body>capulet-99</body></message>"
    )
    romeo.receives(
        f"<iq type='result' id='9'><query xmlns='jabber:iq:register'><password>{secret}</password>"
        "</query></iq>"
    )
    text = write(recording, "").text
    assert secret not in text
    assert "capulet-99" not in text
    assert text.count("${token password}") == 4


def test_what_comes_from_several_at_once_has_no_order_and_waits_for_no_sender() -> None:
    recording = Recording()
    romeo, juliet = Talk(recording, ROMEO), Talk(recording, JULIET)
    romeo.receives("<presence from='a@example.org/1'/>")
    juliet.receives("<presence from='b@example.org/1'/>")
    romeo.receives("<presence from='c@example.org/1'/>")
    juliet.receives("<message from='b@example.org/1'/>")
    assert [line for line in lines_of(recording) if line.endswith(":")] == [
        "Romeo receives in any order:",
        "Juliet receives:",
    ]


@pytest.mark.parametrize("kind", ["ping", "version"])
def test_what_a_server_may_ask_at_any_time_is_left_out(kind: str) -> None:
    namespace = {"ping": "urn:xmpp:ping", "version": "jabber:iq:version"}[kind]
    name = {"ping": "ping", "version": "query"}[kind]
    recording = Recording()
    romeo = Talk(recording, ROMEO)
    romeo.sends("<iq type='set' id='s'><session xmlns='urn:ietf:params:xml:ns:xmpp-session'/></iq>")
    romeo.receives("<iq type='result' id='s'/>")
    romeo.receives(f"<iq type='get' id='q' from='example.org'><{name} xmlns='{namespace}'/></iq>")
    romeo.sends("<iq type='result' id='q' to='example.org'/>")
    romeo.receives("<message from='example.org'><body>Welcome</body></message>")
    assert lines_of(recording) == []


def test_a_stream_error_and_who_closes() -> None:
    recording = Recording()
    romeo = Talk(recording, ROMEO)
    romeo.receives(
        "<stream:error><text xmlns='urn:ietf:params:xml:ns:xmpp-streams'>x</text>"
        "<conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>"
    )
    juliet = Talk(recording, JULIET)
    juliet.listening.dropped(SERVER)
    assert lines_of(recording) == [
        "Romeo receives a stream error:",
        "conflict",
        "Romeo receives the stream's end",
        "Juliet receives the end of the stream or connection",
    ]


def test_text_keeps_what_it_is_made_of() -> None:
    recording = Recording()
    romeo = Talk(recording, ROMEO)
    romeo.sends(
        "<message to='j@example.org'><body>one\n\ttwo &lt;&amp; 'three' \"four\" ${x}</body>"
        "<html xmlns='http://jabber.org/protocol/xhtml-im'>"
        "<body xmlns='http://www.w3.org/1999/xhtml'>a <em a='&quot;&apos;&#10;'>b</em> c</body></html>"
        "<p:x xmlns:p='urn:example:p' p:a='1' xmlns:q='urn:example:q' q:b='2'>"
        "<x xmlns='jabber:client'/></p:x></message>"
    )
    text = steps_of(recording)
    transcript = parse(write(recording, "").text, "recorded.scs")
    assert not [one for one in lint(transcript) if "cannot" in str(one)]
    assert "<body>one&#10;\ttwo &lt;&amp; 'three' \"four\" ${{x}}</body>" in text
    assert (
        "<x xmlns='urn:example:p' xmlns:ns2='urn:example:p' ns2:a='1' xmlns:ns3='urn:example:q' ns3:b='2'>"
        in text
    )
    assert """<body xmlns='http://www.w3.org/1999/xhtml'>a <em a="&quot;'&#10;">b</em> c</body>""" in text


def test_a_second_session_at_the_same_time_is_another_actor_whatever_was_said_between() -> None:
    recording = Recording()
    romeo = Talk(recording, "r@example.org/1")
    for number in range(6):
        romeo.sends(f"<message to='j@example.org' id='m{number}'/>")
    Talk(recording, "r@example.org/2")
    assert "[Client] Romeo's phone\n\taccount: Romeo\n" in write(recording, "").text


def test_text_between_children_is_treated_as_any_other() -> None:
    recording = Recording()
    romeo = Talk(recording, ROMEO)
    romeo.receives("<message><t>Tok9876543210<b/></t></message>")
    romeo.sends("<message to='j@example.org'><t>Tok9876543210</t><password>geheim9 <x/></password></message>")
    text = steps_of(recording)
    assert "<t>{capture:t1}<b/></t>" in text
    assert "<t>${t1}</t>" in text
    assert "geheim9" not in text


_FORM = "<x xmlns='jabber:x:data' type='submit'><field {}><required/><value>verona-4711</value></field></x>"


@pytest.mark.parametrize(
    "payload",
    [
        _FORM.format("var='password-verify'"),
        _FORM.format("var='p' type='text-private'"),
        "<x xmlns='jabber:x:conference' jid='g@c.example.org' password='verona-4711'/>",
        "<service xmlns='urn:xmpp:extdisco:2' password='verona-4711'/>",
        "<query xmlns='urn:example:q'><password><![CDATA[verona-4711]]></password></query>",
    ],
)
def test_a_password_is_one_wherever_it_stands_and_wherever_it_is_said_again(payload: str) -> None:
    recording = Recording()
    romeo = Talk(recording, ROMEO)
    romeo.sends(f"<iq type='set' id='1' to='example.org'>{payload}</iq>")
    romeo.receives(f"<iq type='result' id='1'>{payload}</iq>")
    romeo.sends("<message to='j@example.org'><body>It is verona-4711.</body></message>")
    assert "verona-4711" not in steps_of(recording)


def test_whether_a_room_has_a_password_is_no_password() -> None:
    recording = Recording()
    field = "<field var='muc#roomconfig_passwordprotectedroom' type='boolean'><value>1</value></field>"
    Talk(recording, ROMEO).sends(f"<iq type='set' id='1'><x xmlns='jabber:x:data'>{field}</x></iq>")
    assert "<value>1</value>" in steps_of(recording)


def test_a_password_that_plain_sends_as_a_response_is_known() -> None:
    recording = Recording()
    talk = Talk(recording)
    said = base64.b64encode(b"\0r\0verona-4711").decode()
    talk.sends(f"<response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><![CDATA[{said}]]></response>")
    for source, text in bound(ROMEO):
        talk.say(source, text)
    talk.sends("<message to='j@example.org'><body>It is verona-4711.</body></message>")
    assert "<body>It is [masked].</body>" in steps_of(recording)


def test_a_password_that_is_the_name_as_well_does_not_hide_who_is_who() -> None:
    recording = Recording()
    recording.secrets.add("romeo")
    Talk(recording, "romeo@example.org/1").receives("<presence from='romeo@example.org/1'/>")
    assert """<presence from="${Romeo's full JID}"/>""" in steps_of(recording)


def test_a_resource_writes_no_steps() -> None:
    recording = Recording()
    Talk(recording, "r@example.org/1", "a&#10;&#10;---------&#10;&#10;Romeo closes the connection")
    Talk(recording, "j@example.org/1", "{any} ${domain}")
    text = write(recording, "").text
    assert "closes" not in text
    assert "\tresource: {{any}} ${{domain}}\n" in text
    parse(text, "recorded.scs")


def test_rooms_stay_apart() -> None:
    recording = Recording()
    romeo = Talk(recording, ROMEO)
    rooms = ("x@c1", "den@c1", "den@c2", "b-b@c1", "number4@c1", "number5@c1")
    for room in rooms:
        to = f"{room}.example.org/R"
        romeo.sends(f"<presence to='{to}'><x xmlns='http://jabber.org/protocol/muc'/></presence>")
    written = [line for line in lines_of(recording) if line.startswith("<presence")]
    assert len(set(written)) == len(rooms)
    assert "<presence to='den@c2.${domain}/R'>" in written
