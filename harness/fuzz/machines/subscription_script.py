"""What was done with rosters and subscriptions as steps of a script, and the step that shows a breach."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from harness.fuzz.machines.household import Item
from harness.fuzz.servers.steps import ANYTHING
from harness.tables.subscription_model import World

#: By account; the first resource of each has the account's name.
OWNERS = ("Romeo", "Juliet")
_QUERY = "<query xmlns='jabber:iq:roster'>{}</query>"


@dataclass(kw_only=True)
class Notes:
    """The steps so far. `here` are the names of those who are logged in."""

    lines: list[str] = field(default_factory=list)
    here: list[str] = field(default_factory=list)
    count: int = 0

    def having(self, lines: Sequence[str]) -> "Notes":
        """The same with other steps."""
        return Notes(lines=list(lines), here=list(self.here), count=self.count)

    def enters(self, name: str) -> None:
        """Log in, get the roster, be available."""
        identity = self._fresh("roster")
        self.here.append(name)
        self.lines += [f"{name} connects"]
        self.sends(name, f"<iq type='get' id='{identity}'><query xmlns='jabber:iq:roster'/></iq>")
        self.lines += [*_anything(name), f"{name} receives:\n\t<iq type='result' id='{identity}'/>"]
        self.sends(name, "<presence/>")

    def leaves(self, name: str) -> None:
        """Log out."""
        self.here.remove(name)
        self.lines += [*_anything(name), f"{name} disconnects"]

    def sends(self, name: str, text: str) -> None:
        """Send a stanza."""
        self.lines += [f"{name} sends:\n\t{text}"]

    def settle(self, first: str, but: str = "") -> None:
        """Wait until everybody `but` one has heard what there is to hear."""
        for name in sorted(self.here, key=lambda one: one != first):
            if name != but:
                self._fence(name)

    def _fence(self, name: str) -> None:
        identity = self._fresh("fence")
        ping = "<ping xmlns='urn:xmpp:ping'/>"
        self.sends(name, f"<iq type='get' id='{identity}' to='${{domain}}'>{ping}</iq>")
        answers = f"\t<iq type='result' id='{identity}'/>\n\tor:\n\t<iq type='error' id='{identity}'/>"
        self.lines += [*_anything(name), f"{name} receives one of:\n{answers}"]

    def _fresh(self, kind: str) -> str:
        self.count += 1
        return f"{kind}-{self.count}"


def request(type: str, account: int, resource: str = "") -> str:
    """A subscription stanza to the other account, or to one of its resources."""
    to = f"${{{resource}'s full JID}}" if resource else f"${{{OWNERS[1 - account]}'s JID}}"
    return f'<presence type="{type}" to="{to}"/>'.replace(f'"{type}"', f"'{type}'")


def roster_set(identity: str, account: int, inside: str = "", more: str = "") -> str:
    """A roster set of the other account."""
    item = f'<item jid="${{{OWNERS[1 - account]}\'s JID}}"{more}>{inside}</item>'
    return f"<iq type='set' id='{identity}'>{_QUERY.format(item)}</iq>"


def delivered(name: str, account: int, type: str) -> list[str]:
    """The resource gets such a stanza."""
    return [*_anything(name), f"{name} receives:\n\t{_from(account, type)}"]


def withheld(name: str, account: int, type: str) -> list[str]:
    """It does not."""
    return [f"{name} receives nothing like:\n\t{_from(account, type)}"]


def hidden(name: str, account: int) -> list[str]:
    """It is not told that the other one is available."""
    origin = f"${{{OWNERS[1 - account]}'s JID}}"
    return [f'{name} receives nothing like:\n\t<presence from="{origin}{{regex:/.*}}"/>']


def pushed(name: str, account: int, item: Item | None) -> list[str]:
    """The resource is told what has become of the contact."""
    shown = _shown(account, item).replace("harness:absent='true'", "subscription='remove'")
    return [*_anything(name), f"{name} receives:\n\t<iq type='set'>{_QUERY.format(shown)}</iq>"]


def answered(name: str, identity: str) -> list[str]:
    """A request is answered once."""
    kinds = [f"\t<iq type='{type}' id='{identity}'/>" for type in ("result", "error")]
    again = "\n".join(kinds)
    one = "\n\tor:\n".join(kinds)
    pushes = f"{name} may receive any number of:\n\t<iq type='set'/>\n\t<presence type='{{optional}}'/>"
    return [pushes, f"{name} receives one of:\n{one}", f"{name} receives nothing like:\n{again}"]


def stored(name: str, account: int, items: Iterable[Item | None]) -> list[str]:
    """The roster has the contact in one of these ways."""
    ask = "<iq type='get' id='shown'><query xmlns='jabber:iq:roster'/></iq>"
    ways = dict.fromkeys(_shown(account, item) for item in items)
    told = "\n\tor:\n".join(f"\t<iq type='result' id='shown'>{_QUERY.format(way)}</iq>" for way in ways)
    return [f"{name} sends:\n\t{ask}", *_anything(name), f"{name} receives one of:\n{told}"]


def items_of(worlds: Iterable[World], account: int, like: Item) -> list[Item | None]:
    """How a contact may be shown, with the name and the groups of another item."""
    views = [world.views[account] for world in worlds]
    return [
        Item(
            subscription=view.state.subscription,
            is_asking=view.state.is_asking,
            name=like.name,
            groups=like.groups,
        )
        if view.is_listed
        else None
        for view in views
    ]


def ending(names: Sequence[str]) -> list[str]:
    """Nobody waits for anything more."""
    return [line for name in names for line in _anything(name)]


def _shown(account: int, item: Item | None) -> str:
    jid = f'jid="${{{OWNERS[1 - account]}\'s JID}}"'
    if item is None:
        return f"<item {jid} harness:absent='true'/>"
    kind = "{optional: none}" if item.subscription == "none" else item.subscription
    ask = "subscribe" if item.is_asking else "{absent}"
    name = item.name or "{optional: }"
    groups = "".join(f"<group>{one}</group>" for one in sorted(item.groups))
    return f"<item {jid} subscription='{kind}' ask='{ask}' name='{name}'>{groups}</item>"


def _from(account: int, type: str) -> str:
    return f"<presence type='{type}' from=\"${{{OWNERS[1 - account]}'s JID}}{{regex:(/.*)?}}\"/>"


def _anything(name: str) -> list[str]:
    return [ANYTHING.format(name)]
