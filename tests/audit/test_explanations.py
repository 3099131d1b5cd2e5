"""What an audit says of mismatches: what was planted, and nothing that was not."""

import random
from dataclasses import replace
from pathlib import Path

import pytest

from audit.run import audited, audited_files, counts
from audit.worlds import HEADER, SPACES, Plan, Row, World, moment, right_row, slot, some
from coord.analysis.audit import Audit
from logs.files import write


@pytest.fixture
def chance() -> random.Random:
    return random.Random(1)


@pytest.fixture
def plan(chance: random.Random) -> Plan:
    return Plan("home/test", 0, 14, {0: some(chance, 300)})


def _rows(world: World, plan: Plan, chance: random.Random, number: int = 600) -> list[Row]:
    return [right_row(world, plan, chance) for _ in range(number)]


def _told(found: Audit) -> list[tuple[str, str]]:
    return [(one.cause.value, one.text) for one in found.explanations]


def test_a_clean_log_needs_no_explanation(plan: Plan, chance: random.Random, tmp_path: Path) -> None:
    world = World([plan])
    found = audited(world, _rows(world, plan, chance), tmp_path)
    assert counts(found) == {"ok": 600}
    assert found.mismatches == found.share == 0
    assert not found.explanations
    assert not found.examples


def test_mismatches_without_a_pattern_are_not_explained(
    plan: Plan, chance: random.Random, tmp_path: Path
) -> None:
    """A tenth of the rows has a random variant: no salt and no exchange explains it."""
    world = World([plan])
    rows = [
        row._replace(variant=chance.choice(["control", "treatment"])) if chance.random() < 0.1 else row
        for row in _rows(world, plan, chance)
    ]
    found = audited(world, rows, tmp_path)
    assert counts(found)["wrong_variant"] > 10
    assert not found.explanations


SALTS = {
    "home/test": "its name",
    "test": "its short name",
    "test_a": "what logs call it",
    "MegaSalt-acme": "the salt of its space",
}


@pytest.mark.parametrize("salt", SALTS)
def test_another_salt(salt: str, plan: Plan, chance: random.Random, tmp_path: Path) -> None:
    plan = replace(plan, salt="its-salt", logged_as="test_a")
    world = World([plan])
    rows = [row._replace(variant=plan.arm(row.unit, salt)) for row in _rows(world, plan, chance)]
    ((cause, text),) = _told(audited(world, rows, tmp_path))
    assert cause == "wrong_variant"
    assert text.endswith(
        f" units looked at have the variant that was logged if the salt is {salt} ({SALTS[salt]}), and its "
        "salt is its-salt"
    )


def test_an_unknown_salt_is_not_guessed(plan: Plan, chance: random.Random, tmp_path: Path) -> None:
    world = World([plan])
    rows = [row._replace(variant=plan.arm(row.unit, "nobody's")) for row in _rows(world, plan, chance)]
    assert not audited(world, rows, tmp_path).explanations


def test_a_salt_that_fits_by_chance_is_not_told(chance: random.Random, tmp_path: Path) -> None:
    """With 99 to 1 nearly every salt gives nearly every unit the same variant."""
    plan = Plan("home/test", 0, 14, {0: some(chance, 300)}, {"control": 99, "treatment": 1}, salt="its-salt")
    world = World([plan])
    rows = [row._replace(variant="control") for row in _rows(world, plan, chance, 2000)]
    found = audited(world, rows, tmp_path)
    assert counts(found)["wrong_variant"] > 5
    assert not found.explanations


def test_exchanged_variants(plan: Plan, chance: random.Random, tmp_path: Path) -> None:
    plan = replace(plan, arms={"a": 1, "b": 1, "c": 1})
    world, other = World([plan]), {"a": "a", "b": "c", "c": "b"}
    rows = [row._replace(variant=other[row.variant]) for row in _rows(world, plan, chance)]
    rows[:3] = [row._replace(variant="a") for row in rows[:3]]
    ((cause, text),) = _told(audited(world, rows, tmp_path))
    assert cause == "wrong_variant"
    assert text.startswith("variants are exchanged in 59")
    assert text.endswith(" of 600 rows: by the hash, what is logged as b is c, c is b")


