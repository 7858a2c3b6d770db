"""The steps by which scripts show that a server breaks a property: Romeo has sent it, Juliet watches."""

import re
from collections.abc import Iterable, Mapping

from harness.fuzz.conditions import allowed_conditions
from harness.fuzz.property import Steps
from harness.fuzz.trial import Trial
from harness.strategies.reading import read
from harness.strategies.serializing import serialize

#: Filled with a name: what comes besides is of no account.
ANYTHING = (
    "{} may receive any number of:\n"
    "\t<iq/>\n\t<message type='{{optional}}'/>\n\t<presence type='{{optional}}'/>"
)
_STILL_THERE = (
    "{0} sends:\n\t<iq type='get' id='{1}' to='${{domain}}'><ping xmlns='urn:xmpp:ping'/></iq>",
    "{0} receives one of:\n\t<iq type='result' id='{1}'/>\n\tor:\n\t<iq type='error' id='{1}'/>",
)
#: What stands in scripts for the addresses of samples.
ADDRESSES: Mapping[str, str] = {
    "me": "Romeo's JID",
    "my JID": "Romeo's full JID",
    "peer": "Juliet's JID",
    "peer's JID": "Juliet's full JID",
    "domain": "domain",
}


def _answered(name: str, identity: str) -> Iterable[str]:
    return (step.format(name, identity) for step in _STILL_THERE)


#: Two requests, so that at least the second one comes after what the sender has sent.
STILL_ANSWERED = (ANYTHING.format("Juliet"), *_answered("Juliet", "first"), *_answered("Juliet", "second"))
#: Whoever watches has to say that it waits for nothing in particular.
WATCHED = (ANYTHING.format("Juliet"), ANYTHING.format("Romeo"))
#: The sender's stream goes on; that of the other user does, whatever the sender's does; the sender's ends.
STAYS = (*WATCHED, *_answered("Romeo", "still-there"))
OTHER_STAYS = (*WATCHED, *_answered("Juliet", "still-there"))
ENDS = (*WATCHED, "Romeo receives a stream error:\n\tany")
LOGS_IN = (
    "Romeo opens a connection",
    "Romeo opens a stream",
    "Romeo receives a stream header",
    "Romeo receives:\n\t<stream:features/>",
    "Romeo authenticates",
)
END = "Romeo receives the end of the stream or connection"


def fitting_condition(trial: Trial) -> Steps:
    """The stream ends by one of the errors that may answer what was sent."""
    allowed = [f"\t{one}" for one in sorted(allowed_conditions(trial))]
    return [
        *WATCHED,
        "Romeo receives a stream error:",
        *allowed,
        "\tdeviates (the condition is a SHOULD): any",
    ]


def expected(trial: Trial) -> Steps | None:
    """The other one has to receive the same, but for the addresses; None where scripts cannot say it."""
    element = read(trial.sample.data)
    if element is None or any(not _is_uri(one.name.namespace) for one in element.elements):
        return None
    text = serialize(element.having("to", None).having("from", None)).decode()
    text = text.replace("{", "{{").replace("}", "}}").replace("\n", "&#10;")
    for name, ours in [*ADDRESSES.items(), ("token", "token"), ("muc", "muc service")]:
        text = text.replace(f"${{{{{name}}}}}", f"${{{ours}}}")
    return ["Juliet may receive any number of:\n\t<presence/>", "Juliet receives:", f"\t{text}", "", *WATCHED]


def _is_uri(namespace: str) -> bool:
    return re.fullmatch(r"[\w.~:/?#@!$&()*+,;=%-]*", namespace, re.ASCII) is not None
