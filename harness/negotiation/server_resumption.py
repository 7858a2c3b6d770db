"""Stream management where no resource is bound: too early for it, or the time to resume (XEP-0198, 3, 5)."""

from harness.negotiation.policy import Bound, Ended, Resumed
from harness.negotiation.stream import ServerStream
from harness.wire.effects import Protocol, Send
from harness.wire.events import ElementReceived
from harness.xmpp.namespaces import STREAM_MANAGEMENT, XML

_REQUESTS = ("enable", "resume")


def is_management(stream: ServerStream, event: ElementReceived) -> bool:
    """Tell whether this is a request of stream management, on a server that knows it."""
    is_request = event.name.namespace == STREAM_MANAGEMENT and event.name.local in _REQUESTS
    return is_request and stream.owner.resume is not None


def take_management(stream: ServerStream, event: ElementReceived) -> Protocol[Bound | Ended | None]:
    """Go on with an earlier session, or tell why not; then a resource can still be bound (XEP-0198, 5)."""
    assert stream.owner.resume is not None, "asked before"
    answer = stream.owner.resume(stream.username, event.tree)
    if isinstance(answer, Resumed):
        stream.username = answer.username
        return bound_as(stream, answer.resource, "resumption", event)
    yield Send(data=answer)
    if stream.policy.has("failed-resumption-ends-stream"):
        return (yield from stream.fail("policy-violation"))
    return None


def bound_as(
    stream: ServerStream, resource: str, how: str, resumption: ElementReceived | None = None
) -> Bound:
    """The end of a negotiation that succeeded."""
    assert stream.header is not None, "who binds has sent a header"
    return Bound(
        username=stream.username,
        domain=stream.domain,
        resource=resource,
        how=how,
        header=stream.header,
        language=stream.header.attributes.get(f"{{{XML}}}lang", ""),
        tls=stream.tls,
        resumption=resumption.tree if resumption is not None else None,
    )
