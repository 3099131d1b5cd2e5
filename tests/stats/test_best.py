"""Against the best of several arms."""

import numpy as np
import pytest

from coord.stats.best import against_best
from coord.stats.effects import Interval, absolute
from coord.stats.reasons import Missing
from coord.stats.student import critical
from stats.arms import plain
from stats.replicates import rates


def test_the_bounds_are_the_smallest_of_each_kind() -> None:
    narrow = [Interval(3, 1, 5, None), Interval(2, -1, 6, None)]
    wide = [Interval(3, 0, 7, None), Interval(2, -2, 8, None)]

    assert against_best(narrow, wide) == Interval(2, -1, 7, None)
    assert against_best(narrow[:1], narrow[:1]) == narrow[0]


def test_an_arm_without_interval_leaves_none() -> None:
    missing = Interval(2, None, None, Missing.NO_VARIATION)
    nothing = Interval(None, None, None, Missing.CONTROL_NOT_POSITIVE)
    good = Interval(3, 1, 5, None)

    assert against_best([good, missing], [good, good]) == Interval(2, None, None, Missing.NO_VARIATION)
    assert against_best([good, nothing], [good, good]).value is None
    assert against_best([good], [missing]).reason is Missing.NO_VARIATION


@pytest.mark.parametrize("static", [(0.0, 0.0, 0.0), (0.0, -2.0, -9.0)])
def test_it_misses_on_either_side_no_more_than_promised(static: tuple[float, ...]) -> None:
    """Personalised minus the best of three static arms, truly 1."""
    one, divided = critical(0.1), critical(0.1 / 3)

    def misses(draw: np.random.Generator) -> tuple[bool, bool]:
        treatment = 1 + draw.normal()
        pairs = [plain(arm + draw.normal(), treatment, (1, 1)) for arm in static]
        found = against_best([absolute(p, one) for p in pairs], [absolute(p, divided) for p in pairs])
        return found.above(1), found.below(1)

    too_high, too_low = rates(1, 4000, misses)

    assert too_high.value < 0.05 + 3 * np.sqrt(0.05 * 0.95 / 4000)
    assert too_low.value < 0.05 + 3 * np.sqrt(0.05 * 0.95 / 4000)
