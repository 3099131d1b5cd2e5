"""What a change brings that its surfaces' owners let pass: the findings that a waiver covers."""

from collections.abc import Iterator
from typing import NamedTuple

from coord.checks.registry import BY_CODE
from coord.checks.result import LocatedFinding, Result
from coord.domain.catalog import Catalog
from coord.domain.findings import Severity


class Waived(NamedTuple):
    """A finding that a waiver covers, as grave as it is without, and what the waiver says."""

    finding: LocatedFinding
    severity: Severity
    reason: str
    until: str


def newly_waived(checked: Result, after: Catalog) -> Iterator[Waived]:
    """The findings that a change makes or makes worse, and a waiver covers; the gravest first."""
    found = [_waived(one, checked, after) for one in checked.findings if one.new and "waived" in one.data]
    yield from sorted(found, key=lambda one: -one.severity.rank)


def _waived(finding: LocatedFinding, checked: Result, after: Catalog) -> Waived:
    waiver = finding.data["waived"]
    return Waived(finding, _severity(finding, checked, after), waiver["reason"], waiver["until"])


def _severity(finding: LocatedFinding, checked: Result, after: Catalog) -> Severity:
    """How grave it would be without the waiver: a check turns what is waived into an info."""
    if finding.days and finding.days.end <= checked.today:
        return Severity.INFO
    rule, experiment = BY_CODE[finding.code], after.experiments.get(finding.experiment or "")
    drafted = experiment is not None and experiment.draft and not rule.compares
    return Severity.WARNING if drafted and rule.severity is Severity.ERROR else rule.severity
