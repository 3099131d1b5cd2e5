"""What `coord check --base` compares with and what it says of it: clones, bases, exit codes, output."""

import json
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest

from changes.conftest import LEDGER, ORGANISATION, PATH, RUNNING, Clone, edit, experiment
from changes.trees import experiment_path

SCHEMA = json.loads((Path(__file__).parents[2] / "schemas" / "check.schema.json").read_text("utf-8"))


def _later(name: str, **changes: object) -> dict[str, object]:
    return experiment(name, "2026-04-01", "2026-04-22", "50%", **changes)


def test_in_a_clone_that_is_too_shallow_it_says_what_to_fetch(clone: Clone, tmp_path: Path) -> None:
    clone.change({"note": "one more commit"})
    shallow = Clone(clone.repo.clone(tmp_path / "shallow", "--depth=1"), clone._capfd)
    for base in ("HEAD^1", "origin/elsewhere", clone.repo.id("HEAD^1")):
        said = shallow.check(base)
        assert (said.code, said.text) == (3, "")
        assert "fetch-depth" in said.errors
    deep = Clone(clone.repo.clone(tmp_path / "deep", "--depth=2"), clone._capfd)
    assert deep.check("HEAD^1").code == 0


def test_what_is_not_committed_counts(clone: Clone) -> None:
    clone.branch("work")
    edit(clone, PATH, '"hypothesis": "running is better."', '"hypothesis": "Another."')
    assert clone.check().found() == {"CHG001 home/running"}
    clone.repo.git("add", "--all")
    assert clone.check().found() == {"CHG001 home/running"}
    clone.repo.git("reset", "--quiet", "--hard")
    clone.write(experiment("unknown", "2026-03-01", "2026-04-01", "1%"))
    assert "LIF001 home/unknown" in clone.check().found()
    clone.write({experiment_path("home/unknown"): None, LEDGER: None})
    assert "CHG003 home/running" in clone.check().found()


def test_a_detached_head_is_compared_as_a_branch_is(clone: Clone) -> None:
    clone.branch("work")
    edit(clone, PATH, "Test running", "Another title")
    clone.repo.commit()
    clone.repo.git("checkout", "--quiet", "--detach", "work")
    assert (clone.check().code, clone.check().found()) == (0, set())
    assert clone.check().document["base"] == clone.repo.id("main")
    edit(clone, PATH, '"traffic": "60%"', '"traffic": "50%"')
    assert "CHG002 home/running" in clone.check().found()


def test_line_ends_of_another_system_are_no_change(clone: Clone, tmp_path: Path) -> None:
    clone.branch("work")
    edit(clone, PATH, "Test running", "Another title")
    clone.repo.commit()
    windows = Clone(clone.repo.clone(tmp_path / "windows", "--config", "core.autocrlf=true"), clone._capfd)
    assert b"\r\n" in (windows.repo.folder / LEDGER).read_bytes()
    for base in ("origin/main", "HEAD"):
        said = windows.check(base)
        assert (said.code, said.found(), said.found(new=False)) == (0, set(), set())
    edit(windows, PATH, '"hypothesis": "running is better."', '"hypothesis": "Another."')
    assert windows.check("origin/main").found() == {"CHG001 home/running"}


def test_where_merges_crossed_there_is_still_one_base(clone: Clone) -> None:
    """Both branches have merged the other's first commit, so that there are two best ancestors."""
    clone.branch("dev")
    clone.change({"dev": "1"})
    clone.switch("main")
    clone.change({"main": "1"})
    main, dev = clone.repo.id("main"), clone.repo.id("dev")
    clone.repo.merge(dev)
    clone.switch("dev")
    clone.repo.merge(main)
    assert len(clone.repo.git("merge-base", "--all", "main", "dev").split()) == 2
    edit(clone, PATH, '"hypothesis": "running is better."', '"hypothesis": "Another."')
    said = clone.check()
    assert (said.code, said.found()) == (1, {"CHG001 home/running"})
    assert said.document["base"] in {main, dev}
    assert said.document["base"] == clone.check().document["base"]


def test_histories_without_a_common_commit_cannot_be_compared(clone: Clone) -> None:
    clone.repo.git("checkout", "--quiet", "--orphan", "apart")
    clone.repo.commit(message="apart")
    said = clone.check("main")
    assert said.code == 3
    assert "no common ancestor" in said.errors


