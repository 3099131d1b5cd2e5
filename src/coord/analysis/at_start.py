"""The plan as it was when the experiment started: what was added since has no part in the decision."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time
from types import MappingProxyType
from typing import NamedTuple

from coord.analysis.frozen import Terms, changes, others_of, terms_of
from coord.analysis.results import Check, Status
from coord.config.load import load
from coord.domain.model import Experiment
from coord.errors import CoordError
from coord.history.git import git
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
    """The plan in the last commit before the start, or else in the first one after it that has it active."""
    if repository is None:
        return _nothing("surfaces/ is in no git repository")
    try:
        if repository.shallow:
            return _nothing("older commits were not fetched: run `git fetch --unshallow`")
        for commit in _commits(repository, experiment):
            found = _planned(repository, commit, experiment)
            if found is not None:
                reached = _reached(repository, experiment, found.end)
                return found._replace(reached=reached, known=_late(repository, commit, experiment))
    except CoordError as error:
        return _nothing(str(error))
    return _nothing("it was never committed")


def _late(repository: Repository, commit: str, experiment: Experiment) -> date | None:
    """The day of a commit that came after the start."""
    day = repository.moment_of(commit).date()
    return day if experiment.days is not None and day >= experiment.days.start else None


def _commits(repository: Repository, experiment: Experiment) -> Iterator[str]:
    """Where to look, the best first."""
    if experiment.days is None:
        return
    before = repository.last_before(_begin(experiment.days.start))
    changes = repository.changes_of(experiment.path)
    if before is not None:
        yield before
        earlier = set(git(repository.folder, "rev-list", "--first-parent", before).decode().split())
        changes = tuple(commit for commit in changes if commit not in earlier)
    yield from changes


def _planned(repository: Repository, commit: str, experiment: Experiment) -> AtStart | None:
    """The plan in a commit; None where the experiment was not there, was a draft, or could not be read."""
    catalog = load(repository.files(commit)).catalog
    then = catalog.experiments.get(experiment.key)
    if then is None or then.draft or then.days is None or then.surface not in catalog.surfaces:
        return None
    return AtStart(commit, "", terms_of(catalog, then), then.days.end, others=others_of(then))


def _reached(repository: Repository, experiment: Experiment, end: date | None) -> date | None:
    """The first end that was in force when its day began, though the end is a later one now."""
    while end is not None and experiment.days is not None and end < experiment.days.end:
        commit = repository.last_before(_begin(end))
        then = None if commit is None else _planned(repository, commit, experiment)
        if then is None or then.end is None or then.end <= end:
            return end if then is None or then.end is None else then.end
        end = then.end
    return None


def _begin(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


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
