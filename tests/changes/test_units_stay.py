"""The heart of `--base`: no sequence of changes that it lets through moves a unit of a started experiment.

Not to another variant, not out (but by the end), not into an experiment that must be exclusive with one it is
in. Units are assigned by real hashes, in an implementation that shares nothing with the product; changes are
of every kind, honest, careless and forged; days pass between them. That the machinery would notice is shown
by taking rules away, one by one.
"""

from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from changes.moves import MOVES
from changes.moves_of_fields import FIELDS
from changes.simulation import Wrong, simulate
from coord.domain.change.field import Comparison, FieldChange
from coord.domain.change.growing import GROWING
from coord.domain.change.table import TABLE, Treatment

SEEDS = st.integers(0, 2**32 - 1)


@settings(max_examples=100)
@given(SEEDS, st.lists(SEEDS, min_size=1, max_size=10))
def test_no_changes_that_are_let_through_move_a_unit(organisation: int, changes: list[int]) -> None:
    simulate(organisation, changes)


def test_a_good_share_of_the_changes_is_let_through_and_of_every_kind_some_are_tried() -> None:
    counts: Counter[tuple[str, bool]] = Counter()
    for number in range(25):
        counts += simulate(number, [1000 * number + change for change in range(12)]).counts
    tried = Counter(kind for (kinds, _), n in counts.items() for kind in kinds.split("+") * n)
    passed = sum(n for (_, through), n in counts.items() if through)
    assert 0.25 < passed / counts.total() < 0.6
    assert {kind for kind in MOVES if not kind.startswith("field ")} <= tried.keys()


# Each rule, and kinds of changes among which it is the one that says no. CHG006 is about results, not units.
RULES = {
    "CHG001": ["field"],
    "CHG002": ["field traffic"],
    "CHG003": ["redrawn", "forged", "ledger edited"],
    "CHG004": ["coord"],
    "CHG005": ["gone"],
    "BKT001": ["redrawn", "forged", "new experiment", "field end", "field exclusive_with"],
    "BKT003": ["field traffic", "ledger edited"],
    "BKT004": ["forged"],
    "LIF001": ["field start", "new experiment"],
    "LIF003": ["field end", "revived"],
}
MOST_ORGANISATIONS = 100


@pytest.mark.parametrize("code", RULES)
def test_without_a_rule_units_are_moved(code: str) -> None:
    assert _a_counterexample(RULES[code], ignoring={code})


def _a_counterexample(kinds: list[str], ignoring: set[str] | None = None) -> str | None:
    for number in range(MOST_ORGANISATIONS):
        try:
            simulate(number, [1000 * number + change for change in range(4)], ignoring or (), kinds)
        except Wrong as found:
            return str(found)
    return None


@pytest.mark.parametrize("field", ["salt", "variants", "audience", "status", "start", "components", "holds"])
def test_without_a_frozen_field_units_are_moved(field: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert TABLE["experiment"][field] is Treatment.FROZEN
    monkeypatch.setitem(TABLE["experiment"], field, Treatment.FREE)
    assert field in FIELDS
    assert _a_counterexample([f"field {field}"])


@pytest.mark.parametrize("field", ["traffic", "end", "exclusive_with"])
def test_without_a_judgement_of_growth_units_are_moved(field: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def safe(both: Comparison, change: FieldChange) -> Iterator[FieldChange]:
        yield change

    monkeypatch.setitem(GROWING, field, safe)
    assert _a_counterexample([f"field {field}"])
