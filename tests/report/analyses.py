"""Hand-made analyses for the tests of their reports."""

from datetime import date
from fractions import Fraction
from typing import Any

from coord.analysis.results import (
    Analysis,
    Arm,
    Basis,
    Bounds,
    Check,
    Decision,
    Deterioration,
    MetricResult,
    PlanShown,
    Raw,
    Recommendation,
    Role,
    SegmentResult,
    Status,
    Verdict,
)
from coord.domain.model import Kind

NOTHING = Bounds(None, None, None)
PLAN = PlanShown(
    "fixed",
    Fraction(1, 20),
    Fraction(4, 5),
    1,
    ("podcast_starts",),
    ("minutes_played", "crash_rate"),
    64_000,
    None,
    (),
    date(2026, 3, 2),
    date(2026, 3, 30),
)
CHECKS = (
    Check("srm", Status.PASS, 0.43, "32,010 and 31,990 units against 1:1."),
    Check("crossover", Status.PASS, None, "no unit was seen in two variants."),
    Check("dates", Status.PASS, None, "every day has exposures."),
    Check("pre_period", Status.NOT_RUN, None, "no metric has a covariate."),
)


def metric(
    name: str = "podcast_starts",
    relative: tuple[float | None, float | None, float | None] = (0.031, 0.01, 0.052),
    verdict: Verdict = Verdict.BETTER,
    *,
    mean: float = 3.214,
    role: Role = Role.SUCCESS,
    **more: Any,
) -> MetricResult:
    """A metric with this mean in the control and this relative effect; the absolute one follows."""
    value, lower, upper = relative
    times = Bounds(*(None if one is None else one * mean for one in relative))
    treated = mean if value is None else mean * (1 + value)
    fields: dict[str, Any] = {
        "kind": "mean",
        "decrease": False,
        "variant": "shelf",
        "control": Arm(32_010, mean, 2.5 * mean),
        "treatment": Arm(31_990, treated, 2.6 * mean),
        "effect": times,
        "relative": Bounds(value, lower, upper),
        "p_value": 0.0016,
        "p_noninferiority": None,
        "level": 0.95,
        "basis": Basis.FIXED,
        "margin": None,
        "mde": None,
        "variance_reduction": None,
        "reason": None,
        "raw": None,
        "deterioration": None,
    }
    return MetricResult(metric=name, role=role, verdict=verdict, **{**fields, **more})


def guardrail(
    name: str, relative: tuple[float, float, float], verdict: Verdict, margin: float = 0.02, **more: Any
) -> MetricResult:
    """A guardrail metric with its margin."""
    bound = Fraction(margin).limit_denominator(1000)
    return metric(name, relative, verdict, role=Role.GUARDRAIL, **{"p_value": 0.5, "margin": bound, **more})


def analysis(*metrics: MetricResult, **more: Any) -> Analysis:
    """An experiment that ended, with nothing wrong."""
    fields: dict[str, Any] = {
        "experiment": "home/podcast-shelf",
        "title": "Podcast shelf above music",
        "kind": Kind.AB_TEST,
        "as_of": date(2026, 3, 30),
        "ended": True,
        "commit": "0123456789abcdef0123456789abcdef01234567",
        "rows": 64_321,
        "units": {"control": 32_010, "shelf": 31_990},
        "excluded": {"outside_dates": 300, "crossover": 21, "not_allocated": 0},
        "unknown_variants": (),
        "checks": CHECKS,
        "decisions": (),
        "plan": PLAN,
    }
    fields |= more
    return Analysis(metrics=metrics, **{"shown_as_of": fields["as_of"], **fields})


def ships() -> Analysis:
    """A success metric is better, guardrails hold; one of them is adjusted, and one better when less."""
    raw = Raw(
        Arm(32_010, 41.2, 55.0),
        Arm(31_990, 41.0, 55.1),
        Bounds(-0.2, -1.0, 0.6),
        Bounds(-0.005, -0.025, 0.015),
        0.63,
    )
    return analysis(
        metric(deterioration=Deterioration(0.9917, -0.01, 0.2, None, 0.03), mde=Fraction(3, 100)),
        guardrail(
            "minutes_played",
            (-0.004, -0.012, 0.004),
            Verdict.NO_WORSE,
            mean=41.2,
            p_noninferiority=3.5e-5,
            variance_reduction=0.354,
            raw=raw,
        ),
        guardrail("crash_rate", (-0.001, -0.017, 0.0152), Verdict.NO_WORSE, mean=0.0213, decrease=True),
        metric("shelf_scrolls", (0.012, -0.03, 0.054), Verdict.INCONCLUSIVE, role=Role.OTHER, p_value=0.58),
        decisions=(
            Decision(
                "shelf",
                Recommendation.SHIP,
                ("podcast_starts is better: +3.1% [+1.0%, +5.2%].", "Both guardrail metrics held."),
            ),
        ),
    )


