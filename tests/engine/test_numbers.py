"""What is a number, what is none, and what is neither."""

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coord.logs.number_texts import NONE, numbers


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0.0),
        ("-12.5", -12.5),
        ("+3", 3.0),
        ("1e3", 1000.0),
        ("1E-2", 0.01),
        (".5", 0.5),
        ("5.", 5.0),
        (" 7 ", 7.0),
        ("1700000000000.0012", 1700000000000.0012),
        ("true", 1.0),
        ("TRUE", 1.0),
        ("False", 0.0),
    ],
)
def test_number(text: str, value: float) -> None:
    # alone, and in a column in which something else is wrong
    assert numbers(pa.array([text])).values.to_pylist() == [value]
    found = numbers(pa.array(["abc", text, None]))
    assert found.values.to_pylist() == [None, value, None]
    assert found.wrong is not None
    assert found.wrong.tolist() == [True, False, False]


@pytest.mark.parametrize("text", [None, *NONE])
def test_none(text: str | None) -> None:
    found = numbers(pa.array(["1", text], pa.string()))
    assert found.values.to_pylist() == [1.0, None]
    assert found.wrong is None


@pytest.mark.parametrize(
    "text",
    [
        "abc",
        "nan",
        "NaN",
        "inf",
        "-Infinity",
        "1e999",
        "1,5",
        "1_000",
        "0x10",
        "na",
        "n/a",
        "none",
        "++1",
        "1 2",
        "e5",
        "$3",
        "3%",
        "yes",
        "٣",
        "-",
        ".",
        " ",
    ],
)
def test_neither(text: str) -> None:
    found = numbers(pa.array(["1", text, "2"]))
    assert found.values.to_pylist() == [1.0, None, 2.0]
    assert found.wrong is not None
    assert found.wrong.tolist() == [False, True, False]


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False) | st.none()), st.booleans())
def test_floats_come_back_exactly(values: list[float | None], other: bool) -> None:
    texts = [None if value is None else repr(value) for value in values] + (["abc"] if other else [])
    found = numbers(pa.array(texts, pa.string()))
    assert found.values.to_pylist() == values + ([None] if other else [])
