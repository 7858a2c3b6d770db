"""Kills what a killed harness has left: run as a script beside it.

    python -I -S reaper.py

Lines on standard input name process groups: `+NUMBER` when one is started, `-NUMBER` when it has gone. At
the end of standard input those that are left are killed; a harness that ended in order has left none.
"""

import os
import signal
import sys


def main() -> None:
    """Keep the list until the harness has gone."""
    for terminating in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(terminating, signal.SIG_IGN)
    groups: set[int] = set()
    for line in sys.stdin:
        number = int(line[1:])
        if line.startswith("+"):
            groups.add(number)
        else:
            groups.discard(number)
    for number in groups:
        try:
            os.killpg(number, signal.SIGKILL)
        except ProcessLookupError:
            continue


if __name__ == "__main__":
    main()
