"""What a step with rosters and subscriptions may lead to, and what is wrong when it has led elsewhere."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from harness.fuzz.machines import subscription_script as script
from harness.fuzz.machines.household import Household, Item, Resource
from harness.fuzz.machines.machine import told
from harness.fuzz.property import Property
from harness.results.verdicts import Level
from harness.tables.subscription_model import EVERY_WORLD, Delivery, Outcome, World
from harness.tables.subscription_states import OUTBOUND, Duty, requirement

#: The name and the groups that a contact was given.
Given = tuple[str, tuple[str, ...]]


FOLDED = told(
    "roster-is-its-pushes",
    "P-41",
    "The roster is what the pushes since the login have made of it",
    "rfc6121-2.2-push-to-interested",
)
KEPT = told(
    "contact-as-it-was-set",
    "P-41b",
    "A contact has the name and the groups that it was given last",
    "rfc6121-2.4.1-update-atomic",
)
ANSWERED = told(
    "roster-set-is-answered-and-pushed",
    "P-41c",
    "A roster set is answered once, and what it does is pushed to every resource that is interested",
    "rfc6121-2.3.2-add-push-all",
)
STATES = told(
    "subscription-as-in-the-tables",
    "P-42",
    "A subscription is in one of the states that RFC 6121 leads to",
    "rfc6121-2.1.2.5-subscription-in-set-ignored",
)
PENDING = told(
    "request-shows-as-pending",
    "P-42b",
    "A roster shows as pending what is, and nothing else",
    "rfc6121-2.1.2.2-ask-sent",
    Level.SHOULD,
)
DELIVERED = told(
    "subscription-stanza-delivered",
    "P-42c",
    "A subscription stanza that changes something is delivered, with the sender's bare address",
    "rfc6121-3-sub-bare-jid-stamp",
)
WITHHELD = told(
    "subscription-stanza-withheld",
    "P-42d",
    "A subscription stanza that changes nothing is not delivered",
    "rfc6121-3.1.6-approval-unexpected-ignored",
    Level.SHOULD,
)
HIDDEN = told(
    "presence-for-subscribers-only",
    "P-42e",
    "Only a subscriber is told who is available",
    "rfc6121-11-availability-no-leak",
    is_grave=True,
)
BY_SUBSCRIPTION = (FOLDED, KEPT, ANSWERED, STATES, PENDING, DELIVERED, WITHHELD, HIDDEN)


@dataclass(frozen=True, kw_only=True)
class Deed:
    """A step: what a resource did, and every permitted way on from each world."""

    resource: Resource
    words: str
    ways: Callable[[World], Iterable[Outcome]]
    type: str = ""  # of a subscription stanza
    identity: str = ""  # of a roster set
    given: Given | None = None  # by that


@dataclass(frozen=True, kw_only=True)
class Breach:
    """What is wrong after a step, and the steps of a script that show it in place of one's fence."""

    broken: Property
    cause: str
    shown_by: Sequence[str]
    replaced: str = ""


