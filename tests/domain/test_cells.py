"""The heaviest cell against trying every cell, and what is too large to try."""

import random
from collections.abc import Mapping
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coord.domain.audience import Audience
from coord.domain.cells import TooManyCells, heaviest_cell

DIMENSIONS: Mapping[str, tuple[str, ...]] = {"a": ("1", "2", "3"), "b": ("1", "2"), "c": ("1", "2", "3", "4")}

AUDIENCES = st.fixed_dictionaries(
    {}, optional={name: st.frozensets(st.sampled_from(values)) for name, values in DIMENSIONS.items()}
)
WEIGHTED = st.lists(st.tuples(st.integers(1, 5).map(Fraction), AUDIENCES), max_size=7)


def _brute_force(weighted: list[tuple[Fraction, Audience]]) -> Fraction:
    cells = product(
        *((*((name, value) for value in values), (name, None)) for name, values in DIMENSIONS.items())
    )
    return max(
        sum((w for w, audience in weighted if all(v in audience.get(n, {v}) for n, v in cell)), Fraction(0))
        for cell in cells
    )


@given(WEIGHTED)
def test_the_heaviest_cell_is_the_heaviest(weighted: list[tuple[Fraction, Audience]]) -> None:
    found = heaviest_cell(weighted, DIMENSIONS)
    assert found.total == _brute_force(weighted)
    assert found.total == sum((weighted[i][0] for i in found.members), Fraction(0))
    for i in found.members:
        for name, cell in found.cell.items():
            mentioned = weighted[i][1].get(name)
            assert mentioned is None or (not cell.rest and mentioned >= set(cell.values))


def test_dimensions_that_are_used_apart_cost_their_sum() -> None:
    values = {f"d{d}": tuple(f"v{v}" for v in range(300)) for d in range(8)}
    weighted = [
        (Fraction(1), {name: frozenset({value})})
        for name, declared in values.items()
        for value in declared[:40]
    ]
    assert heaviest_cell(weighted, values).total == 8


def test_too_many_cells_are_said_and_not_guessed() -> None:
    values = {f"d{d}": tuple(f"v{v}" for v in range(60)) for d in range(8)}
    chance = random.Random(1)
    weighted = [
        (
            Fraction(1),
            {n: frozenset(v for v in declared if chance.random() < 0.7) for n, declared in values.items()},
        )
        for _ in range(60)
    ]
    with pytest.raises(TooManyCells):
        heaviest_cell(weighted, values)
