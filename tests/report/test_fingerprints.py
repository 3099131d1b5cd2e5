"""A finding keeps its fingerprint while it is about the same, and no two share one."""

from coord.domain.findings import Severity
from coord.report.fingerprints import fingerprints
from report.results import finding


def _one(**changes: object) -> str:
    (mark,) = fingerprints([finding(**changes)])  # type: ignore[arg-type]
    return mark


def test_lines_figures_and_severity_do_not_matter() -> None:
    before = _one()
    assert _one(number=70) == before
    assert _one(message="more buckets than yesterday", severity=Severity.WARNING, new=True) == before
    assert _one(data={"reasons": []}) == before


def test_what_else_is_found_does_not_matter() -> None:
    own, other = finding(50), finding(3, experiment="home/z")
    assert fingerprints([other, own])[1] == fingerprints([own])[0] == fingerprints([own, other])[0]


def test_a_pair_is_the_same_from_either_side() -> None:
    swapped = _one(experiment="home/b", others=("home/a",), path="surfaces/home/experiments/b.yaml")
    assert swapped == _one()


def test_other_rules_experiments_and_places_are_others() -> None:
    marks = [
        _one(),
        _one(code="LIF005"),
        _one(others=("home/c",)),
        _one(code="MET001", others=(), pointer=("metrics", "success", 0)),
        _one(code="MET001", others=(), pointer=("metrics", "guardrail", 0)),
        _one(code="MET001", others=(), pointer=("metrics", "guardrail", 0), experiment="home/b"),
        _one(code="SYN003", others=(), experiment=None),
        _one(code="SYN003", others=(), experiment=None, path="surfaces/coord.yaml"),
    ]
    assert len(set(marks)) == len(marks)


def test_an_item_before_it_in_a_list_does_not_matter() -> None:
    first, third = (_one(code="SYN003", others=(), pointer=("variants", n, "weight")) for n in (0, 2))
    assert first == third


def test_a_budget_is_known_by_its_limit_and_not_by_who_takes_part() -> None:
    limit = {"limit": "component", "component": "home/header", "team": None}
    mark = _one(code="BUD001", data=limit)
    assert _one(code="BUD001", data=limit, experiment="home/z", others=("home/b", "home/c", None)) == mark
    assert _one(code="BUD001", data={**limit, "component": "home/footer"}) != mark
    drafts = [_one(code="BUD006", data=limit, experiment=name) for name in ("home/d", "home/e")]
    assert len({mark, *drafts}) == 3


def test_equal_ones_are_numbered_by_place_whatever_their_order() -> None:
    upper, lower = finding(10, new=False), finding(20, new=True)
    first, second = fingerprints([upper, lower])
    assert fingerprints([lower, upper]) == [second, first]
    assert (first[-2:], second[-2:]) == (":1", ":2")
    assert first[:-2] == second[:-2]
