"""Trees as values of files, and what a change from one to another is found to be."""

import base64
import copy
import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from coord.checks.result import LocatedFinding, Result
from coord.checks.runner import check
from coord.config.files import MemoryFiles
from coord.config.load import Base, Tree, load

Files = Mapping[str, Any]
"""Values of files by path; text and bytes stand for themselves."""

COMMIT = "0" * 40


def read(files: Files) -> Tree:
    """The tree of the files, written as JSON, which is valid YAML."""
    return load(MemoryFiles({path: written(value) for path, value in files.items()}))


def written(value: Any) -> bytes:
    """The bytes of a file."""
    if isinstance(value, bytes):
        return value
    return (value if isinstance(value, str) else json.dumps(value, indent=1)).encode()


def compared(base: Files | Tree, head: Files | Tree, today: str | date, *, replay: bool = False) -> Result:
    """The check of a change from one tree to another."""
    before, after = (tree if isinstance(tree, Tree) else read(tree) for tree in (base, head))
    day = date.fromisoformat(today) if isinstance(today, str) else today
    return check(after, day, base=Base(COMMIT, before), replay=replay)


def new(base: Files | Tree, head: Files | Tree, today: str | date) -> list[LocatedFinding]:
    """What the change makes or makes worse."""
    return [finding for finding in compared(base, head, today).findings if finding.new]


def edited(files: Files, *edits: tuple[str, tuple[str | int, ...], Any]) -> dict[str, Any]:
    """The files with values put at pointers; GONE takes away, a number past the end of a list appends."""
    result: dict[str, Any] = copy.deepcopy(dict(files))
    for path, pointer, value in edits:
        put(result, (path, *pointer), copy.deepcopy(value))
    return result


class _Gone:
    """What is put where nothing shall be."""

    def __deepcopy__(self, memo: object) -> "_Gone":
        return self


GONE = _Gone()


def put(value: Any, pointer: tuple[str | int, ...], new_value: Any) -> None:
    """Put a value at a pointer, inside out."""
    for part in pointer[:-1]:
        value = value[part]
    last = pointer[-1]
    if new_value is GONE:
        del value[last]
    elif isinstance(value, list) and isinstance(last, int) and last == len(value):
        value.append(new_value)
    else:
        value[last] = new_value


def bitset(buckets: Iterable[int], size: int) -> bytes:
    """One bit a bucket, least significant first."""
    data = bytearray(-(-size // 8))
    for bucket in buckets:
        data[bucket // 8] |= 1 << bucket % 8
    return bytes(data)


def encoded(buckets: Iterable[int], size: int) -> str:
    """Buckets as a ledger says them."""
    return "base64:" + base64.b64encode(bitset(buckets, size)).decode()


def digest(buckets: Iterable[int], size: int) -> str:
    """The digest of all buckets held."""
    return hashlib.sha256(bitset(buckets, size)).hexdigest()


def decoded(text: str) -> set[int]:
    """The buckets that a ledger says."""
    if not text.startswith("base64:"):
        pairs = [piece.split(":") for piece in text.split()]
        return {bucket for low, high in pairs for bucket in range(int(low), int(high))}
    data = base64.b64decode("".join(text.removeprefix("base64:").split()))
    return {8 * place + bit for place, byte in enumerate(data) for bit in range(8) if byte >> bit & 1}


def sealed(key: str, space: str, entries: Iterable[Iterable[int]], size: int) -> dict[str, Any]:
    """A ledger of these buckets with right digests, as if drawn in a tree where nothing was to be avoided."""
    held: set[int] = set()
    made = []
    for entry in entries:
        added = set(entry)
        held |= added
        made.append({"avoids": {}, "buckets": encoded(added, size), "digest": digest(held, size)})
    return {"experiment": key, "space": space, "version": 1, "entries": made}


def surface_path(name: str) -> str:
    """The file of a surface."""
    return f"surfaces/{name}/surface.yaml"


def experiment_path(key: str) -> str:
    """The file of an experiment."""
    return "surfaces/{}/experiments/{}.yaml".format(*key.split("/"))


def ledger_path(key: str) -> str:
    """The file of a ledger."""
    return "surfaces/{}/allocations/{}.yaml".format(*key.split("/"))
