"""What readers of formats hand over: rows as they are in the file."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray


class Block(NamedTuple):
    """Rows that were read, with their numbers, counted from 1; in a CSV file row 1 names the columns.

    `columns` are texts, or microseconds since 1970 (null: none), by place in the file. `dirty` are the rows
    with bytes that were not UTF-8, None for no row. `malformed` are the rows with a wrong number of fields,
    which `rows` does not have. `whole` are all columns of the file as they were, where that was asked for.
    """

    rows: "NDArray[np.int64]"
    columns: "dict[int, pa.Array]"
    dirty: "NDArray[np.bool_] | None"
    malformed: Sequence[tuple[int, str]] = ()
    whole: "Sequence[pa.Array]" = ()
