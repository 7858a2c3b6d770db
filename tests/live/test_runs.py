"""Whole runs against the reference server: accounts, secrets, several targets, clean-up."""

import base64
import html
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest
import trio

from harness.catalogue.requirements import load_requirements
from harness.catalogue.scenarios import find
from harness.engine.batch import Options
from harness.engine.campaign import Plan, run_targets
from harness.engine.starting import session_of
from harness.errors import TargetError
from harness.negotiation.client import ClientState, LoggedIn
from harness.results.record_file import RecordWriter
from harness.results.records import CaseFinished, Record, TargetFinished, TargetStarted
from harness.results.verdicts import Verdict
from harness.targets.description import AccountSource, Delays, Description, Given, Provider, load
from harness.targets.instance import Instance
from harness.targets.launching import started
from harness.transcript.script import Side
from tests.live.told_back import TOLD_BACK

HEAD = "# A test\n## dialect: harness\n{}\n[Client] Romeo\n{}\n---------\n\n"
PING = "<iq type='get' id='p' to='${domain}'><ping xmlns='urn:xmpp:ping'/></iq>"
ASKS = f"Romeo connects\nRomeo sends:\n\t{PING}\nRomeo receives:\n\t<iq type='result' id='p'/>\n"
ONE = HEAD.format("", "") + ASKS
TWO = HEAD.format("", "[Client] Juliet\n") + ASKS + "Juliet connects\n"
THREE = HEAD.format("", "[Client] Juliet\n[Client] Nurse\n") + ASKS
TELLING = (
    """Romeo connects
Romeo sends:
	<iq type='set' id='r'><query xmlns='jabber:iq:register'>
		<username>${Romeo's username}</username><password>${token secret}</password>
	</query></iq>
Romeo receives:
	<iq type='result' id='r'/>
Romeo sends:
	<iq type='set' id='s'><query xmlns='jabber:iq:private'><mine xmlns='urn:example:mine'>${Romeo's password}
		${Romeo's credentials} ${token secret} ${Juliet's credentials as Romeo}</mine></query></iq>
"""
    + TOLD_BACK
)
DIGEST = """Juliet opens a connection
Juliet opens a stream
Juliet receives a stream header
Juliet authenticates with legacy digest
Juliet authenticates with PLAIN
"""


def scripts(folder: Path, **texts: str) -> Plan:
    table = load_requirements()
    for name, text in texts.items():
        (folder / f"{name}.scs").write_text(text, encoding="utf-8")
    sanity = next(one for one in find(table=table) if one.name == "sanity/log_in_and_ping")
    return Plan(descriptions=(), scenarios=find([folder], table=table), sanity={Side.SERVER: sanity})


async def played(plan: Plan, *descriptions: Description, at_once: int = 8) -> list[Record]:
    records: list[Record] = []
    whole = Plan(
        descriptions=descriptions,
        scenarios=plan.scenarios,
        sanity=plan.sanity,
        options=Options(at_once=at_once, intrusive=False),
    )
    with trio.fail_after(30):
        await run_targets(whole, records.append)
    return records


def verdicts(records: Sequence[Record], target: str = "") -> dict[str, Verdict]:
    return {
        one.case.rpartition("/")[2]: one.verdict
        for one in records
        if isinstance(one, CaseFinished) and one.family != "monitors" and target in ("", one.target)
    }


@asynccontextmanager
async def attached(
    *, source: AccountSource, names: Sequence[str] = ()
) -> AsyncIterator[tuple[Description, Instance]]:
    """A reference server that is somebody else's."""
    async with started(load("reference")) as instance:
        assert instance.create_account is not None
        for name in names:
            await instance.create_account(name, f"{name}'s <secret>")
        yield (
            msgspec.structs.replace(
                Description(),
                name="attached",
                host="127.0.0.1",
                port=instance.port,
                domain=instance.domain,
                ca=instance.ca_file,
                accounts=source,
            ),
            instance,
        )


def given(*names: str) -> AccountSource:
    accounts = tuple(Given(name=name, password=f"{name}'s <secret>") for name in names)
    return AccountSource(provider=Provider.GIVEN, list=accounts)


# --- accounts that are given --------------------------------------------------------------------


async def test_cases_wait_for_given_accounts(tmp_path: Path) -> None:
    texts = {f"one_{number}": ONE for number in range(6)} | {f"two_{number}": TWO for number in range(3)}
    async with attached(source=given("romeo", "juliet"), names=("romeo", "juliet")) as (description, _):
        records = await played(scripts(tmp_path, **texts, three=THREE), description)
    found = verdicts(records)
    assert found.pop("three") is Verdict.NOT_APPLICABLE
    assert set(found.values()) == {Verdict.PASS}
    assert len(found) == 9
    three = next(one for one in records if isinstance(one, CaseFinished) and one.case.endswith("/three"))
    assert three.notes == ["needs 3 accounts; 2 are given"]


async def test_a_wrong_password_is_told_with_the_account(tmp_path: Path) -> None:
    async with attached(source=given("romeo")) as (description, instance):
        assert instance.create_account is not None
        await instance.create_account("romeo", "another")
        (finished,) = await played(scripts(tmp_path, one=ONE), description)
    assert isinstance(finished, TargetFinished)
    assert finished.died.startswith("attached: SASL as romeo: not-authorized")
    assert "check name and password" in finished.died
    assert "secret" not in finished.died


