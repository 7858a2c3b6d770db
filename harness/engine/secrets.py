"""Keeps passwords out of what is recorded.

Negotiation masks what it sends itself; here is what scripts spell out, and what a server sends back. A
password is recognised as it stands, escaped for XML or for an address, in hexadecimal, and within anything in
base64 (as SASL PLAIN sends it); a script's own passwords are learned from where passwords are sent.
"""

import base64
import binascii
import hashlib
import html
import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from urllib.parse import quote, quote_plus
from xml.sax.saxutils import escape as escape_text

from harness.wire.writer import escape

#: What stands in a record in place of a secret.
MASK = "[masked]"

_CUT = "…"  # ends a value that was shortened
_SHORT = 4  # characters; anything shorter stands in every other word
_BASE64 = re.compile(r"""(?:^|(?<=[>'"\s]))[A-Za-z0-9+/]{4,}={0,2}(?=[<'"\s]|$)""")
_WITH_PASSWORDS = ("jabber:iq:register", "jabber:iq:auth")
_PASSWORD = re.compile(r"<(?:\w+:)?password(?:\s[^>]*)?>([^<]+)<")
_FIELD = re.compile(r"""<field\s[^>]*var\s*=\s*['"]password['"][^>]*>\s*<value>([^<]+)<""")
#: `v=` in base64: whoever has it and the challenge can try passwords on them (RFC 5802, 3).
_SIGNATURE = re.compile(r"""(?:^|(?<=[>'"\s]))dj[0-3][A-Za-z0-9+/]{20,}={0,2}(?=[<'"\s]|$)""")
_PLAIN = re.compile(r"""mechanism\s*=\s*['"]PLAIN['"][^>]*>\s*([A-Za-z0-9+/=]+)\s*<""")


class Secrets:
    """The passwords of one case; `public` are names that may be shown though a password is among them."""

    def __init__(self, passwords: Iterable[str] = ()) -> None:
        self._passwords: dict[str, None] = {}
        self._digests: dict[str, None] = {}
        self._encodings: dict[str, None] = {}  # what was found in base64
        self._public = ""
        for password in passwords:
            self.add(password)

    def add(self, password: str, public: str = "") -> None:
        """Keep a password secret from now on. One that `public` holds is masked in its own places only."""
        self._public += f" {public}"
        if password and password not in self._passwords:
            self._passwords[password] = None
            self._forget()

    def add_stream(self, stream_id: str) -> None:
        """Keep the digests secret that open this stream (XEP-0078, 3)."""
        for password in self._passwords:
            self._digests[hashlib.sha1((stream_id + password).encode()).hexdigest()] = None
        self._forget()

    def learn(self, text: str) -> None:
        """Take note of the passwords in something that is sent."""
        if any(namespace in text for namespace in _WITH_PASSWORDS):
            for found in (*_PASSWORD.findall(text), *_FIELD.findall(text)):
                self.add(html.unescape(found))
        for message in _PLAIN.findall(text):
            self.add(_decoded(message).rpartition(b"\0")[2].decode("utf-8", "replace"))

    def mask(self, text: str) -> str:
        """Return the text without secrets."""
        if "dj" in text:
            text = _SIGNATURE.sub(MASK, text)
        if not self._passwords:
            return text
        for spelled, shown in self._spelled:
            if spelled in text:
                text = text.replace(spelled, shown)
        if any(part in text for part in self._encoded_parts):
            text = _BASE64.sub(self._masked, text)
        return self._without_beginnings(text) if _CUT in text else text

    def _without_beginnings(self, text: str) -> str:
        """Mask what is left of a secret where a value has been shortened."""
        parts = text.split(_CUT)
        return _CUT.join([*map(self._without_beginning, parts[:-1]), parts[-1]])

    def _without_beginning(self, text: str) -> str:
        for spelled, _ in self._spelled:
            for length in range(min(len(spelled) - 1, len(text)), _SHORT - 1, -1):
                if text.endswith(spelled[:length]):
                    return text[:-length] + MASK
        return text

    def _forget(self) -> None:
        self.__dict__.pop("_spelled", None)
        self.__dict__.pop("_encoded", None)
        self.__dict__.pop("_encoded_parts", None)

    def _is_telling(self, password: str) -> bool:
        """Whether it can be looked for anywhere, without hiding half of the record."""
        return len(password) >= _SHORT and password not in self._public

    @cached_property
    def _spelled(self) -> tuple[tuple[str, str], ...]:
        """What is to be replaced, and by what; longest first, since one may be part of another."""
        spelled = dict.fromkeys([*self._digests, *self._encodings], MASK)
        for password in self._passwords:
            for form in _spellings(password):
                if self._is_telling(password):
                    spelled[form] = MASK
                else:
                    spelled[f">{form}<"] = f">{MASK}<"
        return tuple(sorted(spelled.items(), key=lambda one: -len(one[0])))

    @cached_property
    def _encoded(self) -> tuple[tuple[bytes, bool], ...]:
        return tuple((one.encode(), self._is_telling(one)) for one in self._passwords)

    @cached_property
    def _encoded_parts(self) -> tuple[str, ...]:
        """A text without any of these holds no password in base64; that saves looking closer at most."""
        return tuple({part for password, _ in self._encoded for part in _in_base64(password)})

    def _masked(self, found: re.Match[str]) -> str:
        if not self._is_secret(_decoded(found[0])):
            return found[0]
        # Where a difference quotes it, what stands before it may not be told from it.
        self._encodings[found[0]] = None
        self._forget()
        return MASK

    def _is_secret(self, data: bytes) -> bool:
        return any(
            (is_telling and password in data) or data == password or data.endswith(b"\0" + password)
            for password, is_telling in self._encoded
        )


def _spellings(password: str) -> set[str]:
    quoted = html.escape(password)
    return {
        password,
        escape(password),
        escape_text(password),
        quoted,
        quoted.replace("&#x27;", "&apos;"),
        password.encode().hex(),
        password.encode().hex().upper(),
        quote(password, safe=""),
        quote(password),
        quote_plus(password),
    }


def _in_base64(data: bytes) -> Iterator[str]:
    """What of its base64 the data alone decides, for each of three places in a group where it can begin."""
    for before in range(3):
        written = base64.b64encode(bytes(before) + data).decode()
        first = -(-before * 8 // 6)  # the first digit that has no bits of what stands before
        yield written[first : (before + len(data)) * 8 // 6]


def _decoded(text: str) -> bytes:
    """Read base64, with or without its padding; empty for what is none."""
    bare = text.rstrip("=")
    try:
        return base64.b64decode(bare + "=" * (-len(bare) % 4))
    except binascii.Error:
        return b""
