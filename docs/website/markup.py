"""Pieces of HTML: generated texts are written as such, since Markdown would take longer and escapes less."""

import re
from collections.abc import Iterable, Sequence
from html import escape

from harness.catalogue.requirements import Requirement
from website.places import Place, place_of_requirement

_CODE = re.compile(r"`+([^`]+)`+")


def code(text: str) -> str:
    """Something that is typed or sent."""
    return f"<code>{escape(text, quote=False)}</code>"


def prose(text: str) -> str:
    """A text of ours, in which code stands between backticks.

    >>> prose("a `<presence/>` & more")
    'a <code>&lt;presence/&gt;</code> &amp; more'
    """
    return _CODE.sub(r"<code>\1</code>", escape(text, quote=False))


def link(place: Place, shown: str, *, page: str) -> str:
    """A link from `page`, with HTML in it."""
    return f'<a href="{escape(place.href_from(page))}">{shown}</a>'


def requirement_link(row: Requirement, *, page: str) -> str:
    """A link from `page` to where a requirement stands, with its id."""
    return link(place_of_requirement(row.document, row.id), code(row.id), page=page)


def rows_of(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table, of HTML."""
    head = "".join(f"<th>{one}</th>" for one in heads)
    body = "\n".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table>\n"


def more(content: str) -> str:
    """What stands in a cell below the rest; nothing where there is none."""
    return f'<span class="more">{content}</span>' if content else ""


def paragraphs(*texts: str) -> str:
    """Those of some paragraphs of HTML that have something in them."""
    return "\n".join(f"<p>{text}</p>" for text in texts if text)


def block(kind: str, content: str, *, name: str = "") -> str:
    """A part of a page that can be linked to, with empty lines around it, as Markdown wants HTML to have."""
    anchor = f' id="{escape(name)}"' if name else ""
    return f'\n<div class="{kind}"{anchor}>\n{content}\n</div>\n'
