"""Each step with a client under test: the right way, and the wrong ways."""

import pytest

from harness.play.hosted import Fence
from harness.play.obstacles import obstacle, terms_for
from harness.transcript.parser import parse
from harness.transcript.script import Standing
from harness.wire.events import TlsFailed
from tests.play.hosting import ALL, HEADER, Hosting, in_clear, script

PING = "<iq type='get' id='{id}'><ping xmlns='urn:xmpp:ping'/></iq>"
MESSAGE = """
    Romeo connects
    Romeo sends:
        <message type='chat' to='juliet@${domain}'><body>hi</body></message>
"""
ROSTER = """
    Romeo connects
    Romeo sends:
        <iq type='get' id='r'><query xmlns='jabber:iq:roster'/></iq>
    Romeo receives:
        <iq type='result' id='r'><query xmlns='jabber:iq:roster'/></iq>
"""
PUSH = """
    Romeo connects
    Romeo receives:
        <iq type='set' id='p'><query xmlns='jabber:iq:roster'><item jid='a@b.example'/></query></iq>
"""


def passed(hosting: Hosting) -> bool:
    hosting.keep_up()
    return hosting.play.is_over and not hosting.causes


# --- coming and going -----------------------------------------------------------------------------


def test_a_login_is_asked_for_and_served() -> None:
    one = in_clear("Romeo connects")
    assert one.told == ["connect"]
    assert passed(one.log_in())


def test_a_login_over_starttls_is_served_as_usual() -> None:
    one = Hosting("Romeo connects").connect().secure()
    assert "SCRAM-SHA-1" in one.send(HEADER).got
    one.authenticate().send(HEADER).bind()
    assert passed(one.report("connected"))


def test_what_cannot_be_read_during_a_login_is_named() -> None:
    one = in_clear("Romeo connects").connect().send(HEADER).send("<a><b></a>")
    assert one.causes == ["cannot log in: a violation (not-well-formed) instead of a login"]
    assert one.outcome.problems[0].is_environment


@pytest.mark.parametrize("first", [True, False])
def test_an_old_failure_is_no_word_about_a_later_connection(first: bool) -> None:
    one = in_clear(
        "Romeo does not log in"
        if first
        else "Romeo connects\nRomeo loses the connection\nRomeo does not log in"
    )
    if not first:
        one.log_in().report("error", condition="lost").report("disconnected")
    one.connect().send(HEADER)
    if first:
        one.report("error", condition="not-authorized")
    one.keep_up()
    assert one.play.is_over == first


@pytest.mark.parametrize("given", ["id='j-1' ", ""])
def test_an_error_has_the_id_of_what_it_answers(given: str) -> None:
    one = in_clear("""
        Romeo connects
        Romeo sends:
            <presence to='den@rooms.${domain}/Romeo'/>
        Romeo receives:
            <presence type='error' from='den@rooms.${domain}/Romeo'/>
    """).log_in()
    one.send(f"<presence {given}to='den@rooms.{{domain}}/Romeo'/>")
    answer = one.got.partition("<presence")[2].partition("/>")[0]
    assert ("id='j-1'" in answer) == bool(given)
    assert ("id=" in answer) == bool(given)


def test_who_has_a_session_without_saying_so_is_no_verdict() -> None:
    one = in_clear("Romeo connects").connect().send(HEADER).authenticate().send(HEADER).bind()
    assert not one.play.is_over
    one.silence()
    assert one.causes == ["its driver does not say that it is connected"]
    assert one.outcome.problems[0].is_environment


def test_who_has_no_driver_need_not_say_anything() -> None:
    one = in_clear("Romeo connects", commands=frozenset())
    one.connect().send(HEADER).authenticate().send(HEADER).bind()
    assert one.told == []
    assert passed(one)


