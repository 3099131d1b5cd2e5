"""The Python API: who gets what by the files of a repository, for services and notebooks (docs/api.md).

An organisation is read once and never changes, so its answers depend on nothing but their arguments (and on
the clock, where no day is given), and threads may share it.
"""

import os
from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path

from coord.allocation.assign import (
    MOST_BYTES,
    Assignment,
    Context,
    Prepared,
    Reason,
    bucket_of,
    prepare_all,
    valid_unit,
)
from coord.config.files import Files, WorkingTree
from coord.config.load import load as read
from coord.domain.catalog import Catalog
from coord.domain.model import Space
from coord.domain.spelling import suggestion, unknown_experiment
from coord.errors import CoordError, UsageError
from coord.status.surface import State, state_of

__all__ = ["Assignment", "CoordError", "Organisation", "Reason", "State", "load"]


def load(path: str | os.PathLike[str] = ".", *, at: str | None = None) -> "Organisation":
    """Read the organisation in a folder that has `surfaces/`, as it is there or at a revision of git.

    Raises CoordError when there is none, or when a file of it has an error: what that file means to say may
    decide who gets what.
    """
    files, where = (_working_tree(Path(path)), "") if at is None else (_revision(Path(path), at), f" at {at}")
    tree = read(files)
    broken = sorted({one.place.path for one in tree.findings if one.code.startswith(("SYN", "REF"))})
    if broken:
        number = "1 file has" if len(broken) == 1 else f"{len(broken)} files have"
        raise CoordError(
            f"{number} errors{where} ({', '.join(broken[:3])}), so it is uncertain who gets what. "
            "Run `coord check`, which says how to mend them."
        )
    return Organisation(tree.catalog)


def _working_tree(folder: Path) -> Files:
    if not (folder / "surfaces").is_dir():
        raise CoordError(f"{folder} has no folder `surfaces`. Give the folder that has it.")
    return WorkingTree(folder)


def _revision(folder: Path, revision: str) -> Files:
    from coord.history.repository import Repository  # noqa: PLC0415 - only a revision needs git

    if not folder.is_dir():
        raise CoordError(f"{folder} is no folder. Give one in a clone of your repository.")
    repository = Repository.around(folder)
    return repository.files(repository.commit(revision))


class Organisation:
    """What the files said when they were read."""

    def __init__(self, catalog: Catalog) -> None:
        """Take a catalogue; `coord.load` reads one."""
        self._catalog = catalog
        ordered = (catalog.experiments[key] for key in sorted(catalog.experiments))
        self._prepared = {one.experiment.key: one for one in prepare_all(catalog, ordered)}
        self._of_space: Mapping[str, list[Prepared]] = defaultdict(list)
        for one in self._prepared.values():
            self._of_space[one.space.name].append(one)

    def __repr__(self) -> str:
        """How many experiments there are."""
        return f"<coord.Organisation of {len(self._prepared)} experiments>"

    @property
    def experiments(self) -> tuple[str, ...]:
        """The names of all experiments, `surface/name`, in order: also of drafts and of what is over."""
        return tuple(self._prepared)

    def state(self, experiment: str, *, day: date | None = None) -> State:
        """Whether an experiment is a draft, scheduled, running or over on a day (default: UTC today)."""
        return state_of(self._find(experiment).experiment, _day(day))

    def assign(
        self, experiment: str, unit: str, *, context: Context | None = None, day: date | None = None
    ) -> Assignment:
        """The assignment of a unit in an experiment on a day (default: UTC today), as `coord assign` says it.

        `context` is the unit's value of each audience dimension that is known. Raises CoordError for an
        unknown experiment, and for what cannot be a unit or a day.
        """
        return self._find(experiment).assign(_unit(unit), _day(day), context)

    def assign_all(
        self, unit: str, *, context: Context | None = None, day: date | None = None, space: str | None = None
    ) -> tuple[Assignment, ...]:
        """The assignments of a unit in everything of its space that runs on a day, holdbacks too, by name.

        `space` says what the unit is, such as a user or a device; it may be left out where there is one.
        """
        found, today, known = self._space(space), _day(day), context or {}
        bucket = bucket_of(found, _unit(unit))
        running = (one for one in self._of_space.get(found.name, ()) if one.held.runs(today))
        return tuple(one.place(unit, bucket, today, known) for one in running)

    def _find(self, experiment: str) -> Prepared:
        try:
            return self._prepared[experiment]
        except KeyError:
            raise UsageError(unknown_experiment(experiment, self._prepared)) from None

    def _space(self, name: str | None) -> Space:
        spaces = self._catalog.spaces
        if name is None and len(spaces) == 1:
            return next(iter(spaces.values()))
        if name is None:
            known = ", ".join(f"`{one}` ({space.unit})" for one, space in sorted(spaces.items()))
            raise UsageError(f"There are several spaces, so say with `space` which the unit is of: {known}.")
        if name not in spaces:
            raise UsageError(f"There is no space {name}: {suggestion(name, spaces)}")
        return spaces[name]


def _unit(unit: object) -> str:
    if isinstance(unit, str) and valid_unit(unit):
        return unit
    raise UsageError(f"A unit is text of 1 to {MOST_BYTES} bytes of UTF-8, and this is {unit!r}.")


def _day(day: object) -> date:
    if day is None:
        return datetime.now(UTC).date()
    if isinstance(day, date) and not isinstance(day, datetime):
        return day
    raise UsageError(f"A day is a datetime.date, and this is {day!r}; of a time, give the date in UTC.")
