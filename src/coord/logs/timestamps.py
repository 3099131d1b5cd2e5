"""Moments as exported files write them, as microseconds since 1970 in UTC.

Understood are ISO 8601 with a date, or a date and a time (`2026-03-02`, `2026-03-02T10:15`,
`2026-03-02 10:15:00.123456+01:00`, `…Z`, `… UTC`), and whole seconds or milliseconds since 1970 where their
number of digits tells which. A time without a zone is in UTC.
"""

from typing import TYPE_CHECKING, Any

from coord.allocation.columns import Column, from_arrow

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    Numbers = NDArray[np.int64]
    Mask = NDArray[np.bool_]

SECOND = 1_000_000
DAY = 86_400 * SECOND

FIRST, LAST = -62_135_596_800 * SECOND, 253_402_300_800 * SECOND
"""From the year 1 until the year 9999."""

_SECONDS, _MILLISECONDS = (10**9, 2 * 10**9), (10**12, 2 * 10**12)
"""From 2001 until 2033: ten digits are seconds then, thirteen are milliseconds, and neither is a date."""

_ROWS = 1 << 15
"""Rows looked at a time: their columns stay in the processor's cache."""


def from_texts(texts: "pa.StringArray | pa.LargeStringArray") -> "tuple[Numbers, Mask]":
    """The moment of every text, and which texts are one."""
    import numpy as np  # noqa: PLC0415 - only logs need it

    column = from_arrow(texts)
    lengths = np.diff(column.offsets)
    if (known := _usual(texts, column, lengths)) is not None:
        return known, (known >= FIRST) & (known < LAST)
    moments, found = np.zeros(len(column), np.int64), np.zeros(len(column), np.bool_)
    for length in np.flatnonzero(np.bincount(np.clip(lengths, 0, _LONGEST + 1))).tolist():
        if _SHORTEST <= length <= _LONGEST:
            rows = np.flatnonzero(lengths == length)
            for begin in range(0, len(rows), _ROWS):
                some = rows[begin : begin + _ROWS]
                moments[some], found[some] = _parse(_characters(column, some, length), length)
    found &= (moments >= FIRST) & (moments < LAST)
    return moments, found


def _usual(
    texts: "pa.StringArray | pa.LargeStringArray", column: Column, lengths: "Numbers"
) -> "Numbers | None":
    """The moments of texts that are all written alike, `YYYY-MM-DDThh:mm:ss` or with more; None for others.

    A fraction and a Z may follow. pyarrow reads these faster, and knows other ways to write a moment as well.
    """
    import pyarrow as pa  # noqa: PLC0415

    if not len(lengths) or not 19 <= (length := int(lengths[0])) <= 27 or (lengths != length).any():
        return None
    characters = column.data[column.offsets[0] : column.offsets[-1]].reshape(len(lengths), length)
    zoned = characters[0, -1] == ord("Z")
    rest = length - 19 - zoned
    if rest in {-1, 1}:
        return None
    marks = [(13, ":"), (16, ":"), *([(19, ".")] if rest else []), *([(length - 1, "Z")] if zoned else [])]
    if any((characters[:, place] != ord(mark)).any() for place, mark in marks):
        return None
    try:
        moments = texts.cast(pa.timestamp("us", "UTC" if zoned else None))
    except pa.ArrowInvalid:
        return None
    found: Numbers = moments.view(pa.int64()).to_numpy()
    return found


