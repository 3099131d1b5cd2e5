"""Logs that are wrong in every way that files can be, and what `coord analyze` says of them."""

import gzip
import random
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from cli.analyze_tables import analyze, answer, organisation, refused
from logs.files import csv_text, zstd

EXPOSURES = ("timestamp", "user_id", "experiment", "variant")
EVENTS = ("timestamp", "user_id", "event", "amount")
START = datetime(2026, 3, 2, tzinfo=UTC)
Rows = list[list[str]]


def logs() -> tuple[Rows, Rows]:
    """80 units, half of them in each variant, and what they did for five weeks."""
    draw, met, did = random.Random(5), [], []
    for number in range(80):
        unit, first = f"u{number:02}", START + timedelta(hours=draw.randrange(300))
        met.append([first.isoformat(), unit, "shop/button", ("old", "large")[number % 2]])
        for _ in range(12):
            at = START + timedelta(minutes=draw.randrange(35 * 24 * 60), seconds=number)
            event = draw.choice(("order", "click", "view", "crash"))
            did.append(
                [at.isoformat(), unit, event, f"{draw.randrange(1, 90)}.5" if event == "order" else ""]
            )
    return met, did


MET, DID = logs()


def text(rows: Sequence[Sequence[str]], names: Sequence[str]) -> bytes:
    return csv_text(rows, names).encode()


GOOD = text(MET, EXPOSURES)
GOOD_EVENTS = text(DID, EVENTS)


def changed(rows: Rows, place: int, change: Callable[[str], str], every: int = 1) -> Rows:
    """Rows of which every so many-th, from the first, has another value in a column."""
    return [
        [*row[:place], change(row[place]), *row[place + 1 :]] if number % every == 0 else row
        for number, row in enumerate(rows)
    ]


@pytest.fixture(autouse=True)
def _organisation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    organisation(tmp_path)
    monkeypatch.chdir(tmp_path)


def given(exposures: bytes = GOOD, events: bytes = GOOD_EVENTS) -> tuple[str, ...]:
    """The options for two files."""
    Path("met").write_bytes(exposures)
    Path("did").write_bytes(events)
    return "--exposures", "met", "--events", "did"


def check(document: dict[str, Any], name: str) -> tuple[str, str]:
    """The status of a check and what it says."""
    (found,) = (one for one in document["checks"] if one["name"] == name)
    return found["status"], found["detail"]


def names_of(document: dict[str, Any]) -> set[str]:
    return {one["name"] for one in document["checks"]}


def day_first(moment: str) -> str:
    return f"02/03/2026 {moment[11:16]}"


