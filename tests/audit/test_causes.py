"""Causes: each is found, and of several the first in the order applies."""

import json
import random
from collections import Counter
from fractions import Fraction
from itertools import product
from pathlib import Path

import pytest

from audit.run import audited, counts
from audit.worlds import DIMENSIONS, HEADER, Plan, Row, World, right_row, slot, some
from coord.analysis import audit_rows
from coord.analysis.audit import audit, layout_of
from coord.analysis.audit_rows import Gathered
from coord.config.files import MemoryFiles
from coord.config.load import load
from coord.logs import csv_rows
from coord.logs.reader import Batch, Reading
from coord.report.audit import render
from logs.files import write

ORDER = (
    "unusable",
    "unknown_experiment",
    "unknown_variant",
    "outside_dates",
    "not_eligible",
    "held_back",
    "not_allocated",
    "wrong_variant",
)


@pytest.fixture
def world() -> World:
    chance = random.Random(1)
    kept = some(chance, 100)
    return World(
        [
            Plan("home/holdback", 0, 28, {0: kept}, kind="holdback"),
            Plan("home/test", 7, 21, {7: some(chance, 400)}, audience={"country": ["SE"]}),
        ]
    )


def _row(world: World, wrong: dict[str, bool]) -> Row:
    """A row with every one of these faults, and no other."""
    holdback, plan = world.plans
    for number in range(100_000):
        unit = f"u{number}"
        bucket = slot(f"MegaSalt-acme|{unit}", 1000)
        faults = bucket in holdback.steps[0], bucket not in plan.steps[7]
        if faults == (wrong["held_back"], wrong["not_allocated"]):
            break
    arm = plan.arm(unit)
    arm = arm if not wrong["wrong_variant"] else "control" if arm == "treatment" else "treatment"
    return Row(
        None if wrong["unusable"] else (3 if wrong["outside_dates"] else 10) * 86_400,
        unit,
        "home/other" if wrong["unknown_experiment"] else "home/test",
        "blue" if wrong["unknown_variant"] else arm,
        "US" if wrong["not_eligible"] else "SE",
    )


def test_of_every_set_of_faults_the_first_is_the_cause(world: World, tmp_path: Path) -> None:
    """All 256 sets, so every pair; rows can be held back outside of the dates, as the holdback is longer."""
    expected, rows = [], []
    for faults in product([False, True], repeat=len(ORDER)):
        wrong = dict(zip(ORDER, faults, strict=True))
        rows.append(_row(world, wrong))
        expected.append(next((cause for cause in ORDER if wrong[cause]), "ok"))
        assert world.cause(rows[-1]) == expected[-1]
    assert counts(audited(world, rows, tmp_path)) == Counter(expected)
    for place, row in enumerate(rows):
        alone = audited(world, [row], tmp_path)
        assert counts(alone) == {expected[place]: 1}, row


@pytest.mark.parametrize("seed", range(12))
def test_every_row_is_judged_as_by_a_second_implementation(seed: int, tmp_path: Path) -> None:
    world, rows = _random(seed)
    expected = Counter(map(world.cause, rows))
    found = audited(world, rows, tmp_path)
    assert counts(found) == expected
    assert found.rows == sum(expected.values())
    usable = [row for row in rows if world.cause(row) != "unusable"]
    assert found.units == len({row.unit for row in usable})
    for one, by_cause in found.by_experiment:
        mine = [row for row in usable if row.experiment == one.logged_as]
        assert {k.value: n for k, n in by_cause.items() if n} == Counter(map(world.cause, mine)), one.key
    for day, by_cause in found.by_day:
        assert day is not None
        mine = [row for row in usable if row.cells[0].startswith(day.isoformat())]
        assert {k.value: n for k, n in by_cause.items() if n} == Counter(map(world.cause, mine)), day
    for name, value, by_cause in found.by_dimension:
        mine = [
            row
            for row in usable
            if (getattr(row, name) if getattr(row, name) in DIMENSIONS[name] else None) == value
        ]
        assert {k.value: n for k, n in by_cause.items() if n} == Counter(map(world.cause, mine)), (
            name,
            value,
        )


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("header", [HEADER[:4], HEADER[:5], (*HEADER[:4], "platform")], ids=len)
def test_dimensions_that_are_no_columns_are_taken_for_granted(
    seed: int, header: tuple[str, ...], tmp_path: Path
) -> None:
    world, rows = _random(seed)
    expected = Counter(world.cause(row, header[4:]) for row in rows)
    found = audited(world, rows, tmp_path, header=header)
    assert counts(found) == expected
    missing = {*DIMENSIONS} - {*header}
    asked = {plan.key: sorted(missing & {*plan.audience}) for plan in world.plans if plan.kind != "holdback"}
    seen = {one.key for one, _ in found.by_experiment}
    assert found.assumed == {key: names for key, names in asked.items() if names and key in seen}


