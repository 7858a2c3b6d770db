"""Text to transcript: Scansion's dialect and our own. The language is told in `scenarios/README.md`."""

from collections.abc import Sequence

from harness.pattern.nodes import Strictness
from harness.transcript.bodies import Body
from harness.transcript.forms import Common, read_step
from harness.transcript.header import read_actors, read_dialect, read_directives, read_sides, read_title
from harness.transcript.layout import Entry, lay_out
from harness.transcript.script import CLIENT_STEPS, Actor, Dialect, Side, Step, Transcript
from harness.transcript.terms import terms_of

_STRICTNESS = {Dialect.HARNESS: Strictness.OPEN, Dialect.SCANSION: Strictness.BY_NAMESPACE}


def parse(text: str, path: str) -> Transcript:
    """Read a script; `path` is what errors call it. Raises `ScriptError` with the place of the fault."""
    layout = lay_out(text, path)
    directives = read_directives(line for line in layout.comments if line.text.startswith("##"))
    dialect = read_dialect(directives)
    actors = read_actors(layout.blocks, dialect)
    title, description = read_title(layout)
    tests = read_sides(layout)
    transcript = Transcript(
        path=path,
        title=title,
        description=description,
        dialect=dialect,
        strictness=_STRICTNESS[dialect],
        actors=actors,
        steps=tuple(_read_step(entry, actors, dialect, tests) for entry in layout.steps),
        covers=directives.covers,
        needs=directives.needs,
        tags=directives.tags,
        tests=tests,
        headers=directives.others,
        source=text,
    )
    terms_of(transcript)  # raises for terms that nobody knows
    return transcript


def _read_step(entry: Entry, actors: Sequence[Actor], dialect: Dialect, tests: frozenset[Side]) -> Step:
    actor = _actor_of(entry, actors)
    common = Common(
        actor=actor,
        line=entry.head.number,
        text=entry.head.text.strip(),
        covers=read_directives(entry.directives).covers,
    )
    words = entry.head.text.removeprefix(actor)
    body = Body(entry=entry, dialect=dialect, is_for_clients=Side.CLIENT in tests)
    step = read_step(common, words, body)
    if isinstance(step, CLIENT_STEPS) and Side.SERVER in tests:
        advice = "write `## tests: client` in the header"
        raise entry.head.fault("only a scenario for clients can have this step", advice=advice)
    return step


def _actor_of(entry: Entry, actors: Sequence[Actor]) -> str:
    """The longest declared name with which the line begins: `Juliet's phone` before `Juliet`."""
    names = sorted((actor.name for actor in actors), key=len, reverse=True)
    found = next((name for name in names if entry.head.text.startswith(f"{name} ")), None)
    if found is None:
        advice = f"declared are: {', '.join(names) or 'none'}"
        raise entry.head.fault("this line begins with no actor's name", advice=advice)
    return found
