"""The simulated bucket reuse against `coord.allocation` itself, asked for every start."""

from collections.abc import Hashable
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from statistics import fmean, stdev

import numpy as np
import pytest

from coord.allocation.drawing import NoRoom, avoided, draw_ledger, taken_by
from coord.domain.buckets import count, from_numbers
from coord.domain.dates import Days
from coord.domain.model import Entry, Experiment, Ledger, Step
from coord.simulate.arrivals import BUCKETS, Proposal, Setting, Template, propose
from coord.simulate.look_back import look_back
from coord.simulate.policies import Reuse
from coord.simulate.year import starts
from simulate.organisations import catalog, experiment

BEGIN = date(2026, 1, 1)
DAYS = Days(BEGIN, BEGIN + timedelta(1000))


def real(number: int, proposal: Proposal) -> Experiment:
    """The proposal as an experiment; those that run all run today."""
    made = experiment(f"e{number}", components=tuple(f"home/c{one}" for one in proposal.components))
    return replace(made, days=DAYS, steps=(Step(BEGIN, Fraction(proposal.buckets, BUCKETS)),))


class Coord:
    """Bucket reuse that asks `coord allocate` for buckets, in a space of as many."""

    def __init__(self) -> None:
        self.running: dict[int, Experiment] = {}
        self.ledgers: dict[str, Ledger] = {}

    def claims(self, proposal: Proposal) -> tuple[Hashable, ...]:
        return proposal.components

    def start(self, number: int, proposal: Proposal) -> bool:
        made = real(number, proposal)
        tree = catalog([*self.running.values(), made], {}, buckets=BUCKETS)
        found = draw_ledger(tree, made, self.ledgers)
        if isinstance(found, NoRoom):
            return False
        self.running[number], self.ledgers[made.key] = made, found
        return True

    def end(self, number: int, proposal: Proposal) -> None:
        del self.ledgers[self.running.pop(number).key]


def year(templates: tuple[Template, ...], rate: float, seed: int) -> list[Proposal]:
    return propose(Setting(rate, templates, 3), np.random.default_rng(seed))


ONE = tuple(
    Template(length, Fraction(share, 100)) for length, share in ((30, 20), (60, 45), (90, 70), (14, 5))
)
CROSSING = tuple(
    Template(length, Fraction(share, 100), components)
    for length, share, components in ((40, 30, (0,)), (40, 40, (1,)), (30, 50, (0, 1)), (60, 35, (1, 2)))
)


@pytest.mark.parametrize("seed", range(4))
def test_starts_are_the_same_while_nobody_touches_two_components(seed: int) -> None:
    proposals = year(ONE, 60, seed)
    chosen = Setting(60, ONE, 3)
    mine = starts(Reuse(chosen, np.random.default_rng(seed)), proposals)
    assert mine == starts(Coord(), proposals)
    assert any(start > proposal.day for start, proposal in zip(mine, proposals, strict=True))


def test_starts_are_alike_where_what_is_free_is_a_matter_of_luck() -> None:
    """Draws of another generator meet other buckets; over years the waits are the same."""
    differences = []
    for seed in range(25):
        proposals = year(CROSSING, 30, seed)
        chosen = Setting(30, CROSSING, 3)
        policies = (Reuse(chosen, np.random.default_rng(seed)), Coord())
        mine, theirs = (
            look_back(proposals, starts(policy, proposals), chosen, rivals=False) for policy in policies
        )
        differences.append(mine.wait_days - theirs.wait_days)
    assert abs(fmean(differences)) <= 4 * stdev(differences) / len(differences) ** 0.5
    assert max(map(abs, differences)) < 15


def test_the_same_buckets_are_free() -> None:
    policy = Reuse(Setting(1, CROSSING, 3), np.random.default_rng(3))
    proposals = [
        Proposal(0, 9, buckets, components)
        for buckets, components in ((300, (0,)), (400, (1,)), (200, (1, 2)), (100, (0, 2)), (500, ()))
    ]
    for number, proposal in enumerate(proposals):
        assert policy.start(number, proposal)
    made = [real(number, proposal) for number, proposal in enumerate(proposals)]
    held = {one.key: from_numbers(np.flatnonzero(policy.held[n]).tolist()) for n, one in enumerate(made)}
    ledgers = {key: Ledger(key, "", "user", (Entry(buckets, {}, None),)) for key, buckets in held.items()}
    for components in ((0,), (1,), (2,), (0, 1), (0, 1, 2), ()):
        asked = Proposal(0, 9, 1, components)
        tree = catalog([*made, real(99, asked)], {}, buckets=BUCKETS)
        taken = taken_by(tree, avoided(tree, tree.experiments["home/e99"], BEGIN), ledgers)
        assert BUCKETS - count(taken) == len(policy.free(asked))
        assert from_numbers(policy.free(asked).tolist()) & taken == 0
