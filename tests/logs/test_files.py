"""Files that cannot be read say why; names are only names; several files are one."""

import gzip
import itertools
import os
import random
import re
from pathlib import Path

import pytest

from coord.domain.model import ExposureColumns, Space
from coord.errors import CoordError
from coord.logs.columns import exposure_layout, unit_column
from coord.logs.places import find_files
from coord.report.visible import visible
from logs.files import FORMATS, LAYOUT, NAMES, csv_text, read, write, zstd

ROWS = [("2026-03-02", f"u{number}", "e", "v") for number in range(3000)]


def _refused(path: Path | str) -> str:
    with pytest.raises(CoordError) as refused:
        read(path)
    return visible(str(refused.value))  # as it is printed


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty: not even its columns are named"),
        (b"\xef\xbb\xbf", "is empty"),
        (b"\n2026,u,e,v\n", "The first line of .* is empty, and must name the columns"),
        ("timestamp,user_id\n".encode("utf-16"), "is not in UTF-8 but in UTF-16"),
        ("timestamp,user_id\n".encode("utf-16-le"), "is not in UTF-8 but in UTF-16"),
        (b"PK\x03\x04....", "is a zip archive or a spreadsheet"),
        (b"BZh91AY", "is packed with bzip2"),
        (b"PAR1 is no parquet", "cannot be read"),
        (b"\x1f\x8bnonsense that is no gzip", "cannot be read: it is damaged or was cut off"),
        (gzip.compress(b"PAR1...."), "is a Parquet file inside another"),
        (gzip.compress(csv_text(ROWS).encode())[:-200], "cannot be read: it is damaged or was cut off"),
        (gzip.compress(csv_text(ROWS).encode())[:-8] + bytes(8), "cannot be read: it is damaged or was cut"),
        (zstd(csv_text(ROWS).encode())[:-20], "cannot be read: it is damaged or was cut off"),
        (b"\x00\x01\x02", "is no text"),
        (b'"a\nb\n', "has no column timestamp"),
    ],
    ids=itertools.count(),  # gzip writes the time, and names must be the same in every process
)
def test_unreadable_files_say_why(data: bytes, said: str, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_bytes(data)
    told = _refused(tmp_path / "x.csv")
    assert str(tmp_path / "x.csv") in told
    assert re.search(said, told), told


def test_a_parquet_file_that_is_none_says_so(tmp_path: Path) -> None:
    (tmp_path / "x.parquet").write_text(csv_text(ROWS))
    assert "x.parquet cannot be read: Parquet magic bytes not found" in _refused(tmp_path / "x.parquet")
    whole = write(tmp_path / "y.parquet", ROWS).read_bytes()
    spoilt = bytearray(whole)
    spoilt[200:260] = bytes(60)
    (tmp_path / "y.parquet").write_bytes(bytes(spoilt))
    assert "y.parquet cannot be read" in _refused(tmp_path / "y.parquet")


def test_missing_columns_are_named_with_what_was_meant(tmp_path: Path) -> None:
    path = write(tmp_path / "x.csv", [("a", "b", "c", "d")], ("Timestamp", "userid", "experiment", "arm"))
    assert _refused(path) == (
        f"{path} has no column timestamp (did you mean Timestamp?) and no column user_id (the unit; did you "
        "mean userid?) and no column variant; the exposures need them. Its columns are: Timestamp, userid, "
        "experiment, arm. Have the first line name the columns, or say in surfaces/coord.yaml what it calls "
        "them (logs.exposures.timestamp, logs.exposures.unit, logs.exposures.variant)."
    )


def test_one_missing_column_is_one(tmp_path: Path) -> None:
    path = write(tmp_path / "x.csv", [("a", "b", "c")], NAMES[1:])
    assert _refused(path) == (
        f"{path} has no column timestamp; the exposures need it. Its columns are: user_id, experiment, "
        "variant. Have the first line name the columns, or say in surfaces/coord.yaml which column it is "
        "(logs.exposures.timestamp)."
    )


def test_a_column_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "x.csv", [("a",) * 5], (*NAMES, "user_id"))
    assert "has 2 columns called user_id" in _refused(path)
    other = write(tmp_path / "y.csv", [("2026-03-02", "u", "e", "v", "1", "2")], (*NAMES, "x", "x"))
    assert len(read(other).rows) == 1


