"""Stopping an experiment: an earlier `end`, and nothing else."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import NamedTuple

from coord.allocation.drawing import released
from coord.authoring.words import inert, near
from coord.config.edit import with_day
from coord.config.layout import ledger_path
from coord.config.load import Tree
from coord.config.yaml_reader import read_yaml
from coord.domain.buckets import count
from coord.domain.catalog import Catalog
from coord.domain.dates import Days
from coord.domain.model import Experiment
from coord.errors import CoordError, UsageError


class Ended(NamedTuple):
    """An experiment with an earlier end. `buckets` are those it held until `before`, free again on `free`."""

    key: str
    path: str
    before: date
    after: date
    space: str
    size: int
    buckets: int
    free: date

    @property
    def changed(self) -> bool:
        """Whether there is anything to write."""
        return self.before != self.after


def end(tree: Tree, name: str, on: date, today: date) -> Ended:
    """What ending the experiment on a day does. Raises UsageError where that cannot be."""
    experiment = _known(tree, name)
    _refuse_state(tree, experiment, on, today)
    if experiment.days is None:
        raise CoordError(f"{experiment.path} has no usable days.")  # checked above; for the types
    earlier = replace(experiment, days=Days(experiment.days.start, on))
    catalog: Catalog = tree.catalog
    held = catalog.holdings.get(experiment.key)
    free = date.fromordinal(min(released(catalog, earlier), date.max.toordinal()))
    return Ended(
        experiment.key,
        experiment.path,
        experiment.days.end,
        on,
        experiment.space,
        catalog.spaces[experiment.space].buckets,
        count(held.before(experiment.days.end)) if held else 0,
        free,
    )


def edited(root: Path, tree: Tree, ended: Ended) -> str:
    """The text of the file with the new end: nothing else differs. Raises CoordError where it would."""
    document = tree.documents[ended.path]
    wanted = {**document.value, "end": ended.after.isoformat()}
    try:
        text = with_day(document.text, ("end",), ended.after)
    except ValueError:
        text = ""
    if not text or read_yaml(text.encode())[1] != wanted:
        raise CoordError(
            f"The `end` in {ended.path} is not written as a plain day (an anchor or alias, perhaps). "
            f"Write `end: {ended.after}` there by hand. Nothing was changed."
        )
    mark = "\ufeff" if (root / ended.path).read_bytes().startswith(b"\xef\xbb\xbf") else ""
    return mark + text


def _known(tree: Tree, name: str) -> Experiment:
    experiment = tree.catalog.experiments.get(name)
    if experiment:
        return experiment
    path = next((p for p in tree.catalog.experiment_files if p.endswith(f"/{name.rpartition('/')[2]}.yaml")), "")
    by_key = {key.rpartition("/")[2]: key for key in sorted(tree.catalog.experiments)}
    hint = near(name, [*tree.catalog.experiments])
    raise UsageError(name + path + str(by_key) + hint)


def _refuse_state(tree: Tree, experiment: Experiment, on: date, today: date) -> None:
    _ = inert, ledger_path
