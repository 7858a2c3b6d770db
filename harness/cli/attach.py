"""The options that describe a server to attach to, for those who do not want to write a target file."""

import shlex
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import click
import msgspec
from click.core import ParameterSource

from harness.errors import UsageError
from harness.targets.description import AccountSource, Description, Given, Provider, Services, Tls
from harness.targets.hook import shown
from harness.targets.trusted import CA_ADVICE, PIN_ADVICE, objection_to_ca, objection_to_pin

#: `Any`: click decorates functions of every kind.
_Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

_OPTIONS: tuple[_Decorator, ...] = (
    click.option("--host", default="", help="Attach to a server at this address."),
    click.option("--port", type=click.IntRange(1, 65535), default=5222, show_default=True),
    click.option(
        "--direct-tls-port", type=click.IntRange(1, 65535), help="Port with TLS from the first byte."
    ),
    click.option("--domain", default="", help="The domain that it serves [default: the host]."),
    click.option("--tls", type=click.Choice([one.value for one in Tls]), default=Tls.IF_OFFERED.value),
    click.option("--ca", default="", help="PEM file of trusted issuers."),
    click.option("--pin", default="", help="SHA-256 of the server's certificate."),
    click.option("--insecure", is_flag=True, help="Accept any certificate."),
    click.option("--account", "accounts", multiple=True, metavar="NAME:PASSWORD", help="An account to use."),
    click.option(
        "--admin", default="", metavar="JID:PASSWORD", help="Make accounts as this administrator (XEP-0133)."
    ),
    click.option(
        "--create-account",
        default="",
        metavar="COMMAND",
        help="Command that makes {username} {password} {domain}.",
    ),
    click.option(
        "--remove-account", default="", metavar="COMMAND", help="Command that removes {username} {domain}."
    ),
    click.option("--muc", default="", help="Address of the multi-user chat service [default: by disco]."),
)

_WITH_DEFAULTS = ("port", "tls")
_TYPED = (ParameterSource.COMMANDLINE, ParameterSource.ENVIRONMENT)
_ONLY_WITH_HOST = (
    "domain",
    "direct_tls_port",
    "ca",
    "pin",
    "insecure",
    "accounts",
    "admin",
    "create_account",
    "remove_account",
    "muc",
)


def attach_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command all of them."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


def check_host_given(options: Mapping[str, Any]) -> None:
    """Raise UsageError for options about a server to attach to when there is no --host."""
    context = click.get_current_context(silent=True)
    told = {name for name in _WITH_DEFAULTS if context and context.get_parameter_source(name) in _TYPED}
    for name in (*_ONLY_WITH_HOST, *_WITH_DEFAULTS):
        if name in told or (name in _ONLY_WITH_HOST and options[name]):
            flag = "account" if name == "accounts" else name.replace("_", "-")
            raise UsageError(
                f"--{flag} says something about a server to attach to", advice="name it with --host"
            )


def attach_words(options: Mapping[str, Any]) -> str:
    """What to write on a command line to mean the same server; passwords are left to be filled in."""
    words = ["--host", options["host"], "--port", str(options["port"])]
    for name in ("direct_tls_port", "domain", "ca", "pin", "muc", "create_account", "remove_account"):
        if options[name]:
            words += [f"--{name.replace('_', '-')}", shown(str(options[name]))]
    words += [] if options["tls"] == Tls.IF_OFFERED.value else ["--tls", options["tls"]]
    words += ["--insecure"] if options["insecure"] else []
    for one in options["accounts"]:
        words += ["--account", f"{one.partition(':')[0]}:PASSWORD"]
    if options["admin"]:
        words += ["--admin", f"{options['admin'].partition(':')[0]}:PASSWORD"]
    return shlex.join(words)


def without_passwords(word: str, descriptions: Sequence[Description]) -> str:
    """Return a word of the command line as a record may show it."""
    for description in descriptions:
        source = description.accounts
        for password in (source.password, *(one.password for one in source.list)):
            if password and word.endswith(f":{password}"):
                return f"{word.removesuffix(password)}PASSWORD"
    return shown(word)


def attached_description(options: dict[str, Any]) -> Description:
    """Make a description from the options; raises UsageError for what cannot be meant."""
    _check_trust(options)
    return msgspec.structs.replace(
        Description(),
        name=options["domain"] or options["host"],
        host=options["host"],
        port=options["port"],
        direct_tls_port=options["direct_tls_port"],
        domain=options["domain"] or options["host"],
        tls=Tls(options["tls"]),
        ca=options["ca"],
        pin=options["pin"],
        insecure=options["insecure"],
        accounts=_accounts(options),
        services=Services(muc=options["muc"]),
    )


def _check_trust(options: Mapping[str, Any]) -> None:
    if options["ca"] and (objection := objection_to_ca(options["ca"])):
        raise UsageError(objection, where="--ca", advice=CA_ADVICE)
    if options["pin"] and (objection := objection_to_pin(options["pin"])):
        raise UsageError(objection, where="--pin", advice=PIN_ADVICE)


def _accounts(options: dict[str, Any]) -> AccountSource:
    if options["accounts"]:
        given = tuple(
            Given(name=name, password=password) for name, password in map(_split, options["accounts"])
        )
        return AccountSource(provider=Provider.GIVEN, list=given)
    if options["admin"]:
        jid, password = _split(options["admin"])
        return AccountSource(provider=Provider.ADMIN, admin=jid, password=password)
    if options["create_account"]:
        return AccountSource(
            provider=Provider.HOOK, create=options["create_account"], remove=options["remove_account"]
        )
    return AccountSource(provider=Provider.IN_BAND)


def _split(text: str) -> tuple[str, str]:
    name, colon, password = text.partition(":")
    if not colon or not name:
        raise UsageError(f"{name or 'an account'} has no password", advice="write NAME:PASSWORD")
    return name, password
