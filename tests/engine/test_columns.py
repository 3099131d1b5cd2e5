"""Columns of metrics: found, missing, wrong; caps, missing values and covariates."""

from fractions import Fraction
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from coord.domain.metrics import Cap, Metric
from coord.errors import CoordError
from engine.tables import ARMS, WITH_IDS, measure, metric, one, source, units

SOME: dict[str, list[object]] = {"variant": [*ARMS] * 2, "rev": [1, 2, 3, 4], "imp": [2, 2, 2, 2]}


def _reason(folder: Path, asked: Metric, columns: dict[str, list[object]] | None = None) -> str | None:
    """Why a metric is not measured; another one always is."""
    file = units(folder / "a.csv", columns or SOME)
    found = measure(file, metrics=[metric("imp"), asked]).population.metrics
    assert [*found] == ["imp", asked.name]
    assert found["imp"].moments[0].mean == (2.0,)
    if found[asked.name].reason is not None:
        assert found[asked.name].units == ()
        assert found[asked.name].moments == ()
    return found[asked.name].reason


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        (metric("rev"), None),
        (metric("revenue", source("rev")), None),
        (metric("revv"), "the file has no column revv (did you mean rev?)"),
        (metric("Rev"), "the file has no column Rev (did you mean rev?)"),
        (metric("zzz"), "the file has no column zzz"),
        (metric("rev", source("r")), "the file has no column r"),
        (metric("ctr", source("rev"), source("imp")), None),
        (metric("ctr", source("rev"), source("impr")), "the file has no column impr (did you mean imp?)"),
        (
            metric("ctr", source("rev"), source()),
            "it is a ratio, and its numerator and denominator do not both",
        ),
        (metric("rev", source(aggregate=None), quantile=Fraction(1, 2)), "it is a quantile over events"),
        (metric("p", source("rev", aggregate=None), quantile=Fraction(1, 2)), None),
        (metric("rev", quantile=Fraction(1, 2)), None),
    ],
)
def test_missing_columns(tmp_path: Path, asked: Metric, reason: str | None) -> None:
    found = _reason(tmp_path, asked)

    assert found == reason or (
        reason is not None and (found or "").startswith(reason) and "column" in (found or "")
    )


def test_no_metric_at_all(tmp_path: Path) -> None:
    file = units(tmp_path / "a.csv", SOME)

    with pytest.raises(CoordError, match=r"none of the metrics.*revv \(did you mean rev\?\).*no column zzz"):
        measure(file, metrics=[metric("revv"), metric("zzz")])
    assert measure(file, metrics=[]).population.units == (2, 2)


def test_a_column_that_one_file_lacks(tmp_path: Path) -> None:
    files = units(tmp_path / "a.csv", SOME), units(tmp_path / "b.csv", {"variant": [*ARMS], "imp": [1, 2]})

    found = measure(*files, metrics=[metric("rev"), metric("imp")], dimensions=["rev"])

    assert found.population.metrics["rev"].reason == f"{files[1]} has no column rev"
    assert found.population.metrics["imp"].units == (3, 3)
    assert found.slices == {}


def test_no_variants(tmp_path: Path) -> None:
    file = units(tmp_path / "a.csv", {"varient": [*ARMS], "x": [1, 2]})

    with pytest.raises(CoordError, match=r"did you mean varient\?"):
        measure(file, metrics=[metric("x")])


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        (["1", "abc", "3", "4"], "a value of rev is not a finite number: `abc` in row 3"),
        (["nan", "1", "inf", "1e999"], "3 values of rev are not finite numbers, the first `nan` in row 2"),
        (["1", "x" * 100, "3", "4"], f"a value of rev is not a finite number: `{'x' * 40}…` in row 3"),
        (["1", "NA", "\\N", "true"], None),
    ],
)
def test_values_that_are_no_numbers(tmp_path: Path, values: list[object], reason: str | None) -> None:
    assert _reason(tmp_path, metric("rev"), SOME | {"rev": values}) == reason
    assert _reason(tmp_path, metric("m", source("rev"), source("imp")), SOME | {"rev": values}) == reason
    assert _reason(tmp_path, metric("m", source("imp", "rev")), SOME | {"rev": values}) == reason


def test_a_wrong_value_of_an_unknown_variant_is_not_looked_at(tmp_path: Path) -> None:
    columns: dict[str, list[object]] = {"variant": [*ARMS, "other"], "rev": [1, 2, "abc"], "imp": [2, 2, 2]}

    assert _reason(tmp_path, metric("rev"), columns) is None


