"""Stands in for a client's program: tells whoever listens on a socket where the fake server is, and waits.

    python standin.py SOCKET HOST PORT DOMAIN USER JID PASSWORD CA

It is a program of its own and imports nothing of ours, so that it is there at once.
"""

import json
import socket
import sys

_NAMES = ("host", "port", "domain", "username", "jid", "password", "ca_file")


def main() -> None:
    """Tell, and wait until the other side hangs up or we are ended."""
    path, *values = sys.argv[1:]
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(path)
        line.sendall(json.dumps(dict(zip(_NAMES, values, strict=True))).encode() + b"\n")
        line.recv(1)


if __name__ == "__main__":
    main()
