"""The plan in a terminal: what a person reads, how wide, and how much of it."""

import re
from dataclasses import replace
from typing import Any

import pytest

from coord.config.yaml_reader import read_yaml
from coord.report import plan_text
from coord.review.plan import Plan
from hostile.cases_names import ACTIVE, MARKUP
from hostile.outputs import assert_inert
from review.trees import (
    BASE,
    COORD,
    SURFACE,
    Files,
    changed,
    experiment,
    ledger_of,
    organisation,
    path_of,
    planned,
    without,
)


def _text(base: Files, head: Files) -> str:
    return plan_text.render(planned(base, head), color=False)


def _lines(base: Files, head: Files) -> list[str]:
    return _text(base, head).splitlines()


def test_nothing_is_changed() -> None:
    assert _text(BASE, BASE) == (
        "What changes since 000000000000, as of 2026-03-10\n"
        "\n"
        "No experiment is changed.\n"
        "Ready: no new errors or warnings.\n"
    )


def test_an_experiment_that_is_not_drawn_yet() -> None:
    head = BASE | experiment("b", start="2026-03-16", traffic="20%", exclusive_with=["home/c"])
    head |= experiment("c", status="draft", start=None, end=None, traffic=None)
    assert (
        _text(BASE, head)
        == """\
What changes since 000000000000, as of 2026-03-10

+ home/b  added: A/B test by one, 20% from 2026-03-02 until 2026-03-30
    no buckets yet: `coord allocate home/b` draws 200, and 700 are free
    must be exclusive with
    0% home/a  from 2026-03-16 until 2026-03-30  shares home/header

+ home/c  added: draft of an A/B test by one, no dates or traffic yet

Budgets on their fullest days  before             after              allowed
  home/header, A/B tests       30% on 2026-03-10  50% on 2026-03-16  of 100%

2 added. No unit changes variant.
Ready: 1 new warning (BKT002); `coord check --base 000000000000` says where, and how to mend them.
""".replace("2026-03-02 until", "2026-03-16 until")
    )


def test_one_that_finds_no_room_says_so_instead() -> None:
    lines = _lines(BASE, BASE | experiment("b", start="2026-03-16", traffic="80%"))
    assert not [line for line in lines if "coord allocate" in line]
    assert lines[3].startswith("    error BKT002: home/b has no ledger and nobody is in it yet; it needs 80%")
    assert lines[4].endswith("only 70% are free")
    assert "  home/header, A/B tests       30% on 2026-03-10  110% on 2026-03-16  10% over 100%" in lines
    assert lines[-2].startswith("Not ready: 2 new errors")


def test_a_conflict_stands_out() -> None:
    made = planned(BASE, BASE | experiment("b", start="2026-03-16", buckets="200:500"))
    line = "33.33% home/a  from 2026-03-16 until 2026-03-30  a conflict: shares home/header"
    assert f"    {line}\n" in plan_text.render(made, color=False)
    assert f"\x1b[1;31m{line}\x1b[0m\n" in plan_text.render(made, color=True)


def test_a_verdict_that_several_fields_have_is_told_once() -> None:
    base = organisation(a={"start": "2026-03-16", "buckets": "0:300"})
    head = changed(base, path_of("a"), title="Another", end="2026-04-13")
    assert _lines(base, head)[2:6] == [
        "~ home/a  changed: A/B test by one, 30% from 2026-03-16 until 2026-04-13",
        "    title: Test a -> Another",
        "    end: 2026-03-30 -> 2026-04-13",
        "      safe: it has not started",
    ]


def test_what_is_moved_is_said_at_the_experiment_and_in_all() -> None:
    variants = [{"name": "control"}, {"name": "new", "weight": 3}]
    lines = _lines(BASE, changed(BASE, path_of("a"), variants=variants))
    assert "    variants: new (weight 1) -> new (weight 3)" in lines
    assert "      new experiment needed (CHG001): " in "\n".join(lines)
    assert "    units of 300 buckets change variant or leave (600 units so far)" in lines
    assert "1 changed. Units of 300 buckets change variant or leave (600 units so far)." in lines


