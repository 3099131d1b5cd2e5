"""A rule explained to a person: why it exists, what it refuses, what it accepts, and what to do."""

import re
from collections.abc import Mapping, Sequence
from difflib import unified_diff
from inspect import cleandoc

from coord.checks.examples import Example, Examples, examples_of
from coord.checks.families import by_family
from coord.checks.rule import Rule
from coord.report import text as findings
from coord.report.styled import Page
from coord.report.words import WIDTH, wrapped

_BLOB = re.compile(r'"base64:([A-Za-z0-9+/=\s]{40})[A-Za-z0-9+/=\s]*"')


def render(rules: Sequence[Rule], *, full: bool, color: bool) -> str:
    """The rules in full, or one line for each."""
    page = Page()
    if full:
        for number, rule in enumerate(rules):
            if number:
                page.line()
            _rule(page, rule)
        return page.render(color=color)
    for family, about, members in by_family(rules):
        page.line((f"{family}: {about}", "bold"))
        for rule in members:
            page.line(f"  {rule.code}  {rule.severity.value:<8} {rule.title}")
    page.line()
    page.line("`coord explain CODE` shows why, a bad and a good example, and how to fix it.")
    return page.render(color=color)


def _rule(page: Page, rule: Rule) -> None:
    page.line((f"{rule.code}: {rule.title}", "bold"), f" ({_nature(rule)})")
    page.line()
    for paragraph in _why(rule):
        _paragraph(page, paragraph)
    page.line(("How to fix:", "bold"))
    _paragraph(page, rule.fix)
    examples = examples_of(rule.code)
    if examples:
        _bad(page, examples.bad)
        _good(page, examples)


def _nature(rule: Rule) -> str:
    waivable = "can be waived by the surface's owner" if rule.waivable else "cannot be waived"
    return f"{rule.severity}, {waivable}{', compares with a base' if rule.compares else ''}"


def _why(rule: Rule) -> list[str]:
    return [" ".join(part.split()) for part in cleandoc(rule.__doc__ or "").split("\n\n")]


def _paragraph(page: Page, text: str) -> None:
    for line in wrapped(text, WIDTH - 4):
        page.line(f"  {line}")
    page.line()


def _bad(page: Page, example: Example) -> None:
    page.line(("Bad: ", "bold red"), (example.case.title, "bold"), _note(example))
    for path in example.paths:
        if example.case.base is None:
            _file(page, path, _source(example.case.files, path), frozenset())
        else:
            _difference(page, example, path)
    page.line(f"  $ {_command(example)}")
    for line in _report(example).splitlines():
        page.line(f"    {line}" if line else "")
    page.line()


def _good(page: Page, examples: Examples) -> None:
    good, before = examples.good, examples.bad.case.files
    marked = any(path in before for path in good.paths)
    note = ", what differs is marked with >" if marked else ""
    page.line(("Good: ", "bold green"), (good.case.title, "bold"), _note(good) or note)
    for path in good.paths:
        if good.case.base is not None:
            _difference(page, good, path)
            continue
        lines = _source(good.case.files, path)
        changed = frozenset(lines) - frozenset(_source(before, path)) if path in before else frozenset()
        _file(page, path, lines, changed)


def _note(example: Example) -> str:
    return "" if example.case.base is None else ", as a diff from the base"


def _file(page: Page, path: str, lines: Sequence[str], marked: frozenset[str]) -> None:
    page.line(f"  {path}")
    for line in lines:
        page.line("    ", (">", "green") if line in marked else "|", f" {line}")


def _difference(page: Page, example: Example, path: str) -> None:
    page.line(f"  {path}{_fate(example, path)}")
    for line in _diff(example, path):
        page.line("    ", (line, _STYLES.get(line[:1], "")))


_STYLES = {"+": "green", "-": "red", "@": "cyan"}


def _diff(example: Example, path: str) -> list[str]:
    """A file's change as a unified diff, without the names of the file."""
    before, after = (_source(tree or {}, path) for tree in (example.case.base, example.case.files))
    return list(unified_diff(before, after, n=2, lineterm=""))[2:]


def _fate(example: Example, path: str) -> str:
    """Whether a change adds or removes the file."""
    if path not in example.case.files:
        return " (removed)"
    return " (new)" if example.case.base is not None and path not in example.case.base else ""


def _source(tree: Mapping[str, bytes], path: str) -> list[str]:
    """The lines of a file; what bitsets look like says nothing, so they are cut short."""
    text = tree.get(path, b"").decode("utf-8-sig", "replace")
    return _BLOB.sub(lambda blob: f'"base64:{blob[1]}..."', text).splitlines()


def _command(example: Example) -> str:
    base = "" if example.case.base is None else " --base origin/main"
    return f"coord check{base} --today {example.case.today}"


def _report(example: Example) -> str:
    """What `coord check` says, without its closing sentence."""
    text = findings.render(example.case.result, infos=True, with_statistics=False, color=False)
    return text.rstrip("\n").rpartition("\n")[0].rstrip("\n")


_INTRODUCTION = """# The rules

`coord check` runs every rule on the whole tree. An error makes the exit code 1; `--fail-on` sets another
bound. Findings about drafts are warnings (SYN and REF stay what they are), and what lies wholly in the past
is info. Infos are only counted unless `--fail-on info` or `--select` asks for them.

Rules that compare say what a change may not do, and run only with `--base REF`: what is compared with is the
point where the change left REF. Their examples are changes, as diffs.

`coord explain CODE` shows a rule in the terminal; `coord explain --all --format markdown` wrote this page.
The tests check every example, and know more of them: [`tests/cases`](../tests/cases)."""


def markdown(rules: Sequence[Rule], *, everything: bool) -> str:
    """The rules in full, as a page of documentation."""
    parts = [_INTRODUCTION] if everything else []
    for family, about, members in by_family(rules):
        parts.append(f"## {family}: {about}")
        for rule in members:
            parts.append(f"### {rule.code}: {rule.title}")
            parts.append(f"*{_nature(rule).replace(', ', '; ')}.* " + "\n\n".join(_why(rule)))
            parts.append(f"**How to fix.** {rule.fix}")
            if examples := examples_of(rule.code):
                parts += _folded("Bad", examples.bad, _report(examples.bad))
                parts += _folded("Good", examples.good, None)
    return "\n\n".join(parts) + "\n"


def _folded(word: str, example: Example, report: str | None) -> list[str]:
    """An example that opens at a click."""
    blocks = [f"<details><summary>{word}: {example.case.title}</summary>"]
    for path in example.paths:
        blocks.append(f"`{path}`{_fate(example, path)}")
        if example.case.base is None:
            blocks.append(_fenced("yaml", "\n".join(_source(example.case.files, path))))
        else:
            blocks.append(_fenced("diff", "\n".join(_diff(example, path))))
    if report:
        blocks.append(f"`{_command(example)}` says")
        blocks.append(_fenced("text", report))
    return [*blocks, "</details>"]


def _fenced(language: str, text: str) -> str:
    return f"```{language}\n{text}\n```"
