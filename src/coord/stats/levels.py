"""How the error of one decision is divided over its comparisons. Standard library only.

Schultzberg, Ankargren, Frånberg, "Risk-aware product decisions in A/B tests with multiple metrics", arXiv
2402.11609. Errors are two-sided: an interval has level 1 - error, and one of its sides errs with half of it.
They are passed on as errors, not as levels, for 1 - .9995 is not .0005.
"""

from collections.abc import Sequence
from typing import NamedTuple

from coord.stats.sizes import guardrail_level, success_level


class Errors(NamedTuple):
    """The two-sided errors of a decision's intervals, each above 0 and below 1.

    success: alpha / (C S), better in one success metric being enough; null without success metrics.
    guardrail: alpha / C, not divided by their number, for all must hold.
    deterioration: alpha / (C (S + G)), any metric found worse being enough; null without metrics that decide.
    other: alpha, of what has no part in the decision.
    """

    success: float | None
    guardrail: float
    deterioration: float | None
    other: float


def errors(alpha: float, comparisons: int, success: int, guardrail: int) -> Errors:
    """Divide alpha, two-sided, over C >= 1 comparisons with control, S success and G guardrail metrics."""
    metrics = success + guardrail
    return Errors(
        success=2 * success_level(alpha, comparisons, success) if success else None,
        guardrail=2 * guardrail_level(alpha, comparisons),
        deterioration=alpha / (comparisons * metrics) if metrics else None,
        other=alpha,
    )


def pre_period_error(srm_alpha: float, comparisons: int, covariates: int) -> float:
    """The two-sided error of one covariate's difference before exposure: srm_alpha / (C covariates)."""
    return srm_alpha / (comparisons * covariates)


def false_discovery(p_values: Sequence[float]) -> tuple[float, ...]:
    """Benjamini-Hochberg q-values, in the order given: the least false discovery rate that a p-value passes.

    q_(i) = min over j >= i of p_(j) m / j, at most 1, p_(j) the j-th smallest of m (Benjamini, Hochberg, JRSS
    B 57, 1995, in the adjusted form of Yekutieli, Benjamini, J. Stat. Plan. Inference 82, 1999).
    """
    order = sorted(range(len(p_values)), key=p_values.__getitem__)
    found = [1.0] * len(order)
    least = 1.0
    for place in range(len(order), 0, -1):
        index = order[place - 1]
        least = min(least, p_values[index] * len(order) / place)
        found[index] = least
    return tuple(found)
