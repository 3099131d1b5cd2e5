"""Days as moments: microseconds since 1970 in UTC, the whole numbers that logs are compared by."""

from datetime import date, timedelta

from coord.logs.timestamps import DAY

_EPOCH = date(1970, 1, 1)


def micros(day: date) -> int:
    """The moment at which a day begins."""
    return (day - _EPOCH).days * DAY


def day_number(day: date) -> int:
    """Days since 1970."""
    return (day - _EPOCH).days


def day_at(number: int) -> date:
    """The day so many days after 1970."""
    return _EPOCH + timedelta(days=number)
