"""The reference server as a program, which `harness/targets/reference_process.py` starts."""

import os
import sys

import msgspec
import trio

from harness.errors import TargetError
from harness.targets.ports import HOST
from harness.targets.reference_process import (
    CONTROL,
    SETUP,
    Control,
    Create,
    Done,
    Listening,
    Message,
    Remove,
)
from harness.targets.reference_setup import ServerAccounts, Setup
from harness.transport.open_files import raise_limit
from harness.transport.reference_serving import serving


async def _serve(setup: Setup, path: str) -> None:
    server = setup.server(_complain)
    accounts = ServerAccounts(server)
    async with (
        serving(server, setup.identity(), frozenset(setup.faults), host=HOST) as ports,
        await trio.open_unix_socket(path) as stream,
    ):
        control = Control(stream)
        await control.tell(Listening(port=ports.plain, direct_tls_port=ports.direct_tls))
        while (order := await control.hear()) is not None:
            await control.tell(Done(trouble=await _trouble(accounts, order)))


async def _trouble(accounts: ServerAccounts, order: Message) -> str:
    """Carry out an order; what went wrong, if anything."""
    try:
        match order:
            case Create(username=username, password=password):
                await accounts.create(username, password)
            case Remove(username=username):
                await accounts.remove(username)
    except TargetError as error:
        return str(error)
    return ""


def _complain(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def main() -> None:
    """Serve until the harness closes its socket."""
    raise_limit()
    setup = msgspec.json.decode(os.environ[SETUP], type=Setup)
    trio.run(_serve, setup, os.environ[CONTROL])


if __name__ == "__main__":
    main()
