"""Simulations as JSON (`coord.simulation/1`, schemas/simulation.schema.json) and as CSV."""

import csv
from collections.abc import Iterator, Sequence
from io import StringIO
from typing import Any

from coord.report.json_report import inert_json
from coord.simulate.results import Figure, Simulated

COLUMNS = ("name", "value", "se", "planned", "independent", "p_value", "df")
_DIGITS = 12


def document(found: Simulated, broken: Sequence[str]) -> dict[str, Any]:
    """The document of a simulated allocation; names of pairs have the smaller key first."""
    return {
        "format": "coord.simulation/1",
        "kind": "allocation",
        "today": found.day.isoformat(),
        "units": found.units,
        "replicates": found.replicates,
        "seed": found.seed,
        "results": dict(results(found)),
        "not_in_force": [experiment.key for experiment in found.idle],
        "without_ledger": [one.experiment.key for one in found.experiments if one.buckets is None],
        "left_out": list(found.file.left_out) if found.file else [],
        "repeated": found.file.repeated if found.file else 0,
        "rejects": dict(found.file.rejects) if found.file else {},
        "broken": list(broken),
    }


def results(found: Simulated) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every result with its name, in a stable order."""
    for one in found.experiments:
        name, fit = f"share/{one.experiment.key}", one.fit
        yield name, {**_figure(one.reached), "p_value": _rounded(fit.p_value), "df": fit.df}
        for variant, share in one.variants:
            yield f"{name}/{variant}", _figure(share)
        yield f"burned/{one.experiment.key}", _plain(one.burned, one.burned + one.reached.number)
    for pair in found.overlaps:
        independent = _rounded(float(pair.independent))
        yield f"overlap/{pair.a.key}|{pair.b.key}", {**_figure(pair.share), "independent": independent}
    yield "isolation_violations", _figure(found.violations)
    yield "holdback_leaks", _figure(found.leaks)
    for place, once in enumerate(sorted(found.at_once, key=lambda once: -once.mean.number)):
        if not place:
            yield "per_unit", _figure(once.mean)
        if len(found.at_once) > 1:
            yield f"per_unit/{once.randomised}", _figure(once.mean)
        for number, units in enumerate(once.units):
            yield f"units/{once.randomised}/{number}", _plain(units, once.mean.of)


def _figure(figure: Figure) -> dict[str, Any]:
    return {
        "value": _rounded(figure.value),
        "se": _rounded(figure.se),
        "planned": _rounded(float(figure.planned)),
    }


def _plain(number: int, of: int) -> dict[str, Any]:
    """A share that nobody planned."""
    p = number / of if of else 0.0
    return {"value": _rounded(p), "se": _rounded((p * (1 - p) / of) ** 0.5 if of else 0.0)}


def _rounded(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.{_DIGITS}g}")


def render(found: Simulated, broken: Sequence[str]) -> str:
    """The document as text; `broken` are files with errors, which are left out."""
    return inert_json(document(found, broken))


def csv_text(found: Simulated) -> str:
    """A row for each result."""
    output = StringIO()
    writer = csv.writer(output, lineterminator="\n")
    writer.writerow(COLUMNS)
    for name, values in results(found):
        writer.writerow([name, *(values.get(column, "") for column in COLUMNS[1:])])
    return output.getvalue()
