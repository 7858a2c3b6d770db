"""What stands in the script for what stood on the wire, so that it can be played anywhere and any time.

Addresses of actors, rooms and services become variables. Ids that clients chose become short numbers.
What the server made up (ids, stamps, hashes) becomes a placeholder, and a captured name where a client
used it later. Passwords are nowhere.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from lxml import etree

from harness.recording.actors import Part
from harness.recording.middle import Source
from harness.recording.session import Happening, Recording
from harness.xmpp.elements import children, first, name_of
from harness.xmpp.namespaces import CLIENT, MUC, PUBSUB, PUBSUB_OWNER, Name

_DATE = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?"
#: What looks as if the server had made it up, as a whole, and the kind of placeholder that stands for it.
_KINDS = (
    (re.compile(_DATE), "timestamp"),
    (re.compile(r"\d{8}T\d\d:\d\d:\d\d"), "any"),  # as XEP-0091 has it
    (re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"), "uuid"),
    (re.compile(r"(?=\S*\d)(?=\S*[A-Za-z])[A-Za-z0-9+/=_-]{10,}"), "any"),
)
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_UPLOAD = "urn:xmpp:http:upload:0"
_HIDDEN = {"password", "roomsecret"}  # children that hold a password, whatever they are a child of
_PRIVATE = re.compile(r"(password|secret)(-verify)? |text-private$")  # the name of a field, and its type

#: Where a value stands: the number of the happening, of the element in it, and the attribute ("": its text).
Position = tuple[int, int, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Value:
    """One value on the wire."""

    position: Position
    source: Source
    element: etree._Element
    text: str


class Values:
    """The values of one recording; those in `loose` differ from play to play."""

    def __init__(self, recording: Recording, parts: Sequence[Part], loose: frozenset[Position]) -> None:
        self._recording = recording
        self._loose = loose
        self._names = _names(recording, parts)
        self._pattern = _pattern(self._names, recording.domain)
        self._every = [value for at, one in enumerate(recording.happenings) for value in _values(at, one)]
        for value in filter(_is_password, self._every):  # it may be said again where nobody looks for it
            recording.secrets.add(value.text)

    def spelled(self, value: Value) -> str:
        """The value as the script has it; empty for an attribute that had better not be there."""
        if value.position in self._loose:
            return "{any}"
        if _is_password(value):
            return "${token password}" if value.source is Source.CLIENT else "{any}"
        name = self._captured.get(value.text)
        if name is not None:
            return f"${{{name}}}" if value.source is Source.CLIENT else self._capture(name, value.text)
        if value.text in self._ids:
            return self._ids[value.text]
        if value.source is Source.SERVER and not self._is_known(value):
            kind = _kind(value.text)
            return "" if _is_id_of_stanza(value) else f"{{{kind}}}" if kind else self.literal(value.text)
        return self.literal(value.text)

    def is_chosen_by_client(self, value: Value) -> bool:
        """Whether it is the id of a request, which its answer has to repeat."""
        return value.text in self._ids

    @property
    def needs(self) -> list[str]:
        """The services that a target has to have."""
        used = set(self._names.values())
        return [one for one in ("muc", "pubsub", "upload") if f"{one} service" in used]

    def literal(self, text: str) -> str:
        """With variables for the names in it; braces are doubled, which makes them what they are."""
        parts, end = [], 0
        for found in self._pattern.finditer(text):
            parts += [self._plain(text[end : found.start()]), f"${{{self._names[found[0]]}}}"]
            end = found.end()
        return "".join([*parts, self._plain(text[end:])])

    def _plain(self, text: str) -> str:
        return _escaped(self._recording.secrets.mask(text))

    def _capture(self, name: str, text: str) -> str:
        kind = _kind(text)
        return f"{{capture:{name}:{kind}}}" if kind not in ("", "any") else f"{{capture:{name}}}"

    def _is_known(self, value: Value) -> bool:
        """Whether a client said it before the server did."""
        return self._first_said.get(value.text, value.position) < value.position

    @cached_property
    def _first_said(self) -> Mapping[str, Position]:
        """What clients have said, and where first."""
        said: dict[str, Position] = {}
        for value in self._every:
            if value.source is Source.CLIENT:
                said.setdefault(value.text, value.position)
        return said

    @cached_property
    def _ids(self) -> Mapping[str, str]:
        """Short ids in place of those that clients have made up."""
        made = dict.fromkeys(
            one.text
            for one in self._every
            if one.source is Source.CLIENT and _is_id_of_stanza(one) and one.text not in self._captured
        )
        return {id: str(number) for number, id in enumerate(made, start=1)}

    @cached_property
    def _captured(self) -> Mapping[str, str]:
        """Names for what a server made up and a client has said after it."""
        names: dict[str, str] = {}
        for value in self._every:
            is_made_up = value.source is Source.SERVER and (_is_id_of_stanza(value) or _kind(value.text))
            if not is_made_up or value.text in names or self._is_known(value):
                continue
            if value.text in self._first_said:
                names[value.text] = f"{_word(value)}{len(names) + 1}"
        return names


def values_in(at: int, happening: Happening, element: etree._Element, number: int) -> list[Value]:
    """The values of one element, which is the one of that `number` in what was said."""
    source = happening.source
    attributes = [
        Value(position=(at, number, str(key)), source=source, element=element, text=str(text))
        for key, text in element.attrib.items()
    ]
    text = (element.text or "").strip()
    return [*attributes, Value(position=(at, number, ""), source=source, element=element, text=text)]


def _values(at: int, happening: Happening) -> Iterator[Value]:
    if happening.tree is not None:
        for number, element in enumerate(happening.tree.iter(etree.Element)):
            yield from (one for one in values_in(at, happening, element, number) if one.text)


def _word(value: Value) -> str:
    """What a captured value is called: after its attribute, or its element."""
    if _is_id_of_stanza(value):
        return "id"
    key = Name.of(value.position[2]).local or name_of(value.element).local
    return "".join(_WORD.findall(key)) or "value"


def _is_id_of_stanza(value: Value) -> bool:
    return value.position[1:] == (0, "id") and name_of(value.element).namespace == CLIENT


def _is_password(value: Value) -> bool:
    """Whether it is one by the name of its element, attribute or form field, or by the field's type."""
    if value.position[2]:
        return Name.of(value.position[2]).local == "password"
    parent = value.element.getparent()
    field = "" if parent is None else f"{parent.get('var', '')} {parent.get('type', '')}"
    is_field = parent is not None and name_of(parent).local == "field" and bool(_PRIVATE.search(field))
    is_value = is_field and name_of(value.element).local == "value"
    return bool(value.text) and (name_of(value.element).local in _HIDDEN or is_value)