def harmful() -> Analysis:
    """A running experiment in which a guardrail is worse."""
    harm = Deterioration(0.99167, -2.6, -0.4, date(2026, 3, 9))
    return analysis(
        metric(
            "podcast_starts",
            (0.01, -0.03, 0.05),
            Verdict.INCONCLUSIVE,
            basis=Basis.ALWAYS_VALID,
            p_value=None,
        ),
        guardrail(
            "minutes_played",
            (-0.041, -0.066, -0.017),
            Verdict.WORSE,
            mean=41.2,
            basis=Basis.ALWAYS_VALID,
            deterioration=harm,
            p_value=1.2e-7,
        ),
        guardrail("start_latency_p95", (0.31, -0.2, 0.9), Verdict.INCONCLUSIVE, mean=812, decrease=True),
        ended=False,
        as_of=date(2026, 3, 12),
        decisions=(
            Decision(
                "shelf",
                Recommendation.ABORT,
                (
                    "minutes_played is worse since 2026-03-09: its always-valid interval lies wholly below "
                    "0, which happens by chance in at most 0.4% of experiments.",
                ),
            ),
        ),
    )


def mismatched() -> Analysis:
    """The arms are not as large as they should be: nothing can be concluded."""
    detail = (
        "9,463 and 7,681 units against 1:1 (p 3.5e-42). Assignment or logging is broken; "
        "it began on 2026-03-05, on platform android. `coord audit --exposures FILE` says more."
    )
    found = [
        one._replace(control=one.control._replace(n=9_463), treatment=one.treatment._replace(n=7_681))
        for one in ships().metrics
    ]
    return ships()._replace(
        metrics=tuple(found),
        units={"control": 9_463, "shelf": 7_681},
        checks=(
            Check("srm", Status.FAIL, 3.5e-42, detail),
            Check("dates", Status.WARN, None, "there are no exposures on 2026-03-17."),
            CHECKS[1],
        ),
        decisions=(Decision("shelf", Recommendation.ABORT, ("The check srm failed.",)),),
        unknown_variants=(("shelf-b", 12),),
    )


def three_arms() -> Analysis:
    """Two mail campaigns against none."""
    arms = {"control": 21_306, "mens-email": 21_307, "womens-email": 21_387}
    found: list[MetricResult] = []
    for variant, visit, conversion, spend in (
        ("mens-email", (0.7224, 0.648, 0.799), (1.188, 0.81, 1.63), (1.18, 0.7, 1.72)),
        ("womens-email", (0.426, 0.358, 0.497), (0.542, 0.241, 0.893), (0.65, 0.28, 1.08)),
    ):
        of_variant = [
            metric("visit", visit, mean=0.1062, level=0.9875, p_value=3.5e-112),
            metric("conversion", conversion, mean=0.0057, level=0.9875, p_value=4.2e-5),
            metric("spend", spend, mean=0.653, role=Role.OTHER, p_value=0),
        ]
        for one in of_variant:
            control, treatment = one.control._replace(n=21_306), one.treatment._replace(n=arms[variant])
            found.append(one._replace(variant=variant, control=control, treatment=treatment))
    return analysis(
        *found,
        experiment="shop/mail-campaign",
        title="E-mail campaigns",
        units=arms,
        plan=PLAN._replace(comparisons=2),
        decisions=tuple(
            Decision(
                name,
                Recommendation.SHIP,
                ("visit and conversion are better.", "The choice between the variants was not tested."),
            )
            for name in ("mens-email", "womens-email")
        ),
    )


def nulls() -> Analysis:
    """Metrics of which some figures, or all, do not exist."""
    near = "the control's mean is not told apart from 0, so a relative effect has no bounds"
    rare = "an arm has fewer than 10 events or fewer than 10 units without one"
    return analysis(
        metric(
            "refunds",
            (None, None, None),
            Verdict.INCONCLUSIVE,
            effect=Bounds(0.0012, -0.0021, 0.0045),
            reason=near,
            p_value=0.48,
        )._replace(relative=Bounds(3.1, None, None)),
        metric(
            "complaints",
            (None, None, None),
            Verdict.INCONCLUSIVE,
            control=Arm(12, None, None),
            treatment=Arm(0, None, None),
            reason=rare,
            p_value=None,
        ),
        metric(
            "rating",
            (0.02, 0.001, 0.039),
            Verdict.INVALID,
            role=Role.OTHER,
            reason="its values are spread unevenly over the arms (p 2.1e-9)",
            notes=("heavy ties",),
        ),
        decisions=(Decision("shelf", Recommendation.END, ("No success metric is better.",)),),
    )


def segmented() -> Analysis:
    """With the segments of a dimension, and units without a value."""
    parts = []
    for value, relative in (
        ("SE", (0.05, -0.01, 0.11)),
        ("US", (0.028, 0.002, 0.054)),
        (None, (-0.2, -0.9, 0.5)),
    ):
        one = metric("podcast_starts", relative, Verdict.INCONCLUSIVE, level=0.99167)
        parts.append(SegmentResult("country", value, {"control": 600, "shelf": 602}, (one,)))
    return ships()._replace(segments=tuple(parts))


ALL = {
    "ships": ships,
    "harmful": harmful,
    "mismatched": mismatched,
    "three_arms": three_arms,
    "nulls": nulls,
    "segmented": segmented,
}
