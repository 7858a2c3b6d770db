"""What every HTML page shares: templates that escape, our own style and script, a policy against all else."""

import base64
import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from harness.reporters.difference import read_difference
from harness.reporters.markup import wire_markup
from harness.reporters.printable import printable, shortened
from harness.reporters.report_view import bar
from harness.reporters.verdict_styles import STYLES
from harness.resources import folder
from harness.results.summary import expectation

_STYLES = ("report.css", "sections.css", "print.css")


def templates() -> Environment:
    """The templates in `reports/`. Whatever they are given is escaped, and made printable."""
    environment = Environment(
        loader=FileSystemLoader(folder("reports")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: (
            value if isinstance(value, Markup) or not isinstance(value, str) else printable(value)
        ),
    )
    environment.filters |= {
        "bar": bar,
        "difference": read_difference,
        "expectation": expectation,
        "moment": _moment,
        "duration": _duration,
        "shortened": shortened,
        "wire": wire_markup,
    }
    environment.globals["styles"] = STYLES
    return environment


def style() -> Markup:
    """Our own style sheets, which stand in the page as they are."""
    return Markup("".join(_asset(name) for name in _STYLES))


def script(names: Iterable[str]) -> Markup:
    """Some of our own scripts as one; each is a block, so that its names are its own."""
    return Markup('"use strict";\n' + "".join(f"{{\n{_asset(name)}}}\n" for name in names))


def policy(allowed_style: str, allowed_script: str) -> str:
    """The content security policy of a page with this style and script, and nothing else."""
    allowed = f"style-src {_hash(allowed_style)}; script-src {_hash(allowed_script)}"
    return f"default-src 'none'; {allowed}; base-uri 'none'; form-action 'none'"


def _asset(name: str) -> str:
    return (folder("reports") / name).read_text(encoding="utf-8")


def _moment(seconds: float) -> str:
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%d %B %Y, %H:%M UTC").lstrip("0")
    except (OverflowError, ValueError, OSError):  # a record may be anybody's
        return "at no time"


def _duration(seconds: float) -> str:
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    return f"{seconds:.1f} s" if seconds < 120 else f"{seconds / 60:.0f} min"


def _hash(content: str) -> str:
    digest = base64.b64encode(hashlib.sha256(content.encode("utf-8")).digest()).decode("ascii")
    return f"'sha256-{digest}'"
