"""An analysis in which every text is hostile."""

from datetime import date

from coord.analysis.results import (
    Analysis,
    AsAssigned,
    Check,
    DayResult,
    Decision,
    LookResult,
    Recommendation,
    SegmentResult,
    Status,
)
from report.analyses import PLAN, analysis, ships
from report.results import HOSTILE

EVIL = f"=HYPERLINK(1)\n{HOSTILE}[bold]|"


def hostile() -> Analysis:
    """Names, titles, reasons, details, segments, looks and days are all EVIL."""
    metrics = tuple(
        one._replace(metric=f"{EVIL}{number}", variant=EVIL, reason=EVIL, notes=(EVIL,))
        for number, one in enumerate(ships().metrics)
    )
    day, said = date(2026, 3, 16), tuple(Decision(EVIL, one, (EVIL,)) for one in Recommendation)
    return analysis(
        *metrics,
        experiment=EVIL,
        title=EVIL,
        commit=EVIL,
        units={EVIL: 3, "b": 4},
        excluded={EVIL: 3},
        unknown_variants=((EVIL, 12),),
        checks=tuple(Check(EVIL, status, 0.5, EVIL) for status in Status),
        decisions=said,
        plan=PLAN._replace(method=EVIL, spending=EVIL, success=(EVIL,), guardrail=(EVIL,)),
        segments=(SegmentResult(EVIL, EVIL, {EVIL: 3}, metrics),),
        looks=(LookResult(day, 7, 0.5, metrics, said[:1]),),
        daily=(DayResult(day, {EVIL: 3, "b": 4}, 0.5, ((EVIL, EVIL),)),),
        as_assigned=AsAssigned({EVIL: 3, "b": 4}, metrics),
    )
