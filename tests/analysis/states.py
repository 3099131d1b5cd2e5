"""What metrics can be like for the rule: results by hand."""

from datetime import date
from enum import Enum
from fractions import Fraction

from coord.analysis.results import Arm, Basis, Bounds, Deterioration, MetricResult, Role, Verdict

LOOK, BETWEEN = date(2026, 3, 16), date(2026, 3, 17)
BAD, ZERO, GOOD = Bounds(-0.02, -0.03, -0.01), Bounds(0.0, -0.01, 0.01), Bounds(0.02, 0.01, 0.03)
NOTHING = Bounds(None, None, None)


class State(Enum):
    """What a metric can be like: its verdict, and the interval that is shown."""

    BETTER = (Verdict.BETTER, GOOD)
    NO_WORSE = (Verdict.NO_WORSE, ZERO)
    LOWER = (Verdict.NO_WORSE, BAD)  # within its margin
    OPEN = (Verdict.INCONCLUSIVE, ZERO)
    BAD_SIDE = (Verdict.INCONCLUSIVE, BAD)
    UNMEASURED = (Verdict.INCONCLUSIVE, NOTHING)
    WORSE = (Verdict.WORSE, BAD)
    INVALID = (Verdict.INVALID, GOOD)
    INVALID_BAD = (Verdict.INVALID, BAD)


def a_result(name: str, role: Role, state: State, *, decrease: bool = False) -> MetricResult:
    verdict, shown = state.value
    if decrease and shown.value is not None:
        shown = Bounds(-shown.value, -(shown.upper or 0), -(shown.lower or 0))
    reason = {Verdict.INVALID: "it was counted twice"}.get(verdict)
    reason = "there are no units yet" if state is State.UNMEASURED else reason
    harm = Deterioration(0.99, -0.04, -0.005, LOOK, -0.02) if verdict is Verdict.WORSE else None
    arm = Arm(10, 1.0, 1.0)
    return MetricResult(
        metric=name,
        role=role,
        kind="mean",
        decrease=decrease,
        variant="b",
        control=arm,
        treatment=arm,
        effect=shown,
        relative=shown,
        p_value=None,
        p_noninferiority=None,
        level=0.95,
        basis=Basis.FIXED,
        margin=Fraction(5, 100) if role is Role.GUARDRAIL else None,
        mde=None,
        variance_reduction=None,
        verdict=verdict,
        reason=reason,
        raw=None,
        deterioration=harm,
    )
