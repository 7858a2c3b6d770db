"""Accounts against the reference server and the user's own commands."""

import os
import tracemalloc
from functools import partial
from pathlib import Path

import msgspec
import pytest
import trio

from harness.errors import TargetError, ThrottledError, UsageError
from harness.negotiation.client import ClientState, LoggedIn, Refusal
from harness.targets.access import access_of
from harness.targets.accounts import Accounts, provided
from harness.targets.description import AccountSource, Description, Given, Provider, Settings, load
from harness.targets.instance import Instance
from harness.targets.launching import started
from harness.targets.logins import Login


async def log_in(description: Description, instance: Instance, login: Login) -> LoggedIn | Refusal:
    access = access_of(description, instance)
    async with access.connection() as connection:
        state = ClientState(domain=instance.domain)
        return await access.log_in(connection, state, login.username, login.password)


def reference(provider: Provider) -> Description:
    return msgspec.structs.replace(load("reference"), accounts=AccountSource(provider=provider))


def attached(description: Description) -> Description:
    """The same as seen by somebody who has not launched it, and so has to clean up."""
    return msgspec.structs.replace(description, launcher="")


@pytest.mark.parametrize("provider", [Provider.IN_BAND, Provider.SERVER])
async def test_made_logged_in_and_removed(provider: Provider) -> None:
    description = reference(provider)
    async with started(description) as instance:
        async with provided(attached(description), instance) as accounts:
            login = await accounts.create("romeo", "se<cret")
            entered = await log_in(description, instance, login)
            assert isinstance(entered, LoggedIn)
            assert entered.tls is not None
            await accounts.create("juliet", "secret")
        assert accounts.left_behind == {}
        assert isinstance(await log_in(description, instance, login), Refusal)


async def test_a_launched_server_takes_its_accounts_along() -> None:
    description = load("reference")
    async with started(description) as instance:
        async with provided(description, instance) as accounts:
            login = await accounts.create("romeo", "secret")
        assert isinstance(await log_in(description, instance, login), LoggedIn)


async def test_a_name_that_is_taken() -> None:
    description = reference(Provider.IN_BAND)
    async with started(description) as instance, provided(description, instance) as accounts:
        await accounts.create("romeo", "secret")
        with pytest.raises(TargetError, match="romeo cannot be registered: conflict"):
            await accounts.create("romeo", "secret")


async def test_required_tls_is_no_obstacle() -> None:
    description = msgspec.structs.replace(reference(Provider.IN_BAND), settings=Settings(require_tls=True))
    async with started(description) as instance, provided(description, instance) as accounts:
        assert isinstance(
            await log_in(description, instance, await accounts.create("romeo", "secret")), LoggedIn
        )


async def test_an_unknown_fault() -> None:
    description = msgspec.structs.replace(load("reference"), settings=Settings(faults=("no-such-fault",)))
    with pytest.raises(UsageError, match="no-such-fault"):
        async with started(description):
            pass


class Recalcitrant:
    """A provider that keeps what it has made, as a server may that has been killed."""

    async def create(self, username: str, password: str) -> Login:
        return Login(username=username, password=password)

    async def remove(self, login: Login) -> None:
        if login.username.startswith("stuck"):
            raise TargetError("it is stuck")

    async def aclose(self) -> None:
        pass


async def test_what_cannot_be_removed_is_counted() -> None:
    accounts = Accounts(Recalcitrant())
    for name in ("stuck-1", "romeo", "stuck-2"):
        await accounts.create(name, "secret")
    assert await accounts.close() == 2
    assert accounts.left_behind == {"stuck-1": "it is stuck", "stuck-2": "it is stuck"}


async def test_closing_is_not_cut_short_by_cancellation() -> None:
    accounts = Accounts(Recalcitrant())
    await accounts.create("stuck-1", "secret")
    with trio.CancelScope() as scope:
        scope.cancel()
        await accounts.close()
    assert list(accounts.left_behind) == ["stuck-1"]


async def test_given_accounts_are_lent_out_and_come_back() -> None:
    listed = tuple(Given(name=name, password="secret") for name in ("romeo", "juliet"))
    description = Description(
        host="127.0.0.1", domain="d", accounts=AccountSource(provider=Provider.GIVEN, list=listed)
    )
    async with provided(description, Instance(host="127.0.0.1", port=1, domain="d")) as accounts:
        assert accounts.capacity == 2
        lent = [(await accounts.create(name, "")).username for name in ("a", "b")]
        assert lent == ["romeo", "juliet"]
        with pytest.raises(TargetError, match="all 2 given accounts are in use"):
            await accounts.create("c", "")
        await accounts.remove("juliet")
        assert (await accounts.create("d", "")).username == "juliet"


def by_hook(create: str, remove: str = "") -> Description:
    source = AccountSource(provider=Provider.HOOK, create=create, remove=remove)
    return Description(host="127.0.0.1", domain="example.org", accounts=source)


INSTANCE = Instance(host="127.0.0.1", port=1, domain="example.org")


async def test_hooks_get_quoted_values(tmp_path: Path) -> None:
    made = tmp_path / "made"
    hook = by_hook(f"printf '%s|' {{username}} {{password}} {{domain}} ${{HOME:+x}} > {made}", f"rm {made}")
    async with provided(hook, INSTANCE) as accounts:
        await accounts.create("o'brien", "a b;$(c)")
        assert made.read_text() == "o'brien|a b;$(c)|example.org|x|"
    assert not made.exists()
    assert accounts.left_behind == {}


