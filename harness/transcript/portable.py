"""Makes a Scansion script playable anywhere: literal accounts, hosts, rooms and nodes become variables.

    romeo@localhost/orchard           ${Romeo's JID}/orchard     when the script declares that account
    stranger@localhost                ${token stranger}@${domain}
    garden@conference.localhost/Romeo ${room garden}/Romeo
    pubsub.localhost                  ${pubsub service}

An account is a fresh one then, shared by the actors that shared it before. An answer to a request whose
id the script could not know is given that request's id. What else cases on one server would share is told
apart as well: hashes of capabilities, which a server asks about only once, get fresh values, and an
expected list of what a host or service has may be a part of the list.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any, TypeVar

from harness.pattern.nodes import Literal, Node, Placeholder, Strictness, Template, Variable
from harness.pattern.template import literal, variables
from harness.transcript.script import Actor, Dialect, Step, Transcript
from harness.transcript.walk import (
    ID,
    descendants,
    expected_nodes,
    made_up_answers,
    sent_nodes,
    step_templates,
)
from harness.xmpp.namespaces import CLIENT, DISCO_ITEMS, PUBSUB, Name

_T = TypeVar("_T")

_TO = Name("", "to")
_FROM = Name("", "from")
_NODE = Name("", "node")
_VER = Name("", "ver")
_CAPABILITIES = Name("http://jabber.org/protocol/caps", "c")
_SERVICES = {"conference": "muc", "rooms": "muc", "muc": "muc", "pubsub": "pubsub", "upload": "upload"}
_LOCALPART = r"""[^\s"&'/:<>@]+"""
_NEED_ADMIN, _INTRUSIVE = "admin", "intrusive"


def portable(transcript: Transcript) -> Transcript:
    """The transcript with fresh names in place of literal ones; one in our own dialect stays as it is.

    Services become needs, so that a target without them is not blamed. An account called `admin` is one
    with an administrator's rights then; the script needs the feature `admin` and is tagged as intrusive.
    """
    if transcript.dialect is Dialect.HARNESS:
        return transcript
    bare_jids = {actor.name: _bare_jid(actor) for actor in transcript.actors}
    names = _Names(
        owners=_owners(bare_jids),
        hosts=frozenset(jid.partition("@")[2] for jid in bare_jids.values() if "@" in jid),
        nodes=frozenset(_service_nodes(transcript.steps)),
        hashes=frozenset(_capability_hashes(transcript.steps)),
    )
    answers = {id(node): step.actor for step, node in made_up_answers(transcript.steps)}
    shared = {id(node): Strictness.OPEN for node in _shared_lists(transcript.steps, names)}
    changes = _Changes(names=names, answers=answers, strictness=shared)
    steps = tuple(changes.rewrite(step) for step in transcript.steps)
    actors = tuple(_fresh_actor(actor, names, bare_jids) for actor in transcript.actors)
    needs, tags = [*transcript.needs, *_services_used(steps)], list(transcript.tags)
    if any(actor.is_admin for actor in actors):
        needs.append(_NEED_ADMIN)
        tags.append(_INTRUSIVE)
    return replace(
        transcript,
        actors=actors,
        steps=steps,
        needs=tuple(dict.fromkeys(needs)),
        tags=tuple(dict.fromkeys(tags)),
    )


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
        is_admin=bare_jids[actor.name].partition("@")[0] == "admin",
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


def _capability_hashes(steps: Iterable[Step]) -> Iterator[str]:
    """What actors announce as the hash of their capabilities (XEP-0115, 4)."""
    for step in steps:
        for node in descendants(sent_nodes(step)):
            if node.name == _CAPABILITIES and _VER in node.attributes and node.attributes[_VER].source:
                yield node.attributes[_VER].source


def _shared_lists(steps: Iterable[Step], names: "_Names") -> Iterator[Node]:
    """Expected lists of what a whole host or service has (XEP-0030, 4), which other cases add to."""
    for step in steps:
        for stanza in expected_nodes(step):
            sender = stanza.attributes.get(_FROM)
            if stanza.name != Name(CLIENT, "iq") or sender is None or not names.is_host(sender.source):
                continue
            yield from (
                child
                for child in stanza.children
                if child.name == Name(DISCO_ITEMS, "query") and child.strictness is None
            )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Names:
    """What is renamed: `owners` by bare JID, hosts of accounts, nodes of services, hashes of capabilities."""

    owners: Mapping[str, str]
    hosts: frozenset[str]
    nodes: frozenset[str]
    hashes: frozenset[str] = frozenset()

    def is_host(self, address: str) -> bool:
        """Whether an address is that of a host of accounts, or of a service of one."""
        return any(
            address == host or address.endswith(f".{host}") for host in self.hosts if "@" not in address
        )

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
        if name == _VER and template.source in self.hashes:
            return replace(template, parts=(Variable(name=f"token {template.source}"),))
        before, mark, last = template.source.rpartition("#")
        if name == _NODE and last in self.hashes:
            # The node that an entity is asked about (XEP-0115, 6.2).
            return replace(template, parts=(Literal(text=before + mark), Variable(name=f"token {last}")))
        return self.change(template)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Changes:
    """What becomes of a script: its names, and by identity of nodes, who answers and how strict they are."""

    names: _Names
    answers: Mapping[int, str]
    strictness: Mapping[int, Strictness]

    def rewrite(self, value: _T) -> _T:
        """A copy of a step, with every template in it changed."""
        changed: Any = self._rewritten(value)  # the same type as it came, which mypy cannot see
        result: _T = changed
        return result

    def _rewritten(self, value: object) -> object:
        if isinstance(value, Template):
            return self.names.change(value)
        if isinstance(value, tuple):
            return value if isinstance(value, Name) else tuple(self._rewritten(one) for one in value)
        if isinstance(value, Mapping):
            return {key: self._entry(key, one) for key, one in value.items()}
        if is_dataclass(value) and not isinstance(value, type):
            return self._record(value)
        return value

    def _entry(self, key: object, value: object) -> object:
        if isinstance(key, Name) and isinstance(value, Template):
            return self.names.change_attribute(key, value)
        return value

    def _record(self, value: Any) -> object:
        """A record with its fields rewritten; `Any`, because `replace` wants a type known beforehand."""
        changed = {one.name: self._rewritten(getattr(value, one.name)) for one in fields(value)}
        if isinstance(value, Node) and id(value) in self.answers:
            changed["attributes"] = _answering(value, changed["attributes"], self.answers[id(value)])
        if isinstance(value, Node) and id(value) in self.strictness:
            changed["strictness"] = self.strictness[id(value)]
        return replace(value, **changed)


def _answering(node: Node, attributes: object, actor: str) -> object:
    """The attributes of an answer, with the id of the last request that the actor has not answered yet."""
    variable = Variable(name=f"{actor}'s last request id")
    template = replace(node.attributes[ID], parts=(variable,))
    return {**attributes, ID: template} if isinstance(attributes, dict) else attributes