def test_rows_around_the_borders(plan: Plan, chance: random.Random, tmp_path: Path) -> None:
    world = World([plan])
    early = [Row(-3 * 3600, "u1", "home/test", "control"), Row(-60, "u2", "home/test", "control")]
    late = [Row(14 * 86_400 + 4 * 3600, "u3", "home/test", "control")]
    found = audited(world, [*_rows(world, plan, chance, 5), *early, *late], tmp_path)
    assert _told(found) == [
        (
            "outside_dates",
            "2 rows before its start 2026-03-02, the first at 2026-03-01 21:00:00 and 1 row after its end "
            "2026-03-16, the last at 2026-03-16 04:00:00; all within 4 hours, as with local times instead of "
            "UTC, or a switch that was not made at midnight UTC",
        )
    ]
    far = Row(20 * 86_400, "u3", "home/test", "control")
    assert "all within" not in _told(audited(world, [far], tmp_path))[0][1]
    assert far.cells[0] == moment(20)


def test_drafts_and_experiments_without_a_ledger(chance: random.Random, tmp_path: Path) -> None:
    draft = Plan("home/draft", 0, 14, {0: some(chance, 100)}, draft=True)
    bare = Plan("home/bare", 0, 14, {0: some(chance, 100)}, ledger=False, components=["shelf"])
    rows = [Row(0, "u", plan.key, "control") for plan in (draft, bare)]
    assert _told(audited(World([draft, bare]), rows, tmp_path)) == [
        ("not_allocated", "it has no ledger, so no unit is in it (`coord allocate home/bare`)"),
        ("outside_dates", "it is a draft, and is never in force"),
    ]


def test_units_that_come_in_with_a_later_step(chance: random.Random, tmp_path: Path) -> None:
    first = some(chance, 100)
    plan = Plan("home/test", 0, 14, {0: first, 5: first | some(chance, 800, besides=first)})
    world = World([plan])
    rows = [row._replace(seconds=(row.seconds or 0) % (5 * 86_400)) for row in _rows(world, plan, chance)]
    found = audited(world, rows, tmp_path)
    coming = counts(found)["not_allocated"]
    assert coming > 100
    assert _told(found)[0] == (
        "not_allocated",
        f"{coming} rows are of units that come in with a traffic step after the row's day",
    )


def test_buckets_of_another_space(plan: Plan, chance: random.Random, tmp_path: Path) -> None:
    world, salt = World([plan]), SPACES["device"]["salt"]
    rows = [
        Row(0, unit, "home/test", plan.arm(unit))
        for unit in (f"u{number}" for number in range(3000))
        if slot(f"{salt}|{unit}", 1000) in plan.steps[0]
    ]
    found = audited(world, rows, tmp_path)
    assert _told(found) == [
        (
            "not_allocated",
            "all of 400 units looked at are in its buckets by the salt of the space device, and its own "
            "space is user",
        )
    ]


def test_buckets_of_nobody_knows_what(plan: Plan, chance: random.Random, tmp_path: Path) -> None:
    rows = [Row(0, f"u{number}", "home/test", plan.arm(f"u{number}")) for number in range(2000)]
    ((cause, text),) = _told(audited(World([plan]), rows, tmp_path))
    assert cause == "not_allocated"
    assert text.endswith(
        "of 400 units looked at are in its buckets, as many as by chance (it holds 30% of all): hashed with "
        "another salt, or other ids than these"
    )


def test_the_unit_of_another_space(chance: random.Random, tmp_path: Path) -> None:
    """Rows have both ids, and the experiment is on devices."""
    plan = Plan("tv/test", 0, 14, {0: some(chance, 200, 500)}, space="device")
    world = World([plan, Plan("home/test", 0, 14, {0: some(chance, 200)})])
    rows = [
        row._replace(country=row.unit, unit=f"user-{n}") for n, row in enumerate(_rows(world, plan, chance))
    ]
    found = _with_devices(world, rows, tmp_path)
    assert {cause for cause, _ in _told(found)} == {"not_allocated", "wrong_variant"}
    for _, text in _told(found):
        assert text.endswith(
            " units looked at are right if the unit is read from device_id, the unit of its space device"
        )
    assert counts(_with_devices(world, rows, tmp_path, unit="device_id")) == {"ok": 600}


