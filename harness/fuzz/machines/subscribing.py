"""Rosters and subscriptions of two accounts, step by step against what RFC 6121 says of each.

Rules are what a client may do: set and remove the other one, ask for a subscription, give and take it, leave
and come back. After each the rosters and what was delivered are compared with every way on that the tables
leave open (`subscription_model.py`); which rule may come depends on what we did, never on what came back.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import trio
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from harness.engine.session import Session
from harness.errors import HarnessError
from harness.fuzz.machines import subscription_script as script
from harness.fuzz.machines.household import Household, Resource, household
from harness.fuzz.machines.machine import Machine, Setting, Tell
from harness.fuzz.machines.subscription_judging import BY_SUBSCRIPTION, Breach, Deed, Judge, nothing
from harness.fuzz.servers.scripts import head_of
from harness.fuzz.trial import Reading, Trial
from harness.fuzz.troubles import Trouble
from harness.monitors.addresses import bare
from harness.strategies.sample import Claim, Sample
from harness.tables.subscription_model import (
    Outcome,
    World,
    after_login,
    after_removal,
    after_setting,
    after_stanza,
)
from harness.tables.subscription_states import TYPES

#: The family of what is found here.
SUBSCRIPTION = "subscription"

_ROMEO, _PHONE, _JULIET = "Romeo", "Romeo's phone", "Juliet"
_RESOURCES = ((_ROMEO, 0), (_PHONE, 0), (_JULIET, 1))
_GRACE = 0.25  # seconds for what is late
_RARELY = 7
_NAMES = ("", "Nurse", "Friar")
_GROUPS = ((), ("Friends",), ("Family", "Friends"))


class Subscription(RuleBasedStateMachine):
    """Two accounts; a subclass says where."""

    session: Session
    report: Tell
    check_time: Callable[[], None]

    def __init__(self) -> None:
        super().__init__()
        self.check_time()
        self.home: Household = trio.from_thread.run(household, self.session, _RESOURCES)
        self.by_name = {one.name: one for one in self.home.resources}
        self.notes = script.Notes()
        self.is_over = False
        self.is_astray = False  # whether something wrong has led here
        self.judge = Judge(home=self.home)
        self.done: list[str] = []
        self.said: list[str] = []

    @initialize(with_phone=st.booleans())
    def begin(self, with_phone: bool) -> None:
        """Log in."""
        for name in (_ROMEO, _JULIET, *((_PHONE,) if with_phone else ())):
            self._enter(self.by_name[name])
        if any(one.folded for one in self.home.here):
            self.is_over = True  # an account that somebody else has used

    @rule(
        name=st.sampled_from((_ROMEO, _JULIET, _PHONE)),
        type=st.sampled_from(TYPES),
        number=st.integers(0, _RARELY),
    )
    def sends(self, name: str, type: str, number: int) -> None:
        """Send a subscription stanza; now and then to a resource."""
        resource = self.by_name[name]
        other = next(iter(self.home.of(1 - resource.account)), None)
        if not resource.is_here:
            return
        to = other.name if number == _RARELY and other is not None else ""
        self._send_subscription(resource, type, to)

    @rule(who=st.sampled_from((_ROMEO, _JULIET)))
    def befriends(self, who: str) -> None:
        """Ask, and be given."""
        resource = self.by_name[who]
        other = next(iter(self.home.of(1 - resource.account)), None)
        if resource.is_here and other is not None:
            self._send_subscription(resource, "subscribe")
            self._send_subscription(other, "subscribed")

    @rule(
        name=st.sampled_from((_ROMEO, _JULIET, _PHONE)),
        handle=st.sampled_from(_NAMES),
        groups=st.sampled_from(_GROUPS),
    )
    def sets(self, name: str, handle: str, groups: tuple[str, ...]) -> None:
        """Give the contact a name and groups."""
        resource = self.by_name[name]
        if not resource.is_here or self.is_over:
            return
        identity = self.session.fresh("set")
        inside = "".join(f"<group>{one}</group>" for one in groups)
        more = f" name='{handle}'" if handle else ""
        words = f"sets the contact, {handle or 'nameless'}, in {' and '.join(groups) or 'no group'}"
        self._say(resource, script.roster_set(identity, resource.account, inside, more), words)

        def ways(world: World) -> Iterable[Outcome]:
            return after_setting(world, resource.account)

        given = (handle, groups)
        self._judge(Deed(resource=resource, words="a roster set", ways=ways, identity=identity, given=given))

    @rule(name=st.sampled_from((_ROMEO, _JULIET, _PHONE)))
    def removes(self, name: str) -> None:
        """Remove the contact."""
        resource = self.by_name[name]
        if not resource.is_here or self.is_over:
            return
        identity = self.session.fresh("set")
        text = script.roster_set(identity, resource.account, more=" subscription='remove'")
        self._say(resource, text, "removes the contact")

        def ways(world: World) -> Iterable[Outcome]:
            return after_removal(world, resource.account)

        self._judge(Deed(resource=resource, words="a removal", ways=ways, identity=identity))

    @precondition(lambda self: len(self.home.here) > 1)
    @rule(name=st.sampled_from((_JULIET, _ROMEO, _PHONE)))
    def leaves(self, name: str) -> None:
        """Log out."""
        resource = self.by_name[name]
        if not resource.is_here or self.is_over:
            return
        self.notes.leaves(name)
        self.done.append(f"{name} leaves")
        trio.from_thread.run(self.home.leave, resource)
        for other in self.home.here[:1]:
            self.notes.settle(other.name)
            self._judge(Deed(resource=other, words="a logout", ways=nothing))

    @rule(name=st.sampled_from((_JULIET, _PHONE, _ROMEO)))
    def returns(self, name: str) -> None:
        """Log in."""
        resource = self.by_name[name]
        if resource.is_here or self.is_over:
            return
        self._enter(resource)

    def _enter(self, resource: Resource) -> None:
        is_first = not self.home.of(resource.account)
        waiting = self.judge.waiting[resource.account] if is_first else []
        self.done.append(f"{resource.name} logs in")
        try:
            trio.from_thread.run(self.home.enter, resource)
        except HarnessError:  # whether one can log in is for others to say
            self.is_over = True
            return
        self.notes.enters(resource.name)

        def ways(world: World) -> Iterable[Outcome]:
            return after_login(world, resource.account, waiting)

        self._judge(Deed(resource=resource, words="a login", ways=ways))
        self.judge.waiting[resource.account] = []

    def _send_subscription(self, resource: Resource, type: str, to: str = "") -> None:
        if self.is_over:
            return
        words = f"{type} to a resource" if to else type
        self._say(resource, script.request(type, resource.account, to), f"sends {words}")

        def ways(world: World) -> Iterable[Outcome]:
            outcomes = list(after_stanza(world, resource.account, type))
            # Nobody has to cut an address down to its account, and what was refused has no effect.
            if to or _is_refused(resource, self._jid(1 - resource.account)):
                outcomes = [replace(one, due=frozenset(), free=one.free | one.due) for one in outcomes]
                outcomes += [Outcome(world=world, free=frozenset({(1 - resource.account, type)}))]
            return outcomes

        self._judge(Deed(resource=resource, words=words, ways=ways, type=type))

    def _say(self, resource: Resource, text: str, words: str) -> None:
        assert resource.station is not None, "rules look first"
        self.notes.sends(resource.name, text)
        self.done.append(f"{resource.name} {words}")
        self.said.append(text)
        names = {f"${{{owner}'s JID}}": self._jid(number) for number, owner in enumerate(script.OWNERS)}
        names |= {
            f"${{{one.name}'s full JID}}": one.station.jid
            for one in self.home.here
            if one.station is not None
        }
        for name, value in names.items():
            text = text.replace(name, value)
        trio.from_thread.run(resource.station.say, text.encode())

    def _jid(self, account: int) -> str:
        return self.home.accounts[account].jid

    def _judge(self, deed: Deed) -> None:
        if self.is_over:
            return
        before = self.judge.worlds
        trio.from_thread.run(self.home.settle, deed.resource)
        breaches = self.judge.breaches(deed, before)
        if breaches and not self.home.is_lost:
            trio.from_thread.run(self.home.linger, _GRACE, deed.resource)
            breaches = self.judge.breaches(deed, before)
        if self.home.is_lost:
            self.is_over = True
            return
        steps = list(self.notes.lines)
        self.notes.settle(deed.resource.name)
        for one in self.home.resources:
            one.heard.clear()
        for breach in breaches:
            self.report(self._trouble(breach, deed, steps))
        if breaches:  # a known one: go on from what is there, to which no other server need come
            self.is_astray = True
            self.is_over = not self.judge.resign()

    def _trouble(self, breach: Breach, deed: Deed, steps: Sequence[str]) -> Trouble:
        notes = self.notes.having(steps)
        notes.settle(deed.resource.name, but=breach.replaced)
        data = "\n".join(self.said).encode()
        sample = Sample(family=SUBSCRIPTION, data=data, claim=Claim.LEGAL, labels=("; ".join(self.done),))
        trial = Trial(sample=sample, token="", data=data, reading=Reading.UNFINISHED)
        trouble = Trouble(
            broken=breach.broken, trial=trial, cause=breach.cause, exchanges=tuple(self.home.log.exchanges)
        )
        if self.is_astray:
            return replace(trouble, broken=replace(trouble.broken, steps=None))
        actors = [name for name, _ in _RESOURCES if name != _PHONE or any(_PHONE in line for line in steps)]
        lines = [*head_of(trouble, actors), *notes.lines, *breach.shown_by, *script.ending(notes.here), ""]
        return replace(trouble, script="\n".join(lines))

    def teardown(self) -> None:
        """Everybody leaves."""
        trio.from_thread.run(self.home.aclose)


def _is_refused(resource: Resource, contact: str) -> bool:
    """Whether a presence error came back."""
    return any(
        one.name.local == "presence"
        and one.attributes.get("type") == "error"
        and bare(one.attributes.get("from", "")) == contact
        for one in resource.heard
    )


def _build(setting: Setting) -> type[Subscription]:
    called = {"report": staticmethod(setting.report), "check_time": staticmethod(setting.check_time)}
    return type("Subscription", (Subscription,), {"session": setting.session, **called})


SUBSCRIPTION_MACHINE = Machine(properties=BY_SUBSCRIPTION, build=_build, steps=12, runs=12)
