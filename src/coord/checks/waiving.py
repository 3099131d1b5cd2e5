"""Applying waivers: which finding is covered by which."""

from collections.abc import Sequence
from dataclasses import replace

from coord.checks.rule import Context
from coord.domain.findings import Finding, Severity
from coord.domain.model import Waiver


def waive(findings: Sequence[Finding], context: Context) -> tuple[list[Finding], frozenset[Waiver]]:
    """The findings, those that are covered as infos without advice; and the waivers that cover any."""
    used: set[Waiver] = set()
    result = []
    for finding in findings:
        covering = [waiver for waiver in context.catalog.waivers if _covers(waiver, finding, context)]
        used.update(covering)
        waiver = covering[0] if covering else None
        if waiver and waiver.until:
            waived = {"reason": waiver.reason, "until": waiver.until.isoformat()}
            data = {**finding.data, "waived": waived}
            result.append(replace(finding, severity=Severity.INFO, hint=None, data=data))
        else:
            result.append(finding)
    return result, frozenset(used)


def names(waiver: Waiver, finding: Finding) -> bool:
    """Whether the waiver is about this finding's experiment, or about this pair in either order."""
    if waiver.rule != finding.code:
        return False
    others = {related.experiment for related in finding.related if related.experiment}
    if waiver.other is None:
        return waiver.experiment == finding.experiment or (
            finding.code.startswith("BUD") and waiver.experiment in others
        )
    return {waiver.experiment, waiver.other} == {finding.experiment, *others}


def _covers(waiver: Waiver, finding: Finding, context: Context) -> bool:
    if waiver.rule != finding.code or not context.rules[finding.code].waivable:
        return False
    if not waiver.reason or not waiver.until or waiver.until <= context.today:
        return False
    if finding.days and finding.days.end > waiver.until:
        return False
    return waiver.surface in finding.waivable_on and names(waiver, finding)
