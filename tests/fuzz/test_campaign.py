"""What a campaign keeps of what it finds."""

from pathlib import Path

from harness.fuzz.findings import Findings
from harness.fuzz.reduction import Confirmed
from harness.fuzz.servers.properties import PROPERTIES
from harness.fuzz.settings import Settings
from harness.fuzz.trial import Reading, Trial
from harness.fuzz.troubles import Trouble
from harness.strategies.sample import Claim, Sample


def test_findings_of_the_same_name_have_scripts_of_their_own(tmp_path: Path) -> None:
    settings = Settings(families={}, seconds=1, seed=1, folder=tmp_path, target="t", words="t")
    findings = Findings(settings=settings)
    for text in (b"one", b"two", b"three"):
        sample = Sample(family="f", data=text, claim=Claim.ILL_FORMED)
        trial = Trial(sample=sample, token="t", data=text, reading=Reading.BROKEN)
        trouble = Trouble(broken=PROPERTIES[0], trial=trial, cause="c" * 200)
        findings.keep(Confirmed(trouble=trouble, samples=[sample]))
    texts = [path.read_text("utf-8") for _, path in findings.kept]
    assert [one in text for one, text in zip(("one", "two", "three"), texts, strict=True)] == [True] * 3
