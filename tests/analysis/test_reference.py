"""Numbers that were computed elsewhere, by what is named beside them, reached through the whole analysis."""

import csv
import os
from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import chisquare, ttest_ind

from analysis.plans import END, a_mean, a_ratio, plan_for
from analysis.tables import measured, table
from coord.analysis.results import Analysis, Basis, Bounds, MetricResult, Status, Verdict
from coord.analysis.unit_analysis import analyse

pytestmark = pytest.mark.cases

REPOSITORY = Path(__file__).parents[2]
Columns = Mapping[str, NDArray[np.str_]]
Floats = NDArray[np.float64]


def columns_of(name: str) -> Columns:
    folder = Path(os.environ.get("COORD_CASES") or REPOSITORY.parent / "shared" / "cases")
    path = folder / name
    reason = f"{path} is missing: name the folder of real cases in COORD_CASES"
    if not path.is_file() and "cases" in os.environ.get("COORD_REQUIRE", ""):
        pytest.fail(reason)
    if not path.is_file():
        pytest.skip(reason)
    with path.open(encoding="utf-8-sig", newline="") as file:
        header, *rows = csv.reader(file)
    return dict(zip(header, np.array(rows).T, strict=True))


def arms_of(columns: Columns, by: str, values: tuple[str, ...], *names: str) -> list[list[Floats]]:
    return [[columns[name][columns[by] == value].astype(float) for name in names] for value in values]


def users(*names: str) -> list[list[Floats]]:
    return arms_of(columns_of("reference/users_ab.csv"), "variant", ("control", "treatment"), *names)


def bounds(found: Bounds) -> tuple[float, float, float]:
    assert found.value is not None
    assert found.lower is not None
    assert found.upper is not None
    return found.value, found.lower, found.upper


def only(analysis: Analysis, metric: str) -> MetricResult:
    (found,) = (one for one in analysis.metrics if one.metric == metric)
    return found


def near(*expected: float, rel: float = 5e-5) -> object:
    """To 4 significant digits."""
    return pytest.approx(expected, rel=rel)


def test_a_mean_is_compared_by_welch() -> None:
    """scipy.stats.ttest_ind(equal_var=False) with its confidence_interval()."""
    plan = plan_for([a_mean("rev")])
    rev = only(analyse(plan, table({"rev": measured(users("rev"))}), END), "rev")

    assert (rev.basis, rev.level, rev.verdict) == (Basis.FIXED, 0.95, Verdict.BETTER)
    assert (rev.control.mean, rev.treatment.mean) == near(748.456, 825.969, rel=1e-12)
    assert (rev.control.n, rev.treatment.n) == (1000, 1000)
    assert bounds(rev.effect) == near(77.513, 29.520675327896, 125.505324672104, rel=1e-10)
    assert rev.p_value == pytest.approx(0.0015613702739633, rel=1e-9)


def test_a_relative_effect_is_bounded_by_fieller() -> None:
    """The roots of the quadratic with 50 digits, with z; Student's t with 1,926 df is a little wider."""
    rev = only(analyse(plan_for([a_mean("rev")]), table({"rev": measured(users("rev"))}), END), "rev")

    assert bounds(rev.relative) == pytest.approx(
        (0.1035638701540, 0.0384768467321, 0.1723119135146), abs=6e-5
    )
    assert rev.relative.value == pytest.approx(0.1035638701540, rel=1e-10)


def test_a_share_is_compared_by_welch() -> None:
    """scipy.stats.ttest_ind(equal_var=False); z with p (1 - p) / n gives .0650."""
    conv = only(analyse(plan_for([a_mean("conv")]), table({"conv": measured(users("conv"))}), END), "conv")

    assert conv.p_value == pytest.approx(0.06531160788412, rel=1e-9)
    assert conv.verdict is Verdict.INCONCLUSIVE


def test_a_ratio_is_compared_by_the_delta_method() -> None:
    """The standard error of linearised values by numpy; scipy.stats.ttest_ind of those, shifted to R."""
    arms = users("clk", "imp")
    (ctr,) = analyse(plan_for([a_ratio("ctr")]), table({"ctr": measured(arms)}), END).metrics
    linear = [clk / imp.mean() - (clk.mean() / imp.mean()) * (imp / imp.mean() - 1) for clk, imp in arms]
    oracle = ttest_ind(linear[1], linear[0], equal_var=False)

    assert (ctr.control.mean, ctr.treatment.mean) == near(0.30423583285633, 0.33266590389016, rel=1e-12)
    assert ctr.p_value == pytest.approx(oracle.pvalue, rel=1e-8)
    value, lower, upper = bounds(ctr.effect)
    assert value / oracle.statistic == pytest.approx(0.00484724045986, rel=1e-9)
    assert (lower, upper) == near(*oracle.confidence_interval(), rel=1e-9)


