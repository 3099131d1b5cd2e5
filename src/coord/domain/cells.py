"""The heaviest audience cell: where, among the experiments of one day, most traffic comes together.

A cell is one value (or the rest) of every fixed dimension. Units of a cell meet exactly the experiments
whose audience contains it. The search goes through the dimensions one by one; values that the experiments
do not tell apart count once, and what remains to be decided is remembered, so that dimensions which are
used independently of each other cost their sum and not their product.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from coord.domain.audience import Audience

MOST_WORK = 3_000_000
"""How many comparisons of values are made (about a second) before the question is given up as too large."""


class TooManyCells(Exception):  # noqa: N818 - it is an answer, not a failure of the program
    """The audiences cut the population into more cells than can be compared."""


class Cell(NamedTuple):
    """Values of one dimension that the experiments do not tell apart; `rest`: every undeclared value too."""

    values: tuple[str, ...]
    rest: bool


class Heaviest(NamedTuple):
    """The heaviest cell: its sum, the positions of the audiences that contain it, and its description."""

    total: Fraction
    members: tuple[int, ...]
    cell: Mapping[str, Cell]


def heaviest_cell(
    weighted: Sequence[tuple[Fraction, Audience]], dimensions: Mapping[str, Sequence[str]]
) -> Heaviest:
    """The cell in which the weights of the audiences that contain it sum to most.

    `dimensions` gives the declared values of every fixed dimension. Of several heaviest cells the first in
    the order of dimensions (by name) and values (as declared, the rest last) is taken. Raises TooManyCells.
    """
    search = _Search(weighted, dimensions)
    total, cell, members = search.best(0, search.everybody)
    return Heaviest(total, tuple(_positions(members)), cell)


class _Search:
    def __init__(
        self, weighted: Sequence[tuple[Fraction, Audience]], dimensions: Mapping[str, Sequence[str]]
    ) -> None:
        self.weights = [weight for weight, _ in weighted]
        audiences = [audience for _, audience in weighted]
        self.everybody = (1 << len(audiences)) - 1
        self.names = [n for n in sorted(dimensions) if any(n in audience for audience in audiences)]
        self.atoms = [_atoms(name, dimensions[name], audiences) for name in self.names]
        # undecided[d]: the audiences that still mention dimension d or a later one
        self.undecided = [0] * (len(self.names) + 1)
        for number in range(len(self.names) - 1, -1, -1):
            here = sum(1 << i for i, audience in enumerate(audiences) if self.names[number] in audience)
            self.undecided[number] = self.undecided[number + 1] | here
        self.work = 0
        self.known: dict[tuple[int, int], tuple[Fraction, dict[str, Cell], int]] = {}

    def best(self, number: int, alive: int) -> tuple[Fraction, dict[str, Cell], int]:
        """Sum, cell and members of the heaviest cell that lies in all dimensions from `number` on."""
        settled = alive & ~self.undecided[number]
        total, cell, members = self._decide(number, alive & self.undecided[number])
        return total + sum(self.weights[i] for i in _positions(settled)), cell, members | settled

    def _decide(self, number: int, alive: int) -> tuple[Fraction, dict[str, Cell], int]:
        if not alive:
            return Fraction(0), {}, 0
        if (number, alive) not in self.known:
            self.known[number, alive] = self._try_atoms(number, alive)
        return self.known[number, alive]

    def _try_atoms(self, number: int, alive: int) -> tuple[Fraction, dict[str, Cell], int]:
        found: tuple[Fraction, dict[str, Cell], int] | None = None
        inside = {alive & members: cell for members, cell in reversed(self.atoms[number])}
        self.work += len(self.atoms[number]) + len(inside) ** 2
        if self.work > MOST_WORK:
            raise TooManyCells
        for members, cell in reversed(inside.items()):
            if any(members & other == members != other for other in inside):
                continue  # another value has all of these and more
            total, rest, chosen = self.best(number + 1, members)
            if found is None or total > found[0]:
                found = total, {self.names[number]: cell, **rest}, chosen
        if found is None:
            raise AssertionError("a dimension has at least its rest")
        return found


def _atoms(name: str, values: Sequence[str], audiences: Sequence[Audience]) -> list[tuple[int, Cell]]:
    """The values of a dimension grouped by the audiences that contain them, in the order declared."""
    whole = sum(1 << i for i, audience in enumerate(audiences) if name not in audience)
    groups: dict[int, list[str]] = {}
    for value in values:
        members = whole
        for i, audience in enumerate(audiences):
            if value in audience.get(name, ()):
                members |= 1 << i
        groups.setdefault(members, []).append(value)
    atoms = [(members, Cell(tuple(group), members == whole)) for members, group in groups.items()]
    return atoms if whole in groups else [*atoms, (whole, Cell((), True))]


def _positions(members: int) -> list[int]:
    return [i for i in range(members.bit_length()) if members >> i & 1]
