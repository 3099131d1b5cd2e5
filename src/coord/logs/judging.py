"""Which rows of a block can be used, and why the others cannot."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from coord.allocation.assign import MOST_BYTES
from coord.logs.block import Block
from coord.logs.columns import Layout, Use
from coord.logs.rejects import LONG_UNIT, NO_UNIT, NOT_UTF8, UNREADABLE_TIME, reasons_of
from coord.logs.timestamps import from_texts

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    Codes = NDArray[np.uint8]


def judge(layout: Layout, places: Mapping[str, int], block: Block) -> "tuple[Codes, dict[str, pa.Array]]":
    """For each row 0, or the place of its reason among all reasons, from 1; and the moments by role."""
    import numpy as np  # noqa: PLC0415 - only logs need it

    found: dict[str, NDArray[np.bool_]] = {} if block.dirty is None else {NOT_UTF8: block.dirty}
    moments: dict[str, pa.Array] = {}
    for one in layout.wanted:
        column = block.columns[places[one.role]]
        if one.use is Use.TIME:
            moments[one.role], bad = _moments(column)
            found[UNREADABLE_TIME] = found.get(UNREADABLE_TIME, False) | bad
        elif one.use is Use.UNIT:
            lengths = _lengths(column)
            found |= {NO_UNIT: lengths == 0, LONG_UNIT: lengths > MOST_BYTES}
        elif one.use is Use.LABEL:
            found[f"no_{one.role}"] = _lengths(column) == 0
    codes = np.zeros(len(block.rows), np.uint8)
    for code, reason in reversed(list(enumerate(reasons_of(layout), 1))):
        if reason in found:
            codes[found[reason]] = code
    return codes, moments


def _moments(column: "pa.Array") -> "tuple[pa.Array, NDArray[np.bool_]]":
    import numpy as np  # noqa: PLC0415
    import pyarrow as pa  # noqa: PLC0415

    if pa.types.is_int64(column.type):  # as stored
        return column.fill_null(0).view(pa.timestamp("us")), column.is_null().to_numpy(zero_copy_only=False)
    moments, good = from_texts(column)
    return pa.array(moments).view(pa.timestamp("us")), np.logical_not(good)


def _lengths(column: "pa.Array") -> "NDArray[np.int64]":
    """The bytes of each text, 0 where there is none."""
    from pyarrow import compute  # noqa: PLC0415

    lengths: NDArray[np.int64] = compute.binary_length(column).fill_null(0).to_numpy(zero_copy_only=False)
    return lengths
