"""How the answer to an iq request goes back to who asked."""

from harness.reference.host import Host
from harness.reference.stanzas import IQ, Answer, Deferred, Element, Result
from harness.xmpp.elements import build


def answer(host: Host, stanza: Element, answer: Answer) -> None:
    """Send what a request led to back to its sender."""
    if isinstance(answer, Deferred) or host.faults.has("iq-unanswered"):
        return
    reply = _result(stanza, answer) if isinstance(answer, Result) else host.error_for(stanza, answer)
    if host.faults.has("iq-wrong-id"):
        reply.set("id", f"{reply.get('id')}-wrong")
    if host.faults.has("iq-result-as-get") and isinstance(answer, Result):
        reply.set("type", "get")
    if host.faults.has("iq-result-to-bare-jid"):
        reply.set("to", reply.get("to", "").partition("/")[0])
    host.give_back(reply)
    if host.faults.has("iq-answered-twice"):
        host.give_back(reply)
    if isinstance(answer, Result) and answer.afterwards is not None:
        answer.afterwards()


def _result(stanza: Element, result: Result) -> Element:
    attributes = {"type": "result", "id": stanza.get("id", ""), "to": stanza.get("from", "")}
    if "to" in stanza.attrib:
        attributes["from"] = stanza.get("to", "")
    return build(IQ, attributes, *([] if result.payload is None else [result.payload]))
