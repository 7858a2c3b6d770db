"""The conversation of a case as a sequence diagram: lanes and rows with their places.

Lengths are in the units of the picture, which are CSS pixels at its natural size.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from harness.reporters.labels import label
from harness.reporters.printable import printable
from harness.results.records import CaseFinished, Exchange, Finding
from harness.results.verdicts import Perspective, Verdict

GUTTER = 86  # left of the first lane: number and time
HEAD = 40  # above the first row
ROW = 27
_NARROW, _WIDE = 196, 244  # between two lanes
_CHARACTER = 6.9  # of the widest usual system font
_MOST_ROWS = 160
_MOST_FOUND = 3  # findings that are drawn in the middle of it
_AROUND = 12  # rows before and behind each of them
_LONGEST_HEAD = 25  # characters


class Mark(Enum):
    """What a row shows; the value is its CSS class."""

    SENT = "sent"
    RECEIVED = "received"
    EVENT = "event"
    LOGIN = "login"
    VIOLATION = "violation"
    NOTE = "note"
    FINDING = "finding"


@dataclass(frozen=True, kw_only=True, slots=True)
class Lane:
    """A vertical line. The centre is the side of the other party, common to all actors."""

    name: str
    x: int
    is_centre: bool = False

    @property
    def head(self) -> str:
        """The name as it stands above the lane, where neighbours leave it room."""
        return _cut(printable(self.name), _LONGEST_HEAD)


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One line of the picture. Arrows go from `start` to `end`; other marks stand at `start`."""

    mark: Mark
    label: str
    y: int
    number: str = ""
    time: str = ""
    start: int = 0
    end: int = 0

    @property
    def is_arrow(self) -> bool:
        """Whether something goes from lane to lane."""
        return self.mark in (Mark.SENT, Mark.RECEIVED)

    @property
    def is_band(self) -> bool:
        """Whether the row runs through all lanes."""
        return self.mark in (Mark.VIOLATION, Mark.NOTE, Mark.FINDING)

    @property
    def middle(self) -> int:
        """Where the label of an arrow stands."""
        return (self.start + self.end) // 2

    @property
    def path(self) -> str:
        """The arrow as SVG path data: its shaft, then its head."""
        step = -6 if self.end > self.start else 6
        tip = self.end + (-3 if self.end > self.start else 3)
        return f"M{self.start} {self.y}H{tip}m{step}-4l{-step} 4l{step} 4"


@dataclass(frozen=True, kw_only=True, slots=True)
class Diagram:
    """All of one picture; `left_out` counts exchanges for which there was no room."""

    width: int
    height: int
    lanes: tuple[Lane, ...]
    rows: tuple[Row, ...]
    left_out: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class _Entry:
    """An exchange, several of a login, or a finding, before it has a place."""

    mark: Mark
    label: str
    actor: str
    at: float | None
    number: str = ""


def diagram(case: CaseFinished, target_label: str) -> Diagram:
    """Lay out a case. Where an actor logs in as usual, that is drawn as one row."""
    lanes = _lanes(case, target_label)
    entries, left_out = _fitting(_with_findings(_entries(case), case))
    places = {lane.name: lane.x for lane in lanes if not lane.is_centre}
    centre = next(lane.x for lane in lanes if lane.is_centre)
    rows = tuple(
        _row(
            entry, places.get(entry.actor, centre), centre, HEAD + ROW * index + ROW, lanes, case.perspective
        )
        for index, entry in enumerate(entries)
    )
    width = GUTTER + _spacing(len(lanes)) * len(lanes)
    return Diagram(
        width=width, height=HEAD + ROW * len(rows) + ROW // 2, lanes=lanes, rows=rows, left_out=left_out
    )