def test_wrong_values_say_in_which_of_several_files(tmp_path: Path) -> None:
    files = [units(tmp_path / f"{i}.csv", SOME | {"rev": [1, 1, "bad" if i else 1, 1]}) for i in range(3)]

    found = measure(*files, metrics=[metric("rev"), metric("imp")]).population.metrics["rev"]

    assert found.reason == f"2 values of rev are not finite numbers, the first `bad` in row 4 of {files[1]}"


def test_parquet_holds_numbers_and_booleans(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    columns: dict[str, pa.Array] = {
        "user_id": pa.array([1, 2, 3, 4], pa.int64()),
        "variant": pa.array([*ARMS] * 2).dictionary_encode(),
        "double": pa.array([0.1, 2.5, None, 1e3]),
        "whole": pa.array([1, None, 3, 4], pa.int8()),
        "decimal": pa.array([1, 2, 3, 4]).cast(pa.decimal128(21, 2)),
        "yes": pa.array([True, False, None, True]),
        "wrong": pa.array([1.0, float("nan"), 2.0, float("inf")]),
        "list": pa.array([[1], [2], [3], [4]]),
    }
    parquet.write_table(pa.table(columns), path)
    names = ("double", "whole", "decimal", "yes", "wrong")

    found = measure(str(path), metrics=[metric(name, missing="drop") for name in names], columns=WITH_IDS)

    metrics = found.population.metrics
    assert [metrics["double"].moments[i].mean[0] for i in (0, 1)] == [pytest.approx(0.1), 501.25]
    assert [metrics["whole"].moments[i].mean[0] for i in (0, 1)] == [2, 4]
    assert [metrics["decimal"].moments[i].mean[0] for i in (0, 1)] == [2, 3]
    assert metrics["yes"].events == (1, 1)
    assert metrics["wrong"].reason == "2 values of wrong are not finite numbers, the first `nan` in row 2"
    with pytest.raises(CoordError, match=r"column list .* must hold one value"):
        measure(str(path), metrics=[metric("list")], columns=WITH_IDS)


def test_parquet_ids_are_no_numbers_with_decimals(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    parquet.write_table(pa.table({"user_id": [1.0, 2.0], "variant": [*ARMS], "x": [1, 2]}), path)

    with pytest.raises(CoordError, match=r"column user_id .* numbers with decimals"):
        measure(str(path), metrics=[metric("x")], columns=WITH_IDS)


def test_what_a_unit_without_a_value_counts_as(tmp_path: Path) -> None:
    columns: dict[str, list[object]] = {
        "variant": ["control"] * 4,
        "x": [4, None, None, 2],
        "d": [1, None, 3, None],
    }

    zero = one(tmp_path / "a.csv", columns, metric("x"))
    drop = one(tmp_path / "a.csv", columns, metric("x", missing="drop"))
    ratio = one(tmp_path / "a.csv", columns, metric("r", source("x"), source("d")))
    dropped = one(tmp_path / "a.csv", columns, metric("r", source("x"), source("d"), missing="drop"))

    assert (zero.units, zero.moments[0].n, zero.moments[0].mean) == ((4, 0), 4, (1.5,))
    assert (drop.units, drop.moments[0].n, drop.moments[0].mean) == ((4, 0), 2, (3.0,))
    assert (ratio.moments[0].n, ratio.moments[0].mean) == (4, (1.5, 1.0))
    assert (dropped.moments[0].n, dropped.moments[0].mean) == (1, (4.0, 1.0))


def test_caps_are_of_all_arms_with_their_zeros(tmp_path: Path) -> None:
    columns: dict[str, list[object]] = {
        "variant": [*["control"] * 5, *["treatment"] * 5],
        "x": [None, None, None, None, 1, 1, 1, 5, 9, 100],
    }
    q = Cap(quantile=Fraction(8, 10))  # of 0 0 0 0 1 1 1 5 9 100 the eighth

    zero = one(tmp_path / "a.csv", columns, metric("x", source(cap=q)))
    drop = one(tmp_path / "a.csv", columns, metric("x", source(cap=q), missing="drop"))  # of six the fifth
    fixed = one(tmp_path / "a.csv", columns, metric("x", source(cap=Cap(4.0))))

    assert zero.moments[1].mean == (17 / 5,)
    assert drop.moments[1].mean == (25 / 5,)
    assert fixed.moments[1].mean == (14 / 5,)


def test_covariates_have_a_cap_of_their_own(tmp_path: Path) -> None:
    columns: dict[str, list[object]] = {
        "variant": [*ARMS] * 5,
        "x": [1, 2, 3, 4, 5, 6, 7, 8, 9, 1000],
        "c": [10, 20, 30, 40, 50, 60, 70, 80, 90, 9000],
    }

    found = one(tmp_path / "a.csv", columns, metric("x", source("x", "c", Cap(quantile=Fraction(9, 10)))))

    assert found.moments[1].mean == (29 / 5, 290 / 5)


def test_units_without_covariate_have_the_mean_of_all_arms(tmp_path: Path) -> None:
    columns: dict[str, list[object]] = {"variant": [*ARMS] * 20, "x": [1] * 40}
    asked = metric("x", source("x", "c"))

    few = one(tmp_path / "a.csv", columns | {"c": [None, 3, None, 6, 9, *[6] * 35]}, asked)
    none = one(tmp_path / "a.csv", columns | {"c": ["NA"] * 40}, asked)
    unread = one(tmp_path / "a.csv", columns | {"c": [6] * 40}, asked, covariates=False)

    assert few.moments[0].mean[1] == pytest.approx((6 + 6 + 9 + 6 * 17) / 20)
    assert few.moments[1].mean[1] == pytest.approx((3 + 6 * 19) / 20)
    assert (few.covariate, few.notes) == (True, ())  # one in twenty is no news
    assert (none.covariate, len(none.moments[0].mean)) == (False, 1)
    assert none.notes == ("Not adjusted for its covariate: no unit has one.",)
    assert (unread.covariate, len(unread.moments[0].mean), unread.notes) == (False, 1, ())


def test_many_units_without_covariate_are_said(tmp_path: Path) -> None:
    columns: dict[str, list[object]] = {"variant": [*ARMS] * 2, "x": [1] * 4, "c": [None, 3, 6, 6]}

    found = one(tmp_path / "a.csv", columns, metric("x", source("x", "c")))

    assert len(found.notes) == 1
    assert found.notes[0].startswith("1 of 4 units (25.0%) have no covariate")


def test_a_missing_covariate_leaves_the_metric(tmp_path: Path) -> None:
    found = one(tmp_path / "a.csv", SOME, metric("rev", source("rev", "prev")))

    assert found.moments[0].mean == (2.0,)
    assert found.covariate is False
    assert found.notes == (
        "Not adjusted for its covariate: the file has no column prev (did you mean rev?).",
    )


def test_segments(tmp_path: Path) -> None:
    file = units(tmp_path / "a.csv", SOME | {"country": ["SE", "US", "SE", "US"]})
    many = units(tmp_path / "b.csv", {"variant": ["control"] * 51, "rev": [1] * 51, "country": [*range(51)]})

    with pytest.raises(CoordError, match=r"no column contry \(did you mean country\?\)"):
        measure(file, metrics=[metric("rev")], segment="contry")
    with pytest.raises(CoordError, match="country has 51 values"):
        measure(many, metrics=[metric("rev")], segment="country")
    assert len(measure(many, metrics=[metric("rev")], dimensions=["country"]).slices["country"]) == 51


def test_a_column_may_be_everything_at_once(tmp_path: Path) -> None:
    columns: dict[str, list[object]] = {"user_id": ["1", "2", "3"], "variant": ["1", "0", "1"]}
    file = units(tmp_path / "a.csv", columns)

    found = measure(
        file,
        metrics=[metric("user_id"), metric("m", source("variant", "user_id"))],
        arms=("0", "1"),
        columns=WITH_IDS,
        dimensions=["variant"],
        segment="user_id",
    )

    assert found.population.metrics["user_id"].moments[1].mean == (2.0,)
    assert found.population.metrics["m"].moments[1].mean == (1.0, 2.0)
    assert [*found.segments] == ["1", "2", "3"]


def test_hostile_names_are_only_names(tmp_path: Path) -> None:
    name = 'x"; DROP TABLE rows; --'
    file = units(
        tmp_path / "'; COPY a.csv", {"variant": ['"', "'"], name: [1, 2], "\x1b[31m": ["=1+1", "';"]}
    )

    found = measure(file, metrics=[metric("m", source(name))], arms=('"', "'"), dimensions=["\x1b[31m"])

    assert found.population.metrics["m"].moments[1].mean == (2.0,)
    assert found.slices["\x1b[31m"] == {"';": (0, 1), "=1+1": (1, 0)}
