"""Who blocks whom (XEP-0191, 6)."""

from harness.reference.accounts import Account
from harness.reference.addresses import parse
from harness.reference.host import Host
from harness.xmpp.jid import Jid


def is_blocked(host: Host, account: Account, jid: str) -> bool:
    """Tell whether the account blocks an address: full JID, bare JID, domain/resource or domain.

    An account's own resources never block one another (XEP-0191, 5).
    """
    address = parse(jid)
    if address is None or not account.blocked:
        return False
    if address.bare == host.bare_jid(account) and not host.faults.has("own-device-blocked"):
        return False
    if host.faults.has("blocked-domain-ignored"):
        return bool({str(address), address.bare} & set(account.blocked)) and bool(address.local)
    return bool(_matching(address) & set(account.blocked))


def _matching(address: Jid) -> set[str]:
    return {str(address), address.bare, f"{address.domain}/{address.resource}", address.domain}
