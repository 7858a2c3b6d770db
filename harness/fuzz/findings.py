"""What a campaign has found: what is worth showing, as scripts and as cases of the record."""

import itertools
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from harness.catalogue.requirements import level_of
from harness.fuzz.property import Property
from harness.fuzz.reduction import Confirmed
from harness.fuzz.settings import Settings
from harness.fuzz.troubles import BY_COMPARISON, Trouble
from harness.results.records import FUZZ, CaseFinished, Finding
from harness.results.verdicts import Level, Verdict
from harness.strategies.sample import Claim, Sample

_MOST_ALIKE = 3  # findings of one property with one cause
_MOST = 60  # findings of one campaign; whoever has more has other troubles
_SLUG = re.compile(r"[^a-z0-9]+")


@dataclass(kw_only=True)
class Findings:
    """Those of one campaign. `tell` hears of each, with where it stands and its text.

    `is_known` is asked about case and cause: of what is known one is enough.
    """

    settings: Settings
    tell: Callable[[Confirmed, Path, str], None] = lambda _, __, ___: None
    is_known: Callable[[str, str], bool] = lambda _, __: False
    kept: list[tuple[Confirmed, Path]] = field(default_factory=list)
    unwritten: str = ""  # the last one for which there was no place, and why
    _more: Counter[tuple[str, str]] = field(default_factory=Counter)  # kinds like those that were shown

    def knows(self, trouble: Trouble) -> bool:
        """Whether it is known that the target does this."""
        return self.is_known(trouble.case, _cause(trouble))

    def wants(self, trouble: Trouble) -> bool:
        """Whether it is looked for, and not enough of its like has been shown."""
        return self._may_count(trouble) and not self._is_enough(trouble)

    def leave_out(self, trouble: Trouble) -> None:
        """Note that there is more of what has been shown."""
        if self._counts(trouble) and self._is_enough(trouble):
            self._more[trouble.case, trouble.cause] += 1

    def _is_enough(self, trouble: Trouble) -> bool:
        """For each costs time to show and to read."""
        alike = (trouble.case, trouble.cause)
        real = [one.trouble for one, _ in self.kept if not one.is_flaky]
        shown = sum((one.case, one.cause) == alike for one in real)
        return shown >= (1 if self.knows(trouble) else _MOST_ALIKE) or len(self.kept) >= _MOST

    def _may_count(self, trouble: Trouble) -> bool:
        """What a stanza breaks may turn out to be the doing of its cuts, or of its way of writing."""
        is_comparable = trouble.trial.sample.claim is Claim.LEGAL and not trouble.is_of_a_monitor
        wanted = self.settings.properties
        is_wanted = any(one.is_among(wanted) for one in BY_COMPARISON)
        return self._counts(trouble) or (is_comparable and is_wanted)

    def _counts(self, trouble: Trouble) -> bool:
        return self.asks_for(trouble.broken)

    def asks_for(self, one: Property) -> bool:
        """Whether its breaches count; of others nothing is said."""
        wanted = self.settings.properties
        return not wanted or one.is_among(wanted)

    @property
    def count(self) -> str:
        """How many there are, in words; what was not shown again is none."""
        doubtful = sum(one.is_flaky for one, _ in self.kept)
        real = len(self.kept) - doubtful
        told = f"{real} finding{'' if real == 1 else 's'}"
        return told + (f" and {doubtful} that did not show again" if doubtful else "")

    def keep(self, confirmed: Confirmed) -> None:
        """Write one down."""
        if not self._counts(confirmed.trouble):
            return
        path, text = self._written(confirmed)
        self.kept.append((confirmed, path))
        self.tell(confirmed, path, text)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        except OSError as error:  # it stands in the record all the same
            self.unwritten = f"{path} cannot be written: {error.strerror}"

    def _written(self, confirmed: Confirmed) -> tuple[Path, str]:
        trouble = confirmed.trouble
        words = f"{trouble.broken.number} {trouble.cause} {trouble.signature[2]}".lower()
        name = _SLUG.sub("-", words).strip("-")[:90].strip("-")
        script = self.settings.side.script_of(trouble, confirmed.samples)
        path = self._free(name, ".scs" if script else ".txt", is_flaky=confirmed.is_flaky)
        return path, script or self._note_of(trouble)

    def _note_of(self, trouble: Trouble) -> str:
        """What is known of a finding that no script shows."""
        sent = "\n".join(_shown([trouble.trial.sample]))
        return f"{trouble.broken.title}\nFound by fuzzing: {trouble}\n{self._again(trouble)}\nSent:\n{sent}\n"

    def _again(self, trouble: Trouble) -> str:
        """The command that looks for it where it was found."""
        family = trouble.trial.sample.family
        behind = f" -- {self.settings.command}" if self.settings.command else ""
        return (
            f"xmpp-harness fuzz {self.settings.words} --family {family} --seed {self.settings.seed}{behind}"
        )

    def _free(self, name: str, ending: str, *, is_flaky: bool) -> Path:
        """A path that no other finding has."""
        taken = {path for _, path in self.kept}
        names = itertools.chain([name], (f"{name}-{number}" for number in itertools.count(2)))
        folder = self.settings.folder.with_name("flaky") if is_flaky else self.settings.folder
        paths = (folder / f"{one}{ending}" for one in names)
        return next(path for path in paths if path not in taken)

    def cases(self, judged: Counter[str]) -> Iterator[CaseFinished]:
        """One case for each property that was judged, so often: what broke it, or that it was held.

        What is known does not hide among what is new: beside that it is only a note.
        """
        shown: dict[str, list[tuple[Confirmed, Path]]] = {}
        for one, path in self.kept:
            shown.setdefault(one.trouble.case, []).append((one, path))
        for each in self.settings.side.properties:
            case = f"{FUZZ}/{each.name}"
            if case not in shown and judged[each.name] and self.asks_for(each):
                yield self._case(case, each, [], judged[each.name])
        for case, found in shown.items():
            doubtful = [one for one in found if one[0].is_flaky]
            real = [one for one in found if not one[0].is_flaky]
            told = [one for one in real if not self.knows(one[0].trouble)] or real
            broken = found[0][0].trouble.broken
            if real or (judged[broken.name] and not any(one.is_untried for one, _ in doubtful)):
                others = len(real) - len(told)
                yield self._case(case, broken, [*told, *doubtful], judged[broken.name], others)

    def _case(
        self,
        case: str,
        broken: Property,
        found: Sequence[tuple[Confirmed, Path]],
        times: int,
        others: int = 0,
    ) -> CaseFinished:
        real = [(one, path) for one, path in found if not one.is_flaky]
        notes = [f"judged {times} times"] if times else []
        notes += [f"{others} more are known"] if others else []
        more = {one.trouble.cause: self._more[case, one.trouble.cause] for one, _ in real}
        notes += [f"{cause}: shown by {count} more kinds" for cause, count in more.items() if count]
        return CaseFinished(
            target=self.settings.target,
            case=case,
            title=broken.title,
            perspective=self.settings.side.perspective,
            verdict=self._verdict([one for one, _ in real]),
            family=case.partition("/")[0],
            requirements=list(broken.requirements),
            level=broken.level,
            severity="security" if any(map(self._is_grave, real)) else "",
            findings=[self._finding(one, path, is_one_of_many=len(real) > 1) for one, path in real],
            notes=[*notes, *_flaky(found)],
            exchanges=list(real[0][0].trouble.exchanges) if real else [],
            started=time.time(),
            reproduce=self._reproduce(*real[0]) if len(real) == 1 else "",
        )

    def _is_grave(self, found: tuple[Confirmed, Path]) -> bool:
        trouble = found[0].trouble
        return trouble.broken.is_grave and self._level(trouble) is Level.MUST

    def _verdict(self, found: Sequence[Confirmed]) -> Verdict:
        if not found:
            return Verdict.PASS
        is_hard = any(self._level(one.trouble) is Level.MUST for one in found)
        return Verdict.FAIL if is_hard else Verdict.DEVIATES

    def _level(self, trouble: Trouble) -> Level:
        """What a monitor's rule is broken by is as grave as its requirement."""
        rows = [self.settings.table.get(name) for name in trouble.broken.requirements]
        if trouble.is_of_a_monitor and rows and rows[0] is not None:
            return level_of(rows[0], self.settings.side.perspective) or trouble.broken.level
        return trouble.broken.level

    def _finding(self, confirmed: Confirmed, path: Path, *, is_one_of_many: bool) -> Finding:
        trouble = confirmed.trouble
        return Finding(
            cause=_cause(trouble),
            message=f"{trouble.cause}: {trouble.trial.label}",
            difference=_shown(confirmed.samples),
            requirements=list(trouble.broken.requirements),
            reproduce=self._reproduce(confirmed, path) if is_one_of_many else "",
        )

    def _reproduce(self, confirmed: Confirmed, path: Path) -> str:
        if path.suffix != ".scs":
            return self._again(confirmed.trouble)
        if self.settings.command:  # of such a program `run` knows nothing
            return f"xmpp-harness {self.settings.words} --only {path} -- {self.settings.command}"
        return f"xmpp-harness run {self.settings.words} {path}"


def _cause(trouble: Trouble) -> str:
    """As records and baselines have it."""
    label = trouble.signature[2]
    return f"{trouble.cause} ({label})" if label else trouble.cause


def _flaky(found: Sequence[tuple[Confirmed, Path]]) -> list[str]:
    flaky = [(one.trouble, path) for one, path in found if one.is_flaky]
    return [f"flaky: {trouble.cause} ({trouble.trial.label}); {path}" for trouble, path in flaky]


def _shown(samples: Sequence[Sample]) -> list[str]:
    """What was sent: there is nothing to compare it with."""
    texts = (sample.data.decode("utf-8", "backslashreplace") for sample in samples)
    return [f"  {line}" for text in texts for line in text.splitlines() or [""]]
