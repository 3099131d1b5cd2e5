"""The plan as it was at the start, read off histories of all kinds."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from fractions import Fraction
from pathlib import Path

import pytest

from analysis.plans import started
from coord.analysis.at_start import UNKNOWN, AtStart, at_start, plan_check
from coord.analysis.plan import AnalysisPlan
from coord.analysis.results import Role, Status
from coord.config.files import WorkingTree
from coord.config.load import load
from coord.domain.model import Experiment, Kind
from coord.history.repository import Repository
from git_trees.repositories import Repo, hermetic

PATH = "surfaces/home/experiments/test.yaml"
TREE = {
    "surfaces/coord.yaml": (
        "spaces:\n  user: {unit: user_id, salt: s-1, buckets: 1000}\nteams: [team]\n"
        "decision: {method: group_sequential}\n"
    ),
    "surfaces/metrics.yaml": "metrics:\n"
    + "".join(
        f"  {name}: {{title: T, event: play, aggregate: count, window: 1d, direction: increase}}\n"
        for name in ("one", "two", "held", "more")
    ),
    "surfaces/home/surface.yaml": (
        "surface: home\ntitle: Home\nowner: team\nspace: user\ncomponents: {header: Top}\n"
        "metrics:\n  guardrail: [{metric: held, margin: 2%}]\n"
    ),
}
ONE_HELD = {"success": {"one"}, "guardrail": {"held"}}


@pytest.fixture(autouse=True)
def _hermetic(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    hermetic(monkeypatch, tmp_path)


def experiment(
    success: str = "{metric: one, mde: 2%}",
    end: str = "2026-03-30",
    status: str = "active",
    start: str = "2026-03-02",
) -> str:
    return (
        "experiment: test\nsurface: home\nkind: ab_test\ntitle: T\nowner: team\nhypothesis: H.\n"
        f"status: {status}\nstart: {start}\nend: {end}\ntraffic: 20%\ncomponents: [header]\n"
        "variants: [{name: a, weight: 1}, {name: b, weight: 1}]\n"
        f"metrics:\n  success: [{success}]\n"
    )


BOTH = "{metric: one, mde: 2%}, {metric: two, mde: 2%}"
Commit = Callable[..., str]


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """A repository with everything but the experiment, from January."""
    repo = Repo(tmp_path / "repo")
    repo.commit(TREE)
    return repo


def commit(repo: Repo, at: str, text: str | None, **more: str) -> str:
    """Commit the experiment at a moment of 2026, given as `MM-DD HH:MM`."""
    moment = datetime.strptime(f"2026-{at}", "%Y-%m-%d %H:%M").replace(tzinfo=UTC)
    repo._seconds = int(moment.timestamp()) - 1
    return repo.commit({PATH: text, **more})


def current(repo: Repo) -> Experiment:
    return load(WorkingTree(repo.folder)).catalog.experiments["home/test"]


def asked(repo: Repo) -> AtStart:
    return at_start(Repository.around(repo.folder), current(repo))


def names(found: AtStart) -> dict[str, set[str]]:
    """By role the metrics that were planned."""
    return {f"{role}": {*terms} for role, terms in found.terms.metrics.items()} if found.terms else {}


def test_the_last_commit_before_the_start(repo: Repo) -> None:
    """Neither the ones before it nor those after it; midnight belongs to the start."""
    commit(repo, "02-01 12:00", experiment(BOTH))
    planned = commit(repo, "03-01 23:59", experiment())
    commit(repo, "03-02 00:00", experiment(BOTH, "2026-04-06"))

    found = asked(repo)
    assert (found.commit, names(found)) == (planned, ONE_HELD)
    assert (found.end, found.reached) == (date(2026, 3, 30), None)


def test_other_files_may_have_changed_last(repo: Repo) -> None:
    commit(repo, "02-01 12:00", experiment())
    last = commit(repo, "02-20 12:00", experiment(), README="hello\n")

    assert asked(repo).commit == last


def test_a_metric_that_the_surface_asked_for_later(repo: Repo) -> None:
    commit(repo, "02-01 12:00", experiment())
    surface = TREE["surfaces/home/surface.yaml"].replace("2%}]", "2%}, {metric: more, margin: 1%}]")
    commit(repo, "03-09 12:00", experiment(BOTH), **{"surfaces/home/surface.yaml": surface})
    catalog = load(WorkingTree(repo.folder)).catalog
    plan = AnalysisPlan(catalog, current(repo), asked(repo))

    assert [(one.metric.name, one.role, one.late) for one in plan.asked] == [
        ("one", Role.SUCCESS, False),
        ("held", Role.GUARDRAIL, False),
        ("two", Role.OTHER, True),
        ("more", Role.OTHER, True),
    ]
    assert plan.errors.deterioration == pytest.approx(0.05 / 2)


def test_an_experiment_that_was_added_only_after_its_start(repo: Repo) -> None:
    """The first commit that has it says what was planned."""
    first = commit(repo, "03-04 12:00", experiment())
    commit(repo, "03-05 12:00", experiment(BOTH))

    assert (asked(repo).commit, names(asked(repo))) == (first, ONE_HELD)


def test_what_is_known_only_since_a_day_after_the_start(repo: Repo) -> None:
    """Nobody knows what was planned before; on the day of the start it may be late already."""
    commit(repo, "03-02 00:00", experiment())
    assert asked(repo).known == date(2026, 3, 2)
    check = plan_of(repo).check()
    assert check.status is Status.NOT_RUN
    assert check.detail.endswith("it was first committed on 2026-03-02, after the start")
    surface = TREE["surfaces/home/surface.yaml"].replace("2%", "3%")
    commit(repo, "03-09 12:00", experiment(), **{"surfaces/home/surface.yaml": surface})
    assert told_of(repo).startswith(
        "compared with the plan of 2026-03-02, the first that is known, after the st"
    )
    assert plan_of(repo).asked[1].margin == Fraction(2, 100)


def test_what_makes_it_another_experiment_is_told(repo: Repo) -> None:
    planned = commit(repo, "02-01 12:00", experiment())
    swapped = experiment(start="2026-03-03").replace(
        "{name: a, weight: 1}, {name: b, weight: 1}", "{name: b, weight: 1}, {name: a, weight: 1}"
    )
    commit(repo, "03-09 12:00", swapped)

    assert asked(repo).commit == planned
    assert "the start was 2026-03-02 and now 2026-03-03" in told_of(repo)
    assert "the variants were a, b and now b, a" in told_of(repo)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("surfaces/metrics.yaml", TREE["surfaces/metrics.yaml"].replace("  held:", "  helt:")),
        ("surfaces/metrics.yaml", "metrics: {one: {}, one: {}}\n"),
        ("surfaces/home/surface.yaml", "surface: [\n"),
        ("surfaces/coord.yaml", "spaces: 3\n"),
        (PATH, "experiment: [\n"),
    ],
)
def test_a_version_with_errors_is_no_plan(repo: Repo, path: str, text: str) -> None:
    """The one before it is; wherever the error was, and whatever mended it."""
    planned = commit(repo, "02-01 12:00", experiment())
    repo._seconds = int(datetime(2026, 2, 20, tzinfo=UTC).timestamp())
    repo.commit({path: text})
    commit(repo, "03-09 12:00", experiment(BOTH), **TREE)

    assert (asked(repo).commit, asked(repo).known) == (planned, None)
    assert [one.late for one in plan_of(repo).asked] == [False, False, True]


def test_a_start_that_had_come_is_the_start(repo: Repo) -> None:
    """Moving it later does not open the plan again; before it came it may be moved."""
    commit(repo, "01-20 12:00", experiment(start="2026-02-02"))
    planned = commit(repo, "02-01 12:00", experiment(start="2026-03-02"))
    assert asked(repo).commit == planned
    surface = TREE["surfaces/home/surface.yaml"].replace("2%", "90%")
    commit(repo, "03-04 12:00", experiment(start="2026-03-02"), **{"surfaces/home/surface.yaml": surface})
    commit(repo, "03-05 12:00", experiment(start="2026-03-09"))

    assert asked(repo).commit == planned
    assert plan_of(repo).asked[1].margin == Fraction(2, 100)
    assert "the start was 2026-03-02 and now 2026-03-09" in told_of(repo)


def test_a_commit_is_not_older_than_those_before_it(repo: Repo) -> None:
    planned = commit(repo, "02-01 12:00", experiment())
    commit(repo, "03-20 12:00", experiment(BOTH))
    repo._seconds = int(datetime(2026, 2, 10, tzinfo=UTC).timestamp())
    repo.commit({"README": "dated back\n"})

    assert asked(repo).commit == planned


def test_what_it_is_and_for_whom_is_frozen_too(repo: Repo) -> None:
    surface = f"{TREE['surfaces/home/surface.yaml']}audience: {{country: {{values: {{SE: 50%, US: 50%}}}}}}\n"
    commit(repo, "02-01 12:00", experiment(), **{"surfaces/home/surface.yaml": surface})
    changed = experiment().replace("ab_test", "rollout") + "audience: {country: [SE]}\n"
    commit(repo, "04-09 12:00", changed)
    plan = plan_of(repo)

    assert (plan.experiment.kind, plan.experiment.audience) == (Kind.AB_TEST, {})
    assert [one.role for one in plan.asked] == [Role.SUCCESS, Role.GUARDRAIL]
    assert "the kind was ab_test and is rollout" in told_of(repo)
    assert "the audience was everybody and is country SE" in told_of(repo)


def test_a_metric_that_got_another_role(repo: Repo) -> None:
    commit(repo, "02-01 12:00", experiment())
    surface = TREE["surfaces/home/surface.yaml"].replace(
        "guardrail: [{metric: held, margin: 2%}]", "success: [{metric: held, mde: 2%}]"
    )
    commit(repo, "03-09 12:00", experiment(), **{"surfaces/home/surface.yaml": surface})

    assert "held was a guardrail metric and is a success metric" in told_of(repo)


def test_a_draft_is_no_plan(repo: Repo) -> None:
    commit(repo, "02-01 12:00", experiment(BOTH, status="draft"))
    first = commit(repo, "03-03 12:00", experiment())
    commit(repo, "03-04 12:00", experiment(BOTH))

    assert (asked(repo).commit, names(asked(repo))) == (first, ONE_HELD)


def test_an_active_version_that_was_withdrawn_before_the_start(repo: Repo) -> None:
    """What was a draft at the start was planned when it became active again."""
    commit(repo, "01-20 12:00", experiment("{metric: two, mde: 2%}"))
    commit(repo, "02-01 12:00", experiment(status="draft"))
    again = commit(repo, "03-03 12:00", experiment())

    assert (asked(repo).commit, names(asked(repo))) == (again, ONE_HELD)


def test_a_broken_file_at_the_start_is_passed_over(repo: Repo) -> None:
    commit(repo, "02-01 12:00", experiment(), **{"surfaces/home/surface.yaml": "surface: [\n"})
    mended = commit(repo, "03-03 12:00", experiment(BOTH), **TREE)

    assert asked(repo).commit == mended


def plan_of(repo: Repo) -> AnalysisPlan:
    return AnalysisPlan(load(WorkingTree(repo.folder)).catalog, current(repo), asked(repo))


def told_of(repo: Repo) -> str:
    """What is said of the plan as it is now."""
    return plan_of(repo).check().detail


def test_what_is_frozen_and_changed_all_the_same(repo: Repo) -> None:
    """Wherever it was changed: in the experiment, the surface, the metrics or the organisation."""
    commit(repo, "02-01 12:00", experiment() + "analysis: {planned: 1000}\n")
    assert told_of(repo).startswith("metrics and end are those of")

    changed = {
        "surfaces/coord.yaml": TREE["surfaces/coord.yaml"].replace("{method", "{alpha: 10%, method"),
        "surfaces/metrics.yaml": TREE["surfaces/metrics.yaml"].replace("window: 1d", "window: 2d", 1),
        "surfaces/home/surface.yaml": TREE["surfaces/home/surface.yaml"].replace("2%", "3%"),
    }
    analysis = "analysis: {planned: 500, spending: pocock, looks: [2026-03-16, 2026-03-30]}\n"
    commit(repo, "03-09 12:00", experiment() + analysis, **changed)
    for part in (
        "alpha was 5% and is 10%",
        "the planned number of units was 1,000 and is 500",
        "the spending was power2 and is pocock",
        "the schedule of looks was weekly and is 2026-03-16, 2026-03-30",
        "the window of one was 0d to 1d and is 0d to 2d",
        "the margin of held was 2% and is 3%",
    ):
        assert part in told_of(repo)
    assert told_of(repo).count(" was ") == 7
    assert told_of(repo).endswith("; what was planned decides")

    plan = plan_of(repo)
    assert (plan.decision.alpha, plan.experiment.analysis.planned) == (Fraction(5, 100), 1000)
    assert (plan.experiment.analysis.spending, plan.experiment.analysis.looks) == ("power2", ())
    one, held = plan.asked
    assert (one.metric.window, held.margin) == (1, Fraction(2, 100))

    commit(repo, "03-10 12:00", experiment() + "analysis: {planned: 1000, method: fixed}\n", **TREE)
    assert "the method was group_sequential and is fixed" in told_of(repo)
    assert plan_of(repo).method == "group_sequential"


def test_a_metric_that_was_taken_away_decides_all_the_same(repo: Repo) -> None:
    """From the experiment, from the surface, or from the catalogue."""
    commit(repo, "02-01 12:00", experiment(BOTH))
    planned = plan_of(repo).asked
    surface = TREE["surfaces/home/surface.yaml"].replace(
        "guardrail: [{metric: held, margin: 2%}]", "guardrail: []"
    )
    metrics = "".join(line for line in TREE["surfaces/metrics.yaml"].splitlines(True) if "held:" not in line)
    commit(
        repo,
        "03-09 12:00",
        experiment(),
        **{"surfaces/home/surface.yaml": surface, "surfaces/metrics.yaml": metrics},
    )
    plan = plan_of(repo)

    assert plan.asked == planned
    assert [one.late for one in plan.asked] == [False, False, False]
    check = plan.check()
    assert check.status is Status.WARN
    assert "two was a success metric and is none" in check.detail
    assert "held was a guardrail metric and is none" in check.detail


def test_how_a_metric_is_measured_is_as_it_is_now(repo: Repo) -> None:
    """An event may have got a new name; its window and its direction are planned."""
    commit(repo, "02-01 12:00", experiment())
    metrics = TREE["surfaces/metrics.yaml"].replace("event: play", "event: played")
    metrics = metrics.replace("window: 1d, direction: increase", "window: 3d, direction: decrease")
    commit(repo, "03-09 12:00", experiment(), **{"surfaces/metrics.yaml": metrics})
    metric = plan_of(repo).asked[0].metric

    assert metric.source.event == "played"
    assert (metric.window, metric.decrease) == (1, False)
    assert "the direction of one was increase and is decrease" in told_of(repo)


def test_a_margin_may_become_smaller(repo: Repo) -> None:
    commit(repo, "02-01 12:00", experiment())
    surface = TREE["surfaces/home/surface.yaml"].replace("2%", "1%")
    commit(repo, "03-09 12:00", experiment(), **{"surfaces/home/surface.yaml": surface})

    assert told_of(repo).startswith("metrics and end are those of")
    assert plan_of(repo).asked[1].margin == Fraction(1, 100)


def test_a_merged_branch_counts_when_it_was_merged(repo: Repo) -> None:
    """Its own commits may be older than the start, but the experiment was not asked for then."""
    repo.git("checkout", "--quiet", "-b", "side")
    commit(repo, "02-01 12:00", experiment(BOTH))
    commit(repo, "02-02 12:00", experiment())
    repo.git("checkout", "--quiet", "main")
    repo._seconds = int(datetime(2026, 3, 3, tzinfo=UTC).timestamp())
    merged = repo.merge("side")

    assert (asked(repo).commit, names(asked(repo))) == (merged, ONE_HELD)


def test_where_nothing_is_known(repo: Repo, tmp_path: Path) -> None:
    repo.write({PATH: experiment()})
    assert asked(repo)[:2] == (None, "no commit has it without errors")

    commit(repo, "02-01 12:00", experiment())
    commit(repo, "02-02 12:00", experiment(BOTH))
    shallow = repo.clone(tmp_path / "shallow", "--depth=1")
    assert asked(shallow)[:2] == (None, "older commits were not fetched: run `git fetch --unshallow`")

    assert at_start(None, current(repo))[:2] == (None, "surfaces/ is in no git repository")


def test_a_history_that_is_damaged_is_told(repo: Repo) -> None:
    commit(repo, "02-01 12:00", experiment())
    experiment_now = current(repo)
    repo.forget(f"HEAD:{PATH}")
    found = at_start(Repository.around(repo.folder), experiment_now)

    assert found.commit is None
    assert "cannot be read" in found.why


def moved(repo: Repo, *moves: tuple[str, str]) -> date | None:
    """The end that was reached, when the end was moved at these moments to these days."""
    commit(repo, "02-01 12:00", experiment())
    for at, end in moves:
        commit(repo, at, experiment(end=f"2026-{end}"))
    return asked(repo).reached


@pytest.mark.parametrize(
    ("moves", "reached"),
    [
        ([], None),
        ([("03-29 23:59", "04-06")], None),
        ([("03-30 00:00", "04-06")], date(2026, 3, 30)),
        ([("04-02 12:00", "04-06")], date(2026, 3, 30)),
        ([("03-20 12:00", "04-06"), ("04-05 12:00", "04-13")], None),
        ([("03-20 12:00", "04-06"), ("04-06 12:00", "04-13")], date(2026, 4, 6)),
        ([("03-10 12:00", "03-16")], None),
    ],
)
def test_an_end_that_was_reached_and_then_moved(
    repo: Repo, moves: list[tuple[str, str]], reached: date | None
) -> None:
    """An end that is moved before its day has come was never a look."""
    assert moved(repo, *moves) == reached


THEN = started()._replace(commit="0123456789abcdef")


@pytest.mark.parametrize(
    ("found", "later", "end", "status", "told"),
    [
        (THEN, (), date(2026, 3, 30), Status.PASS, "metrics and end are those of the plan at the start"),
        (THEN, ("two", "more"), date(2026, 3, 30), Status.WARN, "two, more came after it"),
        (THEN, (), date(2026, 3, 16), Status.WARN, "the end was moved from 2026-03-30 to 2026-03-16"),
        (THEN, (), date(2026, 4, 6), Status.WARN, "the end was moved from 2026-03-30 to 2026-04-06"),
        (UNKNOWN, (), date(2026, 3, 30), Status.NOT_RUN, "history was not asked"),
    ],
)
def test_the_check_of_the_plan(
    found: AtStart, later: tuple[str, ...], end: date, status: Status, told: str
) -> None:
    check = plan_check(found, later, end)

    assert (check.name, check.status) == ("plan", status)
    assert told in check.detail
    assert ("0123456789ab" in check.detail) == (status is not Status.NOT_RUN)
