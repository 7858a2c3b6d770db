"""Rules on stanza errors (RFC 6120, 8.3)."""

from collections.abc import Iterable

from lxml import etree

from harness.monitors.addresses import bare, same
from harness.monitors.monitor import Breach, Monitor
from harness.monitors.observed import Observed
from harness.monitors.stanzas import LANG, Topic, children, error_of, locals_of, type_of
from harness.monitors.traffic import Link
from harness.results.verdicts import Level
from harness.wire.events import ElementReceived
from harness.xmpp.namespaces import STANZA_ERRORS, Name

_TYPES = frozenset({"auth", "cancel", "continue", "modify", "wait"})
_TEXT = Name(STANZA_ERRORS, "text")
_UNDEFINED = Name(STANZA_ERRORS, "undefined-condition")
_Finding = tuple[str, str] | tuple[str, str, Level]

#: The types that RFC 6120, 8.3.3 gives each condition, and behind them those that other texts show:
#: 7.7.2.2 for conflict, RFC 6121, 2.5.3 for item-not-found, XEP-0086 for gone and internal-server-error,
#: XEP-0016, 0191 and 0410 for not-acceptable, XEP-0045, 7.2.9 for service-unavailable, XEP-0049, 0060
#: and 0425 for forbidden, XEP-0077 for not-authorized, XEP-0060 for unexpected-request.
CONDITION_TYPES: tuple[tuple[str, frozenset[str]], ...] = (
    ("bad-request", frozenset({"modify"})),
    ("conflict", frozenset({"cancel", "modify"})),
    ("feature-not-implemented", frozenset({"cancel", "modify"})),
    ("forbidden", frozenset({"auth", "cancel", "modify"})),
    ("gone", frozenset({"cancel", "modify"})),
    ("internal-server-error", frozenset({"cancel", "wait"})),
    ("item-not-found", frozenset({"cancel", "modify"})),
    ("jid-malformed", frozenset({"modify"})),
    ("not-acceptable", frozenset({"modify", "cancel"})),
    ("not-allowed", frozenset({"cancel"})),
    ("not-authorized", frozenset({"auth", "modify"})),
    ("payment-required", frozenset({"auth"})),
    ("policy-violation", frozenset({"modify", "wait"})),
    ("recipient-unavailable", frozenset({"wait"})),
    ("redirect", frozenset({"modify"})),
    ("registration-required", frozenset({"auth"})),
    ("remote-server-not-found", frozenset({"cancel"})),
    ("remote-server-timeout", _TYPES),
    ("resource-constraint", frozenset({"wait"})),
    ("service-unavailable", frozenset({"cancel", "wait"})),
    ("subscription-required", frozenset({"auth"})),
    ("undefined-condition", _TYPES),
    ("unexpected-request", frozenset({"wait", "modify", "cancel"})),
)

#: The conditions that may go with each numeric code (XEP-0086, both of its tables).
CODE_CONDITIONS: tuple[tuple[str, frozenset[str]], ...] = (
    ("302", frozenset({"redirect", "gone"})),
    ("400", frozenset({"bad-request", "jid-malformed", "unexpected-request"})),
    ("401", frozenset({"not-authorized"})),
    ("402", frozenset({"payment-required"})),
    ("403", frozenset({"forbidden"})),
    ("404", frozenset({"item-not-found", "recipient-unavailable", "remote-server-not-found"})),
    ("405", frozenset({"not-allowed"})),
    ("406", frozenset({"not-acceptable", "unexpected-request"})),
    ("407", frozenset({"registration-required", "subscription-required"})),
    ("408", frozenset({"remote-server-timeout"})),
    ("409", frozenset({"conflict"})),
    ("500", frozenset({"internal-server-error", "resource-constraint", "undefined-condition"})),
    ("501", frozenset({"feature-not-implemented"})),
    ("502", frozenset({"service-unavailable"})),
    ("503", frozenset({"service-unavailable"})),
    ("504", frozenset({"remote-server-timeout"})),
    ("510", frozenset({"service-unavailable"})),
)


