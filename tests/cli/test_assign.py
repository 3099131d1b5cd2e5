"""`coord assign` as a user calls it, on the organisation of this repository."""

import csv
import json
from io import StringIO
from pathlib import Path

import pytest
from jsonschema import Draft7Validator

from coord.cli.main import run

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((ROOT / "schemas" / "assign.schema.json").read_text("utf-8"))
SHELF, HOLDBACK = "home/podcast-shelf", "home/holdback-2026-q1"
TODAY = ["--root", str(ROOT), "--today", "2026-03-10"]
ELIGIBLE = ["--context", "country=SE", "--context", "platform=ios"]


def _csv(*arguments: str, capsys: pytest.CaptureFixture[str]) -> list[dict[str, str]]:
    assert run(["assign", *TODAY, *arguments, "--format", "csv"]) == 0
    return list(csv.DictReader(StringIO(capsys.readouterr().out)))


def test_json_is_what_the_schema_says(capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        run(["assign", SHELF, HOLDBACK, "--unit", "user-1", "--unit", "007", *TODAY, "--format", "json"]) == 0
    )
    document = json.loads(capsys.readouterr().out)
    Draft7Validator(SCHEMA).validate(document)
    assert [(row["experiment"], row["unit"]) for row in document["assignments"]] == [
        (SHELF, "user-1"),
        (HOLDBACK, "user-1"),
        (SHELF, "007"),
        (HOLDBACK, "007"),
    ]
    assert document["assignments"][0]["reason"] == "not_eligible"
    assert document["assignments"][0]["bucket"] == 8444


def test_units_spread_over_reasons_and_variants(capsys: pytest.CaptureFixture[str]) -> None:
    units = [part for number in range(400) for part in ("--unit", f"u{number}")]
    rows = _csv(SHELF, *units, *ELIGIBLE, capsys=capsys)
    reasons = [row["reason"] for row in rows]
    assert set(reasons) == {"assigned", "not_allocated", "held_back"}
    assert 50 <= reasons.count("assigned") <= 110  # 20% of 400
    assert {row["variant"] for row in rows if row["reason"] == "assigned"} == {"control", "shelf"}
    assert {row["variant"] for row in rows if row["reason"] != "assigned"} == {""}


def test_text_tells_every_step(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["assign", SHELF, "--unit", "user-1", "--context", "country=BR", *TODAY]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith(f"{SHELF}: not eligible\n")
    assert "no: country is BR, and must be one of SE, US" in shown
    assert "8444 of 10,000 in the space user" in shown
    assert "yes: from 2026-03-02 until 2026-03-30" in shown


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([SHELF], "Give units with --unit"),
        ([SHELF, "--unit", ""], "1 to 100 bytes"),
        ([SHELF, "--unit", "u", "--context", "SE"], "NAME=VALUE"),
        ([SHELF, "--unit", "u", "--context", "contry=SE"], "did you mean country?"),
        ([SHELF, "--unit", "u", *ELIGIBLE, "--context", "country=US"], "country is SE and that it is US"),
        (["home/podcast-shelv", "--unit", "u"], "home/podcast-shelf"),
        ([SHELF, "--unit", "u", "--units", "x.csv"], "Give units with --unit"),
    ],
)
def test_wrong_usage_is_told(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["assign", *TODAY, *arguments]) == 2
    assert said in capsys.readouterr().err


UNITS = ["007", "1e5", "9007199254740993", "NA", "a,b", "line\nbreak", "old\rMac", "r\r\nn", 'a "quote"']
UNITS += ["\ufeffbom", " pad ", "=1+1", "åäö", "x" * 100, "u7"]


def _file(folder: Path) -> Path:
    rows = [[unit, ("SE", "US", "BR", "")[number % 4], "ios"] for number, unit in enumerate(UNITS)]
    with (folder / "units.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(
            [["user_id", "country", "platform"], *rows, ["", "SE", "ios"], ["y" * 101, "", ""]]
        )
    return folder / "units.csv"


