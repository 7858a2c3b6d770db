"""Makes a Scansion script playable anywhere: literal accounts, hosts, rooms and nodes become variables.

    romeo@localhost/orchard           ${Romeo's JID}/orchard     when the script declares that account
    stranger@localhost                ${token stranger}@${domain}
    garden@conference.localhost/Romeo ${room garden}/Romeo
    pubsub.localhost                  ${pubsub service}

An account is a fresh one then, shared by the actors that shared it before. An answer to a request whose
id the script could not know is given that request's id.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any, TypeVar

from harness.pattern.nodes import Literal, Node, Placeholder, Template, Variable
from harness.pattern.template import literal, variables
from harness.transcript.script import Actor, Dialect, Step, Transcript
from harness.transcript.walk import ID, descendants, made_up_answers, sent_nodes, step_templates
from harness.xmpp.namespaces import PUBSUB, Name

_T = TypeVar("_T")

_TO = Name("", "to")
_NODE = Name("", "node")
_SERVICES = {"conference": "muc", "rooms": "muc", "muc": "muc", "pubsub": "pubsub", "upload": "upload"}
_LOCALPART = r"""[^\s"&'/:<>@]+"""
_NEED_ADMIN = "admin"


def portable(transcript: Transcript) -> Transcript:
    """The transcript with fresh names in place of literal ones; one in our own dialect stays as it is.

    Services become needs, so that a target without them is not blamed. A script with an account called
    `admin` needs the feature `admin`: a fresh account has no rights.
    """
    if transcript.dialect is Dialect.HARNESS:
        return transcript
    bare_jids = {actor.name: _bare_jid(actor) for actor in transcript.actors}
    names = _Names(
        owners=_owners(bare_jids),
        hosts=frozenset(jid.partition("@")[2] for jid in bare_jids.values() if "@" in jid),
        nodes=frozenset(_service_nodes(transcript.steps)),
    )
    is_admin = any(jid.partition("@")[0] == "admin" for jid in bare_jids.values())
    answers = {id(node): step.actor for step, node in made_up_answers(transcript.steps)}
    steps = tuple(_rewrite(step, names, answers) for step in transcript.steps)
    actors = tuple(_fresh_actor(actor, names, bare_jids) for actor in transcript.actors)
    needs = (*transcript.needs, *_services_used(steps), *((_NEED_ADMIN,) if is_admin else ()))
    return replace(transcript, actors=actors, steps=steps, needs=tuple(dict.fromkeys(needs)))


def _bare_jid(actor: Actor) -> str:
    return actor.jid.source.partition("/")[0].casefold() if actor.jid is not None else ""


def _owners(bare_jids: Mapping[str, str]) -> dict[str, str]:
    """The first actor of each account, by bare JID."""
    owners: dict[str, str] = {}
    for name, jid in bare_jids.items():
        if jid:
            owners.setdefault(jid, name)
    return owners


def _services_used(steps: Iterable[Step]) -> Iterator[str]:
    words = ("muc", "pubsub", "upload")
    used = {name for step in steps for template in step_templates(step) for name in variables(template)}
    yield from (word for word in words if f"{word} service" in used)
    if any(name.startswith("room ") for name in used):
        yield "muc"


def _fresh_actor(actor: Actor, names: "_Names", bare_jids: Mapping[str, str]) -> Actor:
    if actor.jid is None:
        return actor
    owner = names.owners[bare_jids[actor.name]]
    resource = actor.jid.source.partition("/")[2]
    return replace(
        actor,
        jid=None,
        password=None,
        resource=literal(resource) if resource else actor.resource,
        account_of="" if owner == actor.name else owner,
    )


def _service_nodes(steps: Iterable[Step]) -> Iterator[str]:
    """Nodes that the script names to a publish-subscribe service, where all cases would share them."""
    for step in steps:
        for stanza in sent_nodes(step):
            if _TO not in stanza.attributes or not stanza.attributes[_TO].source.startswith("pubsub."):
                continue
            for node in descendants((stanza,)):
                if node.name.namespace.startswith(PUBSUB) and _NODE in node.attributes:
                    yield node.attributes[_NODE].source


@dataclass(frozen=True, kw_only=True, slots=True)
class _Names:
    """What is renamed: `owners` by bare JID, hosts of accounts, nodes of services."""

    owners: Mapping[str, str]
    hosts: frozenset[str]
    nodes: frozenset[str]

    def change(self, template: Template) -> Template:
        """The template with addresses in its literal parts replaced."""
        if not self.hosts:
            return template
        parts = tuple(part for old in template.parts for part in self._change_part(old))
        return replace(template, parts=parts) if parts != template.parts else template

    def _change_part(
        self, part: Literal | Variable | Placeholder
    ) -> Iterator[Literal | Variable | Placeholder]:
        if not isinstance(part, Literal):
            yield part
            return
        end = 0
        for found in self._addresses().finditer(part.text):
            if found.start() > end:
                yield Literal(text=part.text[end : found.start()])
            is_inside_uri = part.text[: found.start()].endswith(":")
            yield from self._address(found["local"] or "", found["sub"], found["host"], is_kept=is_inside_uri)
            end = found.end()
        if end < len(part.text):
            yield Literal(text=part.text[end:])

    def _addresses(self) -> re.Pattern[str]:
        hosts = "|".join(re.escape(host) for host in sorted(self.hosts, key=len, reverse=True))
        return re.compile(
            rf"(?:(?P<local>{_LOCALPART})@|(?<![\w.@-]))(?P<sub>(?:[\w-]+\.)*)(?P<host>{hosts})(?![\w-]|\.\w)",
            re.IGNORECASE,
        )

    def _address(self, local: str, sub: str, host: str, *, is_kept: bool) -> Iterator[Literal | Variable]:
        """The parts of one address; `is_kept` for a localpart that is known to all, such as a contact's."""
        service = _SERVICES.get(sub.removesuffix("."))
        owner = self.owners.get(f"{local}@{host}".casefold()) if local and not sub else None
        if owner is not None:
            yield Variable(name=f"{owner}'s JID")
            return
        if local and service == "muc":
            yield Variable(name=f"room {local.casefold()}")
            return
        if local:
            yield Literal(text=local) if is_kept else Variable(name=f"token {local.casefold()}")
            yield Literal(text="@")
        if service:
            yield Variable(name=f"{service} service")
            return
        if sub:
            yield Literal(text=sub)
        yield Variable(name="domain")

    def change_attribute(self, name: Name, template: Template) -> Template:
        """The value of an attribute; of `node`, also the names of nodes."""
        if name == _NODE and template.source in self.nodes:
            return replace(template, parts=(Variable(name=f"node {template.source}"),))
        return self.change(template)


def _rewrite(value: _T, names: _Names, answers: Mapping[int, str]) -> _T:
    """A copy of a step, with every template in it changed."""
    changed: Any = _rewritten(value, names, answers)  # the same type as it came, which mypy cannot see
    result: _T = changed
    return result


def _rewritten(value: object, names: _Names, answers: Mapping[int, str]) -> object:
    if isinstance(value, Template):
        return names.change(value)
    if isinstance(value, tuple):
        inner = [_rewritten(one, names, answers) for one in value]
        return value if isinstance(value, Name) else tuple(inner)
    if isinstance(value, Mapping):
        return {key: _rewritten_entry(key, one, names) for key, one in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return _rewritten_record(value, names, answers)
    return value


def _rewritten_entry(key: object, value: object, names: _Names) -> object:
    if isinstance(key, Name) and isinstance(value, Template):
        return names.change_attribute(key, value)
    return value


def _rewritten_record(value: Any, names: _Names, answers: Mapping[int, str]) -> object:
    """A record with its fields rewritten; `Any`, because `replace` wants a type known beforehand."""
    changed = {one.name: _rewritten(getattr(value, one.name), names, answers) for one in fields(value)}
    if isinstance(value, Node) and id(value) in answers:
        changed["attributes"] = _answering(value, changed["attributes"], answers[id(value)])
    return replace(value, **changed)


def _answering(node: Node, attributes: object, actor: str) -> object:
    """The attributes of an answer, with the id of the last request that the actor has not answered yet."""
    variable = Variable(name=f"{actor}'s last request id")
    template = replace(node.attributes[ID], parts=(variable,))
    return {**attributes, ID: template} if isinstance(attributes, dict) else attributes
