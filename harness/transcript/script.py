"""A parsed transcript: actors and steps. Every record knows its line, for people's sake."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from harness.pattern.nodes import Node, Strictness, Template
from harness.xmpp.namespaces import Name


class Dialect(Enum):
    """SCANSION: no `## covers:` in the header; its matching rules and its tolerance apply. HARNESS: ours."""

    SCANSION = "scansion"
    HARNESS = "harness"


class Side(Enum):
    """What a scenario can be played against."""

    SERVER = "server"
    CLIENT = "client"


@dataclass(frozen=True, kw_only=True, slots=True)
class Actor:
    """A named party. Without `jid` it has a fresh account, or that of the actor that `account_of` names.

    With `is_admin` the account has an administrator's rights.
    """

    name: str
    line: int
    jid: Template | None = None
    password: Template | None = None
    resource: Template | None = None
    account_of: str = ""
    is_admin: bool = False
    properties: Mapping[str, str] = field(default_factory=dict)


class Standing(Enum):
    """What choosing an alternative means for the verdict."""

    REQUIRED = "required"  # as the requirement says: passes
    PERMITTED = "permitted"  # allowed by latitude: passes with a note
    DEVIATES = "deviates"  # breaks a SHOULD
    FAILS = "fails"  # spelled out so that the report can name a known wrong answer


@dataclass(frozen=True, kw_only=True, slots=True)
class Alternative:
    """One way in which an expectation may be met: some elements in order, silence, or the stream's end.

    With both `nodes` and `stream_end` the elements come first. With `is_all` the case is over then.
    """

    standing: Standing
    nodes: tuple[Node, ...] = ()
    nothing: bool = False  # silence, closed by a fence
    stream_end: bool = False  # </stream:stream>, or the connection's end
    is_all: bool = False  # the steps behind it are for the other alternatives
    note: str = ""
    line: int = 0

    @property
    def is_right(self) -> bool:
        """Whether choosing it passes."""
        return self.standing in (Standing.REQUIRED, Standing.PERMITTED)


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """What all steps have. `covers` holds requirement ids that this step alone is about."""

    actor: str
    line: int
    text: str
    covers: tuple[str, ...] = ()


# --- the stanza level -------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class Connects(Step):
    """Connect, secure as the target's policy says, authenticate, bind."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Disconnects(Step):
    """Close the stream, await its end, close the connection."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Sends(Step):
    """Send elements made from patterns."""

    nodes: tuple[Node, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Receives(Step):
    """The next elements are these, in this order."""

    nodes: tuple[Node, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class ReceivesInAnyOrder(Step):
    """The next elements are these, in whatever order."""

    nodes: tuple[Node, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class ReceivesOneOf(Step):
    """One of the alternatives happens."""

    alternatives: tuple[Alternative, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class MayReceive(Step):
    """Each of these elements may come or not; with `repeated`, any number of times."""

    nodes: tuple[Node, ...]
    repeated: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class ReceivesNothing(Step):
    """Nothing comes. With `nodes`: nothing like these comes, anything else may."""

    nodes: tuple[Node, ...] = ()


# --- the stream level -------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class OpensConnection(Step):
    """Open a TCP connection; with `direct_tls`, TLS from the first byte."""

    direct_tls: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class OpensStream(Step):
    """Send a stream header: the usual one, or with `attributes` changed (None: left out).

    Those in `optional` a client under test may leave out; if they are there, they must match.
    """

    attributes: Mapping[Name, Template | None] = field(default_factory=dict)
    optional: Mapping[Name, Template] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class SendsRaw(Step):
    """Send bytes as they stand. `data` is text with variables and escapes already cut into chunks.

    Each chunk is a template for one segment and the seconds to wait after it. Encode what is made with
    `"utf-8", "surrogateescape"`: bytes that are no UTF-8 stand in it as lone surrogates. With
    `byte_by_byte` every byte is a segment of its own.
    """

    chunks: tuple[tuple[Template, float], ...]
    byte_by_byte: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class ReceivesHeader(Step):
    """A stream header comes, with attributes as given; names in `absent` are not there.

    Those in `optional` may be missing; if they are there, they must match.
    """

    attributes: Mapping[Name, Template] = field(default_factory=dict)
    absent: tuple[Name, ...] = ()
    optional: Mapping[Name, Template] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class ReceivesStreamError(Step):
    """A stream error comes with one of the conditions; the header may come first, as RFC 6120, 4.9.1.2 asks.

    `conditions` pairs each condition's local name with its standing; the name `any` stands for every
    condition that is not listed. `notes` says for a condition why it has its standing.
    """

    conditions: tuple[tuple[str, Standing], ...]
    notes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class ReceivesStreamEnd(Step):
    """The peer closes the stream; the connection's end without the tag counts when `abrupt` is allowed."""

    abrupt: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class StartsTls(Step):
    """Send `<starttls/>`, await `<proceed/>`, shake hands; after `<proceed/>` only the last.

    With `may_fail` a handshake that fails is as good, and ends the case.
    """

    may_fail: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Authenticates(Step):
    """Run one SASL mechanism to success, or `legacy plain` or `legacy digest` for jabber:iq:auth."""

    mechanism: str = ""  # empty: the best that both sides have


