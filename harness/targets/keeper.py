"""Keeps one server process: run as a script between the harness and the server.

    python -I -S keeper.py DIRECTORY PROGRAM ARGUMENT...

Standard input is a pipe whose other end only the harness holds. When it ends (the harness has closed it,
or was killed, by whatever signal), the server is killed. If no byte came before the end, the harness is
dead, and the directory is removed in its stead; an empty name stands for none. Linux's
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
from collections.abc import Callable

#: Python ignores these; a server expects the defaults.
_RESTORED = [signal.SIGPIPE, signal.SIGXFSZ]


def main(directory: str, command: list[str]) -> None:
    """Start the command and stay until it or the harness is gone."""
    # A handler of ours is reset in the server; an ignored signal would stay ignored there.
    for terminating in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(terminating, lambda *_: None)
    child = _start(command)
    orphaned = threading.Event()
    threading.Thread(target=_end_with_harness, args=(child, orphaned), daemon=True).start()
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    told = f"signal {-code}" if code < 0 else f"status {code}"
    os.write(2, f"\n{os.path.basename(command[0])} ended with {told}\n".encode())
    if orphaned.is_set() and directory:
        _remove(directory)
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
    _try(_tell, f"{child}\n")  # if the harness has gone meanwhile, the end of standard input says so
    os.close(1)
    return child


def _tell(line: str) -> None:
    os.write(1, line.encode())


def _end_with_harness(child: int, orphaned: threading.Event) -> None:
    if not os.read(0, 1):
        orphaned.set()
    os.kill(child, signal.SIGKILL)


def _remove(directory: str) -> None:
    """Remove a folder as far as possible: what other keepers remove at the same moment does not matter."""
    for folder, folders, files in os.walk(directory, topdown=False):
        for name in files:
            _try(os.unlink, os.path.join(folder, name))
        for name in folders:
            _try(os.rmdir, os.path.join(folder, name))
    os.chdir("/")
    _try(os.rmdir, directory)


def _try(act: Callable[[str], None], argument: str) -> None:
    try:
        act(argument)
    except OSError:
        return  # another keeper was quicker, a process still writes here, or nobody reads


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
