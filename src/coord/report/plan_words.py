"""How a plan is told: the words that its text and its Markdown share."""

from collections import Counter
from collections.abc import Iterator

from coord.domain.budgets import Limit
from coord.domain.change.field import FieldChange, Type
from coord.domain.findings import Severity
from coord.domain.model import Experiment, Kind
from coord.domain.shares import format_share
from coord.report.words import KINDS, amount, cell_words
from coord.review.budgets import BudgetChange
from coord.review.plan import Action, ExperimentChange, Plan
from coord.status.levels import Stretch

SIGNS = {Action.ADDED: "+", Action.CHANGED: "~", Action.ENDED: "x", Action.REMOVED: "-"}
TYPES = {Type.SAFE: "safe", Type.NEW_EXPERIMENT: "new experiment needed", Type.FORBIDDEN: "forbidden"}


def headline(plan: Plan) -> str:
    """One sentence: how many experiments are touched, and how many units change variant."""
    counts = Counter(change.action for change in plan.changes)
    told = [f"{counts[action]} {action.value}" for action in Action if counts[action]]
    if not told:
        return "No experiment is changed."
    return f"{', '.join(told)}. {moved_words(plan)}"


def moved_words(plan: Plan) -> str:
    """How many units change variant over all experiments."""
    buckets = sum(change.moved.buckets for change in plan.changes)
    if not buckets:
        return "No unit changes variant."
    known = [change.moved.units for change in plan.changes]
    units = "" if None in known else f" (about {sum(n for n in known if n is not None):,} so far)"
    return f"Units in {buckets:,} bucket{'' if buckets == 1 else 's'} change variant or leave{units}."


def check_words(plan: Plan) -> str:
    """What the check says of the change."""
    found = plan.new_findings
    if not any(finding.severity is not Severity.INFO for finding in found):
        return "`coord check` finds nothing new."
    parts = []
    for severity in (Severity.ERROR, Severity.WARNING):
        codes = Counter(finding.code for finding in found if finding.severity is severity)
        if codes:
            number = codes.total()
            listed = ", ".join(f"{code} × {n}" if n > 1 else code for code, n in sorted(codes.items()))
            parts.append(f"{number} new {severity.value}{'' if number == 1 else 's'} ({listed})")
    return f"`coord check` finds {' and '.join(parts)}."


def experiment_words(experiment: Experiment) -> str:
    """What it is, whose, how much, when."""
    kind = f"{KINDS[experiment.kind]} by {experiment.owner}"
    if experiment.draft:
        kind = f"draft of {'an' if experiment.kind is Kind.AB_TEST else 'a'} {kind}"
    if not experiment.dated or experiment.days is None:
        return f"{kind}, no dates or traffic yet"
    steps = ", ".join(dict.fromkeys(format_share(step.traffic) for step in experiment.steps))
    return f"{kind}, {steps} from {experiment.days.start} until {experiment.days.end}"


def bucket_words(change: ExperimentChange) -> str:
    """Buckets drawn and freed, and who is moved; empty when nothing of it happens."""
    parts = []
    if change.drawn:
        parts.append(f"draws {change.drawn:,} buckets")
    if change.freed:
        parts.append(f"frees {change.freed:,} buckets")
    if change.moved.buckets:
        units = "" if change.moved.units is None else f", about {change.moved.units:,} units so far"
        parts.append(f"units of {change.moved.buckets:,} buckets change variant or leave{units}")
    return "; ".join(parts)


def type_words(change: FieldChange) -> str:
    """`forbidden (CHG002)`."""
    return f"{TYPES[change.type]} ({change.rule})" if change.rule else TYPES[change.type]


def limit_words(limit: Limit) -> str:
    """What a limit is on."""
    if limit.kind == "component":
        return f"{limit.component}, A/B tests"
    if limit.kind == "total":
        return f"{limit.component}, everything"
    names = {
        "per_unit": "experiments per unit",
        "concurrent": "experiments at once",
        "team": f"team {limit.team}",
    }
    return f"{limit.surface}, {names[limit.kind]}"


def stretch_words(limit: Limit, stretch: Stretch | None) -> str:
    """What is used on the fullest day, and when that is."""
    if stretch is None:
        return "none"
    if not stretch.used:
        return "0" if limit.kind in {"per_unit", "concurrent"} else "0%"
    cell = cell_words(stretch.cell)
    at_most = "at most " if stretch.bound else ""
    where = f" ({cell})" if cell else ""
    return f"{at_most}{amount(limit.kind, stretch.used)} on {stretch.days.start}{where}"


def shown_budgets(plan: Plan) -> Iterator[BudgetChange]:
    """The limits worth a line: those that change; everything on a component only where it says more."""
    known = {(one.limit.component, one.limit.kind): one for one in plan.budgets}
    for one in plan.budgets:
        tests = known.get((one.limit.component, "component")) if one.limit.kind == "total" else None
        if one.changed and not (tests and (tests.before, tests.after) == (one.before, one.after)):
            yield one