@pytest.mark.parametrize("name", ["http://example.org/x.csv", "s3://bucket/x.csv", "file:///etc/passwd"])
def test_addresses_are_refused(name: str) -> None:
    assert f"{name} is not on this machine" in _refused(name)


def test_places_that_are_no_files_are_refused(tmp_path: Path) -> None:
    assert "is a folder. Give its files" in _refused(tmp_path)
    assert "There is no file" in _refused(tmp_path / "none.csv")
    assert "No file matches" in _refused(tmp_path / "*.csv")
    (tmp_path / "link.csv").symlink_to("nowhere")
    assert "is a link that leads nowhere" in _refused(tmp_path / "link.csv")
    os.mkfifo(tmp_path / "pipe.csv")
    assert "is no regular file" in _refused(tmp_path / "pipe.csv")
    assert "is empty, or has a NUL" in _refused("")
    assert "cannot be looked at" in _refused("x" * 5000)


HOSTILE = [
    "it's.csv",
    "*.csv",
    "a[1].csv",
    'a"b.csv',
    "a;drop table x.csv",
    "$(x).csv",
    "a\nb.csv",
    "--x.csv",
    "ä%s{}.csv",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_names_are_only_names(name: str, tmp_path: Path) -> None:
    write(tmp_path / "other.csv", ROWS[:5])
    assert len(read(write(tmp_path / name, ROWS[:7])).rows) == 7


def test_patterns_and_several_files(tmp_path: Path) -> None:
    for number, suffix in enumerate(FORMATS):
        write(tmp_path / f"part-{number}.{suffix}", ROWS[number * 10 : number * 10 + 10])
    (tmp_path / "deep" / "er").mkdir(parents=True)
    write(tmp_path / "deep" / "er" / "part-9.csv", ROWS[90:100])
    units = [row[2] for row in read(f"{tmp_path}/part-*").rows]
    assert units == [f"u{number}" for number in range(10 * len(FORMATS))]
    assert len(read(f"{tmp_path}/**/part-*").rows) == 10 * len(FORMATS) + 10
    assert len(read(f"{tmp_path}/part-*", tmp_path / "part-0.csv").rows) == 10 * len(FORMATS)  # each once
    assert find_files([f"{tmp_path}/part-1*", f"{tmp_path}/part-0*"])[0].name == "part-1.csv.gz"


def test_columns_in_any_order_with_any_others(tmp_path: Path) -> None:
    write(
        tmp_path / "a.csv",
        [("v", "x", "2026-03-02", "SE", "e", "u")],
        ("variant", "x", "timestamp", "country", "experiment", "user_id"),
    )
    write(tmp_path / "b.csv", [("2026-03-03", "u2", "e", "v")])
    found = read(tmp_path / "a.csv", tmp_path / "b.csv")
    assert [row[2:] for row in found.rows] == [("u", "e", "v", "SE"), ("u2", "e", "v")]


def test_names_of_columns_can_be_chosen(tmp_path: Path) -> None:
    path = write(
        tmp_path / "x.csv", [("2026-03-02", "u", "e", "v")], ("när", "vem", "vad, var", 'vilken "arm"')
    )
    layout = exposure_layout(ExposureColumns("när", None, "vad, var", 'vilken "arm"'), "vem")
    assert [row[2:] for row in read(path, layout=layout).rows] == [("u", "e", "v")]


def test_the_unit_column() -> None:
    user, device = Space("user", "user_id", "a", 100), Space("device", "device_id", "b", 100)
    assert unit_column("given", [user, device]) == "given"
    assert unit_column(None, [device]) == "device_id"
    assert unit_column(None, [user, device]) == "user_id"
    assert unit_column(None, []) == "user_id"


@pytest.mark.parametrize("suffix", FORMATS)
def test_rejected_rows_are_counted_shown_and_written(suffix: str, tmp_path: Path) -> None:
    spoilt = {
        2: ("soon", "u", "e", "v"),
        3: ("2026-03-02", "", "e", "v"),
        4: ("2026-03-02", "u" * 101, "e", "v"),
    }
    spoilt |= {5: ("2026-03-02", "u", "", "v"), 6: ("2026-03-02", "u", "e", ""), 7: ("", "", "", "")}
    rows = [spoilt.get(number, row) for number, row in enumerate(ROWS[:20])]
    path = write(tmp_path / f"=x.{suffix}", rows)
    found = read(path, rejects=tmp_path / "rejects.csv")
    header = 0 if suffix == "parquet" else 1
    expected = [("unreadable_timestamp", 3), ("unreadable_timestamp", 8), ("no_unit", 4)]
    expected += [("unit_over_100_bytes", 5), ("no_experiment", 6), ("no_variant", 7)]
    assert found.first == [(reason, row + header) for reason, row in expected]
    assert found.total == len(found.rows) + sum(found.rejects.values()) == 20
    assert read(path).rejects == found.rejects
    written = (tmp_path / "rejects.csv").read_text("utf-8").splitlines()
    assert written[0] == "reason,file,row,timestamp,user_id,experiment,variant,text"
    assert written[1] == f"unreadable_timestamp,{path},{3 + header},soon,u,e,v,"
    assert len(written) == 7


def test_what_coord_words_is_no_formula_and_ids_are_unchanged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    names = (*NAMES, "=cmd()", "@x")
    Path("=x.csv").write_bytes(
        csv_text([("soon", "=1+1", "-e", "+v", "=2", "")], names).encode() + b"a\xff,=b\n"
    )
    read("=x.csv", rejects=Path("rejects.csv"))
    assert Path("rejects.csv").read_text("utf-8").splitlines() == [
        "reason,file,row,timestamp,user_id,experiment,variant,'=cmd(),'@x,text",
        "unreadable_timestamp,'=x.csv,2,soon,=1+1,-e,+v,=2,,",
        'wrong_number_of_fields,\'=x.csv,3,,,,,,,"a\\xff,=b"',
    ]


def test_rejects_are_written_whole_or_not_at_all(tmp_path: Path) -> None:
    good, bad = write(tmp_path / "a.csv", ROWS[:3]), tmp_path / "b.csv"
    bad.write_text(csv_text(ROWS[:3]) + '2026-03-02,"u,e,v\n')
    with pytest.raises(CoordError, match="has a field that begins with a quote"):
        read(good, bad, rejects=tmp_path / "rejects.csv")
    with pytest.raises(CoordError, match=r"a\.csv is one of the files that are read"):
        read(good, rejects=good)
    with pytest.raises(CoordError, match="cannot be written: No such file or directory"):
        read(good, rejects=tmp_path / "no" / "rejects.csv")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.csv", "b.csv"]
    read(good, rejects=tmp_path / "rejects.csv")
    assert (
        tmp_path / "rejects.csv"
    ).read_text() == "reason,file,row,timestamp,user_id,experiment,variant,text\n"


def test_order_and_files_do_not_matter(tmp_path: Path) -> None:
    rows = [*ROWS[:500], *[("soon", "u", "e", "v")] * 20, *[("2026-03-02", "", "e", "v")] * 30]
    whole = read(write(tmp_path / "whole.csv", rows))
    random.Random(1).shuffle(rows)
    parts = [write(tmp_path / f"part-{n}.{FORMATS[n]}", rows[n * 110 : n * 110 + 110]) for n in range(5)]
    split = read(*parts)
    assert sorted(row[1:] for row in split.rows) == sorted(row[1:] for row in whole.rows)
    assert split.rejects == whole.rejects
    assert split.total == whole.total


def test_layouts_name_their_columns() -> None:
    assert [one.column for one in LAYOUT.wanted] == list(NAMES)
