"""`coord check --base` on branches and merges, as people make them."""

import pytest

from changes.conftest import LEDGER, PATH, Clone, edit, experiment, text_of
from changes.trees import experiment_path, ledger_path

FINISHED = experiment_path("home/old")


def _later(name: str, **changes: object) -> dict[str, object]:
    return experiment(name, "2026-04-01", "2026-04-22", "50%", **changes)


def _two_branches(clone: Clone) -> None:
    """Two tests on one component, each drawn on a branch of its own, each fine."""
    for name in ("one", "two"):
        clone.branch(name)
        clone.write(_later(name))
        clone.allocate(f"home/{name}")
        clone.repo.commit(message=name)
        said = clone.check()
        assert (said.code, said.found()) == (0, set())


def test_each_green_and_together_red(clone: Clone) -> None:
    _two_branches(clone)
    clone.switch("main")
    clone.repo.merge("one")
    assert clone.check("HEAD^1").code == 0
    clone.switch("two")
    assert clone.check().code == 0  # its own base is where it parted
    clone.repo.merge("main")
    said = clone.check()
    assert said.code == 1
    assert said.found() == {"BKT001 home/two"}
    assert said.document["base"] == clone.repo.id("main")
    (finding,) = [f for f in said.document["findings"] if f["code"] == "BKT001"]
    assert "coord allocate --redraw home/two" in finding["hint"]
    assert "caused_by" not in finding["data"]


def test_the_command_of_the_hint_makes_it_green(clone: Clone) -> None:
    _two_branches(clone)
    clone.repo.merge("one")
    assert clone.check("one").code == 1
    clone.allocate("--redraw", "home/two")
    assert (clone.check("one").code, clone.check("one").found()) == (0, set())


def test_a_merge_is_red_to_both_its_parents(clone: Clone) -> None:
    _two_branches(clone)
    clone.repo.merge("one")
    for parent in ("HEAD^1", "HEAD^2"):
        said = clone.check(parent)
        assert (said.code, said.found()) == (1, {"BKT001 home/two"})
        assert said.document["base"] == clone.repo.id(parent)


@pytest.mark.parametrize("keep_ledger", [True, False])
def test_a_rename_is_a_removal_and_says_what_of(clone: Clone, keep_ledger: bool) -> None:
    clone.branch("rename")
    clone.repo.git("mv", PATH, experiment_path("home/renamed"))
    edit(clone, experiment_path("home/renamed"), '"experiment": "running"', '"experiment": "renamed"')
    if not keep_ledger:
        clone.repo.git("mv", LEDGER, ledger_path("home/renamed"))
        edit(clone, ledger_path("home/renamed"), "home/running", "home/renamed")
    clone.repo.commit()
    said = clone.check()
    assert said.code == 1
    assert "CHG005 home/running" in said.found()
    (finding,) = [f for f in said.document["findings"] if f["code"] == "CHG005"]
    assert finding["location"]["path"] == PATH
    assert "home/running" in finding["hint"]
    assert "home/renamed" in {side["experiment"] for side in finding["related"]}


def test_a_file_of_a_started_experiment_does_not_go(clone: Clone) -> None:
    clone.branch("clean-up")
    clone.change({PATH: None, LEDGER: None})
    assert clone.check().found() == {"CHG005 home/running"}
    clone.change({FINISHED: None, ledger_path("home/old"): None})
    assert clone.check().found() == {"CHG005 home/running", "CHG005 home/old"}


def test_a_file_of_an_unstarted_experiment_goes_and_comes_back(clone: Clone) -> None:
    clone.write(_later("later"))
    clone.allocate()
    clone.repo.commit()
    clone.branch("clean-up")
    clone.change({experiment_path("home/later"): None, ledger_path("home/later"): None})
    assert (clone.check().code, clone.check().found()) == (0, set())
    clone.repo.git("revert", "--no-edit", "HEAD")
    assert (clone.check("HEAD^1").code, clone.check("HEAD^1").found()) == (0, set())


def test_what_is_over_is_not_revived(clone: Clone) -> None:
    clone.branch("again")
    edit(clone, FINISHED, '"end": "2026-02-09"', '"end": "2026-04-20"')
    clone.repo.commit()
    said = clone.check()
    assert said.code == 1
    assert "LIF003 home/old" in said.found()
    assert [f["data"]["revived"] for f in said.document["findings"] if f["code"] == "LIF003"] == [True]


