"""Addresses as the server compares them: prepared, or None where they are malformed."""

import unicodedata
from dataclasses import replace
from functools import lru_cache

from harness.xmpp.jid import Jid, prepare_local, prepare_resource

_MOST_KEPT = 4096


@lru_cache(maxsize=_MOST_KEPT)
def parse(text: str) -> Jid | None:
    """Read and prepare a JID; None when it is malformed (RFC 7622, 3)."""
    try:
        return Jid.parse(text).prepared()
    except ValueError:
        return None


def parse_unstably(text: str) -> Jid | None:
    """The same with a fault: letters of special forms become ordinary ones once the case has been mapped."""
    try:
        right, address = parse(text), Jid.parse(text)
    except ValueError:
        return None
    plain = unicodedata.normalize("NFKC", address.local.lower())
    if right is not None or prepare_localpart(plain) is None:
        return right
    rest = parse(str(replace(address, local="")))
    return replace(rest, local=plain) if rest is not None else None


def prepare_localpart(text: str) -> str | None:
    """Prepare a localpart (RFC 7622, 3.3); None when it is malformed."""
    try:
        return prepare_local(text) if text else None
    except ValueError:
        return None


def prepare_resourcepart(text: str) -> str | None:
    """Prepare a resourcepart or nickname (RFC 7622, 3.4); None when it is malformed."""
    try:
        return prepare_resource(text) if text else None
    except ValueError:
        return None
