"""Which element is which pattern's, in time whatever the patterns are."""

import time

import pytest

from harness.errors import ScriptError
from harness.pattern.nodes import Strictness
from harness.pattern.reader import Place, Reading, read_nodes
from harness.play.expectations import Gathering, Judge
from harness.wire.events import ElementReceived, StreamOpened
from harness.xmpp.namespaces import CLIENT, STREAM, Name

HEADER = StreamOpened(
    name=Name(STREAM, "stream"),
    attributes={},
    namespaces={None: CLIENT, "stream": STREAM},
    raw=f"<stream:stream xmlns='{CLIENT}' xmlns:stream='{STREAM}'>".encode(),
)


def message(body, **attributes):
    written = "".join(f" {key}='{value}'" for key, value in attributes.items())
    raw = f"<message type='chat'{written}><body>{body}</body></message>"
    name = Name(CLIENT, "message")
    return ElementReceived(
        name=name, attributes={"type": "chat", **attributes}, raw=raw.encode(), stream=HEADER
    )


def gathering(*patterns, scope=None):
    text = "\n".join(patterns)
    judge = Judge(scope=dict(scope or {}), strictness=Strictness.OPEN)
    return Gathering(judge, read_nodes(text, Place("x.scs", 1), Reading()))


def pattern(body, rest=""):
    return f"<message type='chat'{rest}><body>{body}</body></message>"


def test_a_broad_pattern_makes_place_for_a_narrow_one():
    one = gathering(pattern("{capture:x}"), pattern("a"), pattern("{capture:y:integer}"))
    assert one.take(message("1"))
    assert one.take(message("a"))
    assert one.left()
    assert one.take(message("2"))
    assert one.captures in ({"x": "1", "y": "2"}, {"x": "2", "y": "1"})
    assert not one.take(message("3"))


def test_an_element_that_stayed_out_leaves_nothing_behind():
    one = gathering(pattern("a"), pattern("b"))
    assert one.take(message("a"))
    assert not one.take(message("c"))
    assert one.difference(message("c")).cause == "message/body: the text is not 'b'"
    assert one.take(message("b"))


def test_shared_names_are_compared():
    one = gathering(pattern("{capture:x}", " id='1'"), pattern("{capture:x}", " id='2'"))
    assert one.take(message("a", id="2"))
    assert not one.take(message("b", id="1"))
    assert one.difference(message("b", id="1")).cause
    assert one.take(message("a", id="1"))
    assert one.captures == {"x": "a"}


@pytest.mark.parametrize("scope", [{}, {"x": "room"}])
def test_many_that_look_alike_take_no_time(scope):
    """Were one way tried after the other, this would take longer than anybody lives."""
    begun = time.process_time()
    known = "${x} " if scope else ""
    one = gathering(*[pattern(known + "{any}")] * 39, pattern("never"), scope=scope)
    for number in range(39):
        assert one.take(message(f"room {number}"))
    assert not one.take(message("room last"))
    assert time.process_time() - begun < 5


def test_shared_names_that_leave_too_many_ways_are_our_fault():
    one = gathering(*[pattern(f"{{capture:x{number}}} {{capture:x{number + 1}}}") for number in range(12)])
    came = [message(f"{number} a") for number in range(12)]
    with pytest.raises(ScriptError, match=r"^line 1: .* too many ways to try"):
        all(map(one.take, came))
