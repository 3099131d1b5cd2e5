"""Simulating allocation: shares, overlaps, isolation, against closed forms and one unit at a time."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction
from itertools import pairwise
from math import sqrt

import numpy as np
import pyarrow as pa
import pytest
from numpy.typing import NDArray

from coord.allocation.assign import Reason, assign, bucket_of, held_on, in_force
from coord.allocation.assign_many import buckets_of
from coord.allocation.columns import column
from coord.allocation.draw import draw, seed_of
from coord.allocation.hashing import hashes
from coord.domain.buckets import count, from_numbers, from_range, full
from coord.domain.catalog import Catalog
from coord.domain.model import Experiment, Space, Variant, Waiver
from coord.simulate.allocation import simulate
from coord.simulate.results import Overlap, Simulated
from coord.simulate.units import Batch, Piece, made_up
from simulate.organisations import DAY, catalog, experiment, holdback

UNITS = 100_000


def run(tree: Catalog, number: int = UNITS, day: date = DAY, replicates: int = 1) -> Simulated:
    pieces = made_up(tree, number, 1, replicates)
    return simulate(tree, tree.active, pieces, day, seed=1, replicates=replicates)


def pair(found: Simulated, a: str, b: str) -> Overlap:
    return next(one for one in found.overlaps if (one.a.name, one.b.name) == (a, b))


def test_two_independent_experiments_of_a_fifth_split_units_into_16_16_4_64() -> None:
    found = run(catalog([experiment("a", 20), experiment("b", 20)]))
    both = pair(found, "a", "b").share
    only = [one.reached.value - both.value for one in found.experiments]
    neither = found.at_once[0].units[0] / UNITS
    # what the two random draws of 2,000 of 10,000 buckets give: 4% with a standard deviation of 0.16%
    assert both.value == pytest.approx(0.04, abs=3 * 0.0016)
    assert only == pytest.approx([0.16, 0.16], abs=3 * 0.0016 + 3 * 0.0012)
    assert neither == pytest.approx(0.64, abs=3 * 0.0016 + 3 * 0.0015)
    assert pair(found, "a", "b").independent == Fraction(1, 25)
    assert found.at_once[0].units == (
        round(neither * UNITS),
        sum(one.reached.number for one in found.experiments) - 2 * both.number,
        both.number,
    )


def drawn(size: int, wanted: int, name: str) -> NDArray[np.int64]:
    """The buckets of the first draw of an experiment from all; `draw` itself takes seconds for a million."""
    order = hashes(f"{seed_of(name, 1)}|", column([str(bucket) for bucket in range(size)]))
    return np.argsort(order, kind="stable")[:wanted]


def test_two_draws_of_55_56_percent_of_a_million_buckets_share_308691() -> None:
    """The published figure: 308,691 ± 741, which is three standard deviations of a hypergeometric count."""
    size, wanted = 1_000_000, 555_600
    expected = wanted * wanted / size
    deviation = sqrt(wanted * (wanted / size) * (1 - wanted / size) * (size - wanted) / (size - 1))
    assert (round(expected), round(3 * deviation)) == (308_691, 741)
    one, other = (drawn(size, wanted, name) for name in ("home/x", "home/y"))
    assert abs(len(np.intersect1d(one, other)) - 308_691) <= 741
    small = from_numbers(drawn(10_000, 2000, "home/podcast-shelf").tolist())
    assert small == draw(full(10_000), 2000, seed_of("home/podcast-shelf", 1))


def test_units_fall_into_the_published_bucket() -> None:
    space = Space("user", "user_id", "MegaSalt-confidence-test", 1_000_000)
    assert buckets_of(space, column(["roug"])).tolist() == [567493]
    other = space._replace(salt="MegaSalt-test")
    assert buckets_of(other, column(["user-1", "user-2"])).tolist() == [70125, 298006]


def test_raising_traffic_from_33_to_66_to_100_percent_moves_no_unit() -> None:
    days = [date(2026, 3, 2), date(2026, 3, 9), date(2026, 3, 16)]
    ramp = experiment("ramp", dict(zip(days, (33, 66, 100), strict=True)))
    tree = catalog([ramp, experiment("other", 50)])
    assert [run(tree, day=day).experiments[1].reached.planned * 100 for day in days] == [33, 66, 100]
    shares = [run(tree, day=day).experiments[1] for day in days]
    assert [one.reached.value for one in shares] == pytest.approx([0.33, 0.66, 1], abs=0.006)
    variants = [[assign(tree, ramp, f"unit-{n}", day).variant for n in range(20_000)] for day in days]
    for before, after in pairwise(variants):
        assert sum(old is not None and new != old for old, new in zip(before, after, strict=True)) == 0
        assert after.count(None) < before.count(None)
    assert variants[-1].count(None) == 0


def test_exclusive_experiments_share_no_unit() -> None:
    same = [experiment(name, 30, components=("home/shelf",)) for name in ("a", "b", "c")]
    found = run(catalog([*same, holdback("back", 10), experiment("free", 50)]))
    assert (found.violations.number, found.leaks.number) == (0, 0)
    assert sum(one.exclusive for one in found.overlaps) == 3 + 4
    assert {one.share.number for one in found.overlaps if one.exclusive} == {0}
    assert pair(found, "a", "free").share.value == pytest.approx(0.15, abs=0.02)


def test_ledgers_that_conflict_are_counted() -> None:
    same = [experiment(name, 30, components=("home/shelf",)) for name in ("a", "b")]
    held = {"home/a": from_range(0, 3000), "home/b": from_range(2000, 5000)}
    found = run(catalog(same, held))
    assert found.violations.value == pytest.approx(10_000, abs=4 * 95)
    assert pair(found, "a", "b").share.planned == 0
    assert found.leaks.number == 0


def test_a_waived_pair_is_no_violation() -> None:
    same = [experiment(name, 30, components=("home/shelf",)) for name in ("a", "b")]
    tree = catalog(same, {"home/a": from_range(0, 3000), "home/b": from_range(2000, 5000)})
    place = tree.surfaces["home"].at("waivers", 0)
    waiver = Waiver("home", place, "BKT001", "home/a", "home/b", "copy change", date(2026, 4, 1))
    home = replace(tree.surfaces["home"], waivers=(waiver,))
    found = run(replace(tree, surfaces={"home": home}))
    assert found.violations.number == 0
    assert pair(found, "a", "b").waived
    assert pair(found, "a", "b").share.planned == Fraction(1, 10)
    assert pair(found, "a", "b").share.value == pytest.approx(0.1, abs=0.004)


def test_a_holdback_in_the_buckets_of_an_experiment_leaks_and_keeps_its_units() -> None:
    tree = catalog(
        [holdback("back", 10), experiment("a", 20)],
        {"home/back": from_range(0, 1000), "home/a": from_range(500, 2500)},
    )
    found = run(tree)
    assert found.leaks.value == pytest.approx(5000, abs=4 * 69)
    assert found.violations.number == 0
    a = found.experiments[0]
    assert a.experiment.name == "a"
    assert a.reached.value == pytest.approx(0.15, abs=0.005)  # less than planned, and chi-square says so
    assert a.fit.p_value is not None
    assert a.fit.p_value < 1e-10


def test_the_same_audience_overlaps_and_disjoint_ones_share_buckets_but_no_unit() -> None:
    se, us = ({"country": frozenset({name})} for name in ("SE", "US"))
    same = [
        experiment("se", 60, components=("home/shelf",), audience=se),
        experiment("us", 70, components=("home/shelf",), audience=us),
    ]
    tree = catalog(same)
    found = run(tree)
    assert count(held_on(tree, same[0], DAY) & held_on(tree, same[1], DAY)) >= 3000
    assert found.violations.number == 0
    assert [one.reached.value for one in found.experiments] == pytest.approx([0.6, 0.7], abs=0.01)
    eligible = [one.reached.of / UNITS for one in found.experiments]
    assert eligible == pytest.approx([0.25, 0.5], abs=0.005)
    burned = [one.burned / UNITS for one in found.experiments]
    assert burned == pytest.approx([0.6 * 0.75, 0.7 * 0.5], abs=0.005)


def test_spaces_of_one_unit_are_compared_and_those_of_others_are_not() -> None:
    tree = catalog(
        [experiment("a", 40), experiment("b", 50, space="other-salt"), experiment("c", 30, space="device")]
    )
    found = run(tree)
    assert [(one.a.name, one.b.name) for one in found.overlaps] == [("a", "b")]
    assert found.overlaps[0].share.value == pytest.approx(0.2, abs=4 * 0.00127)
    assert found.overlaps[0].share.planned == Fraction(1, 5)
    assert [one.randomised for one in found.at_once] == ["user_id", "device_id"]
    assert found.at_once[0].mean.value == pytest.approx(0.9, abs=0.01)
    assert found.at_once[1].mean.value == pytest.approx(0.3, abs=0.01)


def test_who_is_not_in_force_or_has_no_ledger_is_said() -> None:
    later = experiment("later", {date(2026, 3, 20): 10})
    draft = experiment("draft", 10, draft=True)
    tree = catalog([experiment("bare", 20), later, draft], {})
    found = simulate(tree, [*tree.active, *tree.drafts], made_up(tree, 1000, 1), DAY)
    assert [one.name for one in found.idle] == ["later", "draft"]
    assert [one.buckets for one in found.experiments] == [None]
    assert found.experiments[0].reached.number == 0


def test_nothing_in_force() -> None:
    tree = catalog([experiment("a")])
    found = run(tree, day=date(2027, 1, 1))
    assert (found.experiments, found.overlaps, found.at_once) == ((), (), ())
    assert [one.key for one in found.idle] == ["home/a"]


def test_the_holdback_of_an_experiment_comes_with_it() -> None:
    tree = catalog([holdback("back", 5), experiment("a"), experiment("b")])
    found = simulate(tree, [tree.experiments["home/a"]], made_up(tree, 1000, 1), DAY)
    assert [one.experiment.name for one in found.experiments] == ["a", "back"]


ARMS = (Variant("a", 5, None), Variant("b", 3, None), Variant("c", 2, None))


def organisation() -> Catalog:
    """Something of everything."""
    se = {"country": frozenset({"SE"}), "platform": frozenset({"ios", "android"})}
    return catalog(
        [
            experiment("arms", 40, variants=ARMS),
            experiment("shelf-1", 30, components=("home/shelf",), audience=se),
            experiment("shelf-2", 60, components=("home/shelf",)),
            experiment("devices", 25, space="device"),
            experiment("salt", 50, space="other-salt"),
            holdback("back", 7),
        ]
    )


def by_one(tree: Catalog, batches: Sequence[Batch]) -> tuple[Counter[str], Counter[tuple[str, str]]]:
    """What assigning one unit after the other gives: results by name, and how many are in both of a pair."""
    inside: Counter[str] = Counter()
    both: Counter[tuple[str, str]] = Counter()
    running = [one for one in tree.active if in_force(one, DAY)]
    for batch in batches:
        offsets = batch.units.offsets.tolist()
        ids = [bytes(batch.units.data[low:high]).decode() for low, high in pairwise(offsets)]
        values = {name: array.to_pylist() for name, array in batch.contexts.items()}
        for number, unit in enumerate(ids):
            context = {name: known[number] for name, known in values.items() if known[number] is not None}
            mine = [one for one in running if _counts(tree, one, unit, context, inside)]
            for a in mine:
                for b in mine:
                    if a.key < b.key:
                        both[a.key, b.key] += 1
    return inside, both


def _counts(tree: Catalog, one: Experiment, unit: str, context: dict[str, str], inside: Counter[str]) -> bool:
    found = assign(tree, one, unit, DAY, context)
    if not one.variants:
        held = held_on(tree, one, DAY) >> bucket_of(tree.spaces[one.space], unit) & 1
        inside[one.key] += held
        return bool(held)
    if found.reason is Reason.ASSIGNED:
        inside.update([one.key, f"{one.key}/{found.variant}"])
        return True
    return False


def test_it_counts_what_assigning_one_by_one_gives() -> None:
    tree = organisation()
    pieces = list(made_up(tree, 3000, 5, batch=700))
    found = simulate(tree, tree.active, pieces, DAY)
    inside, both = by_one(tree, [piece.make() for piece in pieces])
    counted = {one.experiment.key: one.reached.number for one in found.experiments}
    counted |= {
        f"{one.experiment.key}/{name}": share.number
        for one in found.experiments
        for name, share in one.variants
    }
    assert counted == {key: inside[key] for key in counted}
    assert len(counted) == 6 + 3 + 2 * 4
    pairs = {(one.a.key, one.b.key): one.share.number for one in found.overlaps}
    assert pairs == {key: both[key] for key in pairs}
    assert len(pairs) == 10
    assert sum(pairs.values()) > 1000


@pytest.mark.parametrize(("batch", "threads"), [(64, 1), (977, 2), (3000, 3), (10**6, 2)])
def test_batches_and_threads_change_nothing(batch: int, threads: int) -> None:
    tree = organisation()
    one = simulate(tree, tree.active, made_up(tree, 3000, 5, 2), DAY, replicates=2, threads=1)
    other = simulate(tree, tree.active, made_up(tree, 3000, 5, 2, batch), DAY, replicates=2, threads=threads)
    assert one == other


def test_seeds_make_other_units_and_the_same_seed_the_same() -> None:
    tree = organisation()
    one, same, other = (
        simulate(tree, tree.active, made_up(tree, 3000, seed), DAY).experiments for seed in (1, 1, 2)
    )
    assert one == same
    assert one != other


def test_standard_errors_of_replicates_are_those_of_independent_units() -> None:
    tree = organisation()
    alone, often = run(tree, 2000), run(tree, 2000, replicates=200)
    for one, many in zip(alone.experiments, often.experiments, strict=True):
        # the spread of 200 replicates of a share is known to about 5%; the audience varies a little, too
        assert many.reached.se * sqrt(200) == pytest.approx(one.reached.se, rel=0.25)
        assert abs(many.reached.value - float(many.reached.planned)) < 4 * many.reached.se
    assert often.at_once[0].mean.se * sqrt(200) == pytest.approx(alone.at_once[0].mean.se, rel=0.2)
    fine = [overlap for overlap in often.overlaps if not overlap.wrong]
    assert len(fine) == 9  # the holdback is of another space than one of those it must keep units from
    for overlap in fine:
        assert abs(overlap.share.value - float(overlap.share.planned)) <= 4 * overlap.share.se


def test_chi_square_is_uniform_where_all_is_well() -> None:
    """Of 400 p-values about a tenth are below 0.1, and hardly any below 0.001."""
    tree = catalog([experiment(f"e{n}", 5 + 2 * n, variants=ARMS) for n in range(20)])
    found = [
        one.fit.p_value
        for seed in range(20)
        for one in simulate(tree, tree.active, made_up(tree, 4000, seed), DAY).experiments
    ]
    known = [p for p in found if p is not None]
    assert len(known) == 400
    assert 20 <= sum(p < 0.1 for p in known) <= 62
    assert sum(p < 0.001 for p in known) <= 4


def test_units_without_their_dimensions_are_not_eligible() -> None:
    tree = catalog([experiment("se", 50, audience={"country": frozenset({"SE"})})])
    units = column([f"u{n}" for n in range(1000)])
    countries = pa.array(["SE", None, "US", "se", "ZZ"] * 200, pa.string())
    known, unknown = Batch(units, {"country": countries}), Batch(units, {})
    found = simulate(tree, tree.active, [Piece(0, lambda: known), Piece(0, lambda: unknown)], DAY)
    assert found.units == 2000
    assert found.experiments[0].reached.of == 200
