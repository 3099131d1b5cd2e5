"""Runs the rules: decides severities, applies waivers, turns places into lines and columns."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date

from coord.checks.news import news
from coord.checks.registry import BY_CODE, RULES
from coord.checks.replayed import replayed
from coord.checks.result import LocatedFinding, Location, Result, Side
from coord.checks.rule import Context, Rule
from coord.checks.waiving import waive
from coord.config.load import Base, Tree
from coord.domain.findings import Cause, Finding, Place, Position, Severity, Skipped


def check(
    tree: Tree, today: date, root: str = ".", *, replay: bool = False, base: Base | None = None
) -> Result:
    """Run every rule on a tree that was read, as of a day; with `replay`, every draw again too.

    With a `base` the rules about changes run as well, and each finding says whether the change makes it.
    """
    context = Context(
        tree.catalog, today, base.tree if base else None, tree.findings, tree.broken, tree.documents, BY_CODE
    )
    run = [rule for rule in RULES if base or not rule.compares]
    found = _findings(context, run, replay=replay)
    new: list[bool | None] = [None] * len(found)
    if base:
        new = [*news(found, _before(base.tree, today, {finding.code for finding in found}, replay=replay))]
    located = (_locate(finding, tree, is_new) for finding, is_new in zip(found, new, strict=True))
    skipped = sorted({*_blocked(tree, run), *context.skipped})
    return Result(
        root,
        today,
        tuple(sorted(located, key=_order)),
        tuple(skipped),
        len(tree.catalog.experiment_files),
        tree.surface_files,
        tuple(context.not_replayable),
        base.commit if base else None,
        tuple(rule.code for rule in RULES if rule not in run),
        base.behind if base else 0,
    )


def _before(tree: Tree, today: date, codes: set[str], *, replay: bool) -> list[Finding]:
    """The base's findings of these codes, as of the same day."""
    context = Context(tree.catalog, today, None, tree.findings, tree.broken, tree.documents, BY_CODE)
    about_waivers = any(code.startswith("WVR") for code in codes)  # they look at what all others found
    run = [rule for rule in RULES if not rule.compares and (about_waivers or rule.code in codes)]
    return _findings(context, run, replay=replay and "BKT004" in codes)


def _findings(context: Context, rules: Sequence[Rule], *, replay: bool) -> list[Finding]:
    about_waivers = [rule for rule in rules if rule.code.startswith("WVR")]
    others = [rule for rule in rules if rule not in about_waivers]
    found = [_decide(finding, context) for rule in others for finding in rule.check(context)]
    if replay or context.base:
        found += [_decide(finding, context) for finding in replayed(context, everything=replay)]
    found, context.used_waivers = waive(found, context)
    context.found = tuple(found)
    return found + [_decide(finding, context) for rule in about_waivers for finding in rule.check(context)]


def _decide(finding: Finding, context: Context) -> Finding:
    """The finding with its severity: its own, or its rule's; about drafts a warning, save SYN and REF.

    What a change may not do stays so when it makes a draft of what has started.
    """
    severity = finding.severity or BY_CODE[finding.code].severity
    experiment = context.catalog.experiments.get(finding.experiment or "")
    whatever = finding.code.startswith(("SYN", "REF")) or BY_CODE[finding.code].compares
    if experiment and experiment.draft and not whatever:
        severity = Severity.WARNING if severity is Severity.ERROR else severity
    return replace(finding, severity=severity)


def _locate(finding: Finding, tree: Tree, new: bool | None) -> LocatedFinding:
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
        new,
    )


def _location(place: Place, tree: Tree) -> Location:
    document = tree.documents.get(place.path)
    if document is None:
        line, column, length = place.position or Position(1, 1)
        gone = place.position is None and place.path not in tree.broken
        return Location(place.path, line, column, place.pointer, None, length, gone)
    line, column, length = place.position or document.position(place.pointer, at_key=place.at_key)
    return Location(place.path, line, column, place.pointer, document.line(line), length)


def _order(finding: LocatedFinding) -> tuple[object, ...]:
    return (finding.new is False, -finding.severity.rank, finding.location[:3], finding.code, finding.message)


def _blocked(tree: Tree, rules: Sequence[Rule]) -> Iterator[Skipped]:
    """For every file that could not be used, the rules that needed it."""
    for path, (kind, reason) in tree.broken.items():
        needing: Iterable[str] = (rule.code for rule in rules if kind.name in rule.needs)
        yield from (Skipped(code, path, reason, Cause.BROKEN) for code in needing)
