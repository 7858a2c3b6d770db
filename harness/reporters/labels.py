"""Short names of what goes over the wire, for pictures: `iq set roster`, `presence unavailable`.

This reads the text for a person's eye only and judges nothing: it must bear bytes that are not XML.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

_TAG = re.compile(r"<(/?)([\w:.-]+)((?>[^<>\"']|\"[^\"]*\"|'[^']*')*+)>")
_ATTRIBUTE = re.compile(r"([\w:.-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_LOOKED_AT = 4000  # characters; what a stanza is shows at its beginning
_SNIPPET = 28  # characters of a message's text


@dataclass(kw_only=True, slots=True)
class Sketch:
    """As much of an element as a label needs. `text` is the character data right after its start tag."""

    name: str
    attributes: Mapping[str, str]
    text: str = ""
    children: list["Sketch"] = field(default_factory=list)

    @property
    def local(self) -> str:
        """The name without its prefix."""
        return self.name.rpartition(":")[2]

    def child(self, local: str) -> "Sketch | None":
        """The first child of that name."""
        return next((child for child in self.children if child.local == local), None)


def label(text: str) -> str:
    """Name what a piece of the wire holds, on one line of perhaps forty characters."""
    looked_at = text[:_LOOKED_AT]
    if not looked_at.strip():
        return "white space" if looked_at else "nothing"
    elements = sketch(looked_at)
    if not elements:
        return "stream end" if re.match(r"\s*</", looked_at) else f"“{_snippet(looked_at)}”"
    first = _LABELS.get(elements[0].local, _of_nonza)(elements[0])
    more = len(elements) - 1
    return f"{first} + {more} more" if more else first


def sketch(text: str) -> list[Sketch]:
    """Return the elements at the outermost level; tags that do not fit together are borne."""
    outermost: list[Sketch] = []
    path: list[Sketch] = []
    for found in _TAG.finditer(text):
        closing, name, rest = found.groups()
        if closing:
            del path[-1:]
            continue
        following = text[found.end() : text.find("<", found.end()) % (len(text) + 1)]
        element = Sketch(name=name, attributes=_attributes(rest), text=following.strip())
        (path[-1].children if path else outermost).append(element)
        if not rest.endswith("/") and element.name != "stream:stream":
            path.append(element)
    return outermost


def topic(namespace: str) -> str:
    """The part of a namespace that people say: `roster`, `disco#info`, `carbons:2`."""
    word = namespace.rpartition("/")[2] if namespace.startswith("http") else namespace
    for start in (
        "jabber:iq:",
        "jabber:x:",
        "urn:ietf:params:xml:ns:xmpp-",
        "urn:ietf:params:xml:ns:",
        "urn:xmpp:",
    ):
        word = word.removeprefix(start)
    return word


def _attributes(text: str) -> dict[str, str]:
    return {name: double or single for name, double, single in _ATTRIBUTE.findall(text)}


def _snippet(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _SNIPPET else line[: _SNIPPET - 1] + "…"


def _joined(parts: Sequence[str]) -> str:
    return " ".join(part for part in parts if part)


def _payload(element: Sketch) -> str:
    for child in element.children:
        if child.local != "error":
            return topic(child.attributes.get("xmlns", "")) or child.local
    return ""


def _condition(element: Sketch) -> str:
    error = element.child("error")
    if error is None:
        return ""
    return error.children[0].local if error.children else error.attributes.get("code", "")


def _of_iq(element: Sketch) -> str:
    kind = element.attributes.get("type", "without type")
    return _joined(["iq", kind, _condition(element) if kind == "error" else _payload(element)])


def _of_presence(element: Sketch) -> str:
    kind = element.attributes.get("type", "")
    codes = re.findall(r"\d{3}", " ".join(_status_codes(element)))
    return _joined(["presence", kind, _condition(element) or _payload(element), *codes])


def _status_codes(element: Sketch) -> list[str]:
    return [
        grandchild.attributes.get("code", "")
        for child in element.children
        for grandchild in child.children
        if grandchild.local == "status"
    ]


def _of_message(element: Sketch) -> str:
    kind = element.attributes.get("type", "")
    body = element.child("body")
    what = f"“{_snippet(body.text)}”" if body and body.text else _payload(element)
    return _joined(["message", kind, _condition(element) or what])


def _of_header(element: Sketch) -> str:
    return _joined(["stream header", element.attributes.get("to", "")])


def _of_features(element: Sketch) -> str:
    names = [child.local for child in element.children]
    return f"features: {', '.join(names)}" if names else "features: none"


def _of_stream_error(element: Sketch) -> str:
    return _joined(["stream error", element.children[0].local if element.children else ""])


def _of_auth(element: Sketch) -> str:
    return _joined([element.local, element.attributes.get("mechanism", "")])


def _of_failure(element: Sketch) -> str:
    return _joined([element.local, element.children[0].local if element.children else ""])


def _of_nonza(element: Sketch) -> str:
    return element.local


_LABELS: Mapping[str, Callable[[Sketch], str]] = {
    "iq": _of_iq,
    "presence": _of_presence,
    "message": _of_message,
    "stream": _of_header,
    "features": _of_features,
    "error": _of_stream_error,
    "auth": _of_auth,
    "authenticate": _of_auth,
    "failure": _of_failure,
    "failed": _of_failure,
}
