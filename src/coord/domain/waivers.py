"""Which waiver covers what."""

from coord.domain.catalog import Catalog
from coord.domain.model import Experiment, Waiver


def meeting_surfaces(one: Experiment, other: Experiment) -> frozenset[str]:
    """The surfaces whose owners may waive what is between two experiments.

    Those both belong to; when there is none, those that either belongs to.
    """
    both = frozenset(one.surfaces) & frozenset(other.surfaces)
    return both or frozenset(one.surfaces) | frozenset(other.surfaces)


def names_pair(waiver: Waiver, one: Experiment, other: Experiment) -> bool:
    """Whether the waiver is about bucket conflicts of these two, in either order."""
    named = {waiver.experiment, waiver.other}
    return (
        waiver.rule == "BKT001"
        and named == {one.key, other.key}
        and waiver.surface in meeting_surfaces(one, other)
    )


def pair_waived(catalog: Catalog, one: Experiment, other: Experiment) -> bool:
    """Whether a waiver lasts to the end of the days two experiments share, so that draws ignore the pair."""
    if one.days is None or other.days is None:
        return False
    end = one.days.meet(other.days).end
    return any(
        waiver.reason and waiver.until and waiver.until >= end and names_pair(waiver, one, other)
        for waiver in catalog.waivers
    )


def waivable_pairs(catalog: Catalog, waiver: Waiver) -> list[tuple[Experiment, Experiment]]:
    """The pair a waiver names, when it must be exclusive and meets."""
    named = {waiver.experiment, waiver.other}
    return [(one, other) for one, other in catalog.exclusive_pairs if {one.key, other.key} == named]
