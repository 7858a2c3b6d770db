"""Keeps one server process: run as a script between the harness and the server.

    python -I -S keeper.py PROGRAM ARGUMENT...

Standard input is a pipe whose other end only the harness holds. When it ends (the harness has closed it,
or was killed, by whatever signal), the server is killed. Linux's
parent death signal would not do: it is tied to the thread that started the child, and such threads end
when they are idle. The first line on standard output is the server's process id, or `!` and the reason
why it could not be started. What the server prints goes to standard error. When the server has
ended, a line about it follows there, and what it left in its process group is killed, this process included.

Nothing but small modules of the standard library, because this is started once a server process.
"""

import os
import signal
import sys
import threading

#: Python ignores these; a server expects the defaults.
_RESTORED = [signal.SIGPIPE, signal.SIGXFSZ]


def main(command: list[str]) -> None:
    """Start the command and stay until it or the harness is gone."""
    # A handler of ours is reset in the server; an ignored signal would stay ignored there.
    for terminating in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(terminating, lambda *_: None)
    child = _start(command)
    threading.Thread(target=_end_with_harness, args=(child,), daemon=True).start()
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    told = f"signal {-code}" if code < 0 else f"status {code}"
    os.write(2, f"\n{os.path.basename(command[0])} ended with {told}\n".encode())
    os.killpg(0, signal.SIGKILL)


def _start(command: list[str]) -> int:
    try:
        child = os.posix_spawnp(
            command[0],
            command,
            os.environ,
            file_actions=[(os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0), (os.POSIX_SPAWN_DUP2, 2, 1)],
            setsigdef=_RESTORED,
        )
    except OSError as error:
        os.write(1, f"!{command[0]}: {error.strerror}\n".encode())
        sys.exit(1)
    os.write(1, f"{child}\n".encode())
    os.close(1)
    return child


def _end_with_harness(child: int) -> None:
    while os.read(0, 1):
        pass
    os.kill(child, signal.SIGKILL)


if __name__ == "__main__":
    main(sys.argv[1:])
