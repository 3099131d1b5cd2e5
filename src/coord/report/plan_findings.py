"""What the check finds new in a plan: what is told at which experiment, and the verdict."""

from collections import Counter, defaultdict
from collections.abc import Sequence

from coord.checks.result import LocatedFinding
from coord.domain.change.field import FieldChange
from coord.domain.findings import Severity
from coord.report.plan_waived import waives
from coord.report.plan_words import command
from coord.report.summary import counted
from coord.review.plan import ExperimentChange, Plan


class NewFindings:
    """The errors and warnings that a change makes or makes worse, and who waits for a draw."""

    def __init__(self, plan: Plan) -> None:
        """Sort the findings of a plan."""
        self.all = [found for found in plan.new_findings if found.severity is not Severity.INFO]
        self.errors = [found for found in self.all if found.severity is Severity.ERROR]
        undrawn = (found for found in plan.checked.findings if found.code == "BKT002")
        self._undrawn = {found.experiment: found for found in undrawn if found.severity is Severity.WARNING}
        waived = (found for found in plan.checked.findings if "waived" in found.data)
        self._waived = {(found.experiment, found.code) for found in waived}
        self._changed = {change.experiment.key for change in plan.changes}
        self._unreadable = bool(plan.unreadable)
        self.waives = waives(plan.waived)
        self._at: dict[str | None, list[LocatedFinding]] = defaultdict(list)
        for found in self.all:
            self._at[self._whose(found)].append(found)
        self._drafts = {one.experiment.key for one in plan.drafts}

    def at(self, change: ExperimentChange) -> list[LocatedFinding]:
        """Those about an experiment that neither its fields nor `waits` tell."""
        known = {field.rule for field in change.fields} | ({"BKT002"} if self.waits(change) else set())
        return [found for found in self._at[change.experiment.key] if found.code not in known]

    def _whose(self, found: LocatedFinding) -> str | None:
        """The experiment that is changed among those that a finding is about, if any."""
        subjects = (found.experiment, *(side.experiment for side in found.related))
        return next((key for key in subjects if key in self._changed), None)

    def elsewhere(self) -> list[LocatedFinding]:
        """Those about no experiment that is changed, and no draft of which the plan says that it exceeds."""
        rest = self._at[None]
        return [found for found in rest if found.code != "BUD006" or found.experiment not in self._drafts]

    def is_waived(self, change: ExperimentChange, field: FieldChange) -> bool:
        """Whether the owner of the surface lets the change of a field pass."""
        return (change.experiment.key, field.rule) in self._waived

    @property
    def besides(self) -> list[LocatedFinding]:
        """All but those that `waits` tells of an experiment that is changed."""
        waiting = self._undrawn.keys() & self._changed
        return [found for found in self.all if not (found.code == "BKT002" and found.experiment in waiting)]

    def waits(self, change: ExperimentChange) -> str:
        """What an experiment without buckets waits for; nothing when it has some, or finds no room."""
        key = change.experiment.key
        found = self._undrawn.get(key)
        if not found:
            return ""
        free, needed = found.data["free"], found.data["needed"]
        return f"no buckets yet: `coord allocate {key}` draws {needed:,}, and {free:,} are free"

    def verdict(self, base: str, options: str = "") -> str:
        """Whether `coord check --base` would pass, what it finds, and how much of that is waived."""
        ready = "Ready, as far as the files can be read" if self._unreadable else "Ready"
        told = f"no new errors or warnings{' but what is waived' if self.waives else ''}."
        if self.all:
            check = f"`{command('check', base, options)}`"
            told = f"{count_words(self.all)}; {check} says where, and how to mend them."
        waived = f" Waives {self.waives}:" if self.waives else ""
        return f"{'Not ready' if self.errors else ready}: {told}{waived}"


def count_words(findings: Sequence[LocatedFinding]) -> str:
    """`2 new errors, 1 new warning (BKT002 × 2, MET005)`."""
    codes = Counter(finding.code for finding in findings)
    listed = ", ".join(f"{code} × {n}" if n > 1 else code for code, n in sorted(codes.items()))
    return f"{counted(findings, 'new ')} ({listed})"
