"""What expat's errors mean for a stream: which rule the peer broke."""

from pyexpat import ErrorString
from pyexpat import errors as _errors
from pyexpat.errors import codes

from harness.wire.events import Rule
from harness.wire.tokens import Buffer

_INVALID_TOKEN = codes[_errors.XML_ERROR_INVALID_TOKEN]
_DUPLICATE_ATTRIBUTE = codes[_errors.XML_ERROR_DUPLICATE_ATTRIBUTE]
_PARTIAL_CHARACTER = codes[_errors.XML_ERROR_PARTIAL_CHAR]

#: RFC 6120, 11.3 (namespaces) and 11.1 (entities); whatever is not here is ill-formed XML.
_RULES = {
    codes[_errors.XML_ERROR_UNBOUND_PREFIX]: Rule.BAD_NAMESPACE,
    codes[_errors.XML_ERROR_UNDECLARING_PREFIX]: Rule.BAD_NAMESPACE,
    codes[_errors.XML_ERROR_RESERVED_PREFIX_XML]: Rule.BAD_NAMESPACE,
    codes[_errors.XML_ERROR_RESERVED_PREFIX_XMLNS]: Rule.BAD_NAMESPACE,
    codes[_errors.XML_ERROR_RESERVED_NAMESPACE_URI]: Rule.BAD_NAMESPACE,
    codes[_errors.XML_ERROR_UNDEFINED_ENTITY]: Rule.RESTRICTED_XML,
}

#: Errors that only say that the end came too early.
UNFINISHED = frozenset(
    {
        codes[_errors.XML_ERROR_NO_ELEMENTS],
        codes[_errors.XML_ERROR_UNCLOSED_TOKEN],
        codes[_errors.XML_ERROR_UNCLOSED_CDATA_SECTION],
        _PARTIAL_CHARACTER,
    }
)


def judge(code: int, buffer: Buffer, position: int) -> tuple[Rule, str]:
    """The rule that an error of expat's at a position in the buffer stands for, and a line about it."""
    if code == _INVALID_TOKEN and not _is_utf8(buffer, position):
        return Rule.BAD_ENCODING, "bytes that are not UTF-8"
    here = bytes(buffer[position : position + 1])
    if code == _INVALID_TOKEN and here == b":":
        return Rule.BAD_NAMESPACE, "a name with a misplaced colon"
    if code == _DUPLICATE_ATTRIBUTE and here == b"<":  # a plain double is reported at the attribute
        return Rule.BAD_NAMESPACE, "the same attribute twice, through two prefixes"
    message = ErrorString(code) or f"error {code} of the XML parser"
    return _RULES.get(code, Rule.NOT_WELL_FORMED), message


def _is_utf8(buffer: Buffer, position: int) -> bool:
    try:
        bytes(buffer[position : position + 4]).decode()
    except UnicodeDecodeError as error:
        return error.start > 0
    return True
