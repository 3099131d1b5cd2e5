"""Whom an experiment meets, against Python sets of buckets counted day by day."""

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

from hypothesis import HealthCheck, given, settings

from coord.config.files import MemoryFiles
from coord.config.load import load
from coord.domain.catalog import Catalog
from coord.domain.waivers import pair_waived
from coord.status.meetings import Meeting, meetings
from oracle.brute_force import audiences_meet, belongs, days_of, held, reasons, runs, space_of, traffic
from oracle.examples import day, experiment, organisation
from oracle.organisations import organisations, to_files
from oracle.shapes import Entry, Experiment, Ledger, Organisation, Step

Told = tuple[str, date, date, Fraction | None, int | None, bool]

ONE = timedelta(days=1)


def _catalog(org: Organisation) -> Catalog:
    return load(MemoryFiles({path: text.encode() for path, text in to_files(org).items()})).catalog


@settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
@given(organisations())
def test_meetings_equal_the_brute_force(org: Organisation) -> None:
    catalog = _catalog(org)
    for one in org.experiments:
        found = meetings(catalog, catalog.experiments[one.key])
        assert {_told(m) for m in found} == set(_expected(org, catalog, one)), one.key
        shares = [-1 if m.share is None else m.share for m in found]
        assert shares == sorted(shares, reverse=True)
        for meeting in found:
            other = org.experiment(meeting.other.key)
            assert {reason.kind for reason in meeting.reasons} == reasons(org, one, other)


def _told(m: Meeting) -> Told:
    return m.other.key, m.days.start, m.days.end, m.share, m.buckets, m.apart


def _expected(org: Organisation, catalog: Catalog, one: Experiment) -> list[Told]:
    found = []
    for other in org.active:
        common = [d for d in days_of((one, other)) if runs(one, d) and runs(other, d)]
        related = belongs(org, one) & belongs(org, other) or reasons(org, one, other)
        if other.key != one.key and common and related:
            found.append((other.key, *_meeting(org, catalog, one, other, common)))
    return found


def _meeting(
    org: Organisation, catalog: Catalog, one: Experiment, other: Experiment, common: list[date]
) -> tuple[date, date, Fraction | None, int | None, bool]:
    first, last = common[0], common[-1]
    if not audiences_meet(org, one, other):
        return first, last + ONE, Fraction(0), None, True
    if space_of(org, one) != space_of(org, other):
        return (
            first,
            last + ONE,
            None,
            None,
            False,
        )  # the spaces of these organisations have units of their own
    if one.ledger is None or other.ledger is None or one.draft:
        pair = catalog.experiments[one.key], catalog.experiments[other.key]
        apart = reasons(org, one, other) and not pair_waived(catalog, *pair)
        return first, last + ONE, Fraction(0) if apart else traffic(other, last), None, False
    both = [d for d in common if held(one, d) & held(other, d)]
    number = len(held(one, last) & held(other, last))
    share = Fraction(number, len(held(one, last))) if held(one, last) else Fraction(0)
    return (both or common)[0], last + ONE, share, number, False


def test_the_share_is_of_its_own_buckets() -> None:
    """10 of 20 are half of the one and a quarter of the other."""
    small = experiment("small", 2, 12, 20, low=0, components=("home/header",))
    large = experiment("large", 5, 20, 40, low=10, components=("home/body",))
    catalog = _catalog(organisation(small, large))
    (of_small,) = meetings(catalog, catalog.experiments["home/small"])
    (of_large,) = meetings(catalog, catalog.experiments["home/large"])
    assert (of_small.share, of_large.share) == (Fraction(1, 2), Fraction(1, 4))
    assert of_small.buckets == of_large.buckets == 10
    assert of_small.days == of_large.days == (day(5), day(12))


def test_the_days_begin_with_the_first_common_bucket() -> None:
    steps = Step(day(2), Fraction(10, 100)), Step(day(8), Fraction(40, 100))
    ledger = Ledger((Entry(frozenset(range(10))), Entry(frozenset(range(10, 40)))))
    grows = replace(experiment("grows", 2, 20, 40, components=("home/body",)), steps=steps, ledger=ledger)
    stays = experiment("stays", 2, 12, 20, low=30)
    catalog = _catalog(organisation(grows, stays))
    (meeting,) = meetings(catalog, catalog.experiments["home/stays"])
    assert meeting.days == (day(8), day(12))
    assert (meeting.share, meeting.buckets) == (Fraction(1, 2), 10)


def test_without_a_ledger_the_traffic_is_expected_and_exclusive_ones_share_nothing() -> None:
    one = experiment("one", 2, 12, 30)
    free = experiment("free", 2, 12, 40, low=0, components=("home/body",))
    rival = experiment("rival", 2, 12, 40, low=40)
    catalog = _catalog(organisation(one, free, rival))
    first, second = meetings(catalog, catalog.experiments["home/one"])
    assert (first.other.key, first.share, first.exact) == ("home/free", Fraction(40, 100), False)
    assert (second.other.key, second.share, second.exact) == ("home/rival", Fraction(0), False)
