"""Rules on stanza errors (RFC 6120, 8.3)."""

import re
from collections.abc import Mapping
from types import MappingProxyType

from lxml import etree

from harness.monitors.addresses import bare, same
from harness.monitors.monitor import ElementMonitor, Findings
from harness.monitors.observed import Direction
from harness.monitors.stanzas import LANG, Topic, children, error_of, locals_of, type_of
from harness.monitors.traffic import Link
from harness.results.verdicts import Level
from harness.wire.events import ElementReceived
from harness.xmpp.conditions import ERROR_TYPES, LEGACY_CODES, STANZA_CONDITIONS, StanzaCondition
from harness.xmpp.namespaces import STANZA_ERRORS, Name

_TEXT = Name(STANZA_ERRORS, "text")
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S")
_UNDEFINED = Name(STANZA_ERRORS, "undefined-condition")

#: Types that other texts show with a condition, besides those of RFC 6120, 8.3.3. To use one of them is
#: no deviation.
_SHOWN_ELSEWHERE: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "conflict": frozenset({"modify"}),  # RFC 6120, 7.7.2.2
        "forbidden": frozenset({"cancel", "modify"}),  # XEP-0049, XEP-0060, XEP-0077, XEP-0425
        "gone": frozenset({"modify"}),  # XEP-0060, XEP-0086
        "internal-server-error": frozenset({"wait"}),  # XEP-0086
        "item-not-found": frozenset({"modify"}),  # RFC 6121, 2.5.3
        "not-acceptable": frozenset({"cancel"}),  # XEP-0016, XEP-0045, XEP-0191, XEP-0410
        "not-authorized": frozenset({"modify"}),  # XEP-0077
        "remote-server-timeout": ERROR_TYPES,  # RFC 6120, 8.3.3.17, for lasting failures
        "service-unavailable": frozenset({"wait"}),  # XEP-0045, 7.2.9
        "unexpected-request": frozenset({"cancel"}),  # XEP-0060
    }
)


def fitting_types(condition: StanzaCondition) -> frozenset[str]:
    """The types with which a condition may come without deviating from any text."""
    return condition.types | _SHOWN_ELSEWHERE.get(condition.name, frozenset())


def fitting_conditions(code: int) -> frozenset[str]:
    """The conditions that may stand beside a numeric code; empty for a code that XEP-0086 does not know."""
    named = {one.name for one in STANZA_CONDITIONS.values() if one.code == code}
    if code in LEGACY_CODES:
        named.add(LEGACY_CODES[code][0])
    if code == 406:
        named.add("unexpected-request")  # the second table of XEP-0086 points there too
    return frozenset(named)


class _ErrorMonitor(ElementMonitor):
    """Judges error stanzas that the target itself has made."""

    received = frozenset({Topic.STANZA})

    def concerns(self, element: ElementReceived) -> bool:
        """Leave other stanzas out, and what an actor wrote, be it that an error has only come back in one."""
        is_own = type_of(element) == "error" and not self.traffic.is_relayed(element)
        sent = self.traffic.sent(element.name.local, element.attributes.get("id"))
        return is_own and all(error_of(one.element) is None for one in sent)

    def judge(self, stanza: ElementReceived, link: Link) -> Findings:
        """Give a message and a requirement for each breach."""
        error = error_of(stanza)
        if error is not None:
            self.has_checked = True
            yield from self.judge_error(error)

    def judge_error(self, error: "etree._Element") -> Findings:
        """Judge the error child."""
        return ()


def _is_older_than_xmpp(link: Link) -> bool:
    """Whether our header had no version: such a client knows of numeric codes alone (XEP-0086)."""
    header = link.headers.get(Direction.SENT)
    return header is not None and "version" not in header.attributes


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

    def judge(self, stanza: ElementReceived, link: Link) -> Findings:
        """Without the child there is nothing more to look at."""
        if error_of(stanza) is None:
            self.has_checked = True
            yield f"a {stanza.name.local} of type 'error' without error child", "rfc6120-stanza-error-child"
        if not _is_older_than_xmpp(link):
            yield from super().judge(stanza, link)

    def judge_error(self, error: "etree._Element") -> Findings:
        """Conditions that RFC 6120 does not know are let through: it foresees more (8.3.2)."""
        if (kind := error.get("type")) not in ERROR_TYPES:
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
    requirements = tuple(f"stanza-error-{name}" for name in STANZA_CONDITIONS)

    def judge_error(self, error: "etree._Element") -> Findings:
        """A type that is none at all is another monitor's matter."""
        kind = error.get("type", "")
        for condition in conditions_of(error):
            if kind in ERROR_TYPES - fitting_types(condition):
                message = f"<{condition.name}/> with the type '{kind}'"
                yield message, f"stanza-error-{condition.name}", Level.SHOULD


