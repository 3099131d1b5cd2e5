"""Budget findings against the brute force: which there are, and whether each one's numbers add up."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from oracle.brute_budgets import (
    CODES,
    Breach,
    Excess,
    Figure,
    breaches,
    explained,
    figures,
    kept_apart,
    unexplained_cliques,
    with_drafts,
)
from oracle.brute_draw import unplaced
from oracle.brute_force import (
    REST,
    Cell,
    cells,
    days_of,
    order,
    pair_waivers,
    runs,
    traffic,
)
from oracle.files import experiment_path

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from oracle.shapes import Experiment, Organisation, Surface, Waiver

Finding = dict[str, Any]
SUMS = ("BUD001", "BUD002", "BUD003", "BUD004")


def of_code(findings: Iterable[Finding], *codes: str) -> list[Finding]:
    return [finding for finding in findings if finding["code"] in codes]


def number(text: str) -> Fraction:
    """`12.5%` or `8.2`, exactly."""
    return Fraction(text[:-1]) / 100 if text.endswith("%") else Fraction(text)


def _days(finding: Finding) -> tuple[date, date]:
    return date.fromisoformat(finding["days"]["from"]), date.fromisoformat(finding["days"]["to"])


def budget_differences(org: Organisation, findings: list[Finding]) -> Iterator[str]:
    """BUD001 to BUD004: the same periods with the same figures, and each finding true in itself."""
    reported = of_code(findings, *SUMS)
    expected, read = breaches(org), [_breach(finding) for finding in reported]
    yield from (f"not reported: {breach}" for breach in sorted(expected - set(read), key=repr))
    yield from (f"invented: {breach}" for breach in sorted(set(read) - expected, key=repr))
    if len(read) != len(set(read)):
        yield "one breach is reported twice"
    for finding in reported:
        if _breach(finding).code != finding["code"]:
            yield f"{finding['code']} for the limit {finding['data']['limit']}"
        elif _breach(finding) in expected:
            yield from _figure_differences(org, finding, list(org.active))
            yield from _severity_differences(org, finding, "error")


def _breach(finding: Finding) -> Breach:
    data = finding["data"]
    peak = date.fromisoformat(data["peak_day"])
    subject = CODES[data["limit"]], finding["surface"], data["component"], data["team"]
    return Breach(*subject, *_days(finding), number(data["over"]), peak)


def _figure_differences(org: Organisation, finding: Finding, among: list[Experiment]) -> Iterator[str]:
    """On the peak day and in the cell named, exactly these experiments make up exactly this figure."""
    data, what = finding["data"], f"{finding['code']} {finding['surface']} {finding['days']}"
    day = date.fromisoformat(data["peak_day"])
    if data["first_day"] != finding["days"]["from"]:
        yield f"{what}: first_day is {data['first_day']}"
    subject = data["limit"], finding["surface"], data["component"], data["team"]
    all_cells = _cells(org, data["cell"])
    if not all_cells:
        yield f"{what}: no such cell {data['cell']}"
    for figure in figures(org, day, among):
        if (figure.limit, figure.surface, figure.component, figure.team) != subject:
            continue
        if figure.cell is not None and figure.cell not in all_cells:
            continue
        said = {c["experiment"]: number(c["traffic"]) for c in data["contributors"]}
        if said != {e.key: traffic(e, day) for e in figure.contributors}:
            yield f"{what}: contributors {said} but in {figure.cell} {_contributors(figure, day)}"
        numbers = number(data["allowed"]), number(data["used"]), number(data["over"])
        if numbers != (figure.allowed, figure.used, figure.over):
            yield f"{what}: {numbers} but {figure.allowed}, {figure.used}, {figure.over} in {figure.cell}"
        yield from _subject_differences(finding, figure, what)


def _contributors(figure: Figure, day: date) -> dict[str, Fraction]:
    return {e.key: traffic(e, day) for e in figure.contributors}


def _subject_differences(finding: Finding, figure: Figure, what: str) -> Iterator[str]:
    """The latest contributor is the experiment, the others are related; the largest that fits does fit."""
    keys = [e.key for e in sorted(figure.contributors, key=order)]
    wanted = keys[-1] if finding["code"] != "BUD006" else finding["experiment"]
    if finding["experiment"] != wanted:
        yield f"{what}: experiment {finding['experiment']}, expected {wanted}"
    related = sorted(_related(finding))
    if related != sorted(set(keys) - {finding["experiment"]}):
        yield f"{what}: related {related}, contributors {keys}"
    largest = finding["data"]["largest_that_fits"]
    if largest is not None:
        own = number(dict(_traffics(finding))[finding["experiment"]])
        if not 0 <= number(largest) <= max(Fraction(0), own - figure.over):
            yield f"{what}: {largest} does not fit"


def _related(finding: Finding) -> list[str]:
    """The other experiments; a place may also be the limit itself, in its surface."""
    return [place["experiment"] for place in finding["related"] if place["experiment"] is not None]


def _traffics(finding: Finding) -> Iterator[tuple[str, str]]:
    for contributor in finding["data"]["contributors"]:
        yield contributor["experiment"], contributor["traffic"]


def _cells(org: Organisation, said: dict[str, Any] | None) -> list[Cell]:
    """Every elementary cell inside the one a finding names; what it does not name it takes whole."""
    told = {
        dimension: {*named["values"], *({REST} if named["rest"] else ())}
        for dimension, named in (said or {}).items()
    }
    fixed = {dimension.name for dimension in org.dimensions if dimension.fixed}
    if not told.keys() <= fixed:
        return []
    return [cell for cell in cells(org) if all(value in told.get(name, {value}) for name, value in cell)]


def _severity_differences(org: Organisation, finding: Finding, open_severity: str) -> Iterator[str]:
    covering = [
        (waiver.reason, waiver.until.isoformat())
        for surface, waiver in org.waivers
        if covers(org, surface, waiver, finding)
    ]
    past = _days(finding)[1] <= org.today
    wanted = "info" if past or covering else open_severity
    waived = finding["data"].get("waived")
    what = f"{finding['code']} {finding['experiment']} {finding['days']}"
    if finding["severity"] != wanted:
        yield f"{what}: {finding['severity']}, expected {wanted} (past {past}, waivers {covering})"
    if (waived is not None) != bool(covering) or (
        waived and (waived["reason"], waived["until"]) not in covering
    ):
        yield f"{what}: waived {waived}, expected one of {covering}"


def covers(org: Organisation, surface: Surface, waiver: Waiver, finding: Finding) -> bool:
    """Whether a waiver is in force, stands in the finding's surface, names it and reaches its end."""
    if waiver.rule != finding["code"] or org.today >= waiver.until or finding["days"] is None:
        return False
    if _days(finding)[1] > waiver.until:
        return False
    if waiver.rule == "BKT001":
        pair = [finding["experiment"], *(place["experiment"] for place in finding["related"])]
        a, b = (org.experiment(key) for key in pair)
        return waiver in list(pair_waivers(org, "BKT001", a, b))
    about = {finding["experiment"], *(experiment for experiment, _ in _traffics(finding))}
    return surface.name == finding["surface"] and waiver.experiment in about


