"""What a campaign keeps of what it finds."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from harness.fuzz.findings import Findings
from harness.fuzz.reduction import Confirmed
from harness.fuzz.servers.properties import PROPERTIES
from harness.fuzz.servers.side import SERVERS, families_showing, usual_families
from harness.fuzz.settings import Settings
from harness.fuzz.trial import Reading, Trial
from harness.fuzz.troubles import Trouble
from harness.strategies.families import FAMILIES
from harness.strategies.sample import Claim, Sample


def test_findings_of_the_same_name_have_scripts_of_their_own(tmp_path: Path) -> None:
    settings = Settings(side=SERVERS, families={}, seconds=1, seed=1, folder=tmp_path, target="t", words="t")
    findings = Findings(settings=settings)
    for text in (b"one", b"two", b"three"):
        sample = Sample(family="f", data=text, claim=Claim.ILL_FORMED)
        trial = Trial(sample=sample, token="t", data=text, reading=Reading.BROKEN)
        trouble = Trouble(broken=PROPERTIES[0], trial=trial, cause="c" * 200)
        findings.keep(Confirmed(trouble=trouble, samples=[sample]))
    texts = [path.read_text("utf-8") for _, path in findings.kept]
    assert [one in text for one, text in zip(("one", "two", "three"), texts, strict=True)] == [True] * 3


def sampled() -> list[str]:
    return [name for name in usual_families() if name in FAMILIES]


@pytest.mark.parametrize(
    ("wanted", "families"),
    [
        pytest.param([], usual_families(), id="all"),
        pytest.param(["P-22"], ["memory"], id="a-measure"),
        pytest.param(["identity-stays"], ["negotiation"], id="a-machine"),
        pytest.param(["P-03"], sampled(), id="samples"),
        pytest.param(["iq-replies"], sampled(), id="a-monitor"),
        pytest.param(["P-17", "P-22"], ["negotiation", "memory"], id="two"),
    ],
)
def test_what_is_asked_for_chooses_the_families(wanted: Sequence[str], families: Sequence[str]) -> None:
    assert sorted(families_showing(wanted)) == sorted(families)
