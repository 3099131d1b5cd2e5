"""A treatment against the best of several arms: the value of personalisation.

The difference to the best of J arms is the smallest of the J differences d_j. All d_j exceed the smallest
lower bound when each exceeds its own, so bounds at 1 - alpha need no division below; above, any one of J may
err, so each takes alpha / J (the intersection-union and union-intersection tests: Berger, Technometrics 24,
1982).
"""

from collections.abc import Sequence

from coord.stats.effects import Interval


def against_best(at_alpha: Sequence[Interval], at_divided: Sequence[Interval]) -> Interval:
    """Treatment minus the best of J >= 1 arms: [min L_j, min U_j].

    at_alpha: the interval against each arm at level 1 - alpha. at_divided: the same at level 1 - alpha / J.
    Both in one order. Null bounds, with the reason, when one of the intervals has none; null value when one
    has none.
    """
    values = [each.value for each in at_alpha if each.value is not None]
    value = min(values) if len(values) == len(at_alpha) else None
    for each in (*at_alpha, *at_divided):
        if each.reason is not None:
            return Interval(value, None, None, each.reason)
    lower = min(each.lower for each in at_alpha if each.lower is not None)
    upper = min(each.upper for each in at_divided if each.upper is not None)
    return Interval(value, lower, upper, None)
