"""From a description to a running target: launch it in a directory of its own, or attach to it."""

import importlib
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import Protocol, cast

from harness.errors import DataError
from harness.targets import launchers
from harness.targets.description import Description, launcher_names
from harness.targets.instance import Finding, Instance
from harness.targets.ports import PortChooser, free_ports
from harness.targets.private_folder import private_folder
from harness.targets.readiness import PortTakenError
from harness.targets.site import Site

#: Served by a launched target whose file names none.
DEFAULT_DOMAIN = "localhost"


class Launcher(Protocol):
    """What a module in `harness/targets/launchers/` has to offer.

    `PORTS` names the ports that the server listens on: `port` and `direct_tls_port` for clients, and what
    else its templates need.
    """

    PORTS: Sequence[str]

    def launch(self, site: Site) -> AbstractAsyncContextManager[Instance]:
        """Start a private server; it is gone when the block ends.

        Raises TargetError when it cannot be started, and PortTakenError when another attempt may succeed.
        """
        ...

    def examine(self) -> Sequence[Finding]:
        """Say whether the server is installed and, if not, how to get it."""
        ...


def launcher(name: str) -> Launcher:
    """Return a launcher module; DataError when there is none of that name."""
    if name not in launcher_names():
        raise DataError(f"there is no launcher {name!r}", advice=f"launchers: {', '.join(launcher_names())}")
    return cast(Launcher, importlib.import_module(f"{launchers.__name__}.{name}"))


@asynccontextmanager
async def started(
    description: Description, *, choose_ports: PortChooser = free_ports
) -> AsyncIterator[Instance]:
    """Launch or attach to a target; what was launched is gone, its directory too, when the block ends."""
    if description.is_attached:
        yield attached(description)
        return
    async with AsyncExitStack() as stack:
        try:
            instance = await _launch(stack, description, choose_ports)
        except PortTakenError:
            instance = await _launch(stack, description, choose_ports)
        yield instance


def attached(description: Description) -> Instance:
    """What is known of a target that runs already."""
    return Instance(
        host=description.host,
        port=description.port,
        direct_tls_port=description.direct_tls_port,
        domain=description.domain,
        ca_file=description.ca,
    )


async def _launch(stack: AsyncExitStack, description: Description, choose_ports: PortChooser) -> Instance:
    module = launcher(description.launcher)
    async with AsyncExitStack() as attempt:
        folder = private_folder(prefix=f"xmpp-harness-{description.launcher}-")
        site = Site(
            server=description.launcher,
            directory=attempt.enter_context(folder),
            domain=description.domain or DEFAULT_DOMAIN,
            settings=description.settings,
            ports=dict(zip(module.PORTS, choose_ports(len(module.PORTS)), strict=True)),
        )
        instance = await attempt.enter_async_context(module.launch(site))
        await stack.enter_async_context(attempt.pop_all())
    return instance
