"""New surfaces and experiments: valid whatever is set, and explained."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coord.authoring.names import What
from coord.authoring.new import Author, NewFile
from coord.checks.runner import check
from coord.config.files import WorkingTree
from coord.config.load import load
from coord.config.store import write_all
from coord.domain.findings import Severity
from coord.errors import CoordError, UsageError

TODAY = date(2026, 3, 1)


def _new(root: Path, what: What, name: str, *items: str) -> NewFile:
    return Author(WorkingTree(root), what, name, items, TODAY).finish()


def _experiment(root: Path, *items: str) -> NewFile:
    return _new(root, What.EXPERIMENT, "home/x", *items)


def test_a_draft_needs_nothing_but_a_name(root: Path) -> None:
    file = _experiment(root)
    assert (file.path, file.draft, file.findings) == ("surfaces/home/experiments/x.yaml", True, ())
    lines = file.text.splitlines()
    assert lines[0] == "# yaml-language-server: $schema=../../../schemas/experiment.schema.json"
    keys = [line.partition(":")[0] for line in lines[1:] if line[0] not in "# "]
    order = "experiment surface kind title owner hypothesis status components variants"
    assert keys == order.split()
    assert "# start: 2026-03-02" in file.text  # the next Monday, to be uncommented
    assert not (root / file.path).exists()


def test_the_modelines_lead_to_the_schemas(root: Path) -> None:
    for file in (_experiment(root), _new(root, What.SURFACE, "search")):
        named = file.text.partition("\n")[0].partition("$schema=")[2]
        assert ((root / file.path).parent / named).resolve().is_relative_to((root / "schemas").resolve())
        (root / file.path).parent.mkdir(parents=True, exist_ok=True)
        assert ((root / file.path).parent / named).exists()


ACTIVE = ["status=active", "hypothesis=It helps", "start=2026-03-02", "end=2026-03-16", "traffic=20%"]


@pytest.mark.parametrize(
    "items",
    [
        ["kind=rollout", *ACTIVE],
        ["kind=rollout", "variants=new", *ACTIVE],
        ["kind=holdback", *ACTIVE],
        ["kind=holdback", "holds=all", *ACTIVE],
        ["components=header,content", "metrics.success=sessions", *ACTIVE],
        ["traffic={2026-03-02: 1%, 2026-03-05: 20%}", *ACTIVE[:4]],
        ["start=2026-03-02"],
        ["exclusive_with=", "analysis={method: group_sequential, looks: [2026-03-09]}", *ACTIVE],
    ],
)
def test_every_kind_can_be_written(root: Path, items: list[str]) -> None:
    file = _experiment(root, *items)
    errors = {f.code for f in file.findings if f.severity is Severity.ERROR}
    assert errors <= {"BKT002"}  # which `coord allocate` answers


@pytest.mark.parametrize(
    ("items", "said"),
    [
        (["status=active"], "hypothesis, start, end and traffic are missing"),
        (["status=active", *ACTIVE[1:4]], "traffic is missing. Add --set traffic=20%"),
        (["ownr=x"], "did you mean `owner`"),
        (["traffic=20"], "percent string"),
        (["start=2026-02-30", "end=2026-03-30"], "2026-02-30 is not a day"),
        ([*ACTIVE[:4], "traffic=0.001%"], "whole number of buckets.*0.01%"),
        (["components=headr"], "no component headr.*did you mean header"),
        (["owner=nobody"], "team nobody"),
        (["exclusive_with=home/y"], "home/y does not exist"),
        (["audience.country=SE"], "no dimension country"),
        (["metrics.success=nothing"], "nothing is not in metrics.yaml"),
        (["variants=a"], "variants"),
        (["variants=a,a"], "two variants are called a"),
        (["kind=holdback", "components=header"], "components"),
        (["salt=a|b"], "separates"),
        (["owner=\x1b[31m"], r"\\x1b\[31m"),
    ],
)
def test_what_would_not_be_valid_is_refused(root: Path, items: list[str], said: str) -> None:
    with pytest.raises(UsageError, match=said) as refused:
        _experiment(root, *items)
    assert "\n" not in str(refused.value)
    assert "\x1b" not in str(refused.value)


def test_the_surface_must_exist_and_be_readable(root: Path) -> None:
    with pytest.raises(UsageError, match=r"no surface hom; did you mean home\?"):
        _new(root, What.EXPERIMENT, "hom/x")
    (root / "surfaces/home/surface.yaml").write_text("surface: [")
    with pytest.raises(CoordError, match=r"surfaces/home/surface\.yaml cannot be used"):
        _experiment(root)
    (root / "surfaces/coord.yaml").write_text("spaces: {}\n")
    with pytest.raises(CoordError, match=r"surfaces/coord\.yaml cannot be used"):
        _new(root, What.SURFACE, "search")


def test_a_file_that_is_there_is_never_replaced(root: Path) -> None:
    with pytest.raises(UsageError, match="is there already"):
        _new(root, What.SURFACE, "home")
    path = root / "surfaces/home/experiments/x.yaml"
    path.parent.mkdir()
    path.write_text("broken: [")
    with pytest.raises(UsageError, match="is there already"):
        _experiment(root)


def test_nothing_is_written_through_a_link(root: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (root / "surfaces/home/experiments").symlink_to(outside)
    with pytest.raises(CoordError, match="symbolic link"):
        _experiment(root)


def test_where_teams_and_spaces_can_be_chosen_they_must_be(root: Path) -> None:
    coord = root / "surfaces/coord.yaml"
    coord.write_text(coord.read_text().replace("  - product\n", "  - product\n  - growth\n"))
    with pytest.raises(UsageError, match=r"owner is missing. Add --set owner=TEAM.*one of product, growth"):
        _new(root, What.SURFACE, "search")
    assert "owner: growth " in _new(root, What.SURFACE, "search", "owner=growth").text


NAMES = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,10}[a-z0-9])?", fullmatch=True)
TEXTS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=60)


@given(data=st.data())
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_written_stays_without_syn_and_ref(root: Path, data: st.DataObject) -> None:
    """Several files into one tree: each is refused, or the tree stays readable with every name known."""
    for _ in range(3):
        what = data.draw(st.sampled_from(What))
        names = NAMES if what is What.SURFACE else NAMES.map("home/{}".format)
        items = data.draw(
            st.lists(
                st.sampled_from([*ACTIVE, "kind=rollout", "kind=holdback", "holds=all", "components=header"])
                | TEXTS.map("title={}".format)
                | TEXTS.map("variants={}".format),
                unique_by=lambda item: item.partition("=")[0],
            )
        )
        try:
            file = _new(root, what, data.draw(names), *items)
        except UsageError:
            continue
        write_all(root, {file.path: file.text})
    findings = check(load(WorkingTree(root)), TODAY).findings
    assert not [f.message for f in findings if f.code.startswith(("SYN", "REF"))]