def test_an_extension_is_told_that_it_causes_the_conflict(clone: Clone) -> None:
    clone.write(experiment("next", "2026-03-23", "2026-04-20", "40%"))
    clone.allocate()
    clone.repo.commit()
    clone.branch("extend")
    edit(clone, PATH, '"end": "2026-03-23"', '"end": "2026-03-30"')
    clone.repo.commit()
    said = clone.check()
    assert (said.code, said.found()) == (1, {"BKT001 home/next"})
    (finding,) = [f for f in said.document["findings"] if f["code"] == "BKT001"]
    assert finding["data"]["caused_by"] == "home/running"
    assert "home/running is extended into it" in finding["hint"]
    assert "coord allocate --redraw home/next" in finding["hint"]
    clone.allocate("--redraw", "home/next")
    assert (clone.check().code, clone.check().found()) == (0, set())


def test_an_extension_of_a_fixed_plan_after_a_look_is_refused(clone: Clone) -> None:
    edit(clone, "surfaces/coord.yaml", "method: always_valid", "method: fixed")
    clone.repo.commit()
    clone.branch("extend")
    edit(clone, PATH, '"end": "2026-03-23"', '"end": "2026-03-30"')
    assert clone.check().found() == {"CHG001 home/running"}


def test_a_rewritten_ledger_is_found(clone: Clone) -> None:
    """Drawn again by the allocator itself, on another day, when another component was listed."""
    clone.branch("redraw")
    text = text_of(clone, "running")
    clone.write({LEDGER: None} | experiment("rival", "2026-03-05", "2026-04-01", "30%"))
    assert clone.coord("allocate", "home/rival", today="2026-03-01").code == 0
    assert clone.coord("allocate", "home/running", today="2026-03-01").code == 0
    clone.write({experiment_path("home/rival"): None, ledger_path("home/rival"): None})
    assert text_of(clone, "running") == text
    clone.repo.commit()
    said = clone.check()
    assert said.code == 1
    assert "CHG003 home/running" in said.found()


def test_other_defaults_are_found_at_what_they_touch(clone: Clone) -> None:
    clone.branch("defaults")
    edit(clone, "surfaces/coord.yaml", "method: always_valid", "method: always_valid, alpha: 10%")
    clone.repo.commit()
    said = clone.check()
    assert (said.code, said.found()) == (1, {"CHG006 home/running"})
    assert said.document["findings"][0]["location"]["path"] == "surfaces/coord.yaml"


def test_a_redraw_holds_for_what_another_branch_did_to_the_same_experiment(clone: Clone) -> None:
    """One branch moves the end of the next test, the other extends the running one and draws that anew."""
    clone.write(experiment("next", "2026-03-23", "2026-04-20", "40%"))
    clone.allocate()
    clone.repo.commit()
    clone.branch("move-next")
    edit(clone, experiment_path("home/next"), "2026-04-20", "2026-04-27")
    clone.repo.commit()
    assert clone.check().code == 0
    clone.branch("extend", "main")
    edit(clone, PATH, "2026-03-23", "2026-03-30")
    clone.repo.commit()
    assert clone.check().code == 1
    clone.allocate("--redraw", "home/next")
    clone.repo.commit()
    assert clone.check().code == 0
    clone.repo.merge("move-next")
    said = clone.check("move-next")
    assert (said.code, said.found()) == (0, set())


def test_where_merges_crossed_nothing_is_hidden(clone: Clone) -> None:
    """What the branch got by a merge and then deletes was not there on its own side of the crossing."""
    clone.write(experiment("new", "2026-03-10", "2026-04-10", "20%", components=["shelf"]))
    clone.allocate()
    main = clone.repo.commit()
    clone.branch("dev", "HEAD^1")
    dev = clone.change({"dev": "1"})
    clone.repo.merge(main)
    clone.switch("main")
    clone.repo.merge(dev)
    clone.switch("dev")
    clone.change({experiment_path("home/new"): None, ledger_path("home/new"): None})
    assert len(clone.repo.git("merge-base", "--all", "main", "dev").split()) == 2
    assert clone.check().found() == {"CHG005 home/new"}
