"""The run record, as its JSON schema tells it."""

import json
from collections.abc import Mapping
from typing import Any

from website.markup import code, paragraphs, prose, rows_of
from website.project import ROOT

_SCHEMA = ROOT / "reports" / "run-record.schema.json"
_NAMES = {"string": "text", "number": "number", "integer": "whole number", "boolean": "true or false"}
#: The lines in their order; all else of the schema are parts of them.
_LINES = ("RunStarted", "TargetStarted", "CaseFinished", "TargetFinished", "RunFinished")

_Schema = Mapping[str, Any]  # a JSON schema is whatever JSON holds


def record_tables() -> str:
    """A section for each kind of line, then for each part of one, as Markdown with tables in HTML."""
    kinds: dict[str, _Schema] = json.loads(_SCHEMA.read_text("utf-8"))["$defs"]
    parts = [name for name in kinds if name not in _LINES]
    objects = [name for name in (*_LINES, *parts) if "properties" in kinds[name]]
    words = [name for name in parts if "enum" in kinds[name]]
    sections = [_object(name, kinds[name]) for name in objects] + [
        _choice(name, kinds[name]) for name in words
    ]
    return "\n".join(sections)


def _object(name: str, schema: _Schema) -> str:
    fields: Mapping[str, _Schema] = schema["properties"]
    mark = fields.get("type", {}).get("enum", [])
    title = f"`{mark[0]}`" if mark else name
    required = schema.get("required", [])
    rows = [
        (code(field), _type(what), prose(_meaning(what, is_required=field in required)))
        for field, what in fields.items()
        if not (mark and field == "type")
    ]
    ordered = sorted(
        rows, key=lambda row: row[0].removeprefix("<code>").removesuffix("</code>") not in required
    )
    head = f"## {title} {{ #{name} }}\n\n{paragraphs(prose(schema.get('description', '')))}\n"
    return f"{head}\n{rows_of(('Field', 'Type', 'Meaning'), ordered)}"


def _meaning(what: _Schema, *, is_required: bool) -> str:
    """What the schema says of the field, and what it means that the field is not there."""
    said = str(what.get("description", ""))
    sentence = f"{said[:1].upper()}{said[1:].removesuffix('.')}." if said else ""
    default = what.get("default")
    if is_required or default in ("", [], None, False):
        return sentence
    return f"{sentence} `{json.dumps(default)}` where it is left out.".strip()


def _choice(name: str, schema: _Schema) -> str:
    words = ", ".join(code(str(one)) for one in schema["enum"])
    return (
        f"## {name} {{ #{name} }}\n\n{paragraphs(prose(schema.get('description', '')), f'One of {words}.')}\n"
    )


def _type(what: _Schema) -> str:
    """A field's type in words, with links to what has a section of its own."""
    if "$ref" in what:
        name = str(what["$ref"]).rpartition("/")[2]
        return f'<a href="#{name}">{name}</a>'
    if "anyOf" in what:
        kinds = [one for one in what["anyOf"] if one.get("type") != "null"]
        return f"{' or '.join(map(_type, kinds))}, or <code>null</code>"
    if what.get("type") == "array":
        return f"list of {_type(what.get('items', {}))}"
    return _NAMES.get(str(what.get("type")), "anything")
