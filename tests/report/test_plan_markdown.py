"""The plan as a comment: its size, what a parser makes of it, and that whatever files say stays text."""

import re
from dataclasses import replace
from typing import Any

import pytest
from markdown_it.token import Token

from coord.domain.change.field import FieldChange, Type
from coord.domain.findings import Severity
from coord.report import plan_markdown
from coord.review.drafts import DraftChange
from coord.review.files import FileChange
from coord.review.plan import Plan
from coord.review.unreadable import Side, Unreadable
from coord.review.waived import Waived
from report.test_markdown_text import ACTED_ON, HOSTILE, PARSER
from review.trees import (
    BASE,
    BASELINE,
    COORD,
    SURFACE,
    Files,
    changed,
    experiment,
    organisation,
    path_of,
    planned,
    without,
)

GITHUBS_LIMIT = 65_536
_HTML = re.compile(
    r"<!-- coord-plan -->|</?details>|<details open>|<br>|</?sub>"
    r"|<summary>(?:Budgets|Other files|and [\d,]+ more|<code>[^<>]*</code> [a-z0-9, ]*)</summary>"
)


def _comment(base: Files, head: Files) -> str:
    return plan_markdown.render(planned(base, head))


def _tokens(markdown: str) -> list[Token]:
    parser = PARSER.__class__("commonmark", {"html": True}).enable(["table", "strikethrough"])
    return [inner for token in parser.parse(markdown) for inner in (token, *(token.children or ()))]


def _assert_inert(markdown: str) -> None:
    """Only the HTML that coord writes, no link or picture, and nothing that GitHub acts on in text."""
    for token in _tokens(markdown):
        assert not token.type.startswith(
            ("link", "image", "s_open", "em_open", "hr", "fence", "code_block")
        ), token
        if token.type in {"html_block", "html_inline"}:
            assert not _HTML.sub("", token.content).strip(), token.content
        if token.type == "text":
            assert not ACTED_ON.search(token.content), token.content


def test_it_begins_with_the_mark_by_which_it_is_found_again() -> None:
    for head in (BASE, changed(BASE, path_of("a"), traffic="20%"), {}):
        assert _comment(BASE, head).startswith("<!-- coord-plan -->\n\n### ")


def test_nothing_is_changed() -> None:
    assert (
        _comment(BASE, BASE)
        == """\
<!-- coord-plan -->

### ✅ coord plan: no experiment is changed

No experiment is changed. `coord check` finds nothing new.

<sub>As of 2026-03-10, compared with `000000000000`. In a terminal: `coord plan --base 000000000000`</sub>
"""
    )


BROUGHT = (
    "* **warning `BKT006`** the buckets of home/c were brought in from another system and are not a random "
    "draw<br>→ draw them: delete the ledger and run `coord allocate home/c`"
)
WAITS = "no buckets yet: `coord allocate home/b` draws 200, and 700 are free"


def test_one_that_is_added_reads_like_this() -> None:
    head = BASE | experiment("b", start="2026-03-16", traffic="20%")
    head |= experiment("c", start="2026-03-16", components=["shelf"], buckets="150:450")
    assert (
        _comment(BASE, head)
        == f"""\
<!-- coord-plan -->

### ⚠️ coord plan: ready, with 2 new warnings

2 added. No unit changes variant. `coord check` finds 2 new warnings (BKT002, BKT006).

{BROUGHT}

| | experiment | what it is | what happens |
|---|---|---|---|
| `+` | `home/b` | A/B test by one<br>20% from 2026-03-16 until 2026-03-30 | added<br>{WAITS} |
| `+` | `home/c` | A/B test by one<br>30% from 2026-03-16 until 2026-03-30 | added<br>draws 300 buckets |

<details open><summary>Budgets</summary>

| limit | fullest before | fullest after | allowed |
|---|---|---|---|
| home/header, A/B tests | 30% on 2026-03-10 | 50% on 2026-03-16 | of 100% |
| home/shelf, A/B tests | 0% | 30% on 2026-03-16 | of 100% |

</details>

<details open><summary><code>home/b</code> meets 1, must be exclusive with 1</summary>

| overlap | with | from | until | must be exclusive |
|---|---|---|---|---|
| 0% | `home/a` | 2026-03-16 | 2026-03-30 | shares home/header |
| about 30% | `home/c` | 2026-03-16 | 2026-03-30 |  |

</details>

<details open><summary><code>home/c</code> meets 2</summary>

| overlap | with | from | until | must be exclusive |
|---|---|---|---|---|
| 50% | `home/a` | 2026-03-16 | 2026-03-30 |  |
| about 20% | `home/b` | 2026-03-16 | 2026-03-30 |  |

</details>

<sub>As of 2026-03-10, compared with `000000000000`. In a terminal: `coord plan --base 000000000000`</sub>
"""
    )


