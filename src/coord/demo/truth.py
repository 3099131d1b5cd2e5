"""What is true in the demo, and nobody in it knows: what variants do, and what the logs lose."""

from collections.abc import Mapping
from typing import NamedTuple


class Effect(NamedTuple):
    """By what a variant multiplies the minutes of a visit, and the chances of an error and of finding."""

    minutes: float = 1.0
    errors: float = 1.0
    found: float = 1.0


Treatment = tuple[str, str]
"""An experiment and a variant of it."""

EFFECTS: Mapping[Treatment, Effect] = {
    ("home/continue-listening-rollout", "on"): Effect(minutes=1.10),
    ("home/large-covers", "large"): Effect(minutes=1.15),
    ("home/compact-rows", "compact"): Effect(minutes=1.15),
    ("home/shelf-order", "personal"): Effect(minutes=1.14),
    ("home/autoplay-preview", "autoplay"): Effect(minutes=1.03, errors=2.0),
    ("search/result-snippets", "snippets"): Effect(found=1.10),
}
"""Variants that are not here change nothing: warm-greeting and voice-search do not."""

TOGETHER: Mapping[tuple[Treatment, Treatment], Effect] = {
    (("home/large-covers", "large"), ("home/compact-rows", "compact")): Effect(minutes=0.61),
}
"""What comes on top for who has both: large covers in narrow rows are cut off."""


class Loss(NamedTuple):
    """A logger that loses exposures, on one platform, of users who found nothing when they were exposed."""

    treatment: Treatment
    platform: str
    share: float


LOSS = Loss(("search/voice-search", "voice"), "android", 0.6)
