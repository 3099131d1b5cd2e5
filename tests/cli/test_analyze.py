"""`coord analyze` of tables of units, as analysts call it: answers, formats, odd rows."""

import csv
import io
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from cli.analyze_tables import NAMES, ROWS, answer, changed, mean, metric, organisation, text, write
from logs.files import zstd


@pytest.fixture(autouse=True)
def _organisation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    organisation(tmp_path)
    monkeypatch.chdir(tmp_path)


class TestAnswers:
    """What the command is for."""

    def test_a_table_becomes_a_decision(self, capsys: pytest.CaptureFixture[str]) -> None:
        page = text(capsys, "--units", "units.csv")
        assert page.splitlines()[:4] == [
            "shop/button  A larger button",
            "A/B test, ended 2026-03-30, 400 units: control 200, large 200",
            "",
            "SHIP large",
        ]
        assert "Success metrics, intervals at 97.5%" in page
        assert "├" in page
        assert "Adjusted for the past" in page

    def test_figures_are_those_of_the_table(self, capsys: pytest.CaptureFixture[str]) -> None:
        document = answer(capsys, "--units", "units.csv", "--covariates", "off")
        spend = metric(document, "spend")
        assert spend["control"]["mean"] == pytest.approx(mean("spend", "old"))
        assert spend["effect"]["value"] == pytest.approx(mean("spend", "large") - mean("spend", "old"))
        assert spend["variance_reduction"] is None
        rate = metric(document, "rate")
        assert rate["treatment"]["mean"] == pytest.approx(mean("clicks", "large") / 20)
        crashes = metric(document, "crashes")
        assert (crashes["direction"], crashes["verdict"]) == ("decrease", "no_worse")
        assert crashes["relative"]["value"] < 0
        assert metric(document, "big")["kind"] == "quantile"

    def test_covariates_narrow_the_interval(self, capsys: pytest.CaptureFixture[str]) -> None:
        widths = {}
        for switch in ("on", "off"):
            effect = metric(answer(capsys, "--units", "units.csv", "--covariates", switch), "spend")["effect"]
            widths[switch] = effect["upper"] - effect["lower"]
        assert widths["on"] < 0.6 * widths["off"]

    def test_a_covariate_that_is_not_in_tables_is_told(self, capsys: pytest.CaptureFixture[str]) -> None:
        """`covariate` is of logs: without a `covariate_column` nothing is taken off the noise of a table."""
        path = Path("surfaces/metrics.yaml")
        path.write_text(
            path.read_text("utf-8").replace("covariate_column: before}", "covariate: 14d}", 1), "utf-8"
        )
        (note,) = metric(answer(capsys, "--units", "units.csv"), "spend")["notes"]
        assert note == (
            "Not adjusted for its covariate: metrics.yaml does not say which `covariate_column` of a table "
            "of units it is in."
        )
        assert metric(answer(capsys, "--units", "units.csv", "--covariates", "off"), "spend")["notes"] == []

    def test_half_a_covariate_of_a_ratio_is_told(self, capsys: pytest.CaptureFixture[str]) -> None:
        path = Path("surfaces/metrics.yaml")
        half = path.read_text("utf-8").replace("column: clicks}", "column: clicks, covariate_column: before}")
        path.write_text(half, "utf-8")
        document = answer(capsys, "--units", "units.csv")
        assert metric(document, "rate")["notes"] == [
            "Not adjusted for its covariate: only one part of the ratio names a `covariate_column` in "
            "metrics.yaml."
        ]
        assert metric(document, "big")["notes"][0] == "Not adjusted for its covariate: a quantile has none."
        assert metric(document, "rate")["variance_reduction"] is None

    def test_before_the_end_nothing_is_decided(self, capsys: pytest.CaptureFixture[str]) -> None:
        document = answer(capsys, "--units", "units.csv", "--as-of", "2026-03-15")
        assert [one["recommendation"] for one in document["decisions"]] == ["continue"]
        assert {one["basis"] for one in document["metrics"]} == {"always_valid"}
        assert "data up to 2026-03-14" in text(capsys, "--units", "units.csv", "--as-of", "2026-03-15")

    def test_as_of_is_never_later_than_today(self, capsys: pytest.CaptureFixture[str]) -> None:
        document = answer(capsys, "--units", "units.csv", "--as-of", "2027-01-01", today="2026-03-20")
        assert document["as_of"] == "2026-03-20"

    def test_a_segment_is_analysed_by_value(self, capsys: pytest.CaptureFixture[str]) -> None:
        document = answer(capsys, "--units", "units.csv", "--segment", "channel")
        assert [one["value"] for one in document["segments"]] == ["app", "web"]
        assert all(sum(one["units"].values()) == 200 for one in document["segments"])

    def test_ids_and_the_variant_have_other_columns(self, capsys: pytest.CaptureFixture[str]) -> None:
        Path("units.csv").write_text(
            Path("units.csv").read_text("utf-8").replace("user_id,variant", "kunde,gruppe", 1), "utf-8"
        )
        columns = ("--units", "units.csv", "--variant-column", "gruppe")
        without = {one["name"]: one["status"] for one in answer(capsys, *columns)["checks"]}
        named = answer(capsys, *columns, "--unit-column", "kunde")["checks"]
        assert without["crossover"] == "not_run"
        assert {one["name"]: one["status"] for one in named}["crossover"] == "pass"