def test_errors_come_with_what_to_do_and_conflicts_stand_out() -> None:
    head = BASE | experiment("b", start="2026-03-16", buckets="200:500", traffic="80%")
    told = _comment(BASE, changed(head, path_of("a"), hypothesis="Another."))
    assert "### ❌ coord plan: 4 errors to mend first\n" in told
    assert "* **error `BKT003`** home/b holds 300 buckets" in told
    assert "<br>→ there is no room to draw home/b again: lower its traffic, or move it" in told
    assert (
        "| **33.33%** | **`home/a`** | **2026-03-16** | **2026-03-30** | **a conflict: shares home/header** |"
        in told
    )
    assert "added<br>draws 300 buckets<br>❌ " in told
    assert "changed: hypothesis<br>**new experiment needed** |" in told
    assert "| **110% on 2026-03-16** | **10% over 100%** |" in told
    assert "<br>**new experiment needed (CHG001)**: written after data" in told


def test_why_a_share_is_what_it_is() -> None:
    se, us = {"country": ["SE"]}, {"country": ["US"]}
    base = organisation(a={"buckets": "0:300", "audience": se})
    head = base | experiment("b", start="2026-03-16", components=["shelf"], audience=us, buckets="0:300")
    assert "| 0% (disjoint audiences) | `home/a` | 2026-03-16 | 2026-03-30 |  |" in _comment(base, head)
    head = base | experiment("b", start="2026-03-16", audience=us, buckets="0:300")
    assert "| 0% | `home/a` | 2026-03-16 | 2026-03-30 | disjoint audiences |" in _comment(base, head)
    waiver = {
        "rule": "BKT001",
        "experiment": "home/a",
        "with": "home/b",
        "reason": "x",
        "until": "2026-04-01",
    }
    base = changed(organisation(a={"buckets": "0:300"}), SURFACE, waivers=[waiver])
    head = base | experiment("b", start="2026-03-16", buckets="0:300")
    told = _comment(base, head)
    assert "| 100% | `home/a` | 2026-03-16 | 2026-03-30 | waived: shares home/header |" in told


def test_a_change_that_waives_its_own_errors_says_so() -> None:
    until = {"experiment": "home/b", "until": "2026-04-01"}
    waivers = [
        {"rule": "BKT001", "with": "home/a", "reason": "@copy", **until},
        {"rule": "BUD001", "reason": "short", **until},
    ]
    head = BASE | experiment("b", start="2026-03-16", buckets="200:1000", traffic="80%")
    told = _comment(BASE, changed(head, SURFACE, waivers=waivers))
    assert re.search("^### ⚠️ coord plan: ready.*; waives 2 errors$", told, re.MULTILINE)
    assert "\nWaives 2 errors:\n\n* **`BUD001`** home/header is over budget" in told
    assert "* **`BKT001`** home/b and home/a share 100 buckets (10% of all units) from" in told
    assert " until 2026-03-30<br>waived until 2026-04-01: `@copy`\n" in told
    assert "| 110% on 2026-03-16 | 10% over 100%, waived |" in told
    assert "  * added: waiver of BKT001 for home/b with home/a until 2026-04-01: `@copy`\n" in told


