"""Reference logs whose sums are known to the cent."""

import json
import os
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from coord.domain.dates import Days
from coord.domain.metrics import Source
from coord.domain.model import EventColumns, Logs
from coord.logs.logged import Logged, LogSpec
from coord.logs.measure_logs import LogFiles, measure_logs
from engine_logs.worlds import metric

REPOSITORY = Path(__file__).resolve().parents[2]
FORTNIGHT = (0, 14)
METRICS = (
    metric("rev", Source("purchase", "sum", "value"), window=FORTNIGHT, covariate=14),
    metric("conv", Source("purchase", "any"), window=FORTNIGHT),
    metric("ctr", Source("click", "count"), Source("impression", "count"), window=FORTNIGHT),
    metric("seen", Source("impression", "any"), window=FORTNIGHT),
)


def _folder() -> Path:
    folder = Path(os.environ.get("COORD_CASES") or REPOSITORY.parent / "shared" / "cases") / "reference"
    if not (folder / "events_events.csv").is_file():
        pytest.skip(f"{folder} is missing: name the folder of real cases in COORD_CASES")
    return folder


def _measured(folder: Path, today: date) -> Logged:
    spec = LogSpec("exp_a", ("control", "treatment"), Days(date(2025, 3, 1), date(2025, 4, 10)), today, today)
    columns = Logs(events=EventColumns(event="metric"))
    files = [str(folder / f"events_{name}.csv") for name in ("exposures", "events")]
    return measure_logs(spec, LogFiles(files[:1], files[1:], "user_id", columns), METRICS)


def _sums(found: Logged, arm: int) -> dict[str, Any]:
    """What the reference has, in cents."""
    measured = {name: series.at(found.as_of) for name, series in found.exposed.metrics.items()}
    rev, ctr = measured["rev"].moments[arm], measured["ctr"].moments[arm]

    def total(moments: Any, i: int) -> float:
        return float(moments.n * moments.mean[i])

    def squares(moments: Any, i: int, j: int) -> float:
        return float(moments.products[i][j] + moments.n * moments.mean[i] * moments.mean[j])

    conv, seen = measured["conv"].events, measured["seen"].events
    assert conv is not None
    assert seen is not None
    return {
        "n": measured["rev"].units[arm],
        "rev_cents": total(rev, 0) * 100,
        "rev_cents2": squares(rev, 0, 0) * 10_000,
        "conv": conv[arm],
        "clk": total(ctr, 0),
        "clk2": squares(ctr, 0, 0),
        "imp": total(ctr, 1),
        "imp2": squares(ctr, 1, 1),
        "clk_imp": squares(ctr, 0, 1),
        "pre_cents": total(rev, 1) * 100,
        "pre_cents2": squares(rev, 1, 1) * 10_000,
        "pre_rev": squares(rev, 0, 1) * 10_000,
        "imp_zero_users": measured["seen"].units[arm] - seen[arm],
    }


@pytest.mark.cases
@pytest.mark.parametrize("today", [date(2025, 3, 25), date(2025, 4, 1), date(2025, 4, 2), date(2026, 1, 1)])
def test_sums_are_those_of_the_reference(today: date) -> None:
    folder = _folder()
    expected = json.loads((folder / "events_expected.json").read_text())["exclude_multi"]
    found = _measured(folder, today)
    assert found.crossovers == expected["multi_variant_users"]
    for arm, name in enumerate(("control", "treatment")):
        assert _sums(found, arm) == pytest.approx(expected[name], rel=1e-12)


@pytest.mark.cases
def test_the_day_before_the_last_window_is_open() -> None:
    """The last unit came in on 10 March at 23:54, so that its fortnight is over on 25 March."""
    found = _measured(_folder(), date(2025, 3, 24))
    assert found.as_of == date(2025, 3, 24)
    assert sum(found.exposed.metrics["rev"].at(found.as_of).units) < found.units == 593