class TestFormats:
    """The same answer in every format, from every format."""

    def test_csv_has_a_row_for_each_metric(self, capsys: pytest.CaptureFixture[str]) -> None:
        rows = list(csv.DictReader(io.StringIO(text(capsys, "--units", "units.csv", "--format", "csv"))))
        assert [row["metric"] for row in rows] == ["spend", "rate", "crashes", "big"]
        assert {row["recommendation"] for row in rows} == {"ship"}

    def test_markdown_is_a_page(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert text(capsys, "--units", "units.csv", "--format", "markdown").startswith("### `shop/button`")

    def test_output_is_what_is_printed(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert text(capsys, "--units", "units.csv", "-o", "answer.txt") == ""
        assert Path("answer.txt").read_text("utf-8") == text(capsys, "--units", "units.csv")

    @pytest.mark.parametrize("kind", ["gz", "zst", "semicolons", "bom", "parquet"])
    def test_files_of_every_kind(self, kind: str, capsys: pytest.CaptureFixture[str]) -> None:
        expected = answer(capsys, "--units", "units.csv")
        data = Path("units.csv").read_bytes()
        if kind == "parquet":
            numbers = {name: pa.array([float(row[name]) for row in ROWS]) for name in NAMES[3:7]}
            texts = {name: pa.array([row[name] for row in ROWS]) for name in NAMES[:3]}
            crashed = {"crashed": pa.array([row["crashed"] == "1" for row in ROWS])}
            parquet.write_table(pa.table({**texts, **numbers, **crashed}), "other")
        elif kind == "gz":
            Path("other").write_bytes(pa.compress(data, codec="gzip", asbytes=True))
        else:
            made = {"zst": zstd(data), "semicolons": data.replace(b",", b";"), "bom": b"\xef\xbb\xbf" + data}
            Path("other").write_bytes(made[kind])
        assert answer(capsys, "--units", "other") == expected


class TestRows:
    """Rows that are not as they should be."""

    def test_empty_values_that_count_as_zero_are_told_by_arm(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        rows = [{**row, "spend": ""} if row["variant"] == "large" else row for row in ROWS]
        write("gaps.csv", [*rows[:100], *ROWS[100:]])
        notes = metric(answer(capsys, "--units", "gaps.csv"), "spend")["notes"]
        assert notes == [
            "50 of 400 units have an empty value, which counts as 0 (old 0 of 200, large 50 of 200). If they "
            "were not measured, say `missing: drop` in metrics.yaml."
        ]
        assert metric(answer(capsys, "--units", "units.csv"), "spend")["notes"] == []

    @pytest.mark.parametrize(
        "value", ["nan", "inf", "-Infinity", "1 234,50", '=HYPERLINK("x")', "2026-03-02"]
    )
    def test_what_is_no_number_makes_its_metric_unmeasured(
        self, value: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        changed("odd.csv", clicks=value)
        document = answer(capsys, "--units", "odd.csv")
        assert metric(document, "rate")["reason"] == (
            f"a value of clicks is not a finite number: `{value}` in row 6"
        )
        assert metric(document, "spend")["verdict"] == "better"

    def test_equal_rows_count_once_and_crossovers_not(self, capsys: pytest.CaptureFixture[str]) -> None:
        write("again.csv", [*ROWS, ROWS[0], {**ROWS[1], "variant": "old"}])
        document = answer(capsys, "--units", "again.csv")
        assert document["excluded"] == {"crossover": 1, "duplicate": 1}

    def test_a_missing_arm_fails_the_ratio(self, capsys: pytest.CaptureFixture[str]) -> None:
        write("one.csv", [row for row in ROWS if row["variant"] == "old"])
        assert answer(capsys, "--units", "one.csv")["decisions"][0]["recommendation"] == "abort"

    def test_rejects_are_written(self, capsys: pytest.CaptureFixture[str]) -> None:
        changed("odd.csv", variant="")
        assert answer(capsys, "--units", "odd.csv", "--rejects", "r.csv")["excluded"] == {"no_variant": 1}
        assert Path("r.csv").read_text("utf-8").splitlines()[1].startswith("no_variant,odd.csv,6,u004,")
