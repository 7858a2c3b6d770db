"""What is tried on clients."""

import random
from collections.abc import Mapping, Sequence

from hypothesis.strategies import SearchStrategy

from harness.fuzz.clients.properties import EVERY_CLIENT_PROPERTY
from harness.fuzz.clients.scripts import client_script_of
from harness.fuzz.rows import rows_of
from harness.fuzz.side import Side
from harness.results.verdicts import Perspective
from harness.strategies.client_families import CLIENT_FAMILIES
from harness.strategies.derive import batches_of
from harness.strategies.sample import Sample

_EACH = 2  # changes to a stanza of each purpose
#: What ends a stream, or begins before the login, needs a program for each sample.
_ALONE = frozenset({"reconnection", "wf", "restricted", "bytes", "ns", "header", "bombs"})
_MIXED = frozenset({"stanza", "management", "forgeries", "negotiation"})
_PATIENT = frozenset({"negotiation", "reconnection"})  # each is waited for, and all there are is known
_SWEPT, _SWEPT_MIXED, _SWEPT_ALONE = 48, 24, 8  # rows of a family in one turn
_MOST, _MOST_MIXED, _MOST_ALONE = 30, 10, 4  # samples that are drawn at once


def families_of(names: Sequence[str]) -> Mapping[str, SearchStrategy[list[Sample]]]:
    """Strategies of families by their names."""
    sizes = {name: _of(name, _MOST, _MOST_MIXED, _MOST_ALONE) for name in names}
    return {name: batches_of(CLIENT_FAMILIES[name], most) for name, most in sizes.items()}


def _of(name: str, together: int, mixed: int, alone: int) -> int:
    return alone if name in _ALONE else mixed if name in _MIXED else together


def _rows(name: str, seed: int) -> list[Sample]:
    chance = random.Random(seed)
    rows = rows_of(CLIENT_FAMILIES[name], chance, _EACH)
    chance.shuffle(rows)
    if name == "negotiation":  # what is cut into pieces comes when all has been tried in one
        rows.sort(key=lambda one: bool(one.cuts))
    return rows


CLIENTS = Side(
    perspective=Perspective.SERVER,
    properties=EVERY_CLIENT_PROPERTY,
    script_of=client_script_of,
    rows=_rows,
    swept=lambda name: _of(name, _SWEPT, _SWEPT_MIXED, _SWEPT_ALONE),
    sweep_seconds=30.0,
    try_seconds=90.0,
    is_drawn=lambda name: name not in _PATIENT,
)