def from_integers(values: "Numbers") -> "tuple[Numbers, Mask]":
    """The moments of seconds or milliseconds since 1970."""
    import numpy as np  # noqa: PLC0415

    seconds = (values >= _SECONDS[0]) & (values < _SECONDS[1])
    milliseconds = (values >= _MILLISECONDS[0]) & (values < _MILLISECONDS[1])
    factor = np.where(seconds, SECOND, np.where(milliseconds, SECOND // 1000, 0))
    return values * factor, seconds | milliseconds


_SHORTEST, _LONGEST = 10, 35
_PLACES = {"Z": 1, " UTC": 4, "+00": 3, "+0000": 5, "+00:00": 6}
"""How a zone is written, and in how many characters."""


def _characters(column: Column, rows: "Numbers", length: int) -> "NDArray[np.uint8]":
    """The characters of texts of one length: an array for the first of all of them, one for the second."""
    import numpy as np  # noqa: PLC0415

    begins = column.offsets[rows]
    if begins[-1] - begins[0] == (len(rows) - 1) * length:
        table = column.data[begins[0] : begins[-1] + length].reshape(len(rows), length)
    else:
        table = column.data[begins[:, None] + np.arange(length)]
    return np.ascontiguousarray(table.T)


class _Digits:
    """Reads numbers out of columns of characters; `good` is where all that was read were digits."""

    def __init__(self, characters: Any) -> None:
        import numpy as np  # noqa: PLC0415

        self._values = characters - np.uint8(ord("0"))
        self.good = np.ones(characters.shape[1], np.bool_)

    def read(self, first: int, last: int) -> "Numbers":
        import numpy as np  # noqa: PLC0415

        number = np.zeros(len(self.good), np.int64)
        for place in range(first, last):
            digit = self._values[place]
            self.good &= digit <= 9
            number = number * 10 + digit
        return number


def _parse(characters: "NDArray[np.uint8]", length: int) -> "tuple[Numbers, Mask]":
    """The moments of texts of one length."""
    import numpy as np  # noqa: PLC0415

    if length in {10, 13}:
        moments, found = _epochs(characters, length)
        if length == 13:
            return moments, found
    else:
        moments, found = np.zeros(characters.shape[1], np.int64), np.zeros(characters.shape[1], np.bool_)
    days, dated = _dates(characters)
    if length == 10:
        return np.where(dated, days * DAY, moments), dated | found
    if length < 16:
        return moments, found
    dated &= (characters[10] == ord("T")) | (characters[10] == ord(" "))
    if not dated.any():
        return moments, found
    for zone in ("", *_PLACES):
        for timed in (16, 19):
            rest = length - timed - _PLACES.get(zone, 0)
            if rest == 0 or (timed == 19 and 2 <= rest <= 10):
                within, good = _times(characters, timed, rest, zone)
                good &= dated
                moments[good] = days[good] * DAY + within[good]
                found |= good
    return moments, found


def _epochs(characters: "NDArray[np.uint8]", length: int) -> "tuple[Numbers, Mask]":
    digits = _Digits(characters)
    moments, fits = from_integers(digits.read(0, length))
    return moments, fits & digits.good


def _dates(characters: "NDArray[np.uint8]") -> "tuple[Numbers, Mask]":
    """Days since 1970 of what begins with `YYYY-MM-DD`."""
    digits = _Digits(characters)
    year, month, day = digits.read(0, 4), digits.read(5, 7), digits.read(8, 10)
    good = digits.good & (characters[4] == ord("-")) & (characters[7] == ord("-"))
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    last = 30 + (month + month // 8) % 2 - (month == 2) * (2 - leap)
    good &= (year >= 1) & (month >= 1) & (month <= 12) & (day >= 1) & (day <= last)
    shifted = year - (month <= 2)  # the year that begins in March, so that a leap day is its last
    since = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    days = shifted * 365 + shifted // 4 - shifted // 100 + shifted // 400 + since - 719_468
    return days, good


def _times(characters: "NDArray[np.uint8]", timed: int, rest: int, zone: str) -> "tuple[Numbers, Mask]":
    """Microseconds since the day began, in UTC, of what goes on with `hh:mm` or `hh:mm:ss`.

    `rest` characters of a fraction follow, and then the zone.
    """
    digits = _Digits(characters)
    after = timed + rest
    good = characters[13] == ord(":")
    marks = [(timed - 3, ":"), *([(timed, ".")] if rest else []), *_zone_marks(after, zone)]
    for place, mark in marks:
        good &= characters[place] == ord(mark)
    offset, signed = _offset(characters, digits, after, zone)
    good &= signed
    if not good.any():
        return offset, good
    hour, minute = digits.read(11, 13), digits.read(14, 16)
    second = digits.read(17, 19) if timed == 19 else 0
    fraction = digits.read(timed + 1, after)
    fraction = fraction * 10 ** (7 - rest) if rest <= 7 else fraction // 10 ** (rest - 7)
    good &= digits.good & (hour <= 23) & (minute <= 59) & (second <= 59)
    return ((hour * 60 + minute - offset) * 60 + second) * SECOND + fraction, good


def _zone_marks(after: int, zone: str) -> list[tuple[int, str]]:
    """Where in a zone which characters must be; signs are looked at elsewhere."""
    return [(after + place, mark) for place, mark in enumerate(zone) if mark not in "+0"]


def _offset(
    characters: "NDArray[np.uint8]", digits: _Digits, after: int, zone: str
) -> "tuple[Numbers, Mask]":
    """Minutes east of Greenwich, and where they are written as this zone asks."""
    import numpy as np  # noqa: PLC0415

    number = characters.shape[1]
    if not zone.startswith("+"):
        return np.zeros(number, np.int64), np.ones(number, np.bool_)
    west = characters[after] == ord("-")
    signed = west | (characters[after] == ord("+"))
    if not signed.any():
        return np.zeros(number, np.int64), signed
    hours = digits.read(after + 1, after + 3)
    minutes = digits.read(after + len(zone) - 2, after + len(zone)) if len(zone) > 3 else hours * 0
    east = np.where(west, -1, 1) * (hours * 60 + minutes)
    return east, signed & (hours <= 14) & (minutes <= 59)
