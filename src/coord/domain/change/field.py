"""What a change of a field is, and what it is judged by."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

from coord.domain.catalog import Catalog
from coord.domain.findings import Pointer
from coord.domain.model import Experiment


class Type(StrEnum):
    """What a change takes; the later, the graver."""

    SAFE = "safe"
    NEW_EXPERIMENT = "new_experiment"  # what is wanted needs another experiment
    FORBIDDEN = "forbidden"  # it would rewrite what has happened


class FieldChange(NamedTuple):
    """A field that differs: what it said and says (empty: nothing), what that takes, and why.

    `rule` is the code of the rule that it breaks, `pointer` where it stands now.
    """

    field: str
    before: str
    after: str
    type: Type
    reason: str
    rule: str | None
    pointer: Pointer


class Life(StrEnum):
    """How far an experiment has come on a day."""

    UNSTARTED = "unstarted"
    STARTED = "started"
    OVER = "over"


def life_of(experiment: Experiment, today: date) -> Life:
    """How far it has come; drafts have not started, whatever they say."""
    days = experiment.days
    if experiment.draft or days is None or days.start > today:
        return Life.UNSTARTED
    return Life.OVER if days.end <= today else Life.STARTED


@dataclass(frozen=True, slots=True)
class Comparison:
    """An experiment before and after a change, in the catalogues of the base and of the change."""

    base: Catalog
    head: Catalog
    before: Experiment
    after: Experiment
    today: date

    @property
    def in_force(self) -> Fraction:
        """The traffic it takes today, as the base says."""
        return self.before.traffic_on(self.today)