def test_estimates_have_three_digits_and_several_experiments_have_no_sum() -> None:
    base = changed(BASE, "surfaces/home/baseline.yaml", daily_units=123456)
    head = changed(base, path_of("a"), traffic="20%")
    assert "(about 98,800 units so far)" in _text(base, head)
    made = planned(base, head)
    (one,) = made.changes
    unknown = replace(one, moved=one.moved._replace(units=None))
    several = plan_text.render(replace(made, changes=(one, one)), color=False)
    assert "\n2 changed. In 2 experiments units change variant or leave.\n" in several
    assert "leave.\n" in plan_text.render(replace(made, changes=(unknown,)), color=False)


def test_units_of_what_is_removed_leave() -> None:
    lines = _lines(BASE, without(BASE, path_of("a"), ledger_of("a")))
    assert lines[2:6] == [
        "- home/a  removed: A/B test by one, 30% from 2026-03-02 until 2026-03-30",
        "    frees 300 buckets",
        "    units of 300 buckets leave (about 2,400 units so far)",
        "    error CHG005: the file of home/a, which started on 2026-03-02, is gone",
    ]


def test_one_that_is_ended() -> None:
    lines = _lines(BASE, changed(BASE, path_of("a"), end="2026-03-10"))
    assert lines[2] == "x home/a  ended: A/B test by one, 30% from 2026-03-02 until 2026-03-10"
    assert lines[-2:] == ["1 ended. No unit changes variant.", "Ready: no new errors or warnings."]


def test_one_that_meets_nobody() -> None:
    assert "    meets nobody" in _lines(BASE, BASE | experiment("b", start="2026-06-01", end="2026-06-29"))


def test_meetings_that_are_over_are_left_out() -> None:
    base = BASE | experiment("old", components=["shelf"], end="2026-03-09", buckets="0:300")
    assert "home/old" not in _text(base, changed(base, path_of("a"), end="2026-04-13"))


def test_a_change_that_the_owner_of_the_surface_lets_pass() -> None:
    waiver = {"rule": "CHG006", "experiment": "home/a", "reason": "agreed", "until": "2026-04-01"}
    base = changed(BASE, SURFACE, waivers=[waiver])
    text = _text(base, changed(base, COORD, decision={"alpha": "1%"}))
    assert "      new experiment needed (CHG006, waived): " in text
    assert (
        """
Ready: no new errors or warnings but what is waived. Waives 1 error:
  CHG006: """
        in text
    )
    assert text.endswith("\n    waived until 2026-04-01: agreed\n")


CONFLICT = {
    "rule": "BKT001",
    "experiment": "home/b",
    "with": "home/a",
    "reason": "copy",
    "until": "2026-04-01",
}
OVERFULL = {"rule": "BUD001", "experiment": "home/b", "reason": "short", "until": "2026-04-01"}


def test_a_change_that_waives_its_own_errors_says_so() -> None:
    head = BASE | experiment("b", start="2026-03-16", buckets="200:1000", traffic="80%")
    told = _text(BASE, changed(head, SURFACE, waivers=[CONFLICT, OVERFULL]))
    assert (
        "  home/header, A/B tests       30% on 2026-03-10  110% on 2026-03-16  10% over 100%, waived\n"
        in told
    )
    told = re.sub(r"\n.*\n?.* (?=Waives )", "\n", told)  # what is found besides
    assert told.endswith("""
Waives 2 errors:
  BUD001: home/header is over budget from 2026-03-16 until 2026-03-30: A/B tests take 110% on
    2026-03-16, 10% over the 100% allowed
    waived until 2026-04-01: short
  BKT001: home/b and home/a share 100 buckets (10% of all units) from 2026-03-16 until 2026-03-30
    waived until 2026-04-01: copy
""")
    styled = plan_text.render(planned(BASE, changed(head, SURFACE, waivers=[CONFLICT])), color=True)
    assert "110% on 2026-03-16  10% over 100%\x1b[0m" in styled  # of the other nobody waives
    assert "Waives 1 error:" in styled


def test_what_was_waived_before_is_no_matter() -> None:
    base = changed(BASE | experiment("b", buckets="200:500"), SURFACE, waivers=[CONFLICT])
    assert "aives" not in _text(base, changed(base, path_of("a"), title="Another"))
    bare = changed(base, SURFACE, waivers=[])
    told = _text(bare, base)  # it makes no error, and its line says what it does
    assert told.endswith("\nReady: no new errors or warnings.\n")
    assert "    added: waiver of BKT001 for home/b with home/a until 2026-04-01: copy\n" in told


