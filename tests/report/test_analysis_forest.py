"""Drawn intervals say what their numbers say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coord.report.analysis_forest import CLIPPED, MARGIN, POINT, ZERO, Axis, Span, axis_of, draw, ticks

AXIS = Axis(-0.1, 0.1, 21)
_INTERVAL = set("├┤─┼●◄►")


@pytest.mark.parametrize(
    ("span", "drawn"),
    [
        (Span(0.05, 0.02, 0.08), "          │ ├──●──┤  "),
        (Span(-0.01, -0.04, 0.02), "      ├──●┼─┤        "),
        (Span(0.0, -0.03, 0.03), "       ├──●──┤       "),
        (Span(0.01, -0.01, 0.03, -0.05), "     ╎   ├┼●─┤       "),
        (Span(-0.04, -0.07, -0.01, -0.05), "   ├─╎●──┤│          "),
        (Span(0.04, 0.01, 0.07, 0.05), "          │├──●╎─┤   "),
        (Span(0.05, -0.5, 0.6), "◄─────────┼────●────►"),
        (Span(0.5, 0.02, 0.9), "          │ ├───────►"),
        (Span(0.5, 0.4, 0.6), "          │         ►"),
        (Span(-0.5, -0.6, -0.4), "◄         │          "),
        (Span(0.05, 0.05, 0.05), "          │    ●     "),
        (Span(0.05, 0.049, 0.06), "          │    ●┤    "),
    ],
)
def test_pictures(span: Span, drawn: str) -> None:
    assert draw(AXIS, span) == drawn


def test_an_end_close_to_0_or_to_the_margin_stays_on_its_side() -> None:
    assert draw(AXIS, Span(0.03, 0.0001, 0.06)).index("├") == 11
    assert draw(AXIS, Span(0.03, -0.0001, 0.06)).index("├") == 9
    holds, passes = (draw(AXIS, Span(0, end, 0.02, -0.05)) for end in (-0.0499, -0.0501))
    assert holds.index(MARGIN) < holds.index("├")
    assert passes.index("├") < passes.index(MARGIN)


def test_a_small_margin_is_not_drawn_on_0() -> None:
    shown = draw(AXIS, Span(0.05, 0.03, 0.07, -0.001))
    assert shown.index(MARGIN) == shown.index(ZERO) - 2


def test_an_end_on_a_margin_that_was_moved_is_drawn_on_it() -> None:
    axis = Axis(-0.375, 1.05, 20)
    assert draw(axis, Span(0.0, 0.0, 0.05, 0.05)).index("┤") == axis.column(0.0) + 2


def test_the_blank_can_be_anything() -> None:
    assert draw(Axis(-1, 1, 5), Span(0.5, 0.5, 0.5), "·") == "··│●·"


_numbers = st.floats(-3, 3, allow_nan=False)
_spans = st.tuples(_numbers, _numbers, _numbers).map(
    lambda three: Span(*(sorted(three)[i] for i in (1, 0, 2)))
)
_margins = st.sampled_from([None, -0.3, -0.05, 0.05, 0.3])


@given(st.lists(st.tuples(_spans, _margins), min_size=1, max_size=6), st.integers(20, 60))
def test_the_picture_agrees_with_the_numbers(found: list[tuple[Span, float | None]], width: int) -> None:
    spans = [span._replace(margin=margin) for span, margin in found]
    axis = axis_of(spans, width)
    assert axis.low < 0 < axis.high
    for span in spans:
        picture = draw(axis, span)
        assert len(picture) == width
        zero = axis.column(0.0)
        places = [place for place, cell in enumerate(picture) if cell in _INTERVAL]
        assert places
        if span.lower > 0:
            assert min(places) > zero
        if span.upper < 0:
            assert max(places) < zero
        if span.lower < 0 < span.upper:
            assert min(places) < zero < max(places)
        assert (CLIPPED[1] in picture) == (axis.column(span.upper) >= width)
        assert (CLIPPED[0] in picture) == (axis.column(span.lower) < 0)
        if span.margin is not None and MARGIN in picture:
            margin = picture.index(MARGIN)
            assert (min(places) > margin) == (span.lower > span.margin)
            assert (max(places) < margin) == (span.upper < span.margin)


def test_the_axis_has_0_every_margin_and_all_but_far_ends() -> None:
    spans = [Span(0.03, 0.01, 0.052), Span(0.0, -0.01, 0.01, -0.02), Span(0.3, -0.2, 0.9, 0.02)]
    axis = axis_of(spans, 40)
    assert axis.low == pytest.approx(-0.2)
    assert axis.high == pytest.approx(0.25)
    assert CLIPPED[1] in draw(axis, spans[2])
    assert POINT in draw(axis, spans[0])


def test_an_axis_of_nothing_and_of_no_effect() -> None:
    for spans in ([], [Span(0.0, 0.0, 0.0)]):
        axis = axis_of(spans, 20)
        assert axis.low < 0 < axis.high


def test_ticks() -> None:
    assert ticks(AXIS) == "-10%      0      +10%"
    assert ticks(Axis(-0.2, 1.2, 36)) == "-20% 0" + " " * 25 + "+120%"
    assert ticks(Axis(-0.2, 1.2, 28)) == "    0" + " " * 18 + "+120%"  # -20% would touch it
    assert ticks(Axis(-0.01, 1.2, 20)).startswith("0 ")
