"""The kinds of placeholder as pairs: the expression that accepts a value, and the maker of one it accepts."""

import base64
import hashlib
import re
import uuid
from collections.abc import Callable, Mapping, Sequence

from harness.errors import ScriptError
from harness.pattern.example import shortest_text
from harness.pattern.expressions import fits
from harness.pattern.nodes import Kind, Placeholder

# Parts of a JID as RFC 7622, 3.2 to 3.4 bounds them, without the profiles of PRECIS: enough to tell a
# bare JID from a full one, and to refuse what cannot be either.
_LOCALPART = r"""[^\s"&'/:<>@]+"""
_DOMAINPART = r"[^\s/@]+"
_RESOURCEPART = r"[^\x00-\x1f]+"
_BARE_JID = f"(?:{_LOCALPART}@)?{_DOMAINPART}"
_FULL_JID = f"{_BARE_JID}/{_RESOURCEPART}"

# XEP-0082, 3.2, which leaves the last word to the dateTime of XML Schema.
_DATE = r"-?[0-9]{4,}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"
_TIME = r"(?:(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?|24:00:00(?:\.0+)?)"
_ZONE = r"(?:Z|[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00))"

_EXPRESSIONS: Mapping[Kind, str] = {
    Kind.ANY: r".*",
    Kind.JID: f"{_BARE_JID}(?:/{_RESOURCEPART})?",
    Kind.FULL_JID: _FULL_JID,
    Kind.BARE_JID: _BARE_JID,
    Kind.TIMESTAMP: f"{_DATE}T{_TIME}{_ZONE}",
    Kind.INTEGER: r"[+-]?[0-9]+",
    # RFC 4648, 4; section 3.3 has other characters refused, line ends among them.
    Kind.BASE64: r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?",
    Kind.UUID: r"[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}",
}


def expression(placeholder: Placeholder, excluded: Sequence[str] = ()) -> str:
    """The regular expression of what a placeholder accepts, for use inside a larger one.

    `excluded` are the expressions of the parts of what `{other than: ...}` refuses.
    """
    if placeholder.kind is Kind.OTHER_THAN:
        return rf"(?:(?!{''.join(excluded)}\Z).*)"
    if placeholder.kind is Kind.REGEX:
        return f"(?:{placeholder.regex})"
    if placeholder.kind is Kind.ONE_OF:
        return "(?:" + "|".join(re.escape(choice) for choice in placeholder.choices) + ")"
    return f"(?:{_EXPRESSIONS[placeholder.kind]})"


def make_value(placeholder: Placeholder, fresh: Callable[[str], str], domain: str) -> str:
    """A value that the placeholder accepts, made from a fresh token where the kind leaves freedom."""
    if placeholder.kind is Kind.REGEX:
        return _make_from_regex(placeholder.regex)
    if placeholder.kind is Kind.ONE_OF:
        return placeholder.choices[0]
    return _MAKERS[placeholder.kind](fresh(placeholder.kind.value), domain)


def _make_from_regex(regex: str) -> str:
    text = shortest_text(regex)
    if fits(regex, text) is None:
        raise ScriptError(
            f"no text can be made that {{regex:{regex}}} accepts",
            advice="leave look-ahead, look-behind and back references out of a regex",
        )
    return text


def _word(token: str) -> str:
    """The token if it can stand in a localpart and a domainpart, otherwise its digest."""
    return token if re.fullmatch(r"[a-z0-9-]+", token) else _digest(token).hex()[:16]


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def _number(token: str, below: int) -> int:
    return int.from_bytes(_digest(token)[:6], "big") % below


def _make_timestamp(token: str, _domain: str) -> str:
    seconds = _number(token, 24 * 60 * 60)
    return f"2024-05-17T{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}Z"


_MAKERS: Mapping[Kind, Callable[[str, str], str]] = {
    Kind.ANY: lambda token, _domain: token,
    Kind.OTHER_THAN: lambda token, _domain: token,
    Kind.JID: lambda token, domain: f"{_word(token)}@{domain}",
    Kind.FULL_JID: lambda token, domain: f"{_word(token)}@{domain}/{_word(token)}",
    Kind.BARE_JID: lambda token, domain: f"{_word(token)}@{domain}",
    Kind.TIMESTAMP: _make_timestamp,
    Kind.INTEGER: lambda token, _domain: str(_number(token, 2**31)),
    Kind.BASE64: lambda token, _domain: base64.b64encode(token.encode("utf-8", "surrogatepass")).decode(),
    Kind.UUID: lambda token, _domain: str(uuid.UUID(bytes=_digest(token)[:16], version=4)),
}
