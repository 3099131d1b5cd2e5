"""What history says of an experiment: which version of it was planned, and when it began."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time
from enum import Enum
from typing import NamedTuple

from coord.analysis.frozen import Terms, others_of, terms_of
from coord.config.files import UnreadableFile
from coord.config.layout import EXPERIMENT
from coord.config.load import load
from coord.config.yaml_reader import UnreadableYaml, read_yaml
from coord.domain.catalog import Catalog
from coord.domain.model import Experiment
from coord.domain.plans import plan_of
from coord.history.repository import Repository

_TRIED = 50
"""Versions of the files that are read at most, where one after the other has errors."""


class Planned(NamedTuple):
    """The plan in a commit. others: as `frozen.others_of` has them."""

    commit: str
    terms: Terms
    end: date
    others: Mapping[str, str]


class Without(Enum):
    """Why a commit has no plan: the experiment was not there or a draft; or files had errors."""

    EXPERIMENT = "experiment"
    SENSE = "sense"


Line = dict[str, datetime]
"""Commits and when they were made, as `Repository.line` has them."""


def planned(repository: Repository, line: Line, experiment: Experiment) -> tuple[Planned | None, date | None]:
    """The plan in the last commit before the start, or else in the first one after it that has it active.

    A commit whose files have errors is no version of anything: the one before it counts. With the plan comes
    the day of the commit, if that came after the start. Raises CoordError.
    """
    start = _begin(_begun(repository, line, experiment))
    changes = [commit for commit in repository.changes_of() if commit in line]
    last = last_before(line, start)
    earlier = [commit for commit in changes if line[commit] < start and commit != last]
    for commit in [last, *reversed(earlier)][:_TRIED] if last else ():
        found = plan_in(repository, commit, experiment)
        if isinstance(found, Planned):
            return found, None
        if found is Without.EXPERIMENT:
            break
    for commit in [one for one in changes if line[one] >= start][:_TRIED]:
        found = plan_in(repository, commit, experiment)
        if isinstance(found, Planned):
            return found, line[commit].date()
    return None, None


def last_before(line: Line, moment: datetime) -> str | None:
    """The newest commit that was made before a moment; None where there is none."""
    return next((commit for commit, made in reversed(line.items()) if made < moment), None)


def plan_in(repository: Repository, commit: str, experiment: Experiment) -> Planned | Without:
    """The plan in a commit, or why it has none. Raises CoordError."""
    tree = load(repository.files(commit))
    then = tree.catalog.experiments.get(experiment.key)
    if then is None:
        return Without.SENSE if tree.broken else Without.EXPERIMENT
    if then.draft or then.days is None:
        return Without.EXPERIMENT
    if not _makes_sense(tree.catalog, then):
        return Without.SENSE
    terms = terms_of(tree.catalog, then)
    return Planned(commit, terms, then.days.end, others_of(then))


def _makes_sense(catalog: Catalog, experiment: Experiment) -> bool:
    """Whether all that the plan rests on is known."""
    if any(name not in catalog.surfaces for name in (experiment.surface, *experiment.surfaces)):
        return False
    plan = plan_of(catalog, experiment)
    asked = (*plan.success, *plan.guardrail)
    return all(one.requirement.metric in catalog.metrics for one in asked)


def _begun(repository: Repository, line: Line, experiment: Experiment) -> date:
    """The first start that came while it was in force, also if it was moved later when it had come."""
    now = experiment.days.start if experiment.days is not None else date.max
    for start, upto in _starts(repository, line, experiment):
        if start < now and _begin(start) < upto:
            return start
    return now


def _starts(repository: Repository, line: Line, experiment: Experiment) -> Iterator[tuple[date, datetime]]:
    """Every start that the experiment had while it was active, and until when."""
    changes = [commit for commit in repository.changes_of(experiment.path) if commit in line]
    ends = [line[commit] for commit in changes[1:]]
    for commit, upto in zip(changes, [*ends, datetime.max.replace(tzinfo=UTC)], strict=False):
        start = _start_in(repository, commit, experiment)
        if start is not None:
            yield start, upto


def _start_in(repository: Repository, commit: str, experiment: Experiment) -> date | None:
    """The start that the experiment's own file has in a commit, if it is active there and can be read."""
    files = repository.files(commit)
    if experiment.path not in files.listing().files:
        return None
    try:
        _, value = read_yaml(files.read(experiment.path, EXPERIMENT.limit))
    except (UnreadableFile, UnreadableYaml):
        return None
    if not isinstance(value, dict) or value.get("status") != "active":
        return None
    try:
        return date.fromisoformat(str(value.get("start")))
    except ValueError:
        return None


def _begin(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
