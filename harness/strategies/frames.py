"""Changes to what makes a stanza one: addresses, id, type, language, errors, and what RFC 6121 defines."""

from collections.abc import Sequence
from dataclasses import replace

from harness.strategies.addresses import ODD_JIDS
from harness.strategies.answers import NO_STANZA
from harness.strategies.choices import Choices
from harness.strategies.mutation import Deed, Mutation, mutation, only
from harness.strategies.sample import Element
from harness.strategies.trees import leaf, stanza, with_attribute, with_child
from harness.xmpp.namespaces import CLIENT, STANZA_ERRORS, XML, Name

#: RFC 6120, 8.1.2.1 permits to end the stream for it.
_INVALID_FROM = frozenset({"invalid-from"})
_FORGED = (
    *(
        "${me}",
        "${my JID}",
        "${me}/other",
        "${peer}",
        "${peer's JID}",
        "${PEER}",
        "${peer}/other",
        "${domain}",
        "${me}.evil",
    ),
    *(
        "${peer}.evil",
        "evil.${domain}",
        "${domain}.evil",
        "${muc}",
        "room-${token}@${muc}/nick",
        "nobody@${domain}",
    ),
    *(
        "a@unknown.invalid",
        "",
        " ",
        "@",
        "a@b@c",
        "${peer} ",
        " ${peer}",
        "${me}/",
        "/",
        "x" * 1024 + "@${domain}",
        "ß@${domain}",
    ),
)
#: How many ways there are to forge an address.
FORGED_WAYS = len(_FORGED)
_IDS = (
    *(
        "",
        " ",
        "${token}-1",
        "${token}-a b",
        "${token}-'\"",
        "${token}-&<>",
        "${token}-é\U0001f600",
        "${token}-\t\n\r",
        "${token}-\u202e",
    ),
    *(
        "${token}-" + "x" * 200,
        "${token}-" + "x" * 1000,
        "${token}-" + "é" * 2000,
        "${token}-%s%n",
        "${token}-../..",
        "${token}-\ufeff",
    ),
)
_LARGE_IDS = ("${token}-" + "x" * 4000, "${token}-" + "&" * 1500)
_TYPES = (
    *(
        "",
        " ",
        "unknown",
        "GET",
        "Get",
        "get ",
        " get",
        "result",
        "error",
        "set",
        "chat",
        "subscribe",
        "unavailable",
    ),
    *("available", "groupchat", "normal", "probe", "x" * 1024, "é", "invisible", "headline", "get\n", "1"),
)
_LANGS = ("", " ", "-", "en_US", "x" * 64, "é", "de-DE-1996-x-" + "a" * 8, "i-klingon", "*", "en\n")
_TO, _FROM, _ID, _TYPE = (Name("", local) for local in ("to", "from", "id", "type"))
_LANG = Name(XML, "lang")


def _set(name: Name, options: Sequence[str]) -> Deed:
    return lambda element, choices: with_attribute(element, name, choices.among(options))


def _taken_away(name: Name) -> Deed:
    return lambda element, _: (
        with_attribute(element, name, None) if any(one == name for one, _ in element.attributes) else None
    )


def _error(*children: Element, **attributes: str) -> Element:
    return replace(leaf(CLIENT, "error", **attributes), children=children)


_CONDITION = leaf(STANZA_ERRORS, "item-not-found")
_ERRORS = (
    _error(_CONDITION, type="cancel"),
    _error(_CONDITION),
    _error(type="cancel"),
    _error(),
    _error(_CONDITION, type="unknown"),
    _error(_CONDITION, leaf(STANZA_ERRORS, "forbidden"), type="cancel"),
    _error(leaf(STANZA_ERRORS, "unknown-condition"), type="cancel"),
    _error(leaf(CLIENT, "item-not-found"), type="cancel"),
    _error(leaf(STANZA_ERRORS, "text", "x"), type="cancel"),
    _error(_CONDITION, leaf(STANZA_ERRORS, "text", "x" * 2048), type="cancel"),
    _error(_CONDITION, leaf("urn:example", "special"), leaf("urn:example", "special"), type="cancel"),
    _error(_CONDITION, type="cancel", code="404"),
    _error(_CONDITION, type="cancel", code="-1", by=""),
    _error(_CONDITION, type="cancel", by="${peer}"),
    leaf(STANZA_ERRORS, "error", type="cancel"),
)


def _as_error(element: Element, choices: Choices) -> Element | None:
    return with_child(with_attribute(element, _TYPE, "error"), choices.among(_ERRORS))


def _as_two_errors(element: Element, choices: Choices) -> Element | None:
    erring = with_attribute(element, _TYPE, "error")
    return with_child(with_child(erring, choices.among(_ERRORS)), _ERRORS[0])


def _error_alone(element: Element, _: Choices) -> Element | None:
    return with_attribute(replace(element, children=()), _TYPE, "error")


