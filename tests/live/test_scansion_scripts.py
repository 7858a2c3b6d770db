"""The acceptance test of "Scansion scripts run unmodified": Prosody's own, all of them, against a Prosody.

The folder is named by XMPP_HARNESS_SCANSION_SCRIPTS; `make test` has `.ci/scansion-scripts` get them. They
are played once on localhost, and twice at the same time on another domain, where the verdicts must be the
same: the scripts share accounts, rooms and nodes as they are written, and as they are played they do not.

What fails is listed, each with its reason and the cause that the harness has to give; what is listed and
passes is a fault as well. There is a list for each pair of versions, of the scripts and of Prosody.
"""

import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest
import trio

from harness.catalogue.scenarios import find
from harness.cli.selection import open_catalogue
from harness.engine.campaign import Plan, run_targets
from harness.results.records import CaseFinished, Record, TargetFinished
from harness.results.verdicts import Verdict
from harness.targets.description import load
from harness.targets.launchers import prosody
from tests.needing import needed

FOLDER = os.environ.get("XMPP_HARNESS_SCANSION_SCRIPTS", "")
OTHER_DOMAIN = "verona.example"


@dataclass(frozen=True)
class Failure:
    """Why a script cannot pass, and words of the cause that the harness gives."""

    reason: str
    cause: str


_PUBLISHER = Failure(
    "since 13 the publisher of an item is not shown; 0.12 always shows it in personal eventing",
    "attribute publisher must not be there",
)
_FORM = Failure(
    "13 has more fields in the form of a node's configuration, and a form is compared as a whole",
    "child field is missing",
)

#: By versions of the scripts and of the server.
FAILURES: dict[tuple[str, str], dict[str, Failure]] = {
    ("13", "0.12"): {
        "bookmarks2": _PUBLISHER,
        "pep_nickname": _PUBLISHER,
        "pep_publish_subscribe": _PUBLISHER,
        "pubsub_config": _FORM,
        "pubsub_max_items": _FORM,
        "pubsub_multi_items": _FORM,
        "pubsub_preconditions": _FORM,
        "disco_self": Failure(
            "0.12 does not name disco itself among the features of an account", "attribute var is not"
        ),
        "muc_outcast_reason": Failure(
            "0.12 does not keep the reason for an affiliation", "child reason is missing"
        ),
    },
    # The scripts of 0.12 were played by a Prosody whose clock stood still.
    ("0.12", "0.12"): {
        "extdisco": Failure("the passwords hold the time", "attribute password is not"),
        "mam_extended": Failure("the time is that of the stopped clock", "attribute timestamp is not"),
        "uptime": Failure("zero seconds have passed", "attribute seconds is not '0'"),
    },
}

#: Scripts that pass only when less than a second goes by.
HASTY = {("0.12", "0.12"): {"lastactivity"}}


def series(version: str) -> str:
    """`13.0.1` is of the series 13, `0.12.3` of 0.12."""
    first, second = version.split(".")[:2]
    return f"{first}.{second}" if first == "0" else first


def versions() -> tuple[str, str]:
    found = re.search(r"prosody-(\d+\.\d+[\d.]*)", FOLDER)
    if found is None:
        pytest.fail(f"{FOLDER}: its path should tell the scripts' version, as in prosody-13.0.1")
    return series(found[1]), series(prosody.examine()[0].version)


@pytest.fixture(scope="module")
def known() -> tuple[str, str]:
    needed(FOLDER, "XMPP_HARNESS_SCANSION_SCRIPTS names no folder; .ci/scansion-scripts FOLDER makes one")
    needed(prosody.examine()[0].present, "Prosody is not installed")
    needed(versions() in FAILURES, f"nothing is known of scripts and server of the versions {versions()}")
    return versions()


@pytest.fixture(scope="module")
def on_localhost(known: tuple[str, str]) -> dict[str, CaseFinished]:
    return played("localhost", Path(FOLDER))


@pytest.fixture(scope="module")
def twice_elsewhere(
    known: tuple[str, str], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, CaseFinished]:
    again = tmp_path_factory.mktemp("copy") / "again"
    shutil.copytree(FOLDER, again)
    return played(OTHER_DOMAIN, Path(FOLDER), again)


def played(domain: str, *folders: Path) -> dict[str, CaseFinished]:
    """Play all scripts of the folders at once against one Prosody; the results by folder and name."""
    catalogue = open_catalogue()
    plan = Plan(
        descriptions=[msgspec.structs.replace(load("prosody-scansion"), domain=domain)],
        scenarios=find(folders, table=catalogue.table),
        sanity=catalogue.sanity,
    )
    records: list[Record] = []
    trio.run(run_targets, plan, records.append)
    died = [record.died for record in records if isinstance(record, TargetFinished)]
    assert died == [""]
    names = {scenario.name for scenario in plan.scenarios}
    return {one.case: one for one in records if isinstance(one, CaseFinished) and one.case in names}


def verdicts(results: dict[str, CaseFinished], folder: str, versions: tuple[str, str]) -> dict[str, str]:
    """What became of each script of a folder: `pass`, or the causes."""
    told = {}
    for name, case in results.items():
        script = name.removeprefix(f"{folder}/")
        if script != name and script not in HASTY.get(versions, ()):
            causes = "; ".join(finding.cause for finding in case.findings)
            told[script] = "pass" if case.verdict is Verdict.PASS else f"{case.verdict.value}: {causes}"
    return told


def test_every_script_passes_or_has_its_reason(
    on_localhost: dict[str, CaseFinished], known: tuple[str, str]
) -> None:
    found = verdicts(on_localhost, Path(FOLDER).name, known)
    assert len(found) >= 45
    expected = FAILURES[known]
    assert {
        name: verdict for name, verdict in found.items() if verdict != "pass" and name not in expected
    } == {}
    assert {name: found[name] for name, failure in expected.items() if failure.cause not in found[name]} == {}


@pytest.mark.parametrize("folder", [Path(FOLDER).name, "again"], ids=["once", "again"])
def test_verdicts_are_the_same_beside_each_other_and_elsewhere(
    folder: str,
    on_localhost: dict[str, CaseFinished],
    twice_elsewhere: dict[str, CaseFinished],
    known: tuple[str, str],
) -> None:
    here = verdicts(on_localhost, Path(FOLDER).name, known)
    assert verdicts(twice_elsewhere, folder, known) == here
