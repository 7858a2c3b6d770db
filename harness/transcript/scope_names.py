"""The variables that a case provides without any capture, told in `scenarios/README.md`."""

from collections.abc import Sequence

#: What each actor has: `${Romeo's full JID}`.
OF_AN_ACTOR = (
    "JID",
    "full JID",
    "username",
    "password",
    "resource",
    "domain",
    "credentials",
    "wrong credentials",
    "SCRAM beginning",
    "SCRAM end",
    "wrong SCRAM end",
    "stream id",
    "digest",
    "last request id",
    "port",
)

#: What a case has once.
OF_THE_CASE = (
    "domain",
    "muc service",
    "pubsub service",
    "upload service",
    "directory service",
    "gateway service",
    "room",
    "node",
    "token",
)

#: What a case has under each name that a script thinks of: `${room garden}`.
NAMED = ("room", "node", "token", "credentials")


def is_provided(name: str, actors: Sequence[str]) -> bool:
    """Whether the case gives the name a value in a transcript with these actors."""
    if name in OF_THE_CASE:
        return True
    kind, _, rest = name.partition(" ")
    if kind in NAMED and rest:
        return True
    with_more = tuple(f"{one}'s {thing} with " for one in actors for thing in ("credentials", "SCRAM end"))
    if name.startswith((*with_more, *(f"{one}'s digest of " for one in actors), "base64 of ")):
        return True
    if any(name == f"{actor}'s credentials as {other}" for actor in actors for other in actors):
        return True
    return any(name == f"{actor}'s {thing}" for actor in actors for thing in OF_AN_ACTOR)
