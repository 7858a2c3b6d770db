"""jabberd2: a router, a session manager, a process for clients and, where installed, mu-conference."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from harness.errors import TargetError
from harness.targets.instance import Finding, Instance, finding
from harness.targets.jabberd2_accounts import Jabberd2Accounts
from harness.targets.processes import Process, Program, running
from harness.targets.programs import find, first_folder, output_of, require, version_in
from harness.targets.readiness import Startup
from harness.targets.site import Site

PORTS = ("port", "direct_tls_port", "router_port")

_ADVICE = "Debian: apt install jabberd2"
_MUC_ADVICE = "for rooms; Debian: apt install jabber-muc"
_MODULES = ("/usr/lib/*/jabberd2", "/usr/lib/jabberd2", "/usr/lib*/jabberd", "/usr/local/lib/jabberd*")
_FILES = ("router", "router-users", "sm", "c2s", "muc")
_LOGS = ("router.log", "sm.log", "c2s.log")
_ROOMS = "<item category='conference' type='public' jid='conference.{}' name='Rooms'/>"


@asynccontextmanager
async def launch(site: Site) -> AsyncIterator[Instance]:
    """Start the processes of a private jabberd2."""
    site.certify()
    _configure(site)
    accounts = Jabberd2Accounts(site.directory / "jabberd2.db", site.domain)
    accounts.make_tables()
    async with AsyncExitStack() as stack:
        processes = await _started(stack, site)
        yield site.instance(*processes, version=_version(), accounts=accounts, logs=_LOGS)


async def _started(stack: AsyncExitStack, site: Site) -> list[Process]:
    processes = [await stack.enter_async_context(running(_program(site, "router")))]
    # What does not find the router sleeps for a whole second before it tries again.
    await site.startup(processes, port="router_port").wait_for_port()
    processes += [await stack.enter_async_context(running(one)) for one in _programs(site)]
    startup = site.startup(processes, *_LOGS)
    await startup.wait_for_features(site.domain)
    await _wait_for_parts(startup, site)
    return processes


async def _wait_for_parts(startup: Startup, site: Site) -> None:
    """Wait until the router knows all: clients are greeted before there are sessions and rooms."""
    served = [site.domain, f"conference.{site.domain}"] if find("mu-conference") else [site.domain]
    for name in served:
        await startup.wait_for_line(site.directory / "router.log", f"[{name}] online")


def examine() -> Sequence[Finding]:
    """Say whether jabberd2 and mu-conference are installed."""
    server = find("jabberd2-router") and first_folder(_MODULES)
    return [
        finding("jabberd2", server, version=_version(), advice=_ADVICE),
        finding("mu-conference", find("mu-conference"), advice=_MUC_ADVICE),
    ]


def _configure(site: Site) -> None:
    modules = first_folder(_MODULES)
    if modules is None:
        raise TargetError("jabberd2's modules are not installed", advice=_ADVICE)
    (site.directory / "rooms").mkdir()
    for name in _FILES:
        site.write(
            f"{name}.xml",
            modules=modules,
            items=_ROOMS.format(site.domain) if find("mu-conference") else "",
            require_tls="require-starttls='1'" if site.settings.require_tls else "",
        )


def _programs(site: Site) -> list[Program]:
    programs = [_program(site, "sm"), _program(site, "c2s")]
    rooms = find("mu-conference")
    if rooms is not None:
        # It takes four seconds to notice SIGTERM, and has nothing to lose.
        programs.append(site.program(rooms, "-c", site.directory / "muc.xml", output="muc.out", grace=0.0))
    return programs


def _program(site: Site, name: str) -> Program:
    program = require(f"jabberd2-{name}", _ADVICE)
    return site.program(program, "-c", site.directory / f"{name}.xml", output=f"{name}.out", grace=2.0)


def _version() -> str:
    router = find("jabberd2-router")
    return version_in(output_of(router, "-h")) if router else ""