@pytest.mark.parametrize("way", ["nothing", "gone", "refused", "crash"])
def test_a_login_that_fails_is_no_verdict(way: str) -> None:
    one = in_clear("Romeo connects")
    if way == "nothing":
        one.silence()
        assert one.causes == ["nothing instead of a connection"]
    elif way == "gone":
        one.connect().send(HEADER).hang_up()
        assert one.causes == ["cannot log in: the end of the connection instead of a login"]
        assert one.outcome.problems[0].is_environment
    elif way == "refused":
        one.refuse()
        assert one.causes == ["the TLS handshake failed"]
    else:
        one.connect().end("crashed: SIGSEGV")
        assert one.causes == ["crashed: SIGSEGV"]
    assert one.play.is_over


def test_a_client_disconnects_by_command_and_is_answered() -> None:
    one = in_clear("Romeo connects\nRomeo disconnects").log_in()
    assert one.told == ["connect", "disconnect"]
    one.send("</stream:stream>")
    assert one.got.endswith("</stream:stream>")
    assert passed(one)


def test_whom_nobody_can_tell_is_sent_away() -> None:
    one = in_clear("Romeo connects\nRomeo disconnects", commands=frozenset())
    one.connect().send(HEADER).authenticate().send(HEADER).bind()
    assert one.got.endswith("</stream:stream>")
    assert passed(one.send("</stream:stream>"))


def test_closing_the_stream_takes_a_closing_tag() -> None:
    steps = "Romeo connects\nRomeo closes the stream"
    assert passed(in_clear(steps).log_in().send("</stream:stream>"))
    assert in_clear(steps).log_in().hang_up().causes == [
        "the end of the connection instead of the end of its stream"
    ]


def test_a_client_ends_its_stream_by_itself() -> None:
    steps = "Romeo connects\nRomeo ends the stream"
    one = in_clear(steps).log_in()
    assert "disconnect" not in one.told
    assert passed(one.send("</stream:stream>"))
    assert in_clear(steps).log_in().silence().causes == ["nothing instead of the end of its stream"]
    either = "Romeo connects\nRomeo ends the stream or connection"
    assert passed(in_clear(either).log_in().hang_up())


def test_a_lost_connection_is_told() -> None:
    steps = "Romeo connects\nRomeo loses the connection\nRomeo reports disconnected"
    one = in_clear(steps).log_in()
    assert one.is_closed
    assert passed(one.report("disconnected"))
    assert in_clear(steps).log_in().silence(2).causes == ["nothing reported instead of disconnected"]


def test_a_stream_that_is_closed_is_closed_by_the_client_too() -> None:
    steps = "Romeo connects\nRomeo receives the stream's end"
    assert passed(in_clear(steps).log_in().send("</stream:stream>"))
    one = in_clear(steps).log_in().silence()
    assert not one.causes
    assert "did not close its half" in one.outcome.notes[0]


# --- not logging in -------------------------------------------------------------------------------

GIVES_UP = "Romeo does not log in"


def test_who_gives_up_does_not_log_in() -> None:
    one = in_clear(GIVES_UP).connect().send(HEADER)
    assert passed(one.report("error", condition="tls-required").hang_up())
    assert passed(in_clear(GIVES_UP).refuse())


def test_who_logs_in_though_it_must_not_fails() -> None:
    one = in_clear(GIVES_UP).log_in().keep_up()
    assert one.causes == ["logged in"]
    assert "bind" in "".join(one.outcome.problems[0].difference)
    assert passed(in_clear("Romeo may log in").log_in())


def test_who_hangs_instead_of_giving_up_is_noted() -> None:
    one = in_clear(GIVES_UP).connect().send(HEADER).silence()
    assert not one.causes
    assert any("given up after a while" in note for note in one.outcome.notes)


# --- what is sent ---------------------------------------------------------------------------------


def test_a_message_is_asked_for_and_taken_among_others() -> None:
    one = in_clear(MESSAGE).log_in()
    assert one.told == ["connect", "send-message juliet@example.org chat hi"]
    one.send("<presence/>").send("<message to='juliet@{domain}'><body>other</body></message>")
    assert not one.play.is_over
    one.send("<message id='own' type='chat' to='juliet@{domain}'><body>hi</body><x xmlns='a:b'/></message>")
    assert passed(one)