def test_waivers_have_a_line_each() -> None:
    one = {"rule": "LIF002", "experiment": "home/a", "reason": "long " * 90, "until": "2026-04-01"}
    base = changed(BASE, SURFACE, waivers=[CONFLICT, one])
    later = {**CONFLICT, "experiment": "home/a", "with": "home/b", "until": "2026-05-01"}
    bare = {"rule": "MET001", "experiment": "home/a"}
    told = re.sub(r"\n {6}", " ", _text(base, changed(base, SURFACE, waivers=[bare, later])))
    assert (
        "    changed: waiver of BKT001 for home/a with home/b until 2026-05-01: copy"
        " (was until 2026-04-01: copy)\n"
        "    removed: waiver of LIF002 for home/a until 2026-04-01: long long "
    ) in told
    assert "long…\n    added: waiver of MET001 for home/a without an end: no reason\n" in told
    assert "{" not in told


def test_a_branch_that_has_gone_on_is_said_first() -> None:
    made = planned(BASE, BASE)
    for behind, told in (
        (2, "2 commits to surfaces/ that this does not have: merge it and check\n  again.\n"),
        (1, "1 commit to surfaces/ that this does not have: merge it and check\n  again.\n"),
    ):
        text = plan_text.render(replace(made, checked=replace(made.checked, behind=behind)), color=False)
        assert text.split("\n", 1)[1].startswith(f"The branch compared with has {told}\n")


def test_commands_that_are_named_have_the_options_that_were_given() -> None:
    made = planned(BASE, BASE | experiment("b", start="2026-03-16", traffic="20%"))
    told = plan_text.render(made, color=False, options=" --today 2026-03-10")
    assert "`coord check --base 000000000000 --today 2026-03-10` says" in told


def test_other_files_drafts_and_findings_elsewhere() -> None:
    idea = experiment("idea", status="draft", start="2026-03-16", end="2026-04-13", traffic="60%")
    base = BASE | idea
    head = changed(
        base | experiment("b", start="2026-03-16", traffic="20%", buckets="400:600"), COORD, teams=["one", 2]
    )
    head = changed(head, SURFACE, title="Another", budget={"component": "40%"})
    head["surfaces/new/surface.yaml"] = {**head[SURFACE], "surface": "new", "title": "New"}
    text = _text(base, changed(head, COORD, teams=["one"]))
    assert (
        """
Drafts
  home/idea no longer fits: with the draft home/idea, home/header would be over budget from
    2026-03-16 until 2026-04-13: A/B tests would take 110% on 2026-03-16, 70% over the 40% allowed
"""
        in text
    )
    assert (
        """
Other files
  surfaces/coord.yaml
    teams.1: two -> nothing
  surfaces/home/surface.yaml
    title: Home -> Another
    budget: nothing -> {"component": "40%"}
  surfaces/new/surface.yaml: new
"""
        in text
    )
    assert (
        "  home/header, A/B tests       30% on 2026-03-10  50% on 2026-03-16  10% over 40% (was 100%)" in text
    )


def test_a_file_that_cannot_be_read_is_said_with_the_place_of_its_error() -> None:
    lines = _lines(BASE, BASE | {path_of("a"): "experiment: ["})
    assert lines[2:9] == [
        "Found elsewhere",
        f"  error SYN001 at {path_of('a')}:1:14: a value is expected here",
        "",
        "Left out, with all that rests on it",
        f"  {path_of('a')}: after the change it could not be read",
        "",
        "No experiment is changed, as far as the files can be read.",
    ]
    mended = _text(BASE | {path_of("a"): "experiment: ["}, BASE)
    assert mended.endswith("\nReady, as far as the files can be read: no new errors or warnings.\n")


def test_lines_fit_where_names_allow_it() -> None:
    """A long list of meetings and of findings, values of several lines."""
    base = dict(BASE)
    for number in range(12):
        base |= experiment(f"other-{number}", components=["shelf"], traffic="5%",
                           buckets=f"{50 * number}:{50 * number + 50}")  # fmt: skip
    head = changed(base, path_of("a"), hypothesis="word " * 100, components=["shelf"])
    lines = _lines(base, head)
    assert max(map(len, lines)) <= 100
    assert "    and 4 more (--format json lists all)" in lines  # meetings
    assert "    and 1 more (--format json lists all)" in lines  # findings


