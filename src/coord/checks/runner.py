"""Runs the rules: decides severities, applies waivers, turns places into lines and columns."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date

from coord.checks.registry import BY_CODE, RULES
from coord.checks.replayed import replayed
from coord.checks.result import LocatedFinding, Location, Result, Side
from coord.checks.rule import Context
from coord.config.load import Tree
from coord.domain.findings import Finding, Place, Position, Severity, Skipped
from coord.domain.model import Waiver


def check(tree: Tree, today: date, root: str = ".", *, replay: bool = False) -> Result:
    """Run every rule on a tree that was read, as of a day; with `replay`, every draw again too."""
    context = Context(tree.catalog, today, tree.findings)
    about_waivers = [rule for rule in RULES if rule.code.startswith("WVR")]
    others = [rule for rule in RULES if rule not in about_waivers]
    found = [_decide(finding, context) for rule in others for finding in rule.check(context)]
    if replay:
        found += [_decide(finding, context) for finding in replayed(context)]
    found, used = _waive(found, context)
    context.used_waivers = used
    found += [_decide(finding, context) for rule in about_waivers for finding in rule.check(context)]
    located = sorted((_locate(finding, tree) for finding in found), key=_order)
    skipped = sorted({*_blocked(tree), *context.skipped})
    return Result(
        root,
        today,
        tuple(located),
        tuple(skipped),
        len(tree.catalog.experiments),
        len(tree.catalog.surfaces),
        tuple(context.not_replayable),
    )


def _decide(finding: Finding, context: Context) -> Finding:
    """The finding with its severity: its own, or its rule's; about drafts a warning, save SYN and REF."""
    severity = finding.severity or BY_CODE[finding.code].severity
    experiment = context.catalog.experiments.get(finding.experiment or "")
    if experiment and experiment.draft and not finding.code.startswith(("SYN", "REF")):
        severity = Severity.WARNING if severity is Severity.ERROR else severity
    return replace(finding, severity=severity)


def _waive(findings: list[Finding], context: Context) -> tuple[list[Finding], frozenset[Waiver]]:
    used: set[Waiver] = set()
    result = []
    for finding in findings:
        waiver = next((w for w in context.catalog.waivers if _covers(w, finding, context)), None)
        if waiver and waiver.until:
            used.add(waiver)
            waived = {"reason": waiver.reason, "until": waiver.until.isoformat()}
            data = {**finding.data, "waived": waived}
            result.append(replace(finding, severity=Severity.INFO, data=data))
        else:
            result.append(finding)
    return result, frozenset(used)


def _covers(waiver: Waiver, finding: Finding, context: Context) -> bool:
    if waiver.rule != finding.code or not BY_CODE[finding.code].waivable:
        return False
    if not waiver.reason or not waiver.until or waiver.until <= context.today:
        return False
    if finding.days and finding.days.end > waiver.until:
        return False
    return waiver.surface in finding.waivable_on and _names(waiver, finding)


def _names(waiver: Waiver, finding: Finding) -> bool:
    """Whether the waiver is about this finding's experiment, or about this pair in either order."""
    others = {related.experiment for related in finding.related if related.experiment}
    if waiver.other is None:
        return waiver.experiment == finding.experiment or (
            finding.code.startswith("BUD") and waiver.experiment in others
        )
    return {waiver.experiment, waiver.other} == {finding.experiment, *others}


def _locate(finding: Finding, tree: Tree) -> LocatedFinding:
    if finding.severity is None:
        raise AssertionError("severities are decided before places")
    return LocatedFinding(
        finding.code,
        finding.severity,
        finding.message,
        finding.why,
        finding.hint,
        finding.experiment,
        finding.surface,
        _location(finding.place, tree),
        tuple(Side(side.experiment, _location(side.place, tree), side.message) for side in finding.related),
        finding.days,
        finding.buckets,
        finding.data,
    )


def _location(place: Place, tree: Tree) -> Location:
    document = tree.documents.get(place.path)
    if document is None:
        line, column, length = place.position or Position(1, 1)
        return Location(place.path, line, column, place.pointer, None, length)
    line, column, length = place.position or document.position(place.pointer, at_key=place.at_key)
    return Location(place.path, line, column, place.pointer, document.line(line), length)


def _order(finding: LocatedFinding) -> tuple[object, ...]:
    return (-finding.severity.rank, finding.location[:3], finding.code, finding.message)


def _blocked(tree: Tree) -> Iterator[Skipped]:
    """For every file that could not be used, the rules that needed it."""
    for path, (kind, reason) in tree.broken.items():
        needing: Iterable[str] = (rule.code for rule in RULES if kind.name in rule.needs)
        yield from (Skipped(code, path, reason) for code in needing)
