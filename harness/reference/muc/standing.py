"""Affiliations and roles (XEP-0045, 5)."""

from enum import IntEnum


class Affiliation(IntEnum):
    """A lasting standing with a room; the higher, the more it may."""

    OUTCAST = 0
    NONE = 1
    MEMBER = 2
    ADMIN = 3
    OWNER = 4

    @property
    def word(self) -> str:
        """As it stands on the wire."""
        return self.name.lower()


class Role(IntEnum):
    """What an occupant may do during a visit."""

    NONE = 0
    VISITOR = 1
    PARTICIPANT = 2
    MODERATOR = 3

    @property
    def word(self) -> str:
        """As it stands on the wire."""
        return self.name.lower()


AFFILIATIONS = {affiliation.word: affiliation for affiliation in Affiliation}
ROLES = {role.word: role for role in Role}


def role_on_entry(affiliation: Affiliation, *, moderated: bool) -> Role:
    """The role that somebody enters with (XEP-0045, 5.1.2)."""
    if affiliation >= Affiliation.ADMIN:
        return Role.MODERATOR
    if affiliation < Affiliation.MEMBER and moderated:
        return Role.VISITOR
    return Role.PARTICIPANT
