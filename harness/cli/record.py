"""`xmpp-harness record`: write down as a scenario what a client and a server say to each other."""

import datetime
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click
import msgspec
import trio

from harness.catalogue.scenarios import Scenario
from harness.cli.attach import attach_options, attached_description, check_host_given
from harness.cli.interruption import Interruption
from harness.cli.output_folder import output_folder
from harness.cli.selection import open_catalogue
from harness.cli.terminal import Terminal, say
from harness.cli.whole_file import write_whole
from harness.engine.batch import Options
from harness.engine.campaign import ExitCode, Plan, run_targets
from harness.errors import HarnessError, ScriptError, UsageError
from harness.recording.prosody import read_prosody
from harness.recording.relay import Authority, Relay
from harness.recording.replay import Replayed, replayed
from harness.recording.script import Written, write
from harness.recording.session import Kind, Recording
from harness.reporters.printable import printable
from harness.results.records import CaseFinished, Record, TargetFinished
from harness.targets.access import endpoint_of
from harness.targets.description import Description, load
from harness.targets.launching import started
from harness.transcript.parser import parse
from harness.transport.open_files import is_exhausted, limit_reached

_NAME = "recorded"
_HIGHEST_PORT = 65535


@click.command()
@click.argument("target", default="", metavar="[TARGET]")
@click.option("--to", "upstream", default="", metavar="HOST:PORT", help="The server, in place of a TARGET.")
@click.option(
    "--listen", default="127.0.0.1:5222", show_default=True, metavar="HOST:PORT", help="Where clients come."
)
@click.option(
    "--clients", type=click.IntRange(1), help="End when so many have logged in and gone [default: by Ctrl-C]."
)
@click.option(
    "--read",
    "written",
    type=click.Path(path_type=Path),
    help="Do not listen: read what Prosody's mod_scansion_record has written.",
)
@click.option(
    "--out", type=click.Path(path_type=Path), help="Folder for the script [default: out/DATE-TIME]."
)
@click.option("--replay/--no-replay", default=True, show_default=True, help="Play it back on the server.")
@attach_options
def record(target: str, **options: Any) -> None:  # `Any`: click passes what each option holds
    """Record what clients and a server say to each other, as a scenario.

    TARGET is a target file, or a server that is installed here. Clients connect to --listen instead of to
    the server. What is written has variables for addresses and placeholders for what the server makes up,
    and no passwords; it is played back on the server, with fresh accounts, to see that it holds.
    """
    description = _server(target, options)
    if description is None and not options["written"]:
        raise UsageError("no server to record", advice="name it with --to HOST:PORT, or a target file")
    with output_folder(options["out"]) as out:
        keeping = _Keeping(out=out, description=description, console=Terminal(), options=options)
        sys.exit(keeping.keep())


