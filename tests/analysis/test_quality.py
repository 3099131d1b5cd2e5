"""Whether data can be trusted: every status of every check, and what it says."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.plans import END, START, a_mean, a_quantile, a_ratio, plan_for
from analysis.tables import measured, median_of, table
from coord.analysis.missing_values import invalid_metrics, missing_check
from coord.analysis.quality import Slices, crossover_check, pre_period_check, srm_check
from coord.analysis.results import Check, Recommendation, Status, Verdict
from coord.analysis.unit_analysis import analyse

M, N = a_mean("m"), a_mean("n")
FEW = "fewer than 5 units are expected somewhere, too few to judge shares"


def srm(weights: tuple[int, ...], units: tuple[int, ...], *, ended: bool = True) -> Check:
    return srm_check("srm", units, plan_for([M], weights=weights), {}, ended=ended)


@pytest.mark.parametrize(
    ("weights", "units", "p_value"),
    [
        ((1, 1), (821588, 815482), 1.8217928726e-06),
        ((9, 1), (9100, 900), 0.00085812066639),
        ((5, 3, 2), (5000, 3050, 1950), 0.35286608145885),
        ((1, 1), (9463, 7681), 3.4957e-42),
    ],
)
def test_sample_ratio_mismatch(weights: tuple[int, ...], units: tuple[int, ...], p_value: float) -> None:
    """scipy.stats.chisquare."""
    found = srm(weights, units)

    assert found.p_value == pytest.approx(p_value, rel=1e-9 if p_value > 1e-40 else 1e-3)
    assert found.status is (Status.PASS if p_value > 0.001 else Status.FAIL)


def test_a_mismatch_says_what_came_and_what_was_designed() -> None:
    assert srm((1, 1), (9463, 7681)).detail == "a : b = 9,463 : 7,681 units, 50% : 50% by design, p = 3.5e-42"
    assert srm((2, 1), (20, 10)).detail == "a : b = 20 : 10 units, 66.66% : 33.34% by design, p = 1.00"


def test_until_the_end_the_sequential_test_is_more_patient() -> None:
    """z = 3.4 has p = .0007 when looked at once; looked at every day it proves little."""
    assert srm((1, 1), (10_340, 9_860)).status is Status.FAIL
    assert srm((1, 1), (10_340, 9_860), ended=False).status is Status.PASS
    assert srm((1, 1), (11_000, 9_000), ended=False).status is Status.FAIL


def test_a_mismatch_that_is_too_small_to_matter_is_a_warning() -> None:
    """Ten million units show .08% for certain; .1% is the least deviation that counts."""
    found = srm((1, 1), (10_008_000, 9_992_000))

    assert found.status is Status.WARN
    assert found.detail.endswith("but no arm is off by 0.1% of its share")
    assert srm((1, 1), (10_012_000, 9_988_000)).status is Status.FAIL


@pytest.mark.parametrize(
    ("weights", "units", "ended", "why"),
    [
        ((1,), (70,), True, "there is but one arm, and nothing to compare it with"),
        ((1, 1), (0, 0), True, "there are no units yet"),
        ((1, 1), (0, 0), False, "there are no units yet"),
        ((1, 1), (5, 3), True, FEW),
        ((999, 1), (3000, 9), True, FEW),
    ],
)
def test_a_mismatch_that_cannot_be_judged(
    weights: tuple[int, ...], units: tuple[int, ...], ended: bool, why: str
) -> None:
    assert srm(weights, units, ended=ended) == Check("srm", Status.NOT_RUN, None, why)


def test_the_slice_with_the_mismatch_is_named() -> None:
    slices: Slices = {
        "day": {"2026-03-02": (50, 52), "2026-03-03": (900, 300)},
        "browser": {None: (475, 176), "Edge": (475, 176)},
    }
    found = srm_check("srm", (950, 352), plan_for([M]), slices, ended=True)

    assert found.status is Status.FAIL
    assert "; most where day is 2026-03-03 (p = " in found.detail
    nameless: Slices = {"browser": {None: (900, 300), "Edge": (50, 52)}}
    assert (
        "most where browser is not known"
        in srm_check("srm", (950, 352), plan_for([M]), nameless, ended=True).detail
    )


@pytest.mark.parametrize(
    ("crossovers", "status", "detail"),
    [
        (None, Status.NOT_RUN, "no ids"),
        (0, Status.PASS, "no unit was seen in two variants"),
        (1, Status.WARN, "1 unit was seen in several variants, and is left out"),
        (1200, Status.WARN, "1,200 units were seen in several variants, and are left out"),
    ],
)
def test_units_in_several_variants(crossovers: int | None, status: Status, detail: str) -> None:
    assert crossover_check(crossovers, "no ids") == Check("crossover", status, None, detail)


def with_covariate(shift: float, n: int = 2000) -> list[list[np.ndarray]]:
    random = np.random.default_rng(5)
    return [[random.normal(10, 3, n), random.normal(5 + moved, 1, n)] for moved in (0.0, shift)]


def test_arms_that_differed_before() -> None:
    """.15 standard deviations with 2,000 units an arm: z is about 4.7."""
    plan = plan_for([M])
    found = pre_period_check(plan, {"m": measured(with_covariate(0.15), covariate=True)}, ended=True)

    assert found.status is Status.FAIL
    assert found.detail.startswith("the covariate of m in b differs most from the control's, p = ")
    assert found.detail.endswith("below 0.001: the arms were not alike before the experiment")


def test_until_the_end_arms_may_be_compared_every_day() -> None:
    """The same data: always valid, p is larger, and passes where once it would not."""
    plan = plan_for([M], planned=4000)
    data = {"m": measured(with_covariate(shift_with(0.0001, 0.0005)), covariate=True)}
    once, daily = (pre_period_check(plan, data, ended=ended) for ended in (True, False))

    assert once.p_value is not None
    assert daily.p_value is not None
    assert once.p_value < daily.p_value
    assert (once.status, daily.status) == (Status.FAIL, Status.PASS)
    large = {"m": measured(with_covariate(0.5), covariate=True)}
    assert pre_period_check(plan, large, ended=False).status is Status.FAIL


def test_the_pre_period_is_held_to_the_number_of_covariates() -> None:
    """p between .001 / 2 and .001: one covariate fails, one of two passes."""
    data = measured(with_covariate(shift_with(0.0006, 0.0009)), covariate=True)
    calm = measured(with_covariate(0.0), covariate=True)

    assert pre_period_check(plan_for([M]), {"m": data}, ended=True).status is Status.FAIL
    assert pre_period_check(plan_for([M, N]), {"m": data, "n": calm}, ended=True).status is Status.PASS


def shift_with(least: float, most: float) -> float:
    """The smallest shift of the covariate with a p-value, of a test made once, between these."""
    for shift in np.arange(0.05, 0.2, 0.0005).tolist():
        data = {"m": measured(with_covariate(shift), covariate=True)}
        p_value = pre_period_check(plan_for([M]), data, ended=True).p_value
        if p_value is not None and least < p_value < most:
            return float(shift)
    raise AssertionError("no shift has such a p-value")


def test_a_ratio_has_a_covariate_too() -> None:
    random = np.random.default_rng(3)
    arms = [
        [
            random.poisson(3, 500),
            random.poisson(9, 500),
            random.poisson(3 * more, 500),
            random.poisson(9, 500),
        ]
        for more in (1, 2)
    ]
    found = pre_period_check(plan_for([a_ratio("m")]), {"m": measured(arms, covariate=True)}, ended=True)

    assert found.status is Status.FAIL


def test_a_pre_period_that_cannot_be_judged() -> None:
    plain = {"m": measured([[[1, 2, 3]], [[2, 3, 4]]])}
    still = {"m": measured([[[1, 2, 3], [7, 7, 7]], [[2, 3, 4], [7, 7, 7]]], covariate=True)}
    one_arm = plan_for([M], weights=(1,))

    assert pre_period_check(plan_for([M]), plain, ended=True).detail.startswith("no metric has a covariate")
    assert pre_period_check(plan_for([M]), still, ended=True).status is Status.NOT_RUN
    assert pre_period_check(one_arm, still, ended=True).detail.startswith("there is but one arm")


def lacking(n: int, without: int) -> np.ndarray:
    values = np.random.default_rng(n + without).normal(10, 3, n)
    values[:without] = np.nan
    return values


def test_a_metric_whose_values_depend_on_the_arm_is_invalid_and_the_others_are_not() -> None:
    uneven = measured([[lacking(1000, 0)], [lacking(1000, 200) + 5]])
    data = {"m": uneven, "n": measured([[lacking(1000, 0)], [lacking(999, 0) + 5]])}
    found = analyse(plan_for([M, N]), table(data, (1000, 1000)), END)
    first, second = found.metrics
    check = next(one for one in found.checks if one.name == "missing")

    assert (first.verdict, second.verdict) == (Verdict.INVALID, Verdict.BETTER)
    assert first.reason == invalid_metrics(plan_for([M, N]), data, ended=True)["m"]
    assert first.reason.startswith("units with a value are not spread over the arms as designed (p = ")
    assert (check.status, check.detail) == (Status.WARN, f"m: {first.reason}")
    assert found.decisions[0].recommendation is Recommendation.SHIP


def test_an_invalid_metric_never_ships() -> None:
    for plan in (plan_for([M]), plan_for((), {M: Fraction(1, 10)})):
        found = analyse(plan, table({"m": measured([[lacking(1000, 0)], [lacking(1000, 200) + 5]])}), END)

        assert found.metrics[0].effect.lower is not None
        assert found.metrics[0].effect.lower > 4
        assert found.decisions[0].recommendation is Recommendation.END


def test_an_invalid_metric_is_invalid_in_its_segments() -> None:
    uneven = measured([[lacking(1000, 0)], [lacking(1000, 200) + 5]])
    found = analyse(
        plan_for([M]), table({"m": uneven}, segments={"SE": {"m": uneven}}), END, dimension="country"
    )

    assert found.segments[0].metrics[0].verdict is Verdict.INVALID


@pytest.mark.parametrize(
    ("without", "units", "status", "detail"),
    [
        ((0, 0), 1000, Status.PASS, "every unit has a value, or counts as 0"),
        ((150, 160), 1000, Status.PASS, "units with a value of m are spread as designed"),
        (
            (3, 0),
            5,
            Status.NOT_RUN,
            f"some units have no value of m: {FEW}",
        ),
        ((5, 5), 5, Status.NOT_RUN, "some units have no value of m: there are no units yet"),
    ],
)
def test_values_that_are_missing(without: tuple[int, int], units: int, status: Status, detail: str) -> None:
    found = missing_check(
        plan_for([M]), {"m": measured([[lacking(units, each)] for each in without])}, ended=True
    )

    assert (found.status, found.detail) == (status, detail)
    assert (found.p_value is not None) == ("spread" in detail)


def test_a_quantile_that_one_arm_cannot_show_is_inconclusive_not_invalid() -> None:
    """Ties in one arm hide its spread; that says nothing of who has a value."""
    random = np.random.default_rng(1)
    data = median_of([random.normal(5, 1, 1000), np.full(1000, 5.0)])
    found = analyse(plan_for([a_quantile("m")]), table({"m": data}), END)

    assert found.metrics[0].verdict is Verdict.INCONCLUSIVE
    assert found.metrics[0].reason == "the values around the quantile are all the same"
    assert (found.metrics[0].control.n, found.metrics[0].treatment.n) == (1000, 1000)
    assert found.metrics[0].control.mean == pytest.approx(5, abs=0.1)


def test_of_three_arms_the_two_with_a_quantile_are_still_held_against_each_other() -> None:
    random = np.random.default_rng(1)
    gone = random.normal(5, 1, 1000)
    gone[:300] = np.nan
    data = {"m": median_of([random.normal(5, 1, 1000), np.full(1000, 5.0), gone])}
    found = analyse(plan_for([a_quantile("m")], weights=(1, 1, 1)), table(data), END)

    assert {one.verdict for one in found.metrics} == {Verdict.INVALID}


def test_values_are_held_against_the_shares_of_their_arms() -> None:
    """A tenth missing everywhere, in arms of 50%, 25% and 25%; the second has ties, and no quantile."""
    random = np.random.default_rng(1)
    arms = [random.normal(5, 1, 2000), np.full(1000, 5.0), random.normal(5, 1, 1000)]
    for arm in arms:
        arm[: len(arm) // 10] = np.nan
    check = missing_check(plan_for([a_quantile("m")], weights=(2, 1, 1)), {"m": median_of(arms)}, ended=True)

    assert check.status is Status.PASS
    assert check.p_value == pytest.approx(1.0)


def test_nothing_measured_is_nothing_missing() -> None:
    gone = measured([[[1.0]], [[2.0]]])._replace(moments=(), units=(), reason="no column m")
    found = missing_check(plan_for([M]), {"m": gone}, ended=True)

    assert found == Check("missing", Status.NOT_RUN, None, "no metric was measured")


@given(st.integers(0, 9999))
def test_healthy_data_pass(seed: int) -> None:
    """Looked at every day the tests err in at most .001 of all experiments, on one day far more rarely."""
    random = np.random.default_rng(seed)
    arms = [[random.normal(10, 3, 800), random.normal(5, 1, 800)] for _ in range(2)]
    found = analyse(plan_for([M]), table({"m": measured(arms, covariate=True)}), START)

    assert all(one.status in {Status.PASS, Status.NOT_RUN} for one in found.checks), found.checks
