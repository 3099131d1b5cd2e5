"""An analysis in which every text is hostile."""

from coord.analysis.results import Analysis, Check, Decision, Recommendation, SegmentResult, Status
from report.analyses import PLAN, analysis, ships
from report.results import HOSTILE

EVIL = f"=HYPERLINK(1)\n{HOSTILE}[bold]|"


def hostile() -> Analysis:
    """Names, titles, reasons, details and segments are all EVIL."""
    metrics = tuple(
        one._replace(metric=f"{EVIL}{number}", variant=EVIL, reason=EVIL, notes=(EVIL,))
        for number, one in enumerate(ships().metrics)
    )
    return analysis(
        *metrics,
        experiment=EVIL,
        title=EVIL,
        commit=EVIL,
        units={EVIL: 3, "b": 4},
        excluded={EVIL: 3},
        unknown_variants=((EVIL, 12),),
        checks=tuple(Check(EVIL, status, 0.5, EVIL) for status in Status),
        decisions=tuple(Decision(EVIL, one, (EVIL,)) for one in Recommendation),
        plan=PLAN._replace(method=EVIL, spending=EVIL, success=(EVIL,), guardrail=(EVIL,)),
        segments=(SegmentResult(EVIL, EVIL, {EVIL: 3}, metrics),),
    )
