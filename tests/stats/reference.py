"""Sums over the rows of three data sets, small enough to be here: what exact answers rest on.

`test_real_data` makes them again from the files, where those are.
"""

from collections.abc import Mapping, Sequence
from itertools import combinations_with_replacement
from typing import NamedTuple

from coord.stats.moments import Moments, of_sums


class RawSums(NamedTuple):
    """n rows; the sum of each column; the sums of products of columns, row by row of the upper triangle.

    Whole numbers, so they are exact: amounts are in the smallest unit of their file.
    """

    n: int
    sums: tuple[int, ...]
    products: tuple[int, ...]

    def __add__(self, other: object) -> "RawSums":
        """Rows of both."""
        assert isinstance(other, RawSums)
        return RawSums(
            self.n + other.n,
            tuple(map(sum, zip(self.sums, other.sums, strict=True))),
            tuple(map(sum, zip(self.products, other.products, strict=True))),
        )


def moments(raw: RawSums, names: Sequence[str], *chosen: str, per: float = 1) -> Moments:
    """Moments of chosen columns; `per` is how many of the file's units make one that is asked for."""
    pairs = list(combinations_with_replacement(names, 2))
    products = dict(zip(pairs, raw.products, strict=True))
    sums = dict(zip(names, raw.sums, strict=True))
    return of_sums(
        raw.n,
        [0.0] * len(chosen),
        [sums[name] / per for name in chosen],
        [[(products.get((a, b)) or products.get((b, a), 0)) / per**2 for b in chosen] for a in chosen],
    )


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(map(int, text.split()))


USERS_COLUMNS = ("rev", "pre", "clk", "imp", "pre_clk", "pre_imp", "conv")
USERS: Mapping[tuple[str, str], RawSums] = {
    ("control", "b0"): RawSums(
        497,
        (373174, 250487, 1557, 5187, 1197, 4200, 99),
        _numbers(
            "406170418 216173941 1149079 3851232 878783 3111792 75850 167358073 772277 2583006 590168 "
            "2087484 49604 7163 20967 5060 15543 324 67221 14925 50508 1071 3819 11667 214 39798 759 99"
        ),
    ),
    ("control", "b1"): RawSums(
        503,
        (375282, 250963, 1632, 5295, 1432, 4785, 0),
        _numbers(
            "395260066 212377588 1155095 3789651 1032509 3474894 0 167922205 807603 2636412 707198 "
            "2374287 0 7644 21951 6027 17913 0 68985 17580 57267 0 5062 15162 0 50031 0 0"
        ),
    ),
    ("treatment", "b0"): RawSums(
        503,
        (410838, 250730, 1775, 5277, 1252, 4287, 125),
        _numbers(
            "536074318 230888255 1492753 4418301 1046587 3562635 110258 167189256 892586 2656617 638019 "
            "2170218 66227 8851 23703 5707 17643 426 68499 15387 51642 1272 3992 12126 257 40833 918 "
            "125"
        ),
    ),
    ("treatment", "b1"): RawSums(
        497,
        (415131, 246827, 1714, 5211, 1362, 4710, 0),
        _numbers(
            "503134511 233034250 1459774 4424478 1147359 3979083 0 163172579 852914 2579943 676694 "
            "2333955 0 8354 22884 5959 18693 0 67689 16509 56070 0 4594 14307 0 48960 0 0"
        ),
    ),
}
"""Of reference/users_ab.csv, by variant and by variant of a second experiment; `rev` and `pre` in cents."""

HILLSTROM_COLUMNS = ("visit", "conversion", "spend", "history")
HILLSTROM: Mapping[str, RawSums] = {
    "Mens E-Mail": RawSums(
        21307,
        (3894, 267, 3031169, 517410518),
        (3894, 267, 3031169, 109258438, 267, 3031169, 8634081, 67590244973, 98575262586, 27006876192752),
    ),
    "No E-Mail": RawSums(
        21306,
        (2262, 122, 1390833, 513224581),
        (2262, 122, 1390833, 65253154, 122, 1390833, 3872518, 28700503621, 42679338399, 25971724145563),
    ),
    "Womens E-Mail": RawSums(
        21387,
        (3238, 189, 2303811, 518713098),
        (3238, 189, 2303811, 90703328, 189, 2303811, 6046389, 49114465763, 75130961923, 26523269785210),
    ),
}
"""Of the MineThatData e-mail challenge (Hillstrom 2008, free use), by arm; `spend` and `history` in cents."""

ARTEA_COLUMNS = ("trans_after", "revenue_after")
ARTEA: Mapping[str, RawSums] = {
    "control": RawSums(2498, (314, 19434860), (424, 26303760, 1677671882400)),
    "coupon": RawSums(2502, (380, 18861760), (552, 27545184, 1406377481728)),
}
"""Of the Artea teaching case, by arm; `revenue_after` in thousandths."""