@pytest.mark.parametrize("seed", range(3))
def test_batches_order_files_and_formats_do_not_matter(seed: int, tmp_path: Path) -> None:
    world, rows = _random(seed)
    whole = _comparable(audited(world, rows, tmp_path / "whole"))
    for at_once, parts, suffix in [
        (1, 1, "csv"),
        (17, 3, "csv.gz"),
        (100, 2, "parquet"),
        (10_000, 7, "csv.zst"),
    ]:
        random.Random(seed).shuffle(rows)
        folder = tmp_path / f"{at_once}"
        found = audited(world, rows, folder, at_once=at_once, parts=parts, suffix=suffix)
        assert _comparable(found) == whole


def _comparable(found: object) -> dict[str, object]:
    """Everything but what is about places in files."""
    assert hasattr(found, "__slots__")
    left_out = {"files", "examples", "first_rejects"}
    return {name: getattr(found, name) for name in found.__slots__ if name not in left_out}


def _random(seed: int) -> tuple[World, list[Row]]:
    """A world with traffic that grows, holdbacks, a draft, two spaces; about half of the rows are right."""
    chance = random.Random(seed)
    plans = [
        Plan("home/holdback", 3, 20, {3: some(chance, 150)}, kind="holdback"),
        Plan("home/back-se", 0, 28, {0: some(chance, 80)}, kind="holdback", audience={"country": ["SE"]}),
        Plan("home/draft", 0, 28, {0: some(chance, 100)}, draft=True),
        Plan("home/no-ledger", 0, 28, {0: some(chance, 100)}, ledger=False, components=["footer"]),
        Plan("tv/autoplay", 2, 16, {2: some(chance, 250, 500)}, space="device", components=["shelf"]),
    ]
    for number in range(6):
        start = chance.randrange(0, 10)
        first = some(chance, chance.randrange(200, 400))
        steps = {start: first, start + 3: first | some(chance, 200, besides=first)}
        arms = chance.choice([{"control": 1, "treatment": 1}, {"a": 1, "b": 2, "c": 7}, {"on": 1}])
        plans.append(
            Plan(
                f"home/test-{number}",
                start,
                start + chance.randrange(4, 14),
                steps if number % 2 else {start: first},
                arms,
                chance.choice([{}, {"country": ["SE", "US"]}, {"country": ["SE"], "platform": ["ios"]}]),
                kind="rollout" if len(arms) == 1 else "ab_test",
                components=[chance.choice(["header", "shelf"])],
                salt=chance.choice([None, f"salt-{number}"]),
                logged_as=chance.choice([None, f"test_{number}"]),
                arms_logged_as=chance.choice([{}, {"control": "0", "a": "1", "b": "0"}]),
            )
        )
    world = World(plans)
    return world, [_random_row(world, chance) for _ in range(1500)]


def _random_row(world: World, chance: random.Random) -> Row:
    plan = chance.choice([plan for plan in world.plans if plan.kind != "holdback"])
    if chance.random() < 0.4 and not plan.draft and plan.ledger:
        return right_row(world, plan, chance)
    unit = f"user-{chance.randrange(400)}"
    days = (0, 30) if chance.random() < 0.2 else (plan.start, plan.end)
    inside = [chance.choice(plan.audience.get(name, values)) for name, values in DIMENSIONS.items()]
    anywhere = [chance.choice([*values, "other", ""]) for values in DIMENSIONS.values()]
    return Row(
        chance.choice([None, *[chance.randrange(days[0] * 86_400, days[1] * 86_400)] * 30]),
        chance.choice(["", "u" * 101, *[unit] * 40]),
        chance.choice([plan.logged] * 20 + ["home/unknown", "home/holdback"]),
        chance.choice([plan.arm(unit), plan.arm(unit), *plan.arms, "blue"]),
        *(inside if chance.random() < 0.8 else anywhere),
    )


