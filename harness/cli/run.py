"""`xmpp-harness run`: play scenarios against servers and write the reports."""

import shlex
import sys
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import click
import msgspec

from harness.cli.attach import (
    attach_options,
    attach_words,
    attached_description,
    check_host_given,
    without_passwords,
)
from harness.cli.baselines import baseline_of
from harness.cli.output_folder import output_folder
from harness.cli.playing import check_sides, chosen_seed, gate_options, known_cases, play, side_of, verbosity
from harness.cli.selection import open_catalogue, sort_words
from harness.cli.terminal import say
from harness.cli.updated_baseline import baseline_to_update, update_after, update_option
from harness.engine.batch import Options
from harness.engine.campaign import FailOn, Plan
from harness.errors import UsageError
from harness.faults.tables import all_faults
from harness.reference_client.faults import FAULTS as CLIENT_FAULTS
from harness.targets.client_description import (
    REFERENCE_CLIENT,
    ClientDescription,
    client_names,
    is_client,
    load_client,
)
from harness.targets.description import Description, load, names

_AT_ONCE, _AT_ONCE_GENTLY = 24, 2


@click.command()
@click.argument("words", nargs=-1, metavar="[TARGET...] [SELECTION...]")
@click.option(
    "--out", type=click.Path(path_type=Path), help="Folder for the reports [default: out/DATE-TIME]."
)
@click.option("--tag", "tags", multiple=True, help="Only scenarios with this tag.")
@click.option("--without-tag", "without", multiple=True, help="No scenarios with this tag.")
@click.option(
    "--without", "left_out", multiple=True, metavar="SELECTION", help="Leave out what this SELECTION means."
)
@click.option(
    "--at-once", type=click.IntRange(1), help="Cases that run concurrently on a target [default: 24]."
)
@click.option("--gentle", is_flag=True, help="Few connections at once, and nothing intrusive.")
@click.option("--intrusive", is_flag=True, help="Play intrusive scenarios on attached servers too.")
@click.option(
    "--baseline", type=click.Path(path_type=Path), help="Known deviations, instead of those shipped."
)
@update_option
@click.option(
    "--fault", "faults", multiple=True, help="One misbehaviour of the reference server, to see checks fail."
)
@click.option("-q", "--quiet", is_flag=True, help="Only surprises, and the sum.")
@click.option("-v", "--verbose", is_flag=True, help="A line for every case.")
@gate_options
@attach_options
def run(words: Sequence[str], **options: Any) -> None:  # `Any`: click passes what each option holds
    """Play scenarios against servers.

    TARGET is a name that `xmpp-harness targets` lists, or a target file; without any it is the embedded
    reference server. SELECTION is a document (rfc6121), a section (rfc6120/4.3.3), a family (roster), a
    scenario's name or a path; without any, everything is played.
    """
    catalogue = open_catalogue()
    sorted_words = sort_words(words)
    descriptions = _descriptions(sorted_words.targets, options)
    chosen = catalogue.chosen(
        sorted_words.selectors,
        options["tags"],
        options["without"],
        sides={side_of(one) for one in descriptions},
        others=[] if options["host"] else [*names(), *client_names()],
        left_out=options["left_out"],
    )
    check_sides(descriptions, chosen)
    baseline = baseline_to_update(options, len(descriptions))
    known = known_cases(catalogue, chosen)
    plan = Plan(
        descriptions=descriptions,
        scenarios=chosen,
        sanity=catalogue.sanity,
        baselines={
            one.name: baseline_of(one, options["baseline"], known, may_be_new=bool(baseline))
            for one in descriptions
        },
        fail_on=FailOn(options["fail_on"]),
        fail_on_flaky=options["fail_on_flaky"],
        warn=say,
        words=_words(descriptions, sorted_words.targets, options),
        options=_options(descriptions, sorted_words.selectors, options),
    )
    with output_folder(options["out"]) as out:
        code = play(plan, out, catalogue.table, verbosity(options))
        if baseline:
            code = update_after(code, out / "record.jsonl", baseline)
    sys.exit(code)


