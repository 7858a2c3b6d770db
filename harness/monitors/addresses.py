"""Addresses as they stand on the wire: compared kindly, never refused.

A monitor must not accuse because two spellings of one address differ (RFC 7622, 3.2 and 3.3), so letter
case before the resource is ignored, and so is the dot at the end of a domain. Characters of a
resource that have a compatible form are equal to it, as Stringprep has it (RFC 6122, appendix B).
"""

from unicodedata import normalize


def bare(address: str) -> str:
    """Cut the resource off."""
    return address.partition("/")[0]


def is_full_account(address: str) -> bool:
    """Whether it has a local part, a domain and a resource."""
    account, _, resource = address.partition("/")
    local, _, domain = account.rpartition("@")
    return bool(local and domain and resource)


def folded(address: str) -> str:
    """Return a form that is equal for equal addresses."""
    account, slash, resource = address.partition("/")
    return f"{account.rstrip('.').casefold()}{slash}{normalize('NFKC', resource)}"


def same(one: str, other: str) -> bool:
    """Whether two addresses mean the same."""
    return folded(one) == folded(other)


def same_account(one: str, other: str) -> bool:
    """Whether two addresses mean the same account, whatever their resources."""
    return folded(bare(one)) == folded(bare(other))
