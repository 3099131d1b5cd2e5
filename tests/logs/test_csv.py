"""CSV: what is written is what is read, whatever its blocks, its packing and its spoilt rows."""

import gzip
import random
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pytest

from coord.errors import CoordError
from coord.logs import csv_rows, source
from coord.logs.columns import Layout, Use, Wanted
from logs.files import NAMES, csv_text, read, zstd

LABELS = Layout("things", (Wanted("id", "a", Use.LABEL), Wanted("value", "bb", Use.TEXT)), ("c",))
ALPHABETS = ("ab1", "abå日", "ab\" ,'", 'ab,\n"\r;', "😀a")
NOT_UTF8 = (b"\xff", b"\xc3", b"\xe5\x90", b"\x80")


class Made(NamedTuple):
    """A file, and what must be read of it."""

    data: bytes
    rows: list[tuple[object, ...]]
    malformed: list[int]
    dirty: list[int]


def _made(chance: random.Random) -> Made:
    """A file of three columns, whose lines end in any way, with blank lines and with spoilt rows."""
    delimiter = chance.choice(",;\t").encode()
    ends = chance.choice([[b"\n"], [b"\r\n"], [b"\n", b"\r\n"], [b"\r"]])
    quoted, blank, wide, dirty = (chance.choice(odds) for odds in ((0, 0.1, 1), *[(0, 0, 0.05)] * 3))
    alphabet = chance.choice(ALPHABETS)
    lines = [(b"\xef\xbb\xbf" if chance.random() < 0.2 else b"") + delimiter.join([b"a", b"bb", b"c"])]
    made = Made(b"", [], [], [])
    number = 1
    for place in range(chance.randrange(200)):
        if chance.random() < blank:
            lines.append(b"")
            continue
        number += 1
        width = chance.choice([1, 2, 4, 5]) if chance.random() < wide else 3
        cells = ["".join(chance.choices(alphabet, k=chance.randrange(9))) for _ in range(width)]
        cells[0] = f"{place}-{cells[0]}"
        written = [cell.encode() for cell in cells]
        spoilt = chance.random() < dirty
        if spoilt:
            written[-1] += chance.choice(NOT_UTF8)
        lines.append(delimiter.join(_cell(cell, delimiter, chance.random() < quoted) for cell in written))
        if width != 3:
            made.malformed.append(number)
        elif spoilt:
            made.dirty.append(number)
        else:
            made.rows.append((number, cells[0], cells[1], cells[2] or None))
    data = b"".join(line + chance.choice(ends) for line in lines)
    return made._replace(data=data.rstrip(b"\r\n") if chance.random() < 0.2 else data)


def _cell(cell: bytes, delimiter: bytes, quoted: bool) -> bytes:
    if quoted or cell.startswith(b'"') or set(cell) & set(delimiter + b"\r\n"):
        return b'"' + cell.replace(b'"', b'""') + b'"'
    return cell