class TestRefused:
    """Files with nothing to analyse: no table of nothing, but what is wrong, where, and what to do."""

    @pytest.mark.parametrize(
        ("exposures", "told"),
        [
            (b"", "met is empty: not even its columns are named. Was the export interrupted?"),
            (
                text(MET, ("timestamp", "userid", *EXPOSURES[2:])),
                "no column user_id (the unit; did you mean us",
            ),
            (text(MET, ("timestamp", "user_id", "variant", "variant")), "met has no column experiment"),
            (
                text([[*row, "x"] for row in MET], (*EXPOSURES, "variant")),
                "met has 2 columns called variant, so it is not clear which is meant.",
            ),
            (GOOD.decode().encode("utf-16"), "met is not in UTF-8 but in UTF-16. Export it as CSV in UTF-8"),
            (gzip.compress(GOOD)[:-9], "met cannot be read: it is damaged or was cut off"),
            (zstd(GOOD)[:-9], "met cannot be read: it is damaged or was cut off"),
            (
                GOOD + b'2026-03-03,"u1,shop/button,old\n',
                "Row 82 of met has a field that begins with a quote",
            ),
            (b'{"timestamp": "2026-03-03"}\n', "met has no column timestamp"),
            (
                text(changed(MET, 2, lambda _: "shop/buton"), EXPOSURES),
                "The exposures have none of shop/button. They are of shop/buton. Did you mean shop/buton?",
            ),
            (
                text(changed(MET, 3, lambda variant: f"\x1b[31m{variant.upper()}"), EXPOSURES),
                "None of the 80 exposures that may be of shop/button can be used: unknown variant 80. Their "
                "variants are `\\x1b[31mOLD` (40), `\\x1b[31mLARGE` (40), and those of the experiment `old`, "
                "`large`. Say with `logged_as` in the experiment what the logs call each variant.",
            ),
            (
                text(changed(MET, 0, lambda moment: moment.replace("2026", "2025")), EXPOSURES),
                "None of the 80 exposures that may be of shop/button can be used: outside dates 80. Run "
                "`coord audit` on them",
            ),
            (GOOD_EVENTS, "met has no column experiment and no column variant; the exposures need them."),
        ],
    )
    def test_exposures(self, exposures: bytes, told: str, capsys: pytest.CaptureFixture[str]) -> None:
        assert told in refused(capsys, *given(exposures), code=3)

    @pytest.mark.parametrize(
        ("events", "told"),
        [
            (b"", "did is empty: not even its columns are named. Was the export interrupted?"),
            (text([], EVENTS), "The events have columns and no rows. Was the export interrupted?"),
            (text(DID, ("timestamp", "user_id", "evnt", "amount")), "no column event (did you mean evnt?)"),
            (gzip.compress(GOOD_EVENTS)[:-3], "did cannot be read: it is damaged or was cut off"),
            (
                text(changed(DID, 0, day_first), EVENTS),
                "None of the 960 rows of the events can be used: unreadable timestamp 960 (the first is row "
                "2 of did). Correct the export.",
            ),
            (
                text(changed(DID, 0, lambda moment: moment.replace("2026", "2025")), EVENTS),
                "before shop/button starts on 2026-03-02, so nothing is known of what its units did.",
            ),
            (GOOD, "did has no column event; the events need it."),
        ],
    )
    def test_events(self, events: bytes, told: str, capsys: pytest.CaptureFixture[str]) -> None:
        assert told in refused(capsys, *given(events=events), code=3)

    def test_ids_that_are_numbers_with_decimals(self, capsys: pytest.CaptureFixture[str]) -> None:
        columns: dict[str, Any] = {name: [row[k] for row in MET] for k, name in enumerate(EXPOSURES)}
        columns["user_id"] = [float(number) for number in range(len(MET))]
        options = given()
        parquet.write_table(pa.table(columns), "met")
        told = refused(capsys, *options, code=3)
        assert told.startswith("coord: The column user_id of met holds numbers with decimals (double)")
        assert told.endswith("Export it as text, or as whole numbers.\n")

    def test_parquet_that_was_cut_off(self, capsys: pytest.CaptureFixture[str]) -> None:
        options = given()
        parquet.write_table(
            pa.table({name: [row[k] for row in MET] for k, name in enumerate(EXPOSURES)}), "met"
        )
        Path("met").write_bytes(Path("met").read_bytes()[:-20])
        assert "met cannot be read: " in refused(capsys, *options, code=3)

    @pytest.mark.parametrize("given_one", ["--exposures", "--events"])
    def test_one_without_the_other(self, given_one: str, capsys: pytest.CaptureFixture[str]) -> None:
        lacking = {"--exposures": "--events", "--events": "--exposures"}[given_one]
        assert f"Give {lacking} FILE as well" in refused(capsys, given_one, "met", code=2)


