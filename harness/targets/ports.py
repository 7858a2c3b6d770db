"""Free TCP ports on 127.0.0.1."""

import socket
from collections.abc import Callable
from contextlib import ExitStack

#: Gives that many ports that are free now. Nothing reserves them: a launch has to see who answers there.
PortChooser = Callable[[int], list[int]]

HOST = "127.0.0.1"


def free_ports(number: int) -> list[int]:
    """Ask the system for different free ports."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(number)]
        for one in sockets:
            one.bind((HOST, 0))
        return [one.getsockname()[1] for one in sockets]
