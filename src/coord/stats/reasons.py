"""Why a number does not exist: results hold null and one of these, never NaN or Infinity."""

from enum import StrEnum


class Missing(StrEnum):
    """The reason of a null, in words a person reads behind "because"."""

    FEW_UNITS = "an arm has fewer than 2 units"
    NO_VARIATION = "nothing varies in either arm, so there is nothing to measure chance with"
    NOT_FINITE = "its values are too large to compute with"
    NO_DENOMINATOR = "the denominator of an arm does not sum to more than 0"
    CONTROL_NOT_POSITIVE = "the control's mean is not above 0, so a relative effect means nothing"
    CONTROL_NEAR_ZERO = "the control's mean is not told apart from 0, so a relative effect has no bounds"
    FEW_VALUES = "fewer than 10 values lie beyond the quantile"
    QUANTILE_TIED = "the values around the quantile are all the same"
    QUANTILE_AT_EDGE = "the quantile is too uncertain: its bounds lie outside the values seen"
    RARE = "an arm has fewer than 10 events or fewer than 10 units without one"
    RARE_UNEVEN = "arms differ more than 3:1 and one has fewer than 50 events or 50 units without one"
    COVARIATE_FEW_UNITS = "an arm has fewer than 50 units, too few to adjust for a covariate"
    COVARIATE_CONSTANT = "the covariate does not vary within arms"
    FEW_EXPECTED = "fewer than 5 units are expected somewhere, too few to judge shares"
    NO_UNITS = "there are no units yet"
    NOTHING_SPENT = "this look spends none of the error, so it decides nothing"
    NOT_ALL_POSITIVE = "a mean is not above 0, so it has no logarithm"