def _error_without_type(element: Element, choices: Choices) -> Element | None:
    return with_child(element, choices.among(_ERRORS))


def _empty(element: Element, _: Choices) -> Element | None:
    return replace(element, children=()) if element.children else None


_SECONDS = (
    leaf("urn:xmpp:ping", "ping"),
    leaf("jabber:iq:version", "query"),
    leaf("urn:example:unknown", "unknown"),
    leaf(CLIENT, "body", "${token}"),
)


def _second_child(element: Element, choices: Choices) -> Element | None:
    return with_child(element, choices.among(_SECONDS), first=choices.below(2) == 1)


def _of_another_kind(element: Element, choices: Choices) -> Element | None:
    kinds = [kind for kind in ("message", "presence", "iq") if kind != element.name.local]
    return replace(element, name=Name(CLIENT, choices.among(kinds)))


def _no_stanza(element: Element, choices: Choices) -> Element | None:
    name = choices.among(
        (
            Name(CLIENT, "unknown"),
            Name(CLIENT, element.name.local.upper()),
            Name("urn:example", element.name.local),
            Name("", element.name.local),
            Name("jabber:server", element.name.local),
            Name(CLIENT, element.name.local + "s"),
            Name(CLIENT, "error"),
            Name(CLIENT, "features"),
        )
    )
    return replace(element, name=name)


def _several(local: str, texts: Sequence[str]) -> Deed:
    def deed(element: Element, choices: Choices) -> Element | None:
        count = choices.among((2, 3, 8))
        for _ in range(count):
            element = with_child(element, leaf(CLIENT, local, choices.among(texts)))
        return element

    return deed


_PRIORITIES = (
    "",
    "-129",
    "128",
    "127",
    "-128",
    "1e2",
    "0x1",
    " 1 ",
    "+1",
    "1.0",
    "٣",
    "NaN",
    "-",
    "9" * 400,
    "true",
)
_SHOWS = ("", "unknown", "AWAY", " away ", "online", "available", "x" * 1024, "é")


def _priority(element: Element, choices: Choices) -> Element | None:
    return _with_single(element, "priority", choices.among(_PRIORITIES))


def _show(element: Element, choices: Choices) -> Element | None:
    return _with_single(element, "show", choices.among(_SHOWS))


def _with_single(element: Element, local: str, text: str) -> Element:
    kept = tuple(
        one for one in element.children if not (isinstance(one, Element) and one.name == Name(CLIENT, local))
    )
    return with_child(replace(element, children=kept), leaf(CLIENT, local, text))


def _to_itself(element: Element, choices: Choices) -> Element | None:
    return with_attribute(element, _TO, choices.among(("${my JID}", "${me}", "${me}/other", "${domain}")))


def _like_the_other(element: Element, _: Choices) -> Element | None:
    return stanza(element.name.local, *element.children, to="${me}", from_="${peer's JID}", id="${token}")


FRAMES: tuple[Mutation, ...] = (
    mutation("another from", _set(_FROM, _FORGED), _INVALID_FROM),
    mutation("from and to the wrong way round", _like_the_other, _INVALID_FROM),
    mutation("another to", _set(_TO, ODD_JIDS)),
    mutation("to the sender's own side", _to_itself),
    mutation("no to", _taken_away(_TO)),
    mutation("no id", only(("message", "presence"), _taken_away(_ID))),
    mutation("no id on a request", only(("iq",), _taken_away(_ID))),
    mutation("another id", _set(_ID, _IDS)),
    mutation("a large id", _set(_ID, _LARGE_IDS)),
    mutation("no type", _taken_away(_TYPE)),
    mutation("another type", _set(_TYPE, _TYPES), frozenset({"invalid-xml"})),  # RFC 6120, 4.9.3.11
    mutation("a stanza of another kind", _of_another_kind, frozenset({"invalid-xml"})),
    mutation("no stanza", _no_stanza, NO_STANZA),
    mutation("an odd language", _set(_LANG, _LANGS)),
    mutation("an error", _as_error),
    mutation("two errors", _as_two_errors),
    mutation("an error about nothing", _error_alone),
    mutation("an error of no error type", _error_without_type),
    mutation("no children", _empty),
    mutation("a second child", _second_child),
    mutation("several bodies", only(("message",), _several("body", ("one", "two ${token}", "", "<&>")))),
    mutation("several subjects", only(("message",), _several("subject", ("one", "", "two")))),
    mutation("several threads", only(("message",), _several("thread", ("one", "", "two")))),
    mutation("several statuses", only(("presence",), _several("status", ("one", "", "two")))),
    mutation("several priorities", only(("presence",), _several("priority", ("1", "-1", "")))),
    mutation("an odd priority", only(("presence",), _priority)),
    mutation("an odd show", only(("presence",), _show)),
)
