"""Time that grows faster than what is sent."""

from collections.abc import Sequence

from harness.fuzz.measures.measure import Measure, Shown
from harness.fuzz.property import Property
from harness.fuzz.servers.bench import Bench
from harness.results.verdicts import Level

_KIB = 1024


_PIECE = 512  # bytes


_SIZES = (60 * _KIB, 240 * _KIB)  # a quarter, and the whole


_MOST_GROWTH = 2.0  # times as much work for one whole as for its four quarters


_SHORTEST = 0.03  # seconds of the processor, below which its clock is too coarse


_SLACK = 0.08  # seconds of the processor


TIME = Property(
    name="time-grows-evenly",
    number="P-21",
    title="What is four times as long takes no more than eight times as much work",
    steps=None,
    level=Level.SHOULD,
)


async def _time(bench: Bench) -> Sequence[Shown] | None:
    """Work for a text in many small pieces, and for four that are together as long.

    Of the same bytes even work is the same, and work with the square of the length four times as much.
    """
    if not bench.health.instance.pids:
        return None
    ratios = []
    for _ in range(3):
        quarter, whole = _SIZES
        short = sum([await _work_for(bench, quarter) for _ in range(whole // quarter)])
        long = await _work_for(bench, whole)
        if long < _SLACK:
            return []
        ratios.append(long / max(short, _SHORTEST))
        if ratios[-1] <= _MOST_GROWTH:
            return []
    cause = "work grows faster than what is sent"
    return [Shown(data=b"<message><body>" + b"x" * 64, cause=cause)]


async def _work_for(bench: Bench, size: int) -> float:
    """Seconds of the processor that a text in pieces costs the target."""
    pair = await bench.pair()
    data = (
        b"<message to='%s' id='long'><body>" % pair.juliet.jid.encode() + b"x" * size + b"</body></message>"
    )
    before = bench.health.cpu_seconds()
    await pair.romeo.say(data, range(_PIECE, len(data), _PIECE))
    await pair.romeo.ask()
    await pair.juliet.ask()
    pair.is_over = True
    return bench.health.cpu_seconds() - before


WORK = Measure(name="time", judges=TIME, take=_time)
