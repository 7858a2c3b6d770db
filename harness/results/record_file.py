"""Writing and reading the run record: one JSON object a line, each line complete when it is written."""

import io
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from harness.errors import DataError, HarnessError
from harness.results.records import Record

_NEWLINE = b"\n"


class RecordWriter:
    """Writes a run record, replacing an older one of that name. It can listen to a run like a reporter.

    Every line goes to the operating system at once. When a line cannot be written, what stands of it is
    taken back, so that all earlier lines stay readable, and `HarnessError` is raised: once, since
    nothing more is written after it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._encoder = msgspec.json.Encoder()
        self._file: io.FileIO | None = None
        self._written = 0
        self._has_failed = False
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = io.FileIO(path, "w")
        except OSError as error:
            raise self._failure(error) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def record(self, record: Record) -> None:
        """Add one line."""
        if self._file is None or self._has_failed:
            return
        line = self._encoder.encode(record) + _NEWLINE
        try:
            _write_all(self._file, line)
        except OSError as error:
            self._take_back(self._file)
            raise self._failure(error) from error
        self._written += len(line)

    def close(self) -> None:
        """Close the file; may be called again."""
        file, self._file = self._file, None
        if file is None:
            return
        try:
            file.close()
        except OSError as error:
            if not self._has_failed:
                raise self._failure(error) from error

    def _take_back(self, file: io.FileIO) -> None:
        try:
            file.truncate(self._written)
            file.seek(self._written)
        except OSError:
            return  # a device, or a file system that is gone: readers bear a cut last line

    def _failure(self, error: OSError) -> HarnessError:
        self._has_failed = True
        return HarnessError(
            f"the run record cannot be written: {error.strerror or error}",
            where=str(self._path),
            advice="make room or name another file; the lines already written stay readable",
        )


def read_records(path: Path) -> list[Record]:
    """Return the records of a run, in the order in which they were written.

    A last line that was cut short is left out. Raises `DataError` for a file that cannot be read and
    for any other line that is not a record.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataError(
            f"the run record cannot be read: {error.strerror or error}",
            where=str(path),
            advice="it is the file record.jsonl in a run's folder" if path.is_dir() else "",
        ) from error
    return list(_records(content, path))


def _records(content: bytes, path: Path) -> Iterator[Record]:
    decoder = msgspec.json.Decoder(Record)
    lines = content.split(_NEWLINE)
    unfinished = lines.pop()  # what follows the last newline: nothing, unless the line was cut
    for number, line in enumerate(lines, start=1):
        yield _decode(decoder, line, path, number)
    if _is_whole(unfinished):
        yield _decode(decoder, unfinished, path, len(lines) + 1)


def _is_whole(line: bytes) -> bool:
    """Whether an unfinished line lacks no more than its newline; half an object is never valid JSON."""
    try:
        msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return False
    return True


def _decode(decoder: msgspec.json.Decoder[Record], line: bytes, path: Path, number: int) -> Record:
    try:
        return decoder.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise DataError(f"not a line of a run record: {error}", where=f"{path}:{number}") from error


def _write_all(file: io.FileIO, data: bytes) -> None:
    """Write everything: the system may take less than it is given, notably on a disk that fills up."""
    rest = memoryview(data)
    while rest:
        rest = rest[file.write(rest) :]
