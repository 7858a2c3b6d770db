"""Who tries samples: two users who are logged in, and others when those have served their time."""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

from harness.engine.session import Session
from harness.errors import HarnessError
from harness.fuzz.servers.sending import try_in_session
from harness.fuzz.servers.station import Pair, paired
from harness.fuzz.trial import Trial
from harness.monitors.monitor import Memory
from harness.monitors.watch import Seen
from harness.play.cast import Account
from harness.strategies.sample import Sample

_ACCOUNTS_FOR = 12  # logins with the same two accounts
_LOGIN_TRIES = 3
_REGISTER = b"jabber:iq:register"


@dataclass(kw_only=True)
class Lane:
    """One pair after the other. Lanes try at the same time, for each waits for answers most of its time."""

    session: Session
    memory: Memory
    is_locked_out: bool = False  # from an account that was used, though its password is the same
    _pair: Pair | None = None
    _pairs: AsyncExitStack = field(default_factory=AsyncExitStack)
    _accounts: list[Account] = field(default_factory=list)
    _used: int = 0
    _may_be_changed: bool = False  # the passwords, by something that was sent

    async def pair(self) -> Pair:
        """Two users who are logged in; raises HarnessError when nobody is let in."""
        if self._pair is not None and not self._pair.is_worn and await self._is_together(self._pair):
            return self._pair
        await self._pairs.aclose()
        self._pair = None
        if not self._accounts or self._used >= _ACCOUNTS_FOR:
            await self._new_accounts()
        for left in reversed(range(_LOGIN_TRIES)):
            try:
                self._pair = await self._pairs.enter_async_context(
                    paired(self.session, self._accounts, self.memory)
                )
                break
            except HarnessError:
                if not left:
                    raise
                self.is_locked_out |= self._used > 0 and not self._may_be_changed
                await self._new_accounts()  # what was tried may have changed a password
        self._used += 1
        assert self._pair is not None
        return self._pair

    async def _is_together(self, pair: Pair) -> bool:
        """Whether both are there, if need be since one came again."""
        if not pair.is_parted:
            return True
        if self._used >= _ACCOUNTS_FOR:
            return False
        self._used += 1
        try:
            await pair.come_again()
        except HarnessError:
            return False  # whether others are let in is seen next
        return True

    async def try_out(self, pair: Pair, samples: Sequence[Sample]) -> list[Trial]:
        """Send samples in the session of one of its pair."""
        self._may_be_changed |= any(_REGISTER in one.data for one in samples)
        return await try_in_session(pair, samples)

    def begin(self) -> None:
        """What was done before is another one's matter."""
        self.is_locked_out = False

    async def see_whether_let_in(self) -> None:
        """Have users whose streams have ended log in again, as they could before."""
        if 0 < self._used < _ACCOUNTS_FOR:
            await self.pair()

    def breaches(self) -> list[Seen]:
        """What the monitors have noticed since they were last asked."""
        return self._pair.breaches() if self._pair is not None else []

    def renew(self) -> None:
        """Let the users go: the next sample meets fresh ones."""
        if self._pair is not None:
            self._pair.is_over = True
        self._used = _ACCOUNTS_FOR

    async def _new_accounts(self) -> None:
        old, self._accounts = self._accounts, []
        for account in old:
            await self.session.done_with(account)
        self._accounts = [await self.session.account() for _ in range(2)]
        self._used = 0
        self._may_be_changed = False

    async def aclose(self) -> None:
        """Let everybody go."""
        await self._pairs.aclose()
