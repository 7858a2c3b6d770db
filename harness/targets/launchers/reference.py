"""The reference server: the one target that needs nothing installed.

It is served within this process, or in one of its own where the settings say `process`.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from harness.errors import UsageError
from harness.reference.information import VERSION_TEXT
from harness.reference.mortal import DEATH
from harness.targets.instance import Finding, Instance
from harness.targets.ports import HOST
from harness.targets.reference_process import launched
from harness.targets.reference_setup import ADMINISTRATORS, ServerAccounts, Setup
from harness.targets.site import Site
from harness.transport.reference_serving import serving

PORTS = ()  # the listener chooses its own


def launch(site: Site) -> AbstractAsyncContextManager[Instance]:
    """Serve until the block ends, which has to be in the task where it began.

    Raises UsageError for an unknown fault.
    """
    return launched(site) if site.settings.process else _served_here(site)


def examine() -> Sequence[Finding]:
    """Say that it is there, as it always is."""
    return [Finding(name="reference", present=True, version=VERSION_TEXT)]


@asynccontextmanager
async def _served_here(site: Site) -> AsyncIterator[Instance]:
    setup = Setup.of(site)
    if DEATH in setup.faults:
        raise UsageError(f"the fault {DEATH} needs a process of its own", advice="set settings.process")
    server = setup.server()
    accounts = ServerAccounts(server)
    async with serving(server, setup.identity(), frozenset(setup.faults), host=HOST) as ports:
        yield Instance(
            host=HOST,
            port=ports.plain,
            direct_tls_port=ports.direct_tls,
            domain=site.domain,
            ca_file=str(site.directory / "ca.pem"),
            version=VERSION_TEXT,
            administrators=ADMINISTRATORS,
            create_account=accounts.create,
            remove_account=accounts.remove,
        )