def test_what_is_too_wide_goes_to_lines_of_its_own() -> None:
    base = changed(BASE, path_of("a"), audience={"country": ["SE"]})
    head = base | experiment(
        "b", start="2026-03-16", audience={"country": ["SE"]}, buckets="200:500", traffic="80%"
    )
    told = plan_text.render(planned(base, head), color=False, width=66)
    assert max(map(len, told.splitlines())) <= 66
    assert "+ home/b  added\n    A/B test by one, 80% from 2026-03-16 until 2026-03-30\n" in told
    assert (
        "    33.33% home/a  from 2026-03-16 until 2026-03-30\n           a conflict: shares home/header\n"
        in told
    )
    assert (
        "Budgets on their fullest days, before and after\n"
        "  home/header, A/B tests: 30% on 2026-03-10 (country SE) -> 110%\n"
        "    on 2026-03-16 (country SE), 10% over 100%\n"
    ) in told


VARIANTS: dict[str, tuple[list[dict[str, Any]], str]] = {
    "weights": ([{"name": "b", "weight": 3}], "b (weight 1) -> b (weight 3)"),
    "adaptive": ([{"name": "b", "weight": "adaptive"}], "b (weight 1) -> b (weight adaptive)"),
    "log name": ([{"name": "b", "logged_as": "B"}], "b (logged as b) -> b (logged as B)"),
    "served": ([{"name": "b", "serves": {"x": 1}}], 'b (serves nothing) -> b (serves {"x": 1})'),
    "another": ([{"name": "c"}], "b (weight 1) -> c (weight 1)"),
    "gone": ([], "b (weight 1) -> nothing"),
    "more": ([{"name": "b"}, {"name": "c"}], "c (weight 1)"),
    "system": (
        [{"name": "b", "system": {"kind": "ranker", "platform": "ml", "id": "x", "version": "1"}}],
        "b (no system) -> b (ranker ml/x 1)",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", VARIANTS)
def test_of_variants_only_what_differs_is_told(case: str) -> None:
    others, told = VARIANTS[case]
    a = {"name": "a", "serves": {"long": "x" * 50}}
    base = changed(BASE, path_of("a"), kind="rollout", variants=[a, {"name": "b"}])
    head = changed(
        base, path_of("a"), kind="ab_test" if len(others) > 1 else "rollout", variants=[a, *others]
    )
    assert f"    variants: {told}" in _lines(base, head)


def test_of_variants_in_another_order_the_order_is_told() -> None:
    base = changed(BASE, path_of("a"), variants=[{"name": "a"}, {"name": "b"}])
    head = changed(base, path_of("a"), variants=[{"name": "b"}, {"name": "a"}])
    assert "    variants: a, b -> b, a" in _lines(base, head)


def _many(number: int) -> Plan:
    """Very many changes: most are safe, every hundredth is not."""
    made = planned(BASE, changed(BASE, path_of("a"), title="Another"))
    (safe,) = made.changes
    (grave,) = planned(BASE, changed(BASE, path_of("a"), traffic="20%")).changes

    def named(change: Any, n: int) -> Any:
        return replace(change, after=replace(change.after, key=f"home/e{n:04}"))

    changes = [named(grave if n % 100 == 99 else safe, n) for n in range(number)]
    return replace(made, changes=tuple(changes))


def test_a_thousand_experiments_stay_readable() -> None:
    lines = plan_text.render(_many(1000), color=False).splitlines()
    assert len(lines) < 350
    full = [line for line in lines if re.match(r"~ home/e\d+  changed", line)]
    assert len(full) == 125
    assert full[:10] == [f"~ home/e{n:04}  changed: A/B test by one, 20% from 2026-03-02 until 2026-03-30"
                         for n in range(99, 1000, 100)]  # fmt: skip
    assert "  and 875 more: 875 changed (--format json lists all)" in lines
    assert lines[-2] == "1,000 changed. In 10 experiments units change variant or leave."


HOSTILE = [*MARKUP, *(str(read_yaml(f'"{word}"'.encode())[1]) for word in ACTIVE)]


@pytest.mark.parametrize("word", HOSTILE, ids=ascii)
def test_hostile_text_is_inert(word: str) -> None:
    base = changed(BASE, path_of("a"), start="2026-03-16")
    head = changed(
        base,
        path_of("a"),
        title=word,
        hypothesis=word,
        variants=[{"name": "a"}, {"name": "b", "serves": {word: word}}],
    )
    head = changed(head, SURFACE, title=word, description=word)
    text = _text(base, head)
    assert_inert("text", text)
    assert_inert("text", re.sub("\x1b\\[[0-9;]*m", "", plan_text.render(planned(base, head), color=True)))
