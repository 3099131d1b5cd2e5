"""What `coord analyze` refuses, and how: what, where, and what to do; never an answer that is none."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.analyze_tables import (
    NAMES,
    ROWS,
    TEST,
    analyze,
    answer,
    experiment,
    metric,
    organisation,
    refused,
    write,
)
from logs.files import csv_text


@pytest.fixture(autouse=True)
def _organisation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    organisation(tmp_path)
    monkeypatch.chdir(tmp_path)


class TestRefused:
    """What cannot be answered: what, where, and what to do; nothing is printed as if it were an answer."""

    @pytest.mark.parametrize(
        ("arguments", "told"),
        [
            ((), "Nothing to analyse is named."),
            (("--units", "units.csv", "--exposures", "units.csv"), "Give either."),
            (("--exposures", "units.csv"), "Give --events FILE as well"),
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
        assert told in refused(capsys, *arguments, code=2)

    def test_an_experiment_that_is_not_there(self, capsys: pytest.CaptureFixture[str]) -> None:
        told = refused(capsys, "--units", "units.csv", name="shop/buton", code=2)
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
        assert told in refused(capsys, "--units", "x.csv", code=3)

    def test_files_that_are_not_there(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert "There is no file none.csv." in refused(capsys, "--units", "none.csv", code=3)
        assert "surfaces is a folder." in refused(capsys, "--units", "surfaces", code=3)
        assert "No file matches *.tsv." in refused(capsys, "--units", "*.tsv", code=3)

    def test_variants_that_are_spelt_otherwise(self, capsys: pytest.CaptureFixture[str]) -> None:
        """A file of strangers is no experiment in which nothing was found."""
        hostile = "\x1b[31mOld"
        renamed = {"old": hostile, "large": "Large"}
        write("other.csv", [{**row, "variant": renamed[row["variant"]]} for row in ROWS])
        told = refused(capsys, "--units", "other.csv", code=3)
        assert told == (
            "coord: None of the 400 rows of other.csv is in a variant of the experiment: the column variant "
            "has `\\x1b[31mOld` (200), `Large` (200), and the variants are `old`, `large`. Name the right "
            "column with --variant-column, or say with `logged_as` in the experiment what the file calls "
            "each variant.\n"
        )

    def test_segments(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert refused(capsys, "--units", "units.csv", "--segment", "chanel", code=3) == (
            "coord: units.csv cannot be split by --segment chanel: the file has no column chanel (did you "
            "mean channel?). Its columns are: user_id, variant, channel, spend, before, clicks, views, "
            "crashed.\n"
        )
        told = refused(capsys, "--units", "units.csv", "--segment", "user_id", code=3)
        assert "user_id has 400 values, and units are split by at most 50." in told

    def test_a_draft_has_done_nothing(self, capsys: pytest.CaptureFixture[str]) -> None:
        experiment("plan", ("status: active", "status: draft"))
        told = refused(capsys, "--units", "units.csv", name="shop/plan", code=3)
        assert "shop/plan is a draft: it has run for nobody" in told

    def test_a_table_from_before_the_start(self, capsys: pytest.CaptureFixture[str]) -> None:
        told = refused(capsys, "--units", "units.csv", "--as-of", "2026-03-01", code=3)
        assert "shop/button starts on 2026-03-02, and data count until 2026-03-01" in told
        assert analyze("--units", "units.csv", "--as-of", "2026-03-03") == 0

    def test_a_holdback_has_names_of_its_own(self, capsys: pytest.CaptureFixture[str]) -> None:
        file = TEST.format(name="hold").replace("kind: ab_test", "kind: holdback").replace("100%", "5%")
        cut = file[: file.index("components:")] + file[file.index("metrics:") :]
        Path("surfaces/shop/experiments/hold.yaml").write_text(cut, "utf-8")
        told = refused(capsys, "--units", "units.csv", name="shop/hold", code=3)
        assert "the variants are `held`, `rest`." in told
        assert told.endswith("--variant-column, or call the units of the file so.\n")
        arms = ["held" if number % 20 == 0 else "rest" for number in range(400)]
        write("held.csv", [{**row, "variant": arm} for row, arm in zip(ROWS, arms, strict=True)])
        document = answer(capsys, "--units", "held.csv", name="shop/hold")
        assert document["units"] == {"held": 20, "rest": 380}
        assert document["decisions"] == []

    def test_a_quantile_over_events_is_not_in_a_table(self, capsys: pytest.CaptureFixture[str]) -> None:
        experiment("events", ("metric: rate", "metric: events_p90"))
        reason = metric(answer(capsys, "--units", "units.csv", name="shop/events"), "events_p90")["reason"]
        assert reason.startswith("it is a quantile over events, which a table with one row per unit does not")

    @pytest.mark.parametrize("broken", ["coord", "metrics"])
    @pytest.mark.parametrize("text", ["{", "spaces: 3\nmetrics: 3\n"])
    def test_broken_files_are_named(self, broken: str, text: str, capsys: pytest.CaptureFixture[str]) -> None:
        Path(f"surfaces/{broken}.yaml").write_text(text, "utf-8")
        told = refused(capsys, "--units", "units.csv", code=3)
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
        told = refused(capsys, "--units", "unit*.csv", option, path, code=2)
        assert told == f"coord: {path} is one of the files that are read. Give {option} another name.\n"

    @pytest.mark.parametrize("place", ["--exposures", "--events"])
    @pytest.mark.parametrize("option", ["--output", "--rejects"])
    def test_a_log(self, place: str, option: str, capsys: pytest.CaptureFixture[str]) -> None:
        Path("other.csv").write_text("timestamp,user_id,experiment,variant,event\n", "utf-8")
        named = {"--exposures": "other.csv", "--events": "other.csv", place: "units.csv"}
        logs = [text for pair in named.items() for text in pair]
        assert "Give" in refused(capsys, *logs, option, "units.csv", code=2)

    def test_one_file_twice(self, capsys: pytest.CaptureFixture[str]) -> None:
        told = refused(capsys, "--units", "units.csv", "-o", "x.csv", "--rejects", "./x.csv", code=2)
        assert told.startswith("coord: --output and --rejects are both x.csv.")
        assert not Path("x.csv").exists()
