"""Whether a login tells who has an account."""

from collections.abc import Sequence
from dataclasses import replace

import trio

from harness.engine.log import CaseLog
from harness.engine.secrets import Secrets
from harness.errors import HarnessError
from harness.fuzz.measures.measure import Measure, Shown
from harness.fuzz.property import Property
from harness.fuzz.servers.bench import Bench
from harness.fuzz.servers.station import ROMEO, connection_to
from harness.negotiation.client import ClientState, TlsPolicy
from harness.negotiation.state import Refusal
from harness.wire.events import ElementReceived
from harness.xmpp.namespaces import SASL, Name

ANONYMOUS = Property(
    name="no-user-is-told",
    number="P-28",
    title="A login fails in the same way whether there is no such user or the password is wrong",
    requirements=("rfc6120-6.5.10-no-user-enumeration",),
    is_grave=True,
    steps=None,
)


async def _anonymous(bench: Bench) -> Sequence[Shown] | None:
    """A wrong password of somebody, and any password of nobody."""
    account = await bench.session.account()
    known = await _refused(bench, account.username)
    unknown = await _refused(bench, bench.session.fresh("nobody"))
    again = await _refused(bench, account.username)
    await bench.session.done_with(account)
    if known is None or unknown is None or known != again:
        return None  # whoever lets anybody in, or counts tries, cannot be compared
    if known == unknown:
        return []
    cause = f"a wrong password is {known}, an unknown user {unknown}"
    data = b"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'/>"
    return [Shown(data=data, cause=cause)]


async def _refused(bench: Bench, username: str) -> str | None:
    """The condition with which a login by PLAIN fails; None where it does not, or where there is no PLAIN."""
    session = bench.session
    access = replace(session.access, mechanisms=("PLAIN",), policy=TlsPolicy.IF_OFFERED)
    connection = connection_to(session, CaseLog(trio.current_time, Secrets()), ROMEO)
    state = ClientState(domain=session.endpoint.domain)
    try:
        result = await access.log_in(connection, state, username, session.fresh("wrong"))
    except HarnessError:
        return None
    finally:
        await connection.aclose()
    if not isinstance(result, Refusal) or not isinstance(result.event, ElementReceived):
        return None
    return result.condition if result.event.name == Name(SASL, "failure") else None


USERS = Measure(name="users", judges=ANONYMOUS, take=_anonymous)
