"""boofuzz against a server, for `fuzzing.py`: prints how many different inputs it sent, and seconds.

    python boofuzz_side.py KIND PORT DOMAIN USER PASSWORD PEER SECONDS

KIND is `stanza`, with a login before each case as boofuzz has it; `kept`, which logs in only where the
connection has ended; or `before`, which is before any login. What is received is not looked at.
"""

import base64
import contextlib
import hashlib
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from boofuzz import Request, Session, Static, String, Target, TCPSocketConnection
from scramp import ScramClient

_HEADER = (
    "<?xml version='1.0'?><stream:stream to='{domain}' version='1.0' xmlns='jabber:client' "
    "xmlns:stream='{streams}'>"
)
_STREAMS = "http://etherx.jabber.org/streams"
_SASL = "urn:ietf:params:xml:ns:xmpp-sasl"
_PATIENCE = 5.0  # seconds, in a login
_PING = "<iq type='get' id='fence' to='{domain}'><ping xmlns='urn:xmpp:ping'/></iq>"


class _Over(BaseException):  # boofuzz goes on after exceptions of callbacks
    pass


@dataclass(frozen=True, kw_only=True)
class User:
    """Who logs in."""

    domain: str
    name: str
    password: str


class Counting(TCPSocketConnection):
    """Logs in where it is to; with `keeps`, only where the connection has ended."""

    def __init__(self, port: int, user: User | None, *, keeps: bool) -> None:
        super().__init__("127.0.0.1", port, send_timeout=2, recv_timeout=0.2)
        self.user, self.keeps = user, keeps
        self.is_open = False

    def open(self) -> None:
        """Connect, and log in."""
        if self.keeps and self.is_open:
            return
        super().open()
        self.is_open = True
        if self.user is not None:
            self._log_in(self.user)

    def _log_in(self, user: User) -> None:
        header = _HEADER.format(domain=user.domain, streams=_STREAMS)
        features = self._ask(header, b"</stream:features>")
        if b">PLAIN<" in features:
            self._ask(_auth("PLAIN", f"\0{user.name}\0{user.password}"), b"<success")
        else:
            client = ScramClient(["SCRAM-SHA-1"], user.name, user.password)
            challenge = self._ask(_auth("SCRAM-SHA-1", client.get_client_first()), b"</challenge>")
            client.set_server_first(base64.b64decode(challenge.split(b">")[1].split(b"<")[0]).decode())
            final = base64.b64encode(client.get_client_final().encode()).decode()
            self._ask(f"<response xmlns='{_SASL}'>{final}</response>", b"<success")
        self._ask(header, b"</stream:features>")
        self._ask("<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>", b"</jid>")
        self.send(b"<presence/>")

    def _ask(self, text: str, awaited: bytes) -> bytes:
        self.send(text.encode())
        received, begun = b"", time.perf_counter()
        while awaited not in received:
            received += super().recv(65536)
            if time.perf_counter() - begun > _PATIENCE:
                raise SystemExit(f"no {awaited!r} in {received!r}")
        return received

    def close(self) -> None:
        """Boofuzz closes behind each case that is not to be kept."""
        if self.is_open:
            self.is_open = False
            super().close()

    def send(self, data: bytes) -> int:
        """Send, on a new connection where the last one has ended."""
        if not self.is_open:
            self.open()
        return super().send(data)

    def recv(self, max_bytes: int) -> bytes:
        """What comes until the answer to the request that is behind each case, or the end."""
        received = b""
        while b"'fence'" not in received and b'"fence"' not in received:
            data = super().recv(max_bytes)
            if not data:
                self.close()
                break
            received += data
            if b"</stream:stream>" in data:
                self.close()
                break
        return received


def _message(domain: str, peer: str) -> Request:
    parts = (
        Static(name="a", default_value="<message to='"),
        String(name="to", default_value=peer),
        Static(name="b", default_value="' type='"),
        String(name="type", default_value="chat"),
        Static(name="c", default_value="' id='"),
        String(name="id", default_value="one"),
        Static(name="d", default_value="'><"),
        String(name="name", default_value="body"),
        Static(name="e", default_value=">"),
        String(name="text", default_value="Ay me!"),
        Static(name="f", default_value="</body></message>" + _PING.format(domain=domain)),
    )
    return Request("message", children=parts)


def _opening(domain: str) -> Request:
    parts = (
        Static(name="a", default_value="<?xml version='1.0'?><stream:stream to='"),
        String(name="to", default_value=domain),
        Static(name="b", default_value="' version='"),
        String(name="version", default_value="1.0"),
        Static(name="c", default_value="' xml:lang='"),
        String(name="lang", default_value="en"),
        Static(name="d", default_value=f"' xmlns='jabber:client' xmlns:stream='{_STREAMS}'><"),
        String(name="name", default_value="starttls"),
        Static(name="e", default_value=" xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:stream>"),
    )
    return Request("opening", children=parts)


def _auth(mechanism: str, initial: str) -> str:
    encoded = base64.b64encode(initial.encode()).decode()
    return f"<auth xmlns='{_SASL}' mechanism='{mechanism}'>{encoded}</auth>"


def main() -> None:
    """Run until the time is over."""
    kind, port, domain, user, password, peer, seconds = sys.argv[1:]
    request = _opening(domain) if kind == "before" else _message(domain, peer)
    who = None if kind == "before" else User(domain=domain, name=user, password=password)
    connection = Counting(int(port), who, keeps=kind == "kept")
    sent: set[bytes] = set()
    begun = time.perf_counter()

    def note(target: Any, *_: Any, **__: Any) -> None:
        sent.add(hashlib.sha1(session.last_send or b"").digest())
        if time.perf_counter() - begun > float(seconds):
            raise _Over

    with tempfile.TemporaryDirectory() as folder:
        session = Session(
            target=Target(connection=connection),
            web_port=None,
            fuzz_loggers=[],
            post_test_case_callbacks=[note],
            receive_data_after_fuzz=True,
            reuse_target_connection=kind == "kept",
            keep_web_open=False,
            db_filename=str(Path(folder) / "boofuzz.db"),
        )
        session.connect(request)
        with contextlib.suppress(_Over):
            session.fuzz(max_depth=2)
    print(len(sent), time.perf_counter() - begun)


if __name__ == "__main__":
    main()