class _ErrorMonitor(Monitor):
    """Judges error stanzas that the target itself has made."""

    received = frozenset({Topic.STANZA})

    def observe(self, observed: Observed) -> Iterable[Breach]:
        """Leave other stanzas out, and what an actor wrote."""
        event = observed.event
        if not isinstance(event, ElementReceived) or type_of(event) != "error":
            return
        if self.traffic.is_relayed(event):
            return
        for message, requirement, *level in self.judge(event, self.link(observed)):
            yield Breach(
                message=message,
                requirement=requirement,
                evidence=observed,
                level=level[0] if level else None,
            )

    def judge(self, stanza: ElementReceived, link: Link) -> Iterable[_Finding]:
        """Give a message and a requirement for each breach."""
        error = error_of(stanza)
        if error is not None:
            self.has_checked = True
            yield from self.judge_error(error)

    def judge_error(self, error: "etree._Element") -> Iterable[_Finding]:
        """Judge the error child."""
        return ()


class ErrorShape(_ErrorMonitor):
    """An error stanza has an error child with a type and a condition (RFC 6120, 8.3.2)."""

    name = "stanza-error-shape"
    title = "An error stanza has an error with a legal type and one defined condition"
    requirements = (
        "rfc6120-stanza-error-child",
        "rfc6120-8.3.2-error-type-value",
        "rfc6120-8.3.2-error-has-condition",
        "rfc6120-8.3.2-text-namespace",
    )

    def judge(self, stanza: ElementReceived, link: Link) -> Iterable[_Finding]:
        """Without the child there is nothing more to look at."""
        if error_of(stanza) is None:
            self.has_checked = True
            yield f"a {stanza.name.local} of type 'error' without error child", "rfc6120-stanza-error-child"
        yield from super().judge(stanza, link)

    def judge_error(self, error: "etree._Element") -> Iterable[_Finding]:
        """Conditions that RFC 6120 does not know are let through: it foresees more (8.3.2)."""
        if (kind := error.get("type")) not in _TYPES:
            shown = "no type" if kind is None else f"type='{kind}'"
            yield f"an error with {shown}", "rfc6120-8.3.2-error-type-value"
        names = [name for name, _ in children(error)]
        conditions = [name for name in names if name.namespace == STANZA_ERRORS and name != _TEXT]
        if len(conditions) != 1:
            shown = locals_of(conditions) or "no defined condition"
            yield f"an error with {shown}", "rfc6120-8.3.2-error-has-condition"
        if any(name.local == "text" and name != _TEXT for name in names):
            yield "the text of an error is in a wrong namespace", "rfc6120-8.3.2-text-namespace"


class ErrorTypes(_ErrorMonitor):
    """Each condition has the types that fit it; all of them are SHOULDs (RFC 6120, 8.3.3)."""

    name = "stanza-error-types"
    title = "The type of an error fits its condition"
    requirements = tuple(f"stanza-error-{condition}" for condition, _ in CONDITION_TYPES)

    def judge_error(self, error: "etree._Element") -> Iterable[_Finding]:
        """A type that is none at all is another monitor's matter."""
        kind = error.get("type", "")
        for condition, types in CONDITION_TYPES:
            if kind in _TYPES - types and error.find(f"{{{STANZA_ERRORS}}}{condition}") is not None:
                message = f"<{condition}/> with the type '{kind}'"
                yield message, f"stanza-error-{condition}", Level.SHOULD


class ErrorCodes(_ErrorMonitor):
    """Where the old numeric code stands beside a condition, both mean the same (XEP-0086)."""

    name = "stanza-error-codes"
    title = "The numeric code of an error fits its condition"
    requirements = tuple(f"legacy-code-{code}" for code, _ in CODE_CONDITIONS)

    def judge(self, stanza: ElementReceived, link: Link) -> Iterable[_Finding]:
        """Errors without a code are left out."""
        error = error_of(stanza)
        if error is not None and "code" in error.attrib:
            self.has_checked = True
            yield from self.judge_error(error)

    def judge_error(self, error: "etree._Element") -> Iterable[_Finding]:
        """A code or a condition that XEP-0086 does not know says nothing, for its mapping is inexact (4)."""
        codes = dict(CODE_CONDITIONS)
        known = frozenset[str]().union(*codes.values())
        code = error.get("code", "")
        for name, _ in children(error):
            if name.namespace == STANZA_ERRORS and name.local in known - codes.get(code, known):
                yield f"<{name.local}/> with the code '{code}'", f"legacy-code-{code}", Level.SHOULD


