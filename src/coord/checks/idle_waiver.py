"""Why a waiver covers nothing."""

from dataclasses import replace
from typing import NamedTuple

from coord.checks.rule import Context
from coord.checks.waiving import names
from coord.checks.words import listed
from coord.config.layout import experiment_path
from coord.domain.exclusivity import must_be_exclusive
from coord.domain.model import Waiver
from coord.domain.spelling import nearest
from coord.domain.waivers import meeting_surfaces, waivable_pairs


class Told(NamedTuple):
    """What is wrong with a waiver, what to do, and the field at fault (None: the waiver as a whole)."""

    message: str
    hint: str
    field: str | None = None


def why_idle(context: Context, waiver: Waiver) -> Told | None:
    """Why a waiver covers nothing; None where a broken file keeps it unknown, or only a change would tell."""
    rule = context.rules.get(waiver.rule)
    if rule is None:
        return Told(f"there is no rule {waiver.rule}", "correct the code, or remove the waiver", "rule")
    if not rule.waivable:
        return Told(f"{rule.code} cannot be waived", "remove the waiver, and mend what the rule says", "rule")
    for field, key in (("experiment", waiver.experiment), ("with", waiver.other)):
        if key is None or key in context.catalog.experiments:
            continue
        if experiment_path(key) in context.catalog.experiment_files:
            return None
        near = nearest(key, context.catalog.experiments)
        meant = f"; did you mean {near}?" if near else ""
        return Told(f"there is no experiment {key}{meant}", "correct the name, or remove the waiver", field)
    found = any(names(waiver, finding) for finding in context.found)
    if rule.compares and not found and not _comes_with_the_change(context, waiver):
        return None
    return _never_exclusive(context, waiver) or _elsewhere(context, waiver)


def _comes_with_the_change(context: Context, waiver: Waiver) -> bool:
    """What a change does is found once: later, and where nothing is compared, its waiver may rest."""
    before = context.base.catalog.waivers if context.base else (waiver,)
    return not any(replace(other, place=waiver.place) == waiver for other in before)


def _never_exclusive(context: Context, waiver: Waiver) -> Told | None:
    """A pair that no rule keeps apart."""
    if waiver.rule != "BKT001" or waiver.other is None:
        return None
    one, other = (context.catalog.experiments[key] for key in (waiver.experiment, waiver.other))
    for draft in (one, other):
        if draft.draft:
            return Told(f"{draft.key} is a draft and holds no buckets", "remove the waiver")
    if not must_be_exclusive(one, other):
        message = f"{one.key} and {other.key} need not be exclusive, so there is nothing to waive"
        return Told(message, "remove the waiver")
    if not waivable_pairs(context.catalog, waiver):
        return Told(f"{one.key} and {other.key} never meet, in days or in audience", "remove the waiver")
    return None


def _elsewhere(context: Context, waiver: Waiver) -> Told:
    """Names that are right, on the wrong surface, for too few days, or where nothing is wrong."""
    about = listed([waiver.experiment, *([waiver.other] if waiver.other else [])])
    found = [finding for finding in context.found if names(waiver, finding)]
    owners = [finding.waivable_on for finding in found]
    owners += [meeting_surfaces(*pair) for pair in waivable_pairs(context.catalog, waiver)]
    surfaces = sorted(frozenset().union(*owners))
    if surfaces and waiver.surface not in surfaces:
        target = " or ".join(f"surfaces/{name}/surface.yaml" for name in surfaces)
        message = f"only {listed(surfaces, 'or')} can waive {waiver.rule} for {about}"
        return Told(message, f"move the waiver to {target}")
    ends = [finding.days.end for finding in found if finding.days]
    if waiver.until and ends and waiver.until < min(ends):
        message = f"the waiver ends on {waiver.until}, before what it is about does ({min(ends)})"
        return Told(message, "agree on a later day, or remove the waiver", "until")
    name_both = "name the other one in `with`, or " if waiver.rule == "BKT001" and not waiver.other else ""
    return Told(f"there is no {waiver.rule} about {about}", f"{name_both}remove the waiver")
