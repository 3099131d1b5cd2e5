"""Stopping an experiment: an earlier `end`, and nothing else."""

from datetime import date
from pathlib import Path
from typing import NamedTuple

from coord.authoring.overlay import findings_at, load_with
from coord.authoring.words import inert, near
from coord.checks.result import LocatedFinding
from coord.config.edit import with_day
from coord.config.files import Files
from coord.config.layout import experiment_path, ledger_path
from coord.config.load import Tree, load
from coord.config.yaml_reader import read_yaml
from coord.domain.buckets import count
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
    _refuse_state(tree, experiment, on, today)  # drafts among others, so that days are known
    catalog, last = tree.catalog, experiment.days.end if experiment.days is not None else on
    held = catalog.holdings.get(experiment.key)
    free = on.toordinal() + catalog.surfaces[experiment.surface].policy.cooldown_days
    return Ended(
        experiment.key,
        experiment.path,
        last,
        on,
        experiment.space,
        catalog.spaces[experiment.space].buckets,
        count(held.before(last)) if held else 0,
        date.fromordinal(min(free, date.max.toordinal())),
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


def consequences(files: Files, ended: Ended, text: str, today: date) -> list[LocatedFinding]:
    """What is said of the file with the new end, by rules that said nothing of it before."""
    old = {finding.code for finding in findings_at(load(files), ended.path, today)}
    return [
        f for f in findings_at(load_with(files, ended.path, text), ended.path, today) if f.code not in old
    ]


def _known(tree: Tree, name: str) -> Experiment:
    catalog, path = tree.catalog, experiment_path(name) if "/" in name else ""
    if name in catalog.experiments:
        return catalog.experiments[name]
    document = tree.documents.get(path)
    if document and isinstance(document.value, dict) and "end" not in document.value:
        raise UsageError(f"{name} has no `end` to move. Write one into {path}, and start there.")
    if document or path in tree.broken:
        reason = tree.broken[path][1] if path in tree.broken else "its surface cannot be used"
        raise CoordError(f"{path} is not changed: {reason}. Run `coord check` and correct that first.")
    same = [key for key in sorted(catalog.experiments) if key.rpartition("/")[2] == name.rpartition("/")[2]]
    hint = f"; did you mean {same[0]}?" if same else near(name, catalog.experiments) or "."
    raise UsageError(f"There is no experiment {inert(name)}{hint} Experiments are named surface/name.")


def _refuse_state(tree: Tree, experiment: Experiment, on: date, today: date) -> None:
    key, path = experiment.key, experiment.path
    if experiment.draft:
        raise UsageError(f"{key} is a draft: it never ran and holds no buckets. To drop it, delete {path}.")
    if experiment.days is None:
        raise UsageError(f"{key} has no `end` to move. Write one into {path}, and start there.")
    first, last = experiment.days
    if last <= today:
        raise UsageError(f"{key} is over since {last}: there is nothing to stop.")
    if first > today and on <= first:
        ledger = f" and {ledger_path(key)}" if key in tree.catalog.ledgers else ""
        raise UsageError(
            f"{key} has not started: its first day is {first}. To drop it, delete {path}{ledger}. "
            "To stop it after its start, give a later day with --on."
        )
    if on < today:
        raise UsageError(
            f"{key} cannot end on {on}, before today, {today}: until today it did run, and its results count "
            "what happened. Give today or a later day with --on."
        )
    if on > last:
        raise UsageError(
            f"{key} ends on {last}, before {on}. To extend it, change `end` in {path} and let the change be "
            "reviewed; `coord end` only stops."
        )
