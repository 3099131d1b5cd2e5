"""Comparing an experiment with what it was on the base."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from coord.domain.change.field import Comparison, FieldChange, Life, Type, life_of
from coord.domain.change.growing import GROWING, from_start
from coord.domain.change.table import TABLE, Treatment
from coord.domain.change.words import in_words
from coord.domain.model import Experiment, Kind, Variant


def compare(both: Comparison) -> tuple[FieldChange, ...]:
    """Every field that differs, in the order of the table of changes."""
    if both.before == both.after and _served(both.before) == _served(both.after):
        return ()  # nearly all of them, in a change of a few files
    return tuple(change for field in _VALUES for change in _field(both, field))


def _served(experiment: Experiment) -> str:
    """What is served, exactly: 1 equals true."""
    return repr([variant.serves for variant in experiment.variants])


def type_of(changes: tuple[FieldChange, ...]) -> Type:
    """The gravest of the changes; safe when there is none."""
    return max((change.type for change in changes), key=list(Type).index, default=Type.SAFE)


def _arms(experiment: Experiment) -> tuple[Variant, ...]:
    """The variants, with the slots that their weights come to: 1:1 and 3:3 are the same."""
    widths = [high - low for _, low, high in experiment.ranges]
    if not widths:
        return experiment.variants
    return tuple(arm._replace(weight=w) for arm, w in zip(experiment.variants, widths, strict=True))


_VALUES: Mapping[str, Callable[[Experiment], Any]] = {
    "kind": lambda e: e.kind,
    "status": lambda e: "draft" if e.draft else "active",
    "title": lambda e: e.title,
    "owner": lambda e: e.owner,
    "hypothesis": lambda e: e.hypothesis,
    "start": lambda e: e.days.start if e.days is not None else None,
    "end": lambda e: e.days.end if e.days is not None else None,
    "traffic": lambda e: e.steps,
    "components": lambda e: frozenset(e.components),
    "exclusive_with": lambda e: e.exclusive_with,
    "holds": lambda e: ("all" if e.holds_all else frozenset(e.surfaces)) if e.kind is Kind.HOLDBACK else None,
    "audience": lambda e: e.audience,
    "salt": lambda e: e.salt,
    "logged_as": lambda e: e.logged_as,
    "variants": _arms,
    "metrics": lambda e: e.metrics,
    "analysis": lambda e: e.analysis,
    "evaluate_from": lambda e: e.evaluate_from,
    "outcome": lambda e: e.outcome,
}
"""What an experiment's fields say, resolved: two spellings of one thing are equal."""

_AFTER_THE_END = {"title", "owner", "outcome"}


def _field(both: Comparison, field: str) -> Iterator[FieldChange]:
    before, after = (_VALUES[field](experiment) for experiment in (both.before, both.after))
    if before == after and in_words(before) == in_words(after):  # 1 equals true; their words do not
        return
    if field == "traffic" and from_start(both.before) == from_start(both.after):
        return  # only the start has moved, which is told there
    if field == "analysis" and _same_analysis(both):
        return
    if field == "variants":  # in words the weights are those of the file
        before, after = both.before.variants, both.after.variants
    change = FieldChange(field, in_words(before), in_words(after), Type.SAFE, "", None, (field,))
    life = life_of(both.before, both.today)
    if life is Life.UNSTARTED:
        yield change._replace(reason="it has not started")
    elif life is Life.OVER and field in _AFTER_THE_END:
        yield change._replace(reason="does not touch what was measured")
    elif life is Life.OVER:
        yield change._replace(type=Type.FORBIDDEN, reason=_OVER, rule="LIF003")
    elif TABLE["experiment"][field] is Treatment.FROZEN:
        yield change._replace(type=Type.NEW_EXPERIMENT, reason=_FROZEN[field], rule="CHG001")
    elif TABLE["experiment"][field] is Treatment.GROWS:
        yield from GROWING[field](both, change)
    else:
        yield change._replace(reason="changes neither units nor results")


def _same_analysis(both: Comparison) -> bool:
    """Whether the method is only written out, or left to a default that says the same.

    A default that changes under two files that both leave it there is no change of the file.
    """
    before, after = both.before.analysis, both.after.analysis
    default = (both.head if before.method else both.base).decision.method
    method = before.method or both.base.decision.method
    return before._replace(method=method) == after._replace(method=after.method or default)


_OVER = "it is over: what was measured was measured with what the file said"
_FROZEN = {
    "kind": "units met it as what it was, and are decided on as that",
    "status": "units are in it; as a draft it would hold no buckets and they would all leave",
    "hypothesis": "written after data have been seen, it is not tested by them",
    "start": "units were assigned from the day it said",
    "components": "which experiments it keeps clear of was decided by them",
    "holds": "units were kept out of what it said",
    "audience": "units would leave, or join that are unlike those before them",
    "salt": "another salt gives every unit its variant anew",
    "logged_as": "the logs so far carry the old name",
    "variants": "units would change variant, or meet something else under the same name",
    "analysis": "a plan that is chosen after data have been seen errs more often than it says",
    "evaluate_from": "a period that is chosen after data have been seen errs more often than it says",
}
