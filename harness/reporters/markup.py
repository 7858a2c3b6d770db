"""Wire text as HTML with the parts of its tags set apart. Every character of the text is escaped."""

import re

from markupsafe import Markup, escape

from harness.reporters.printable import printable, shortened

# These look at text that is escaped already: what is set apart keeps its escapes.
_NAME = re.compile(r"(&lt;/?)([\w:.-]+)")
_VALUE = re.compile(r"=(&#39;.*?&#39;|&#34;.*?&#34;)")
_LONGEST = 16_000  # characters of one text
_COLOURED = 6_000  # beyond it colours cost more than they tell


def wire_markup(text: str) -> Markup:
    """Return the text escaped, with tag names in `b` and attribute values in `i`."""
    escaped = escape(shortened(printable(text), _LONGEST))
    if len(text) > _COLOURED:
        return escaped
    return Markup(_VALUE.sub(r"=<i>\1</i>", _NAME.sub(r"\1<b>\2</b>", str(escaped))))