@dataclass(kw_only=True)
class Judge:
    """Looks at a household. `worlds` are all that may be; `waiting` is what came while nobody was there."""

    home: Household
    worlds: frozenset[World] = frozenset({World()})
    waiting: list[list[Delivery]] = field(default_factory=lambda: [[], []])
    set: list[Given | None] = field(default_factory=lambda: [None, None])

    def resign(self) -> bool:
        """After a breach: whatever looks like what is there is possible. Whether anything does."""
        self.worlds = frozenset(one for one in EVERY_WORLD if self._shows(one))
        return bool(self.worlds)

    def _jid(self, account: int) -> str:
        return self.home.accounts[account].jid

    def breaches(self, deed: Deed, before: frozenset[World]) -> list[Breach]:
        """What is wrong now, given what was possible before; if nothing is, note what has become possible."""
        if self.home.is_lost:
            return []
        breaches, is_refused = self._answered(deed)
        breaches += self._folded(deed)
        ways = nothing if is_refused else deed.ways
        outcomes = [one for world in sorted(before, key=repr) for one in ways(world)]
        if deed.words == "a removal" and not is_refused:
            self.set[deed.resource.account] = None
        if deed.given is not None and not is_refused:
            self.set[deed.resource.account] = deed.given
        if not breaches:
            breaches += self._compared(deed, before, outcomes)
        if not breaches:
            breaches += self._kept(deed)
        if not breaches:
            breaches += self._hidden(deed, before)
        return breaches

    def _answered(self, deed: Deed) -> tuple[list[Breach], bool]:
        """What is wrong with the answer to a roster set, and whether it is an error."""
        if not deed.identity:
            return [], False
        resource = deed.resource
        answers = resource.answers(deed.identity)
        if len(answers) != 1:
            cause = f"{deed.words} is {'not answered' if not answers else 'answered more than once'}"
            shown = script.answered(resource.name, deed.identity)
            return [Breach(broken=ANSWERED, cause=cause, shown_by=shown, replaced=resource.name)], False
        if answers == ["error"]:
            return [], True
        contact = self._jid(1 - resource.account)
        if deed.words == "a removal" and all(
            not one.views[resource.account].is_listed for one in self.worlds
        ):
            return [], False  # who was not there need not be pushed
        for one in self.home.of(resource.account):
            if contact not in one.pushed():
                item = (one.stored or {}).get(contact)
                shown = script.pushed(one.name, one.account, item)
                cause = f"{deed.words} is not pushed to every resource"
                return [Breach(broken=ANSWERED, cause=cause, shown_by=shown, replaced=one.name)], False
        return [], False

    def _folded(self, deed: Deed) -> list[Breach]:
        for one in self.home.here:
            stored = one.stored
            if stored is None or dict(stored) == one.folded:
                continue
            contact = self._jid(1 - one.account)
            lost, told = stored.get(contact), one.folded.get(contact)
            cause = f"after {deed.words} the roster is not what the pushes say: {_difference(lost, told)}"
            may_be_told, may_be_stored = (
                any(self._fits(world, one.account, item) for world in self._later(deed))
                for item in (told, lost)
            )
            is_pushed = contact in one.pushed() or not may_be_stored
            if may_be_told and is_pushed:
                shown, replaced = script.stored(one.name, one.account, [told]), ""
            else:
                shown, replaced = script.pushed(one.name, one.account, lost), one.name
            return [Breach(broken=FOLDED, cause=cause, shown_by=shown, replaced=replaced)]
        return []

    def _later(self, deed: Deed) -> list[World]:
        return [one.world for world in self.worlds for one in deed.ways(world)]

    def _compared(self, deed: Deed, before: frozenset[World], outcomes: Sequence[Outcome]) -> list[Breach]:
        for is_whole, broken in ((False, STATES), (True, PENDING)):
            fitting = [one for one in outcomes if self._shows(one.world, is_whole=is_whole)]
            if not fitting:
                return [self._wrong_state(broken, deed, before, outcomes)]
        short = [one for one in fitting if not self._missing(one)]
        if not short:
            return [self._not_delivered(deed, before, fitting[0])]
        right = [one for one in short if not self._extra(one)]
        if not right:
            return [self._not_withheld(deed, before, short[0])]
        misnamed = self._misnamed(deed)
        if misnamed:
            return misnamed
        self.worlds = frozenset(self._noted(one.world) for one in right)
        for account in (0, 1):
            if not self.home.of(account):
                self.waiting[account] += sorted(_sent_to(account, right))
        return []

    def _wrong_state(
        self, broken: Property, deed: Deed, before: frozenset[World], outcomes: Sequence[Outcome]
    ) -> Breach:
        worlds = [one.world for one in outcomes]
        account = next(
            (
                number
                for number in (deed.resource.account, 1 - deed.resource.account)
                if not any(self._shows(one, only=number, is_whole=broken is PENDING) for one in worlds)
            ),
            deed.resource.account,
        )
        witness = next(iter(self.home.of(account)))
        item = (witness.stored or {}).get(self._jid(1 - account))
        wanted = script.items_of(worlds, account, item or Item())
        side = "its sender" if account == deed.resource.account else "the other one"
        told = f"{_words(item)}, not {_words(wanted[0])}"
        cause = f"{self._situation(deed, before)} {side} has the roster item {told}"
        shown = script.stored(witness.name, account, wanted)
        return Breach(broken=self._named(broken, deed, before), cause=cause, shown_by=shown)

    def _not_delivered(self, deed: Deed, before: frozenset[World], outcome: Outcome) -> Breach:
        resource, type = self._missing(outcome)[0]
        cause = f"{self._situation(deed, before)} {type} is not delivered"
        shown = script.delivered(resource.name, resource.account, type)
        broken = self._named(DELIVERED, deed, before)
        return Breach(broken=broken, cause=cause, shown_by=shown, replaced=resource.name)

    def _not_withheld(self, deed: Deed, before: frozenset[World], outcome: Outcome) -> Breach:
        resource, type = self._extra(outcome)[0]
        cause = f"{self._situation(deed, before)} {type} is delivered"
        shown = script.withheld(resource.name, resource.account, type)
        broken = self._named(WITHHELD, deed, before)
        rows = (
            [OUTBOUND[deed.type][one.views[deed.resource.account].state] for one in before]
            if deed.type
            else []
        )
        if deed.type == type and rows and all(one.duty is Duty.MUST_NOT for one in rows):
            broken = replace(broken, level=Level.MUST)  # it may not even be routed
        return Breach(broken=broken, cause=cause, shown_by=shown, replaced=resource.name)

    def _misnamed(self, deed: Deed) -> list[Breach]:
        """Whether subscription stanzas come from more than a bare address."""
        for one in self.home.here:
            for type, origin in one.received(self._jid(1 - one.account)):
                if "/" in origin:
                    shown = [
                        line.replace("{regex:(/.*)?}", "")
                        for line in script.delivered(one.name, one.account, type)
                    ]
                    cause = f"{type} is delivered from a full address"
                    return [Breach(broken=DELIVERED, cause=cause, shown_by=shown, replaced=one.name)]
        return []

    def _kept(self, deed: Deed) -> list[Breach]:
        for one in self.home.here:
            given, item = self.set[one.account], (one.stored or {}).get(self._jid(1 - one.account))
            if given is None or item is None:
                continue
            wanted = replace(item, name=given[0], groups=frozenset(given[1]))
            if item != wanted:
                shown = script.stored(one.name, one.account, [wanted])
                cause = f"after {deed.words} a contact has lost or won {_difference(item, wanted)}"
                return [Breach(broken=KEPT, cause=cause, shown_by=shown)]
        return []

    def _hidden(self, deed: Deed, before: frozenset[World]) -> list[Breach]:
        for one in self.home.here:
            other = 1 - one.account
            states = [world.views[other].state for world in (*before, *self.worlds)]
            may_see = any(state.subscription in ("from", "both") for state in states)
            if one.sees(self._jid(other)) and not may_see:
                cause = f"after {deed.words} somebody who is no subscriber sees the other one's presence"
                shown = script.hidden(one.name, one.account)
                return [Breach(broken=HIDDEN, cause=cause, shown_by=shown, replaced=one.name)]
        return []

    def _situation(self, deed: Deed, before: frozenset[World]) -> str:
        states = {one.views[deed.resource.account].state.value for one in before}
        return f"after {deed.words}" + (f" in the state {min(states)}" if len(states) == 1 else "")

    def _named(self, broken: Property, deed: Deed, before: frozenset[World]) -> Property:
        """The same with the requirement that is its row in the tables."""
        state = min((one.views[deed.resource.account].state for one in before), key=lambda one: one.value)
        rows = {
            "a removal": ("rfc6121-2.5.2-remove-mutual-sends-both",),
            "a roster set": ("rfc6121-2.4.2-update-keeps-subscription",),
            "a login": ("rfc6121-3.1.3-request-redelivered",),
        }
        if deed.type:
            return replace(broken, requirements=(requirement(deed.type, state),))
        return replace(broken, requirements=rows.get(deed.words, broken.requirements))

    def _noted(self, world: World) -> World:
        """What a roster says of an approval in advance counts."""
        for account in (0, 1):
            items = [(one.stored or {}).get(self._jid(1 - account)) for one in self.home.of(account)]
            if any(one is not None and one.is_approved for one in items):
                world = world.having(account, replace(world.views[account], may_approve=True))
        return world

    def _shows(self, world: World, *, only: int | None = None, is_whole: bool = True) -> bool:
        """Whether rosters that were told look as they would in that world."""
        for one in self.home.here:
            if one.stored is None or only not in (None, one.account):
                continue
            item = one.stored.get(self._jid(1 - one.account))
            if not self._fits(world, one.account, item, is_whole=is_whole):
                return False
        return True

    def _fits(self, world: World, account: int, item: Item | None, *, is_whole: bool = True) -> bool:
        view = world.views[account]
        if item is None or not view.is_listed:
            return item is None and not view.is_listed
        is_asking = item.is_asking if is_whole else view.state.is_asking
        return (item.subscription, is_asking) == (view.state.subscription, view.state.is_asking)

    def _missing(self, outcome: Outcome) -> list[tuple[Resource, str]]:
        return [
            (one, type)
            for account, type in sorted(outcome.due)
            for one in self.home.of(account)
            if type not in [known for known, _ in one.received(self._jid(1 - account))]
        ]

    def _extra(self, outcome: Outcome) -> list[tuple[Resource, str]]:
        return [
            (one, type)
            for one in self.home.here
            for type, _ in one.received(self._jid(1 - one.account))
            if (one.account, type) not in outcome.due | outcome.free
        ]


def nothing(world: World) -> Iterable[Outcome]:
    """Nothing changes, and nobody is told anything."""
    return (Outcome(world=world),)


def _sent_to(account: int, outcomes: Sequence[Outcome]) -> set[Delivery]:
    return {each for one in outcomes for each in one.due | one.free if each[0] == account}


def _difference(one: Item | None, other: Item | None) -> str:
    """In what two items differ."""
    if one is None or other is None:
        return "an item"
    names = ("subscription", "is_asking", "name", "groups")
    words = {"is_asking": "ask", "groups": "its groups", "name": "its name"}
    found = [words.get(name, name) for name in names if getattr(one, name) != getattr(other, name)]
    return " and ".join(found) or "another contact"


def _words(item: Item | None) -> str:
    if item is None:
        return "nothing"
    return f"{item.subscription}{' with ask' if item.is_asking else ''}"
