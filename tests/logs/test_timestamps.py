"""Moments: every text is read as a second, slow reader does, or refused as it refuses."""

import re
from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coord.logs.timestamps import FIRST, LAST, from_integers, from_texts

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ISO = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(Z| UTC|[+-]\d\d(?::?\d\d)?)?)?",
    re.ASCII,
)


def slowly(text: str) -> int | None:
    """Microseconds since 1970, by a regular expression and the datetime module."""
    if re.fullmatch(r"1[0-9]{9}", text):
        return int(text) * 1_000_000
    if re.fullmatch(r"1[0-9]{12}", text):
        return int(text) * 1_000
    found = ISO.fullmatch(text)
    if not found:
        return None
    numbers, fraction, zone = [int(part or 0) for part in found.groups()[:6]], found[7] or "", found[8] or ""
    offset = timedelta()
    if zone[:1] in {"+", "-"}:
        digits = zone[1:].replace(":", "").ljust(4, "0")
        offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:])) * (-1 if zone[0] == "-" else 1)
        if int(digits[:2]) > 14 or int(digits[2:]) > 59:
            return None
    try:
        local = datetime(*numbers, int(fraction[:6].ljust(6, "0")), tzinfo=UTC)  # type: ignore[arg-type,misc]
        moment = (local - EPOCH) // timedelta(microseconds=1) - offset // timedelta(microseconds=1)
    except ValueError:
        return None
    return moment if FIRST <= moment < LAST else None


def quickly(texts: list[str]) -> list[int | None]:
    moments, good = from_texts(pa.array(texts, pa.string()))
    return [moment if fine else None for moment, fine in zip(moments.tolist(), good.tolist(), strict=True)]


def _two(most: int) -> st.SearchStrategy[str]:
    return st.integers(0, most).map("{:02d}".format)


dates = st.builds("{:04d}-{}-{}".format, st.integers(0, 9999), _two(13), _two(32))
zones = st.sampled_from(
    ["", "Z", " UTC", "+02", "-0830", "+05:30", "+14:00", "-14:59", "+15", "+0060", "z", "+2"]
)
times = st.builds("{}:{}".format, _two(24), _two(60))
seconds = st.one_of(st.just(""), st.builds(":{}".format, _two(61)))
fractions = st.one_of(st.just(""), st.from_regex(r"\.[0-9]{0,10}", fullmatch=True))
written = st.builds("{}{}{}{}{}{}".format, dates, st.sampled_from("T _"), times, seconds, fractions, zones)
spoilt = st.builds(
    lambda text, place, mark: text[: place % len(text)] + mark + text[place % len(text) + 1 :],
    written,
    st.integers(0, 40),
    st.sampled_from("09-:. TZ+å/"),
)


@given(st.lists(st.one_of(written, dates, spoilt, st.text(), st.integers(0, 10**14).map(str)), max_size=50))
def test_every_text_is_read_as_the_slow_reader_does(texts: list[str]) -> None:
    assert quickly(texts) == [slowly(text) for text in texts]


@given(
    st.datetimes(
        timezones=st.builds(timezone, st.integers(-14 * 60, 14 * 60).map(lambda m: timedelta(minutes=m)))
    )
)
def test_what_python_writes_is_read(moment: datetime) -> None:
    expected = (moment - EPOCH) // timedelta(microseconds=1) if moment.utcoffset() is not None else None
    if expected is not None and FIRST <= expected < LAST:
        assert quickly([moment.isoformat(), moment.isoformat(" ")]) == [expected] * 2


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-03-02", "2026-03-02 00:00:00"),
        ("2026-03-02T10:15", "2026-03-02 10:15:00"),
        ("2026-03-02 10:15:00", "2026-03-02 10:15:00"),
        ("2026-03-02T10:15:00Z", "2026-03-02 10:15:00"),
        ("2026-03-02 10:15:00 UTC", "2026-03-02 10:15:00"),  # as BigQuery exports
        ("2026-03-02 10:15:00.123456 UTC", "2026-03-02 10:15:00.123456"),
        ("2026-03-02T10:15:00.123456789+01:00", "2026-03-02 09:15:00.123456"),
        ("2026-03-01T23:30:00-08", "2026-03-02 07:30:00"),
        ("2026-03-02T00:30:00+0530", "2026-03-01 19:00:00"),
        ("2024-02-29", "2024-02-29 00:00:00"),
        ("1772446500", "2026-03-02 10:15:00"),
        ("1772446500123", "2026-03-02 10:15:00.123000"),
    ],
)
def test_forms_that_are_understood(text: str, moment: str) -> None:
    expected = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    assert quickly([text]) == [(expected - EPOCH) // timedelta(microseconds=1)]


NOT_UNDERSTOOD = """
2026-02-29|2026-3-2|02/03/2026|2026-03-02T24:00:00|2026-03-02T10|20260302|2026030210|2026-03-02T10:15:60Z
1772446500.5|17724465001|2026-03-02T10:15:00 +01:00|infinity|NaN| 2026-03-02|2026-03-02T10:15:00Zfoo
２026-03-02|0001-01-01T00:00+14:00|-772446500|
"""


@pytest.mark.parametrize("text", NOT_UNDERSTOOD.strip("\n").replace("\n", "|").split("|"))
def test_forms_that_are_not(text: str) -> None:
    assert quickly([text]) == [None]


def test_rows_do_not_depend_on_their_neighbours() -> None:
    texts = ["2026-03-02", "x", "2026-03-02T10:15:00Z", "", "1772446500", "2026-03-02T10:15:00+01"] * 20_000
    assert quickly(texts) == [slowly(text) for text in texts[:6]] * 20_000
    assert quickly(["2026-03-02T10:15:00Z"] * 70_000)[-1] == slowly("2026-03-02T10:15:00Z")


def test_whole_numbers_are_seconds_or_milliseconds_by_their_size() -> None:
    values = np.array([10**9, 2 * 10**9 - 1, 2 * 10**9, 10**9 - 1, 10**12, 2 * 10**12, 0, -1, 10**18])
    moments, good = from_integers(values)
    assert good.tolist() == [True, True, False, False, True, False, False, False, False]
    assert moments[good].tolist() == [10**15, (2 * 10**9 - 1) * 10**6, 10**15]


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-02T10:15:00Z",
        "2026-03-02 23:59:59",
        "9999-12-31T23:59:59.999999Z",
        "0001-01-01T00:00:00.12",
        "0000-12-31T23:59:59Z",
        "2026-02-29T10:15:00Z",
        "2026-03-02T24:00:00Z",
        "2026-03-02T10:15:60Z",
        "2026-03-02T10:15:0.Z",
        "2026-03-02T10:15:00.Z",
        "2026-03-02T10:15+01Z",
        "2026-03-02T10:15+01",
        "2026-03-02T10+01:00",
        "2026-03-02T10:15:00+0100",
        "2026-03-02T10:15:00.1+01:00",
        "2026-03-02T10:15:00.1234567Z",
        "2026-03-02T10:15:0ZZ",
        "2026-03-02T10:15:0Z",
    ],
)
def test_many_texts_alike_are_read_as_one_is(text: str) -> None:
    other = "2026-03-02T10:15:00.123456789"[: len(text)]
    other = f"{other[:-1]}Z" if text.endswith("Z") else other
    assert quickly([text] * 3) == [slowly(text)] * 3
    assert quickly([other, text, other]) == [slowly(other), slowly(text), slowly(other)]
    assert quickly([text, "2026-03-02"]) == [slowly(text), slowly("2026-03-02")]
