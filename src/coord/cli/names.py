"""Finding the experiment that somebody names."""

from typing import TYPE_CHECKING

from coord.errors import CoordError, UsageError

if TYPE_CHECKING:
    from coord.config.load import Tree
    from coord.domain.model import Experiment


def find_experiment(tree: "Tree", name: str) -> "Experiment":
    """The experiment called `surface/name`. Raises UsageError, or CoordError when its file has errors."""
    from coord.config.files import ROOT_FILE  # noqa: PLC0415
    from coord.config.layout import experiment_path  # noqa: PLC0415 - `coord --help` does without
    from coord.domain.spelling import unknown_experiment  # noqa: PLC0415

    experiment = tree.catalog.experiments.get(name)
    if experiment is not None:
        return experiment
    if "/" in name and experiment_path(name) in tree.broken:
        raise CoordError(f"{experiment_path(name)} has errors, so nothing is known of it. Run `coord check`.")
    if ROOT_FILE in tree.broken:
        raise CoordError(f"{ROOT_FILE} has errors, so nothing is known of any experiment. Run `coord check`.")
    raise UsageError(unknown_experiment(name, tree.catalog.experiments))