def draft_differences(org: Organisation, document: dict[str, Any]) -> Iterator[str]:
    """BUD006: the same drafts over the same limits for the same days; the undated are said to be left out."""
    reported = of_code(document["findings"], "BUD006")
    expected: set[Excess] = set()
    for draft, kept, found in with_drafts(org):
        expected |= found
        for finding in reported:
            if finding["experiment"] == draft.key and _excess(finding) in found:
                yield from _figure_differences(org, finding, [*kept, draft])
                yield from _severity_differences(org, finding, "warning")
    read = [_excess(finding) for finding in reported]
    yield from (f"not reported: {excess}" for excess in sorted(expected - set(read), key=repr))
    yield from (f"invented: {excess}" for excess in sorted(set(read) - expected, key=repr))
    if len(read) != len(set(read)):
        yield "one excess of a draft is reported twice"
    skipped = sorted(entry["path"] for entry in document["skipped"] if entry["code"] == "BUD006")
    undated = sorted(experiment_path(draft) for draft in org.drafts if not draft.dated)
    if skipped != undated:
        yield f"undated drafts {undated}, said to be left out {skipped}"


def _excess(finding: Finding) -> Excess:
    return Excess(finding["experiment"], _breach(finding))


def clique_differences(org: Organisation, findings: list[Finding]) -> Iterator[str]:
    """BUD005: said if and only if there is a set that cannot fit, and every set named is one."""
    over = {day for day in days_of(org.active) if next(unexplained_cliques(org, day), None)}
    reported = [f for f in of_code(findings, "BUD005") if f["severity"] != "warning"]
    errors = [finding for finding in reported if finding["severity"] == "error"]
    if over and not reported:
        yield f"BUD005 not reported: {min(over)} {_some_clique(org, min(over))}"
    ahead = {day for day in over if day >= org.today}
    if ahead and not errors:
        yield f"BUD005 error not reported: {_some_clique(org, min(ahead))}"
    for finding in reported:
        keys = {finding["experiment"], *_related(finding)}
        members = tuple(org.experiment(key) for key in sorted(keys))
        if not _cannot_fit(org, members, *_days(finding)):
            yield f"BUD005 is no set that cannot fit: {sorted(keys)} {finding['days']}"
        if finding["severity"] == "error" and _days(finding)[1] <= org.today:
            yield f"BUD005 of the past is an error: {sorted(keys)} {finding['days']}"


def order_differences(org: Organisation, findings: list[Finding]) -> Iterator[str]:
    """BUD005 as a warning: no ledger, and no room when its turn comes, unless something else says so."""
    reported = {f["experiment"] for f in of_code(findings, "BUD005") if f["severity"] == "warning"}
    others = [f for f in of_code(findings, "BUD001", "BUD005") if f["severity"] != "warning"]
    said = {key for finding in others for key in (finding["experiment"], *_related(finding))}
    expected = unplaced(org)
    yield from (f"BUD005 warning not reported: {key}" for key in sorted(expected - said - reported))
    yield from (f"BUD005 warning invented: {key}" for key in sorted(reported - expected))


def _some_clique(org: Organisation, day: date) -> list[str]:
    return [experiment.key for experiment in next(unexplained_cliques(org, day))]


def _cannot_fit(org: Organisation, members: tuple[Experiment, ...], first: date, end: date) -> bool:
    """All apart from each other, and on every day named all running on more than everything."""
    days = [day for day in days_of(members) if first <= day < end]
    apart = all(kept_apart(org, a, b) for a in members for b in members if a.key < b.key)
    sums = [sum((traffic(e, day) for e in members), Fraction(0)) for day in days]
    together = all(runs(e, day) for e in members for day in days)
    return bool(days) and apart and together and min(sums) > 1 and not explained(org, members)


assert set(CODES.values()) == set(SUMS)
