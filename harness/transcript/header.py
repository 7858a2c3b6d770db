"""The header of a script: title, description, directives and actors."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from harness.pattern.nodes import Template
from harness.pattern.template import parse_template
from harness.transcript.layout import Entry, Layout, Line
from harness.transcript.script import Actor, Dialect, Side

_BLOCK = re.compile(r"\[(?P<kind>[^\]]*)\]\s+(?P<name>\S.*?)\s*")
_PROPERTY = re.compile(r"\s+(?P<key>[^:\s][^:]*?)\s*:\s*(?P<value>.*?)\s*")
_DIRECTIVE = re.compile(r"##\s*(?P<key>[\w ]+?)\s*(?::\s*(?P<value>.*?)\s*)?")
_LISTS = ("covers", "needs", "tags")


@dataclass(frozen=True, kw_only=True, slots=True)
class Directives:
    """What the `##` lines say: the three lists, and all others by name."""

    covers: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    others: Mapping[str, str] = field(default_factory=dict)


def read_directives(lines: Iterable[Line]) -> Directives:
    """Read `## key: value` and `## tag` lines; a list may go on over several lines."""
    lists: dict[str, list[str]] = {key: [] for key in _LISTS}
    others: dict[str, str] = {}
    for line in lines:
        found = _DIRECTIVE.fullmatch(line.text)
        if found is None:
            continue  # a comment that happens to begin with two signs
        key, value = found["key"].lower(), found["value"]
        if value is None:
            lists["tags"].append(key)
        elif key in lists:
            lists[key].extend(re.split(r"[\s,]+", value.strip(" ,")) if value.strip(" ,") else ())
        else:
            others[key] = value
    return Directives(**{key: tuple(values) for key, values in lists.items()}, others=others)


def read_dialect(directives: Directives) -> Dialect:
    """Ours when the header names requirements or says so, otherwise Scansion's."""
    is_ours = bool(directives.covers) or directives.others.get("dialect") == "harness"
    return Dialect.HARNESS if is_ours else Dialect.SCANSION


def read_sides(layout: Layout) -> frozenset[Side]:
    """What `## tests:` says; a script without it is for servers. Raises `ScriptError` for another word."""
    for line in layout.comments:
        found = _DIRECTIVE.fullmatch(line.text)
        if found is None or found["key"].lower() != "tests":
            continue
        words = re.split(r"[\s,]+", found["value"] or "")
        known = {side.value: side for side in Side}
        if not all(word in known for word in words):
            raise line.fault("unknown side", column=1, advice=f"there are: {', '.join(known)}")
        return frozenset(known[word] for word in words)
    return frozenset({Side.SERVER})


def read_title(layout: Layout) -> tuple[str, str]:
    """The first comment is the title; the others are the description, one paragraph a line."""
    lines = [line.text[1:].strip() for line in layout.comments if not line.text.startswith("##")]
    if not lines:
        return "", ""
    paragraphs = "\n".join(lines[1:]).strip("\n").split("\n\n")
    return lines[0], "\n".join(" ".join(paragraph.split()) for paragraph in paragraphs).strip()


def read_actors(blocks: Sequence[Entry], dialect: Dialect) -> tuple[Actor, ...]:
    """The `[Client] Name` blocks. Raises `ScriptError` for anything else in a header."""
    actors: list[Actor] = []
    for block in blocks:
        actor = _read_actor(block, dialect, [known.name for known in actors])
        if actor.name in [known.name for known in actors]:
            raise block.head.fault(f"there are two actors called {actor.name!r}")
        actors.append(actor)
    return tuple(actors)


def _read_actor(block: Entry, dialect: Dialect, known: Sequence[str]) -> Actor:
    found = _BLOCK.fullmatch(block.head.text)
    if found is None or found["kind"].strip().lower() != "client":
        advice = "a header holds comments, `[Client] Name` and indented properties, then a line of dashes"
        raise block.head.fault("expected `[Client] Name`", advice=advice)
    properties = {key: (value, line) for key, value, line in map(_read_property, _written(block))}
    templates = {
        key: _template(properties[key], dialect)
        for key in ("jid", "password", "resource")
        if key in properties
    }
    return Actor(
        name=found["name"],
        line=block.head.number,
        jid=templates.get("jid"),
        password=templates.get("password"),
        resource=templates.get("resource"),
        account_of=_owner(found["name"], properties, known),
        properties={key: value for key, (value, _line) in properties.items()},
    )


def _written(block: Entry) -> list[Line]:
    return [line for line in block.body if not line.is_blank]


def _read_property(line: Line) -> tuple[str, str, Line]:
    found = _PROPERTY.fullmatch(line.text)
    if found is None:
        raise line.fault(
            "expected a property", column=2, advice="write `name: value`, for example `jid: a@b`"
        )
    return found["key"], found["value"], line


def _template(value: tuple[str, Line], dialect: Dialect) -> Template:
    text, line = value
    return parse_template(
        text,
        line=line.number,
        column=line.text.index(text) + 1,
        path=line.path,
        strict_placeholders=dialect is Dialect.HARNESS,
    )


def _owner(name: str, properties: Mapping[str, tuple[str, Line]], known: Sequence[str]) -> str:
    """Whose account an actor shares: by property, or `Romeo's phone` shares that of `Romeo`."""
    if "account" in properties:
        owner, line = properties["account"]
        if owner not in known:
            advice = f"declared above are: {', '.join(known) or 'none'}"
            raise line.fault(f"no actor is called {owner!r} here", column=2, advice=advice)
        return owner
    if "jid" in properties:
        return ""
    owners = [other for other in known if name.startswith(f"{other}'s ")]
    return max(owners, key=len, default="")
