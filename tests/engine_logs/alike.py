"""What two engines find of the same rows, compared; and rows and an organisation to compare them on."""

import math
import os
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from coord.domain.metrics import Source
from coord.logs.logged import Logged
from engine_logs.worlds import World, metric

REPOSITORY = Path(__file__).resolve().parents[2]
QUANTILES = (
    metric("median", Source("buy", None, "value"), quantile=Fraction(1, 2), missing="drop"),
    metric("p80_of_sums", Source("buy", "sum", "value"), quantile=Fraction(4, 5), missing="drop"),
)
ORGANISATION = {
    "coord.yaml": (
        "spaces:\n  user: {unit: user_id, salt: spark-shop-1, buckets: 1000}\nteams: [product]\n"
        "logs: {events: {event: metric}}\n"
    ),
    "metrics.yaml": """\
metrics:
  rev: {event: purchase, value: value, aggregate: sum, window: 14d, direction: increase, covariate: 14d}
  conv: {event: purchase, aggregate: any, window: 14d, direction: increase, covariate_column: sess}
  ctr:
    ratio:
      numerator: {event: click, aggregate: count, column: clk}
      denominator: {event: impression, aggregate: count, column: imp}
    window: 14d
    direction: increase
""",
    "shop/surface.yaml": (
        "surface: shop\ntitle: Shop\nowner: product\nspace: user\ncomponents: {page: The page}\n"
    ),
    "shop/experiments/button.yaml": """\
experiment: button
surface: shop
kind: ab_test
title: A larger button
owner: product
hypothesis: It sells.
status: active
start: 2025-03-01
end: 2025-04-10
logged_as: exp_a
traffic: 100%
components: [page]
variants: [{name: control}, {name: treatment}]
metrics:
  success: [{metric: rev, mde: 5%}, {metric: ctr, mde: 5%}]
  guardrail: [{metric: conv, margin: 20%}]
""",
}
TODAY = "2025-04-20"


def organisation(folder: Path) -> Path:
    for path, text in ORGANISATION.items():
        file = folder / "surfaces" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    return folder


def cases() -> Path:
    folder = Path(os.environ.get("COORD_CASES") or REPOSITORY.parent / "shared" / "cases") / "reference"
    reason = f"{folder} is missing: name the folder of real cases in COORD_CASES"
    if not folder.is_dir() and "cases" in os.environ.get("COORD_REQUIRE", ""):
        pytest.fail(reason)
    if not folder.is_dir():
        pytest.skip(reason)
    return folder


def same(ours: Any, theirs: Any, where: str = "") -> int:
    """How many numbers there are; all are equal to 1e-9, and all else is equal."""
    if isinstance(ours, dict):
        assert ours.keys() == theirs.keys(), where
        return sum(same(value, theirs[name], f"{where}/{name}") for name, value in ours.items())
    if isinstance(ours, (list, tuple)):
        assert len(ours) == len(theirs), where
        pairs = zip(ours, theirs, strict=True)
        return sum(same(*pair, f"{where}/{place}") for place, pair in enumerate(pairs))
    if isinstance(ours, float) and isinstance(theirs, float):
        assert math.isclose(ours, theirs, rel_tol=1e-9, abs_tol=1e-12), (where, ours, theirs)
        return 1
    assert ours == theirs, where
    return 0


def compare(one: World, ours: Logged, theirs: Logged) -> int:
    """How many numbers of two engines were compared, of the same logs."""
    assert _rest(ours) == _rest(theirs)
    assert ours.assigned is not None
    assert theirs.assigned is not None
    compared = same(plain(ours.segments), plain(theirs.segments), "segments")
    for a, b in ((ours.exposed, theirs.exposed), (ours.assigned, theirs.assigned)):
        assert a.units == b.units
        for name in (*a.metrics, *a.monitoring):
            for day in (one.spec.days.start.replace(day=6), ours.as_of):
                for mine, other in ((a.metrics, b.metrics), (a.monitoring, b.monitoring)):
                    if name in mine and (day == ours.as_of or hasattr(mine[name], "parts")):
                        compared += same(plain(mine[name].at(day)), plain(other[name].at(day)), name)
    return compared


def _rest(found: Logged) -> Any:
    return found._replace(exposed=None, assigned=None, segments={})  # type: ignore[arg-type]


def plain(found: Any) -> Any:
    """Named tuples, mappings and arrays as plain values."""
    if isinstance(found, Mapping):
        return {name: plain(value) for name, value in found.items()}
    if hasattr(found, "_asdict"):
        return {name: plain(value) for name, value in found._asdict().items()}
    if hasattr(found, "tolist"):
        return found.tolist()
    return [plain(value) for value in found] if isinstance(found, (list, tuple)) else found
