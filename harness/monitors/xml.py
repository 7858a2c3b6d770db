"""Rules on the bytes of a stream: well-formed, restricted, in UTF-8 (RFC 6120, 11)."""

from harness.monitors.monitor import EventMonitor, Findings
from harness.monitors.stanzas import Topic
from harness.monitors.traffic import Link
from harness.wire.events import Event, Rule, Violation

_MARK = "\ufeff".encode()
_STANDALONE = "rfc6120-11.5-no-standalone"
_RESTRICTED = {
    b"<!--": "rfc6120-xml-restriction-comment",
    b"<!": "rfc6120-xml-restriction-dtd",
    b"<?": "rfc6120-xml-restriction-pi",
    b"&": "rfc6120-xml-restriction-ref",
}


class _ViolationMonitor(EventMonitor):
    """Tells of those violations of the reader that break one of `rules`."""

    received = frozenset({Topic.HEADER, Topic.VIOLATION})
    rules: tuple[tuple[Rule, str], ...]

    def judge(self, event: Event, link: Link) -> Findings:
        """Any header shows that there are bytes to judge. A handshake that fails ends in an alert, no XML."""
        self.has_checked = True
        if link.is_shaking_hands:
            return
        for rule, requirement in self.rules:
            if isinstance(event, Violation) and event.rule is rule:
                yield event.message, requirement


class WellFormedOutput(_ViolationMonitor):
    """What the target sends is XML."""

    name = "well-formed-output"
    title = "What the target sends is well-formed"
    requirements = ("rfc6120-xml-wellformed-xml", "rfc6120-xml-wellformed-ns")
    rules = (
        (Rule.NOT_WELL_FORMED, "rfc6120-xml-wellformed-xml"),
        (Rule.BAD_NAMESPACE, "rfc6120-xml-wellformed-ns"),
    )


class Utf8Output(_ViolationMonitor):
    """What the target sends is in UTF-8."""

    name = "utf-8-output"
    title = "What the target sends is encoded in UTF-8"
    requirements = ("rfc6120-11.6-utf8-only", "rfc6120-11.6-no-bom")
    rules = ((Rule.BAD_ENCODING, "rfc6120-11.6-utf8-only"),)

    def judge(self, event: Event, link: Link) -> Findings:
        """A byte order mark is UTF-8, and not wanted all the same."""
        for message, requirement, *_ in super().judge(event, link):
            is_mark = isinstance(event, Violation) and event.excerpt.startswith(_MARK)
            yield message, "rfc6120-11.6-no-bom" if is_mark else requirement


class RestrictedXml(_ViolationMonitor):
    """Comments, processing instructions, DTDs and entities stay out (RFC 6120, 11.1)."""

    name = "no-restricted-xml"
    title = "The target sends no comments, processing instructions, DTDs or entity references"
    requirements = (*_RESTRICTED.values(), _STANDALONE)
    rules = ((Rule.RESTRICTED_XML, ""),)

    def judge(self, event: Event, link: Link) -> Findings:
        """Which restriction it is, the markup itself shows."""
        for message, *_ in super().judge(event, link):
            yield message, _STANDALONE if "standalone" in message else _restriction(event)


class OnlyWhitespaceBetweenStanzas(_ViolationMonitor):
    """Text stands inside stanzas, not between them."""

    name = "no-text-between-stanzas"
    title = "Nothing but white space stands between first-level elements"
    requirements = ("rfc6120-11.7-only-whitespace-between-stanzas",)
    rules = ((Rule.TEXT_BETWEEN_STANZAS, "rfc6120-11.7-only-whitespace-between-stanzas"),)


class NothingAfterEnd(_ViolationMonitor):
    """A closed stream stays closed (RFC 6120, 4.4)."""

    name = "nothing-after-stream-end"
    title = "Nothing follows the closing tag of a stream"
    requirements = ("rfc6120-4.4-no-data-after-close",)
    received = frozenset({Topic.END, Topic.VIOLATION})
    rules = ((Rule.DATA_AFTER_END, "rfc6120-4.4-no-data-after-close"),)


def _restriction(event: Event) -> str:
    excerpt = event.excerpt if isinstance(event, Violation) else b""
    found = (name for mark, name in _RESTRICTED.items() if mark in excerpt)
    return next(found, "rfc6120-xml-restriction-comment")
