"""A server's end of one stream: headers, features, stream errors and the close (RFC 6120, 4)."""

from collections.abc import Mapping

from harness.negotiation.policy import Ended, Owner, ServerPolicy, TlsOffer
from harness.wire.effects import CloseConnection, Protocol, Receive, RestartStream, Send
from harness.wire.events import (
    Disconnected,
    ElementReceived,
    Event,
    Rule,
    Silence,
    StreamEnded,
    StreamOpened,
    TlsStarted,
    Violation,
    Whitespace,
)
from harness.wire.writer import escape, stream_footer, stream_header
from harness.xmpp.namespaces import CLIENT, SERVER, STREAM, STREAM_ERRORS, XML, Name

_HEADER = Name(STREAM, "stream")
_LANG = f"{{{XML}}}lang"
_STANZAS = ("iq", "message", "presence")
_MARK = "\ufeff".encode()
_TIRED = b"<tired/>"  # in the content namespace, which is none of an application
_WRONG_STREAM = "http://etherx.jabber.org/stream"

#: The stream error that answers a violation. Namespace faults make XML ill-formed (RFC 6120, 11.3); None:
#: nobody is left to be told.
CONDITIONS: Mapping[Rule, str | None] = {
    Rule.NOT_WELL_FORMED: "not-well-formed",
    Rule.BAD_NAMESPACE: "not-well-formed",
    Rule.BAD_ENCODING: "unsupported-encoding",
    Rule.RESTRICTED_XML: "restricted-xml",
    Rule.TEXT_BETWEEN_STANZAS: "bad-format",
    Rule.DATA_AFTER_END: "not-well-formed",
    Rule.TOO_LARGE: "policy-violation",
    Rule.TOO_DEEP: "policy-violation",
    Rule.TRUNCATED: None,
}

#: What says more than the condition (RFC 6120, 4.9.3.14).
_APPLICATION = {Rule.TOO_LARGE: b"<stanza-too-big xmlns='urn:xmpp:errors'/>"}


def stream_error(condition: str, text: str = "", application: bytes = b"") -> bytes:
    """Return a stream error and the closing tag; the header has to be sent before (RFC 6120, 4.9)."""
    described = f"<text xmlns='{STREAM_ERRORS}' xml:lang='en'>{escape(text)}</text>" if text else ""
    error = f"<stream:error><{condition} xmlns='{STREAM_ERRORS}'/>{described}"
    return error.encode() + application + b"</stream:error>" + stream_footer()


