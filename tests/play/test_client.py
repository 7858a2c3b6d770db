"""Each kind of step, seen to pass and seen to fail, in self-play."""

import pytest

from harness.transcript.script import Standing
from harness.xmpp.elements import build
from harness.xmpp.namespaces import CLIENT, STREAM, STREAM_ERRORS, Name

PING = """
    Romeo connects
    Romeo sends:
        <iq type='get' id='a' to='${domain}'><ping xmlns='urn:xmpp:ping'/></iq>
    Romeo receives:
        <iq type='result' id='a'/>
"""


def nothing(making):
    return ()


def twice(making):
    return [*making.elements, *making.elements]


def backwards(making):
    return making.elements[::-1]


def message(**attributes):
    return build(Name(CLIENT, "message"), {"from": "stranger@example.org/x", "type": "chat", **attributes})


def test_a_script_passes_when_everything_comes(play):
    assert play(PING).problems == ()


def test_receives_fails_when_nothing_comes(play):
    problem = play(PING, nothing).problems[0]
    assert problem.cause == "nothing instead of <iq type='result'/>"
    assert problem.place.line == 13


def test_receives_fails_when_something_else_comes(play):
    problem = play(PING, lambda making: [message()]).problems[0]
    assert any(line.startswith("+ ") for line in problem.difference)


def test_a_stanza_that_nobody_expects_is_a_problem_at_the_end(play):
    assert play(PING, twice).problems[0].cause == "unexpected <iq type='result'/>"


TWO = """
    Romeo connects
    Romeo receives{how}:
        <message type='chat' from='${{domain}}/a'><body>one</body></message>
        <message type='chat' from='${{domain}}/b'><body>two</body></message>
"""


def test_receives_wants_its_elements_in_order(play):
    assert play(TWO.format(how="")).problems == ()
    assert play(TWO.format(how=""), backwards).problems


def test_in_any_order_takes_both_orders(play):
    assert play(TWO.format(how=" in any order"), backwards).problems == ()


@pytest.mark.parametrize("change", [nothing, lambda making: making.elements[:1]], ids=["none", "one"])
def test_in_any_order_wants_all(play, change):
    assert "instead of <message" in play(TWO.format(how=" in any order"), change).problems[0].cause


ONE_OF = """
    Romeo connects
    Romeo receives one of:
        <message type='chat'><body>one</body></message>
    permitted (it may be late):
        <message type='chat'><body>two</body></message>
    deviates (it should come):
        nothing
""".replace("    permitted", "        permitted").replace("    deviates", "        deviates")


def test_one_of_passes_with_its_first_alternative(play):
    assert play(ONE_OF).problems == ()


def test_one_of_notes_what_is_permitted(play):
    outcome = play(ONE_OF, line11=1)
    assert outcome.problems == ()
    assert outcome.notes == ("Romeo: permitted: it may be late",)


def test_one_of_tells_what_deviates(play):
    problem = play(ONE_OF, line11=2).problems[0]
    assert (problem.standing, problem.cause) == (Standing.DEVIATES, "it should come")


def test_one_of_fails_with_anything_else(play):
    assert play(ONE_OF, lambda making: [message()]).problems[0].standing is Standing.FAILS


MAY = """
    Romeo connects
    Romeo may receive:
        <message type='chat'><body>extra</body></message>
    Romeo receives:
        <message type='chat'><body>due</body></message>
"""


@pytest.mark.parametrize("choices", [{}, {"line11": 1}], ids=["absent", "present"])
def test_may_receive_takes_it_or_leaves_it(play, choices):
    assert play(MAY, **choices).problems == ()


NOTHING = """
    Romeo connects
    Juliet connects
    Juliet receives nothing
"""


def test_nothing_passes_when_nothing_comes(play):
    outcome = play(NOTHING)
    assert outcome.problems == ()
    assert "Juliet" in outcome.fenced


def test_nothing_fails_when_something_comes(play):
    problem = play(NOTHING, lambda making: [message()]).problems[0]
    assert problem.cause == "<message type='chat'/> instead of nothing"


def test_background_is_set_aside_and_told(play):
    version = build(
        Name(CLIENT, "iq"),
        {"type": "get", "id": "v", "from": "example.org"},
        build(Name("jabber:iq:version", "query")),
    )
    outcome = play(PING, lambda making: [version, *making.elements])
    assert outcome.problems == ()
    assert outcome.notes == ("Romeo: set aside: the server asks jabber:iq:version",)


def test_background_does_not_hide_what_must_not_come(play):
    greeting = message()
    greeting.set("from", "example.org")
    script = NOTHING.replace("receives nothing", "receives nothing like:\n        <message type='chat'/>")
    assert play(script, lambda making: [greeting]).problems


def test_a_capture_is_compared_and_can_be_sent(play):
    outcome = play(
        """
        Romeo connects
        Romeo receives:
            <iq type='get' id='{capture:asked}' from='${domain}'><x xmlns='urn:example:x'/></iq>
        Romeo sends:
            <iq type='result' id='${asked}' to='${domain}'/>
        """.replace("\n        ", "\n    ")
    )
    assert outcome.problems == ()


STREAM_LEVEL = """
    Romeo opens a connection
    Romeo opens a stream
    Romeo receives a stream header:
        version='1.0'
        id='{any}'
    Romeo starts TLS
    Romeo authenticates with SCRAM-SHA-1
    Romeo binds
    Romeo sends:
        <presence/>
    Romeo receives:
        <presence from="${Romeo's full JID}"/>
    Romeo closes the stream
    Romeo receives the stream's end
"""


def test_a_login_can_be_written_step_by_step(play):
    assert play(STREAM_LEVEL).problems == ()


def test_a_header_without_what_is_expected_fails(play):
    def without_id(making):
        for element in making.elements:
            element.attrib.pop("id", None)
        return making.elements

    assert play(STREAM_LEVEL, without_id).problems[0].cause == "the stream header lacks 'id'"


@pytest.mark.parametrize("how", ["legacy plain", "legacy digest"])
def test_the_legacy_login_can_be_written(play, how):
    outcome = play(
        f"""
    Romeo opens a connection
    Romeo opens a stream:
        version='{{absent}}'
    Romeo authenticates with {how}
    Romeo sends:
        <presence/>
    """
    )
    assert outcome.problems == ()


ERROR = """
    Romeo opens a connection
    Romeo sends raw:
        <stream:stream xmlns='jabber:client' to='${domain}' version='1.0'>
    Romeo receives a stream error:
        not-well-formed
        permitted: bad-namespace-prefix
    Romeo receives the stream's end
"""


def test_a_stream_error_is_expected(play):
    assert play(ERROR).problems == ()


def test_another_stream_error_fails(play):
    def other(making):
        if making.elements and making.elements[0].tag == str(Name(STREAM, "error")):
            return [build(Name(STREAM, "error"), None, build(Name(STREAM_ERRORS, "reset")))]
        return making.elements

    assert play(ERROR, other).problems[0].cause == (
        "stream error reset instead of not-well-formed or bad-namespace-prefix"
    )
