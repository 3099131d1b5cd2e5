"""Tables with one row per unit for tests: written as files, measured, and computed again with numpy."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coord.domain.metrics import Cap, Metric, Source
from coord.logs.measured import Measured, Table
from coord.logs.unit_files import UnitColumns
from coord.logs.unit_table import measure_units
from coord.stats.moments import Moments
from logs.files import write

ARMS = ("control", "treatment")
WITH_IDS = UnitColumns("user_id", "variant")
WITHOUT_IDS = UnitColumns(None, "variant")
Floats = NDArray[np.float64]


def source(
    column: str | None = None,
    covariate: str | None = None,
    cap: Cap | None = None,
    aggregate: str | None = "sum",
) -> Source:
    return Source("event", aggregate, None, cap, column, covariate)


def metric(
    name: str,
    numerator: Source | None = None,
    denominator: Source | None = None,
    *,
    missing: str = "zero",
    quantile: Fraction | None = None,
) -> Metric:
    found = numerator or source()
    return Metric(name, 0, 7, False, False, None, missing, found, denominator, quantile)


def units(path: Path, columns: Mapping[str, Sequence[object]]) -> str:
    """Write columns of values as texts, None as nothing, in the format that the name of the file says."""
    texts = [["" if value is None else str(value) for value in column] for column in columns.values()]
    return str(write(path, list(zip(*texts, strict=True)), list(columns)))


def measure(*files: str, metrics: Sequence[Metric], arms: Sequence[str] = ARMS, **settings: Any) -> Table:
    columns = settings.pop("columns", WITHOUT_IDS)
    return measure_units(files, columns, metrics, arms, **settings)


def one(path: Path, columns: Mapping[str, Sequence[object]], asked: Metric, **settings: Any) -> Measured:
    """A single metric of a single file."""
    return measure(units(path, columns), metrics=[asked], **settings).population.metrics[asked.name]


def same(
    found: Moments, expected: Moments, ranges: Sequence[float] = (), errors: Sequence[float] = ()
) -> None:
    """Both are the same moments, but for rounding.

    `ranges` are how far the values of all groups are apart: sums are of what values are above a number near
    the mean of all of them. `errors` are how exact single values can be at all.
    """
    assert found.n == expected.n
    n, columns = expected.n, range(len(expected.mean))
    own = [float(np.sqrt(max(expected.products[i][i], 0.0))) for i in columns]
    ranges, errors = ranges or own, errors or [0.0] * len(own)
    off = [1e-9 * own[i] + 1e-14 * n * ranges[i] + n * errors[i] for i in columns]
    for i in columns:
        apart = (found.mean[i] - expected.mean[i]) + (found.fine[i] - expected.fine[i])
        assert abs(apart) <= off[i] + 1e-16 * abs(expected.mean[i])
        for j in columns:
            near = off[i] * own[j] + off[j] * own[i] + off[i] * off[j] + 1e-14 * n * ranges[i] * ranges[j]
            assert abs(found.products[i][j] - expected.products[i][j]) <= near
