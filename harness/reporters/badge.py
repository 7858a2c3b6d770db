"""A small picture for a page: how much of what was measured is as the specifications say."""

from xml.sax.saxutils import escape

from harness.reporters.headline import is_green
from harness.results.summary import Run
from harness.results.verdicts import Verdict

_LABEL = "XMPP conformance"
_GREEN, _RED, _GREY = "#2d7d46", "#b3372a", "#6b6861"  # white on each has a contrast of more than 4.5
_CHARACTER, _PADDING, _HEIGHT = 6.6, 7, 20  # pixels; the text is fitted to what is reckoned

_SVG = """\
<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" role="img" aria-label="{title}">
<title>{title}</title>
<clipPath id="round"><rect width="{width}" height="{height}" rx="3"/></clipPath>
<g clip-path="url(#round)">
<rect width="{left}" height="{height}" fill="#44413c"/>
<rect x="{left}" width="{right}" height="{height}" fill="{colour}"/>
</g>
<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">
<text x="{padding}" y="14" textLength="{label_length}">{label}</text>
<text x="{message_start}" y="14" textLength="{message_length}">{message}</text>
</g>
</svg>
"""


def badge(run: Run) -> bytes:
    """Return the picture as SVG: green where a gate would be, grey where the run says too little."""
    message, colour = _told(run)
    left, right = _width(_LABEL), _width(message)
    return _SVG.format(
        width=left + right,
        height=_HEIGHT,
        left=left,
        right=right,
        padding=_PADDING,
        label=escape(_LABEL),
        message=escape(message),
        title=escape(f"{_LABEL}: {message}"),
        colour=colour,
        label_length=left - 2 * _PADDING,
        message_start=left + _PADDING,
        message_length=right - 2 * _PADDING,
    ).encode("utf-8")


def _told(run: Run) -> tuple[str, str]:
    if not run.is_complete or not run.has_measured:
        return "not measured", _GREY
    counted = run.tally
    share = 100 * counted.of(Verdict.PASS) // counted.measured  # never rounded up to what is not so
    new = f", {counted.surprises} new" if counted.surprises else ""
    return f"{share} % of {counted.measured}{new}", _GREEN if is_green(run) else _RED


def _width(text: str) -> int:
    return round(len(text) * _CHARACTER) + 2 * _PADDING