def test_a_waiver_alone_is_no_plain_ready() -> None:
    waiver = {"rule": "CHG006", "experiment": "home/a", "reason": "agreed", "until": "2026-04-01"}
    base = changed(BASE, SURFACE, waivers=[waiver])
    told = _comment(base, changed(base, COORD, decision={"alpha": "1%"}))
    assert "### ⚠️ coord plan: ready; waives 1 error\n" in told
    assert "`coord check` finds nothing new but what is waived.\n" in told


def test_a_branch_that_has_gone_on_is_said_first() -> None:
    made = planned(BASE, BASE)
    told = plan_markdown.render(replace(made, checked=replace(made.checked, behind=2)))
    assert "\n\n⚠️ The branch compared with has 2 commits to surfaces/ that this does not have: merge " in told


@pytest.mark.parametrize("text", [*HOSTILE, "`" * 7, "x" * 5000])
def test_options_of_the_command_are_hostile_too(text: str) -> None:
    _assert_inert(plan_markdown.render(planned(BASE, BASE), options=f" --root '{text}'"))


def test_a_verdict_that_several_fields_have_is_told_once() -> None:
    base = organisation(a={"start": "2026-03-16", "buckets": "0:300"})
    told = _comment(base, changed(base, path_of("a"), title="Another", owner="two"))
    assert "* `title`: `Test a` → `Another`\n* `owner`: `one` → `two`<br>safe: it has not started\n" in told


def test_drafts_files_and_what_is_left_out() -> None:
    idea = experiment("idea", status="draft", start="2026-03-16", end="2026-04-13", traffic="60%")
    base = BASE | idea | experiment("x", components=["shelf"])
    head = changed(base, SURFACE, budget={"component": "80%"}) | {path_of("x"): "["}
    told = _comment(base, without(head, BASELINE))
    assert "Drafts:\n\n* `home/idea` no longer fits: with the draft home/idea" in told
    assert "* `surfaces/home/baseline.yaml`: removed\n" in told
    assert '  * `budget`: nothing → `{"component": "80%"}`\n' in told
    assert f"* `{path_of('x')}`: after the change it could not be read" in told
    assert f"* **error `SYN001`** a value is expected here (`{path_of('x')}:1:2`)" in told


def test_a_draft_alone_meets_nobody_and_says_nothing_of_it() -> None:
    told = _comment(BASE, BASE | experiment("b", start="2026-06-01", end="2026-06-29"))
    assert "It meets nobody." in told
    assert "It meets nobody." not in _comment(BASE, BASE | experiment("b", status="draft"))


def test_a_mended_file_is_said_in_the_verdict() -> None:
    told = _comment(BASE | {path_of("a"): "["}, BASE)
    assert "### ⚠️ coord plan: ready, as far as the files can be read" in told


def test_details_of_a_few_are_open_and_of_many_folded() -> None:
    few = {f"e{number}": {"start": "2026-04-06", "end": "2026-05-04", "traffic": "1%"} for number in range(5)}
    assert _comment({}, organisation(**few)).count("<details open>") == 6  # and the budgets
    more = few | {"f": {"start": "2026-04-06", "end": "2026-05-04", "traffic": "1%"}}
    told = _comment({}, organisation(**more))
    assert told.count("<details>") == 8  # and the other files
    assert "<details open>" not in told


@pytest.mark.parametrize(
    "text", [*HOSTILE, "</code></summary><script>x</script>", "`" * 7, "|" * 9, "x" * 5000]
)
def test_whatever_files_say_stays_text(text: str) -> None:
    base = changed(BASE, path_of("a"), start="2026-03-16", audience={"country": ["SE"]})
    base = changed(base, SURFACE, audience={"country": {"fixed": True, "values": ["SE", "US"]}})
    head = changed(base, path_of("a"), title=text, hypothesis=text, traffic="90%")
    head = changed(head, path_of("a"), variants=[{"name": "a"}, {"name": "b", "serves": {text: text}}])
    head = changed(head, SURFACE, title=text, description=text)
    head = changed(head, COORD, logs={"exposures": {"timestamp": text[:60]}})
    waiver = {"rule": "BUD001", "experiment": "home/a", "reason": text, "until": "2026-04-01"}
    _assert_inert(_comment(base, changed(head, SURFACE, waivers=[waiver])))
    _assert_inert(_comment(changed(head, SURFACE, waivers=[waiver]), base))


