"""What a random change starts from."""

from collections.abc import Callable
from datetime import date
from random import Random
from typing import Any, NamedTuple

from changes.assigner import experiments, runs
from changes.small import Files


class World(NamedTuple):
    """The files that are in force, the day, and every file that there ever was."""

    files: Files
    today: date
    past: list[tuple[str, Any]]


Move = Callable[[Random, Files, World], None]


def some(rng: Random, files: Files) -> tuple[str, dict[str, Any]]:
    return rng.choice(list(experiments(files)))


def running(rng: Random, files: Files, world: World) -> tuple[str, dict[str, Any]]:
    """An experiment, one that runs more often than not."""
    found = [(key, value) for key, value in experiments(files) if runs(value, world.today)]
    return rng.choice(found) if found and rng.random() < 0.7 else some(rng, files)
