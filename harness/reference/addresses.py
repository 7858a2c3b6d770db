"""Addresses as the server compares them: prepared by the rules of RFC 7622."""

import unicodedata
from functools import lru_cache
from typing import NamedTuple

import precis_i18n

_FORBIDDEN_IN_LOCALPART = set("\"&'/:<>@")
_LONGEST = 1023


class Address(NamedTuple):
    """A prepared JID. An absent localpart or resourcepart is the empty string."""

    local: str
    domain: str
    resource: str

    @property
    def bare(self) -> str:
        """The address without its resourcepart, as text."""
        return f"{self.local}@{self.domain}" if self.local else self.domain

    @property
    def is_full(self) -> bool:
        """Tell whether there is a resourcepart."""
        return bool(self.resource)

    def __str__(self) -> str:
        return f"{self.bare}/{self.resource}" if self.resource else self.bare


@lru_cache(maxsize=4096)
def parse(text: str) -> Address | None:
    """Read and prepare a JID; None when it is malformed (RFC 7622, 3)."""
    rest, has_resource, resource = text.partition("/")
    local, has_local, domain = rest.rpartition("@")
    prepared_local = prepare_localpart(local) if has_local else ""
    prepared_domain = _prepare_domainpart(domain)
    prepared_resource = prepare_resourcepart(resource) if has_resource else ""
    if prepared_local is None or prepared_domain is None or prepared_resource is None:
        return None
    return Address(prepared_local, prepared_domain, prepared_resource)


@lru_cache(maxsize=4096)
def prepare_localpart(text: str) -> str | None:
    """Prepare a localpart (RFC 7622, 3.3); None when it is malformed."""
    if _FORBIDDEN_IN_LOCALPART & set(text):
        return None
    return _enforced("UsernameCaseMapped", text)


@lru_cache(maxsize=4096)
def prepare_resourcepart(text: str) -> str | None:
    """Prepare a resourcepart or nickname (RFC 7622, 3.4); None when it is malformed."""
    return _enforced("OpaqueString", text)


def _enforced(profile: str, text: str) -> str | None:
    try:
        prepared: str = precis_i18n.get_profile(profile).enforce(text)
    except UnicodeEncodeError:
        return None
    return prepared if 0 < len(prepared.encode()) <= _LONGEST else None


def _prepare_domainpart(text: str) -> str | None:
    """Case and width are folded; A-labels are left as they are, since no account here lives under one."""
    folded = unicodedata.normalize("NFKC", text).lower().rstrip(".")
    if not folded or len(folded.encode()) > _LONGEST:
        return None
    if any(character.isspace() or character in "@/<>\"'&" for character in folded):
        return None
    return folded if all(0 < len(label) <= 63 for label in folded.split(".")) else None