class TestTold:
    """Files of which something is of use: the rest is counted, and what is odd is said."""

    def test_logs_in_order_say_nothing_more(self, capsys: pytest.CaptureFixture[str]) -> None:
        document = answer(capsys, *given(b"\xef\xbb\xbf" + GOOD, b"\xef\xbb\xbf" + GOOD_EVENTS))
        assert document["units"] == {"control": 40, "large": 40}
        assert not names_of(document) & {"exposures_rows", "events_rows", "duplicates", "event_units"}

    @pytest.mark.parametrize(
        ("place", "change", "reason"),
        [
            (0, day_first, "unreadable timestamp 8 (the first is row 2 of met)"),
            (1, lambda _: "", "no unit 8 (the first is row 2 of met)"),
            (1, lambda unit: unit * 40, "unit over 100 bytes 8 (the first is row 2 of met)"),
            (1, lambda unit: f"{unit}\xe9", "not utf8 8 (the first is row 2 of met)"),
        ],
    )
    def test_exposures_that_cannot_be_used(
        self, place: int, change: Callable[[str], str], reason: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        rows = csv_text(changed(MET, place, change, every=10), EXPOSURES).encode("latin-1")
        document = answer(capsys, *given(rows))
        assert check(document, "exposures_rows") == ("warn", f"8 of 80 exposures cannot be used: {reason}")
        assert sum(document["units"].values()) == 72

    def test_events_that_cannot_be_used(self, capsys: pytest.CaptureFixture[str]) -> None:
        rows = changed(DID, 0, day_first, every=10)
        status, told = check(answer(capsys, *given(events=text(rows, EVENTS))), "events_rows")
        assert status == "warn"
        assert told == "96 of 960 events cannot be used: unreadable timestamp 96 (the first is row 2 of did)"

    def test_all_of_them_are_written_to_one_file(self, capsys: pytest.CaptureFixture[str]) -> None:
        met = text(changed(MET, 0, day_first, every=10), EXPOSURES)
        did = text(changed(DID, 1, lambda _: "", every=10), EVENTS)
        answer(capsys, *given(met, did), "--rejects", "left.csv")
        rows = [line.split(",") for line in Path("left.csv").read_text("utf-8").splitlines()]
        assert rows[0] == ["reason", "file", "row", *EXPOSURES, "event", "amount", "text"]
        assert [row[:2] for row in rows[1:]] == [["unreadable_timestamp", "met"]] * 8 + [
            ["no_unit", "did"]
        ] * 96
        assert rows[1] == [*rows[1][:3], day_first(MET[0][0]), *MET[0][1:], "", "", ""]
        assert rows[9] == ["no_unit", "did", "2", DID[0][0], "", "", "", *DID[0][2:], ""]

    def test_they_are_written_whole_or_not_at_all(self, capsys: pytest.CaptureFixture[str]) -> None:
        cut_off = given(events=gzip.compress(GOOD_EVENTS)[:-3])
        refused(capsys, *cut_off, "--rejects", "left.csv", code=3)
        assert not [*Path().glob("*left*"), *Path().glob(".*tmp*")]

        never = given(text(changed(MET, 0, lambda _: "soon"), EXPOSURES))
        told = refused(capsys, *never, "--rejects", "left.csv", code=3)
        assert "--rejects FILE has the rows" in told
        assert len(Path("left.csv").read_text("utf-8").splitlines()) == 81

    def test_some_variants_that_are_none(self, capsys: pytest.CaptureFixture[str]) -> None:
        document = answer(capsys, *given(text(changed(MET, 3, str.upper, every=10), EXPOSURES)))
        assert document["unknown_variants"] == [{"name": "OLD", "rows": 8}]
        assert document["excluded"]["unknown_variant"] == 8

    def test_events_that_are_there_twice(self, capsys: pytest.CaptureFixture[str]) -> None:
        document = answer(capsys, *given(text(MET + MET, EXPOSURES), text(DID + DID, EVENTS)))
        assert sum(document["units"].values()) == 80
        status, told = check(document, "duplicates")
        assert status == "warn"
        assert "events of its units repeat another one exactly, and count like any other" in told

    def test_a_repeated_event_in_a_hundred_may_be_two_in_one_moment(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert "duplicates" not in names_of(answer(capsys, *given(events=text([*DID, DID[0]], EVENTS))))

    def test_events_of_other_units(self, capsys: pytest.CaptureFixture[str]) -> None:
        strangers = changed(DID, 1, lambda unit: f"device-{unit}")
        status, told = check(answer(capsys, *given(events=text(strangers, EVENTS))), "event_units")
        assert status == "warn"
        assert told.startswith("none of the 960 events that metrics ask for is of one of its 80 units")

    def test_events_of_other_names(self, capsys: pytest.CaptureFixture[str]) -> None:
        renamed = changed(DID, 2, lambda event: "Order" if event == "order" else event)
        status, told = check(answer(capsys, *given(events=text(renamed, EVENTS))), "events")
        assert (status, told.partition(",")[0]) == (
            "warn",
            "the events have none called order (did you mean Order?)",
        )

    @pytest.mark.parametrize(
        ("today", "days", "as_of", "told"),
        [
            ("2026-03-20", 2, None, "the events of all metrics are there"),
            ("2026-03-20", 3, "2026-03-17", "so all is as of 2026-03-17 and not of 2026-03-20"),
            ("2026-05-01", 40, "2026-03-22", "so all is as of 2026-03-22 and not of 2026-03-30"),
        ],
    )
    def test_events_that_end_early(
        self, today: str, days: int, as_of: str | None, told: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        last = datetime.fromisoformat(f"{today}T00:00+00:00") - timedelta(days=days)
        rows = [row for row in DID if datetime.fromisoformat(row[0]) < last]
        document = answer(capsys, *given(events=text(rows, EVENTS)), "--today", today)
        status, detail = check(document, "events")
        assert told in detail
        assert status == ("warn" if as_of else "pass")
        assert as_of in {document["as_of"], None}

    def test_values_that_are_no_numbers(self, capsys: pytest.CaptureFixture[str]) -> None:
        words = changed(DID, 3, lambda value: "1,234.50" if value else "")
        document = answer(capsys, *given(events=text(words, EVENTS)))
        reasons = {one["metric"]: one["reason"] or "" for one in document["metrics"]}
        assert "`1,234.50`" in reasons["spend"]
        assert "of did" in reasons["spend"]
        assert "`" not in reasons["rate"]

    def test_values_that_are_nowhere(self, capsys: pytest.CaptureFixture[str]) -> None:
        rows = text(DID, (*EVENTS[:3], "amuont"))
        reasons = {one["metric"]: one["reason"] for one in answer(capsys, *given(events=rows))["metrics"]}
        assert reasons["spend"] == "did has no column amount (did you mean amuont?)"

    @pytest.mark.parametrize("form", ["text", "markdown"])
    def test_the_names_of_files_are_inert(self, form: str, capsys: pytest.CaptureFixture[str]) -> None:
        options = list(given(text(changed(MET, 0, day_first, every=10), EXPOSURES)))
        hostile = "\x1b[31m<b>`@all`"
        Path("met").rename(hostile)
        options[1] = hostile
        assert analyze(*options, "--format", form) == 0
        told = capsys.readouterr().out
        assert "\x1b" not in told
        assert form == "text" or "<b>" not in told


class TestSegments:
    """Parts of the units by what the exposures say of them."""

    def test_each_value(self, capsys: pytest.CaptureFixture[str]) -> None:
        rows = [[*row, ("app", "web", "")[number % 3]] for number, row in enumerate(MET)]
        document = answer(capsys, *given(text(rows, (*EXPOSURES, "channel"))), "--segment", "channel")
        whole = answer(capsys, *given())
        assert document["metrics"] == whole["metrics"]
        assert document["decisions"] == whole["decisions"]
        units = {one["value"]: one["units"] for one in document["segments"]}
        assert list(units) == ["app", "web", None]
        assert units["app"] == {"control": 14, "large": 13}
        assert {one["metric"] for one in document["segments"][0]["metrics"]} == {
            one["metric"] for one in whole["metrics"]
        }

    @pytest.mark.parametrize(
        ("column", "told", "code"),
        [
            ("chanel", "The exposures cannot be split by --segment chanel: met has no column chanel (did", 3),
            ("variant", "--segment variant is the column of the variant, so each part would have one arm", 2),
            ("user_id", "user_id has 80 values, and units are split by at most 50", 3),
            ("timestamp", "timestamp has 69 values, and units are split by at most 50", 3),
        ],
    )
    def test_refused(self, column: str, told: str, code: int, capsys: pytest.CaptureFixture[str]) -> None:
        rows = text([[*row, "web"] for row in MET], (*EXPOSURES, "channel"))
        assert told in refused(capsys, *given(rows), "--segment", column, code=code)

    def test_the_experiment_is_one_value(self, capsys: pytest.CaptureFixture[str]) -> None:
        document = answer(capsys, *given(), "--segment", "experiment")
        assert [one["value"] for one in document["segments"]] == ["shop/button"]


class TestColumns:
    """Where values and ids are, and what they are stored as."""

    @pytest.mark.parametrize("kind", [pa.float64(), pa.float32(), pa.decimal128(10, 2)])
    def test_values_may_be_stored_as_numbers(
        self, kind: pa.DataType, capsys: pytest.CaptureFixture[str]
    ) -> None:
        expected = answer(capsys, *given())
        columns = {name: pa.array([row[k] for row in DID]) for k, name in enumerate(EVENTS)}
        amounts = pa.array([row[3] or None for row in DID]).cast(pa.decimal128(10, 2))
        parquet.write_table(pa.table({**columns, "amount": amounts.cast(kind)}), "did")
        found = answer(capsys, "--exposures", "met", "--events", "did")
        assert found["metrics"] == expected["metrics"]
        assert any(one["raw"] or one["effect"]["value"] for one in found["metrics"])

    def test_the_column_that_was_given_goes_first(self, capsys: pytest.CaptureFixture[str]) -> None:
        organised = Path("surfaces/coord.yaml")
        organised.write_text(
            f"{organised.read_text()}\nlogs: {{exposures: {{unit: user_id}}, events: {{unit: user_id}}}}\n"
        )
        told = refused(capsys, *given(), "--unit-column", "device", code=3)
        assert told.startswith("coord: met has no column device")

    def test_exposures_of_which_none_can_be_used(self, capsys: pytest.CaptureFixture[str]) -> None:
        never = text(changed(MET, 0, lambda _: "soon"), EXPOSURES)
        told = refused(capsys, *given(never), code=3)
        assert told.startswith(
            "coord: None of the 80 exposures can be used: unreadable_timestamp 80; the first is row 2 of met."
        )
        nothing = refused(capsys, *given(text([], EXPOSURES)), code=3)
        assert nothing == "coord: The exposures have columns and no rows. Was the export interrupted?\n"

    def test_nobody_has_met_it_before_its_start(self, capsys: pytest.CaptureFixture[str]) -> None:
        told = refused(capsys, *given(), "--as-of", "2026-02-01", code=3)
        assert "starts on 2026-03-02, and data count until 2026-02-01" in told
