"""The engine against numpy: random tables, however their rows are split, ordered, packed and stored."""

from fractions import Fraction
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from coord.domain.metrics import Cap, Metric
from coord.logs.measured import Table
from coord.stats.moments import Moments, of_columns, variance
from coord.stats.quantiles import quantile_of, rank
from engine.tables import ARMS, WITH_IDS, Floats, measure, metric, one, same, source, units

Q = Fraction(9, 10)
METRICS = (
    metric("x", source("x", "c")),
    metric("dropped", source("x", "c"), missing="drop"),
    metric("capped", source("x", "c", Cap(quantile=Q))),
    metric("at_most_2", source("x", "c", Cap(2.0))),
    metric("ratio", source("x", "c"), source("d", "e")),
    metric("ratio_of_some", source("x", cap=Cap(quantile=Q)), source("d"), missing="drop"),
    metric("q", source("x"), missing="drop", quantile=Fraction(1, 2)),
)


class Given(NamedTuple):
    """Units: their arms, countries and four columns; nan is none."""

    arms: list[int]
    countries: list[str | None]
    columns: dict[str, Floats]

    def columns_of_texts(self) -> dict[str, list[object]]:
        texts: dict[str, list[object]] = {
            "user_id": [f"u{i:03}" for i in range(len(self.arms))],
            "variant": [ARMS[arm] for arm in self.arms],
            "country": list(self.countries),
        }
        for name, column in self.columns.items():
            texts[name] = [None if np.isnan(value) else repr(float(value)) for value in column]
        return texts


@st.composite
def tables(draw: st.DrawFn) -> Given:
    n = draw(st.integers(0, 60))
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    offset = draw(st.sampled_from([0.0, 0.0, 1e12, -3e5]))
    scale = draw(st.sampled_from([1.0, 1e-6, 1e9]))
    columns = {}
    for name in "xcde":
        values = random.integers(-5, 20, n) if draw(st.booleans()) else random.lognormal(0, 1, n)
        nulls = random.random(n) < draw(st.sampled_from([0.0, 0.1, 0.6, 1.0]))
        columns[name] = np.where(nulls, np.nan, values * scale + offset)
    countries = [[None, "SE", "US"][i] for i in random.integers(0, 3, n)]
    return Given(random.integers(0, draw(st.integers(1, 2)), n).tolist(), countries, columns)


def _pooled_cap(column: Floats, cap: Cap | None) -> Floats:
    if cap is None:
        return column
    there = np.sort(column[~np.isnan(column)])
    if cap.value is None and not len(there):
        return column
    most = cap.value if cap.value is not None else there[rank(len(there), Q) - 1]
    return np.where(column > most, most, column)


def expected(table: Given, asked: Metric) -> tuple[Floats, list[Floats], bool]:
    """Which units count, their columns, and whether there is a covariate; the same in plain numpy."""
    sources = [asked.source] + ([asked.denominator] if asked.denominator else [])
    values = [table.columns[each.column or ""] for each in sources]
    if asked.missing == "zero":
        values = [np.nan_to_num(each, nan=0.0) for each in values]
    counts = ~np.any(np.isnan(values), axis=0)
    values = [
        _pooled_cap(np.where(counts, each, np.nan), s.cap) for each, s in zip(values, sources, strict=True)
    ]
    before = [table.columns[s.covariate_column] for s in sources if s.covariate_column]
    there = counts & ~np.any(np.isnan(before), axis=0) if before else np.zeros(len(counts), bool)
    if not there.any():
        return counts, values, False
    capped = [_pooled_cap(np.where(there, c, np.nan), s.cap) for c, s in zip(before, sources, strict=True)]
    return counts, values + [np.where(there, c, c[there].mean()) for c in capped], True


