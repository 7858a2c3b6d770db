"""Who is who in a recording: sessions become actors with names from the play."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from harness.recording.session import Happening, Kind, Recording, Session

_CHARACTERS = (
    *("Romeo", "Juliet", "Mercutio", "Tybalt", "Benvolio", "Rosaline", "Paris", "Nurse"),
    *("Laurence", "Escalus", "Balthasar", "Samson", "Gregory", "Abraham", "Peter", "Angelica"),
)
_DEVICES = ("phone", "laptop", "tablet", "watch", "fridge", "toaster")


@dataclass(kw_only=True)
class Part:
    """An actor: one who logs in, and perhaps again when a session of theirs has ended."""

    name: str
    account: str  # the bare JID
    account_of: str = ""  # the actor whose account it is, where that is another one
    resource: str = ""  # that was asked for
    sessions: list[int] = field(default_factory=list)


def cast_of(recording: Recording) -> list[Part]:
    """An actor for each account, and one more for each further resource at the same time."""
    parts: list[Part] = []
    ends = _ends(recording.happenings)
    begins = _begins(recording.happenings)
    names = _names()
    for session in recording.logged_in():
        account = session.jid.partition("/")[0]
        mine = [one for one in parts if one.account == account]
        again = next((one for one in mine if _may_return(one, session, ends, begins)), None)
        if again is None:
            parts.append(_part(session, account, mine, names))
        else:
            again.sessions.append(session.number)
    return parts


def _part(session: Session, account: str, mine: Sequence[Part], names: Iterator[str]) -> Part:
    owner = mine[0].name if mine else ""
    device = _DEVICES[len(mine) - 1] if 0 < len(mine) <= len(_DEVICES) else f"device {len(mine)}"
    name = f"{owner}'s {device}" if owner else next(names)
    return Part(
        name=name, account=account, account_of=owner, resource=session.resource, sessions=[session.number]
    )


def _names() -> Iterator[str]:
    yield from _CHARACTERS
    yield from (f"User {number}" for number in itertools.count(len(_CHARACTERS) + 1))


def _may_return(part: Part, session: Session, ends: dict[int, int], begins: dict[int, int]) -> bool:
    """Whether this is the same client come again: its last session was over, and it wants what it wanted."""
    end = ends.get(part.sessions[-1])
    return end is not None and end < begins[session.number] and part.resource == session.resource


def _begins(happenings: Sequence[Happening]) -> dict[int, int]:
    return {one.session: at for at, one in enumerate(happenings) if one.kind is Kind.CONNECTED}


def _ends(happenings: Sequence[Happening]) -> dict[int, int]:
    over = (Kind.ENDED, Kind.DROPPED)
    return {one.session: at for at, one in enumerate(happenings) if one.kind in over}
