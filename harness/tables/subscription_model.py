"""What two accounts may look like after each step, where the specification lets servers differ.

A world is how things may stand on both sides. A step leads from each world to outcomes: every way on that
RFC 6121 permits. What is observed then leaves some of them; where it leaves none, something is broken.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from harness.tables.subscription_states import APPROVED, INBOUND, OUTBOUND, Duty, State

#: Somebody gets a subscription stanza: whose account, and the type.
Delivery = tuple[int, str]

_HIDDEN = (State.NONE, State.IN)


@dataclass(frozen=True, kw_only=True, slots=True)
class View:
    """How one account stands to the other. `may_approve`: it may have approved in advance (RFC 6121, 3.4)."""

    state: State = State.NONE
    is_listed: bool = False
    may_approve: bool = False

    def entering(self, state: State) -> "View":
        """The same in another state; what shows there has an item."""
        return replace(self, state=state, is_listed=self.is_listed or state not in _HIDDEN)


@dataclass(frozen=True, kw_only=True, slots=True)
class World:
    """Both views, in the order of the accounts."""

    views: tuple[View, View] = (View(), View())

    def having(self, account: int, view: View) -> "World":
        """The same with another view of one account."""
        first, second = self.views
        return World(views=(view, second) if account == 0 else (first, view))


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """A permitted way on: `due` has to be delivered, `free` may be; the rest should not."""

    world: World
    due: frozenset[Delivery] = frozenset()
    free: frozenset[Delivery] = frozenset()


def after_stanza(world: World, sender: int, type: str) -> Iterator[Outcome]:
    """What may become of a subscription stanza from one account to the other one's bare JID."""
    view = world.views[sender]
    row = OUTBOUND[type][view.state]
    if type == "subscribed" and view.state in APPROVED:
        # Support is optional; whoever has it lists the item (RFC 6121, 3.4.2).
        noted = replace(view, may_approve=True)
        yield Outcome(world=world.having(sender, noted))
        yield Outcome(world=world.having(sender, replace(noted, is_listed=True)))
        return
    moved = view.entering(row.state)
    if type == "unsubscribed" and view.state in APPROVED:  # of other states 3.2.2 does not say so
        moved = replace(moved, may_approve=False)
    sent = world.having(sender, moved)
    if row.duty is not Duty.MUST:
        yield Outcome(world=sent)
        return
    yield from _arriving(sent, 1 - sender, type)


def _arriving(world: World, receiver: int, type: str) -> Iterator[Outcome]:
    """What may become of a stanza that has been routed."""
    view = world.views[receiver]
    row = INBOUND[type][view.state]
    itself, reply = {(receiver, type)}, {(1 - receiver, "unsubscribed")}
    if type == "subscribe" and view.may_approve and view.state in APPROVED:
        yield from _approved(world, receiver)
    moved = world.having(receiver, view.entering(row.state))
    match row.duty:
        case Duty.MUST:
            free = reply if type == "unsubscribe" else set()
            yield Outcome(world=moved, due=frozenset(itself), free=frozenset(free))
        case Duty.EITHER:
            yield Outcome(world=moved, free=frozenset(itself | reply))
            if type == "unsubscribed":  # 3.2.3 leaves a mere request as it is
                yield Outcome(world=world)
        case _:
            # A server may answer for who has approved already (table 6, note 2).
            yield Outcome(world=world)
            if type == "subscribe":
                yield from _arriving(world, 1 - receiver, "subscribed")


def _approved(world: World, receiver: int) -> Iterator[Outcome]:
    """The request is answered for who has approved it in advance; whether the record stays is left open."""
    view = world.views[receiver]
    entered = view.entering(APPROVED[view.state])
    for one in _arriving(world.having(receiver, entered), 1 - receiver, "subscribed"):
        yield replace(one, free=one.free | {(receiver, "subscribe")})


def after_removal(world: World, sender: int) -> Iterator[Outcome]:
    """What may become of the removal of an item (RFC 6121, 2.5.2)."""
    view = world.views[sender]
    # Nothing is said of a request that waits: it may stay or be denied.
    for state in dict.fromkeys((State.NONE, State.IN if view.state.is_asked else State.NONE)):
        gone = world.having(sender, View(state=state))
        for one in _parting(gone, sender, view.state):
            yield from _denying(one, sender, is_open=state is State.NONE and view.state.is_asked)


def _parting(world: World, sender: int, before: State) -> Iterator[Outcome]:
    """What the contact is told: that it has lost a subscriber, that it is one no more, or both."""
    outcomes = [Outcome(world=world)]
    types = []
    if before.subscription in ("to", "both"):
        types.append("unsubscribe")
    if before.subscription in ("from", "both"):
        types.append("unsubscribed")
    for type in types:
        outcomes = [_joined(one, more) for one in outcomes for more in _told(one, 1 - sender, type)]
    if before.is_asking:  # to take back a request is sensible, but no sentence has it
        back = [_joined(one, more) for one in outcomes for more in _told(one, 1 - sender, "unsubscribe")]
        outcomes += [replace(one, due=frozenset(), free=one.free | one.due) for one in back]
    yield from outcomes


def _denying(one: Outcome, sender: int, *, is_open: bool) -> Iterator[Outcome]:
    yield one
    if is_open:
        for more in _told(one, 1 - sender, "unsubscribed"):
            joined = _joined(one, more)
            yield replace(joined, due=one.due, free=joined.free | more.due)


def _told(one: Outcome, receiver: int, type: str) -> Iterator[Outcome]:
    yield from _arriving(one.world, receiver, type)


def _joined(one: Outcome, more: Outcome) -> Outcome:
    return Outcome(world=more.world, due=one.due | more.due, free=one.free | more.free)


def after_setting(world: World, sender: int) -> Iterator[Outcome]:
    """What becomes of a roster set that was answered by a result."""
    yield Outcome(world=world.having(sender, replace(world.views[sender], is_listed=True)))


def after_login(world: World, account: int, kept: Sequence[Delivery]) -> Iterator[Outcome]:
    """What waits is delivered: a request again, and what came while nobody was there (RFC 6121, 3)."""
    request = {(account, "subscribe")} if world.views[account].state.is_asked else set()
    due = request & set(kept)
    yield Outcome(
        world=world, due=frozenset(due), free=frozenset(request | set(kept) - {(account, "subscribe")})
    )


_VIEWS = [
    View(state=state, is_listed=is_listed, may_approve=may_approve)
    for state in State
    for is_listed in ((True, False) if state in _HIDDEN else (True,))
    for may_approve in (False, True)
]
#: Every way in which two accounts may stand, for when nothing else is known.
EVERY_WORLD: tuple[World, ...] = tuple(World(views=(one, other)) for one in _VIEWS for other in _VIEWS)
