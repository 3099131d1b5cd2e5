"""Likely explanations of mismatches, in words. Each says only what the rows show."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from coord.analysis.audit_causes import Cause
from coord.analysis.audit_dates import outside_words
from coord.analysis.audit_judge import Judge
from coord.analysis.audit_names import Names, shown
from coord.analysis.audit_tally import Tally
from coord.analysis.audit_tries import Case, by_chance, exchanged, other_salt, other_space, other_unit
from coord.domain.model import Kind
from coord.domain.spelling import nearest

_VALUES = 3
"""Values that are named."""


class Explanation(NamedTuple):
    """What explains, or describes, the mismatches of an experiment that have a cause."""

    experiment: str
    cause: Cause
    rows: int
    text: str


def explanations(judge: Judge, tally: Tally, other_units: Sequence[str]) -> list[Explanation]:
    """The explanations of every experiment with mismatches, in the order of their keys and of causes."""
    told = []
    for place, one in enumerate(judge.experiments):
        for cause, words in _WORDS.items():
            rows = int(tally.by_experiment[place, cause.code])
            if rows:
                case = Case(judge, tally, place, one, tally.found[place], rows, other_units)
                told += [Explanation(one.key, cause, rows, text) for text in words(case)]
    return told


def _unknown_variant(case: Case) -> Iterator[str]:
    one = case.experiment
    if one.kind is Kind.HOLDBACK:
        yield "it is a holdback, which has no variants"
        return
    known = _listed(variant.logged_as for variant in one.variants)
    logged = _names(case.judge.unknown_variants[case.place])
    yield f"logged as {logged}; its variants are logged as {known}"


def _outside_dates(case: Case) -> Iterator[str]:
    yield outside_words(case.experiment, case.found.outside)


def _not_eligible(case: Case) -> Iterator[str]:
    for name, values in sorted(case.experiment.audience.items()):
        found = case.judge.misfits.get((case.place, name))
        if found:
            folded = {value.casefold(): value for value in values}
            near = [value for value, _ in found.ranked() if value and value.casefold() in folded]
            hint = f"; {near[0]} differs from {folded[near[0].casefold()]} in case only" if near else ""
            yield f"{name} is {_names(found)}; its audience is {_listed(sorted(values))}{hint}"


def _held_back(case: Case) -> Iterator[str]:
    keys = [(case.judge.experiments[place].key, rows) for place, rows in case.found.holdbacks.items()]
    yield f"held back by {_counted(sorted(keys, key=lambda item: (-item[1], item[0])))}"


def _not_allocated(case: Case) -> Iterator[str]:
    one, ledger = case.experiment, case.judge.catalog.ledgers.get(case.experiment.key)
    if one.key not in case.judge.catalog.holdings:
        yield f"it has no ledger, so no unit is in it (`coord allocate {one.key}`)"
        return
    if case.found.coming:
        yield f"{case.found.coming:,} rows are of units that come in with a traffic step after the row's day"
    sample = case.sample(Cause.NOT_ALLOCATED)
    tried = [*other_unit(case, sample), *other_space(case, sample)] or [*by_chance(case)]
    yield from tried
    if ledger and any(entry.migrated for entry in ledger.entries):
        yield "its ledger was brought in from another system, whose hash may be another one"


def _wrong_variant(case: Case) -> Iterator[str]:
    sample = case.sample(Cause.WRONG_VARIANT)
    yield from other_unit(case, sample)
    yield from other_salt(case, sample)
    yield from exchanged(case)


_WORDS: dict[Cause, Callable[[Case], Iterator[str]]] = {
    Cause.UNKNOWN_VARIANT: _unknown_variant,
    Cause.OUTSIDE_DATES: _outside_dates,
    Cause.NOT_ELIGIBLE: _not_eligible,
    Cause.HELD_BACK: _held_back,
    Cause.NOT_ALLOCATED: _not_allocated,
    Cause.WRONG_VARIANT: _wrong_variant,
}


def unknown_words(judge: Judge, name: str, broken: Sequence[str]) -> str:
    """What can be said of a name that no experiment is logged as."""
    path = f"surfaces/{name.partition('/')[0]}/experiments/{name.partition('/')[2]}.yaml"
    if path in broken:
        return f"{path} has errors and was left out"
    one = judge.catalog.experiments.get(name)
    if one:
        return f"logs should call it {one.logged_as}"
    near = nearest(name, judge.by_name) if len(name) <= 200 else None
    return f"did you mean {near}?" if near else ""


def _names(names: Names) -> str:
    """The names with most rows."""
    return _counted(names.ranked(), "or more " if names.bounded else "")


def _counted(ranked: Sequence[tuple[str | None, int]], more: str = "") -> str:
    """The values with most rows."""
    told = [_value(value, rows) for value, rows in ranked[:_VALUES]]
    return _listed([*told, *([f"{len(ranked) - _VALUES:,} {more}others"] if len(ranked) > _VALUES else [])])


def _value(value: str | None, rows: int) -> str:
    return f"{'empty' if value is None else shown(value)} ({rows:,} row{'' if rows == 1 else 's'})"


def _listed(words: Iterable[str]) -> str:
    found = list(words)
    return " and ".join([", ".join(found[:-1]), found[-1]]) if len(found) > 1 else "".join(found)