class ErrorTextLanguage(_ErrorMonitor):
    """A text should say in which language it is (RFC 6120, 8.3.2)."""

    name = "stanza-error-text-language"
    title = "The text of an error has xml:lang"
    requirements = ("rfc6120-8.3.2-text-lang",)

    def judge_error(self, error: "etree._Element") -> Iterable[_Finding]:
        """Asked of the element itself, whatever it inherits."""
        text = error.find(f"{{{STANZA_ERRORS}}}text")
        if text is not None and LANG not in text.attrib:
            yield "the text of an error has no xml:lang", "rfc6120-8.3.2-text-lang"


class UndefinedConditions(_ErrorMonitor):
    """undefined-condition says nothing by itself (RFC 6120, 8.3.3.21)."""

    name = "undefined-condition-explained"
    title = "undefined-condition comes with a condition of the application"
    requirements = ("rfc6120-8.3.3.21-undefined-needs-app-condition",)

    def judge_error(self, error: "etree._Element") -> Iterable[_Finding]:
        """Any other namespace will do."""
        names = [name for name, _ in children(error)]
        if _UNDEFINED in names and all(name.namespace == STANZA_ERRORS for name in names):
            yield (
                "undefined-condition without a condition of the application",
                "rfc6120-8.3.3.21-undefined-needs-app-condition",
            )


class NoErrorForError(_ErrorMonitor):
    """An error is never answered by an error, or two peers would never end (RFC 6120, 8.3.1)."""

    name = "no-error-for-error"
    title = "An error stanza is not answered by an error stanza"
    requirements = ("rfc6120-stanza-error-reply",)

    def judge(self, stanza: ElementReceived, link: Link) -> Iterable[_Finding]:
        """Overridden, because `is_relayed` leaves out just the stanzas that this is about."""
        return ()

    def observe(self, observed: Observed) -> Iterable[Breach]:
        """Certain only if all that we sent under the id were errors, and nobody else can have sent it."""
        event, link = observed.event, self.link(observed)
        if not isinstance(event, ElementReceived) or type_of(event) != "error" or not link.is_legible:
            return
        self.has_checked = True
        identity = event.attributes.get("id")
        sent = self.traffic.sent(event.name.local, identity)
        if not identity or not sent or any(type_of(one.element) != "error" for one in sent):
            return
        answered = [one for one in sent if one.link is link]
        others = [one for one in sent if one.link is not link and _is_for(one.to, link.jid)]
        if answered and not others:
            yield Breach(
                message=f"our error '{identity}' is answered by an error",
                requirement="rfc6120-stanza-error-reply",
                evidence=observed,
            )


class ErrorOnlyInErrors(Monitor):
    """The error child belongs to error stanzas (RFC 6120, 8.3.1)."""

    name = "error-only-in-errors"
    title = "A stanza whose type is not error has no error child"
    requirements = ("rfc6120-8.3.1-error-child-only-on-error",)
    received = frozenset({Topic.STANZA})

    def observe(self, observed: Observed) -> Iterable[Breach]:
        """The tree is built only where the word is in the bytes."""
        event = observed.event
        if not isinstance(event, ElementReceived) or type_of(event) == "error":
            return
        self.has_checked = True
        if b"<error" in event.raw and error_of(event) is not None and not self.traffic.is_relayed(event):
            yield Breach(
                message=f"a {event.name.local} of type '{type_of(event)}' has an error child",
                requirement="rfc6120-8.3.1-error-child-only-on-error",
                evidence=observed,
            )


class ErrorIds(_ErrorMonitor):
    """An error for a message says for which one (RFC 6120, 8.3.1)."""

    name = "error-ids"
    title = "An error for a message repeats the id of the message"
    requirements = ("rfc6120-stanza-error-id",)

    def judge(self, stanza: ElementReceived, link: Link) -> Iterable[_Finding]:
        """Judged where every message of ours to that address had an id, and ours alone can be meant."""
        if stanza.name.local != "message" or not link.is_legible:
            return
        sender = stanza.attributes.get("from", "")
        sent = [one for one in self.traffic.all_sent("message") if _is_for(one.to, sender)]
        identities = {one.element.attributes.get("id") for one in sent}
        if not sent or None in identities or "" in identities:
            return
        self.has_checked = True
        if (given := stanza.attributes.get("id")) not in identities:
            shown = "no id" if given is None else f"the id '{given}'"
            yield f"an error for a message to {sender} has {shown}", "rfc6120-stanza-error-id"


def _is_for(to: str, address: str) -> bool:
    return bool(to and address) and same(bare(to), bare(address))