def test_a_message_that_is_not_the_one_is_shown() -> None:
    one = in_clear(MESSAGE).log_in()
    one.send("<message type='chat' to='juliet@{domain}'><body>ho</body></message>").silence().keep_up()
    one.silence(3)
    assert one.causes == ["message/body: text is 'ho' instead of 'hi'"] or "body" in one.causes[0]
    assert one.outcome.problems[0].difference
    assert one.outcome.problems[0].place


def test_a_message_that_never_comes_is_missed() -> None:
    one = in_clear(MESSAGE).log_in().silence().keep_up().silence(2)
    assert one.causes == ["nothing instead of <message type='chat'/>"]


def test_a_command_that_the_driver_lacks_is_no_verdict() -> None:
    one = in_clear(MESSAGE, commands=frozenset({"connect"})).log_in()
    assert one.causes == ["the driver of Romeo has no command send-message"]
    assert one.outcome.problems[0].is_environment


def test_an_answer_carries_the_id_that_the_client_gave() -> None:
    one = in_clear(ROSTER).log_in()
    assert "get-roster" in one.told
    one.send("<iq type='get' id='own-7'><query xmlns='jabber:iq:roster'/></iq>")
    assert "<iq type='result' id='own-7'" in one.got
    assert passed(one)


def test_what_the_script_does_not_speak_of_is_answered_as_usual() -> None:
    one = in_clear(MESSAGE).log_in().send(PING.replace("{id}", "mine"))
    assert "<iq type='result' id='mine'" in one.got
    assert not one.play.is_over


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        ("<iq type='result' id='p'/>", ""),
        ("<iq type='error' id='p'><error type='cancel'/></iq>", "attribute type is 'error'"),
        ("<iq type='result' id='q'/>", "attribute id is not 'p'"),
    ],
)
def test_a_push_is_answered(answer: str, problem: str) -> None:
    one = in_clear(PUSH + "    Romeo sends:\n        <iq type='result' id='p'/>\n").log_in().send(answer)
    one.silence().keep_up().silence()
    assert one.play.is_over
    assert [problem in cause for cause in one.causes] == ([True] if problem else [])


ALTERNATIVES = """
    Romeo sends one of:
        <iq type='result' id='p'/>
        permitted (it may refuse):
        <iq type='error' id='p'/>
        deviates (it should say something):
        nothing
"""


@pytest.mark.parametrize(
    ("answer", "standing", "note"),
    [
        ("<iq type='result' id='p'/>", None, ""),
        ("<iq type='error' id='p'/>", None, "it may refuse"),
        ("", Standing.DEVIATES, ""),
    ],
)
def test_one_of_several_is_sent(answer: str, standing: Standing | None, note: str) -> None:
    one = in_clear(PUSH + ALTERNATIVES).log_in().send(answer)
    for _ in range(3):
        one.keep_up().silence()
    assert one.play.is_over
    assert [problem.standing for problem in one.outcome.problems] == ([standing] if standing else [])
    assert note in "".join(one.outcome.notes)


def test_what_must_not_be_sent_is_found_from_the_beginning() -> None:
    steps = "Romeo connects\nRomeo sends nothing like:\n    <message type='error'/>"
    assert passed(in_clear(steps).log_in().send("<message to='{domain}'/>"))
    one = in_clear(steps).log_in().send("<message type='error' to='{domain}'/>").keep_up()
    assert one.causes == ["<message/> instead of nothing"]


def test_a_request_is_told_field_by_field() -> None:
    one = in_clear("Romeo connects\nRomeo is asked to join room:\n    room='r@c' nick='N'").log_in()
    assert one.told[1] == "join-room r@c N"
    assert passed(one)


# --- what is reported -----------------------------------------------------------------------------

REPORTS = "Romeo connects\nRomeo reports contact:\n    jid='a@b.example' name='{any}'"


