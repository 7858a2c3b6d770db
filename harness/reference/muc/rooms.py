"""Rooms and their occupants."""

from dataclasses import dataclass, field

from harness.reference.muc.configuration import Configuration
from harness.reference.muc.standing import Affiliation, Role
from harness.reference.stanzas import Element
from harness.xmpp.jid import Jid


@dataclass(kw_only=True, slots=True, eq=False)
class Occupant:
    """Somebody in a room. `sessions` maps full JIDs to the presence last sent from there.

    `old` holds those of the sessions that came by groupchat 1.0.
    """

    nick: str
    bare: str
    role: Role
    sessions: dict[str, Element] = field(default_factory=dict)
    old: set[str] = field(default_factory=set)

    @property
    def jid(self) -> str:
        """The full JID that spoke last."""
        return next(reversed(self.sessions))

    @property
    def presence(self) -> Element:
        """The presence that was sent last."""
        return self.sessions[self.jid]

    def update(self, jid: str, presence: Element) -> None:
        """Take a session's presence as the last one sent."""
        self.sessions.pop(jid, None)
        self.sessions[jid] = presence


@dataclass(frozen=True, kw_only=True, slots=True)
class Spoken:
    """A message of the past: when it came, and how it was sent, without `to`."""

    moment: float
    stanza: Element


@dataclass(kw_only=True, slots=True, eq=False)
class Room:
    """One room. `occupants` are by nickname, `affiliations` and `reserved` nicknames by bare JID.

    `secret` is what occupant ids are made of, besides the user.
    """

    address: Jid
    secret: str
    configuration: Configuration = field(default_factory=Configuration)
    affiliations: dict[str, Affiliation] = field(default_factory=dict)
    occupants: dict[str, Occupant] = field(default_factory=dict)
    reserved: dict[str, str] = field(default_factory=dict)
    history: list[Spoken] = field(default_factory=list)
    subject: Spoken | None = None
    is_locked: bool = True
    is_gone: bool = False

    @property
    def jid(self) -> str:
        """The bare JID of the room."""
        return self.address.bare

    def occupant_jid(self, nick: str) -> str:
        """The JID of an occupant."""
        return f"{self.jid}/{nick}"

    def affiliation_of(self, bare: str) -> Affiliation:
        """The affiliation of a bare JID; a banned domain bans its users (XEP-0045, 9.2)."""
        own = self.affiliations.get(bare)
        if own is not None:
            return own
        domain = bare.rpartition("@")[2]
        banned = self.affiliations.get(domain) is Affiliation.OUTCAST
        return Affiliation.OUTCAST if banned else Affiliation.NONE

    def set_affiliation(self, bare: str, affiliation: Affiliation) -> None:
        """Note an affiliation; none is not kept."""
        self.affiliations.pop(bare, None)
        if affiliation is not Affiliation.NONE:
            self.affiliations[bare] = affiliation

    def having(self, affiliation: Affiliation) -> list[str]:
        """The bare JIDs of an affiliation."""
        return [bare for bare, each in self.affiliations.items() if each is affiliation]

    def occupant_at(self, jid: str) -> Occupant | None:
        """The occupant that a full JID is in the room as."""
        return next((each for each in self.occupants.values() if jid in each.sessions), None)

    def occupant_of(self, bare: str) -> list[Occupant]:
        """The occupants of a bare JID."""
        return [each for each in self.occupants.values() if each.bare == bare]

    def affiliation(self, occupant: Occupant) -> Affiliation:
        """The affiliation of an occupant."""
        return self.affiliation_of(occupant.bare)
