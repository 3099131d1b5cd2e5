"""What can be read in batches: files, or tables of a database."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from coord.logs.reader import Batch, FileRead
    from coord.logs.rejects import Rejects


class Readable(Protocol):
    """What is read once: when `batches` is through, `files`, `rows` and `rejects` are complete.

    Rows of tables have no numbers: theirs are 0.
    """

    files: "list[FileRead]"
    rejects: "Rejects"

    @property
    def rows(self) -> int:
        """How many rows were read so far, rejected ones included."""

    def batches(self, progress: Callable[[int], None] = lambda _: None) -> "Iterator[Batch]":
        """The rows that can be used; `progress` hears of more bytes, of tables of more rows."""


class UnitReadable(Readable, Protocol):
    """Files or tables with one row per unit."""

    with_ids: bool

    def has(self, column: str) -> bool:
        """Whether all of them have this extra column."""

    def lacks(self, column: str) -> str:
        """What to say of an extra column that one of them does not have."""

    def columns_without(self, column: str) -> str:
        """The columns of the first that does not have this extra column, as a list for people."""
