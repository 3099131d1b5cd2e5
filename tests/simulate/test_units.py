"""Units that are made up: the same whatever the size of batches, with values by the declared shares."""

from collections import Counter
from itertools import pairwise
from typing import Any

import pytest

from coord.simulate.units import made_up
from simulate.organisations import catalog, experiment


def rows(seed: int, batch: int, number: int = 5000, replicates: int = 1) -> list[tuple[int, str, Any, Any]]:
    found = []
    for piece in made_up(catalog([experiment("a")]), number, seed, replicates, batch):
        units, contexts = piece.make()
        texts = (bytes(units.data[a:b]).decode() for a, b in pairwise(units.offsets.tolist()))
        known = (contexts[name].to_pylist() for name in ("country", "platform"))
        found += [(piece.replicate, *row) for row in zip(texts, *known, strict=True)]
    return found


@pytest.mark.parametrize("batch", [1, 7, 4999, 100_000])
def test_batches_change_nothing(batch: int) -> None:
    assert rows(1, batch, 500, 2) == rows(1, 250, 500, 2)


def test_every_unit_is_another_in_all_replicates_and_seeds() -> None:
    found = [row[1] for seed in (1, 2) for row in rows(seed, 700, 500, 3)]
    assert len(set(found)) == len(found) == 3000
    assert [row[0] for row in rows(1, 700, 500, 3)] == [0] * 500 + [1] * 500 + [2] * 500


def test_values_come_by_their_shares_and_evenly_where_none_are_declared() -> None:
    found = rows(3, 1 << 18, 40_000)
    country, platform = Counter(row[2] for row in found), Counter(row[3] for row in found)
    shares = [country[value] / 40_000 for value in ("SE", "US", None)]
    assert shares == pytest.approx([0.25, 0.5, 0.25], abs=4 * 0.0025)
    assert [platform[value] / 40_000 for value in ("ios", "android")] == pytest.approx([0.5, 0.5], abs=0.01)
    assert None not in platform
    both = sum(row[2] == "SE" and row[3] == "ios" for row in found) / 40_000
    assert both == pytest.approx(0.125, abs=4 * 0.0017)
