"""The bytes of an exported file: unpacked, without a byte order mark, UTF-8 throughout, and watched."""

import io
from pathlib import Path
from typing import BinaryIO, NamedTuple

from coord.errors import CoordError
from coord.logs.lines import Lines
from coord.logs.utf8 import marked, whole_characters

BLOCK = 1 << 21
"""Bytes that are read at a time; no row may be longer."""

_BOM = b"\xef\xbb\xbf"
_PACKED = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd"}
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_OTHERS = {
    b"PK\x03\x04": "a zip archive or a spreadsheet",
    b"\xd0\xcf\x11\xe0": "a spreadsheet",
    b"BZh": "packed with bzip2",
    b"\xfd7zXZ": "packed with xz",
    b"PAR1": "a Parquet file inside another",
    b"PARE": "an encrypted Parquet file",
    b"ORC": "an ORC file",
    b"Obj\x01": "an Avro file",
    b"ARROW1": "an Arrow file",
    b"SQLite": "a database",
}
_MAGIC = 8
_AHEAD = 1
"""Bytes that are looked at before their turn comes."""


class Unpacked(NamedTuple):
    """An open file: `stream` has its bytes as they are once unpacked, `raw` as they are on the disk."""

    raw: BinaryIO
    stream: BinaryIO
    parquet: bool


def open_file(path: Path) -> Unpacked:
    """Open a file and look at how it begins. Raises CoordError for what is no CSV and no Parquet."""
    try:
        raw = path.open("rb", buffering=0)
    except OSError as error:
        raise unreadable(path, error.strerror) from None
    try:
        return _look_at(path, raw)
    except BaseException:
        raw.close()
        raise


def unreadable(path: Path, why: object) -> CoordError:
    """What is said of a file that cannot be read."""
    return CoordError(f"{path} cannot be read: {' '.join(str(why).split())}.")


def _look_at(path: Path, raw: BinaryIO) -> Unpacked:
    import pyarrow as pa  # noqa: PLC0415 - only logs need it

    try:
        begin = raw.read(_MAGIC)
        raw.seek(0)
    except OSError as error:
        raise unreadable(path, error.strerror) from None
    if not begin:
        raise CoordError(f"{path} is empty: not even its columns are named. Was the export interrupted?")
    if begin.startswith(b"PAR1") or path.suffix == ".parquet":
        return Unpacked(raw, raw, parquet=True)
    packed = next((name for magic, name in _PACKED.items() if begin.startswith(magic)), None)
    if packed is None:
        return Unpacked(raw, raw, parquet=False)
    stream = pa.CompressedInputStream(pa.PythonFile(raw, "r"), packed)
    return Unpacked(raw, stream, parquet=False)


def _refuse(path: Path, begin: bytes) -> None:
    other = next((what for magic, what in _OTHERS.items() if begin.startswith(magic)), None)
    if begin.startswith(_UTF_16) or b"\0" in begin:
        other = "not UTF-8 but UTF-16" if begin.startswith(_UTF_16) or begin.count(0) == 4 else "no text"
    if other:
        raise CoordError(f"{path} is {other}. Export it as CSV in UTF-8 (plain, gz or zst), or as Parquet.")


class Source(io.RawIOBase):
    """The text of a CSV file as a stream of UTF-8. `dirty`: some of it was not, and is marked."""

    def __init__(self, path: Path, stream: BinaryIO, begin: bytes, delimiter: str) -> None:
        """Take the first bytes, which were read to see how the file is written, and the stream of the rest."""
        super().__init__()
        self.dirty = False
        self.lines = Lines(delimiter)
        self._path, self._stream = path, stream
        self._waiting, self._over = begin, False

    def readable(self) -> bool:
        """Yes."""
        return True

    def read(self, size: int = -1) -> bytes:
        """The next bytes, empty at the end."""
        wanted = BLOCK if size < 0 else size
        while not self._over and len(self._waiting) < wanted + _AHEAD:
            more = read_some(self._path, self._stream, wanted + _AHEAD - len(self._waiting))
            self._over = not more
            self._waiting += more
        upto = _cut(self._waiting, wanted) if len(self._waiting) > wanted else len(self._waiting)
        data, self._waiting = self._waiting[:upto], self._waiting[upto:]
        return self._pass(data)

    def _pass(self, data: bytes) -> bytes:
        if not data.isascii():
            try:
                data.decode()
            except UnicodeDecodeError:
                data, self.dirty = marked(data), True
        self.lines.feed(data, self._waiting[0] if self._waiting else None)
        return data


def _cut(data: bytes, upto: int) -> int:
    """How many of the first bytes can be passed on: no half character, and no half line end.

    pyarrow loses the LF of a quoted CR LF when the two are in different blocks.
    """
    begin = max(0, upto - 4)
    whole = begin + whole_characters(data[begin:upto])
    return (whole - (data[whole - 1] == 0x0D) if whole else 0) or upto


def read_some(path: Path, stream: BinaryIO, size: int) -> bytes:
    """Up to so many unpacked bytes. Raises CoordError when the file is damaged."""
    try:
        return bytes(stream.read(size))
    except (OSError, ValueError) as error:
        raise unreadable(path, f"it is damaged or was cut off ({error})") from None


def first_bytes(path: Path, stream: BinaryIO) -> bytes:
    """The first block, without a byte order mark. Raises CoordError when it is no text."""
    begin = b""
    while len(begin) < BLOCK and (more := read_some(path, stream, BLOCK - len(begin))):
        begin += more
    begin = begin.removeprefix(_BOM)
    if not begin:
        raise CoordError(f"{path} is empty: not even its columns are named. Was the export interrupted?")
    _refuse(path, begin[:_MAGIC])
    return begin