def _descriptions(
    targets: Sequence[str], options: Mapping[str, Any]
) -> list[Description | ClientDescription]:
    if options["host"]:
        if targets:
            raise UsageError(
                "--host and target names exclude each other", advice="put the host into a target file"
            )
        return [attached_description(dict(options))]
    check_host_given(options)
    loaded = [_loaded(target, options["faults"]) for target in targets or ("reference",)]
    for name, count in Counter(one.name for one in loaded).items():
        if count > 1:
            raise UsageError(f"{count} targets are called {name}", advice="play them in two runs")
    return loaded


def _loaded(target: str, faults: Sequence[str]) -> Description | ClientDescription:
    if is_client(target):
        return client_with_faults(load_client(target), faults)
    return with_faults(load(target), faults)


def client_with_faults(description: ClientDescription, faults: Sequence[str]) -> ClientDescription:
    """Have the reference client misbehave; UsageError for other clients and for faults that it has not."""
    if not faults:
        return description
    if description.name != REFERENCE_CLIENT:
        what = f"{description.name} has no faults to switch on"
        raise UsageError(what, advice="only the reference server and the reference client have")
    _check_faults(faults, CLIENT_FAULTS, "reference client")
    environment = {**description.environment, "XMPP_FAULTS": ",".join(faults)}
    return msgspec.structs.replace(description, environment=environment)


def _check_faults(faults: Sequence[str], known: Collection[str], whose: str) -> None:
    for fault in faults:
        if fault not in known:
            near = get_close_matches(fault, known, n=3)
            advice = f"did you mean {' or '.join(near)}?" if near else "xmpp-harness faults lists them"
            if fault in CLIENT_FAULTS:
                advice = f"it is the reference client's: xmpp-harness run reference-client --fault {fault}"
            raise UsageError(f"the {whose} has no fault {fault}", advice=advice)


def with_faults(description: Description, faults: Sequence[str]) -> Description:
    """Have the reference server misbehave; UsageError for other servers and for faults that it has not."""
    wanted = tuple(faults) or description.settings.faults
    if not wanted:
        return description
    if description.launcher != "reference":
        raise UsageError(
            f"{description.name} has no faults to switch on",
            advice="only the reference server and the reference client have",
        )
    _check_faults(wanted, all_faults(), "reference server")
    settings = msgspec.structs.replace(description.settings, faults=wanted)
    return msgspec.structs.replace(description, settings=settings)


def _options(
    descriptions: Sequence[Description | ClientDescription],
    selectors: Sequence[str],
    options: Mapping[str, Any],
) -> Options:
    gentle = options["gentle"]
    servers = [one for one in descriptions if isinstance(one, Description)]
    is_ours = not any(one.is_attached for one in descriptions)
    return Options(
        at_once=options["at_once"] or (_AT_ONCE_GENTLY if gentle else _AT_ONCE),
        intrusive=not gentle and (is_ours or options["intrusive"]),
        command=["xmpp-harness", *(without_passwords(word, servers) for word in sys.argv[1:])],
        selection=list(selectors),
        is_partial=bool(selectors or options["tags"] or options["without"] or options["left_out"]),
        least=options["min_measured"],
        repeat=options["repeat"],
        retries=options["retries"],
        seed=chosen_seed(options),
    )


def _words(
    descriptions: Sequence[Description | ClientDescription],
    targets: Sequence[str],
    options: Mapping[str, Any],
) -> dict[str, str]:
    """What to write on a command line to mean each of the targets."""
    if options["host"]:
        return {descriptions[0].name: attach_words(options)}
    faults = "".join(f" --fault {fault}" for fault in options["faults"])
    words = targets or ("reference",)
    return {one.name: shlex.quote(word) + faults for one, word in zip(descriptions, words, strict=True)}