class ErrorCodes(_ErrorMonitor):
    """Where the old numeric code stands beside a condition, both mean the same (XEP-0086)."""

    name = "stanza-error-codes"
    title = "The numeric code of an error fits its condition"
    requirements = tuple(f"legacy-code-{code}" for code in LEGACY_CODES)

    def judge(self, stanza: ElementReceived, link: Link) -> Findings:
        """Errors without a code are left out."""
        error = error_of(stanza)
        if error is not None and "code" in error.attrib:
            self.has_checked = True
            yield from self.judge_error(error)

    def judge_error(self, error: "etree._Element") -> Findings:
        """A code or a condition that XEP-0086 does not know says nothing, for its mapping is inexact (4)."""
        code = error.get("code", "")
        fitting = fitting_conditions(int(code)) if code.isascii() and code.isdigit() else frozenset()
        for condition in conditions_of(error):
            if fitting and condition.code is not None and condition.name not in fitting:
                yield f"<{condition.name}/> with the code '{code}'", f"legacy-code-{code}", Level.SHOULD


class ErrorTextLanguage(_ErrorMonitor):
    """A text should say in which language it is (RFC 6120, 8.3.2)."""

    name = "stanza-error-text-language"
    title = "The text of an error has xml:lang"
    requirements = ("rfc6120-8.3.2-text-lang",)

    def judge_error(self, error: "etree._Element") -> Findings:
        """Asked of the element itself, whatever it inherits."""
        text = error.find(f"{{{STANZA_ERRORS}}}text")
        if text is not None and LANG not in text.attrib:
            yield "the text of an error has no xml:lang", "rfc6120-8.3.2-text-lang"


class UndefinedConditions(_ErrorMonitor):
    """undefined-condition says nothing by itself (RFC 6120, 8.3.3.21)."""

    name = "undefined-condition-explained"
    title = "undefined-condition comes with a condition of the application"
    requirements = ("rfc6120-8.3.3.21-undefined-needs-app-condition",)

    def judge_error(self, error: "etree._Element") -> Findings:
        """Any other namespace will do."""
        names = [name for name, _ in children(error)]
        if _UNDEFINED in names and all(name.namespace == STANZA_ERRORS for name in names):
            yield (
                "undefined-condition without a condition of the application",
                "rfc6120-8.3.3.21-undefined-needs-app-condition",
            )


class OtherAddresses(_ErrorMonitor):
    """The other address in gone and redirect is a URI or IRI (RFC 6120, 8.3.3.5 and 8.3.3.14)."""

    name = "stanza-error-other-address"
    title = "An address in gone or redirect is a URI"
    requirements = ("rfc6120-8.3.3.5-gone-address", "rfc6120-8.3.3.14-redirect-address")

    def judge_error(self, error: "etree._Element") -> Findings:
        """To give an address is only a SHOULD. A URI begins with a scheme (RFC 3986, 3.1)."""
        for local, requirement in zip(("gone", "redirect"), self.requirements, strict=True):
            text = (error.findtext(f"{{{STANZA_ERRORS}}}{local}") or "").strip()
            if text and not _URI.match(text):
                yield f"<{local}/> with a text that is no URI", requirement


class NoErrorForError(ElementMonitor):
    """An error is never answered by an error, or two peers would never end (RFC 6120, 8.3.1)."""

    name = "no-error-for-error"
    title = "An error stanza is not answered by an error stanza"
    requirements = ("rfc6120-stanza-error-reply",)
    received = frozenset({Topic.STANZA})

    def judge(self, stanza: ElementReceived, link: Link) -> Findings:
        """Certain only if all that we sent under the id were errors, and nobody else can have sent it."""
        if type_of(stanza) != "error" or not link.is_legible:
            return
        self.has_checked = True
        identity = stanza.attributes.get("id")
        sent = self.traffic.sent(stanza.name.local, identity)
        if not identity or not sent or any(type_of(one.element) != "error" for one in sent):
            return
        answered = [one for one in sent if one.link is link]
        others = [one for one in sent if _is_for(one.to, link.jid)]  # perhaps of our own, come back
        if answered and not others:
            yield f"our error '{identity}' is answered by an error", "rfc6120-stanza-error-reply"


class ErrorOnlyInErrors(ElementMonitor):
    """The error child belongs to error stanzas (RFC 6120, 8.3.1)."""

    name = "error-only-in-errors"
    title = "A stanza whose type is not error has no error child"
    requirements = ("rfc6120-8.3.1-error-child-only-on-error",)
    received = frozenset({Topic.STANZA})

    def judge(self, stanza: ElementReceived, link: Link) -> Findings:
        """The tree is built only where the word is in the bytes."""
        if type_of(stanza) == "error":
            return
        self.has_checked = True
        if b"error" in stanza.raw and error_of(stanza) is not None and not self.traffic.is_relayed(stanza):
            yield (
                f"a {stanza.name.local} of type '{type_of(stanza)}' has an error child",
                "rfc6120-8.3.1-error-child-only-on-error",
            )


class ErrorIds(_ErrorMonitor):
    """An error for a message says for which one (RFC 6120, 8.3.1)."""

    name = "error-ids"
    title = "An error for a message repeats the id of the message"
    requirements = ("rfc6120-stanza-error-id",)

    def judge(self, stanza: ElementReceived, link: Link) -> Findings:
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


def conditions_of(error: "etree._Element") -> list[StanzaCondition]:
    """The conditions of an error that RFC 6120 or RFC 3920 defines."""
    return [
        STANZA_CONDITIONS[name.local]
        for name, _ in children(error)
        if name.namespace == STANZA_ERRORS and name.local in STANZA_CONDITIONS
    ]


def _is_for(to: str, address: str) -> bool:
    return bool(to and address) and same(bare(to), bare(address))