@pytest.mark.parametrize("seed", range(120))
def test_every_row_is_read_or_rejected_as_it_was_made(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Blocks are small, so that everything happens at their borders."""
    chance = random.Random(seed)
    made = _made(chance)
    block = chance.choice([200, 1000, source.BLOCK])
    monkeypatch.setattr(csv_rows, "BLOCK", block)
    monkeypatch.setattr(source, "FIRST_BYTES", chance.choice([64, source.FIRST_BYTES]))
    path = tmp_path / "things.csv"
    packings: list[Callable[[bytes], bytes]] = [bytes, gzip.compress, zstd]
    path.write_bytes(chance.choice(packings)(made.data))
    found = read(path, layout=LABELS, rejects=tmp_path / "rejects.csv" if seed % 3 == 0 else None)
    assert found.rows == made.rows
    assert found.rejects.get("wrong_number_of_fields", 0) == len(made.malformed)
    assert found.rejects.get("not_utf8", 0) == len(made.dirty)
    numbers = [("wrong_number_of_fields", row) for row in made.malformed[:5]]
    assert found.first == numbers + [("not_utf8", row) for row in made.dirty[:5]]


def test_a_long_file_is_read_whole(tmp_path: Path) -> None:
    """Several blocks of the usual size, with quoted line ends at their borders."""
    rows = [("2026-03-02", f"{number}\r\n{'x' * (number % 80)}", "e", "v") for number in range(120_000)]
    path = tmp_path / "long.csv"
    path.write_text(csv_text(rows), "utf-8", newline="")
    found = read(path)
    assert path.stat().st_size > 3 * source.BLOCK
    assert found.total == len(rows)
    assert [row[2] for row in found.rows] == [unit for _, unit, _, _ in rows]
    assert [row[0] for row in found.rows] == list(range(2, len(rows) + 2))


def test_quoted_line_ends_survive_the_borders_of_blocks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """pyarrow alone loses the LF of a CR LF that is in two blocks."""
    monkeypatch.setattr(csv_rows, "BLOCK", 64)
    monkeypatch.setattr(source, "FIRST_BYTES", 64)
    for shift in range(64):
        rows = [
            ("2026-03-02", f"{'x' * (shift % 20)}{'å' * (number % 3)}\r\n", "e", "v") for number in range(20)
        ]
        path = tmp_path / "x.csv"
        path.write_text(csv_text([("2026-03-02", "y" * (shift // 4), "e", "v"), *rows]), "utf-8", newline="")
        assert [row[2] for row in read(path).rows][-20:] == [unit for _, unit, _, _ in rows], shift


SKIPPED = b"\x50\x2a\x4d\x18" + (4).to_bytes(4, "little") + b"size"
"""A frame of zst without content, as packers that work in parallel write one before each part."""


@pytest.mark.parametrize("begin", [b"", SKIPPED], ids=["", "skipped"])
@pytest.mark.parametrize("pack", [gzip.compress, zstd])
def test_packed_parts_that_were_put_together_are_read_whole(
    pack: Callable[[bytes], bytes], begin: bytes, tmp_path: Path
) -> None:
    """As `cat a.gz b.gz` makes them; what follows the first part must not be lost without a word."""
    begin = begin if pack is zstd else b""
    rows = [("2026-03-02", f"u{number}", "e", "v") for number in range(20_000)]
    data, path = csv_text(rows).encode(), tmp_path / "x.csv"
    cuts = [0, 10, 10, 1000, 1001, len(data) // 2, len(data)]
    packed = b"".join(begin + pack(data[low:high]) for low, high in pairwise(cuts))
    path.write_bytes(packed)
    assert read(path).total == len(rows)
    for spoilt in (packed[:-1], packed[:-9], packed + b"more", packed + pack(data)[:8]):
        path.write_bytes(spoilt)
        with pytest.raises(CoordError, match="it is damaged or was cut off"):
            read(path)


@pytest.mark.parametrize(
    ("lines", "row"),
    [
        (['2026-03-02,"u1,e,v', "2026-03-02,u2,e,v"], 2),
        (["2026-03-02,u1,e,v", '2026-03-02,"u2"x,e,v'], 3),
        (["2026-03-02,u1,e,v", '2026-03-02,"u2,e,v', '2026-03-02,"u3,e,v'], 3),
    ],
)
def test_a_quote_that_may_swallow_rows_is_refused(tmp_path: Path, lines: list[str], row: int) -> None:
    """Readers of CSV make one row of the two, and say nothing."""
    path = tmp_path / "x.csv"
    path.write_text("\n".join([",".join(NAMES), *lines]) + "\n")
    with pytest.raises(CoordError, match=rf"Row {row} of .*x\.csv has a field that begins with a quote"):
        read(path)


def test_quotes_inside_of_unquoted_fields_are_characters(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text(",".join(NAMES) + '\n2026-03-02,5" screen,e,v\n2026-03-02,x""y,e,v\n')
    assert [row[2] for row in read(path).rows] == ['5" screen', 'x""y']


def test_a_row_longer_than_a_block_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text(",".join(NAMES) + "\n2026-03-02," + "x" * (2 * source.BLOCK) + ",e,v\n")
    with pytest.raises(CoordError, match=r"row 2 or later, is longer than 2 MiB\. Is a quote never closed"):
        read(path)


def test_rows_that_the_parser_would_lose_are_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The number of rows is counted twice, by unlike means."""
    path = tmp_path / "x.csv"
    path.write_text(csv_text([("2026-03-02", "u", "e", "v")] * 3))
    kept = csv_rows._batches

    def losing(*given: object) -> object:
        return (batch.slice(1) for batch in kept(*given))  # type: ignore[arg-type]

    monkeypatch.setattr(csv_rows, "_batches", losing)
    with pytest.raises(CoordError, match="has 3 rows by its line ends, and 2 were read"):
        read(path)


def test_a_file_that_changes_between_looking_and_reading_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x.csv"
    path.write_text(csv_text([("2026-03-02", "u", "e", "v")]))
    kept = csv_rows.CsvFile.blocks

    def changed(file: csv_rows.CsvFile, *, whole: bool = False) -> object:
        path.write_text(csv_text([("u", "2026-03-02", "e", "v")], ("user_id", "timestamp", *NAMES[2:])))
        return kept(file, whole=whole)

    monkeypatch.setattr(csv_rows.CsvFile, "blocks", changed)
    with pytest.raises(CoordError, match="it was changed while it was read"):
        read(path)
