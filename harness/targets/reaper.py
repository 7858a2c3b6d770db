"""Kills what a killed harness has left: run as a script beside it.

    python -I -S reaper.py MARK

Standard input is a pipe whose other end only the harness holds. At its end every process that carries the
mark in its environment is killed. What a client's program has started inherits the mark, also when it has
taken a session of its own and its parent has gone; a harness that ended in order has left none.

Nothing but small modules of the standard library, because this is started once a client.
"""

import os
import signal
import sys
from collections.abc import Iterator

#: The variable that holds the mark: of the run, and behind a full stop of the program.
VARIABLE = "XMPP_HARNESS_MARK"


def kill_marked(mark: str) -> None:
    """Kill every process whose mark begins with this one; where there is no /proc, nobody is found."""
    wanted = f"\0{VARIABLE}={mark}".encode()
    killed: set[int] = set()
    while found := set(_carrying(wanted)) - killed:  # again: one may have been started meanwhile
        for number in found:
            _kill(number)
        killed |= found


def _carrying(wanted: bytes) -> Iterator[int]:
    own = os.getpid()
    for name in os.listdir("/proc") if os.path.isdir("/proc") else ():
        if name.isdigit() and int(name) != own and wanted in b"\0" + _environment_of(name):
            yield int(name)


def _environment_of(number: str) -> bytes:
    try:
        with open(f"/proc/{number}/environ", "rb") as file:
            return file.read()
    except OSError:
        return b""  # somebody else's, or gone meanwhile


def _kill(number: int) -> None:
    try:
        os.kill(number, signal.SIGKILL)
    except OSError:
        return  # gone meanwhile


def main(mark: str) -> None:
    """Wait until the harness has gone."""
    for terminating in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(terminating, signal.SIG_IGN)
    sys.stdin.read()
    kill_marked(mark)


if __name__ == "__main__":
    main(sys.argv[1])
