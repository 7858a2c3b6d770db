"""On what terms a client under test is served: the lines `## server:` and `## client:` of a header."""

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from harness.errors import ScriptError
from harness.transcript.script import RefusesTls, StartsTls, Transcript
from harness.xmpp.namespaces import TLS

CERTIFICATES = ("right", "wrong-name", "expired", "not-yet-valid", "self-signed", "unknown-authority")
SERVER_TLS = ("required", "offered", "none")
CHALLENGES = ("right", "demanding", "garbled", "left-out")
CLIENT_TLS = ("required", "optional", "direct", "disabled")


@dataclass(frozen=True, kw_only=True, slots=True)
class Terms:
    """What the usual server offers and shows, which of its faults it has, and how the client is set up."""

    tls: str = "required"
    certificate: str = "right"
    mechanisms: tuple[str, ...] = ()  # empty: those that the server usually offers
    faults: tuple[str, ...] = ()
    has_legacy: bool = False  # jabber:iq:auth is offered
    iterations: int | None = None  # that SCRAM claims; None: the truth
    challenge: str = "right"  # the first of SCRAM's
    client_tls: str = "required"

    @property
    def is_about_tls(self) -> bool:
        """Whether it matters here how the stream is secured."""
        return (self.tls, self.client_tls, self.certificate) != ("required", "required", "right")


def in_clear(transcript: Transcript, terms: Terms) -> Terms | None:
    """The same terms for a client that has no TLS; None where the scenario is about TLS."""
    if terms.is_about_tls or any(isinstance(step, StartsTls | RefusesTls) for step in transcript.steps):
        return None
    if TLS in transcript.source:  # an offer, or an element that is awaited, stands in it as it is
        return None
    return replace(terms, tls="none", client_tls="disabled")


def with_tls_first(transcript: Transcript, terms: Terms) -> Terms | None:
    """The same terms where TLS comes before the stream; None where the scenario is about STARTTLS.

    So it is over WebSocket, where a client has to pass over any offer of STARTTLS (RFC 7395, 3.9), and with
    direct TLS (XEP-0368).
    """
    if any(isinstance(step, StartsTls | RefusesTls) for step in transcript.steps):
        return None
    if terms.client_tls == "direct" or (terms.client_tls, terms.tls) == ("disabled", "none"):
        return terms
    is_usual = (terms.client_tls, terms.tls) == ("required", "required")
    return replace(terms, client_tls="direct") if is_usual and TLS not in transcript.source else None


def terms_of(transcript: Transcript) -> Terms:
    """Read both lines; terms are separated by commas. Raises `ScriptError` for a word that is not known."""
    terms = Terms()
    for key, words in (("server", _SERVER), ("client", _CLIENT)):
        for written in filter(None, map(str.strip, transcript.headers.get(key, "").split(","))):
            name, _, value = written.partition(" ")
            if name not in words:
                raise _unknown(transcript, key, name, words)
            terms = words[name](transcript, terms, value.strip())
    return terms


_Reader = Callable[[Transcript, Terms, str], Terms]


def _choice(field: str, known: tuple[str, ...]) -> _Reader:
    def read(transcript: Transcript, terms: Terms, value: str) -> Terms:
        if value not in known:
            raise _unknown(transcript, field.replace("_", " "), value, known)
        return replace(terms, **{field: value})  # type: ignore[arg-type]  # all of these are text

    return read


def _mechanisms(transcript: Transcript, terms: Terms, value: str) -> Terms:
    return replace(terms, mechanisms=tuple(value.split()))


def _fault(transcript: Transcript, terms: Terms, value: str) -> Terms:
    return replace(terms, faults=(*terms.faults, value))


def _iterations(transcript: Transcript, terms: Terms, value: str) -> Terms:
    if not value.isdecimal():
        raise _unknown(transcript, "iterations", value, ("a number",))
    return replace(terms, iterations=int(value))


def _legacy(transcript: Transcript, terms: Terms, value: str) -> Terms:
    return replace(terms, has_legacy=True)


_SERVER: Mapping[str, _Reader] = {
    "tls": _choice("tls", SERVER_TLS),
    "certificate": _choice("certificate", CERTIFICATES),
    "mechanisms": _mechanisms,
    "fault": _fault,
    "legacy": _legacy,
    "iterations": _iterations,
    "challenge": _choice("challenge", CHALLENGES),
}
_CLIENT: Mapping[str, _Reader] = {"tls": _choice("client_tls", CLIENT_TLS)}


def _unknown(
    transcript: Transcript, what: str, written: str, known: Mapping[str, _Reader] | tuple[str, ...]
) -> ScriptError:
    lines = transcript.source.split("\n")
    number = next((n for n, line in enumerate(lines, 1) if line.startswith("##") and written in line), 1)
    column = max(lines[number - 1].find(written), 0) + 1
    near = difflib.get_close_matches(written, list(known), n=1)
    nearest = f"perhaps {near[0]}; " if near else ""
    return ScriptError(
        f"{what}: {written!r} is not known",
        where=f"{transcript.path}:{number}:{column}",
        advice=f"{nearest}there are: {', '.join(known)}",
        excerpt=f"{lines[number - 1]}\n{' ' * (column - 1)}^",
    )
