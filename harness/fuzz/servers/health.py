"""How a target bears it: its processes, its log, its memory, and whether somebody else is still served."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from harness.fuzz.property import Property
from harness.fuzz.servers.steps import LOGS_IN, OTHER_STAYS, WATCHED
from harness.fuzz.troubles import DEAD
from harness.results.verdicts import Level
from harness.targets.instance import Instance

CANARY = Property(
    name="others-are-served",
    number="P-20",
    title="Whatever one user sends, another one is answered",
    requirements=("rfc6120-stanza-iq-reply",),
    steps=OTHER_STAYS,
    is_grave=True,
    is_told=True,
    is_certain=False,
)
LOG = Property(
    name="log-is-quiet",
    number="P-34",
    title="Nothing that is sent makes the target's log show a failure of its program",
    level=Level.SHOULD,
    is_told=True,
    is_certain=False,
    steps=None,
)
RETURN = Property(
    name="one-can-come-back",
    number="P-43",
    title="Whoever's stream has ended can log in again with the same password",
    level=Level.SHOULD,  # no sentence says so: a server may count what was wrong, and close its doors
    is_told=True,
    is_certain=False,
    steps=(*WATCHED, "Romeo closes the connection", *LOGS_IN),
)
#: What is looked after all the time.
HEALTH = (CANARY, DEAD, LOG, RETURN)

#: What a log shows where a program has tripped, by the language that it is written in.
_TRACES = re.compile(
    rb"stack traceback:|Traceback \(most recent call last\)|^\s+at [\w.$<>]+\([\w.]+\.java:\d+\)"
    rb"|CRASH REPORT|\*\* Reason for termination|Segmentation fault|AddressSanitizer|panic: "
    rb"|attempt to (?:index|call)",
    re.MULTILINE,
)
_FRAME = re.compile(rb"[\w./$-]+\.(?:lua|py|java|erl|c):\d+|[\w$.]+\([\w.]+\.java:\d+\)")
#: The lines that belong to what has been found.
_REST = re.compile(rb"[^\n]*(?:\n(?:[ \t]|Caused by:)[^\n]*)*")
_FOLDER = re.compile(rb"^/[\w./-]*/")
_NUMBERS = re.compile(rb"\d+")
_LEVEL = re.compile(rb"\b(ERROR|WARN|INFO|DEBUG)\b")
_NEAR = 2000  # bytes above a trace, in which its level stands
_MOST_READ = 1 << 20
_MOST_FRAMES = 3


@dataclass(kw_only=True)
class Health:
    """Watches a target that was started here; of others only what they answer can be watched."""

    instance: Instance
    _begun: dict[int, float] = field(default_factory=dict)
    _read: dict[Path, int] = field(default_factory=dict)
    _is_java: bool = False

    def __post_init__(self) -> None:
        self._begun = {pid: _created(pid) for pid in self.instance.pids}
        self._read = {path: _size(path) for path in self.instance.logs}
        self._is_java = any(_name(pid) == "java" for pid in self.instance.pids)

    def deaths(self) -> Sequence[int]:
        """The processes that have ended, or are others than those that began."""
        return [pid for pid, begun in self._begun.items() if _created(pid) != begun]

    def traces(self) -> Iterable[str]:
        """What the log tells of new failures, each as the frames at its top without numbers."""
        for path in self.instance.logs:
            yield from _failures_in(self._new(path))

    def memory(self) -> int:
        """Resident bytes; 0 where that is not known, or tells nothing: Java gives no memory back."""
        used = None if self._is_java else self.instance.usage()
        return used.rss if used else 0

    def cpu_seconds(self) -> float:
        """Seconds of the processor so far; 0 where that is not known."""
        used = self.instance.usage()
        return used.cpu_seconds if used else 0.0

    def _new(self, path: Path) -> bytes:
        size, begin = _size(path), self._read[path]
        if size <= begin:
            return b""
        self._read[path] = size
        with path.open("rb") as log:
            log.seek(begin)
            return log.read(min(size - begin, _MOST_READ))


def _failures_in(text: bytes) -> Iterator[str]:
    found = _TRACES.search(text)
    while found is not None:
        if not _is_mild(text, found.start()):
            frames = _FRAME.findall(text, found.start())[:_MOST_FRAMES]
            named = frames or [text[found.start() : found.end() + 60].splitlines()[0]]
            yield b" < ".join(map(_plain, named)).decode("utf-8", "replace")
        rest = _REST.match(text, found.end())
        found = _TRACES.search(text, rest.end() if rest else found.end())


def _is_mild(text: bytes, position: int) -> bool:
    """Whether a program in Java tells of something that it expects, as the level above the trace says."""
    levels = _LEVEL.findall(text, max(0, position - _NEAR), position)
    return bool(levels) and levels[-1] != b"ERROR"


def _plain(frame: bytes) -> bytes:
    """Without folder, package and number of the line.

    >>> _plain(b"/usr/lib/prosody/util/stanza.lua:12"), _plain(b"org.a.Handler$1.handle(Handler.java:7)")
    (b'stanza.lua', b'Handler$.handle')
    """
    method = frame.partition(b"(")[0].split(b".")[-2:] if b"(" in frame else [_FOLDER.sub(b"", frame)]
    return _NUMBERS.sub(b"", b".".join(method)).rstrip(b":")


def _name(pid: int) -> str:
    try:
        return psutil.Process(pid).name()
    except psutil.Error:
        return ""


def _created(pid: int) -> float:
    try:
        process = psutil.Process(pid)
        return 0.0 if process.status() == psutil.STATUS_ZOMBIE else process.create_time()
    except psutil.Error:
        return 0.0


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