def check(found: Table, table: Given) -> None:
    """Every number of the engine is numpy's."""
    arms, n = np.array(table.arms, int), len(table.arms)
    assert found.rows == n
    assert found.excluded == {}
    assert found.population.units == (int((arms == 0).sum()), int((arms == 1).sum()))
    everyone = np.ones(n, bool)
    groups = [(found.population, everyone)]
    groups += [
        (each, np.array([c == value for c in table.countries], bool))
        for value, each in found.segments.items()
    ]
    assert {*found.segments} == {*table.countries}
    for population, members in groups:
        for asked in METRICS:
            measured = population.metrics[asked.name]
            counts, columns, covariate = expected(table, asked)
            assert measured.reason is None
            assert measured.covariate == covariate
            for arm in (0, 1):
                rows = counts & members & (arms == arm)
                assert measured.units[arm] == (members & (arms == arm)).sum()
                if asked.quantile is None:
                    ranges = [float(np.ptp(each[counts])) if counts.any() else 0.0 for each in columns]
                    # the mean that units without covariate have is rounded as all numbers are
                    errors = [4 * np.spacing(np.abs(each[counts]).max(initial=0.0)) for each in columns]
                    errors[: 1 + (asked.denominator is not None)] = [0.0] * (
                        1 + (asked.denominator is not None)
                    )
                    same(measured.moments[arm], of_columns(*(each[rows] for each in columns)), ranges, errors)
                else:
                    alone = np.arange(rows.sum())
                    quantile = quantile_of(columns[0][rows], alone, asked.quantile)
                    near = None if quantile.share_error is None else pytest.approx(quantile.share_error)
                    assert measured.quantiles[arm].share_error == near
                    assert measured.quantiles[arm]._replace(share_error=quantile.share_error) == quantile


@pytest.mark.parametrize("form", ["csv", "csv.gz", "parquet"])
@given(table=tables(), shuffled=st.randoms(use_true_random=False), parts=st.integers(1, 3))
@settings(max_examples=8, phases=[Phase.explicit, Phase.generate])  # to shrink one would take minutes
def test_against_numpy(form: str, table: Given, shuffled: Random, parts: int) -> None:
    order = list(range(len(table.arms)))
    shuffled.shuffle(order)
    with TemporaryDirectory() as folder:
        files = []
        for part in range(parts):
            columns = {
                name: [column[i] for i in order[part::parts]]
                for name, column in table.columns_of_texts().items()
            }
            files.append(units(Path(folder) / f"{part}.{form}", columns))
        found = measure(
            *files, metrics=METRICS, columns=WITH_IDS, dimensions=["country", "platform"], segment="country"
        )
    check(found, table)
    assert {*found.slices} == {"country"}
    for value, numbers in found.slices["country"].items():
        assert numbers == found.segments[value].units


def test_values_far_from_0_keep_their_variance(tmp_path: Path) -> None:
    random = np.random.default_rng(3)
    values = np.round(1.7e12 + 10 * random.standard_normal(100_000), 3)
    arms = [ARMS[i] for i in random.integers(0, 2, len(values))]

    found = one(tmp_path / "a.csv", {"variant": arms, "x": values.tolist()}, metric("x"))

    for arm, name in enumerate(ARMS):
        assert variance(found.moments[arm]) == pytest.approx(100, rel=0.02)
        same(found.moments[arm], of_columns(values[np.array(arms) == name]))


def test_sums_of_whole_numbers_are_exact(tmp_path: Path) -> None:
    found = one(
        tmp_path / "a.csv",
        {"variant": ["control"] * 7 + ["treatment"] * 3, "x": [1, 0, 0, 0, 0, 0, 1, 1, 1, 0]},
        metric("x"),
    )

    assert found.moments[0].mean == (2 / 7,)
    assert found.moments[0].products[0][0] == pytest.approx(2 - 4 / 7, rel=1e-15)
    assert found.events == (2, 2)


def test_other_values_are_no_events(tmp_path: Path) -> None:
    found = one(tmp_path / "a.csv", {"variant": [*ARMS, "control"], "x": [1, 0, 2]}, metric("x"))

    assert found.events is None


def test_huge_values_do_not_crash(tmp_path: Path) -> None:
    found = one(
        tmp_path / "a.csv", {"variant": [*ARMS] * 2, "x": [1e308, -1e308, 1.7e308, 1e308]}, metric("x")
    )

    assert [each.n for each in found.moments] == [2, 2]
    assert not np.isfinite(found.moments[0].products[0][0])


def test_segments_split_all_moments(tmp_path: Path) -> None:
    columns: dict[str, list[object]] = {
        "variant": [*ARMS] * 4,
        "x": [1, 2, 3, 4, 5, 6, 7, 9],
        "country": ["SE"] * 4 + [None] * 4,
    }
    found = measure(units(tmp_path / "a.csv", columns), metrics=[metric("x")], segment="country")

    assert [*found.segments] == ["SE", None]
    assert found.segments["SE"].metrics["x"].moments[0] == Moments(2, (2.0,), (0.0,), ((2.0,),))
    assert found.segments[None].metrics["x"].moments[1].mean == (7.5,)
