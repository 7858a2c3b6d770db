"""What an account keeps with the server: its vCard and private data (XEP-0054, XEP-0049)."""

from harness.reference.host import Host
from harness.reference.information import while_on
from harness.reference.requests import Handlers, Request, Scope
from harness.reference.settings import Feature
from harness.reference.stanzas import Answer, Refused, Result, child_elements, copied, kind_of
from harness.xmpp.elements import build
from harness.xmpp.namespaces import PRIVATE, VCARD, Name

_VCARD = Name(VCARD, "vCard")
_PRIVATE = Name(PRIVATE, "query")


def own_vcard(host: Host, request: Request) -> Answer:
    """The own vCard, or item-not-found (XEP-0054, 3.1)."""
    stored = request.own.vcard
    if stored is None and host.faults.has("vcard-made-up"):
        return Result(payload=build(_VCARD, {}, build(Name(VCARD, "FN"), {}, request.own.username)))
    if stored is None or host.faults.has("vcard-lost"):
        return Refused(condition="item-not-found")
    return Result(payload=copied(stored))


def set_vcard(host: Host, request: Request) -> Answer:
    """A vCard takes the place of the one before (XEP-0054, 3.2)."""
    before, given = request.own.vcard, copied(request.payload)
    if before is not None and host.faults.has("vcard-merged"):
        given.extend(copied(child) for child in child_elements(before))
    request.own.vcard = given
    return Result()


def other_vcard(host: Host, request: Request) -> Answer:
    """Somebody else's; none and nobody look alike (XEP-0054, 3.3)."""
    account = request.account
    if account is None or account.vcard is None:
        told = host.faults.has("vcard-unknown-user-told") and account is None
        return Refused(condition="item-not-found" if told else "service-unavailable")
    return Result(payload=copied(account.vcard))


def get_private(host: Host, request: Request) -> Answer:
    """What is stored under the child's name, or the child as it came (XEP-0049, 2.1)."""
    asked = child_elements(request.payload)
    if len(asked) != 1 or not kind_of(asked[0]).namespace:
        return Refused(condition="not-acceptable")
    stored = request.own.private.get(kind_of(asked[0]))
    if stored is None or host.faults.has("private-lost"):
        stored = asked[0]
    return Result(payload=build(_PRIVATE, {}, copied(stored)))


def set_private(host: Host, request: Request) -> Answer:
    """Store one element in a namespace of its own."""
    given = child_elements(request.payload)
    foreign = [child for child in given if kind_of(child).namespace not in ("", PRIVATE)]
    if not given or len(foreign) != len(given):
        accepted = host.faults.has("private-empty-accepted")
        return Result() if accepted else Refused(condition="not-acceptable")
    for child in given:
        request.own.private[kind_of(child)] = copied(child)
    return Result()


HANDLERS: Handlers = {
    (Scope.OWN, "get", _VCARD): while_on(Feature.VCARD, own_vcard),
    (Scope.OWN, "set", _VCARD): while_on(Feature.VCARD, set_vcard),
    (Scope.OTHER, "get", _VCARD): while_on(Feature.VCARD, other_vcard),
    (Scope.OWN, "get", _PRIVATE): while_on(Feature.PRIVATE, get_private),
    (Scope.OWN, "set", _PRIVATE): while_on(Feature.PRIVATE, set_private),
}
