"""What a runtime needs to assign units without the files: spaces, and everything in force or to come."""

from dataclasses import replace
from datetime import date
from typing import NamedTuple

from coord.allocation.assign import Held, Prepared, prepare_all
from coord.domain.catalog import Catalog
from coord.domain.model import Space


class Manifest(NamedTuple):
    """Everything that assigns units from `today` on; both lists are in the order of names.

    Of each experiment those holdbacks are left that can still keep a unit out of it.
    """

    today: date
    spaces: tuple[Space, ...]
    experiments: tuple[Prepared, ...]


def manifest(catalog: Catalog, today: date) -> Manifest:
    """The manifest as of a day: what is over then, and drafts, are left out."""
    kept = (one for one in catalog.active if one.days and one.days.end > today)
    experiments = prepare_all(catalog, sorted(kept, key=lambda one: one.key))
    spaces = {one.space.name: one.space for one in experiments}
    return Manifest(
        today,
        tuple(spaces[name] for name in sorted(spaces)),
        tuple(replace(one, holdbacks=_that_meet(one, today)) for one in experiments),
    )


def _that_meet(experiment: Prepared, today: date) -> tuple[Held, ...]:
    days = experiment.held.days
    backs = (back for back in experiment.holdbacks if back.days.end > today and back.days.meets(days))
    return tuple(sorted(backs, key=lambda back: back.key))
