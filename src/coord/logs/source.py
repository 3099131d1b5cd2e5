"""The bytes of an exported file: unpacked, without a byte order mark, UTF-8 throughout, and watched."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple

from coord.errors import CoordError
from coord.logs.lines import Lines
from coord.logs.utf8 import marked, whole_characters

BLOCK = 1 << 21
"""Bytes that are read at a time; no row may be longer."""

FIRST_BYTES = 1 << 16
"""Bytes in which a line that names the columns must end."""

_BOM = b"\xef\xbb\xbf"
_PACKED = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd"}
_PACKED |= {bytes([number]) + b"\x2a\x4d\x18": "zstd" for number in range(0x50, 0x60)}  # packed in parallel
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_OTHERS = {
    b"PAR1": "a Parquet file inside another",
    b"PARE": "an encrypted Parquet file",
    b"PK\x03\x04": "a zip archive or a spreadsheet",
    b"\xd0\xcf\x11\xe0": "a spreadsheet",
    b"BZh": "packed with bzip2",
    b"\xfd7zXZ": "packed with xz",
    b"ORC": "an ORC file",
    b"Obj\x01": "an Avro file",
    b"ARROW1": "an Arrow file",
    b"SQLite": "a database",
    b"\x89PNG": "a picture",
    b"%PDF": "a PDF document",
    b"<!DOCTYPE": "a web page",
    b"<html": "a web page",
}
_MAGIC = 8


class Opened(NamedTuple):
    """An open file: `raw` has its bytes as they are on the disk, `stream` as they are when unpacked."""

    raw: BinaryIO
    stream: BinaryIO
    parquet: bool


@contextmanager
def open_file(path: Path) -> Iterator[Opened]:
    """Open a file after a look at how it begins. Raises CoordError when it cannot be read or is empty."""
    try:
        raw = path.open("rb", buffering=0)
    except OSError as error:
        raise unreadable(path, error.strerror) from None
    with raw:
        begin = read_some(path, raw, _MAGIC)
        raw.seek(0)
        if not begin:
            raise _empty(path)
        if begin.startswith(b"PAR1") or path.suffix == ".parquet":
            yield Opened(raw, raw, parquet=True)
        else:
            yield Opened(raw, _unpacking(raw, begin), parquet=False)


def _unpacking(raw: BinaryIO, begin: bytes) -> BinaryIO:
    packed = next((name for magic, name in _PACKED.items() if begin.startswith(magic)), None)
    if packed is None:
        return raw
    import pyarrow as pa  # noqa: PLC0415 - only logs need it

    stream: BinaryIO = pa.CompressedInputStream(pa.PythonFile(raw, "r"), packed)
    return stream


def read_some(path: Path, stream: BinaryIO, size: int) -> bytes:
    """Up to so many unpacked bytes. Raises CoordError when the file is damaged."""
    try:
        return bytes(stream.read(size))
    except (OSError, ValueError) as error:
        raise unreadable(path, f"it is damaged or was cut off ({error})") from None


def unreadable(path: Path, why: object) -> CoordError:
    """What is said of a file that cannot be read."""
    return CoordError(f"{path} cannot be read: {' '.join(str(why).split()).rstrip('.')}.")


def _empty(path: Path) -> CoordError:
    return CoordError(f"{path} is empty: not even its columns are named. Was the export interrupted?")


def first_bytes(path: Path, stream: BinaryIO) -> bytes:
    """The first bytes of a text, without a byte order mark. Raises CoordError when it is no text."""
    begin = b""
    while len(begin) < FIRST_BYTES and (more := read_some(path, stream, FIRST_BYTES - len(begin))):
        begin += more
    begin = begin.removeprefix(_BOM)
    if not begin:
        raise _empty(path)
    other = next((what for magic, what in _OTHERS.items() if begin.startswith(magic)), None)
    if begin.startswith(_UTF_16) or begin[:_MAGIC].count(0) == _MAGIC // 2:
        other = "not in UTF-8 but in UTF-16"
    if other or b"\0" in begin[:_MAGIC]:
        what = other or "no text"
        raise CoordError(f"{path} is {what}. Export it as CSV in UTF-8 (plain, gz or zst), or as Parquet.")
    return begin


class Source(io.RawIOBase):
    """The text of a CSV file as a stream of UTF-8. `dirty`: some of it was not, and is marked."""

    def __init__(self, path: Path, stream: BinaryIO, begin: bytes, delimiter: str) -> None:
        """Take the first bytes, which were read already, and the stream of the rest."""
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
        data = self._waiting[:wanted] + self._read(wanted - len(self._waiting))
        self._waiting = self._waiting[wanted:] or self._read(wanted)  # some more is looked at
        if self._waiting and (upto := _cut(data, len(data))) < len(data):
            data, self._waiting = data[:upto], data[upto:] + self._waiting
        if data and not self._waiting and not data.endswith((b"\n", b"\r")):
            data += b"\n"  # pyarrow refuses a lone line without an end
        if not data.isascii():
            data = self._as_utf8(data)
        self.lines.feed(data, self._waiting[0] if self._waiting else None)
        return data

    def _read(self, size: int) -> bytes:
        """So many bytes of the file, less only at its end."""
        data = b""
        while not self._over and len(data) < size:
            more = read_some(self._path, self._stream, size - len(data))
            self._over = not more
            data = data + more if data else more
        return data

    def _as_utf8(self, data: bytes) -> bytes:
        try:
            data.decode()
        except UnicodeDecodeError:
            self.dirty = True
            return marked(data)
        return data


def _cut(data: bytes, upto: int) -> int:
    """How many of the first bytes can be passed on: no half character, and no half line end.

    pyarrow loses the LF of a quoted CR LF when the two are in different blocks.
    """
    begin = max(0, upto - 4)
    whole = begin + whole_characters(data[begin:upto])
    return (whole - (data[whole - 1] == 0x0D) if whole else 0) or upto