def test_a_covariate_takes_variance_off() -> None:
    """Welch by scipy of rev - theta (pre - mean pre), theta within arms by numpy."""
    rev = only(
        analyse(
            plan_for([a_mean("rev")]), table({"rev": measured(users("rev", "pre"), covariate=True)}), END
        ),
        "rev",
    )

    assert rev.effect.value == pytest.approx(79.994072005906, rel=1e-10)
    assert rev.p_value == pytest.approx(0.00052970303405643, rel=1e-8)
    assert rev.variance_reduction == pytest.approx(1 - 531.0799891 / 598.8269671, rel=1e-7)
    assert rev.raw is not None
    assert bounds(rev.raw.effect) == near(77.513, 29.520675327896, 125.505324672104, rel=1e-10)
    assert rev.raw.p_value == pytest.approx(0.0015613702739633, rel=1e-9)


def test_a_guardrail_is_held_against_its_relative_margin() -> None:
    """The contrast m_t - .98 m_c by hand: z 3.8098052078, 6.95e-5 by the normal, 7.17e-5 by Student's t."""
    plan = plan_for((), {a_mean("rev"): Fraction(2, 100)}, alpha=Fraction(5, 100))
    rev = only(analyse(plan, table({"rev": measured(users("rev"))}), END), "rev")

    assert rev.p_noninferiority == pytest.approx(7.17e-5, rel=1e-3)
    assert rev.verdict is Verdict.NO_WORSE


EMAILS = ("No E-Mail", "Mens E-Mail", "Womens E-Mail")


def hillstrom(*, covariate: bool = False, day: date = END) -> Analysis:
    """With one success metric and two comparisons at 90%, each is at 95%."""
    columns = columns_of("hillstrom.csv")
    plan = plan_for([a_mean("spend")], weights=(1, 1, 1), alpha=Fraction(1, 10))
    names = ("spend", "history") if covariate else ("spend",)
    arms = arms_of(columns, "segment", EMAILS, *names)
    return analyse(plan, table({"spend": measured(arms, covariate=covariate)}), day)


def test_three_e_mails() -> None:
    """Welch by scipy.stats.ttest_ind."""
    mens, womens = hillstrom().metrics

    assert (mens.level, womens.level) == (0.95, 0.95)
    assert mens.control.mean == pytest.approx(0.65279, rel=5e-5)
    assert bounds(mens.effect) == near(0.769827, 0.485140, 1.054515)
    assert bounds(womens.effect) == near(0.424412, 0.168957, 0.679868)
    assert (mens.p_value, womens.p_value) == near(1.1638e-7, 0.0011294, rel=1e-4)


@pytest.mark.parametrize(
    ("name", "mens", "womens"),
    [
        ("visit", (0.076590, 0.069954, 0.083226), (0.045233, 0.038894, 0.051572)),
        ("conversion", (0.006805, 0.005000, 0.008610), (0.003111, 0.001499, 0.004723)),
    ],
)
def test_three_e_mails_by_shares(name: str, mens: tuple[float, ...], womens: tuple[float, ...]) -> None:
    """Unpooled normal intervals: Student's t with 42,000 df differs in the fifth digit."""
    arms = arms_of(columns_of("hillstrom.csv"), "segment", EMAILS, name)
    plan = plan_for([a_mean(name)], weights=(1, 1, 1), alpha=Fraction(1, 10))
    first, second = analyse(plan, table({name: measured(arms)}), END).metrics

    assert bounds(first.effect) == pytest.approx(mens, abs=1.5e-6)
    assert bounds(second.effect) == pytest.approx(womens, abs=1.5e-6)


def test_three_e_mails_with_a_covariate() -> None:
    """Theta of the two arms compared, by numpy. (Pooled over both it is another: .767438 and .422701.)"""
    mens, womens = hillstrom(covariate=True).metrics

    assert (mens.effect.value, womens.effect.value) == near(0.767450, 0.422705, rel=5e-6)


def test_three_e_mails_were_sent_as_designed() -> None:
    """scipy.stats.chisquare against the slots, 3333:3333:3334; against 1:1:1 it is .9037."""
    srm = hillstrom().checks[0]
    sent = np.array([21306, 21307, 21387])

    assert (srm.name, srm.status) == ("srm", Status.PASS)
    assert srm.p_value == pytest.approx(chisquare(sent, 64_000 * np.array([0.3333, 0.3333, 0.3334])).pvalue)
    assert chisquare(sent).pvalue == pytest.approx(0.9037, abs=5e-5)


@pytest.mark.parametrize(
    ("name", "means", "p_value"),
    [("trans_after", (0.12570, 0.15188), 0.0273), ("revenue_after", (7.780, 7.539), 0.718)],
)
def test_a_coupon(name: str, means: tuple[float, float], p_value: float) -> None:
    """scipy.stats.ttest_ind(equal_var=False); the digits of the source."""
    columns = columns_of("artea-a_b-experiment-recoded.csv")
    arms = arms_of(columns, "test_coupon", ("control", "coupon"), name)
    (found,) = analyse(plan_for([a_mean(name)]), table({name: measured(arms)}), END).metrics

    assert (found.control.n, found.treatment.n) == (2498, 2502)
    assert (found.control.mean, found.treatment.mean) == near(*means, rel=7e-5)
    assert found.p_value == pytest.approx(p_value, rel=2e-3)
