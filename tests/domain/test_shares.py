"""Shares are exact."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coord.domain.shares import format_decimal, format_share, nearest_shares, parse_share, rough_share


def test_sums_that_floats_get_wrong_are_exact() -> None:
    shares = ["5%", "10%", "50%", "5%", "20%", "10%"]
    assert sum(map(parse_share, shares)) == 1
    assert sum(map(parse_share, ["21.4%", "21.4%", "21.4%", "35.8%"])) == 1


@given(st.integers(0, 9999), st.integers(0, 999_999))
def test_what_is_written_is_read_back(whole: int, millionths: int) -> None:
    text = f"{whole}.{millionths:06d}%"
    share = parse_share(text)
    assert share == Fraction(whole * 10**6 + millionths, 10**8)
    assert parse_share(format_share(share)) == share


@pytest.mark.parametrize(
    ("value", "text"),
    [(Fraction(41, 5), "8.2"), (Fraction(1, 3), "0.333333"), (Fraction(0), "0"), (Fraction(-1, 2), "-0.5")],
)
def test_decimals_have_no_trailing_zeros(value: Fraction, text: str) -> None:
    assert format_decimal(value) == text


def test_a_share_in_a_sentence_is_never_rounded_to_nothing() -> None:
    assert rough_share(Fraction(1, 10**6)) == "under 0.01%"
    assert rough_share(Fraction(0)) == "0%"
    assert rough_share(Fraction(1, 3)) == "33.33%"


@given(st.integers(1, 10**8), st.integers(100, 1_000_000))
def test_the_nearest_shares_are_whole_and_nearest(units: int, buckets: int) -> None:
    share = Fraction(units, 10**8)
    below, above = nearest_shares(share, buckets)
    for found in (below, above):
        if found is not None:
            assert (found * buckets).denominator == 1
            assert parse_share(format_share(found)) == found
    assert below is None or 0 < below <= share
    assert above > share or share == above == 1
