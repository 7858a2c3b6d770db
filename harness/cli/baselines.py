"""Which known deviations apply to a target."""

from collections.abc import Collection
from pathlib import Path

from harness.cli.terminal import say
from harness.engine.known import Baseline, check_cases, load_baseline
from harness.errors import UsageError
from harness.reporters.headline import number_of
from harness.resources import folder
from harness.targets.client_description import ClientDescription
from harness.targets.description import Description


def baseline_of(
    description: Description | ClientDescription,
    given: Path | None,
    known: Collection[str],
    *,
    may_be_new: bool = False,
) -> Baseline:
    """Read what the command line gives, else what the target file names, else what fits the launcher.

    Known deviations are those of a version and a configuration: attached servers have to ask for them.
    `known` are the names of all cases; with `may_be_new` the file need not be there. DataError
    tells of entries about others, and standard error of those that wait for a reason.
    """
    path = given or _shipped(description)
    if path is None or (may_be_new and not path.exists()):
        return Baseline()
    baseline = load_baseline(path)
    check_cases(baseline, known, path)
    if baseline.unreasoned:
        told = number_of(baseline.unreasoned, "known deviation")
        say(f"{description.name}: {told} without a reason ({path})")
    return baseline


def _shipped(description: Description | ClientDescription) -> Path | None:
    asked = description.baseline
    own = description.name if isinstance(description, ClientDescription) else description.launcher
    name = own if asked is None else asked
    names = sorted(path.stem for path in _folder().glob("*.toml"))
    if name in names:
        return _folder() / f"{name}.toml"
    if asked:
        raise UsageError(
            f"target {description.name}: there is no baseline {asked!r}",
            advice=f"baselines: {', '.join(names)}",
        )
    return None


def _folder() -> Path:
    return folder("fixtures") / "baselines"