@dataclass(frozen=True, kw_only=True)
class _Keeping:
    """One recording on its way into a file."""

    out: Path
    description: Description | None  # of the server, where one was named
    console: Terminal
    options: Mapping[str, Any]  # `Any`: click passes what each option holds

    def keep(self) -> ExitCode:
        """Record, or read a recording; write the script, and play it back."""
        interruption = Interruption()
        with interruption.heard():  # until the script is there: who is impatient shall not lose it
            recording = self._recorded(interruption)
            if not any(recording.logged_in()):
                say("nobody has logged in, so there is nothing to write down")
                return ExitCode.ENVIRONMENT
            written = write(recording, _described(is_replayed=False))
            self._write(written)
        for remark in recording.remarks:
            say(printable(remark))
        stanzas = sum(one.kind is Kind.SAID for one in recording.happenings)
        self._tell(f"{len(list(recording.logged_in()))} sessions, {stanzas} stanzas: {self._path}")
        try:
            parse(written.text, str(self._path))
        except ScriptError as error:
            say(f"what was said goes beyond the language of scenarios: {error}")
            return ExitCode.DEVIATIONS
        if self.description is None or not self.options["replay"]:
            return ExitCode.AS_EXPECTED
        return self._replayed(recording, self.description)

    @property
    def _path(self) -> Path:
        return self.out / f"{_NAME}.scs"

    def _recorded(self, interruption: Interruption) -> Recording:
        if self.options["written"]:
            return _read(self.options["written"])
        recording = Recording()
        for password in self._passwords:
            recording.secrets.add(password)
        trio.run(interruption.end_early, lambda: self._listen(recording))
        return recording

    @property
    def _passwords(self) -> list[str]:
        """Those that the command line or the target file names."""
        source = self.description.accounts if self.description else None
        return [source.password, *(one.password for one in source.list)] if source else []

    async def _listen(self, recording: Recording) -> None:
        assert self.description is not None
        host, port = _address(self.options["listen"], "--listen")
        authority = Authority()
        authority.publish(self.out / "ca.pem")
        listeners = await _opened(host, port)
        async with started(self.description) as instance:
            endpoint = endpoint_of(self.description, instance)
            if self.description.is_attached and self.options["host"] and not self.options["domain"]:
                endpoint = replace(endpoint, domain="")  # clients will name it
            relay = Relay(
                upstream=endpoint,
                recording=recording,
                authority=authority,
                warn=say,
                most=self.options["clients"] or 0,
            )
            shown = listeners[0].socket.getsockname()
            self._tell(
                f"listening on {shown[0]}:{shown[1]} for {endpoint.host}:{endpoint.port}; clients that check "
                f"certificates have to trust {self.out / 'ca.pem'}"
            )
            await relay.serve(listeners)

    def _replayed(self, recording: Recording, description: Description) -> ExitCode:
        if self.options["host"] and not self.options["domain"]:
            description = msgspec.structs.replace(description, domain=recording.domain, name=recording.domain)
        plan = _plan(description, self._path)
        interruption = Interruption()
        with interruption.heard():
            done = replayed(
                recording,
                lambda written: self._played(written, plan, interruption),
                lambda is_replayed: _described(is_replayed=is_replayed),
            )
        self._write(done.written)
        return self._told(done, description.name)

    def _played(self, written: Written, plan: Plan, interruption: Interruption) -> CaseFinished | str:
        """Play once; words where it could not be played."""
        self._write(written)
        records: list[Record] = []
        scenario = Scenario(path=self._path.resolve(), name=_NAME)
        trio.run(
            interruption.end_early,
            lambda: run_targets(replace(plan, scenarios=[scenario]), records.append),
        )
        if interruption.has_happened:
            return "interrupted"
        died = next((one.died for one in records if isinstance(one, TargetFinished)), "")
        cases = [one for one in records if isinstance(one, CaseFinished) and one.case == _NAME]
        return died or (cases[0] if cases else "nothing was played")

    def _told(self, done: Replayed, server: str) -> ExitCode:
        opened = len(done.loose.values)
        values = "one value differs" if opened == 1 else f"{opened} values differ"
        left = f"; {values} each time, and left open" if opened else ""
        if not done.trouble:
            self._tell(f"played back on {server} twice: it passes{left}")
            return ExitCode.AS_EXPECTED
        if not done.was_played:
            say(f"it was not played back: {done.trouble}")
            return ExitCode.ENVIRONMENT
        self._tell(
            f"played back on {server}, it does not pass{left}. {done.trouble}\n"
            "What accounts, rooms or nodes had before the recording is not there when it is played, and what "
            "races may come in another order: record with fresh ones, or mend the script by hand."
        )
        return ExitCode.DEVIATIONS

    def _write(self, written: Written) -> None:
        try:
            write_whole(self._path, written.text)
        except OSError as error:
            raise HarnessError(
                f"the script cannot be written: {error.strerror}", where=str(self._path)
            ) from error

    def _tell(self, what: str) -> None:
        self.console.print(what, markup=False, highlight=False, soft_wrap=True)


def _plan(description: Description, path: Path) -> Plan:
    return Plan(
        descriptions=[description],
        scenarios=[],
        sanity=open_catalogue().sanity,
        warn=say,
        options=Options(at_once=1, intrusive=True, selection=[str(path)], is_partial=True),
    )


def _described(*, is_replayed: bool) -> str:
    """What the script says of itself."""
    when = datetime.date.today().isoformat()
    if is_replayed:
        return f"Recorded on {when}, and played back twice."
    return f"Recorded on {when}."


def _server(target: str, options: dict[str, Any]) -> Description | None:
    """The server on the other side; None where none was named."""
    if options["upstream"]:
        if target or options["host"]:
            raise UsageError("--to excludes a target and --host")
        options["host"], options["port"] = _address(options["upstream"], "--to")
    if options["host"]:
        return attached_description(options)
    check_host_given(options)
    return load(target) if target else None


def _address(text: str, option: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if not colon or not host or not port.isdecimal() or int(port) > _HIGHEST_PORT:
        raise UsageError(f"{text!r} is no address", where=option, advice="write HOST:PORT")
    return host.strip("[]"), int(port)


def _read(path: Path) -> Recording:
    try:
        return read_prosody(path.read_text("utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"this recording cannot be read: {error}", where=str(path)) from error


async def _opened(host: str, port: int) -> list[trio.SocketListener]:
    try:
        return await trio.open_tcp_listeners(port, host=host)
    except OSError as error:
        if is_exhausted(error):
            raise limit_reached() from error
        advice = "--listen names another address"
        raise HarnessError(
            f"cannot listen: {error.strerror or error}", where=f"{host}:{port}", advice=advice
        ) from error
