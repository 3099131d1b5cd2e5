"""Tables of real experiments against exact sums of them. The files are not in this repository."""

import os
from pathlib import Path

import pytest

from coord.logs.unit_files import UnitColumns
from coord.stats.moments import Moments
from engine.tables import ARMS, measure, metric, same, source
from stats.reference import HILLSTROM, HILLSTROM_COLUMNS, USERS, USERS_COLUMNS, moments

pytestmark = pytest.mark.cases


def _path(name: str) -> str:
    folder = Path(os.environ.get("COORD_CASES") or Path(__file__).parents[3] / "shared" / "cases")
    path = folder / name
    reason = f"{path} is missing: name the folder of real cases in COORD_CASES"
    if not path.is_file() and "cases" in os.environ.get("COORD_REQUIRE", ""):
        pytest.fail(reason)
    if not path.is_file():
        pytest.skip(reason)
    return str(path)


def _users(arm: str, cells: tuple[str, ...], *columns: str) -> Moments:
    raw = [USERS[arm, cell] for cell in cells]
    return moments(raw[0] if len(raw) == 1 else raw[0] + raw[1], USERS_COLUMNS, *columns)


def test_users() -> None:
    metrics = [
        metric("rev", source(covariate="pre")),
        metric("conv"),
        metric("ctr", source("clk", "pre_clk"), source("imp", "pre_imp")),
    ]
    columns = UnitColumns("user", "variant")

    found = measure(_path("reference/users_ab.csv"), metrics=metrics, columns=columns, segment="b")

    assert (found.rows, found.excluded, found.crossovers) == (2000, {}, 0)
    for cells, population in (
        (("b0", "b1"), found.population),
        *(((str(value),), each) for value, each in found.segments.items()),
    ):
        for place, arm in enumerate(ARMS):
            assert population.units[place] == _users(arm, cells, "rev").n
            of = {name: each.moments[place] for name, each in population.metrics.items()}
            same(of["rev"], _users(arm, cells, "rev", "pre"))
            same(of["conv"], _users(arm, cells, "conv"))
            same(of["ctr"], _users(arm, cells, "clk", "imp", "pre_clk", "pre_imp"))
    assert found.population.metrics["conv"].events == (99, 125)


def test_hillstrom() -> None:
    arms = ("No E-Mail", "Mens E-Mail", "Womens E-Mail")
    metrics = [metric("visit"), metric("conversion"), metric("spend", source(covariate="history"))]
    columns = UnitColumns(None, "segment")

    found = measure(
        _path("hillstrom.csv"), metrics=metrics, arms=arms, columns=columns, dimensions=["channel"]
    )

    assert found.population.units == (21306, 21307, 21387)
    assert sum(map(sum, found.slices["channel"].values())) == 64_000
    for place, arm in enumerate(arms):
        of = {name: each.moments[place] for name, each in found.population.metrics.items()}
        same(of["visit"], moments(HILLSTROM[arm], HILLSTROM_COLUMNS, "visit"))
        same(of["conversion"], moments(HILLSTROM[arm], HILLSTROM_COLUMNS, "conversion"))
        same(of["spend"], moments(HILLSTROM[arm], HILLSTROM_COLUMNS, "spend", "history", per=100))