def test_the_first_pull_request_has_a_base_without_surfaces(make: Callable[[], Clone]) -> None:
    clone = make()
    clone.change({"README.md": "An empty repository.\n"})
    clone.branch("first")
    clone.write({**ORGANISATION, **experiment("soon", "2026-03-16", "2026-04-13")})
    clone.allocate()
    clone.repo.commit()
    said = clone.check()
    assert (said.code, said.found()) == (0, set())
    assert said.document["base"] == clone.repo.id("main")
    clone.write(RUNNING)
    assert "LIF001 home/running" in clone.check().found()
    ledger = (
        'experiment: home/running\nspace: user\nversion: 1\nmigrated: true\nentries: [{buckets: "0:600"}]\n'
    )
    clone.write({LEDGER: ledger})
    assert "LIF001 home/running" not in clone.check().found()


@pytest.mark.parametrize("path", [PATH, LEDGER, "surfaces/home/surface.yaml", "surfaces/coord.yaml"])
def test_a_base_with_a_broken_file_can_be_mended(clone: Clone, path: str) -> None:
    good = (clone.repo.folder / path).read_text("utf-8")
    clone.change({path: "a: [\n"})
    assert clone.coord("check").code == 1
    assert clone.check("HEAD").code == 0  # it was there before
    clone.branch("mend")
    clone.change({path: good})
    said = clone.check()
    assert (said.code, said.found()) == (0, set())
    assert any("on the base" in skipped["reason"] for skipped in said.document["skipped"])


def test_what_was_there_before_does_not_fail_a_change(clone: Clone) -> None:
    clone.change(experiment("undrawn", "2026-03-11", "2026-04-13", "20%"))
    assert clone.coord("check").code == 1
    clone.branch("work")
    edit(clone, PATH, "Test running", "Another title")
    said = clone.check()
    assert said.code == 0
    assert (said.found(), said.found(new=False)) == (set(), {"BKT002 home/undrawn"})
    clone.write(experiment("another", "2026-03-11", "2026-04-13", "10%"))
    said = clone.check()
    assert said.code == 1
    assert (said.found(), said.found(new=False)) == ({"BKT002 home/another"}, {"BKT002 home/undrawn"})
    assert [finding["new"] for finding in said.document["findings"]] == [True, False]


def test_only_what_is_new_fails_on_warnings_too(clone: Clone) -> None:
    clone.change(_later("undrawn"))
    clone.branch("work")
    clone.change(_later("another", components=["shelf"]))
    said = clone.check()
    assert (said.code, said.found()) == (0, {"BKT002 home/another"})
    assert clone.check("main", "--fail-on", "warning").code == 1
    assert clone.check("HEAD", "--fail-on", "warning").code == 0
    assert clone.coord("check", "--fail-on", "warning").code == 1


def test_the_document_says_what_it_was_compared_with(clone: Clone) -> None:
    clone.branch("work")
    clone.write({PATH: None, **_later("another")})
    alone, with_base = clone.coord("check", "--format", "json"), clone.check()
    for said in (alone, with_base):
        jsonschema.validate(said.document, SCHEMA)
    assert (alone.document["base"], with_base.document["base"]) == (None, clone.repo.id("main"))
    assert {finding["new"] for finding in alone.document["findings"]} == {None}
    assert {finding["new"] for finding in with_base.document["findings"]} == {True}
    compare = ["CHG001", "CHG002", "CHG003", "CHG004", "CHG005", "CHG006", "LIF001", "LIF003"]
    assert (sorted(alone.document["not_run"]), with_base.document["not_run"]) == (compare, [])
    (gone,) = [f for f in with_base.document["findings"] if f["code"] == "CHG005"]
    assert (gone["location"]["path"], gone["location"]["line"]) == (PATH, None)


def test_a_rule_that_is_not_selected_does_not_decide(clone: Clone) -> None:
    clone.branch("work")
    clone.change({PATH: None, LEDGER: None})
    assert clone.check("main", "--select", "BKT").code == 0
    assert clone.check("main", "--ignore", "CHG005").code == 0
    assert clone.check("main", "--select", "CHG005").code == 1


def test_text_tells_the_new_from_the_old(clone: Clone) -> None:
    clone.change(experiment("undrawn", "2026-03-11", "2026-04-13", "20%"))
    clone.branch("work")
    edit(clone, "surfaces/home/surface.yaml", "title: Mobile home screen", "title: Home")
    said = clone.coord("check", "--base", "main")
    assert said.code == 0
    assert "BKT002" in said.text
    edit(clone, PATH, '"traffic": "60%"', '"traffic": "50%"')
    said = clone.coord("check", "--base", "main")
    assert said.code == 1
    assert said.text.index("CHG002") < said.text.index("BKT002")
