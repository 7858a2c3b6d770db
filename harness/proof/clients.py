"""Scenarios for clients in memory: against themselves, and against the reference client with its faults."""

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence

from lxml import etree

from harness.errors import ScriptError
from harness.pattern.match import captured
from harness.pattern.mutants import mutants
from harness.pattern.nodes import Node, Strictness
from harness.play.acts import Outcome, Problem
from harness.play.cast import Cast, first_scope, owner_of
from harness.play.client import play_client
from harness.play.hosted import Fence, HostedPlay
from harness.play.hosted_steps import HOSTED_STEPS
from harness.play.joint import Joint
from harness.play.scene import Changing, Scene
from harness.proof.attempts import Attempt, Proof
from harness.proof.meeting import Meeting
from harness.proof.memory import counting, memory_cast
from harness.reference.admission import settings_on
from harness.reference.server import ReferenceServer
from harness.reference_client.client import ReferenceClient
from harness.reference_client.faults import FAULTS
from harness.reference_client.settings import Settings, TlsUse
from harness.transcript.script import Actor, Alternative, SendsOneOf, Transcript
from harness.transcript.terms import Terms, terms_of
from harness.wire.driver import COMMANDS

_NOON = 1_700_000_000.0
#: Tag of the scenario that has to pass before any other is played.
SANITY = "sanity"

_UNCHECKED = "certificate-unchecked"


def _hosted(
    transcript: Transcript,
    cast: Cast,
    terms: Terms,
    *,
    scope: Mapping[str, str],
    fresh: Callable[[str], str],
    identify: Callable[[int], str],
    commands: Mapping[str, frozenset[str]] | None = None,
) -> HostedPlay:
    accounts = {one.username: one.password for one in cast.accounts.values()}
    clock = itertools.count()
    usual = ReferenceServer(
        settings_on(terms, cast.domain, accounts),
        clock=lambda: _NOON + next(clock) / 1000,
        fresh=lambda: fresh("made"),
    )
    return HostedPlay(
        transcript,
        cast,
        usual,
        scope=scope,
        fresh=fresh,
        identify=identify,
        steps=HOSTED_STEPS,
        commands=commands,
        fence=Fence.PING,
    )


def play_reference_client(transcript: Transcript, fault: str = "") -> Outcome:
    """Play a scenario in memory against reference clients, with one fault or none."""
    fresh = counting()
    cast = memory_cast(transcript, fresh)
    terms = terms_of(transcript)
    lines: dict[int, str] = {}
    play = _hosted(
        transcript,
        cast,
        terms,
        scope=first_scope(transcript, cast, fresh),
        fresh=fresh,
        identify=lines.__getitem__,
        commands={actor.name: frozenset(COMMANDS) for actor in transcript.actors},
    )
    play.judge.scope.update({f"{actor.name}'s port": "5222" for actor in transcript.actors})
    clients = {
        actor.name: ReferenceClient(_settings(actor, cast, terms, fault), fresh=lambda: fresh("of-client"))
        for actor in transcript.actors
    }
    trusts = dict.fromkeys(clients, terms.certificate == "right" or fault == _UNCHECKED)
    Meeting(play, clients, lines, trusts).run()
    if not play.is_over:
        endless = "the scenario does not come to its end with the reference client"
        return Outcome(problems=(Problem(cause=endless, message=endless),))
    return play.outcome()


def _settings(actor: Actor, cast: Cast, terms: Terms, fault: str) -> Settings:
    account = cast.accounts[owner_of(actor)]
    resource = f"/{actor.resource.source}" if actor.resource is not None else ""
    return Settings(
        jid=f"{account.jid}{resource}",
        password=account.password,
        tls=TlsUse(terms.client_tls),
        faults=frozenset([fault]) if fault else frozenset(),
    )


def client_killers(transcript: Transcript, *, every: bool = False) -> list[str]:
    """Return faults of the reference client with which a scenario fails that passes without any.

    Those that break a requirement of the scenario are tried first; without `every` one is enough.
    """
    if play_reference_client(transcript).problems:
        return []
    found = []
    for name in sorted(FAULTS, key=lambda one: not is_relevant_to_client(transcript, one)):
        problems = play_reference_client(transcript, name).problems
        # That a client does not get in is what the first case of all is about.
        if any(not one.is_environment or SANITY in transcript.tags for one in problems):
            found.append(name)
            if not every:
                break
    return found


def is_relevant_to_client(transcript: Transcript, fault: str) -> bool:
    """Whether a fault breaks a requirement that the scenario covers."""
    return not set(transcript.all_covers).isdisjoint(FAULTS[fault].breaks)


def is_client_killed_rightly(transcript: Transcript, found: Sequence[str]) -> bool:
    """Whether a fault of the scenario's own requirements is among its killers; without any, each will do."""
    ours = [name for name in found if name in FAULTS]
    if not transcript.covers:
        return bool(ours)
    return any(is_relevant_to_client(transcript, name) for name in ours)


