"""The plan as it was when the experiment started: what was added since has no part in the decision."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from types import MappingProxyType
from typing import NamedTuple

from coord.analysis.frozen import Terms, changes
from coord.analysis.planned import Line, Planned, last_before, plan_in, planned
from coord.analysis.results import Check, Status
from coord.domain.model import Experiment
from coord.errors import CoordError
from coord.history.repository import Repository


class AtStart(NamedTuple):
    """What history says of an experiment's plan.

    commit: where it was read; None when history says nothing, and `why` says why.
    terms: what it is decided by; None likewise.
    end: as planned then. reached: an end that came while it was in force, and was moved later only then; None
    where that never happened.
    known: the day of the commit, if it came after the start: what was planned before is not known.
    others: what else was so, by what it is called, and would make it another experiment.
    """

    commit: str | None
    why: str
    terms: Terms | None
    end: date | None
    reached: date | None = None
    known: date | None = None
    others: Mapping[str, str] = MappingProxyType({})


UNKNOWN = AtStart(None, "history was not asked", None, None)


def at_start(repository: Repository | None, experiment: Experiment) -> AtStart:
    """What history says; see `planned`."""
    if repository is None:
        return _nothing("surfaces/ is in no git repository")
    try:
        if repository.shallow:
            return _nothing("older commits were not fetched: run `git fetch --unshallow`")
        line = repository.line()
        found, known = planned(repository, line, experiment)
        if found is None:
            return _nothing("no commit has it without errors")
        reached = _reached(repository, line, experiment, found.end)
    except CoordError as error:
        return _nothing(str(error))
    return AtStart(found.commit, "", found.terms, found.end, reached, known, found.others)


def _reached(repository: Repository, line: Line, experiment: Experiment, end: date) -> date | None:
    """The first end that was in force when its day began, though the end is a later one now."""
    while experiment.days is not None and end < experiment.days.end:
        commit = last_before(line, datetime.combine(end, time(), UTC))
        then = None if commit is None else plan_in(repository, commit, experiment)
        if not isinstance(then, Planned):
            return end
        if then.end <= end:
            return then.end
        end = then.end
    return None


def _nothing(why: str) -> AtStart:
    return AtStart(None, why, None, None)


def plan_check(
    found: AtStart,
    later: tuple[str, ...],
    end: date,
    now: Terms | None = None,
    others: Mapping[str, str] = MappingProxyType({}),
) -> Check:
    """Whether the plan is the one that the experiment started with; later: metrics that came after it.

    now: what it would be decided by, as the files are. others: likewise, of what else there is.
    """
    if found.commit is None:
        return Check("plan", Status.NOT_RUN, None, f"history does not say what was planned: {found.why}")
    then = f"the plan at the start (commit {found.commit[:12]})"
    if found.known is not None:
        first = f"the plan of {found.known}, the first that is known, after the start"
        then = f"{first} (commit {found.commit[:12]})"
    told = []
    for name, old in found.others.items():
        if others.get(name, old) != old:
            told.append(f"{name} {old} and now {others[name]}")
    if later:
        told.append(f"{', '.join(later)} came after it, and has no part in the decision")
    if found.end is not None and end != found.end:
        told.append(f"the end was moved from {found.end} to {end}")
    if found.terms is not None and now is not None and (changed := [*changes(found.terms, now)]):
        told += [*changed, "what was planned decides"]
    if told:
        return Check("plan", Status.WARN, None, f"compared with {then}, {'; '.join(told)}")
    if found.known is not None:
        unknown = f"it was first committed on {found.known}, after the start"
        return Check("plan", Status.NOT_RUN, None, f"history does not say what was planned: {unknown}")
    return Check("plan", Status.PASS, None, f"metrics and end are those of {then}")
