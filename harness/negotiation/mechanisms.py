"""The SASL mechanisms, each with its client's and its server's half, in one table."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from harness.negotiation.outcomes import Challenge, Failure, Objection, ServerAnswer, Success
from harness.negotiation.saslprep import saslprep
from harness.negotiation.scram import Binding, Password, SaltedPasswords, ScramClient, ScramServer

#: Channel binding types that we can use, the best one first (RFC 9266, RFC 5929).
BINDING_TYPES = ("tls-exporter", "tls-unique", "tls-server-end-point")


class ClientHalf(Protocol):
    """A mechanism as the client plays it; `has_secret` tells whether the last message is to be masked."""

    has_secret: bool

    def first(self) -> bytes | None:
        """The initial response, None where the server speaks first."""
        ...

    def respond(self, challenge: bytes) -> bytes | Objection:
        """Answer a challenge."""
        ...

    def finish(self, additional: bytes | None) -> Objection | None:
        """Judge a success with its additional data, None when it has none."""
        ...


class ServerHalf(Protocol):
    """A mechanism as the server plays it."""

    def start(self, initial: bytes | None) -> ServerAnswer:
        """Take the request with its initial response, None when it has none."""
        ...

    def respond(self, response: bytes) -> ServerAnswer:
        """Take a response."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class ClientContext:
    """What a client's half may use. `bindings` are the channel's that the server may know as well.

    `can_bind` says that the channel has any.
    """

    username: str
    password: str
    authzid: str
    nonce: Callable[[], str]
    salted: SaltedPasswords
    offered: frozenset[str] = frozenset()
    bindings: Mapping[str, bytes] = field(default_factory=dict)
    can_bind: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class ServerContext:
    """What a server's half may use. `identity` is the user that the client's certificate names.

    What follows `identity` makes a hostile server, see `ScramServer`.
    """

    domain: str
    password: Password
    nonce: Callable[[], str]
    salted: SaltedPasswords
    offered: frozenset[str] = frozenset()
    bindings: Mapping[str, bytes] = field(default_factory=dict)
    identity: str | None = None
    iterations: int = 4096
    claimed_iterations: int | None = None
    demands: bool = False
    extends_nonce: bool = True
    signature: Callable[[bytes], bytes] = bytes
    accepts_any: bool = False
    checks_authzid: bool = True
    checks_binding: bool = True
    lapses: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True, slots=True)
class Mechanism:
    """One mechanism. `strength` orders them; a client picks those of strength 0 only when told to."""

    name: str
    strength: int
    client: Callable[[ClientContext], ClientHalf]
    server: Callable[[ServerContext], ServerHalf]
    needs_tls: bool = False
    needs_binding: bool = False


@dataclass(kw_only=True)
class _OneMessage:
    """A client's half that says all it has to say at once."""

    message: bytes
    has_secret: bool = False
    _is_said: bool = False

    def first(self) -> bytes | None:
        self._is_said = True
        return self.message

    def respond(self, challenge: bytes) -> bytes | Objection:
        if self._is_said or challenge:
            return Objection(message="the server sent a challenge, which this mechanism does not have")
        self._is_said = True
        return self.message

    def finish(self, additional: bytes | None) -> Objection | None:
        return (
            Objection(message="success came with data, which this mechanism does not have")
            if additional
            else None
        )


def _plain_client(context: ClientContext) -> ClientHalf:
    """RFC 4616, 2."""
    username, password = saslprep(context.username), saslprep(context.password)
    parts = (context.authzid, username or context.username, password or context.password)
    return _OneMessage(message="\0".join(parts).encode(), has_secret=True)


def _anonymous_client(context: ClientContext) -> ClientHalf:
    """RFC 4505, 2: the trace may be empty."""
    return _OneMessage(message=b"")


def _external_client(context: ClientContext) -> ClientHalf:
    """RFC 4422, A.1."""
    return _OneMessage(message=context.authzid.encode())


@dataclass(kw_only=True)
class _OneAnswer:
    """A server's half that decides upon one message."""

    decide: Callable[[bytes], ServerAnswer]

    def start(self, initial: bytes | None) -> ServerAnswer:
        return Challenge(data=b"") if initial is None else self.decide(initial)

    def respond(self, response: bytes) -> ServerAnswer:
        return self.decide(response)


def _plain_server(context: ServerContext) -> ServerHalf:
    return _OneAnswer(decide=partial(_decide_plain, context))


