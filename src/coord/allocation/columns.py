"""Columns of ids: the bytes of all of them in one buffer, as Arrow and Parquet keep them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Column:
    """Texts as UTF-8: text i is `data[offsets[i]:offsets[i + 1]]`; there is one more offset than texts."""

    data: "NDArray[np.uint8]"
    offsets: "NDArray[np.int64]"

    def __len__(self) -> int:
        """How many texts there are."""
        return len(self.offsets) - 1


def column(texts: Sequence[str]) -> Column:
    """The column of a list of texts. Raises ValueError for one that is no text (it has a lone surrogate)."""
    import pyarrow as pa  # noqa: PLC0415 - only columns need it

    return from_arrow(pa.array(texts, pa.large_binary()))  # texts as UTF-8; as strings they cost a tenth more


def from_arrow(array: "pa.StringArray | pa.LargeStringArray") -> Column:
    """The column of an Arrow array of strings, without a copy of their bytes; a missing one is empty."""
    import numpy as np  # noqa: PLC0415
    import pyarrow as pa  # noqa: PLC0415

    if array.null_count:
        array = array.fill_null("")
    large = pa.types.is_large_string(array.type) or pa.types.is_large_binary(array.type)
    width = np.int64 if large else np.int32
    _, offsets, data = array.buffers()
    if offsets is None or data is None or not len(array):
        return Column(np.zeros(0, np.uint8), np.zeros(len(array) + 1, np.int64))
    bounds = np.frombuffer(offsets, width)[array.offset : array.offset + len(array) + 1]
    return Column(np.frombuffer(data, np.uint8), bounds.astype(np.int64, copy=False))


def to_arrow(texts: Column) -> "pa.LargeStringArray":
    """The column as an Arrow array, without a copy of anything."""
    import pyarrow as pa  # noqa: PLC0415

    return pa.LargeStringArray.from_buffers(len(texts), pa.py_buffer(texts.offsets), pa.py_buffer(texts.data))


def take(texts: Column, rows: "NDArray[np.int64]") -> Column:
    """Some texts of a column, in the order of `rows`."""
    import pyarrow as pa  # noqa: PLC0415

    return from_arrow(to_arrow(texts).take(pa.array(rows)))
