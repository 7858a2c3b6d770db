"""The steps by which scripts show that a client breaks a property: Romeo is the client."""

from collections.abc import Mapping

from harness.fuzz.conditions import allowed_conditions
from harness.fuzz.property import Steps
from harness.fuzz.trial import Trial
from harness.play.hosted import Fence
from harness.strategies.sample import Moment

ENDS = ("Romeo ends the stream or connection",)
EXPLAINS = (
    "Romeo sends one of:",
    "\t<stream:error/>",
    "\tdeviates (the stream ends, but nobody is told why):",
    "\tthe stream's end",
)
_NOT_TOLD: Mapping[Moment | None, Steps] = {
    Moment.VERSION: ("Romeo reports nothing like version:", "\tname='${token}'"),
    Moment.DISCO: ("Romeo reports nothing like disco:", "\tfeatures='{any}${token}{any}'"),
    Moment.PING: ("Romeo reports nothing like pong:", "\tjid='{any}'"),
    Moment.ROSTER: ("Romeo reports nothing like roster:", "\titems='{any}${token}{any}'"),
}
_FROM = "from='${domain}' to=\"${Romeo's full JID}\""
_STILL_THERE: Mapping[Fence, Steps] = {
    Fence.PING: (
        "Romeo receives:",
        f"\t<iq type='get' id='still-there' {_FROM}><ping xmlns='urn:xmpp:ping'/></iq>",
        "Romeo sends one of:",
        "\t<iq type='result' id='still-there'/>",
        "\tor:",
        "\t<iq type='error' id='still-there'/>",
    ),
    Fence.MARKER: (
        "Romeo receives:",
        f"\t<message type='chat' {_FROM}><body>Are you still there?</body></message>",
        "Romeo reports message:",
        "\tbody='Are you still there?'",
    ),
    Fence.NONE: ("Romeo sends nothing like:", "\t<stream:error/>"),
}


def fitting_condition(trial: Trial) -> Steps:
    """The stream ends by one of the errors that may answer what was sent."""
    allowed = [f"\t{one}" for one in sorted(allowed_conditions(trial))]
    return ["Romeo sends a stream error:", *allowed, "\tdeviates (the condition is a SHOULD): any"]


def answering(fence: Fence) -> Steps:
    """It answers, so that it has done what it does after its login; nothing where it does not answer."""
    return _STILL_THERE[fence] if fence is Fence.PING else ()


def still_there(trial: Trial) -> Steps:
    """It shows that it goes on, by the way it has for that."""
    return _STILL_THERE[trial.conduct.fence]


def without_effect(trial: Trial) -> Steps:
    """A push gets no result, and nobody is told of the contact in it, where there is a driver to tell."""
    refused = ("Romeo sends nothing like:", "\t<iq type='result' id='${token}'/>")
    untold = ("Romeo reports nothing like contact:", "\tjid='${token}@evil.example'")
    return (*refused, *untold) if trial.conduct.tells else refused


def not_told(trial: Trial) -> Steps:
    """It tells nobody the answer that somebody else has given."""
    return _NOT_TOLD.get(trial.sample.moment, ())