def _everywhere(text: str) -> Plan:
    """A plan that says the text in every place that is not a name by its schema."""
    made = planned(BASE, BASE | experiment("b", start="2026-03-16", buckets="200:500"))
    (change,) = made.changes
    field = FieldChange("hypothesis", text, text, Type.NEW_EXPERIMENT, text, "CHG001", ())
    odd = replace(change.experiment, key=f"home/{text}", owner=text)
    finding = next(found for found in made.checked.findings if found.new)
    location = finding.location._replace(path=f"surfaces/{text}")
    told = replace(finding, code="SYN001", message=text, hint=text, location=location, experiment=None)
    at_it = replace(finding, message=text, experiment=odd.key)
    return replace(
        made,
        changes=(replace(change, after=odd, fields=(field,)),),
        drafts=(DraftChange(odd, text), DraftChange(odd, None)),
        files=(FileChange(f"surfaces/{text}", ("a", text, 1), {text: text}, text),),
        unreadable=(Unreadable(f"surfaces/{text}", Side.BOTH, text),),
        checked=replace(made.checked, findings=(told, at_it)),
        waived=(Waived(told, Severity.ERROR, text, "2026-04-01"),),
    )


@pytest.mark.parametrize(
    "text", [*HOSTILE, "</code></summary><script>x</script>", "`" * 7, "|" * 9, "\u202ex\n\n# y"]
)
def test_names_of_files_are_hostile_too(text: str) -> None:
    told = plan_markdown.render(_everywhere(text))
    _assert_inert(told)
    tables = [token for token in _tokens(told) if token.type in {"th_open", "td_open"}]
    assert (
        len(tables) == 4 + 4 + 4 * 2 + 5 * 2
    )  # experiments, and the budget and the meeting below their headings


def _many(number: int, text: str) -> Plan:
    """A plan of so many experiments with long values, findings, drafts and files."""
    made = _everywhere(text)
    (change,) = made.changes
    told, at_it = made.checked.findings
    changes: list[Any] = []
    findings: list[Any] = []
    for n in range(number):
        key = f"home/{n}"
        fields = tuple(change.fields[0]._replace(field=f"metrics.{m}") for m in range(30))
        meets = tuple(change.meets * 30)
        after: Any = replace(change.after, key=key, owner="o" * 63)  # type: ignore[type-var]
        changes.append(replace(change, after=after, fields=fields, meets=meets))
        findings += [replace(at_it, experiment=key), replace(told, severity=Severity.WARNING)]
    return replace(
        made,
        changes=tuple(changes),
        drafts=made.drafts * number,
        files=made.files * number,
        unreadable=made.unreadable * number,
        budgets=made.budgets * number,
        waived=made.waived * number,
        checked=replace(made.checked, findings=tuple(findings)),
    )


@pytest.mark.parametrize("letter", ["x", "`", "|", "é", "実", "@", "\\", "`|", " `"])
def test_a_comment_is_never_too_long(letter: str) -> None:
    """GitHub counts characters; bytes are never fewer, and are what is kept to."""
    told = plan_markdown.render(_many(2000, letter * (500 // len(letter))))
    assert len(told.encode()) <= GITHUBS_LIMIT
    verdict = "### ❌ coord plan: 2,000 errors to mend first; waives 2,000 errors\n"
    assert told.startswith(f"<!-- coord-plan -->\n\n{verdict}")
    assert "and 1,980 more" in told
    assert told.count("<details") == told.count("</details>")
    assert told.endswith("</sub>\n")


def test_of_many_the_gravest_are_shown() -> None:
    made = _many(100, "x")
    grave = [replace(change, type=Type.FORBIDDEN) for change in made.changes[90:]]
    told = plan_markdown.render(replace(made, changes=(*made.changes[:90], *grave)))
    assert "`home/95`" in told
    assert "`home/12`" not in told
    assert "| | and 80 more | | 80 added |" in told
