"""Text with holes: read it from a script, match a received value, make one to send.

    Hello ${Romeo's JID}, it is {timestamp}.

`${name}` is a variable of the case's scope. `{any}`, `{jid}`, `{full jid}`, `{bare jid}`,
`{timestamp}`, `{integer}`, `{base64}`, `{uuid}`, `{one of: a, b}`, `{regex:...}` and, at the end of a
value, `{other than: ...}` are placeholders;
`{capture:NAME}` and `{capture:NAME:KIND}` keep what was there under a name, and compare when the name
is kept already. `{{` and `}}` are literal braces. In Scansion's dialect only `{scansion:any}` and
`{scansion:capture:NAME}` are placeholders, and all other braces stand for themselves.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from harness.errors import ScriptError
from harness.pattern.expressions import fits, objection
from harness.pattern.kinds import expression, make_value
from harness.pattern.nodes import Kind, Literal, Placeholder, Template, Variable

Part = Literal | Variable | Placeholder

_SIMPLE_KINDS = {kind.value: kind for kind in Kind if kind not in (Kind.REGEX, Kind.ONE_OF, Kind.OTHER_THAN)}
_WRITTEN = ["regex:...", "one of: a, b", "other than: TEXT", "capture:NAME", "capture:NAME:KIND"]
_KNOWN = ", ".join([*_SIMPLE_KINDS, *_WRITTEN])
_LITERAL_RUN = re.compile(r"[^${}]+")
_INSERTED = re.compile(r"\[([^\]]+)\]")


def literal(text: str) -> Template:
    """The template of a text that stands for itself."""
    return Template(parts=(Literal(text=text),) if text else (), source=text)


def parse_template(text: str, *, line: int, column: int, path: str, strict_placeholders: bool) -> Template:
    """Read a template; `line` and `column` (from 1) say where `text` starts in the script.

    With `strict_placeholders` (our dialect) an unknown placeholder is a `ScriptError`, otherwise
    (Scansion's) it is literal text.
    """
    reader = _TemplateReader(text, line, column, path, strict_placeholders)
    return Template(parts=tuple(_merge(reader.read())), source=text, place=f"{path}:{line}:{column}")


def _merge(parts: Iterator[Part]) -> Iterator[Part]:
    """Join neighbouring literals."""
    pending = ""
    for part in parts:
        if isinstance(part, Literal):
            pending += part.text
            continue
        if pending:
            yield Literal(text=pending)
            pending = ""
        yield part
    if pending:
        yield Literal(text=pending)


class _TemplateReader:
    """One pass over the text of a template."""

    def __init__(self, text: str, line: int, column: int, path: str, strict: bool) -> None:
        self.text = text
        self.line = line
        self.column = column
        self.path = path
        self.strict = strict

    def read(self) -> Iterator[Part]:
        position = 0
        while position < len(self.text):
            part, position = self._part(position)
            yield part

    def _part(self, position: int) -> tuple[Part, int]:
        rest = self.text[position:]
        if self.strict and rest.startswith(("{{", "}}")):
            return Literal(text=rest[0]), position + 2
        if self.strict and rest.startswith("${{"):
            return Literal(text="${"), position + 3
        if rest.startswith("${"):
            return self._variable(position)
        if rest.startswith("{"):
            return self._placeholder(position)
        if rest.startswith("}") and self.strict:
            raise self._error(
                position, "a closing brace without an opening one", "write }} for a literal one"
            )
        run = _LITERAL_RUN.match(rest)
        text = run.group() if run else rest[0]
        return Literal(text=text), position + len(text)

    def _variable(self, position: int) -> tuple[Part, int]:
        end = self.text.find("}", position)
        name = self.text[position + 2 : end].strip()
        if end < 0 or not name:
            if self.strict:
                raise self._error(position, "a variable is not finished", "write ${name}")
            return Literal(text="${"), position + 2
        return Variable(name=name), end + 1

    def _placeholder(self, position: int) -> tuple[Part, int]:
        end = _closing_brace(self.text, position)
        if end < 0:
            if self.strict:
                raise self._error(position, "a placeholder is not closed", "write {{ for a literal brace")
            return Literal(text="{"), position + 1
        body = self.text[position + 1 : end]
        placeholder = self._read_placeholder(body, position)
        return (placeholder, end + 1) if placeholder else (Literal(text="{"), position + 1)

    def _read_placeholder(self, body: str, position: int) -> Placeholder | None:
        prefix, _, rest = body.partition(":")
        if prefix.strip() == "scansion":
            found = _read_scansion(rest)
        elif self.strict:
            found = self._read_own(body.strip(), position)
        else:
            return None
        if found is None and self.strict:
            raise self._error(position, f"unknown placeholder {{{body}}}", f"there are: {_KNOWN}")
        return found

    def _read_own(self, body: str, position: int) -> Placeholder | None:
        word, _, rest = body.partition(":")
        if word == "capture":
            name, _, kind = rest.partition(":")
            if kind.partition(":")[0].strip() == word:
                raise self._error(position, "a capture has one name", "write {capture:NAME:KIND}")
            inner = self._read_own(kind.strip() or "any", position)
            return replace(inner, capture=name.strip()) if inner and name.strip() else None
        if word == "regex" and rest:
            return Placeholder(kind=Kind.REGEX, regex=self._checked_regex(rest, position))
        if word == "one of" and rest.strip():
            return Placeholder(kind=Kind.ONE_OF, choices=tuple(part.strip() for part in rest.split(",")))
        if word == "other than" and rest.strip():
            return Placeholder(kind=Kind.OTHER_THAN, excluded=self._excluded(rest.strip(), position))
        if word in ("absent", "optional"):
            raise self._error(position, f"{{{word}}} must be the whole value of an attribute", "")
        return Placeholder(kind=_SIMPLE_KINDS[body]) if body in _SIMPLE_KINDS else None

    def _excluded(self, text: str, position: int) -> tuple[Literal | Variable, ...]:
        inner = _PlainReader(text, self.line, self.column, self.path, self.strict)
        try:
            return tuple(part for part in _merge(inner.read()) if not isinstance(part, Placeholder))
        except ScriptError as error:
            raise self._error(position, error.message, error.advice) from error

    def _checked_regex(self, regex: str, position: int) -> str:
        if why := objection(regex):
            raise self._error(position, why, "")
        return regex

    def _error(self, position: int, message: str, advice: str) -> ScriptError:
        before = self.text[:position]
        line = self.line + before.count("\n")
        column = len(before) - before.rfind("\n") if "\n" in before else self.column + position
        text_line = self.text.split("\n")[before.count("\n")]
        excerpt = f"{text_line}\n{' ' * (len(before) - before.rfind(chr(10)) - 1)}^"
        return ScriptError(message, where=f"{self.path}:{line}:{column}", advice=advice, excerpt=excerpt)


class _PlainReader(_TemplateReader):
    """Reads what must hold no placeholder, and so does not call itself."""

    def _read_placeholder(self, body: str, position: int) -> Placeholder | None:
        raise self._error(position, "{other than: ...} holds text and variables only", "")


def _read_scansion(body: str) -> Placeholder | None:
    word, _, name = body.partition(":")
    if body == "any":
        return Placeholder(kind=Kind.ANY)
    if word == "capture" and name.strip():
        return Placeholder(kind=Kind.ANY, capture=name.strip())
    return None


def _closing_brace(text: str, start: int) -> int:
    """The index of the brace that closes the one at `start`; braces inside a regex nest."""
    depth = 0
    position = start
    while position < len(text):
        letter = text[position]
        if letter == "\\":
            position += 1
        elif letter == "{":
            depth += 1
        elif letter == "}":
            depth -= 1
            if depth == 0:
                return position
        position += 1
    return -1


def variables(template: Template) -> tuple[str, ...]:
    """The names of the variables in a template, in order."""
    parts: list[Part] = []
    for part in template.parts:
        parts.extend(part.excluded if isinstance(part, Placeholder) else (part,))
    names = [part.name for part in parts if isinstance(part, Variable)]
    return tuple(name for one in names for name in (*_inserted(one), one))


def _inserted(name: str) -> tuple[str, ...]:
    """The names in brackets in a name such as `base64 of n,,n=[Romeo's username]`."""
    return tuple(_INSERTED.findall(name)) if name.startswith("base64 of ") else ()


def captures(template: Template) -> tuple[str, ...]:
    """The names under which a template keeps what it matches, in order."""
    return tuple(part.capture for part in template.parts if isinstance(part, Placeholder) and part.capture)


def refers(template: Template) -> bool:
    """Whether a template uses or keeps a name."""
    return bool(variables(template) or captures(template))


def is_constant(template: Template) -> bool:
    """Whether a template accepts one value only, once its variables are known."""
    return not any(isinstance(part, Placeholder) for part in template.parts)


def look_up(name: str, template: Template, scope: Mapping[str, str]) -> str:
    """The value of a variable; a `ScriptError` names what is missing and what there is."""
    if name in scope:
        return scope[name]
    known = ", ".join(f"${{{key}}}" for key in sorted(scope)) or "no variables at all"
    message = f"there is no ${{{name}}} here"
    raise ScriptError(message, where=template.place, advice=f"known are {known}", excerpt=template.source)


def match_template(
    template: Template, value: str, scope: Mapping[str, str], *, rebind: bool = False
) -> dict[str, str] | None:
    """What a value gives to the names captured in it, or None if it does not match.

    A name that the scope has already is compared, unless `rebind`: then its new value is told.
    """
    if is_constant(template):
        return {} if value == make_template(template, scope, str)[0] else None
    names: dict[str, str] = {}
    known = {} if rebind else scope
    pattern = "".join(_expression(part, template, scope, known, names) for part in template.parts)
    found = (
        re.fullmatch(pattern, value, re.DOTALL)
        if _is_linear(template)
        else fits(pattern, value, place=template.place)
    )
    return None if found is None else {name: found[group] for name, group in names.items()}


def _is_linear(template: Template) -> bool:
    """Whether matching takes time in proportion to the value: there is one hole, and of a kind of ours."""
    holes = [part for part in template.parts if isinstance(part, Placeholder)]
    return len(holes) == 1 and holes[0].kind is not Kind.REGEX


def _expression(
    part: Part, template: Template, scope: Mapping[str, str], known: Mapping[str, str], names: dict[str, str]
) -> str:
    if isinstance(part, Literal):
        return re.escape(part.text)
    if isinstance(part, Variable):
        return re.escape(look_up(part.name, template, scope))
    accepted = expression(part, [_expression(one, template, scope, known, names) for one in part.excluded])
    if not part.capture:
        return accepted
    if part.capture in known:
        return re.escape(known[part.capture])
    if part.capture in names:
        return f"(?P={names[part.capture]})"
    names[part.capture] = f"capture_{len(names)}"
    return f"(?P<{names[part.capture]}>{accepted})"


def make_template(
    template: Template, scope: Mapping[str, str], fresh: Callable[[str], str]
) -> tuple[str, dict[str, str]]:
    """The text of a template with all holes filled, and what the captured names now mean.

    `fresh` is asked, with a kind's name, for a token that nobody has had before. A name that the scope
    has already keeps its value.
    """
    made: dict[str, str] = {}
    text = "".join(_fill(part, template, scope, fresh, made) for part in template.parts)
    return text, made


def _fill(
    part: Part,
    template: Template,
    scope: Mapping[str, str],
    fresh: Callable[[str], str],
    made: dict[str, str],
) -> str:
    if isinstance(part, Literal):
        return part.text
    if isinstance(part, Variable):
        return look_up(part.name, template, scope)
    if not part.capture:
        return make_value(part, fresh, scope.get("domain", "localhost"))
    if part.capture not in made:
        known = scope.get(part.capture)
        made[part.capture] = (
            make_value(part, fresh, scope.get("domain", "localhost")) if known is None else known
        )
    return made[part.capture]


def trimmed(template: Template) -> Template:
    """The template without white space at its ends, for comparing text."""
    parts = list(template.parts)
    if parts and isinstance(parts[0], Literal):
        parts[0] = Literal(text=parts[0].text.lstrip())
    if parts and isinstance(parts[-1], Literal):
        parts[-1] = Literal(text=parts[-1].text.rstrip())
    kept = tuple(part for part in parts if not (isinstance(part, Literal) and not part.text))
    return replace(template, parts=kept, source=template.source.strip())


def joined(templates: tuple[Template, ...]) -> Template:
    """Several templates one after the other, as one."""
    if len(templates) == 1:
        return templates[0]
    parts = (part for template in templates for part in template.parts)
    source = "".join(template.source for template in templates)
    return Template(parts=tuple(_merge(iter(parts))), source=source, place=templates[0].place)
