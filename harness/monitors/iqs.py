"""Rules on iq stanzas (RFC 6120, 8.2.3)."""

from collections import Counter
from collections.abc import Iterable

from harness.monitors.addresses import bare, same
from harness.monitors.monitor import SERVERS, Breach, Case, ElementMonitor, Findings
from harness.monitors.stanzas import IQ_REPLIES, IQ_REQUESTS, Topic, children, has_child, type_of
from harness.monitors.traffic import Link, SentStanza
from harness.results.verdicts import Perspective
from harness.wire.events import ElementReceived
from harness.xmpp.namespaces import PRIVATE, ROSTER, Name

_STORED = (ROSTER, PRIVATE)  # data that the server keeps for the account (RFC 6120, 8.1.2.1)


class _IqMonitor(ElementMonitor):
    """Judges received iq stanzas."""

    kind = "iq"
    received = frozenset({Topic.STANZA})

    def requests(self, link: Link, identity: str | None) -> list[SentStanza]:
        """What this connection has asked under an id."""
        return [
            one
            for one in self.traffic.sent("iq", identity)
            if one.link is link and type_of(one.element) in IQ_REQUESTS
        ]


class IqShape(_IqMonitor):
    """An iq has a type, an id, and as many children as its type wants."""

    name = "iq-shape"
    title = "An iq has an id, a known type and the right number of children"
    requirements = ("rfc6120-stanza-iq-type", "rfc6120-stanza-iq-id", "rfc6120-stanza-iq-child")

    def judge(self, stanza: ElementReceived, link: Link) -> Findings:
        """What an actor wrote is not the target's, nor is the id that a request did not have."""
        if self.traffic.is_relayed(stanza):
            return
        self.has_checked = True
        kind, identity = type_of(stanza), stanza.attributes.get("id")
        if kind not in IQ_REQUESTS | IQ_REPLIES:
            yield f"an iq of type '{kind}'", "rfc6120-stanza-iq-type"
        if not identity and not (kind in IQ_REPLIES and self._has_asked_without_id()):
            yield f"an iq of type '{kind}' without id", "rfc6120-stanza-iq-id"
        if fault := _miscounted(stanza, self.traffic.sent("iq", identity)):
            yield fault, "rfc6120-stanza-iq-child"

    def _has_asked_without_id(self) -> bool:
        return bool(self.traffic.sent("iq", None) or self.traffic.sent("iq", ""))


def _errors_in(stanza: ElementReceived) -> int:
    return sum(name == Name(stanza.name.namespace, "error") for name, _ in children(stanza.tree))


def _miscounted(stanza: ElementReceived, sent: list[SentStanza]) -> str:
    """An error may hold what was sent (RFC 6120, 8.3.1), be it too much."""
    names = [name for name, _ in children(stanza.tree)]
    errors = _errors_in(stanza)
    others = len(names) - errors
    match type_of(stanza):
        case "get" | "set" as kind if len(names) != 1:
            return f"an iq of type '{kind}' has {len(names)} children"
        case "result" if len(names) > 1:
            return f"an iq of type 'result' has {len(names)} children"
        case "error" if errors > 1 + max([0, *(_errors_in(one.element) for one in sent)]):
            return f"an iq of type 'error' has {errors} error children"
        case "error" if others > max([1, *(len(one.element.tree) for one in sent)]):
            return f"an iq of type 'error' has {others} children besides the error"
        case _:
            return ""


