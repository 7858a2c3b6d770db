"""What reports tell of a requirement. The tables themselves are read elsewhere."""

import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet

import msgspec

from harness.results.verdicts import Level, Perspective

_RFC = re.compile(r"rfc(\d{3,5})\b")
_XEP = re.compile(r"xep-?(\d{4})\b")
#: Whose conduct is looked at when we play a side, as the tables have it in `testable_as`.
_SHOWN_BY = {
    Perspective.CLIENT: {"server", "both"},
    Perspective.SERVER: {"client", "both"},
    Perspective.BOTH: {"server", "client", "both"},
}


class RequirementView(msgspec.Struct, frozen=True, kw_only=True):
    """One requirement. A level is None where the document asks nothing of that side."""

    id: str
    spec: str  # the document: "RFC 6120", "XEP-0045"
    section: str  # empty for behaviour that no section describes
    title: str
    summary: str  # what has to hold, in our words
    server: Level | None = None
    client: Level | None = None
    latitude: str = ""  # what else is allowed
    negative: bool = False  # the level is a MUST NOT or a SHOULD NOT
    testable_as: str = "both"  # whose conduct shows on the wire: server, client, both, none
    note: str = ""  # what a test needs, or why something cannot be observed
    #: The cases that are seen to notice when it is broken, by the side that we play; None: nobody has looked.
    checked_by: Mapping[Perspective, AbstractSet[str]] | None = None

    @property
    def place(self) -> str:
        """Document and section, as people cite them: "RFC 6121, 2.3.2"."""
        return f"{self.spec}, {self.section}" if self.section else self.spec

    def level(self, perspective: Perspective) -> Level | None:
        """How firmly it binds the target when we play the given side."""
        return self.client if perspective is Perspective.SERVER else self.server

    def concerns(self, perspective: Perspective) -> bool:
        """Whether it asks anything of the target when we play the given side."""
        if perspective is Perspective.BOTH:
            return self.server is not None or self.client is not None
        return self.level(perspective) is not None

    def is_testable(self, perspective: Perspective) -> bool:
        """Whether the conduct of the target can show it when we play the given side."""
        return self.testable_as in _SHOWN_BY[perspective]

    def is_checked_by(self, case: str, perspective: Perspective) -> bool:
        """Whether a case that names it is known to notice when it is broken."""
        return self.checked_by is None or case in self.checked_by.get(perspective, ())

    def level_text(self, perspective: Perspective) -> str:
        """The level in the words of RFC 2119, or the empty string: "MUST NOT"."""
        level = self.level(perspective)
        if level is None:
            return ""
        return f"{level.value} NOT" if self.negative and level is not Level.MAY else level.value


def document_of(requirement_id: str) -> str:
    """Guess the document from an id when no table tells it; empty when the id does not say.

    >>> document_of("rfc6121-2.3.2-set-result"), document_of("xep0045-7.2-join")
    ('RFC 6121', 'XEP-0045')
    """
    if found := _RFC.match(requirement_id):
        return f"RFC {found.group(1)}"
    if found := _XEP.match(requirement_id):
        return f"XEP-{found.group(1)}"
    return ""


def unknown(requirement_id: str) -> RequirementView:
    """Stand in for a requirement that no table holds, so that a report of an old record still reads."""
    spec = document_of(requirement_id)
    return RequirementView(id=requirement_id, spec=spec, section="", title=requirement_id, summary="")
