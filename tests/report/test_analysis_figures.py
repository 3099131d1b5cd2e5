"""Figures have the digits that their intervals give them, and never round over 0 or over a margin."""

import pytest

from coord.analysis.figures import effect_of, effect_text, level_text, limit, p_text
from coord.analysis.results import Bounds
from coord.report.analysis_figures import means_text
from report.analyses import NOTHING, guardrail, metric


@pytest.mark.parametrize(
    ("relative", "shown"),
    [
        ((0.031, 0.01, 0.052), "+3.1% [+1.0%, +5.2%]"),
        ((0.1036, 0.0384, 0.1723), "+10.4% [+3.8%, +17.2%]"),
        ((-0.3, -0.9, 0.5), "-30.0% [-90.0%, +50.0%]"),
        ((12.5, 11.0, 14.0), "+1,250.0% [+1,100.0%, +1,400.0%]"),
        ((0.02, 0.0004, 0.04), "+2.00% [+0.04%, +4.00%]"),
        ((0.00002, -0.00001, 0.00005), "+0.0020% [-0.0010%, +0.0050%]"),
        ((0.0, 0.0, 0.0), "0.00% [0.00%, 0.00%]"),
        ((0.0, -0.01, 0.01), "0.0% [-1.0%, +1.0%]"),
        ((1e300, -1e308, 1e308), "+1.00e+302% [-1.00e+310%, +1.00e+310%]"),
        ((2e3, -0.5, 4e3), "+2.00e+5% [-50.0%, +4.00e+5%]"),
    ],
)
def test_relative_effects(relative: tuple[float, float, float], shown: str) -> None:
    assert effect_text(Bounds(*relative), NOTHING).text == shown


def test_a_bound_is_told_apart_from_the_margin() -> None:
    assert effect_text(Bounds(0.0, -0.01996, 0.02), NOTHING, -0.02).text == "0.00% [-2.00%, +2.00%]".replace(
        "-2.00", "-1.996"
    ).replace("0.00%", "0.000%", 1).replace("+2.00%", "+2.000%")
    assert effect_text(Bounds(0.0, -0.02, 0.02), NOTHING, -0.02).text == "0.0% [-2.0%, +2.0%]"


def test_the_absolute_effect_where_the_relative_has_no_interval() -> None:
    absolute = Bounds(77.5132, 29.5205, 125.5053)
    assert effect_text(Bounds(0.5, None, None), absolute).text == "+78 [+30, +126]"
    assert effect_text(NOTHING, Bounds(-0.0012, -0.0021, -0.0003)).text == "-0.00120 [-0.00210, -0.00030]"
    assert effect_text(NOTHING, Bounds(3e12, 2e12, 4e12)).text == "+3e+12 [+2e+12, +4e+12]"
    assert effect_text(Bounds(0.5, None, None), NOTHING).text == "+50.0%"
    assert effect_text(NOTHING, Bounds(0.0312345, None, None)).text == "+0.03123"
    assert effect_text(NOTHING, NOTHING).text == "no estimate"


def test_means_have_the_digits_of_the_effect() -> None:
    one = metric("revenue", (0.1036, 0.0394, 0.1677), mean=748.456)
    assert means_text(one) == ("748", "826")
    assert means_text(one._replace(effect=NOTHING)) == ("748.5", "826.0")
    none = one._replace(control=one.control._replace(mean=None), effect=NOTHING)
    assert means_text(none) == ("-", "826.0")
    tiny = one.treatment._replace(mean=0.000012345)
    assert means_text(one._replace(effect=NOTHING, treatment=tiny))[1] == "1.234e-05"
    assert means_text(one._replace(effect=NOTHING, treatment=tiny._replace(mean=0.0)))[1] == "0"


def test_the_limit_of_a_guardrail_is_on_its_bad_side() -> None:
    held = guardrail("crash_rate", (0.0, -0.01, 0.01), metric().verdict)
    assert limit(held) == -0.02
    assert limit(held._replace(decrease=True)) == 0.02
    assert limit(metric()) is None
    assert effect_of(held._replace(relative=Bounds(0.0, -0.01996, 0.01))).interval == "[-1.996%, +1.000%]"


@pytest.mark.parametrize(
    ("p", "shown"),
    [
        (1.0, "1.00"),
        (0.0650, "0.065"),
        (0.43, "0.43"),
        (0.0015613702739633, "0.0016"),
        (0.00012, "0.00012"),
        (0.00009, "9.0e-5"),
        (3.5e-42, "3.5e-42"),
        (0.0, "<1e-300"),
        (None, "-"),
    ],
)
def test_p_values(p: float | None, shown: str) -> None:
    assert p_text(p) == shown


@pytest.mark.parametrize(
    ("level", "shown"),
    [(0.95, "95%"), (0.975, "97.5%"), (0.9875, "98.75%"), (1 - 0.05 / 6, "99.167%"), (0.9995, "99.95%"),
     (0.8, "80%"), (1.0, "100%")],
)  # fmt: skip
def test_levels(level: float, shown: str) -> None:
    assert level_text(level) == shown
