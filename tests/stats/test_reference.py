"""Exact answers for small data, from their sums: every number was computed elsewhere too, and says where."""

from fractions import Fraction
from math import inf, sqrt

import pytest

from coord.stats import student
from coord.stats.contrasts import interaction
from coord.stats.cuped import adjusted_means
from coord.stats.effects import absolute, relative
from coord.stats.estimates import Pair, mean, ratio
from coord.stats.moments import Moments
from coord.stats.noninferiority import contrast, noninferiority
from coord.stats.srm import srm
from stats.arms import adjusted, given, of_moments, plain, ratios, z_of
from stats.reference import (
    ARTEA,
    ARTEA_COLUMNS,
    HILLSTROM,
    HILLSTROM_COLUMNS,
    USERS,
    USERS_COLUMNS,
    RawSums,
    moments,
)

Z95 = student.critical(0.05)


def users(variant: str, *columns: str) -> Moments:
    return moments(USERS[variant, "b0"] + USERS[variant, "b1"], USERS_COLUMNS, *columns)


def hillstrom(column: str) -> tuple[Moments, Moments, Moments]:
    """Control and two treatments, with the covariate."""
    per = 100 if column == "spend" else 1
    arms = ("No E-Mail", "Mens E-Mail", "Womens E-Mail")
    control, mens, womens = (
        moments(HILLSTROM[a], HILLSTROM_COLUMNS, column, "history", per=per) for a in arms
    )
    return control, mens, womens


def rev() -> Pair:
    return of_moments(users("control", "rev"), users("treatment", "rev"))


def test_a_mean_by_welch() -> None:
    """scipy.stats.ttest_ind(equal_var=False) and its confidence_interval()."""
    found = rev()

    assert [found.control, found.treatment] == pytest.approx([748.456, 825.969], rel=1e-12)
    assert sqrt(found.variance) == pytest.approx(24.470941278792, rel=1e-12)
    assert z_of(found) == pytest.approx(3.167552858589, rel=1e-12)
    assert found.df == pytest.approx(1925.91099682533, rel=1e-7)
    assert student.two_sided(z_of(found), found.df) == pytest.approx(0.0015613702739633, rel=1e-11)
    interval = absolute(found, student.critical(0.05, found.df))
    assert interval.lower == pytest.approx(29.520675327896, rel=1e-12)
    assert interval.upper == pytest.approx(125.505324672104, rel=1e-12)


def test_a_relative_effect_by_fieller() -> None:
    """The roots of Fieller's quadratic with z = 1.959964, by hand."""
    interval = relative(rev(), Z95)

    assert interval.value == pytest.approx(0.1035638701540, rel=1e-11)
    assert interval.lower == pytest.approx(0.0384768467321, rel=1e-11)
    assert interval.upper == pytest.approx(0.1723119135146085, rel=1e-11)  # with 50 digits


def test_a_share() -> None:
    """99 and 125 of 1,000: unpooled z with p (1 - p) / n; Welch's t has n - 1 for n and is a little wider."""
    found = of_moments(users("control", "conv"), users("treatment", "conv"))
    unpooled = plain(0.099, 0.125, (0.099 * 0.901 / 1000, 0.125 * 0.875 / 1000))

    assert [found.control, found.treatment] == pytest.approx([0.099, 0.125], rel=1e-12)
    assert student.two_sided(z_of(unpooled)) == pytest.approx(0.0650277839107, rel=1e-11)
    assert student.two_sided(z_of(found), found.df) == pytest.approx(0.06531160788412, rel=1e-11)


def test_a_ratio_by_the_delta_method() -> None:
    """Linearised values per unit, their sample variance by numpy."""
    found = ratios(users("control", "clk", "imp"), users("treatment", "clk", "imp"))

    assert found.control == pytest.approx(0.30423583285633, rel=1e-12)
    assert found.treatment == pytest.approx(0.33266590389016, rel=1e-12)
    assert sqrt(found.variance) == pytest.approx(0.00484724045986, rel=1e-11)
    assert student.two_sided(z_of(found)) == pytest.approx(4.48571409e-09, rel=1e-8)


def test_a_mean_with_a_covariate() -> None:
    """Welch by scipy of rev - theta (pre - mean pre), theta from products centred within arms by numpy."""
    found = adjusted(adjusted_means([users(arm, "rev", "pre") for arm in ("control", "treatment")]))
    compared = found.pair

    assert found.theta == pytest.approx(0.6373162100965, rel=1e-11)
    assert compared.difference == pytest.approx(79.994072005906, rel=1e-12)
    assert student.two_sided(z_of(compared), compared.df) == pytest.approx(0.00052970303405643, rel=1e-10)
    assert found.reduction == pytest.approx(1 - 531.0799891 / 598.8269671, rel=1e-7)


def test_no_worse_than_a_relative_margin() -> None:
    """The contrast m_t - .98 m_c by hand, with its normal tail."""
    z = contrast(rev(), 0.02, Z95)

    assert z == pytest.approx(3.8098052078, rel=1e-10)
    assert isinstance(z, float)
    assert student.upper(z) == pytest.approx(6.9538161969e-05, rel=1e-10)
    assert noninferiority(rev()._replace(df=inf), 0.02, Z95).p_value == student.upper(z)


