"""Data forms as the server writes and reads them (XEP-0004)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from harness.reference.stanzas import Element
from harness.xmpp.elements import build, children, first
from harness.xmpp.namespaces import DATA_FORMS, Name

X = Name(DATA_FORMS, "x")
FIELD = Name(DATA_FORMS, "field")
VALUE = Name(DATA_FORMS, "value")
OPTION = Name(DATA_FORMS, "option")


@dataclass(frozen=True, kw_only=True, slots=True)
class Field:
    """One field of a form that is shown. `options` are the values to choose from."""

    var: str
    type: str
    label: str = ""
    values: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    required: bool = False


def form(purpose: str, fields: Iterable[Field], *, title: str = "", type: str = "form") -> Element:
    """A form whose hidden FORM_TYPE is `purpose`."""
    heading = [build(Name(DATA_FORMS, "title"), {}, title)] if title else []
    hidden = build(FIELD, {"var": "FORM_TYPE", "type": "hidden"}, build(VALUE, {}, purpose))
    return build(X, {"type": type}, *heading, hidden, *(_field(field) for field in fields))


def submitted(element: Element) -> Mapping[str, tuple[str, ...]]:
    """The values of a submitted form by field."""
    return {
        field.get("var", ""): tuple((value.text or "") for value in children(field, VALUE))
        for field in children(element, FIELD)
    }


def form_in(element: Element) -> Element | None:
    """The form that an element holds, if there is one."""
    return first(element, X)


def _field(field: Field) -> Element:
    attributes = {"var": field.var, "type": field.type}
    if field.label:
        attributes["label"] = field.label
    content = [build(OPTION, {}, build(VALUE, {}, option)) for option in field.options]
    content += [build(VALUE, {}, value) for value in field.values]
    if field.required:
        content.insert(0, build(Name(DATA_FORMS, "required")))
    return build(FIELD, attributes, *content)
