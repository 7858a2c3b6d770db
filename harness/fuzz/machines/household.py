"""Two accounts and their resources, each of which keeps its roster by the pushes that it gets."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

import trio

from harness.engine.log import CaseLog
from harness.engine.secrets import Secrets
from harness.engine.session import Session
from harness.fuzz.servers.station import Station, logged_in
from harness.monitors.addresses import bare
from harness.play.cast import Account
from harness.tables.subscription_states import TYPES
from harness.wire.events import ElementReceived, Event
from harness.wire.writer import escape
from harness.xmpp.namespaces import CLIENT, ROSTER, Name

_IQ, _PRESENCE = Name(CLIENT, "iq"), Name(CLIENT, "presence")
_QUERY, _ITEM, _GROUP = (f"{{{ROSTER}}}{local}" for local in ("query", "item", "group"))
_ROUNDS = 4  # of questions, until nobody hears anything new
_GET = "<iq type='get' id='{id}'><query xmlns='jabber:iq:roster'/></iq>"


@dataclass(frozen=True, kw_only=True, slots=True)
class Item:
    """A contact as a roster or a push shows it; what is left out means what it means (RFC 6121, 2.1.2)."""

    subscription: str = "none"
    is_asking: bool = False
    name: str = ""
    groups: frozenset[str] = frozenset()
    is_approved: bool = field(default=False, compare=False)


Roster = Mapping[str, Item]


@dataclass(kw_only=True)
class Resource:
    """One client: `heard` is what came since the last step, `folded` the roster that its pushes make."""

    name: str
    account: int
    station: Station | None = None
    leaving: AsyncExitStack = field(default_factory=AsyncExitStack)
    heard: list[ElementReceived] = field(default_factory=list)
    folded: dict[str, Item] = field(default_factory=dict)
    stored: Roster | None = None  # as it was told last
    is_lost: bool = False

    @property
    def is_here(self) -> bool:
        """Whether it is logged in."""
        return self.station is not None

    def received(self, sender: str) -> list[tuple[str, str]]:
        """Subscription stanzas of one account: their types, and who they say they are from."""
        found = []
        for one in self.heard:
            origin, type = one.attributes.get("from", ""), one.attributes.get("type", "")
            if one.name == _PRESENCE and type in TYPES and bare(origin) == sender:
                found.append((type, origin))
        return found

    def answers(self, identity: str) -> list[str]:
        """The types of the answers to a request."""
        return [
            one.attributes.get("type", "")
            for one in self.heard
            if one.name == _IQ and one.attributes.get("id") == identity and not _is_push(one)
        ]

    def pushed(self) -> set[str]:
        """The contacts of whom it was told since the last step."""
        return {jid for one in self.heard if _is_push(one) for jid in _items(one)}

    def sees(self, sender: str) -> bool:
        """Whether it was told that somebody is available."""
        return any(
            one.name == _PRESENCE
            and not one.attributes.get("type")
            and bare(origin) == sender
            and "/" in origin
            for one in self.heard
            if (origin := one.attributes.get("from", ""))
        )


@dataclass(kw_only=True)
class Household:
    """All of them. What it does runs in the loop."""

    session: Session
    accounts: Sequence[Account]
    resources: Sequence[Resource]
    log: CaseLog

    @property
    def here(self) -> list[Resource]:
        """Who is logged in."""
        return [one for one in self.resources if one.is_here]

    @property
    def is_lost(self) -> bool:
        """Whether a stream has ended or is not answered, which is for others to judge."""
        return any(one.is_lost for one in self.resources)

    def of(self, account: int) -> list[Resource]:
        """Those of one account that are logged in."""
        return [one for one in self.here if one.account == account]

    async def enter(self, resource: Resource) -> None:
        """Log in, get the roster, be available."""
        account = self.accounts[resource.account]
        resource.leaving = AsyncExitStack()
        entering = logged_in(self.session, self.log, resource.name, account)
        resource.station = await resource.leaving.enter_async_context(entering)
        await self._read_roster(resource)
        resource.folded = dict(resource.stored or {})
        resource.heard.clear()
        await resource.station.say(b"<presence/>")

    async def leave(self, resource: Resource) -> None:
        """Log out."""
        resource.station, resource.stored = None, None
        await resource.leaving.aclose()

    async def settle(self, first: Resource) -> None:
        """Ask everybody, who has acted first, until nobody hears anything new; then read all rosters."""
        order = sorted(self.here, key=lambda one: one is not first)
        for _ in range(_ROUNDS):
            news = [await self._ask(one) for one in order]
            if not any(news):
                break
        for one in order:
            await self._read_roster(one)

    async def linger(self, seconds: float, first: Resource) -> None:
        """Give what is late some time."""
        await trio.sleep(seconds)  # nobody tells of what does not come
        await self.settle(first)

    async def aclose(self) -> None:
        """Everybody leaves."""
        for one in self.here:
            await self.leave(one)
        for account in self.accounts:
            await self.session.done_with(account)

    async def _ask(self, resource: Resource) -> bool:
        """Whether anything came before the answer."""
        if resource.station is None or resource.is_lost:
            return False
        events, is_answered = await resource.station.ask()
        resource.is_lost = not is_answered
        return await self._take(resource, events[:-1])

    async def _read_roster(self, resource: Resource) -> None:
        station = resource.station
        if station is None or resource.is_lost:
            return
        identity = station.fresh("roster")
        await station.say(_GET.format(id=identity).encode())
        events = await station.hear([identity])
        last = events[-1] if events else None
        resource.is_lost = not isinstance(last, ElementReceived)
        await self._take(resource, events[:-1])
        is_told = isinstance(last, ElementReceived) and last.attributes.get("type") == "result"
        resource.stored = _items(last) if is_told and isinstance(last, ElementReceived) else None

    async def _take(self, resource: Resource, events: Iterable[Event]) -> bool:
        """Keep what came; answer pushes as a client must (RFC 6120, 8.2.3), and other requests too."""
        elements = [one for one in events if isinstance(one, ElementReceived)]
        assert resource.station is not None, "only who is here hears anything"
        pushes = [one for one in elements if _is_push(one)]
        for push in pushes:
            for jid, item in _items(push).items():
                if item.subscription == "remove":
                    resource.folded.pop(jid, None)
                else:
                    resource.folded[jid] = item
            identity = escape(push.attributes.get("id", ""))
            await resource.station.say(f"<iq type='result' id='{identity}'/>".encode())
        await resource.station.refuse_requests([one for one in elements if one not in pushes])
        resource.heard += elements
        return bool(elements)


async def household(session: Session, names: Sequence[tuple[str, int]]) -> Household:
    """Two new accounts, and resources by name and account; nobody has logged in."""
    accounts = [await session.account() for _ in range(2)]
    secrets = Secrets()
    for account in accounts:
        secrets.add(account.password, public=account.jid)
    resources = [Resource(name=name, account=account) for name, account in names]
    log = CaseLog(trio.current_time, secrets)
    return Household(session=session, accounts=accounts, resources=resources, log=log)


def _is_push(element: ElementReceived) -> bool:
    is_set = element.name == _IQ and element.attributes.get("type") == "set"
    return is_set and element.tree.find(_QUERY) is not None


def _items(element: ElementReceived) -> dict[str, Item]:
    return {
        str(one.get("jid", "")): Item(
            subscription=str(one.get("subscription", "none")),
            is_asking=one.get("ask") == "subscribe",
            name=str(one.get("name", "")),
            groups=frozenset((group.text or "") for group in one.iter(_GROUP)),
            is_approved=one.get("approved") in ("true", "1"),
        )
        for one in element.tree.iter(_ITEM)
    }