# --- against itself -------------------------------------------------------------------------------


def play_client_itself(transcript: Transcript, changing: Changing | None = None) -> tuple[Outcome, Outcome]:
    """Play both sides; the outcomes of the client's side and of the server's, which is the judge here."""
    fresh = counting()
    cast = memory_cast(transcript, fresh)
    scene = Scene(transcript, cast, fresh=fresh)
    scene.changing = changing
    joints: list[Joint] = []
    play = _hosted(
        transcript,
        cast,
        terms_of(transcript),
        scope=scene.scope,
        fresh=fresh,
        identify=lambda number: joints[0].actor_of(number),
    )
    play.judge.scope.update({f"{actor.name}'s port": "5222" for actor in transcript.actors})
    joints.append(Joint(play, hush=play.silence))
    joints[0].perform(play.begin())
    outcome = joints[0].run(play_client(scene))
    for _ in range(len(transcript.steps) * 3):
        if play.is_over:
            break
        joints[0].perform(play.silence())
    if not play.is_over:
        message = "the script does not come to an end"
        return outcome, Outcome(problems=(Problem(cause=message, message=message),))
    return outcome, play.outcome()


def prove_client(transcript: Transcript) -> Proof:
    """Play a scenario for clients against itself, and against every mutant of what the client sends."""
    mine, judged = play_client_itself(transcript)
    problems = (*mine.problems, *judged.problems)
    if problems:
        return Proof(self_play=problems)
    attempts = tuple(client_attempts(transcript))
    # What no element shows, such as an end, is proven by the reference client's faults alone.
    is_shown = any(one.is_caught or not one.is_free for one in attempts)
    return Proof(self_play=(), covers=transcript.covers if is_shown else (), mutants=attempts)


def client_attempts(transcript: Transcript) -> Iterator[Attempt]:
    """Play every mutant of what the client sends."""
    made: list[tuple[int, Sequence[Node], list[etree._Element]]] = []

    def noting(line: int, nodes: Sequence[Node], elements: "list[etree._Element]") -> "list[etree._Element]":
        made.append((line, nodes, elements))
        return elements

    play_client_itself(transcript, noting)
    fresh = counting()
    cast = memory_cast(transcript, fresh)
    scope = first_scope(transcript, cast, fresh)
    for number, (line, nodes, elements) in enumerate(made):
        for index, node in enumerate(nodes):
            for mutant in mutants(node, elements[index]):
                changed = [*elements[:index], mutant.element, *elements[index + 1 :]]
                is_free = (
                    mutant.is_free
                    or _is_own_id(elements[index], mutant.label)
                    or _is_another_alternative(_alternatives(transcript, line), mutant.element, scope)
                )
                yield _tried(transcript, number, line, mutant.label, changed, is_free)
        is_free = any(one.nothing or _is_mere_end(one) for one in _alternatives(transcript, line))
        yield _tried(transcript, number, line, "dropped", [], is_free=is_free)


def _is_own_id(element: "etree._Element", label: str) -> bool:
    """The id of what a client sends of its own accord is its own business."""
    return ": attribute id" in label and element.get("type") not in ("result", "error")


def _fits(node: Node, element: "etree._Element", scope: Mapping[str, str]) -> bool:
    try:
        return captured(node, element, scope, Strictness.OPEN) is not None
    except ScriptError:
        return False  # it refers to what only a play knows


def _alternatives(transcript: Transcript, line: int) -> Sequence[Alternative]:
    """What else a step allows than what comes first in it."""
    step = next(one for one in transcript.steps if one.line == line)
    if not isinstance(step, SendsOneOf):
        return ()
    return [one for one in step.alternatives[1:] if one.is_right]


def _is_mere_end(alternative: Alternative) -> bool:
    return alternative.stream_end and not alternative.nodes


def _is_another_alternative(
    alternatives: Sequence[Alternative], element: "etree._Element", scope: Mapping[str, str]
) -> bool:
    return any(one.nodes and _fits(one.nodes[0], element, scope) for one in alternatives)


def _tried(
    transcript: Transcript,
    number: int,
    line: int,
    label: str,
    elements: "list[etree._Element]",
    is_free: bool,
) -> Attempt:
    count = itertools.count()

    def changing(at: int, nodes: Sequence[Node], made: "list[etree._Element]") -> "list[etree._Element]":
        return elements if next(count) == number else made

    _, judged = play_client_itself(transcript, changing)
    covers = next((step.covers for step in transcript.steps if step.line == line), ())
    return Attempt(
        line=line,
        label=label,
        is_caught=bool(judged.problems),
        is_free=is_free,
        covers=covers,
        message=judged.problems[0].message if judged.problems else "",
    )
