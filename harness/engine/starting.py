"""From a target's description to a session that cases can be played in."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import trio

from harness.engine.session import Session
from harness.targets.access import access_of
from harness.targets.accounts import provided
from harness.targets.administrators import administrators_of
from harness.targets.description import Description
from harness.targets.instance import Instance
from harness.targets.launching import started


@dataclass(frozen=True, kw_only=True)
class Running:
    """A target that is up: `seconds` from the start of its program to its readiness."""

    session: Session
    instance: Instance
    seconds: float


@asynccontextmanager
async def session_of(description: Description) -> AsyncIterator[Running]:
    """Launch or attach to a target; accounts made in the block are removed at its end."""
    begun = trio.current_time()
    async with started(description) as instance:
        seconds = trio.current_time() - begun
        access = access_of(description, instance)
        async with provided(description, instance) as accounts:
            session = Session(
                name=description.name,
                access=access,
                accounts=accounts,
                administrators=administrators_of(description, instance),
                token=secrets.token_hex(3),
                services=_services(description),
                assumed=frozenset(description.features.present),
                denied=frozenset(description.features.absent),
                product=description.product,
                version=instance.version,
                patience=description.patience,
                reconnect_delay=description.delays.reconnect,
                login_limit=description.delays.login,
                is_attached=description.is_attached,
                at_once=description.at_once,
                passwords=_passwords(description),
            )
            yield Running(session=session, instance=instance, seconds=seconds)


def _passwords(description: Description) -> tuple[str, ...]:
    source = description.accounts
    return tuple(filter(None, (source.password, *(one.password for one in source.list))))


def _services(description: Description) -> dict[str, str]:
    services = description.services
    named = {"muc": services.muc, "pubsub": services.pubsub, "upload": services.upload}
    return {service: address for service, address in named.items() if address}