@pytest.mark.parametrize("form", ["csv", "json"])
def test_units_of_a_file_get_what_each_gets(
    form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the context of its row; ids come back as they are."""
    file, out = _file(tmp_path), tmp_path / "out"
    assert (
        run(["assign", SHELF, HOLDBACK, "--units", str(file), *TODAY, "--format", form, "-o", str(out)]) == 0
    )
    with out.open(encoding="utf-8", newline="") as opened:
        if form == "json":
            document = json.load(opened)
            Draft7Validator(SCHEMA).validate(document)
            assert sum(document["rejects"].values()) == 2
            found = [
                (r["experiment"], r["unit"], r["bucket"], r["variant"], r["reason"])
                for r in document["assignments"]
            ]
        else:
            rows = list(csv.DictReader(opened))
            found = [
                (r["experiment"], r["unit"], int(r["bucket"]), r["variant"] or None, r["reason"])
                for r in rows
            ]
    assert [(key, unit) for key, unit, *_ in found] == [(k, u) for u in UNITS for k in (SHELF, HOLDBACK)]
    for key, unit, *answer in found:
        country = ("SE", "US", "BR", "")[UNITS.index(unit) % 4]
        context = ["--context", "platform=ios", *(["--context", f"country={country}"] if country else [])]
        assert run(["assign", key, "--unit", unit, *context, *TODAY, "--format", "json"]) == 0
        (one,) = json.loads(capsys.readouterr().out)["assignments"]
        assert answer == [one["bucket"], one["variant"], one["reason"]]


def test_a_file_is_summed_up(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["assign", SHELF, "--units", str(_file(tmp_path)), *TODAY]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith(f"{SHELF}: {len(UNITS)} units\n")
    assert "1 row not used" in shown


def test_a_file_without_units_is_summed_up_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "units.csv").write_text("user_id\n\n\n")
    assert run(["assign", SHELF, HOLDBACK, "--units", str(tmp_path / "units.csv"), *TODAY]) == 0
    assert capsys.readouterr().out.splitlines()[:2] == [f"{SHELF}: 0 units", f"{HOLDBACK}: 0 units"]


@pytest.mark.parametrize("form", ["text", "csv", "json"])
def test_the_size_of_batches_does_not_show(
    form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file, shown = tmp_path / "units.csv", []
    file.write_text("user_id,country,platform\n" + "".join(f"u{n},SE,ios\n" for n in range(2000)))
    for size in (1 << 24, 1 << 13):
        monkeypatch.setattr("coord.logs.csv_rows.BLOCK", size)
        assert run(["assign", SHELF, HOLDBACK, "--units", str(file), *TODAY, "--format", form]) == 0
        shown.append(capsys.readouterr().out)
    assert shown[0] == shown[1]


def test_experiments_of_different_units_need_files_of_their_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("home", "tv"):
        folder = tmp_path / "surfaces" / name
        (folder / "experiments").mkdir(parents=True)
        (folder / "surface.yaml").write_text(
            f"{{surface: {name}, title: T, owner: one, space: {name}, components: {{a: A}}}}"
        )
        (folder / "experiments" / "x.yaml").write_text(
            f"{{experiment: x, surface: {name}, kind: rollout, title: T, owner: one, hypothesis: H, "
            "status: draft, variants: [{name: on}]}"
        )
    spaces = "home: {unit: user_id, salt: s1, buckets: 100}, tv: {unit: device_id, salt: s2, buckets: 100}"
    (tmp_path / "surfaces" / "coord.yaml").write_text(f"{{spaces: {{{spaces}}}, teams: [one]}}")
    assert run(["assign", "home/x", "tv/x", "--units", str(_file(tmp_path)), "--root", str(tmp_path)]) == 2
    assert "device_id, user_id" in capsys.readouterr().err
