"""A simulated programme as JSON (`coord.simulation/1`, schemas/simulation.schema.json) and as CSV."""

import csv
from collections.abc import Iterator
from io import StringIO
from typing import Any

from coord.domain.shares import format_share
from coord.report.json_report import inert_json
from coord.simulate.fitting import Fitted
from coord.simulate.program import Estimate, Programme

_DIGITS = 12


def document(found: Programme, fitted: Fitted) -> dict[str, Any]:
    """The document; every key is always there."""
    setting, needs = found.setting, found.needs
    busiest = None
    if needs.busiest is not None:
        place, load = needs.busiest
        name = fitted.components[place] if fitted.components else None
        busiest = {"component": name, "load": _rounded(load)}
    return {
        "format": "coord.simulation/1",
        "kind": "program",
        "replicates": found.replicates,
        "seed": found.seed,
        "results": dict(_results(found)),
        "setting": {one.name: {"value": one.value, "source": one.source} for one in fitted.sources},
        "carries": {one.name: None if one.most is None else _rounded(one.most) for one in found.policies},
        "needs": {
            "rate": _rounded(setting.rate),
            "components": needs.components,
            "traffic": None if needs.traffic is None else format_share(needs.traffic),
            "busiest": busiest,
        },
        "weeks": {one.name: [_rounded(week) for week in one.weeks] for one in found.policies},
    }


def _results(found: Programme) -> Iterator[tuple[str, dict[str, Any]]]:
    yield "proposed", _estimate(found.proposed)
    for one in found.policies:
        for name, figure in one.figures.items():
            yield f"{one.name}/{name}", _estimate(figure)


def _estimate(one: Estimate) -> dict[str, Any]:
    return {"value": _rounded(one.value), "se": None if one.se is None else _rounded(one.se)}


def _rounded(value: float) -> float:
    return float(f"{value:.{_DIGITS}g}")


def render(found: Programme, fitted: Fitted) -> str:
    """The document as text."""
    return inert_json(document(found, fitted))


def csv_text(found: Programme) -> str:
    """A row for each result."""
    output = StringIO()
    writer = csv.writer(output, lineterminator="\n")
    writer.writerow(("name", "value", "se"))
    for name, values in _results(found):
        writer.writerow((name, values["value"], "" if values["se"] is None else values["se"]))
    return output.getvalue()