async def test_a_hook_that_fails_is_quoted() -> None:
    async with provided(by_hook("echo no room >&2; exit 3"), INSTANCE) as accounts:
        with pytest.raises(TargetError, match=r"the command in accounts\.create failed: no room"):
            await accounts.create("romeo", "secret")


async def test_of_what_a_hook_says_the_end_is_kept() -> None:
    endless = "head -c 100000000 /dev/zero; head -c 100000000 /dev/zero >&2; echo >&2; echo so it ends >&2"
    async with provided(by_hook(f"{endless}; exit 3"), INSTANCE) as accounts:
        tracemalloc.start()
        try:
            with pytest.raises(TargetError, match=r"failed: so it ends$"):
                await accounts.create("romeo", "secret")
            _, most = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert most < 4 << 20


async def test_a_hook_that_is_cancelled_leaves_nothing_running(tmp_path: Path) -> None:
    """The pipe ends when nobody has it any more who could write."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    hook = by_hook(f"exec 3>{pipe}; echo begun >&3; sleep 100; true")
    async with provided(hook, INSTANCE) as accounts, trio.open_nursery() as nursery:
        nursery.start_soon(accounts.create, "romeo", "secret")
        with await trio.to_thread.run_sync(pipe.open) as reader:
            assert await trio.to_thread.run_sync(reader.readline) == "begun\n"
            nursery.cancel_scope.cancel()
            with trio.CancelScope(shield=True), trio.fail_after(5):
                assert await trio.to_thread.run_sync(reader.read, abandon_on_cancel=True) == ""


@pytest.mark.parametrize("command", ["true \0", "true " + "x" * 3_000_000], ids=["nul", "too-long"])
async def test_a_hook_that_cannot_be_started_has_made_nothing(command: str) -> None:
    async with provided(by_hook(command, "false"), INSTANCE) as accounts:
        with pytest.raises(TargetError, match=r"the command in accounts\.create cannot be started: "):
            await accounts.create("romeo", "secret")
    assert accounts.left_behind == {}


async def test_accounts_that_no_hook_removes_are_counted() -> None:
    async with provided(by_hook("true"), INSTANCE) as accounts:
        await accounts.create("romeo", "secret")
    assert accounts.left_behind == {"romeo": "the target file has no accounts.remove"}


async def test_a_target_that_is_not_there() -> None:
    description = Description(host="127.0.0.1", domain="example.org", port=1)
    async with provided(description, INSTANCE) as accounts:
        with pytest.raises(
            TargetError, match=r"romeo cannot be registered: 127\.0\.0\.1:1: .*refused"
        ) as caught:
            await accounts.create("romeo", "secret")
    assert not isinstance(caught.value, ThrottledError)


REFUSING = (
    "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' "
    "id='1' from='example.org' version='1.0'><stream:features/>"
    "<iq type='error' id='register-1'><error type='%s'>"
    "<%s xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"
)


@pytest.mark.parametrize(
    ("type", "condition", "kind"),
    [
        ("wait", "resource-constraint", ThrottledError),
        ("modify", "policy-violation", ThrottledError),
        ("wait", "not-acceptable", ThrottledError),
        ("modify", "not-acceptable", TargetError),
        ("cancel", "not-allowed", TargetError),
    ],
)
async def test_asking_too_fast_is_told_from_asking_in_vain(type: str, condition: str, kind: type) -> None:
    async def refuse(stream: trio.SocketStream) -> None:
        await stream.receive_some()
        await stream.send_all((REFUSING % (type, condition)).encode())
        async for _ in stream:
            pass

    async with trio.open_nursery() as nursery:
        listeners = await nursery.start(partial(trio.serve_tcp, refuse, 0, host="127.0.0.1"))
        port = listeners[0].socket.getsockname()[1]
        description = Description(host="127.0.0.1", domain="example.org", port=port)
        instance = Instance(host="127.0.0.1", port=port, domain="example.org")
        async with provided(description, instance) as accounts:
            with pytest.raises(TargetError, match=condition) as caught:
                await accounts.create("romeo", "secret")
        assert caught.type is kind
        nursery.cancel_scope.cancel()


async def test_what_a_script_has_done_is_cleaned_up_after() -> None:
    description = reference(Provider.IN_BAND)
    async with started(description) as instance:
        async with provided(attached(description), instance) as accounts:
            await accounts.create("romeo", "first")
            assert instance.create_account is not None
            await instance.create_account("mercutio", "secret")
            accounts.learn("mercutio", "secret")  # a script registered it
            accounts.learn("tybalt", "secret")  # and was refused this one
            await accounts.create("paris", "first")
            accounts.learn("paris", None)
            assert instance.remove_account is not None
            await instance.remove_account("paris")
            await instance.remove_account("romeo")
            await instance.create_account("romeo", "second")
            accounts.learn("romeo", "second")
        assert accounts.left_behind == {}
        for username, password in (("romeo", "second"), ("mercutio", "secret")):
            login = Login(username=username, password=password)
            assert isinstance(await log_in(description, instance, login), Refusal)
