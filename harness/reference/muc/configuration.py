"""The configuration of a room and its form (XEP-0045, 10.1.3 and 16.3)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace

from harness.reference.forms import Field, form
from harness.reference.stanzas import Element

PURPOSE = "http://jabber.org/protocol/muc#roomconfig"
_PREFIX = "muc#roomconfig_"
_TRUE = ("1", "true")


@dataclass(frozen=True, kw_only=True, slots=True)
class Configuration:
    """How a room is set. `whois` is who sees full JIDs; `maxusers` 0 means no limit."""

    roomname: str = ""
    roomdesc: str = ""
    persistentroom: bool = False
    publicroom: bool = True
    membersonly: bool = False
    moderatedroom: bool = False
    passwordprotectedroom: bool = False
    roomsecret: str = ""
    whois: str = "moderators"
    changesubject: bool = False
    allowinvites: bool = False
    enablelogging: bool = False
    maxusers: int = 0

    @property
    def is_anonymous(self) -> bool:
        """Tell whether only moderators see full JIDs."""
        return self.whois == "moderators"


def configuration_form(configuration: Configuration, more: Iterable[Field] = ()) -> Element:
    """The form with the values as they are, and `more` fields behind them."""
    shown = [_shown(configuration, each.name) for each in fields(configuration)]
    return form(PURPOSE, [*shown, *more], title="Room")


def changed(configuration: Configuration, values: Mapping[str, tuple[str, ...]]) -> Configuration | None:
    """The configuration after a form was submitted; None when it is not acceptable.

    What the form leaves out stays as it was.
    """
    changes: dict[str, object] = {}
    for each in fields(configuration):
        given = values.get(_PREFIX + each.name)
        if given is not None:
            changes[each.name] = _read(each.name, configuration, given)
    if None in changes.values():
        return None
    after = replace(configuration, **changes)  # type: ignore[arg-type]  # each was read by its own type
    return None if after.passwordprotectedroom and not after.roomsecret else after


def _read(name: str, configuration: Configuration, given: tuple[str, ...]) -> object:
    value, before = given[0] if given else "", getattr(configuration, name)
    if isinstance(before, bool):
        return value in _TRUE if value in (*_TRUE, "0", "false") else None
    if isinstance(before, int):
        return int(value) if value.isdecimal() and len(value) < 10 else 0 if value in ("", "none") else None
    if name == "whois":
        return value if value in ("anyone", "moderators") else None
    return value


def _shown(configuration: Configuration, name: str) -> Field:
    value = getattr(configuration, name)
    if isinstance(value, bool):
        return Field(var=_PREFIX + name, type="boolean", values=("1" if value else "0",))
    if isinstance(value, int):
        options = ("10", "20", "50", "100", "none")
        return Field(var=_PREFIX + name, type="list-single", values=(str(value or "none"),), options=options)
    if name == "whois":
        return Field(
            var=_PREFIX + name, type="list-single", values=(value,), options=("moderators", "anyone")
        )
    kind = "text-private" if name == "roomsecret" else "text-single"
    return Field(var=_PREFIX + name, type=kind, values=(value,))
