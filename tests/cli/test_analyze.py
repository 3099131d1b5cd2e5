"""`coord analyze` of tables of units, as analysts call it: answers, formats, and what is refused and how."""

import csv
import io
import json
import random
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from jsonschema import Draft7Validator
from pyarrow import parquet

from coord.cli.main import run
from logs.files import csv_text, zstd

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((ROOT / "schemas" / "analysis.schema.json").read_text("utf-8"))
AFTER = "2026-04-15"
NAMES = ("user_id", "variant", "channel", "spend", "before", "clicks", "views", "crashed")

COORD = "spaces:\n  user: {unit: user_id, salt: analyze-shop-1, buckets: 1000}\nteams: [product]\n"
SURFACE = "surface: shop\ntitle: Shop\nowner: product\nspace: user\ncomponents: {page: The page}\n"
METRICS = """\
metrics:
  spend:
    {event: order, value: amount, aggregate: sum, window: 14d, direction: increase, covariate_column: before}
  rate:
    ratio:
      numerator: {event: click, aggregate: count, column: clicks}
      denominator: {event: view, aggregate: count, column: views}
    window: 14d
    direction: increase
  big:
    {event: order, value: amount, aggregate: sum, quantile: 90%, window: 7d, direction: increase, column: spend}
  crashes: {event: crash, aggregate: any, window: 14d, direction: decrease, column: crashed}
  events_p90: {event: order, value: amount, quantile: 90%, window: 14d, direction: increase}
"""
TEST = """\
experiment: {name}
surface: shop
kind: ab_test
title: A larger button
owner: product
hypothesis: It sells.
status: active
start: 2026-03-02
end: 2026-03-30
traffic: 100%
components: [page]
variants:
  - {{name: control, logged_as: old}}
  - {{name: large}}
metrics:
  success: [{{metric: spend, mde: 5%}}, {{metric: rate, mde: 5%}}]
  guardrail: [{{metric: crashes, margin: 50%}}, {{metric: big, margin: 20%}}]
"""


