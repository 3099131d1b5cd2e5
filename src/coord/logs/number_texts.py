"""Numbers out of texts: what is one, what is none, and what is neither.

An empty text and the words that databases and statistics programs export for no value are none. Booleans are
1 and 0. What is left is a number in decimal digits, perhaps with an exponent, or it is wrong.
"""

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

NONE = ("", "NA", "N/A", "NULL", "null", "None", "\\N")
"""Texts that say that there is no value, exactly so."""

_BOOLEANS = {"true": "1", "false": "0"}
_NUMBER = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$"


class Numbers(NamedTuple):
    """The values of texts: null where there is none, and where `wrong` says that a text is no finite number.

    `wrong` is None when every text is a number or none.
    """

    values: "pa.DoubleArray"
    wrong: "NDArray[np.bool_] | None" = None


def numbers(texts: "pa.StringArray") -> Numbers:
    """The finite numbers that texts are."""
    import numpy as np  # noqa: PLC0415 - only logs need it
    import pyarrow as pa  # noqa: PLC0415

    values = _cast(texts)
    if values is None:
        values, wrong = _slowly(texts)
    else:
        wrong = np.zeros(len(texts), np.bool_)
    # "nan", "inf" and 1e999 are cast, and are not finite
    wrong |= ~np.isfinite(values.fill_null(0.0).to_numpy())
    if not wrong.any():
        return Numbers(values)
    finite = pa.array(values.fill_null(0.0).to_numpy(), mask=wrong | values.is_null().to_numpy(False))
    return Numbers(finite, wrong)


def _cast(texts: "pa.StringArray") -> "pa.DoubleArray | None":
    import pyarrow as pa  # noqa: PLC0415

    try:
        return texts.cast(pa.float64())
    except pa.ArrowInvalid:
        return None


def _slowly(texts: "pa.StringArray") -> "tuple[pa.DoubleArray, NDArray[np.bool_]]":
    """The same where some texts are no numbers: they are told apart first."""
    import numpy as np  # noqa: PLC0415
    import pyarrow as pa  # noqa: PLC0415
    from pyarrow import compute  # noqa: PLC0415

    nothing = pa.scalar(None, pa.string())
    texts = compute.if_else(compute.is_in(texts, pa.array(NONE)), nothing, texts)
    lower = compute.utf8_lower(texts)
    for word, number in _BOOLEANS.items():
        texts = compute.if_else(compute.equal(lower, word), pa.scalar(number), texts)
    values = _cast(texts)
    if values is not None:
        return values, np.zeros(len(texts), np.bool_)
    texts = compute.ascii_trim_whitespace(texts)
    good = compute.match_substring_regex(texts, _NUMBER).fill_null(True)
    wrong = np.logical_not(good.to_numpy(zero_copy_only=False))
    kept = compute.if_else(good, compute.ascii_ltrim(texts, "+"), nothing)
    return kept.cast(pa.float64()), wrong
