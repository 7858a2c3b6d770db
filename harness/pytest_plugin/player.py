"""Plays scenarios on one target, in a thread of its own, while pytest runs its items one by one."""

import contextlib
import threading
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import trio

from harness.catalogue.scenarios import Scenario
from harness.engine.batch import Batch, BatchRun
from harness.engine.campaign import Plan, opened
from harness.errors import HarnessError, TargetError
from harness.results.records import CaseFinished, Record, TargetFinished
from harness.targets.client_description import ClientDescription
from harness.targets.description import Description

Result = TypeVar("Result")


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A case, and what monitors noticed in it first."""

    case: CaseFinished
    alarms: Sequence[CaseFinished]


@dataclass(frozen=True, kw_only=True)
class _Up:
    """A target that can be played on, seen from other threads."""

    batch: Batch
    token: trio.lowlevel.TrioToken
    send: "trio.MemorySendChannel[Scenario]"
    scope: trio.CancelScope


@dataclass(kw_only=True)
class Player:
    """One target: started when something is first asked of it, and stopped by `stop`."""

    plan: Plan
    word: str = ""  # what means the target in the options
    _results: dict[str, "Future[Shown]"] = field(default_factory=dict)
    _up: "Future[_Up]" = field(default_factory=Future)
    _thread: threading.Thread | None = None
    _run: BatchRun | None = None
    _error: BaseException | None = None  # why nothing more can be played

    @property
    def description(self) -> Description | ClientDescription:
        """The target."""
        return self.plan.descriptions[0]

    def ask_for(self, scenarios: Sequence[Scenario]) -> None:
        """Have them played as soon as it is their turn; what was asked for already is played once.

        Raises HarnessError when the target cannot be started.
        """
        up = self._started()
        for one in scenarios:
            if one.name not in self._results:
                self._results[one.name] = Future()
                try:
                    up.token.run_sync_soon(self._feed, up, one)
                except trio.RunFinishedError:
                    self._results[one.name].set_exception(self._error)

    def result(self, scenario: Scenario) -> Shown:
        """What came of it. Raises HarnessError when the target cannot be started, or has been lost."""
        self.ask_for([scenario])
        return self._results[scenario.name].result()

    def run(self, work: Callable[[Batch], Awaitable[Result]]) -> Result:
        """Do something with the target, in its own thread. Raises HarnessError as `result` does."""
        up = self._started()
        return trio.from_thread.run(work, up.batch, trio_token=up.token)

    def stop(self) -> None:
        """End the target; what is still being played is not waited for."""
        if self._thread is not None:
            with contextlib.suppress(HarnessError, OSError, trio.RunFinishedError):
                up = self._up.result()
                up.token.run_sync_soon(up.scope.cancel)
            self._thread.join()

    def _started(self) -> _Up:
        if self._thread is None:
            self._thread = threading.Thread(target=self._main, name=f"xmpp-{self.description.name}")
            self._thread.start()
        return self._up.result()

    def _main(self) -> None:
        why: BaseException = TargetError(f"{self.description.name} has been stopped")
        try:
            trio.run(self._play)
        except* (HarnessError, OSError) as group:
            why = _first(group)
        finally:
            self._end(why)

    async def _play(self) -> None:
        send, receive = trio.open_memory_channel[Scenario](float("inf"))
        with trio.CancelScope() as scope:
            async with opened(self.plan, self.description) as batch:
                self._run = BatchRun(replace(batch, feed=receive), self.plan.options, self._heard)
                token = trio.lowlevel.current_trio_token()
                self._up.set_result(_Up(batch=batch, token=token, send=send, scope=scope))
                await self._run.run()
                await trio.sleep_forever()  # for those who ask for something else; `stop` ends it

    def _heard(self, record: Record) -> None:
        assert self._run is not None, "it is heard"
        if isinstance(record, CaseFinished):
            future = self._results.get(record.case)
            if future is not None and not future.done():
                future.set_result(Shown(case=record, alarms=self._run.alarms(record.case)))
        elif isinstance(record, TargetFinished) and record.died:
            self._end(TargetError(record.died))

    def _feed(self, up: _Up, scenario: Scenario) -> None:
        if self._error is None:
            up.send.send_nowait(scenario)
        else:
            self._results[scenario.name].set_exception(self._error)

    def _end(self, error: BaseException) -> None:
        self._error = self._error or error
        futures: list[Future[Any]] = [self._up, *self._results.values()]  # of whatever they bring
        for future in futures:
            if not future.done():
                future.set_exception(self._error)


def _first(error: BaseException) -> BaseException:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
