"""Rules on what answers to queries hold: service discovery and registration."""

from collections import defaultdict
from collections.abc import Iterator

from lxml import etree

from harness.monitors.monitor import SERVERS, ElementMonitor, Findings
from harness.monitors.stanzas import LANG, Topic, children, type_of
from harness.monitors.traffic import Link
from harness.wire.events import ElementReceived
from harness.xmpp.namespaces import DISCO_INFO, DISCO_ITEMS, REGISTER, Name

_QUERIES = frozenset({Name(DISCO_INFO, "query"), Name(DISCO_ITEMS, "query")})
_REGISTRATION = Name(REGISTER, "query")
_FEATURE = Name(DISCO_INFO, "feature")
_IDENTITY = Name(DISCO_INFO, "identity")
_ITEM = Name(DISCO_ITEMS, "item")
#: All that the schema of XEP-0077, 14.1 has.
_FIELDS = frozenset(
    {
        *(
            "registered",
            "instructions",
            "remove",
            "key",
            "username",
            "nick",
            "password",
            "name",
            "first",
            "last",
        ),
        *("email", "address", "city", "state", "zip", "phone", "url", "date", "misc", "text"),
    }
)


class _ResultMonitor(ElementMonitor):
    """Judges results of requests that the target itself has made."""

    kind = "iq"
    perspectives = SERVERS
    received = frozenset({Topic.STANZA})

    def judge(self, element: ElementReceived, link: Link) -> Findings:
        """Leave out what an actor wrote, and what is only asked."""
        if type_of(element) != "result":
            return
        found = [
            finding for name, query in children(element.tree) for finding in self.judge_query(name, query)
        ]
        if found and not self.traffic.is_relayed(element):
            yield from found

    def judge_query(self, name: Name, query: "etree._Element") -> Findings:
        """Give a message and a requirement for each breach."""
        raise NotImplementedError


class DiscoResults(_ResultMonitor):
    """Identities, features and items are what XEP-0030 says, in form."""

    name = "disco-results"
    title = "Identities, features and items of service discovery are well formed"
    requirements = (
        "xep0030-3.1-identity-unique",
        "xep0030-3.1-feature-var",
        "xep0030-4.1-item-no-text",
        "xep0030-4.2-node-not-null",
    )

    def judge_query(self, name: Name, query: "etree._Element") -> Findings:
        """Look at each child by itself, and at identities together."""
        if name not in _QUERIES:
            return
        self.has_checked = True
        yield from _wrong_with_identities(query)
        for child_name, child in children(query):
            if child_name == _FEATURE and (not child.get("var") or len(child)):
                yield "a feature without var, or with children", "xep0030-3.1-feature-var"
            if child_name == _ITEM and (child.text or "").strip():
                yield "an item with text", "xep0030-4.1-item-no-text"
        if any(one.get("node") == "" for one in query.iter(str(name), str(_ITEM))):
            yield "an empty node", "xep0030-4.2-node-not-null"


class RegistrationFields(_ResultMonitor):
    """What the schema does not have is asked for in a form (XEP-0077, 4)."""

    name = "registration-fields"
    title = "Registration asks for no fields of its own but in a form"
    requirements = ("xep0077-4-no-new-fields",)

    def judge_query(self, name: Name, query: "etree._Element") -> Findings:
        """Elements of other namespaces are extensions, forms among them."""
        if name != _REGISTRATION:
            return
        self.has_checked = True
        for field, _ in children(query):
            if field.namespace == REGISTER and field.local not in _FIELDS:
                yield f"the field '{field.local}' is none of the schema's", "xep0077-4-no-new-fields"


def _wrong_with_identities(query: "etree._Element") -> Iterator[tuple[str, str]]:
    names = defaultdict(set)
    for name, identity in children(query):
        if name == _IDENTITY:
            key = (identity.get("category"), identity.get("type"), identity.get(LANG))
            names[key].add(identity.get("name"))
    for (category, kind, _), given in names.items():
        if len(given) > 1:
            yield f"two names of the identity '{category}/{kind}'", "xep0030-3.1-identity-unique"