@dataclass(frozen=True, kw_only=True, slots=True)
class Binds(Step):
    """Bind a resource; None lets the server choose."""

    resource: Template | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ClosesStream(Step):
    """Send `</stream:stream>` and nothing else."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ClosesConnection(Step):
    """Drop the TCP connection."""


# --- what only a client under test can do, or have done to it -------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class IsAsked(Step):
    """The client's driver is told to carry out a command; `values` fills its fields by name."""

    command: str
    values: Mapping[str, Template] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Reports(Step):
    """The client's driver tells of an event with these values; others in between are passed over.

    With `never` it must not have told of such an event since the step before it.
    """

    event: str
    values: Mapping[str, Template] = field(default_factory=dict)
    never: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class SendsOneOf(Step):
    """The client does one of several things."""

    alternatives: tuple[Alternative, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class SendsNothing(Step):
    """The client sends nothing like these; whatever else it sends is its own business."""

    nodes: tuple[Node, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class SendsStreamError(Step):
    """The client sends a stream error with one of the conditions, as in `ReceivesStreamError`."""

    conditions: tuple[tuple[str, Standing], ...]
    notes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class EndsStream(Step):
    """The client closes its stream of its own accord; with `abrupt`, or only the connection."""

    abrupt: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class RefusesTls(Step):
    """The client begins TLS and breaks the handshake off, since it does not trust what it is shown."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DoesNotLogIn(Step):
    """The client is served as usual, but for what `## server:` says, and does not become logged in.

    With `may` it does or does not: what counts are the other steps, and that it does not crash.
    """

    may: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class ReceivesRaw(Step):
    """The client is sent bytes as they stand; `chunks` as in `SendsRaw`."""

    chunks: tuple[tuple[Template, float], ...]
    byte_by_byte: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class LosesConnection(Step):
    """The server drops the TCP connection; one under test does so without a word on the stream."""


#: Steps that only a play against a client can carry out.
CLIENT_STEPS = (
    IsAsked,
    Reports,
    SendsOneOf,
    SendsNothing,
    SendsStreamError,
    EndsStream,
    RefusesTls,
    DoesNotLogIn,
    ReceivesRaw,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Transcript:
    """One `.scs` file. `tests` says what it is for: servers, clients, or both."""

    path: str
    title: str
    description: str
    dialect: Dialect
    strictness: Strictness
    actors: tuple[Actor, ...]
    steps: tuple[Step, ...]
    covers: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    tests: frozenset[Side] = frozenset({Side.SERVER})
    headers: Mapping[str, str] = field(default_factory=dict)
    source: str = ""

    @property
    def all_covers(self) -> tuple[str, ...]:
        """The requirements that the header and the steps name, each once, in the order of the file."""
        of_steps = (name for step in self.steps for name in step.covers)
        return tuple(dict.fromkeys([*self.covers, *of_steps]))