class IqReplies(_IqMonitor):
    """Each request has one reply, and only requests have one (RFC 6120, 8.1.3 and 8.2.3)."""

    name = "iq-replies"
    title = "Each iq request is answered once, under its id, and no answer is answered"
    requirements = (
        "rfc6120-stanza-iq-reply",
        "rfc6120-8.1.3-id-echoed",
        "rfc6120-8.2.3-iq-no-reply-to-response",
    )

    def __init__(self, case: Case) -> None:
        super().__init__(case)
        self._answers: Counter[tuple[int, str | None]] = Counter()

    def judge(self, stanza: ElementReceived, link: Link) -> Findings:
        """Where not all that we sent could be read, nothing follows from a reply."""
        if type_of(stanza) not in IQ_REPLIES or not link.is_legible or link.is_resumed:
            return
        if self.traffic.is_relayed(stanza):
            return
        self.has_checked = True
        identity = stanza.attributes.get("id")
        if requests := self.requests(link, identity):
            self._answers[link.number, identity] += 1
            # Without an id nobody can tell which of several requests is answered.
            if identity and self._answers[link.number, identity] > len(requests):
                yield f"the request '{identity}' is answered again", "rfc6120-stanza-iq-reply"
        elif fault := self._unasked(stanza, link, identity):
            yield fault

    def _unasked(self, stanza: ElementReceived, link: Link, identity: str | None) -> tuple[str, str] | None:
        sent = self.traffic.sent("iq", identity)
        replies = [one for one in sent if one.link is link and type_of(one.element) in IQ_REPLIES]
        if replies and len(replies) == len(sent):
            message = f"our iq {type_of(replies[0].element)} '{identity}' is answered"
            return message, "rfc6120-8.2.3-iq-no-reply-to-response"
        if sent or not self._is_from_server(stanza, link):
            return None  # asked on another connection of the account, or by somebody else's mistake
        if any(not one.element.attributes.get("id") for one in self.traffic.all_sent("iq")):
            return None  # who answers what had none can have none, or make one up (RFC 6120, 8.1.3)
        return f"an iq {type_of(stanza)} under the id '{identity}', which no request had", self.requirements[
            1
        ]

    def _is_from_server(self, stanza: ElementReceived, link: Link) -> bool:
        sender, account = stanza.attributes.get("from", ""), bare(self.traffic.account(link))
        if self.context.perspective is Perspective.SERVER:
            return True  # everything that a client sends is its own
        return not sender or self.traffic.is_own_domain(sender) or bool(account and same(sender, account))

    def finish(self) -> Iterable[Breach]:
        """A request counts as unanswered if a later one was answered and a fence has closed the case.

        The order of replies is free (RFC 6120, 10.1), so only what is asked of the server itself counts.
        """
        for request in self._open_requests():
            identity = request.element.attributes.get("id")
            yield Breach(
                message=f"the request '{identity}' has never been answered",
                requirement="rfc6120-stanza-iq-reply",
                evidence=request.observed,
            )

    def _open_requests(self) -> Iterable[SentStanza]:
        asked = [one for one in self.traffic.all_sent("iq") if type_of(one.element) in IQ_REQUESTS]
        last_answered = {
            one.link.number: max(
                (other.order for other in asked if other.link is one.link and self._is_answered(other)),
                default=0,
            )
            for one in asked
        }
        return [
            one for one in asked if self._must_be_answered(one) and one.order < last_answered[one.link.number]
        ]

    def _is_answered(self, request: SentStanza) -> bool:
        return self._answers[request.link.number, request.element.attributes.get("id")] > 0

    def _must_be_answered(self, request: SentStanza) -> bool:
        link, to = request.link, request.to
        is_served = not to or self.traffic.is_own_domain(to) or same(to, bare(request.sender))
        is_sound = bool(request.element.attributes.get("id")) and len(request.element.tree) == 1
        is_watched = link.is_open and link.is_legible and link.actor in self.context.fenced
        return (
            is_served and is_sound and is_watched and bool(request.sender) and not self._is_answered(request)
        )


class IqReplyAddresses(_IqMonitor):
    """A reply says who answers: the account, or the server (RFC 6120, 8.1.2.1)."""

    name = "iq-reply-addresses"
    title = "Replies of the server come from the address that was asked, and go to the full JID"
    requirements = (
        "rfc6120-8.1.2.1-account-from",
        "rfc6120-8.1.2.1-server-own-from",
        "rfc6120-8.3.1-error-swaps-addresses",
        "rfc6120-8.1.1.1-server-generated-to",
    )
    perspectives = SERVERS

    def judge(self, stanza: ElementReceived, link: Link) -> Findings:
        """Only where it is certain which request is answered, and the server answers it."""
        requests = self.requests(link, stanza.attributes.get("id"))
        if type_of(stanza) not in IQ_REPLIES or len(requests) != 1 or self.traffic.is_relayed(stanza):
            return
        if not (sender := requests[0].sender):
            return  # before binding it is not yet settled who the client is
        yield from self._judged_from(stanza, requests[0])
        to = stanza.attributes.get("to")
        if to is not None and self._is_for_server(requests[0]) and not same(to, sender):
            yield f"a reply to {sender} has to='{to}'", "rfc6120-8.1.1.1-server-generated-to"

    def _is_for_server(self, request: SentStanza) -> bool:
        to = request.to
        return not to or self.traffic.is_own_domain(to) or same(to, bare(request.sender))

    def _judged_from(self, stanza: ElementReceived, request: SentStanza) -> Findings:
        if not self._is_for_server(request):
            return
        self.has_checked = True
        account, to = bare(request.sender), request.to
        allowed = _allowed(request, account, self.context.domain)
        given = stanza.attributes.get("from")
        if any(_agree(given, one) for one in allowed):
            return
        shown = "without from" if given is None else f"from '{given}'"
        asked = f"a request to {to}" if to else "a request without to"
        by_kind = self.requirements[1 if self.traffic.is_own_domain(to) else 0]
        yield (
            f"{asked} is answered {shown}",
            "rfc6120-8.3.1-error-swaps-addresses" if type_of(stanza) == "error" else by_kind,
        )


def _allowed(request: SentStanza, account: str, domain: str) -> tuple[str | None, ...]:
    """Without `to` it is open whether the account or the server is asked, unless it is stored data."""
    if same(request.to, account):
        return (None, account)
    if request.to:
        return (domain,)
    if any(has_child(request.element, namespace, "query") for namespace in _STORED):
        return (None, account)
    return (None, account, domain)


def _agree(given: str | None, allowed: str | None) -> bool:
    return given is allowed if given is None or allowed is None else same(given, allowed)
