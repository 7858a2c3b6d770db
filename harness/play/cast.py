"""Who plays: accounts for the actors, and the names that a case may use."""

import base64
import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from harness.pattern.template import variables as variables_in
from harness.transcript.script import Actor, Transcript
from harness.transcript.walk import actor_templates, step_templates

_FRESH = re.compile(r"(room|node|token)( .+)?")

#: What SASL PLAIN sends for a fresh password, and for the account of an actor or a fresh name.
_NEW_CREDENTIALS = re.compile(
    r"(?:(?P<actor>.+)'s credentials|credentials of (?P<name>\S+)) with (?P<secret>\S+)"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Account:
    """An account on the target; `domain` is the domain that it lives on."""

    username: str
    password: str
    domain: str

    @property
    def jid(self) -> str:
        """The bare JID."""
        return f"{self.username}@{self.domain}"


@dataclass(frozen=True, kw_only=True)
class Cast:
    """What a case plays with: an account for each owner, the target's domain and its services."""

    domain: str
    accounts: Mapping[str, Account]
    services: Mapping[str, str] = field(default_factory=dict)


def owners(transcript: Transcript) -> tuple[str, ...]:
    """Return the actors that need an account of their own; the others share one of theirs."""
    return tuple(actor.name for actor in transcript.actors if not actor.account_of)


def owner_of(actor: Actor) -> str:
    """Return the actor whose account this actor uses."""
    return actor.account_of or actor.name


def first_scope(transcript: Transcript, cast: Cast, fresh: Callable[[str], str]) -> dict[str, str]:
    """Return the values of all names that are known before anybody connects.

    `fresh(kind)` gives a token that no other case has.
    """
    scope = {"domain": cast.domain}
    scope |= {f"{service} service": host for service, host in cast.services.items()}
    for actor in transcript.actors:
        scope |= _names_of(actor, cast)
    scope |= _names_of_pairs(transcript, cast)
    used = variables(transcript)
    scope |= {name: _fresh_value(name, cast, fresh) for name in sorted(used) if _FRESH.fullmatch(name)}
    for name in sorted(used):
        scope |= _new_credentials(name, scope, fresh)
    return scope


def _new_credentials(name: str, scope: Mapping[str, str], fresh: Callable[[str], str]) -> dict[str, str]:
    """Return credentials with a fresh password, and the fresh names in them that nothing else has made."""
    words = _NEW_CREDENTIALS.fullmatch(name)
    if words is None:
        return {}
    owner = f"{words['actor']}'s username" if words["actor"] else f"token {words['name']}"
    secret = f"token {words['secret']}"
    made = {each: scope.get(each) or fresh("token") for each in (owner, secret)}
    account = Account(username=made[owner], password=made[secret], domain=scope["domain"])
    return made | {name: plain_message(account, account.password)}


def _names_of(actor: Actor, cast: Cast) -> dict[str, str]:
    account = cast.accounts[owner_of(actor)]
    return {
        f"{actor.name}'s JID": account.jid,
        f"{actor.name}'s username": account.username,
        f"{actor.name}'s password": account.password,
        f"{actor.name}'s domain": account.domain,
        f"{actor.name}'s credentials": plain_message(account, account.password),
        f"{actor.name}'s wrong credentials": plain_message(account, f"not-{account.password}"),
        f"{actor.name}'s SCRAM beginning": scram_message(account),
    }


def _names_of_pairs(transcript: Transcript, cast: Cast) -> dict[str, str]:
    """Return the credentials of each actor that asks to act as another one."""
    accounts = {actor.name: cast.accounts[owner_of(actor)] for actor in transcript.actors}
    return {
        f"{name}'s credentials as {other}": plain_message(account, account.password, accounts[other].jid)
        for name, account in accounts.items()
        for other in accounts
    }


def plain_message(account: Account, password: str, authzid: str = "") -> str:
    """Return the message of SASL PLAIN (RFC 4616, 2) in base64."""
    return base64.b64encode(f"{authzid}\0{account.username}\0{password}".encode()).decode()


def scram_message(account: Account) -> str:
    """Return the first message of a SCRAM client without channel binding (RFC 5802, 5) in base64."""
    username = account.username.replace("=", "=3D").replace(",", "=2C")
    return base64.b64encode(f"n,,n={username},r=a-beginning-without-end".encode()).decode()


def _fresh_value(name: str, cast: Cast, fresh: Callable[[str], str]) -> str:
    kind = name.split()[0]
    if kind == "room":
        return f"{fresh('room')}@{cast.services.get('muc', 'conference.' + cast.domain)}"
    return fresh(kind)


def names_after_binding(actor: str, full_jid: str) -> dict[str, str]:
    """Return the names that exist once a resource is bound."""
    return {f"{actor}'s full JID": full_jid, f"{actor}'s resource": full_jid.partition("/")[2]}


def names_after_header(actor: str, stream_id: str, password: str, transcript: Transcript) -> dict[str, str]:
    """Return the names that come with a stream header: its id, and the digests that the steps want."""
    prefix = f"{actor}'s digest of "
    others = {name: name.removeprefix(prefix) for name in variables(transcript) if name.startswith(prefix)}
    digests = {f"{actor}'s digest": password} | others
    return {f"{actor}'s stream id": stream_id} | {
        name: _digest(stream_id, secret) for name, secret in digests.items()
    }


def _digest(stream_id: str, password: str) -> str:
    """SHA-1 of the stream's id and the password (XEP-0078, 3.2)."""
    return hashlib.sha1((stream_id + password).encode()).hexdigest()


def variables(transcript: Transcript) -> set[str]:
    """Return the names of all variables that a transcript uses."""
    of_actors = (template for actor in transcript.actors for template in actor_templates(actor))
    of_steps = (template for step in transcript.steps for template in step_templates(step))
    return {name for template in (*of_actors, *of_steps) for name in variables_in(template)}