def test_a_report_is_awaited_with_its_values() -> None:
    one = in_clear(REPORTS).log_in().report("contact", jid="x@b.example", name="")
    assert not one.play.is_over
    assert passed(one.report("contact", jid="a@b.example", name="A"))


def test_a_report_that_does_not_come_is_missed_with_what_came() -> None:
    one = in_clear(REPORTS).log_in().report("contact", jid="x@b.example")
    for _ in range(4):
        one.silence().keep_up()
    assert one.causes == ["nothing reported instead of contact"]
    assert "x@b.example" in "".join(one.outcome.problems[0].difference)


def test_a_report_is_counted_once() -> None:
    twice = REPORTS + "\nRomeo reports contact:\n    jid='a@b.example'"
    one = in_clear(twice).log_in().report("contact", jid="a@b.example", name="")
    assert not one.play.is_over
    assert passed(one.report("contact", jid="a@b.example", name=""))


def test_what_must_not_be_reported_has_never_been() -> None:
    steps = "Romeo connects\nRomeo reports nothing like contact:\n    jid='a@b.example'"
    assert passed(in_clear(steps).log_in())
    one = in_clear(steps).log_in().report("contact", jid="a@b.example").keep_up()
    assert one.causes == ["reports contact"]


# --- streams --------------------------------------------------------------------------------------

STEP_BY_STEP = """
    Romeo opens a connection
    Romeo starts TLS
    Romeo opens a stream
    Romeo authenticates with PLAIN
    Romeo opens a stream
    Romeo binds
"""


def test_a_login_step_by_step() -> None:
    one = Hosting(STEP_BY_STEP, "## server: mechanisms PLAIN").connect().secure()
    one.send(HEADER).authenticate().send(HEADER).bind()
    assert passed(one)


def test_a_handshake_that_fails_is_told_with_the_drivers_words() -> None:
    one = Hosting("Romeo opens a connection\nRomeo starts TLS").connect()
    one.send(HEADER).send("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")
    one.report("error", condition="no-trust").tell(TlsFailed(reason="alert"))
    assert one.play.is_over
    assert "no-trust" in one.outcome.problems[0].message


REFUSES = "Romeo opens a connection\nRomeo opens a stream\nRomeo refuses TLS"


@pytest.mark.parametrize("way", ["alert", "silence", "goes-on"])
def test_a_wrong_certificate_is_refused(way: str) -> None:
    one = Hosting(REFUSES, "## server: certificate expired").connect()
    one.send(HEADER).send("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")
    if way == "alert":
        one.tell(TlsFailed(reason="alert"))
        assert passed(one)
    elif way == "silence":
        one.start_tls().silence()
        assert any("given up" in note for note in one.outcome.notes)
    else:
        one.start_tls().send(HEADER)
        assert one.causes == ["goes on over TLS that it must not trust"]


def test_a_header_is_checked() -> None:
    steps = "Romeo opens a connection\nRomeo opens a stream:\n    to='${domain}' version='1.0'"
    assert passed(in_clear(steps).connect().send(HEADER).hang_up())
    one = in_clear(steps).connect().send(HEADER.replace("to='{domain}'", "to='other.example'"))
    assert "to" in one.causes[0]
    assert "'other.example'" in one.causes[0]


ILL_FORMED = """
    Romeo connects
    Romeo receives raw:
        <message></body>
    Romeo sends a stream error:
        not-well-formed
        permitted (so it says): bad-format
        deviates (the name is only a SHOULD): any
    Romeo ends the stream or connection
"""


@pytest.mark.parametrize(
    ("condition", "standing", "notes"),
    [
        ("not-well-formed", None, 0),
        ("bad-format", None, 1),
        ("policy-violation", Standing.DEVIATES, 0),
    ],
)
def test_a_stream_error_is_sent(condition: str, standing: Standing | None, notes: int) -> None:
    one = in_clear(ILL_FORMED).log_in()
    assert one.got.endswith("<message></body>")
    error = f"<stream:error><{condition} xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>"
    one.send(f"{error}</stream:stream>").hang_up()
    assert [problem.standing for problem in one.outcome.problems] == ([standing] if standing else [])
    assert len(one.outcome.notes) == notes