def _kind(text: str) -> str:
    """The kind of placeholder for what looks as if it were made up; empty for what does not."""
    return next((kind for pattern, kind in _KINDS if pattern.fullmatch(text)), "")


def _escaped(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def _names(recording: Recording, parts: Sequence[Part]) -> dict[str, str]:
    """Variables by what they stand for."""
    jids = {session.number: session.jid for session in recording.sessions}
    names = {recording.domain: "domain"} if recording.domain else {}
    names |= _services(recording)
    for part in parts:
        names.setdefault(part.account, f"{part.name}'s JID")
        for number in part.sessions:
            if "/" in jids[number]:
                names[jids[number]] = f"{part.name}'s full JID"
    return names


def _pattern(names: Mapping[str, str], domain: str) -> re.Pattern[str]:
    """Finds names, longest first; a JID not within a longer one, the domain behind any label of a host."""
    jids = sorted((one for one in names if one != domain), key=len, reverse=True)
    ways = [rf"(?<![\w.+-])(?:{'|'.join(map(re.escape, jids))})"] if jids else []
    ways += [rf"(?<![\w-]){re.escape(domain)}"] if domain else []
    return re.compile(rf"(?:{'|'.join(ways)})(?![\w-])(?!\.\w)") if ways else re.compile(r"(?!)")


def _services(recording: Recording) -> dict[str, str]:
    """Rooms, and services that clients have asked for what only such a service does."""
    found: dict[str, str] = {}
    rooms: dict[str, None] = {}
    for one in recording.happenings:
        to = one.tree.get("to", "") if one.tree is not None and one.source is Source.CLIENT else ""
        if not to or one.tree is None:
            continue
        if name_of(one.tree).local == "presence" and first(one.tree, Name(MUC, "x")) is not None:
            rooms[to.partition("/")[0]] = None
        elif "@" not in to and to != recording.domain:
            spaces = {name_of(child).namespace for child in children(one.tree)}
            found |= {to: "pubsub service"} if spaces & {PUBSUB, PUBSUB_OWNER} else {}
            found |= {to: "upload service"} if _UPLOAD in spaces else {}
    service = next(iter(rooms), "").rpartition("@")[2]  # those of another one stay what they are
    here = [room.rpartition("@")[0] for room in rooms if room.rpartition("@")[2] == service]
    found |= {service: "muc service"} if here else {}
    found |= {f"{here[0]}@{service}": "room"} if here else {}
    return found | {
        f"{local}@{service}": f"room {_room_name(local, n)}" for n, local in enumerate(here[1:], 2)
    }


def _room_name(local: str, number: int) -> str:
    return local if _WORD.fullmatch(local) and not local.startswith("number") else f"number{number}"
