"""Rows that are exactly alike: those counted by their hashes are those counted by comparing all of them."""

from collections import Counter

import numpy as np
import pyarrow as pa
import pytest

from coord.logs import streams as streams_module
from coord.logs.streams import streams

KINDS = {"key": "int32", "text": "string", "value": "float64"}


def _rows(number: int) -> list[tuple[int, str | None, float | None]]:
    """Few different rows, with all that is equal to something that is written otherwise."""
    draw = np.random.default_rng(number)
    values = [0.0, -0.0, 1.5, float("nan"), -float("nan"), None]
    return [
        (int(draw.integers(max(2, number // 4))), (None, "", "a")[draw.integers(3)], values[draw.integers(6)])
        for _ in range(number)
    ]


@pytest.mark.parametrize("compared", [1 << 22, 7])
@pytest.mark.parametrize("number", [0, 1, 40, 3000])
def test_rows_are_counted_that_are_like_another(
    number: int, compared: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams_module, "_COMPARED", compared)
    rows = _rows(number)
    told = [(key, text, value if value == value else "nan") for key, text, value in rows]
    with streams() as engine:
        table, schema = engine.create(KINDS)
        columns = [pa.array([row[i] for row in rows], field.type) for i, field in enumerate(schema)]
        engine.append(table, pa.table(columns, schema=schema))
        assert engine.repeated(table, list(KINDS)) == sum(n - 1 for n in Counter(told).values())
        keys = Counter(key for key, _, _ in rows)
        assert engine.repeated(table, ["key"]) == sum(n - 1 for n in keys.values())
