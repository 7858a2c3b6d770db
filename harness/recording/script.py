"""A recording as a scenario in our own dialect."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lxml import etree

from harness.recording.actors import Part, cast_of
from harness.recording.middle import Source
from harness.recording.session import Happening, Kind, Recording
from harness.recording.values import Position, Value, Values, values_in
from harness.xmpp.elements import children, name_of
from harness.xmpp.namespaces import CLIENT, STREAM, STREAM_ERRORS, XML, Name

_STREAM_ERROR = Name(STREAM, "error")
_LANGUAGE = str(Name(XML, "lang"))
_MARKUP = {ord("&"): "&amp;", ord("<"): "&lt;", ord(">"): "&gt;", ord("\n"): "&#10;", ord("\r"): "&#13;"}

_ENDINGS = {
    (Source.CLIENT, Kind.ENDED): "disconnects",
    (Source.CLIENT, Kind.DROPPED): "closes the connection",
    (Source.SERVER, Kind.ENDED): "receives the stream's end",
    (Source.SERVER, Kind.DROPPED): "receives the end of the stream or connection",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Loose:
    """What has differed when it was played again: values, and the order of some things that came."""

    values: frozenset[Position] = frozenset()
    unordered: frozenset[int] = frozenset()  # happenings at which a step begins


@dataclass(frozen=True, kw_only=True, slots=True)
class Written:
    """A script; each of its actors with the numbers of what it received."""

    text: str
    values: Values
    received: dict[str, list[int]]
    groups: tuple[tuple[int, ...], ...]  # of what was received, by step


def write(recording: Recording, description: str, loose: Loose | None = None) -> Written:
    """Write a scenario; the `description` tells a reader where it comes from."""
    return _Writer(recording, loose or Loose()).written(description)


class _Writer:
    def __init__(self, recording: Recording, loose: Loose) -> None:
        self._recording = recording
        self._loose = loose
        self._parts = cast_of(recording)
        self._actors = {number: part for part in self._parts for number in part.sessions}
        self._values = Values(recording, self._parts, loose.values)

    def written(self, description: str) -> Written:
        groups = list(_groups(self._recording.happenings, self._actors))
        lines = [*self._head(description), *(line for group in groups for line in self._step(group))]
        receiving = [group for group in groups if self._is_received(group[0])]
        received: dict[str, list[int]] = {}
        for group in receiving:
            received.setdefault(self._actor(group[0]).name, []).extend(group)
        text = "\n".join([*lines, ""])
        return Written(text=text, values=self._values, received=received, groups=tuple(receiving))

    def _head(self, description: str) -> Iterator[str]:
        who = [part.name for part in self._parts]
        yield f"# {_listed(who)}, as recorded"
        yield from (f"# {line}" for line in description.splitlines())
        yield "## dialect: harness"
        if self._values.needs:
            yield f"## needs: {', '.join(self._values.needs)}"
        yield "## tags: recorded"
        yield ""
        for part in self._parts:
            yield f"[Client] {part.name}"
            if part.account_of:
                yield f"\taccount: {part.account_of}"
            if part.resource.isprintable() and part.resource.strip() == part.resource != "":
                yield f"\tresource: {self._values.literal(part.resource)}"
        yield from ("", "---------", "")

    def _step(self, group: Sequence[int]) -> Iterator[str]:
        one = self._recording.happenings[group[0]]
        actor = self._actor(group[0]).name
        if one.kind is Kind.CONNECTED:
            yield f"{actor} connects"
        elif one.kind is not Kind.SAID or one.tree is None:
            yield f"{actor} {_ENDINGS[one.source, one.kind]}"
        elif name_of(one.tree) == _STREAM_ERROR and one.source is Source.SERVER:
            yield from (f"{actor} receives a stream error:", f"\t{_condition(one.tree)}")
        else:
            yield f"{actor} {self._verb(group)}:"
            for at in group:
                yield from self._stanza(at)

    def _verb(self, group: Sequence[int]) -> str:
        if not self._is_received(group[0]):
            return "sends"
        trees = [self._recording.happenings[at].tree for at in group]
        senders = {tree.get("from", "") for tree in trees if tree is not None}
        is_free = len(senders) > 1 or group[0] in self._loose.unordered
        return "receives in any order" if is_free else "receives"

    def _is_received(self, at: int) -> bool:
        one = self._recording.happenings[at]
        return one.source is Source.SERVER and one.kind is Kind.SAID

    def _actor(self, at: int) -> Part:
        return self._actors[self._recording.happenings[at].session]

    def _stanza(self, at: int) -> Iterator[str]:
        one = self._recording.happenings[at]
        assert one.tree is not None
        numbers = {element: number for number, element in enumerate(one.tree.iter(etree.Element))}
        yield from self._element(at, one.tree, numbers, CLIENT, 1)

    def _element(
        self, at: int, element: etree._Element, numbers: dict[etree._Element, int], scope: str, depth: int
    ) -> Iterator[str]:
        """An element in lines; what holds text between its children stays in one line."""
        tag = self._tag(at, element, numbers, scope)
        name, namespace = name_of(element).local, name_of(element).namespace
        inner = list(children(element))
        pad = "\t" * depth
        text = self._text(at, element, numbers)
        if not inner:
            yield f"{pad}<{tag}>{text}</{name}>" if text else f"{pad}<{tag}/>"
        elif text or any((child.tail or "").strip() for child in inner):
            text = _with_blanks_of(element.text or "", text)
            yield f"{pad}<{tag}>{text}{self._mixed(at, inner, numbers, namespace)}</{name}>"
        else:
            yield f"{pad}<{tag}>"
            for child in inner:
                yield from self._element(at, child, numbers, namespace, depth + 1)
            yield f"{pad}</{name}>"

    def _mixed(
        self, at: int, inner: Sequence[etree._Element], numbers: dict[etree._Element, int], scope: str
    ) -> str:
        written = []
        for child in inner:
            written += [line.strip("\t") for line in self._element(at, child, numbers, scope, 0)]
            written.append(self._values.literal(child.tail or "").translate(_MARKUP))
        return "".join(written)

    def _text(self, at: int, element: etree._Element, numbers: dict[etree._Element, int]) -> str:
        value = self._of(at, element, numbers)[-1]
        if not value.text:
            return ""
        return self._values.spelled(value).translate(_MARKUP)

    def _of(self, at: int, element: etree._Element, numbers: dict[etree._Element, int]) -> list[Value]:
        return values_in(at, self._recording.happenings[at], element, numbers[element])

    def _tag(self, at: int, element: etree._Element, numbers: dict[etree._Element, int], scope: str) -> str:
        """Name, namespace where it is another one than around it, and attributes."""
        name = name_of(element)
        parts = [] if name.namespace == scope else [_attribute("xmlns", name.namespace)]
        prefixes = {"": "", XML: "xml:"}
        for value in self._of(at, element, numbers)[:-1]:
            if self._is_left_out(value):
                continue
            spelled = self._values.spelled(value)
            if spelled or not value.text:
                key = Name.of(value.position[2])
                if key.namespace not in prefixes:
                    prefixes[key.namespace] = f"ns{len(prefixes)}:"
                    parts.append(_attribute(f"xmlns:ns{len(prefixes) - 1}", key.namespace))
                parts.append(_attribute(prefixes[key.namespace] + key.local, spelled))
        return " ".join([name.local, *parts])

    def _is_left_out(self, value: Value) -> bool:
        """What says nothing: addresses of the actor itself, and the language that a server writes on."""
        at, number, key = value.position
        if number:
            return False
        if value.source is Source.CLIENT:
            return key == "from"
        return key in ("to", _LANGUAGE) or (key == "from" and value.text == self._actor(at).account)


def _groups(happenings: Sequence[Happening], actors: dict[int, Part]) -> Iterator[tuple[int, ...]]:
    """Steps: what an actor receives while nobody sends anything is one step, all else one for itself."""
    waiting: dict[str, list[int]] = {}
    for at, one in enumerate(happenings):
        is_stanza = one.tree is not None and name_of(one.tree) != _STREAM_ERROR
        if one.source is Source.SERVER and one.kind is Kind.SAID and is_stanza:
            waiting.setdefault(actors[one.session].name, []).append(at)
            continue
        yield from map(tuple, waiting.values())
        waiting.clear()
        yield (at,)
    yield from map(tuple, waiting.values())


def _with_blanks_of(text: str, spelled: str) -> str:
    """Between children white space is part of the text."""
    before, after = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    return f"{before}{spelled}{after if text.strip() else ''}".translate({ord("\n"): "&#10;"})


def _condition(error: etree._Element) -> str:
    """The condition of a stream error (RFC 6120, 4.9.3)."""
    named = [name_of(one) for one in children(error) if name_of(one).namespace == STREAM_ERRORS]
    return next((one.local for one in named if one.local != "text"), "undefined-condition")


def _attribute(key: str, value: str) -> str:
    quote = '"' if "'" in value else "'"
    escaped = value.translate(_MARKUP | {ord("\t"): "&#9;", ord('"'): "&quot;" if quote == '"' else '"'})
    return f"{key}={quote}{escaped}{quote}"


def _listed(names: Sequence[str]) -> str:
    if not names:
        return "Nobody"
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
