"""Data forms (XEP-0004) and sets of results (XEP-0059), which many payloads hold."""

from harness.strategies.grammar import Node, many, may, maybe, needs, node, one
from harness.strategies.values import COUNT, TEXT, TOKEN, integers, words
from harness.xmpp.namespaces import DATA_FORMS

RESULT_SETS = "http://jabber.org/protocol/rsm"

FIELD_VALUE = node(DATA_FORMS, "value", TEXT)
_FIELD_TYPES = words(
    "text-single",
    "boolean",
    "fixed",
    "hidden",
    "jid-multi",
    "jid-single",
    "list-multi",
    "list-single",
    "text-multi",
    "text-private",
)
_VALUE_TYPES = words("text-single", "text-private", "list-single")
FIELD = node(DATA_FORMS, "field", needs("var", TOKEN), may("type", _VALUE_TYPES), one(FIELD_VALUE))
_OPTION = node(DATA_FORMS, "option", may("label", TEXT), one(node(DATA_FORMS, "value", TEXT)))
_ASKED = node(
    DATA_FORMS,
    "field",
    needs("var", TOKEN),
    needs("type", _FIELD_TYPES),
    may("label", TEXT),
    maybe(node(DATA_FORMS, "desc", TEXT)),
    maybe(node(DATA_FORMS, "required")),
    many(node(DATA_FORMS, "value", TEXT)),
    many(_OPTION),
)
FORM = node(
    DATA_FORMS,
    "x",
    needs("type", words("form")),
    maybe(node(DATA_FORMS, "title", TEXT)),
    many(node(DATA_FORMS, "instructions", TEXT)),
    many(_ASKED),
)
RESULT_FORM = node(DATA_FORMS, "x", needs("type", words("submit", "cancel", "result")), many(FIELD))


def submit(form_type: str) -> Node:
    """A form that is handed in: FORM_TYPE names what it is for (XEP-0068)."""
    named = node(
        DATA_FORMS,
        "field",
        needs("var", words("FORM_TYPE")),
        may("type", words("hidden")),
        one(node(DATA_FORMS, "value", words(form_type))),
    )
    return node(DATA_FORMS, "x", needs("type", words("submit")), one(named), many(FIELD))


SET = node(
    RESULT_SETS,
    "set",
    maybe(node(RESULT_SETS, "max", integers(0, 100, 10))),
    maybe(node(RESULT_SETS, "after", TOKEN), node(RESULT_SETS, "before", TOKEN), node(RESULT_SETS, "before")),
    maybe(node(RESULT_SETS, "index", COUNT)),
)