def test_adaptive_weights_are_not_compared_and_all_else_is(world: World, tmp_path: Path) -> None:
    """The hash does not decide the variant then; SYS001 refuses it, and logs of it may exist all the same."""
    chance, files, path = random.Random(1), world.files(), "surfaces/home/experiments/test.yaml"
    rows = [right_row(world, world.plans[1], chance) for _ in range(40)]
    rows = [row._replace(variant=("control", "treatment")[place % 2]) for place, row in enumerate(rows)]
    rows[0], rows[1] = rows[0]._replace(variant="blue"), rows[1]._replace(seconds=0)
    rows[2] = rows[2]._replace(country="US")
    experiment = json.loads(files[path])
    experiment["variants"] = [{**variant, "weight": "adaptive"} for variant in experiment["variants"]]
    files[path] = json.dumps(experiment)
    tree = load(MemoryFiles({name: text.encode() for name, text in files.items()}))
    assert not tree.broken
    log = write(tmp_path / "x.csv", [row.cells for row in rows], HEADER)
    found = audit(tree.catalog, Reading([str(log)], layout_of(tree.catalog)))
    assert counts(found) == {"ok": 37, "unknown_variant": 1, "outside_dates": 1, "not_eligible": 1}
    assert found.adaptive == ["home/test"]
    told = render(found, Fraction(1), color=False)
    assert "home/test has adaptive weights: its variants were not compared.\n" in told


def test_long_rows_are_looked_at_in_smaller_portions(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Memory is bounded by bytes as well as by rows, and what is found is the same."""
    rows = [right_row(world, world.plans[1], random.Random(seed)) for seed in range(300)]
    rows += [row._replace(experiment=f"{place}{'x' * 9000}") for place, row in enumerate(rows)]
    sizes: list[int] = []
    together = audit_rows._together

    def watched(batches: list[Batch]) -> Gathered:
        sizes.append(sum(batch.columns.nbytes for batch in batches))
        return together(batches)

    monkeypatch.setattr(audit_rows, "_together", watched)
    monkeypatch.setattr(csv_rows, "BLOCK", 100_000)
    whole = _comparable(audited(world, rows, tmp_path))
    assert len(sizes) == 1
    monkeypatch.setattr(audit_rows, "_BYTES", 500_000)
    assert _comparable(audited(world, rows, tmp_path)) == whole
    assert len(sizes) > 5
    assert max(sizes[1:]) < 500_000


@pytest.mark.parametrize("seed", range(12))
def test_units_in_exclusive_pairs_are_counted_exactly(seed: int, tmp_path: Path) -> None:
    world, rows = _random(seed)
    found = audited(world, rows, tmp_path, at_once=200)
    assert found.pairs
    assert {(pair.a, pair.b): pair.units for pair in found.pairs} == world.pairs(rows)


def test_leaks_are_counted_by_holdback_and_of_several_the_first_by_name(tmp_path: Path) -> None:
    world, rows = _random(1)
    backs = sorted((plan for plan in world.plans if plan.kind == "holdback"), key=lambda plan: plan.key)
    leaked: dict[str, list[str]] = {plan.key: [] for plan in backs}
    for row in rows:
        if world.cause(row) == "held_back":
            bucket = slot(f"MegaSalt-acme|{row.unit}", 1000)
            holds = [b for b in backs if bucket in b.held(row.offset)]
            fits = [b for b in holds if row.country in b.audience.get("country", [row.country])]
            leaked[fits[0].key].append(row.unit)
    assert all(len(units) > 10 for units in leaked.values())
    found = audited(world, rows, tmp_path, at_once=100)
    expected = [(key, len(units), len({*units})) for key, units in leaked.items()]
    assert [tuple(leak) for leak in found.leaks] == expected
