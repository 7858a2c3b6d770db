"""What odd input does to a server with faults of the kinds that fuzzing finds.

`harness/faults/fuzzing.py` has the names; here is what would be in the way at the place of each.
"""

from collections.abc import Iterator

from harness.reference.addresses import parse
from harness.reference.host import Host
from harness.reference.sessions import Session
from harness.reference.stanzas import IQ, MESSAGE, PRESENCE, Element, child_elements, copied, kind_of


def is_passed_on(host: Host, session: Session, claimed: str) -> bool:
    """Whether a `from` that is not the sender's own stays where it is."""
    address, own = parse(claimed), (session.jid, session.address.bare)
    if address is not None and str(address) in own:
        return False
    if host.faults.has("from-like-own-passed-on") and claimed.startswith(session.address.bare):
        return True
    return host.faults.has("from-in-capitals-passed-on") and claimed != claimed.lower()


def without_early_type(stanza: Element) -> Element:
    """The stanza as seen by who reads a `type` only after the address."""
    names = [str(name) for name in stanza.attrib]
    is_early = {"type", "to"} <= set(names) and names.index("type") < names.index("to")
    return copied(stanza, type=None) if is_early else stanza


def nested_stanzas(host: Host, session: Session, stanza: Element) -> Iterator[Element]:
    """Stanzas that lie in another, as if they had come by themselves."""
    if not host.faults.has("nested-stanza-routed"):
        return
    for child in child_elements(stanza):
        if kind_of(child) in (IQ, MESSAGE, PRESENCE) and "to" in child.attrib:
            yield copied(child, sender=child.get("from", session.jid))
