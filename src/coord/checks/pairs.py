"""Two experiments that must be exclusive: where that is written, and why it matters."""

from collections.abc import Iterable
from itertools import groupby

from coord.checks.words import listed
from coord.domain.exclusivity import Reason
from coord.domain.findings import Place
from coord.domain.model import Experiment

_WHY = {
    "component": "both touch {names}, so each would change what the other measures",
    "exclusive_with": "{names} {says} so in `exclusive_with`",
    "holdback": "{by} keeps its units out of every experiment on {names}",
    "system": "both serve the system {names}, so what one changes in it reaches the other",
}


def place_of(experiment: Experiment, reason: Reason) -> Place:
    """The field that makes the two exclusive, or the experiment's name where the other's field does."""
    if reason.kind == "exclusive_with" and reason.what != experiment.key:
        return experiment.at("experiment")
    if reason.kind == "holdback":
        return experiment.at("kind" if reason.by == experiment.key else "surface")
    return experiment.at({"component": "components", "system": "variants"}.get(reason.kind, reason.kind))


def why_exclusive(reasons: Iterable[Reason]) -> str:
    """Why two experiments must be exclusive, reasons of one kind together."""
    told = []
    for (kind, by), group in groupby(reasons, key=lambda reason: (reason.kind, reason.by)):
        names = [reason.what for reason in group]
        says = "says" if len(names) == 1 else "say"
        told.append(_WHY[kind].format(names=listed(names), by=by, says=says))
    return "; ".join(told)
