"""Classes of values in stanzas: how one is made out of numbers, and whether a given one is right."""

import re
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from harness.strategies.choices import Choices
from harness.strategies.sample import PLACEHOLDER
from harness.xmpp.jid import Jid


@dataclass(frozen=True, kw_only=True, slots=True)
class Value:
    """A class of values. `make` gives the plainest one for the number 0, and only ones that `is_valid`."""

    name: str
    make: Callable[[Choices], str]
    is_valid: Callable[[str], bool]


#: What XML 1.0, 2.2 calls a Char.
_CHARACTERS = re.compile("[\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]*")

#: Texts that parsers, escapers, databases and displays have stumbled over. The first is plain.
TEXTS: tuple[str, ...] = (
    "hello",
    "",
    " ",
    "  two  blanks  ",
    "<&>\"'",
    "it's",
    'say "yes"',
    "a > b",
    "]]>",
    "]]",
    "]",
    "]]]]>>",
    "&amp;",
    "&lt;b&gt;",
    "&#0;",
    "&#x1F;",
    "&unknown;",
    "<!-- no comment -->",
    "<?no instruction?>",
    "<!DOCTYPE a>",
    "<![CDATA[ no section ]]>",
    "</body>",
    "</message>",
    "</stream:stream>",
    "<message to='a'/>",
    "/>",
    "line\nfeed",
    "tab\tstop",
    "carriage\rreturn",
    "both\r\nof them",
    "\n",
    "é",
    "e\u0301",
    "ß and ſ",
    "İıIi",
    "Σσς",
    "日本語",
    "שלום",
    "👩\u200d👩\u200d👧",
    "\u202eright to left\u202c",
    "\u2066isolated\u2069",
    "zero\u200bwidth\u200c\u200d",
    "\ufeff",
    "a\ufeffb",
    "\u0085\u2028\u2029",
    "\x7f\x80\x9f",
    "\xa0",
    "\ue000",
    "\ufdd0",
    "\ufffd",
    "\U00010000",
    "\U0001fffe",
    "\U0010ffff",
    "o" + "\u0301" * 16,
    "%s%n%x",
    "$(x) `x`",
    "' OR '1'='1",
    "\\",
    "\\u0000",
    "{}[]()",
    "null",
    "NaN",
    "-1",
    "/me waves",
    "x" * 1023,
    "é" * 512,
)


def _text(choices: Choices) -> str:
    first = choices.among(TEXTS)
    return first + choices.among(TEXTS) if choices.once_in(4) else first


def is_text(text: str) -> bool:
    """Whether all of it may stand in XML."""
    return _CHARACTERS.fullmatch(text) is not None


def _table(name: str, options: tuple[str, ...], is_valid: Callable[[str], bool]) -> Value:
    return Value(name=name, make=lambda choices: choices.among(options), is_valid=is_valid)


def _matching(pattern: str) -> Callable[[str], bool]:
    expression = re.compile(pattern)
    return lambda text: expression.fullmatch(text) is not None


def words(*options: str) -> Value:
    """One of a few words, the plainest first."""
    return _table("word", options, frozenset(options).__contains__)


def integers(low: int, high: int, *plain: int) -> Value:
    """Whole numbers of a range in decimal; `plain` are tried first."""
    first = plain or (low,)

    def make(choices: Choices) -> str:
        special = (*first, low, high, min(low + 1, high), max(high - 1, low))
        digit = choices.below(len(special) + 1)
        return str(special[digit] if digit < len(special) else low + choices.below(high - low + 1))

    def is_valid(text: str) -> bool:
        return re.fullmatch("-?[0-9]{1,20}", text) is not None and low <= int(text) <= high

    return Value(name="integer", make=make, is_valid=is_valid)


_STANDING_FOR = {
    "${me}": "me@example.org",
    "${peer}": "peer@example.org",
    "${PEER}": "PEER@EXAMPLE.ORG",
    "${my JID}": "me@example.org/here",
    "${peer's JID}": "peer@example.org/there",
    "${domain}": "example.org",
    "${muc}": "rooms.example.org",
    "${token}": "token",
}


def filled(text: str) -> str:
    """The text with an example in the place of each placeholder."""
    return PLACEHOLDER.sub(lambda match: _STANDING_FOR[match[0]], text)


def is_jid(text: str) -> bool:
    """Whether it is an address in the sense of RFC 7622."""
    try:
        Jid.parse(filled(text)).prepared()
    except ValueError:
        return False
    return True


def _is_bare(text: str) -> bool:
    return is_jid(text) and "/" not in filled(text)