def test_no_stream_error_is_missed() -> None:
    assert in_clear(ILL_FORMED).log_in().hang_up().causes == [
        "the end of the connection instead of a stream error"
    ]


# --- fences, ends and the rest --------------------------------------------------------------------


def test_a_driver_shows_by_a_message_that_its_client_has_caught_up() -> None:
    one = in_clear("Romeo connects", fence=Fence.MARKER).log_in()
    marker = one.got.rpartition("<body>")[2].partition("<")[0]
    assert one.told == ["connect"]
    one.report("message", body=marker)
    assert one.told == [f"send-message example.org chat {marker}"]
    one.send(f"<message to='{{domain}}' type='chat'><body>{marker}</body></message>")
    assert passed(one)


def test_who_never_catches_up_is_noted() -> None:
    one = in_clear("Romeo connects").log_in().silence(3)
    assert not one.causes
    assert any("given up after a while" in note for note in one.outcome.notes)


def test_a_crash_is_the_problem_whatever_else_is_wrong() -> None:
    one = in_clear(MESSAGE).log_in().hang_up().end("crashed: SIGABRT")
    one.play.note_crash("Romeo")
    assert one.causes[0] == "crashed: SIGABRT"
    assert len(one.causes) == 2
    one.play.note_crash("Romeo")
    assert len(one.causes) == 2


def test_a_crash_after_all_went_well_is_held_against_it() -> None:
    one = in_clear("Romeo connects\nRomeo disconnects").log_in().send("</stream:stream>")
    assert passed(one)
    one.end("crashed: SIGSEGV")
    one.play.note_crash("Romeo")
    assert one.causes == ["crashed: SIGSEGV"]


def test_a_program_that_ends_is_told_with_what_is_missing() -> None:
    one = in_clear(MESSAGE).log_in().end()
    one.silence(3)
    assert "its program has ended" in one.outcome.problems[0].message


def test_a_second_connection_is_let_be() -> None:
    one = in_clear(MESSAGE).log_in()
    first = one._number
    one.connect().send(HEADER)
    one._number = first
    one.send("<message type='chat' to='juliet@{domain}'><body>hi</body></message>")
    assert passed(one)


def test_a_violation_after_the_script_breaks_nothing() -> None:
    one = in_clear("Romeo connects").log_in()
    assert passed(one)
    one.send("<message><body>late</body></message>").send("</stream:stream>")
    assert one.got.endswith("</stream:stream>")
    assert not one.causes


# --- what a client cannot be asked ----------------------------------------------------------------

FEATURES = frozenset({"tcp", "tls-starttls", "tls-none"})


@pytest.mark.parametrize(
    ("steps", "commands", "told"),
    [
        (MESSAGE, ALL, ""),
        (MESSAGE, ALL - {"send-message"}, "the driver has no command send-message"),
        (MESSAGE, frozenset(), "needs a driver with the command send-message"),
        (REPORTS, frozenset(), "needs a driver that reports"),
        (PUSH, frozenset(), ""),
        ("Romeo connects\nRomeo sends raw:\n    <x/>", ALL, "no client can be told to send raw bytes"),
        ("Romeo connects\nRomeo closes the connection", ALL, "no client can be told to drop its connection"),
    ],
)
def test_obstacles(steps: str, commands: frozenset[str], told: str) -> None:
    assert obstacle(parse(script(steps), "script.scs"), commands, FEATURES) == told


def test_a_client_without_tls_is_spared_what_offers_it() -> None:
    plain = frozenset({"tcp", "tls-none"})
    opened = "Romeo opens a connection\nRomeo opens a stream\nRomeo receives raw:\n    "
    written = script(f"{opened}<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")
    assert isinstance(terms_for(parse(written, "script.scs"), plain), str)
    terms = terms_for(parse(script(MESSAGE), "script.scs"), plain)
    assert not isinstance(terms, str)
    assert (terms.tls, terms.client_tls) == ("none", "disabled")