def _with_devices(world: World, rows: list[Row], folder: Path, unit: str | None = None) -> Audit:
    header = ("timestamp", "user_id", "experiment", "variant", "device_id")
    path = write(folder / "x.csv", [row.cells[:5] for row in rows], header)
    return audited_files(world, [path], unit=unit)


def test_values_that_are_not_in_the_audience(chance: random.Random, tmp_path: Path) -> None:
    plan = Plan("home/test", 0, 14, {0: some(chance, 300)}, audience={"country": ["SE", "US"]})
    world = World([plan])
    countries = ["se"] * 4 + ["BR"] * 3 + [""] * 2 + ["DE", "NO"]
    rows = [row._replace(country=c) for row, c in zip(_rows(world, plan, chance, 11), countries, strict=True)]
    assert _told(audited(world, rows, tmp_path)) == [
        (
            "not_eligible",
            "country is se (4 rows), BR (3 rows), empty (2 rows) and 2 others; its audience is SE and US; se "
            "differs from SE in case only",
        )
    ]


def test_names_that_nobody_has(plan: Plan, chance: random.Random, tmp_path: Path) -> None:
    plan = replace(plan, logged_as="test_a", arms_logged_as={"control": "0", "treatment": "1"})
    world = World([plan, Plan("home/back", 0, 14, {0: some(chance, 10)}, kind="holdback")])
    row = right_row(world, plan, chance)
    rows = [row._replace(experiment=name) for name in ["home/test"] * 3 + ["test-a"] * 2 + ["zzz"]]
    rows += [row._replace(variant="treatment"), row._replace(experiment="home/back")]
    found = audited(world, rows, tmp_path)
    assert [tuple(one) for one in found.unknown] == [
        ("home/test", 3, "logs should call it test_a"),
        ("test-a", 2, "did you mean test_a?"),
        ("zzz", 1, ""),
    ]
    assert _told(found) == [
        ("unknown_variant", "it is a holdback, which has no variants"),
        ("unknown_variant", "logged as treatment (1 row); its variants are logged as 0 and 1"),
    ]


def test_holdbacks_that_cannot_be_told_are_said(chance: random.Random, tmp_path: Path) -> None:
    """Without the column, a holdback counts only where the experiment's own audience is inside of it."""
    kept = some(chance, 300)
    plans = [
        Plan("home/back", 0, 14, {0: kept}, kind="holdback", audience={"country": ["SE", "US"]}),
        Plan("home/inside", 0, 14, {0: kept}, audience={"country": ["SE"]}),
        Plan("home/across", 0, 14, {0: kept}, audience={"country": ["SE", "BR"]}, components=["shelf"]),
    ]
    unit = next(f"u{n}" for n in range(9999) if slot(f"MegaSalt-acme|u{n}", 1000) in kept)
    rows = [Row(0, unit, plan.key, plan.arm(unit)) for plan in plans[1:]]
    found = audited(World(plans), rows, tmp_path, header=HEADER[:4])
    assert counts(found) == {"held_back": 1, "ok": 1}
    assert found.assumed == {"home/across": ["country"], "home/inside": ["country"]}
    assert found.left_out == {"home/back": ["country"]}
    assert _told(found) == [("held_back", "held back by home/back (1 row)")]


def test_first_rows_are_the_first(plan: Plan, chance: random.Random, tmp_path: Path) -> None:
    world = World([plan])
    rows = [
        row._replace(variant="x") if n % 3 == 2 else row
        for n, row in enumerate(_rows(world, plan, chance, 40))
    ]
    found = audited(world, rows, tmp_path, parts=2, at_once=4)
    assert [(one.file, one.row) for one in found.examples] == [(0, 3), (0, 6), (0, 9), (0, 12), (0, 15)]
    example = found.examples[0]
    assert (example.unit, example.logged_variant, example.experiment) == (rows[2].unit, "x", "home/test")
    assert example.bucket == slot(f"MegaSalt-acme|{example.unit}", 1000)
    assert example.assigned == plan.arm(example.unit)