def _is_datetime(text: str) -> bool:
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", text, re.ASCII):
        return False
    try:
        datetime.fromisoformat(re.sub(r"\.\d+", "", text))
    except ValueError:
        return False
    return True


def _is_base64(text: str) -> bool:
    try:
        b64decode(text, validate=True)
    except (NotBase64, ValueError):
        return False
    return True


def _is_lang(text: str) -> bool:
    return re.fullmatch("[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*", text) is not None


TEXT = Value(name="text", make=_text, is_valid=is_text)
#: Addresses, plain ones first.
JIDS: tuple[str, ...] = (
    "${peer}",
    "${peer's JID}",
    "${me}",
    "${my JID}",
    "${domain}",
    "nobody-${token}@${domain}",
    "room-${token}@${muc}",
    "room-${token}@${muc}/nick",
    "user@example.org/resource with blanks/and@signs",
    "user@example.org/ünï",
    "ünï@example.org",
    "user@xn--bcher-kva.example",
    "user@127.0.0.1",
    "user@[::1]",
    "a" * 1000 + "@example.org",
)
JID = _table("jid", JIDS, is_jid)
BARE_JID = _table(
    "jid",
    ("contact-${token}@${domain}", "contact-${token}@example.org", "example.org", "ß-${token}@example.org"),
    _is_bare,
)
ROOM = _table("jid", ("room-${token}@${muc}", "öffentlich-${token}@${muc}"), _is_bare)
NICK = _table("nick", ("nick", "n i c k", "ñick", "名前", "a/b@c", "x" * 100, "<&>"), is_text)
TOKEN = _table(
    "token",
    ("id-${token}", "${token}", "1", "a b", "é", "👾", "<&>'\"", "a" * 64, "x:y/z#1", "-"),
    is_text,
)
NODE = _table(
    "node",
    ("node-${token}", "urn:xmpp:node", "a/b", "a b", "é", "http://example.org/#node", "x" * 200),
    is_text,
)
BOOLEAN = words("true", "false", "1", "0")  # XML Schema, 3.2.2
_UTC = (
    "2002-09-10T23:08:25Z",
    "2002-09-10T23:08:25.123Z",
    "1969-07-21T02:56:15Z",
    "1999-12-31T23:59:59.999999Z",
    "2000-02-29T00:00:00Z",
    "2038-01-19T03:14:08Z",
)
_ELSEWHERE = ("2002-09-11T01:08:25+02:00", "2999-12-31T23:59:59-12:00")
DATETIME = _table("datetime", (*_UTC, *_ELSEWHERE), _is_datetime)  # XEP-0082, 3.2
UTC = _table("datetime in UTC", _UTC, lambda text: _is_datetime(text) and text.endswith("Z"))  # XEP-0203, 2
DATE = _table("date", ("1990-01-01", "2000-02-29"), _matching(r"\d{4}-\d\d-\d\d"))
ZONE = _table("zone", ("Z", "+00:00", "-06:00", "+05:45"), _matching(r"Z|[+-]\d\d:\d\d"))  # XEP-0082, 3.3
BASE64 = _table("base64", ("aGVsbG8=", "", "AA==", "////", "++++", "QUJD" * 50), _is_base64)
SHA1 = _table(
    "sha1", ("da39a3ee5e6b4b0d3255bfef95601890afd80709", "0" * 40, "f" * 40), _matching("[0-9a-f]{40}")
)
VERIFICATION = _table("base64", ("QgayPKawpkPSDYmwT/WM94uAlu0=", "2jmj7l5rSw0yVb/vlWAYkK/YBwk="), _is_base64)
URI = _table(
    "uri",
    (
        "http://example.org/",
        "https://example.org/a?b=c&d=%C3%A9#e",
        "xmpp:user@example.org?message;body=hi",
        "mailto:user@example.org",
        "cid:sha1+8f35fef110ffc5df08d579a50083ff9308fb6242@bob.xmpp.org",
        "urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6",
    ),
    _matching("[a-z]+:[!-~]+"),
)
NAMESPACE = _table(
    "uri",
    ("urn:xmpp:ping", "jabber:iq:version", "http://jabber.org/protocol/disco#info", "urn:é"),
    _matching(".+:.*"),
)
LANG = _table("lang", ("en", "de", "zh-Hant-TW", "x-klingon", "sr-Latn-RS"), _is_lang)  # BCP 47
DECIMAL = _table("decimal", ("0", "52.5", "-13.404", "0.0001", "90", "-90"), _matching(r"-?\d+(\.\d+)?"))
COUNT = integers(0, 2**31 - 1, 0, 1, 10)
BYTE = integers(-128, 127, 0, 1)
PORT = integers(1, 65535, 5222)