def test_interactions_with_a_second_experiment() -> None:
    """Ordinary least squares of rev on both variants and their product, with HC2 errors; clicks by numpy."""
    table = [[USERS[v, b] for b in ("b0", "b1")] for v in ("control", "treatment")]
    by_rev = interaction(
        [[given(mean(moments(cell, USERS_COLUMNS, "rev"))) for cell in row] for row in table]
    )
    by_ctr = interaction(
        [[given(ratio(moments(cell, USERS_COLUMNS, "clk", "imp"))) for cell in row] for row in table]
    )

    assert by_rev.estimate == pytest.approx(23.26393750175, rel=1e-11)
    assert by_rev.se == pytest.approx(48.94887813152, rel=1e-11)
    assert by_rev.p_value == pytest.approx(0.6345944781, rel=1e-9)
    assert by_ctr.estimate == pytest.approx(-0.01548755268785, rel=1e-11)
    assert by_ctr.p_value == pytest.approx(0.110045697, rel=1e-8)


@pytest.mark.parametrize(
    ("observed", "weights", "p"),
    [
        ((821588, 815482), (1, 1), 1.8217928726e-06),
        ((9100, 900), (9, 1), 0.00085812066639),
        ((5000, 3050, 1950), (5, 3, 2), 0.35286608145885),
        ((9463, 7681), (1, 1), 3.5e-42),
    ],
)
def test_sample_ratio_mismatch(observed: tuple[int, ...], weights: tuple[int, ...], p: float) -> None:
    """scipy.stats.chisquare."""
    shares = [Fraction(weight, sum(weights)) for weight in weights]

    assert srm(observed, shares).p_value == pytest.approx(p, rel=1e-10 if p > 1e-40 else 1e-3)


@pytest.mark.parametrize(
    ("column", "arm", "effect", "lower", "upper", "p"),
    [
        ("visit", 1, 0.076590, 0.069954, 0.083226, None),
        ("visit", 2, 0.045233, 0.038894, 0.051572, None),
        ("conversion", 1, 0.006805, 0.005000, 0.008610, None),
        ("conversion", 2, 0.003111, 0.001499, 0.004723, None),
        ("spend", 1, 0.769827, 0.485140, 1.054515, 1.1638e-7),
        ("spend", 2, 0.424412, 0.168957, 0.679868, 0.0011294),
    ],
)
def test_three_e_mails(
    column: str, arm: int, effect: float, lower: float, upper: float, p: float | None
) -> None:
    """Hillstrom: Welch by scipy.stats.ttest_ind for spend, unpooled normal intervals for shares."""
    arms = hillstrom(column)
    found = of_moments(arms[0], arms[arm])
    interval = absolute(found, student.critical(0.05, found.df))

    assert interval.value == pytest.approx(effect, abs=6e-7)
    # the last of the digits: bounds of shares are normal there, and here Student's t with 42,000 df
    assert interval.lower == pytest.approx(lower, abs=1.5e-6)
    assert interval.upper == pytest.approx(upper, abs=1.5e-6)
    if p is not None:
        assert student.two_sided(z_of(found), found.df) == pytest.approx(p, rel=5e-5)


def test_three_e_mails_with_a_covariate() -> None:
    """Hillstrom, spend with history: theta of the two arms compared, by numpy.

    (That is within arms. Pooled over both it is another: +.767438 and +.422701.)
    """
    by_mens, by_womens = (adjusted(adjusted_means(hillstrom("spend"), arm)) for arm in (1, 2))

    assert by_mens.pair.difference == pytest.approx(0.7674496193131, rel=1e-10)
    assert by_womens.pair.difference == pytest.approx(0.4227054027844, rel=1e-10)
    assert [f"{found.pair.difference:.4g}" for found in (by_mens, by_womens)] == ["0.7674", "0.4227"]


def test_three_e_mails_were_sent_as_designed() -> None:
    """Hillstrom: scipy.stats.chisquare."""
    arms = [HILLSTROM[a].n for a in ("No E-Mail", "Mens E-Mail", "Womens E-Mail")]

    assert arms == [21306, 21307, 21387]
    assert srm(arms, [Fraction(1, 3)] * 3).p_value == pytest.approx(0.9037, abs=5e-5)


@pytest.mark.parametrize(
    ("column", "per", "control", "treatment", "p"),
    [("trans_after", 1, 0.12570, 0.15188, 0.0273), ("revenue_after", 1000, 7.780, 7.539, 0.718)],
)
def test_a_coupon(column: str, per: int, control: float, treatment: float, p: float) -> None:
    """Artea: Welch by scipy.stats.ttest_ind."""
    arms = [moments(ARTEA[arm], ARTEA_COLUMNS, column, per=per) for arm in ("control", "coupon")]
    found = of_moments(*arms)

    assert [arm.n for arm in arms] == [2498, 2502]
    assert found.control == pytest.approx(control, rel=5e-5)
    assert found.treatment == pytest.approx(treatment, rel=7e-5)
    assert student.two_sided(z_of(found), found.df) == pytest.approx(p, rel=2e-3)


def test_sums_of_both_are_of_all_rows() -> None:
    total = USERS["control", "b0"] + USERS["control", "b1"]

    assert isinstance(total, RawSums)
    assert (total.n, total.sums[0], total.products[0]) == (1000, 373174 + 375282, 406170418 + 395260066)