def _lanes(case: CaseFinished, target_label: str) -> tuple[Lane, ...]:
    actors = list(dict.fromkeys(exchange.actor for exchange in case.exchanges if exchange.actor))
    centre = "xmpp-harness" if case.perspective is Perspective.SERVER else target_label
    left = (len(actors) + 1) // 2
    names = [*actors[:left], centre, *actors[left:]]
    spacing = _spacing(len(names))
    return tuple(
        Lane(name=name, x=GUTTER + spacing * index + spacing // 2, is_centre=index == min(left, len(actors)))
        for index, name in enumerate(names)
    )


def _spacing(lanes: int) -> int:
    return _WIDE if lanes <= 3 else _NARROW


def _entries(case: CaseFinished) -> list[_Entry]:
    folded = _logins(case)
    entries: list[_Entry] = []
    for number, exchange in enumerate(case.exchanges, start=1):
        login = folded.get(number)
        if login is None:
            entries.append(_entry(exchange, number))
        elif login[-1] == number:
            entries.append(_login(case.exchanges, login))
    return entries


def _entry(exchange: Exchange, number: int) -> _Entry:
    mark = _MARKS.get(exchange.kind, Mark.EVENT)
    if exchange.kind == "bytes":
        mark = Mark.SENT if exchange.direction == "sent" else Mark.RECEIVED
        text = label(exchange.text)
    else:
        text = f"{exchange.kind} {exchange.text}" if exchange.kind in _WITH_KIND else exchange.text
    return _Entry(mark=mark, label=text, actor=exchange.actor, at=exchange.at, number=str(number))


_MARKS: Mapping[str, Mark] = {"violation": Mark.VIOLATION, "note": Mark.NOTE}
_WITH_KIND = frozenset({"connected", "disconnected"})


def _logins(case: CaseFinished) -> Mapping[int, Sequence[int]]:
    """The numbers of exchanges that belong to an uneventful login, each with all numbers of that login."""
    suspicious = [finding.at for finding in case.findings if finding.at is not None]
    folded: dict[int, Sequence[int]] = {}
    for actor in dict.fromkeys(exchange.actor for exchange in case.exchanges):
        numbers = _login_numbers(case.exchanges, actor)
        if not numbers or numbers[-1] + 1 >= len(case.exchanges):
            continue  # the login is all there is: then it is what the case is about
        start, end = (case.exchanges[numbers[index] - 1].at for index in (0, -1))
        if not any(start <= at <= end for at in suspicious):
            folded.update(dict.fromkeys(numbers, numbers))
    return folded


def _login_numbers(exchanges: Sequence[Exchange], actor: str) -> Sequence[int]:
    """From the connection to the answer of the bind request; empty when anything else comes between."""
    numbers: list[int] = []
    asked = False
    for number, exchange in enumerate(exchanges, start=1):
        if exchange.actor != actor:
            continue
        if exchange.kind in ("violation", "disconnected") or (not numbers and exchange.kind != "connected"):
            return ()
        numbers.append(number)
        if exchange.kind == "bytes" and "xmpp-bind" in exchange.text and "<iq" in exchange.text:
            if asked:
                return numbers if "result" in exchange.text else ()
            asked = True
    return ()


def _login(exchanges: Sequence[Exchange], numbers: Sequence[int]) -> _Entry:
    those = [exchanges[number - 1] for number in numbers]
    tls = [exchange.text.split(" ")[0] for exchange in those if exchange.kind == "tls"]
    auth = [
        label(one.text).partition(" ")[2] for one in those if "mechanism=" in one.text and "<auth" in one.text
    ]
    how = ", ".join([*tls, *auth])
    return _Entry(
        mark=Mark.LOGIN,
        label=f"logs in, {how}" if how else "logs in",
        actor=those[0].actor,
        at=those[0].at,
        number=f"{numbers[0]}–{numbers[-1]}",
    )


def _with_findings(entries: Sequence[_Entry], case: CaseFinished) -> list[_Entry]:
    placed = list(entries)
    if case.verdict is Verdict.PASS:
        return placed
    for finding in case.findings:
        at = finding.at
        position = len(placed)
        if at is not None:
            position = sum(entry.at is None or entry.at <= at for entry in placed)
        placed.insert(position, _finding(finding))
    return placed


def _finding(finding: Finding) -> _Entry:
    place = f"line {finding.step.line}: " if finding.step else ""
    return _Entry(mark=Mark.FINDING, label=f"✗ {place}{finding.message}", actor="", at=finding.at)


def _fitting(entries: Sequence[_Entry]) -> tuple[Sequence[_Entry], int]:
    """Keep beginning, end and the surroundings of findings, where a conversation is too long to draw."""
    if len(entries) <= _MOST_ROWS:
        return entries, 0
    found = [place for place, entry in enumerate(entries) if entry.mark is Mark.FINDING][:_MOST_FOUND]
    ends = _MOST_ROWS // 2 - _AROUND * len(found)
    kept = {*range(ends), *range(len(entries) - ends, len(entries))}
    for place in found:
        kept |= set(range(max(0, place - _AROUND), min(len(entries), place + _AROUND)))
    rows: list[_Entry] = []
    gap = left_out = 0
    for place, entry in enumerate(entries):
        if place not in kept:
            gap += bool(entry.number)
            continue
        rows += [_gap(gap)] if gap else []
        left_out, gap = left_out + gap, 0
        rows.append(entry)
    return rows, left_out


def _gap(number: int) -> _Entry:
    return _Entry(mark=Mark.NOTE, label=f"… {number} exchanges only in the log …", actor="", at=None)


def _row(
    entry: _Entry, place: int, centre: int, y: int, lanes: Iterable[Lane], perspective: Perspective
) -> Row:
    outward = (entry.mark is Mark.SENT) is not (perspective is Perspective.SERVER)
    start, end = (place, centre) if outward else (centre, place)
    room = abs(end - start) if entry.mark in (Mark.SENT, Mark.RECEIVED) else _room(entry, lanes)
    return Row(
        mark=entry.mark,
        label=_cut(printable(" ".join(entry.label.split())), int(room / _CHARACTER)),
        y=y,
        number=entry.number,
        time="" if entry.at is None else f"{entry.at * 1000:,.0f} ms",
        start=start if entry.mark in (Mark.SENT, Mark.RECEIVED) else place,
        end=end,
    )


def _room(entry: _Entry, lanes: Iterable[Lane]) -> int:
    count = len(list(lanes))
    is_band = entry.mark in (Mark.VIOLATION, Mark.NOTE, Mark.FINDING)
    return _spacing(count) * count - 20 if is_band else _spacing(count) - 8


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: max(most - 1, 1)].rstrip() + "…"