def _decide_plain(context: ServerContext, message: bytes) -> ServerAnswer:
    try:
        parts = message.decode().split("\0")
    except UnicodeDecodeError:
        return Failure(condition="malformed-request")
    if "parts" in context.lapses:
        parts = parts[:3]
    if "blank" in context.lapses and len(parts) == 3 and not (parts[1] and parts[2]):
        return Success(username=parts[1] or context.nonce())
    if len(parts) != 3 or not parts[1] or not parts[2]:
        return Failure(condition="malformed-request")
    if "short" in context.lapses and max(map(len, parts)) > 64:
        return Failure(condition="malformed-request")
    username, given = saslprep(parts[1]), saslprep(parts[2])
    if not username or not given:
        return Failure(condition="not-authorized")
    known = context.password(username)
    if not context.accepts_any and (known is None or (saslprep(known) or known) != given):
        return Failure(condition="not-authorized")
    own = f"{username}@{context.domain}".lower()
    if not parts[0] and "authzid" in context.lapses:
        return Failure(condition="invalid-authzid")
    if context.checks_authzid and parts[0].lower() not in ("", own):
        return Failure(condition="invalid-authzid")
    return Success(username=username)


def _anonymous_server(context: ServerContext) -> ServerHalf:
    return _OneAnswer(decide=partial(_decide_anonymous, context))


def _decide_anonymous(context: ServerContext, message: bytes) -> ServerAnswer:
    try:
        is_token = len(message.decode()) <= 255  # RFC 4505, 2
    except UnicodeDecodeError:
        is_token = False
    return Success(username=context.nonce()) if is_token else Failure(condition="malformed-request")


def _external_server(context: ServerContext) -> ServerHalf:
    return _OneAnswer(decide=partial(_decide_external, context))


def _decide_external(context: ServerContext, message: bytes) -> ServerAnswer:
    if context.identity is None and "external" in context.lapses:
        return Success(username=context.nonce())
    if context.identity is None:
        return Failure(condition="not-authorized")
    if message and message != f"{context.identity}@{context.domain}".encode():
        return Failure(condition="invalid-authzid")
    return Success(username=context.identity)


def choose_binding(bindings: Mapping[str, bytes]) -> Binding | None:
    """Choose the best channel binding of those at hand."""
    for type in BINDING_TYPES:
        if bindings.get(type):
            return Binding(type=type, data=bindings[type])
    return None


def _scram_client(hash: str, must_bind: bool, context: ClientContext) -> ClientHalf:
    has_plus = any(name.endswith("-PLUS") for name in context.offered)
    return ScramClient(
        hash=hash,
        username=context.username,
        password=context.password,
        nonce=context.nonce(),
        salted=context.salted,
        authzid=context.authzid,
        binding=choose_binding(context.bindings) if must_bind else None,
        flag="y" if context.can_bind and not has_plus else "n",
    )


def _scram_server(hash: str, must_bind: bool, context: ServerContext) -> ServerHalf:
    return ScramServer(
        hash=hash,
        password=context.password,
        nonce=context.nonce(),
        salted=context.salted,
        domain=context.domain,
        bindings=context.bindings,
        must_bind=must_bind,
        has_plus=f"SCRAM-{hash}-PLUS" in context.offered,
        iterations=context.iterations,
        claimed_iterations=context.claimed_iterations,
        demands=context.demands,
        extends_nonce=context.extends_nonce,
        signature=context.signature,
        accepts_any=context.accepts_any,
        checks_authzid=context.checks_authzid,
        checks_binding=context.checks_binding,
        lapses=context.lapses,
    )


def _scram(hash: str, strength: int, must_bind: bool) -> Mechanism:
    return Mechanism(
        name=f"SCRAM-{hash}{'-PLUS' if must_bind else ''}",
        strength=strength,
        client=partial(_scram_client, hash, must_bind),
        server=partial(_scram_server, hash, must_bind),
        needs_tls=must_bind,
        needs_binding=must_bind,
    )


_ALL = (
    _scram("SHA-512", 8, True),
    _scram("SHA-256", 7, True),
    _scram("SHA-1", 6, True),
    _scram("SHA-512", 5, False),
    _scram("SHA-256", 4, False),
    _scram("SHA-1", 3, False),
    Mechanism(name="PLAIN", strength=1, client=_plain_client, server=_plain_server, needs_tls=True),
    Mechanism(name="EXTERNAL", strength=0, client=_external_client, server=_external_server, needs_tls=True),
    Mechanism(name="ANONYMOUS", strength=0, client=_anonymous_client, server=_anonymous_server),
)

#: All mechanisms by name, the strongest first.
MECHANISMS: Mapping[str, Mechanism] = {mechanism.name: mechanism for mechanism in _ALL}


def choose(offered: Iterable[str], wanted: Iterable[str] | None, bindings: Mapping[str, bytes]) -> str | None:
    """Choose a mechanism: the first of the wanted ones, or the strongest that needs no telling.

    A client keeps its own order, whatever that of the server is (RFC 6120, 6.3.3).
    """
    there = frozenset(offered)
    names = (
        tuple(wanted)
        if wanted is not None
        else tuple(name for name, one in MECHANISMS.items() if one.strength)
    )
    has_binding = choose_binding(bindings) is not None
    for name in names:
        mechanism = MECHANISMS.get(name)
        if name in there and mechanism is not None and (has_binding or not mechanism.needs_binding):
            return name
    return None
