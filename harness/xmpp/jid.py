"""XMPP addresses (RFC 7622).

`Jid.parse` takes an address apart and keeps its spelling; `prepared` gives the spelling in which
addresses are compared. Where the deployed network is wider than the document, so are we, since a
harness must not accuse: a domainpart that IDNA2008 refuses is taken as it is, in lower case, if its
labels are ASCII letters, digits, hyphens and underscores. Upper case and full-width letters in a
domainpart are mapped first (RFC 5895). A leading space in a resourcepart is kept: RFC 7622 lists it
among its bad examples (3.5, number 18), but the OpaqueString profile it refers to permits it.
"""

import ipaddress
import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Protocol

import idna
from precis_i18n import get_profile

_EXCLUDED = re.compile("[\"&'/:<>@]")  # RFC 7622, 3.3.1
_MOST_OCTETS = 1023  # RFC 7622, 3.2 to 3.4, of each part
_PLAIN_HOST = re.compile(r"[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*")
_MOST_KEPT = 4096  # results of preparation


class _Profile(Protocol):
    def enforce(self, value: str) -> str: ...


@dataclass(frozen=True, slots=True)
class Jid:
    """An address; the empty string stands for a part that is not there. `==` compares the spelling."""

    local: str
    domain: str
    resource: str = ""

    @classmethod
    def parse(cls, text: str) -> "Jid":
        """Take an address apart (RFC 7622, 3.2: first the slash, then the at sign).

        Raises ValueError, with the reason, if a part is empty or too long or the localpart holds a
        character that XMPP forbids there. What needs tables of Unicode is left to `prepared`.
        """
        rest, slash, resource = text.partition("/")
        before, at, after = rest.partition("@")
        local, domain = (before, after) if at else ("", before)
        if at and not local:
            raise ValueError(f"{text!r} has nothing before the @")
        if slash and not resource:
            raise ValueError(f"{text!r} has nothing after the /")
        if not domain:
            raise ValueError(f"{text!r} has no domainpart")
        if "@" in domain:
            raise ValueError(f"{text!r} has an @ in its domainpart")
        _check_local(local)
        for part in (local, domain, resource):
            _check_size(part)
        return cls(local, domain, resource)

    def __str__(self) -> str:
        return self.full

    @property
    def full(self) -> str:
        """The address with its resourcepart, if it has one."""
        return f"{self.bare}/{self.resource}" if self.resource else self.bare

    @property
    def bare(self) -> str:
        """The address without its resourcepart."""
        return f"{self.local}@{self.domain}" if self.local else self.domain

    def with_resource(self, resource: str) -> "Jid":
        """The same address with this resourcepart; the empty string takes it away."""
        return replace(self, resource=resource)

    def prepared(self) -> "Jid":
        """The spelling in which addresses are compared; ValueError says which part is not allowed."""
        return Jid(
            prepare_local(self.local) if self.local else "",
            prepare_domain(self.domain),
            prepare_resource(self.resource) if self.resource else "",
        )

    def same_as(self, other: "Jid") -> bool:
        """Whether both are spellings of one address. Those that cannot be prepared are so if equal."""
        if self == other:
            return True
        try:
            return self.prepared() == other.prepared()
        except ValueError:
            return False


@lru_cache(maxsize=_MOST_KEPT)
def prepare_local(text: str) -> str:
    """A localpart by the UsernameCaseMapped profile (RFC 7622, 3.3); ValueError if it is not allowed."""
    local = _enforce("UsernameCaseMapped", "localpart", text)
    _check_local(local)
    _check_size(local)
    return local


@lru_cache(maxsize=_MOST_KEPT)
def prepare_resource(text: str) -> str:
    """A resourcepart by the OpaqueString profile (RFC 7622, 3.4); ValueError if it is not allowed."""
    resource = _enforce("OpaqueString", "resourcepart", text)
    _check_size(resource)
    return resource


@lru_cache(maxsize=_MOST_KEPT)
def prepare_domain(text: str) -> str:
    """A domainpart: an IP address, or a name with its labels as U-labels (RFC 7622, 3.2)."""
    domain = text.removesuffix(".")
    if not domain:
        raise ValueError(f"the domainpart {text!r} is empty")
    address = _read_address(domain)
    if address is not None:
        return address
    prepared = _prepare_host(domain).removesuffix(".")  # again: other full stops have become dots
    _check_size(prepared)
    return prepared


def _prepare_host(domain: str) -> str:
    try:
        idna.encode(domain, uts46=True)  # checks what decoding does not: the length of the labels
        return idna.decode(domain, uts46=True)
    except UnicodeError as error:
        if _PLAIN_HOST.fullmatch(domain.lower()) and "xn--" not in domain.lower():
            return domain.lower()
        raise ValueError(f"the domainpart {domain!r} is not allowed: {error}") from error


def _read_address(domain: str) -> str | None:
    """An IPv4 address, or an IPv6 address in brackets, in its usual spelling."""
    try:
        if domain.startswith("[") and domain.endswith("]"):
            return f"[{ipaddress.IPv6Address(domain[1:-1])}]"
        return str(ipaddress.IPv4Address(domain))
    except ValueError:
        return None


def _enforce(profile: str, part: str, text: str) -> str:
    try:
        return _profile(profile).enforce(text)
    except UnicodeError as error:
        reason = getattr(error, "reason", str(error)).removeprefix("DISALLOWED/")
        raise ValueError(f"the {part} {text!r} is not allowed: {reason}") from error


@lru_cache(maxsize=8)
def _profile(name: str) -> _Profile:
    profile: _Profile = get_profile(name)
    return profile


def _check_local(local: str) -> None:
    found = _EXCLUDED.search(local)
    if found:
        raise ValueError(f"the localpart {local!r} has {found[0]!r} in it")


def _check_size(part: str) -> None:
    size = len(part.encode("utf-8", "surrogatepass"))
    if size > _MOST_OCTETS:
        raise ValueError(f"a part has {size} octets, more than {_MOST_OCTETS}")
