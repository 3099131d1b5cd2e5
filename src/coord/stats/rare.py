"""Whether enough has happened to judge a share by the normal approximation."""

from collections.abc import Sequence

from coord.stats.reasons import Missing

FEWEST = 10
FEWEST_UNEVEN = 50
UNEVEN = 3


def too_rare(arms: Sequence[tuple[int, float]]) -> Missing | None:
    """Why the arms, each (units, units with an event), cannot be compared; null when they can.

    RARE when an arm has fewer than 10 units with an event or fewer than 10 without. RARE_UNEVEN: fewer than
    50, where the largest arm has more than 3 times the units of the smallest, as the errors of the two tails
    no longer cancel (skewness enters with 1 / n_t^2 - 1 / n_c^2: Boos, Hughes-Oliver, "How large does n have
    to be for Z and t intervals?", Am. Stat. 54 (2000)).
    """
    if not arms:
        return None
    least = min(min(events, units - events) for units, events in arms)
    if least < FEWEST:
        return Missing.RARE
    sizes = [units for units, _ in arms]
    return Missing.RARE_UNEVEN if max(sizes) > UNEVEN * min(sizes) and least < FEWEST_UNEVEN else None