async def test_a_domain_that_is_not_served(tmp_path: Path) -> None:
    async with attached(source=given("romeo"), names=("romeo",)) as (description, _):
        other = msgspec.structs.replace(description, domain="other.example")
        (finished,) = await played(scripts(tmp_path, one=ONE), other)
    assert isinstance(finished, TargetFinished)
    assert "host-unknown" in finished.died
    assert "it does not serve other.example; give --domain" in finished.died


async def test_a_certificate_that_is_not_trusted(tmp_path: Path) -> None:
    async with attached(source=given("romeo"), names=("romeo",)) as (description, _):
        for changes in ({"ca": ""}, {"pin": "00" * 32}):
            stranger = msgspec.structs.replace(description, **changes)
            (finished,) = await played(scripts(tmp_path, one=ONE), stranger)
            assert isinstance(finished, TargetFinished)
            assert finished.died.startswith("attached: STARTTLS: ")
            assert "--pin" in finished.died


# --- what stays behind --------------------------------------------------------------------------


async def has_account(description: Description, username: str, password: str) -> bool:
    async with session_of(description) as running, running.session.access.connection() as connection:
        state = ClientState(domain=description.domain)
        result = await running.session.access.log_in(connection, state, username, password)
        return isinstance(result, LoggedIn)


@pytest.mark.parametrize("ending", ["end", "interruption", "failure"])
async def test_accounts_on_somebody_elses_server_are_removed(ending: str) -> None:
    async with attached(source=AccountSource(provider=Provider.IN_BAND)) as (description, _):
        with trio.CancelScope() as scope:
            try:
                async with session_of(description) as running:
                    account = await running.session.account()
                    assert await has_account(description, account.username, account.password)
                    if ending == "interruption":
                        scope.cancel()
                        await trio.lowlevel.checkpoint()
                    if ending == "failure":
                        raise TargetError("something")
            except* TargetError:
                pass
        assert not await has_account(description, account.username, account.password)


async def test_intrusive_scenarios_are_played_when_asked_for(tmp_path: Path) -> None:
    plan = scripts(tmp_path, intrusive=HEAD.format("## tags: intrusive\n", "") + ASKS)
    records = await played(plan, load("reference"))
    assert verdicts(records)["intrusive"] is Verdict.NOT_APPLICABLE


# --- secrets ------------------------------------------------------------------------------------


async def test_no_password_is_in_a_record(tmp_path: Path) -> None:
    telling = HEAD.format("", "[Client] Juliet\n") + DIGEST + TELLING
    plain = HEAD.format("", "[Client] Juliet\n") + TELLING
    names = ("romeo", "juliet")
    async with attached(source=given(*names), names=names) as (description, _):
        records = await played(scripts(tmp_path, digest=telling, plain=plain), description)
    file = tmp_path / "record.jsonl"
    with RecordWriter(file) as writer:
        for record in records:
            writer.record(record)
    assert verdicts(records)["plain"] is Verdict.FAIL  # so that differences are shown as well
    text = file.read_text()
    assert text.count("[masked]") > 5
    for secret in (f"{name}'s <secret>" for name in names):
        assert "<secret>" not in text
        assert html.escape(secret) not in text
        for shift in range(3):
            inside = base64.b64encode(b"x" * shift + secret.encode())[4:-4].decode()
            assert inside not in text, text[text.index(inside) - 300 : text.index(inside) + 100]
    assert "token-" not in "".join(line for line in text.splitlines() if "/plain" in line)


# --- several targets ----------------------------------------------------------------------------


async def test_a_launch_that_fails_does_not_stop_the_others(tmp_path: Path) -> None:
    failing = msgspec.structs.replace(load("openfire"), name="failing")
    failing = msgspec.structs.replace(
        failing, settings=msgspec.structs.replace(failing.settings, home=str(tmp_path / "none"))
    )
    first, last = (msgspec.structs.replace(load("reference"), name=name) for name in ("first", "last"))
    records = await played(scripts(tmp_path, one=ONE), first, failing, last)
    died = {one.target: one.died for one in records if isinstance(one, TargetFinished)}
    assert set(died) == {"first", "failing", "last"}
    assert died["failing"]
    assert "\n" not in died["failing"]
    assert not died["first"]
    assert not died["last"]
    for name in ("first", "last"):
        assert verdicts(records, name)["one"] is Verdict.PASS


async def test_targets_are_played_one_after_the_other(tmp_path: Path) -> None:
    names = [f"target-{number}" for number in range(4)]
    descriptions = [msgspec.structs.replace(load("reference"), name=name) for name in names]
    records = await played(scripts(tmp_path, one=ONE), *descriptions)
    order = [one.target for one in records if isinstance(one, TargetStarted | TargetFinished)]
    assert order == [name for name in names for _ in range(2)]


# --- delays -------------------------------------------------------------------------------------


@pytest.mark.parametrize("delay", [0.0, 0.4])
async def test_a_delay_is_kept_where_the_target_needs_it(tmp_path: Path, delay: float) -> None:
    abrupt = ASKS + "Romeo closes the connection\n" + ASKS
    description = msgspec.structs.replace(load("reference"), delays=Delays(reconnect=delay))
    records = await played(scripts(tmp_path, abrupt=HEAD.format("", "") + abrupt), description)
    case = next(one for one in records if isinstance(one, CaseFinished) and one.case.endswith("/abrupt"))
    assert case.verdict is Verdict.PASS, case.findings
    closed = next(one.at for one in case.exchanges if one.text == "we close the connection")
    again = next(one.at for one in case.exchanges if one.kind == "connected" and one.at > closed)
    assert (again - closed >= delay) if delay else (again - closed < 0.3)
