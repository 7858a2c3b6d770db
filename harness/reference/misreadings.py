"""Addresses as a server with faults takes them."""

from dataclasses import replace

from harness.faults.planted import PlantedFaults
from harness.reference.addresses import parse
from harness.xmpp.jid import Jid

_MOST = 1023  # octets of a part (RFC 7622, 3.2 to 3.4)
_LONG_NAME = 255


def unchecked(text: str) -> Jid:
    """An address taken apart, whatever its parts hold."""
    rest, _, resource = text.partition("/")
    before, at, after = rest.partition("@")
    return Jid(before if at else "", after if at else before, resource)


def misread(text: str, faults: PlantedFaults) -> Jid | None:
    """What is taken for the address that a text is; None where it counts as malformed."""
    if faults.has("address-empty-parts-dropped"):
        text = text.removeprefix("@").removesuffix("/")
    local, at, domain = text.rpartition("@")
    if at and "/" in local and faults.has("address-at-sign-first"):
        text = f"{local.rpartition('/')[2]}@{domain}"
    right, loose = parse(text), unchecked(text)
    if right is None:
        return loose if loose.domain and _is_let_through(loose, faults) else None
    if len(right.local) > _LONG_NAME and faults.has("address-long-name-refused"):
        return None
    return _differing(right, loose, faults)


def _is_let_through(address: Jid, faults: PlantedFaults) -> bool:
    parts = (address.local, address.domain, address.resource)
    if max(len(part.encode()) for part in parts) <= _MOST:
        return bool(address.local) and faults.has("address-characters-unchecked")
    is_short = max(map(len, parts)) <= _MOST and faults.has("address-length-in-letters")
    return is_short or faults.has("address-length-unchecked")


def _differing(right: Jid, loose: Jid, faults: PlantedFaults) -> Jid:
    """The prepared address, with what a fault leaves unprepared."""
    if faults.has("address-case-kept"):
        return replace(right, local=loose.local)
    if faults.has("address-domain-case-kept") and loose.domain.lower() == right.domain:
        return replace(right, domain=loose.domain)
    if faults.has("address-dot-kept") and loose.domain.endswith("."):
        return replace(right, domain=f"{right.domain}.")
    if faults.has("address-a-labels-kept") and "xn--" in loose.domain:
        return replace(right, domain=loose.domain)
    if faults.has("address-resource-folded"):
        return replace(right, resource=right.resource.lower())
    return right
