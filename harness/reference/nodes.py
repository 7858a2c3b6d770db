"""Nodes of publish-subscribe: what they hold, and who may have it (XEP-0060, 4; XEP-0163, 5)."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from harness.reference.stanzas import Element

ACCESS = "pubsub#access_model"
MAXIMUM = "pubsub#max_items"
MODELS = ("open", "presence", "whitelist")


@dataclass(kw_only=True, slots=True)
class Node:
    """One node. `owner` is a bare JID, `items` are payloads by id, the latest last."""

    name: str
    owner: str
    access: str
    maximum: int
    items: dict[str, Element | None] = field(default_factory=dict)
    subscribers: dict[str, None] = field(default_factory=dict)

    def keep(self, id: str, payload: Element | None) -> None:
        """Store an item; one of the same id is replaced, and the oldest makes room."""
        self.items.pop(id, None)
        self.items[id] = payload
        while len(self.items) > self.maximum:
            del self.items[next(iter(self.items))]

    def configuration(self) -> Mapping[str, str]:
        """The options as a form shows them."""
        return {ACCESS: self.access, MAXIMUM: str(self.maximum)}

    def configure(self, values: Mapping[str, tuple[str, ...]]) -> bool:
        """Take options over; tell whether all of them were possible. Unknown ones are ignored."""
        access = values.get(ACCESS, (self.access,))[0]
        maximum = values.get(MAXIMUM, (str(self.maximum),))[0]
        maximum = "1000" if maximum == "max" else maximum
        if access not in MODELS or not maximum.isdecimal() or len(maximum) > 4:
            return False
        self.access, self.maximum = access, int(maximum)
        return True


Nodes = dict[str, Node]
