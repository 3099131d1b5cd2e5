"""Arrow's types as texts and moments: what each becomes, and which are refused."""

from typing import TYPE_CHECKING
from uuid import UUID

from coord.logs.timestamps import DAY, FIRST, LAST, SECOND, from_integers
from coord.logs.utf8 import marked

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

_PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}


def refusal(kind: "pa.DataType", *, time: bool, value: bool = False) -> str | None:
    """Why a column of this type cannot be used; None when it can. A `value` may have decimals, no id."""
    from pyarrow import types  # noqa: PLC0415 - only logs need it

    inner = kind.value_type if types.is_dictionary(kind) else kind
    if types.is_nested(inner):
        return f"holds {inner}, and must hold one value in each row. Export it as text."
    decimals = types.is_floating(inner) or (types.is_decimal(inner) and inner.scale != 0)
    if decimals and value:
        return None
    if decimals:
        return (
            f"holds numbers with decimals ({inner}), in which 1e5 cannot be told from 100000, nor large ids "
            "from their neighbours. Export it as text, or as whole numbers."
        )
    if time and not (is_moment(inner) or types.is_integer(inner) or _is_text(inner) or types.is_null(inner)):
        return f"holds {inner}, and must hold moments: a timestamp, a date, or text in ISO 8601."
    if not time and not (_is_id(inner) or types.is_boolean(inner) or is_moment(inner)):
        return f"holds {inner}, and must hold text. Export it as text."
    return None


def is_moment(kind: "pa.DataType") -> bool:
    """Whether the type is of timestamps or days."""
    from pyarrow import types  # noqa: PLC0415

    return bool(types.is_timestamp(kind) or types.is_date(kind))


def _is_text(kind: "pa.DataType") -> bool:
    from pyarrow import types  # noqa: PLC0415

    checks = (types.is_string, types.is_large_string, types.is_string_view, *_binary_checks())
    return any(check(kind) for check in checks)


def _binary_checks() -> tuple[object, ...]:
    from pyarrow import types  # noqa: PLC0415

    return types.is_binary, types.is_large_binary, types.is_binary_view, types.is_fixed_size_binary


def _is_id(kind: "pa.DataType") -> bool:
    from pyarrow import types  # noqa: PLC0415

    return (
        _is_text(kind)
        or is_uuid(kind)
        or any(f(kind) for f in (types.is_integer, types.is_decimal, types.is_null))
    )


def is_uuid(kind: "pa.DataType") -> bool:
    """Whether the type is Arrow's extension for UUIDs."""
    return getattr(kind, "extension_name", None) == "arrow.uuid"


def texts_of(array: "pa.Array") -> "pa.StringArray":
    """The values as text: whole numbers in decimal digits, UUIDs with hyphens, bytes as UTF-8.

    Bytes that are not UTF-8 are marked.
    """
    import pyarrow as pa  # noqa: PLC0415
    from pyarrow import types  # noqa: PLC0415

    if types.is_dictionary(array.type):
        array = array.dictionary_decode()
    if is_uuid(array.type):
        return pa.array(
            [None if value is None else str(_uuid(value)) for value in array.to_pylist()], pa.string()
        )
    if _is_text(array.type):
        return _utf8(array)
    return array.cast(pa.string())


def _uuid(value: UUID | bytes) -> UUID:
    return value if isinstance(value, UUID) else UUID(bytes=value)


def _utf8(array: "pa.Array") -> "pa.StringArray":
    import pyarrow as pa  # noqa: PLC0415

    try:
        texts = array.cast(pa.string())
        texts.validate(full=True)
    except pa.ArrowInvalid:
        values = array.cast(pa.large_binary()).to_pylist()
        return pa.array([None if value is None else marked(value).decode() for value in values], pa.string())
    return texts


def moments_of(array: "pa.Array") -> "pa.Int64Array | None":
    """Microseconds since 1970 in UTC, null where there is none; None where the values are text."""
    import numpy as np  # noqa: PLC0415
    import pyarrow as pa  # noqa: PLC0415
    from pyarrow import types  # noqa: PLC0415

    if types.is_dictionary(array.type):
        array = array.dictionary_decode()
    if not (is_moment(array.type) or types.is_integer(array.type)):
        return None
    there = ~array.is_null().to_numpy(zero_copy_only=False)
    if types.is_integer(array.type):
        values = array.cast(pa.int64(), safe=False).fill_null(0).to_numpy()
        moments, good = from_integers(values)
    else:
        moments, good = _scaled(array)
    good = good & there & (moments >= FIRST) & (moments < LAST)
    return pa.array(moments, pa.int64(), mask=np.logical_not(good))


def _scaled(array: "pa.Array") -> "tuple[NDArray[np.int64], NDArray[np.bool_]]":
    """Stored timestamps and days in microseconds, and where they fit."""
    import numpy as np  # noqa: PLC0415
    import pyarrow as pa  # noqa: PLC0415
    from pyarrow import types  # noqa: PLC0415

    if types.is_date32(array.type):
        values, factor = array.cast(pa.int32()).cast(pa.int64()), DAY
    elif types.is_date64(array.type):
        values, factor = array.cast(pa.int64()), SECOND // 1000
    else:
        values, factor = array.cast(pa.int64()), SECOND // _PER_SECOND[array.type.unit]  # 0: nanoseconds
    numbers = values.fill_null(0).to_numpy()
    if factor == 0:
        return numbers // 1000, np.ones(len(numbers), np.bool_)
    most = np.iinfo(np.int64).max // factor
    good = np.abs(numbers) <= most
    return np.where(good, numbers, 0) * factor, good
