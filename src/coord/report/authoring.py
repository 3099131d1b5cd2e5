"""What `coord init`, `coord new` and `coord end` did, and what to do next."""

import shlex
from collections.abc import Collection, Iterable
from fractions import Fraction

from coord.authoring.codeowners import CODEOWNERS, PLACES
from coord.authoring.end import Ended
from coord.authoring.init import ACTION, ALLOCATE, CHECK, Started
from coord.authoring.names import What
from coord.authoring.new import NewFile
from coord.authoring.within import PRE_COMMIT, Within, is_at_top
from coord.checks.result import LocatedFinding
from coord.domain.findings import Severity
from coord.domain.shares import rough_share
from coord.report.visible import visible

_ABOUT = {
    "surfaces/coord.yaml": "spaces, teams: begin here",
    "surfaces/metrics.yaml": "every metric, once",
    "surfaces/home/surface.yaml": "an example surface: rename it, or change it",
    CHECK: "checks every pull request",
    ALLOCATE: "draws buckets after each merge",
    ACTION: "what the check runs",
    CODEOWNERS: "which team reviews what",
    PRE_COMMIT: "checks before each commit (pre-commit install)",
    ".gitattributes": "ledgers are shown folded in reviews",
}


def written(file: NewFile, *, dry_run: bool) -> str:
    """Where the new file is, what is still said about it, and the next command; or the file itself."""
    if dry_run:
        return f"# Dry run: {file.path} would be\n{file.text}"
    findings = [f for f in file.findings if f.code != "BKT002"]  # the next command answers it
    lines = [f"Wrote {file.path}", *_said(findings)]
    first = "correct that, then " if any(f.severity is Severity.ERROR for f in findings) else ""
    if file.what is What.SURFACE:
        lines.append(f"Next: name its components there, then coord new experiment {file.name}/NAME")
    elif file.draft:
        lines.append("Next: complete it, set `status: active`, then")
        lines.append(f"      coord allocate {file.name}")
    else:
        lines.append(f"Next: {first}coord allocate {file.name}")
    return "".join(f"{line}\n" for line in lines)


def ended(ended: Ended, findings: Iterable[LocatedFinding], *, dry_run: bool) -> str:
    """Before and after, what that frees, and what is now said of the experiment."""
    if not ended.changed:
        return f"{ended.key} ends on {ended.before} already. Nothing was changed.\n"
    days = (ended.before - ended.after).days
    earlier = f"{days} day{'' if days == 1 else 's'} earlier"
    lines = [f"{ended.key}: end {ended.before} -> {ended.after} ({earlier})"]
    if ended.buckets:
        share = rough_share(Fraction(ended.buckets, ended.size))
        rest = f", after {(ended.free - ended.after).days} days of rest" if ended.free > ended.after else ""
        buckets = f"{ended.buckets:,} of {ended.size:,} buckets ({share}) of {ended.space}"
        lines.append(f"Frees {buckets} from {ended.free}{rest}.")
    else:
        lines.append("Frees no buckets: it has no ledger.")
    lines += _said(findings)
    lines.append(
        "Dry run: nothing was changed."
        if dry_run
        else f"Next: note the decision under `outcome` in {ended.path} when there is one."
    )
    return "".join(f"{line}\n" for line in lines)


def started(started: Started) -> str:
    """What was written, what was left as it is, and the next commands."""
    where = visible(str(started.root))
    lines = [*_wrote(started)] or [f"Nothing was written to {where}: its files are there."]
    for path, text in started.left.items():
        shown = started.within.place(path)
        lines.append(visible(f"Left as it is, and not as this version writes it: {shown}"))
        lines += _lines_to_add(path, text, started.within)
    lines += _still_to_do(started)
    here = "" if where == "." else f"cd {shlex.quote(where)} && "
    lines.append(f"Next: {here}coord check")
    if "surfaces/home/surface.yaml" in started.written:
        lines.append("      coord new experiment home/first-test")
    return "".join(f"{line}\n" for line in lines)


def _wrote(started: Started) -> Iterable[str]:
    """The files that were written, by where they are."""
    within = started.within
    above = [path for path in started.written if within.folder and is_at_top(path)]
    below = [path for path in started.written if path not in above]
    if below:
        yield f"Wrote to {visible(str(started.root))}:"
        yield from _listed(below)
    if above:
        yield f"Wrote to {visible(str(within.top))}, the top of the repository, as they are read only there:"
        yield from _listed(above)


def _listed(written: Collection[str]) -> Iterable[str]:
    """Every file with what it is for; the schemas together."""
    yield from (f"  {path:<38}{about}" for path, about in _ABOUT.items() if path in written)
    schemas = sum(path.startswith("schemas/") for path in written)
    if schemas:
        yield f"  {'schemas/':<38}{schemas} schemas, for completion in editors"


def _still_to_do(started: Started) -> Iterable[str]:
    """What the files need that this command could not know."""
    workflows = [path for path in (CHECK, ALLOCATE) if path in started.written]
    if not started.installs and workflows:
        yield "This coord is from a local folder. Say where CI can install it from, in"
        yield f"  {' and '.join(workflows)}"
    if started.unowned:
        folder = "" if str(started.root) == "." else f" {shlex.quote(visible(str(started.root)))}"
        yield f"Without {CODEOWNERS}, as no organisation on GitHub is known: coord init{folder} --github ORG"


def _lines_to_add(path: str, text: str, within: Within) -> Iterable[str]:
    """What a file that was there before may lack: a short one, or the workflows of a whole repository."""
    if path in {PRE_COMMIT, ".gitattributes", *PLACES}:
        yield "  It may need:"
        yield from (visible(f"    {line}") for line in text.splitlines() if line)
    elif within.folder and path in {CHECK, ALLOCATE}:
        setting = "the action's `root:" if path == CHECK else "`ROOT:"
        yield visible(f"  Nothing runs for this folder unless a job of it has {setting} {within.folder}`")


def _said(findings: Iterable[LocatedFinding]) -> Iterable[str]:
    """Warnings and errors, one line each with its help."""
    shown = [finding for finding in findings if finding.severity is not Severity.INFO]
    if shown:
        yield "coord check says of it:"
    for finding in shown:
        yield visible(f"  {finding.severity} {finding.code}: {finding.message}")
        if finding.hint:
            yield visible(f"    help: {finding.hint}")