class ServerStream:
    """One connection as its server sees it while it is negotiated."""

    def __init__(self, policy: ServerPolicy, owner: Owner, tls: TlsStarted | None) -> None:
        self.policy = policy
        self.owner = owner
        self.tls = tls
        self.header: StreamOpened | None = None
        self.id = ""
        self.domain = policy.domains[0]
        self.username = ""
        self.mechanism = ""
        self.failures = 0
        self.has_failed = False
        self.claimed: str | None = None  # who the client was in any header, which only a fault asks
        self.is_unknown = False  # the user who was looked up last
        self._has_sent_header = False

    # --- receiving --------------------------------------------------------------------------------

    def receive(self) -> Protocol[ElementReceived | StreamOpened | Ended]:
        """Wait for the next element or header; whatever cannot be tolerated ends the stream."""
        while True:
            event = yield Receive()
            if isinstance(event, ElementReceived | StreamOpened):
                return event
            ended = yield from self._take(event)
            if ended is not None:
                return ended

    def _take(self, event: Event | None) -> Protocol[Ended | None]:
        match event:
            case Whitespace() if self.policy.has("early-whitespace-refused"):
                return (yield from self.fail("policy-violation"))
            case None | Whitespace():
                return None
            case Violation():
                return (yield from self._take_violation(event))
            case StreamEnded():
                return (yield from self.close("the client closed the stream"))
            case Silence():
                return (yield from self.fail("policy-violation"))  # silence alone is no connection-timeout
            case Disconnected():
                return Ended(reason="the client went away")
            case _:
                return (yield from self.fail("bad-format"))

    def _take_violation(self, violation: Violation) -> Protocol[Ended | None]:
        if self.policy.has("bad-xml-tolerated") and not violation.fatal:
            return None
        if self.policy.has("standalone-unexplained") and "standalone" in violation.message:
            yield CloseConnection()
            return Ended(reason=violation.message)
        condition = CONDITIONS[violation.rule]
        if condition is None:
            return Ended(reason=violation.message)
        return (yield from self.fail(condition, _APPLICATION.get(violation.rule, b"")))

    # --- headers ----------------------------------------------------------------------------------

    def accept(self, header: StreamOpened) -> Protocol[Ended | None]:
        """Judge a client's stream header and remember it; the answer is sent together with what follows."""
        self.header = header
        if self._is_dropped(header):
            yield CloseConnection()
            return Ended(reason="a header that is not answered")
        condition = self._fault_of(header)
        if condition:
            return (yield from self.fail(condition))
        return None

    def _is_dropped(self, header: StreamOpened) -> bool:
        has = self.policy.has
        if has("header-without-to-dropped") and not header.attributes.get("to"):
            return True
        if has("header-unanswered"):
            return True
        return has("header-without-prefix-dropped") and not _prefix_of(header.raw)

    def _fault_of(self, header: StreamOpened) -> str:
        """The stream error that a header calls for; empty when it is in order."""
        if self.policy.has("header-namespaces-tolerated"):
            return self._address_fault_of(header)
        if header.name.namespace != STREAM:
            return "invalid-namespace"
        if header.name != _HEADER:
            return "bad-format"
        prefix = _prefix_of(header.raw)
        if prefix not in ("stream", ""):
            return "bad-namespace-prefix"
        # Without prefix the content is qualified element by element (RFC 6120, 4.8.2).
        content = ("",) if self.policy.has("content-namespace-refused") else (CLIENT, "")
        allowed = (STREAM,) if prefix == "" else content
        if header.default_namespace not in allowed:
            return "invalid-namespace"
        return self._address_fault_of(header)

    def _address_fault_of(self, header: StreamOpened) -> str:
        version = read_version(header.attributes.get("version"))
        written = header.attributes.get("version", "")
        if self.policy.has("version-zeros-refused") and written.startswith("0") and version != (0, 9):
            return "unsupported-version"
        if version is None or (version < (1, 0) and not self.policy.legacy):
            return "unsupported-version"
        domain = header.attributes.get("to", "").lower().rstrip(".") or self.policy.domains[0]
        if self.username and self.policy.has("restart-changes-host"):
            self.domain = domain
            return ""
        if domain not in self.policy.domains and not self.policy.has("host-unknown-accepted"):
            return "host-unknown"
        if self.username and domain != self.domain:
            return "not-authorized"
        self.domain = domain if domain in self.policy.domains else self.policy.domains[0]
        return ""

    @property
    def has_features(self) -> bool:
        """Whether the client speaks XMPP 1.0, where features follow the header (RFC 6120, 4.3.2)."""
        version = read_version(self.header.attributes.get("version")) if self.header is not None else None
        return version is not None and version >= (1, 0)

    def answer(self) -> bytes:
        """Our stream header, and the end of the time in which an error needs one before it."""
        self._has_sent_header = True
        self.id = self.id or self.owner.fresh()
        attributes = {name: value for name, value in self._attributes().items() if value is not None}
        content = SERVER if self.policy.has("header-content-namespace-server") else CLIENT
        return self._spoilt(stream_header(attributes=attributes, content_namespace=content))

    def _spoilt(self, header: bytes) -> bytes:
        has = self.policy.has
        if has("declaration-standalone"):
            header = header.replace(b"?>", b" standalone='yes'?>", 1)
        if has("header-declares-payloads"):
            header = header.replace(b" xmlns=", b" xmlns:x='jabber:x:data' xmlns=", 1)
        return _MARK + header if has("byte-order-mark-sent") else header

    def _attributes(self) -> dict[str, str | None]:
        has, theirs = self.policy.has, self.header.attributes if self.header is not None else {}
        sender = theirs.get("from", "").partition("/")[0] or None
        attributes: dict[str, str | None] = {
            "from": None if has("header-from-missing") else self.domain,
            "id": None if has("header-id-missing") else self.id,
            "to": None if has("header-to-missing") else sender,
            "version": self._version(theirs.get("version")),
            _LANG: None if has("header-lang-missing") else self._language(theirs.get(_LANG, "")),
        }
        if has("header-from-wrong"):
            attributes["from"] = "elsewhere.example"
        if has("header-id-constant"):
            attributes["id"] = "always-the-same"
        if has("header-id-echoed"):
            attributes["id"] = theirs.get("id", self.id)
        if has("header-id-short"):
            attributes["id"] = self.id[-3:]
        if has("unknown-host-played") and theirs.get("to"):
            attributes["from"] = theirs["to"]
        if has("clear-from-remembered"):
            self.claimed = attributes["to"] = sender or self.claimed
        if has("header-to-unasked") and sender is None:
            attributes["to"] = f"somebody@{self.domain}"
        if has("header-wrong-stream-namespace"):
            attributes["xmlns:stream"] = _WRONG_STREAM
        return attributes

    def _version(self, theirs: str | None) -> str | None:
        """The lower of both versions; none for a client that has named none (RFC 6120, 4.7.5)."""
        if self.policy.has("header-version-missing"):
            return None
        if self.policy.has("header-version-echoed") and theirs:
            return theirs
        if theirs is None and self.header is not None:
            return "1.0" if self.policy.has("header-version-unasked") else None
        version = min(read_version(theirs) or (1, 0), (1, 0)) if theirs else (1, 0)
        return f"{version[0]}.{version[1]}"

    def _language(self, wanted: str) -> str:
        """Look a language up as RFC 4647, 3.4 does: shorten the tag until it fits."""
        if self.policy.has("header-lang-echoed") and wanted:
            return wanted
        if self.policy.has("header-lang-never-theirs") and wanted.lower() in self.policy.languages:
            return "la"
        tag = wanted.lower()
        while tag:
            if tag in self.policy.languages:
                return wanted if tag == wanted.lower() else tag
            tag = tag.rpartition("-")[0]
        return self.policy.languages[0]

    # --- elements ---------------------------------------------------------------------------------

    @property
    def must_encrypt(self) -> bool:
        """Whether nothing but STARTTLS is to be had now."""
        return self.policy.tls is TlsOffer.REQUIRED and self.tls is None

    @property
    def identity(self) -> str | None:
        """The user whom the client's certificate names."""
        identify = self.owner.identify
        return identify(self.tls) if identify is not None and self.tls is not None else None

    def look_up(self, username: str) -> str | None:
        """A user's password."""
        password = self.owner.accounts.password(username)
        self.is_unknown = password is None
        return password

    def fault_of(self, event: ElementReceived) -> str:
        """The stream error that a child of the stream calls for by its name alone; empty if none."""
        name = event.name
        if name.namespace == CLIENT:
            if _prefix_of(event.raw[: event.raw.find(b">")]):
                return "bad-namespace-prefix"  # RFC 6120, 4.8.5
            return "" if name.local in _STANZAS else "unsupported-stanza-type"
        if name.namespace == SERVER or name.local in _STANZAS:
            return "invalid-namespace"  # RFC 6120, 4.8.3
        return "unsupported-stanza-type"  # RFC 6120, 4.9.3.24

    # --- ends -------------------------------------------------------------------------------------

    def fail(self, condition: str, application: bytes = b"") -> Protocol[Ended]:
        """Send a stream error, after our header if that is still due (RFC 6120, 4.9.1.2), and close."""
        has = self.policy.has
        sent = "undefined-condition" if has("stream-error-wrong-condition") else condition
        error = stream_error(
            sent, application=_TIRED if has("app-condition-without-namespace") else application
        )
        if has("stream-error-without-condition"):
            error = b"<stream:error/>" + stream_footer()
        if has("stream-error-wrong-namespace"):
            error = error.replace(STREAM_ERRORS.encode(), CLIENT.encode())
        if has("two-stream-errors"):
            error += error
        header = b"" if self._has_sent_header or has("stream-error-without-header") else self.answer()
        yield Send(data=header + error)
        if has("stream-not-closed-after-error"):
            return (yield from self.wait_for_the_end(condition))
        yield CloseConnection()
        return Ended(reason=f"stream error {condition}", condition=condition)

    def wait_for_the_end(self, condition: str) -> Protocol[Ended]:
        """Leave it to the client to hang up."""
        while not isinstance((yield Receive()), Disconnected | Silence):
            pass
        yield CloseConnection()
        return Ended(reason=f"stream error {condition}", condition=condition)

    def close(self, reason: str) -> Protocol[Ended]:
        """Answer the client's closing tag, or close first, and end the connection.

        A client that ends the stream instead of opening it anew ends the one that there was.
        """
        if not self.policy.has("close-tag-unanswered"):
            is_open = self._has_sent_header or self.header is None
            yield Send(data=(b"" if is_open else self.answer()) + stream_footer())
        yield CloseConnection()
        return Ended(reason=reason)

    def restart(self) -> Protocol[None]:
        """Expect a new header from the client."""
        yield RestartStream()
        self.header = None
        self._has_sent_header = False
        if not self.policy.has("header-id-reused"):
            self.id = ""


def read_version(text: str | None) -> tuple[int, int] | None:
    """Read a version as two integers (RFC 6120, 4.7.5); no text is 0.9, and None means nonsense."""
    if text is None:
        return (0, 9)
    major, _, minor = text.strip().partition(".")
    numbers = (major, minor)
    if not all(number.isascii() and number.isdecimal() and len(number) < 10 for number in numbers):
        return None
    return int(major), int(minor)


def _prefix_of(raw: bytes) -> str:
    """The prefix in a stream header's tag."""
    tag = raw[raw.rfind(b"<") + 1 :].split(None, 1)[0].rstrip(b"/>")
    return tag.partition(b":")[0].decode("utf-8", "replace") if b":" in tag else ""