def _rows() -> list[dict[str, str]]:
    """400 units: the larger button sells more, and crashes for fewer."""
    draw, rows = random.Random(3), []
    for number in range(400):
        large = number % 2
        before = draw.randrange(50, 150)
        spend = before + draw.randrange(40) + 25 * large
        clicks = sum(draw.random() < 0.3 for _ in range(20))
        crashed = draw.random() < (0.2 if large else 0.4)
        row = [f"u{number:03}", ("old", "large")[large], ("web", "app")[number // 2 % 2]]
        rows.append(
            dict(zip(NAMES, [*row, *map(str, (spend, before, clicks, 20, int(crashed)))], strict=True))
        )
    return rows


ROWS = _rows()


@pytest.fixture(autouse=True)
def _organisation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An organisation with one experiment, and its table in `units.csv`."""
    monkeypatch.chdir(tmp_path)
    for path, text in (
        ("coord.yaml", COORD),
        ("metrics.yaml", METRICS),
        ("shop/surface.yaml", SURFACE),
        ("shop/experiments/button.yaml", TEST.format(name="button")),
    ):
        file = tmp_path / "surfaces" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    _write("units.csv", ROWS)


def _write(path: str, rows: Sequence[Mapping[str, str]], names: Sequence[str] = NAMES) -> None:
    Path(path).write_text(csv_text([[row[name] for name in names] for row in rows], names), "utf-8")


def _changed(path: str, **values: str) -> None:
    """The table with one value each in its sixth row."""
    rows = [dict(row) for row in ROWS]
    rows[4].update(values)
    _write(path, rows)


def _experiment(name: str, *changes: tuple[str, str]) -> None:
    text = TEST.format(name=name)
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    Path(f"surfaces/shop/experiments/{name}.yaml").write_text(text, "utf-8")


def _analyze(*arguments: str, name: str = "shop/button", today: str = AFTER) -> int:
    return run(["analyze", name, "--today", today, *arguments])


def _text(capsys: pytest.CaptureFixture[str], *arguments: str, **more: str) -> str:
    assert _analyze(*arguments, **more) == 0
    told = capsys.readouterr()
    assert told.err == ""
    return told.out


def _json(capsys: pytest.CaptureFixture[str], *arguments: str, **more: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(_text(capsys, *arguments, "--format", "json", **more))
    Draft7Validator(SCHEMA).validate(document)
    return document


def _refused(capsys: pytest.CaptureFixture[str], *arguments: str, code: int, **more: str) -> str:
    assert _analyze(*arguments, **more) == code
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("coord: ")
    assert "defect" not in told.err
    return told.err


def _metric(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    (found,) = (one for one in document["metrics"] if one["metric"] == name)
    return dict(found)


def _mean(name: str, variant: str) -> float:
    values = [float(row[name]) for row in ROWS if row["variant"] == variant]
    return sum(values) / len(values)


class TestAnswers:
    """What the command is for."""

    def test_a_table_becomes_a_decision(self, capsys: pytest.CaptureFixture[str]) -> None:
        text = _text(capsys, "--units", "units.csv")
        assert text.splitlines()[:4] == [
            "shop/button  A larger button",
            "A/B test, ended 2026-03-30, 400 units: control 200, large 200",
            "",
            "SHIP large",
        ]
        assert "Success metrics, intervals at 97.5%" in text
        assert "├" in text
        assert "Adjusted for the past" in text

    def test_figures_are_those_of_the_table(self, capsys: pytest.CaptureFixture[str]) -> None:
        document = _json(capsys, "--units", "units.csv", "--covariates", "off")
        spend = _metric(document, "spend")
        assert spend["control"]["mean"] == pytest.approx(_mean("spend", "old"))
        assert spend["effect"]["value"] == pytest.approx(_mean("spend", "large") - _mean("spend", "old"))
        assert spend["variance_reduction"] is None
        rate = _metric(document, "rate")
        assert rate["treatment"]["mean"] == pytest.approx(_mean("clicks", "large") / 20)
        crashes = _metric(document, "crashes")
        assert (crashes["direction"], crashes["verdict"]) == ("decrease", "no_worse")
        assert crashes["relative"]["value"] < 0
        assert _metric(document, "big")["kind"] == "quantile"

    def test_covariates_narrow_the_interval(self, capsys: pytest.CaptureFixture[str]) -> None:
        widths = {}
        for switch in ("on", "off"):
            effect = _metric(_json(capsys, "--units", "units.csv", "--covariates", switch), "spend")["effect"]
            widths[switch] = effect["upper"] - effect["lower"]
        assert widths["on"] < 0.6 * widths["off"]

    def test_before_the_end_nothing_is_decided(self, capsys: pytest.CaptureFixture[str]) -> None:
        document = _json(capsys, "--units", "units.csv", "--as-of", "2026-03-15")
        assert [one["recommendation"] for one in document["decisions"]] == ["continue"]
        assert {one["basis"] for one in document["metrics"]} == {"always_valid"}
        text = _text(capsys, "--units", "units.csv", "--as-of", "2026-03-15")
        assert "data up to 2026-03-14" in text

    def test_as_of_is_never_later_than_today(self, capsys: pytest.CaptureFixture[str]) -> None:
        document = _json(capsys, "--units", "units.csv", "--as-of", "2027-01-01", today="2026-03-20")
        assert document["as_of"] == "2026-03-20"

    def test_a_segment_is_analysed_by_value(self, capsys: pytest.CaptureFixture[str]) -> None:
        document = _json(capsys, "--units", "units.csv", "--segment", "channel")
        assert [one["value"] for one in document["segments"]] == ["app", "web"]
        assert all(sum(one["units"].values()) == 200 for one in document["segments"])

    def test_ids_and_the_variant_have_other_columns(self, capsys: pytest.CaptureFixture[str]) -> None:
        Path("units.csv").write_text(
            Path("units.csv").read_text("utf-8").replace("user_id,variant", "kunde,gruppe", 1), "utf-8"
        )
        columns = ("--units", "units.csv", "--variant-column", "gruppe")
        without = {one["name"]: one["status"] for one in _json(capsys, *columns)["checks"]}
        named = _json(capsys, *columns, "--unit-column", "kunde")["checks"]
        assert without["crossover"] == "not_run"
        assert {one["name"]: one["status"] for one in named}["crossover"] == "pass"


class TestFormats:
    """The same answer in every format, from every format."""

    def test_csv_has_a_row_for_each_metric(self, capsys: pytest.CaptureFixture[str]) -> None:
        rows = list(csv.DictReader(io.StringIO(_text(capsys, "--units", "units.csv", "--format", "csv"))))
        assert [row["metric"] for row in rows] == ["spend", "rate", "crashes", "big"]
        assert {row["recommendation"] for row in rows} == {"ship"}

    def test_markdown_is_a_page(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert _text(capsys, "--units", "units.csv", "--format", "markdown").startswith("### `shop/button`")

    def test_output_is_what_is_printed(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert _text(capsys, "--units", "units.csv", "-o", "answer.txt") == ""
        assert Path("answer.txt").read_text("utf-8") == _text(capsys, "--units", "units.csv")

    @pytest.mark.parametrize("kind", ["gz", "zst", "semicolons", "bom", "parquet"])
    def test_files_of_every_kind(self, kind: str, capsys: pytest.CaptureFixture[str]) -> None:
        expected = _json(capsys, "--units", "units.csv")
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
        assert _json(capsys, "--units", "other") == expected


class TestRows:
    """Rows that are not as they should be."""

    def test_empty_values_that_count_as_zero_are_told_by_arm(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        rows = [{**row, "spend": ""} if row["variant"] == "large" else row for row in ROWS]
        _write("gaps.csv", [*rows[:100], *ROWS[100:]])
        notes = _metric(_json(capsys, "--units", "gaps.csv"), "spend")["notes"]
        assert notes == [
            "50 of 400 units have an empty value, which counts as 0 (old 0 of 200, large 50 of 200). If they "
            "were not measured, say `missing: drop` in metrics.yaml."
        ]
        assert _metric(_json(capsys, "--units", "units.csv"), "spend")["notes"] == []

    @pytest.mark.parametrize(
        "value", ["nan", "inf", "-Infinity", "1 234,50", '=HYPERLINK("x")', "2026-03-02"]
    )
    def test_what_is_no_number_makes_its_metric_unmeasured(
        self, value: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        _changed("odd.csv", clicks=value)
        document = _json(capsys, "--units", "odd.csv")
        assert _metric(document, "rate")["reason"] == (
            f"a value of clicks is not a finite number: `{value}` in row 6"
        )
        assert _metric(document, "spend")["verdict"] == "better"

    def test_equal_rows_count_once_and_crossovers_not(self, capsys: pytest.CaptureFixture[str]) -> None:
        _write("again.csv", [*ROWS, ROWS[0], {**ROWS[1], "variant": "old"}])
        document = _json(capsys, "--units", "again.csv")
        assert document["excluded"] == {"crossover": 2, "duplicate": 1}

    def test_a_missing_arm_fails_the_ratio(self, capsys: pytest.CaptureFixture[str]) -> None:
        _write("one.csv", [row for row in ROWS if row["variant"] == "old"])
        assert _json(capsys, "--units", "one.csv")["decisions"][0]["recommendation"] == "abort"

    def test_rejects_are_written(self, capsys: pytest.CaptureFixture[str]) -> None:
        _changed("odd.csv", variant="")
        assert _json(capsys, "--units", "odd.csv", "--rejects", "r.csv")["excluded"] == {"no_variant": 1}
        assert Path("r.csv").read_text("utf-8").splitlines()[1].startswith("no_variant,odd.csv,6,u004,")


class TestRefused:
    """What cannot be answered: what, where, and what to do; nothing is printed as if it were an answer."""

    @pytest.mark.parametrize(
        ("arguments", "told"),
        [
            ((), "Nothing to analyse is named."),
            (("--units", "units.csv", "--exposures", "units.csv"), "Give either."),
            (("--exposures", "units.csv"), "Give --events FILE as well"),
            (("--exposures", "e", "--events", "e", "--segment", "x"), "--segment splits a table"),
            (
                ("--exposures", "e", "--events", "e", "--variant-column", "x"),
                "--variant-column is for --units",
            ),
            (("--units", "units.csv", "--as-of", "yesterday"), "--as-of is yesterday"),
            (
                ("--units", "units.csv", "--segment", "variant"),
                "--segment variant is the column of the variant",
            ),
            (
                ("--units", "units.csv", "--unit-column", "variant"),
                "variant is given as the column of the unit",
            ),
        ],
    )
    def test_wrong_usage(
        self, arguments: tuple[str, ...], told: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert told in _refused(capsys, *arguments, code=2)

    def test_an_experiment_that_is_not_there(self, capsys: pytest.CaptureFixture[str]) -> None:
        told = _refused(capsys, "--units", "units.csv", name="shop/buton", code=2)
        assert told == "coord: There is no experiment shop/buton. Did you mean shop/button?\n"

    @pytest.mark.parametrize(
        ("data", "told"),
        [
            (b"", "x.csv is empty"),
            (csv_text([], NAMES).encode(), "x.csv has columns and no rows, so there is nothing to analyse."),
            (b"user_id,group,spend\nu1,old,3\n", "x.csv has no column variant"),
            (
                b"user_id,variant\nu1,old\n",
                "x.csv has none of the metrics. spend: the file has no column spend",
            ),
            (
                b"user_id,variant,spend\nu1,old,3\nu1,old,4\n",
                "unit u1 has 2 rows with different values (rows 2",
            ),
            (b"user_id,variant,spend\nu1,,3\n", "None of the 1 rows of x.csv can be used: no_variant 1."),
            ("user_id,variant,spend\nu1,old,3\n".encode("utf-16"), "x.csv is not in UTF-8 but in UTF-16"),
        ],
    )
    def test_files_without_an_answer(
        self, data: bytes, told: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        Path("x.csv").write_bytes(data)
        assert told in _refused(capsys, "--units", "x.csv", code=3)

    def test_files_that_are_not_there(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert "There is no file none.csv." in _refused(capsys, "--units", "none.csv", code=3)
        assert "surfaces is a folder." in _refused(capsys, "--units", "surfaces", code=3)
        assert "No file matches *.tsv." in _refused(capsys, "--units", "*.tsv", code=3)

    def test_variants_that_are_spelt_otherwise(self, capsys: pytest.CaptureFixture[str]) -> None:
        """A file of strangers is no experiment in which nothing was found."""
        hostile = "\x1b[31mOld"
        renamed = {"old": hostile, "large": "Large"}
        _write("other.csv", [{**row, "variant": renamed[row["variant"]]} for row in ROWS])
        told = _refused(capsys, "--units", "other.csv", code=3)
        assert told == (
            "coord: None of the 400 rows of other.csv is in a variant of the experiment: the column variant "
            "has `\\x1b[31mOld` (200), `Large` (200), and the variants are `old`, `large`. Name the right "
            "column with --variant-column, or say with `logged_as` in the experiment what the file calls "
            "each variant.\n"
        )

    def test_segments(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert _refused(capsys, "--units", "units.csv", "--segment", "chanel", code=3) == (
            "coord: units.csv cannot be split by --segment chanel: the file has no column chanel (did you "
            "mean channel?). Its columns are: user_id, variant, channel, spend, before, clicks, views, "
            "crashed.\n"
        )
        told = _refused(capsys, "--units", "units.csv", "--segment", "user_id", code=3)
        assert "user_id has 400 values, and units are split by at most 50." in told

    def test_a_draft_has_done_nothing(self, capsys: pytest.CaptureFixture[str]) -> None:
        _experiment("plan", ("status: active", "status: draft"))
        told = _refused(capsys, "--units", "units.csv", name="shop/plan", code=3)
        assert "shop/plan is a draft: it has run for nobody" in told

    def test_a_table_from_before_the_start(self, capsys: pytest.CaptureFixture[str]) -> None:
        told = _refused(capsys, "--units", "units.csv", "--as-of", "2026-03-01", code=3)
        assert "shop/button starts on 2026-03-02, and data count until 2026-03-01" in told
        assert _analyze("--units", "units.csv", "--as-of", "2026-03-03") == 0

    def test_a_holdback_has_names_of_its_own(self, capsys: pytest.CaptureFixture[str]) -> None:
        text = TEST.format(name="hold").replace("kind: ab_test", "kind: holdback").replace("100%", "5%")
        cut = text[: text.index("components:")] + text[text.index("metrics:") :]
        Path("surfaces/shop/experiments/hold.yaml").write_text(cut, "utf-8")
        told = _refused(capsys, "--units", "units.csv", name="shop/hold", code=3)
        assert "the variants are `held`, `rest`." in told
        assert told.endswith("--variant-column, or call the units of the file so.\n")
        arms = ["held" if number % 20 == 0 else "rest" for number in range(400)]
        _write("held.csv", [{**row, "variant": arm} for row, arm in zip(ROWS, arms, strict=True)])
        document = _json(capsys, "--units", "held.csv", name="shop/hold")
        assert document["units"] == {"held": 20, "rest": 380}
        assert document["decisions"] == []

    def test_a_quantile_over_events_is_not_in_a_table(self, capsys: pytest.CaptureFixture[str]) -> None:
        _experiment("events", ("metric: rate", "metric: events_p90"))
        reason = _metric(_json(capsys, "--units", "units.csv", name="shop/events"), "events_p90")["reason"]
        assert reason.startswith("it is a quantile over events, which a table with one row per unit does not")

    @pytest.mark.parametrize("broken", ["coord", "metrics"])
    @pytest.mark.parametrize("text", ["{", "spaces: 3\nmetrics: 3\n"])
    def test_broken_files_are_named(self, broken: str, text: str, capsys: pytest.CaptureFixture[str]) -> None:
        Path(f"surfaces/{broken}.yaml").write_text(text, "utf-8")
        told = _refused(capsys, "--units", "units.csv", code=3)
        assert told.startswith(f"coord: surfaces/{broken}.yaml has errors")
        assert "Run `coord check`." in told


class TestWritten:
    """Nothing that is read is written over."""

    @pytest.fixture(autouse=True)
    def _unchanged(self) -> Iterator[None]:
        before = Path("units.csv").read_bytes()
        yield
        assert Path("units.csv").read_bytes() == before

    @pytest.mark.parametrize("option", ["--output", "--rejects"])
    @pytest.mark.parametrize("path", ["units.csv", "surfaces/../units.csv", "link.csv"])
    def test_an_input(self, option: str, path: str, capsys: pytest.CaptureFixture[str]) -> None:
        Path("link.csv").symlink_to("units.csv")
        told = _refused(capsys, "--units", "unit*.csv", option, path, code=2)
        assert told == f"coord: {path} is one of the files that are read. Give {option} another name.\n"

    @pytest.mark.parametrize("place", ["--exposures", "--events"])
    @pytest.mark.parametrize("option", ["--output", "--rejects"])
    def test_a_log(self, place: str, option: str, capsys: pytest.CaptureFixture[str]) -> None:
        Path("other.csv").write_text("timestamp,user_id,experiment,variant,event\n", "utf-8")
        named = {"--exposures": "other.csv", "--events": "other.csv", place: "units.csv"}
        logs = [text for pair in named.items() for text in pair]
        assert "Give" in _refused(capsys, *logs, option, "units.csv", code=2)

    def test_one_file_twice(self, capsys: pytest.CaptureFixture[str]) -> None:
        told = _refused(capsys, "--units", "units.csv", "-o", "x.csv", "--rejects", "./x.csv", code=2)
        assert told.startswith("coord: --output and --rejects are both x.csv.")
        assert not Path("x.csv").exists()
