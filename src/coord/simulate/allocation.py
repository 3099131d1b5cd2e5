"""Allocation with real hashes: what shares come out, who overlaps whom, and whether isolation holds."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import date
from fractions import Fraction
from itertools import combinations

from coord.allocation.assign import held_on, holdbacks_of, in_force
from coord.domain.catalog import Catalog
from coord.domain.exclusivity import must_be_exclusive
from coord.domain.model import VARIANT_SLOTS, Experiment, Kind
from coord.domain.waivers import pair_waived
from coord.simulate.counting import Counter, Counts
from coord.simulate.results import AtOnce, ExperimentShares, Figure, Overlap, Simulated, between, share_of
from coord.simulate.threads import in_order
from coord.simulate.units import Piece
from coord.stats.chi_square import fit


def simulate(
    catalog: Catalog,
    chosen: Collection[Experiment],
    pieces: Iterable[Piece],
    day: date,
    *,
    seed: int | None = None,
    replicates: int = 1,
    threads: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> Simulated:
    """Assign every unit to every experiment that is in force on the day, and count.

    The holdbacks that keep units out of an experiment come with it. `progress` hears of units that are done.
    """
    running = {experiment.key: experiment for experiment in chosen if in_force(experiment, day)}
    for experiment in tuple(running.values()):
        running |= {back.key: back for back in holdbacks_of(catalog, experiment, day)}
    counter = Counter(catalog, tuple(running[key] for key in sorted(running)), day)
    counts = [counter.nothing() for _ in range(replicates)]

    def work(piece: Piece) -> tuple[int, Counts]:
        return piece.replicate, counter.count(piece.make())

    for replicate, found in in_order(work, pieces, threads):
        counts[replicate] += found
        if progress:
            progress(int(found.units))
    idle = tuple(experiment for experiment in chosen if experiment.key not in running)
    return _Result(catalog, counter, counts, day).simulated(seed, idle)


class _Result:
    def __init__(self, catalog: Catalog, counter: Counter, counts: Sequence[Counts], day: date) -> None:
        self.catalog, self.counter, self.counts, self.day = catalog, counter, counts, day
        self.units = [int(one.units) for one in counts]

    def simulated(self, seed: int | None, idle: tuple[Experiment, ...]) -> Simulated:
        overlaps = tuple(self._overlaps())
        wrong = [overlap for overlap in overlaps if overlap.wrong]
        leaks = [overlap for overlap in wrong if Kind.HOLDBACK in {overlap.a.kind, overlap.b.kind}]
        return Simulated(
            self.day,
            self.units[0],
            seed,
            len(self.counts),
            tuple(self._shares(place) for place in range(len(self.counter.running))),
            overlaps,
            tuple(self._at_once(place) for place in range(len(self.counter.randomised))),
            idle,
            self._total([overlap for overlap in wrong if overlap not in leaks]),
            self._total(leaks),
        )

    def _shares(self, place: int) -> ExperimentShares:
        experiment = self.counter.running[place]
        traffic = experiment.traffic_on(self.day)
        eligible = [int(one.eligible[place]) for one in self.counts]
        inside = [int(one.inside[place]) for one in self.counts]
        variants = []
        for arm, (name, low, high) in enumerate(experiment.ranges):
            numbers = [int(one.variants[place, arm]) for one in self.counts]
            variants.append((name, share_of(numbers, inside, Fraction(high - low, VARIANT_SLOTS))))
        cells = [(share.number, share.planned) for _, share in variants] or [(sum(inside), Fraction(1))]
        ledger = experiment.key in self.catalog.holdings
        return ExperimentShares(
            experiment,
            share_of(inside, eligible, traffic),
            tuple(variants),
            fit(
                [sum(eligible) - sum(inside), *(number for number, _ in cells)],
                [1 - traffic, *(traffic * share for _, share in cells)],
            ),
            sum(int(one.burned[place]) for one in self.counts),
            held_on(self.catalog, experiment, self.day).bit_count() if ledger else None,
        )

    def _overlaps(self) -> Iterator[Overlap]:
        """Every pair that randomises the same units."""
        for a, b in combinations(range(len(self.counter.running)), 2):
            if self.counter.unit_of(a) == self.counter.unit_of(b):
                yield self._overlap(a, b)

    def _overlap(self, a: int, b: int) -> Overlap:
        one, other = self.counter.running[a], self.counter.running[b]
        audiences = self.counter.audience_of[a], self.counter.audience_of[b]
        eligible = sum(int(counts.eligible_both[audiences]) for counts in self.counts)
        both = Fraction(eligible, sum(self.units)) if eligible else Fraction(0)
        independent = one.traffic_on(self.day) * other.traffic_on(self.day) * both
        planned, exclusive = independent, must_be_exclusive(one, other)
        waived = exclusive and pair_waived(self.catalog, one, other)
        if exclusive and not waived:
            planned = Fraction(0)
        elif one.space == other.space:
            common = held_on(self.catalog, one, self.day) & held_on(self.catalog, other, self.day)
            planned = Fraction(common.bit_count(), self.catalog.spaces[one.space].buckets) * both
        shared = [int(counts.both[a, b]) for counts in self.counts]
        share = share_of(shared, self.units, planned)
        return Overlap(one, other, share, eligible, independent, exclusive, waived)

    def _at_once(self, place: int) -> AtOnce:
        """The plan is the sum of what every experiment should reach of the units eligible for it."""
        histogram: list[int] = sum(one.at_once[place] for one in self.counts).tolist()
        while len(histogram) > 1 and not histogram[-1]:
            histogram.pop()
        totals = [sum(k * int(units) for k, units in enumerate(one.at_once[place])) for one in self.counts]
        planned = Fraction(0)
        for p in self.counter.kept_out_by:
            if self.counter.unit_of(p) == self.counter.randomised[place]:
                eligible = sum(int(one.eligible[p]) for one in self.counts)
                planned += self.counter.running[p].traffic_on(self.day) * eligible
        units = sum(self.units)
        mean = sum(totals) / units if units else 0.0
        spread = sum(many * (k - mean) ** 2 for k, many in enumerate(histogram))
        se = between(totals, self.units) if len(totals) > 1 else (spread**0.5 / units if units else 0.0)
        figure = Figure(sum(totals), units, planned / units if units else Fraction(0), se)
        return AtOnce(self.counter.randomised[place], tuple(histogram), figure)

    def _total(self, overlaps: Sequence[Overlap]) -> Figure:
        """Units that are in both of some pairs, for each replicate."""
        number = sum(overlap.share.number for overlap in overlaps)
        se = sum(overlap.share.se**2 for overlap in overlaps) ** 0.5 * self.units[0]
        return Figure(number, len(self.counts), Fraction(0), se)
