"""What can be played with a client that speaks XMPP over WebSocket, or begins with TLS."""

import pytest

from harness.play.obstacles import obstacle, terms_for
from harness.transcript.parser import parse
from harness.transcript.script import Transcript
from harness.transcript.terms import Terms

SECURED = frozenset({"websocket", "tls-direct", "tls-none"})
IN_CLEAR = frozenset({"websocket", "tls-none"})
DIRECT = frozenset({"tcp", "tls-direct"})
COMMANDS = frozenset({"connect"})


def script(steps: str, *headers: str) -> Transcript:
    lines = ["# A title", "## covers: rfc6120-sasl-support", "## tests: client", *headers]
    return parse("\n".join([*lines, "", "[Client] Romeo", "", "-----", "", steps, ""]), "script.scs")


@pytest.mark.parametrize("features", [SECURED, DIRECT])
def test_required_tls_is_that_before_the_stream(features: frozenset[str]) -> None:
    terms = terms_for(script("Romeo connects"), features)
    assert isinstance(terms, Terms)
    assert (terms.client_tls, terms.tls) == ("direct", "required")


def test_without_tls_a_client_is_served_in_the_clear() -> None:
    terms = terms_for(script("Romeo connects"), IN_CLEAR)
    assert isinstance(terms, Terms)
    assert (terms.client_tls, terms.tls) == ("disabled", "none")


@pytest.mark.parametrize(
    "headers",
    [
        ("## client: tls direct", "## server: certificate expired"),
        ("## server: certificate expired",),
        ("## client: tls disabled", "## server: tls none"),
    ],
)
def test_certificates_and_the_clear_are_for_websocket_too(headers: tuple[str, ...]) -> None:
    assert obstacle(script("Romeo does not log in", *headers), COMMANDS, SECURED) == ""


OFFER = """Romeo receives:
	<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:features>"""


@pytest.mark.parametrize(
    ("steps", "headers"),
    [
        ("Romeo opens a connection\nRomeo opens a stream\nRomeo starts TLS", ()),
        ("Romeo opens a connection\nRomeo opens a stream\nRomeo refuses TLS", ()),
        (f"Romeo opens a connection\nRomeo opens a stream\n{OFFER}", ()),
        ("Romeo connects", ("## client: tls optional",)),
        ("Romeo does not log in", ("## server: tls none",)),
        ("Romeo connects", ("## client: tls disabled",)),
    ],
)
def test_there_is_no_starttls(steps: str, headers: tuple[str, ...]) -> None:
    assert obstacle(script(steps, *headers), COMMANDS, SECURED).startswith("there is no STARTTLS")
    assert obstacle(script(steps, *headers), COMMANDS, DIRECT).startswith("there is no STARTTLS")


def test_an_offer_over_direct_tls_can_be_made() -> None:
    steps = f"Romeo opens a TLS connection\nRomeo opens a stream\n{OFFER}"
    assert obstacle(script(steps, "## client: tls direct"), COMMANDS, SECURED) == ""


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("raw:\n\t \\n ", "white space"),
        ("raw:\n\t<?xml version='1.0'?><message/>", "XML declaration"),
        ("raw:\n\t<a>\\xC0\\xBC</a>", "UTF-8"),
        ("raw byte by byte:\n\t<message/>", "one piece"),
    ],
)
def test_not_all_bytes_go_into_messages(said: str, told: str) -> None:
    transcript = script(f"Romeo connects\nRomeo receives {said}")
    assert told in obstacle(transcript, COMMANDS, SECURED)
    assert obstacle(transcript, COMMANDS, frozenset({"tcp", "tls-starttls"})) == ""


@pytest.mark.parametrize(
    "said",
    ["<?xml version='1.0'?><stream:stream id='1'>", "</stream:stream>", "<a>\\x00</a>", "<a>${domain}"],
)
def test_headers_and_broken_elements_do(said: str) -> None:
    assert obstacle(script(f"Romeo connects\nRomeo receives raw:\n\t{said}"), COMMANDS, SECURED) == ""
