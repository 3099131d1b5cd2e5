"""MET: the metrics an experiment is decided on."""

from collections.abc import Iterator
from fractions import Fraction

from coord.checks.power import shortfalls
from coord.checks.rule import Context, Rule
from coord.checks.words import plural
from coord.domain.catalog import Catalog
from coord.domain.findings import Finding, Place, Related, Severity
from coord.domain.metrics import Requirement, Resolved
from coord.domain.model import Experiment, Kind, Surface
from coord.domain.plans import binds, plan_of
from coord.domain.shares import format_share

_NEEDS = frozenset({"coord", "surface", "experiment", "metrics"})
_ROLES = (("success", "mde"), ("guardrail", "margin"))


class Loosened(Rule):
    """Required metrics make a surface's experiments comparable; one may ask more of them, never less."""

    code = "MET001"
    title = "required metric loosened or dropped"
    fix = (
        "Take the metric's own entry out of the experiment, or make it at least as strict as the surface's. "
        "What a surface requires is changed in surface.yaml."
    )
    needs = _NEEDS
    waivable = True

    def check(self, context: Context) -> Iterator[Finding]:
        """Compare what an experiment asks of a metric with what its surfaces require."""
        for experiment in (*context.catalog.active, *context.catalog.drafts):
            for name in dict.fromkeys((experiment.surface, *experiment.surfaces)):
                if name in context.catalog.surfaces:
                    yield from self._compare(experiment, context.catalog.surfaces[name])

    def _compare(self, experiment: Experiment, surface: Surface) -> Iterator[Finding]:
        for role, bound in _ROLES:
            if role == "success" and surface.name != experiment.surface:
                continue
            own: tuple[Requirement, ...] = getattr(experiment.metrics, role)
            for entry, required in enumerate(getattr(surface.metrics, role)):
                limit = getattr(required, bound) if binds(required, experiment) else None
                for number, mine in enumerate(own):
                    asked = getattr(mine, bound)
                    if mine.metric == required.metric and limit and asked and asked > limit:
                        places = (
                            experiment.at("metrics", role, number, bound),
                            surface.at("metrics", role, entry, bound),
                        )
                        yield self._finding(experiment, surface, places, required, asked, limit)

    def _finding(
        self,
        experiment: Experiment,
        surface: Surface,
        places: tuple[Place, Place],
        required: Requirement,
        asked: Fraction,
        limit: Fraction,
    ) -> Finding:
        place, source = places
        bound = place.pointer[-1]
        return Finding(
            self.code,
            f"the {bound} of {required.metric} in {experiment.key} is {format_share(asked)}, "
            f"and {surface.name} requires {format_share(limit)} or less",
            place,
            f"write {format_share(limit)} or less, or leave the {bound} out to take the surface's",
            experiment=experiment.key,
            surface=experiment.surface,
            related=(Related(None, source, f"{surface.name} requires {format_share(limit)}"),),
            waivable_on=frozenset({surface.name}),
        )


class NoSuccess(Rule):
    """A test without a success metric cannot succeed; whatever comes out will look like a reason to ship."""

    code = "MET002"
    title = "no success metric"
    fix = (
        "Add the metric that the hypothesis is about under `metrics.success`, with the `mde` that the test "
        "is sized for."
    )
    needs = _NEEDS
    waivable = True

    def check(self, context: Context) -> Iterator[Finding]:
        """Report A/B tests for which neither they nor their surface name one."""
        for experiment in (*context.catalog.active, *context.catalog.drafts):
            if experiment.kind is Kind.AB_TEST and not plan_of(context.catalog, experiment).success:
                yield Finding(
                    self.code,
                    f"{experiment.key} has no success metric, and {experiment.surface} requires none",
                    experiment.at("metrics"),
                    "add `metrics: {success: [{metric: …, mde: …}]}`",
                    experiment=experiment.key,
                    surface=experiment.surface,
                    waivable_on=frozenset({experiment.surface}),
                )


class NoMargin(Rule):
    """Without a margin nobody can say that a guardrail held: seeing no loss is not having none."""

    code = "MET003"
    title = "no margin"
    fix = "Add the `margin`: the relative loss on the guardrail that you would still accept."
    needs = _NEEDS
    waivable = True

    def check(self, context: Context) -> Iterator[Finding]:
        """Report guardrails for which neither experiment nor surface gives a margin."""
        for experiment in (*context.catalog.active, *context.catalog.drafts):
            if experiment.kind is Kind.HOLDBACK:
                continue
            for resolved in plan_of(context.catalog, experiment).guardrail:
                if resolved.requirement.margin is None:
                    place = _asked_at(context.catalog, experiment, resolved)
                    in_surface = place.path != experiment.path
                    yield Finding(
                        self.code,
                        f"the guardrail {resolved.requirement.metric} of {experiment.key} has no margin",
                        place,
                        "give the relative loss that is tolerated, such as `margin: 1%`",
                        experiment=experiment.key,
                        surface=experiment.surface,
                        related=(
                            Related(experiment.key, experiment.at("experiment"), "it is asked of this one"),
                        )
                        if in_surface
                        else (),
                        waivable_on=frozenset({experiment.surface}),
                    )


def _asked_at(catalog: Catalog, experiment: Experiment, resolved: Resolved) -> Place:
    """Where a guardrail is asked for: in the experiment, or else in the first surface that requires it."""
    metric = resolved.requirement.metric
    for number, own in enumerate(experiment.metrics.guardrail):
        if own.metric == metric:
            return experiment.at("metrics", "guardrail", number)
    surface = catalog.surfaces[resolved.sources[0]]
    entry = [required.metric for required in surface.metrics.guardrail].index(metric)
    return surface.at("metrics", "guardrail", entry)


class WindowTooLong(Rule):
    """A metric counts for a unit once its window has closed; in a shorter experiment it never counts."""

    code = "MET004"
    title = "window longer than the experiment"
    fix = "Move `end`, or choose a metric with a shorter window."
    needs = _NEEDS
    waivable = True

    def check(self, context: Context) -> Iterator[Finding]:
        """Hold the windows of all metrics against the length of what is not over."""
        for experiment in (*context.catalog.active, *context.catalog.drafts):
            days = experiment.days
            if experiment.kind is Kind.HOLDBACK or not days or days.end <= context.today:
                continue
            plan = plan_of(context.catalog, experiment)
            for resolved in (*plan.success, *plan.guardrail):
                metric = context.catalog.metrics.get(resolved.requirement.metric)
                if metric and not metric.open and metric.window > days.length:
                    yield Finding(
                        self.code,
                        f"{metric.name} needs {plural(metric.window, 'day')} after a unit's first exposure, "
                        f"and {experiment.key} runs {plural(days.length, 'day')}: no window closes",
                        experiment.at("end"),
                        f"run it for more than {plural(metric.window, 'day')}, or take a shorter window",
                        experiment=experiment.key,
                        surface=experiment.surface,
                        waivable_on=frozenset({experiment.surface}),
                    )


class Underpowered(Rule):
    """A test too small to see the effect it is for will most likely show nothing, whatever is true.

    From what was measured on the surface (baseline.yaml): the size every metric needs for the decision to
    have its power, with the correction for several metrics and variants.
    """

    code = "MET005"
    title = "underpowered"
    fix = (
        "Take more traffic, run longer, or size for a larger `mde` or `margin`. `coord power NAME` shows "
        "what each would do."
    )
    severity = Severity.WARNING
    needs = _NEEDS | {"baseline"}
    waivable = True

    def check(self, context: Context) -> Iterator[Finding]:
        """Report the metric that lacks most, for fixed plans that are not over."""
        for experiment in (*context.catalog.active, *context.catalog.drafts):
            if not experiment.days or not experiment.dated or experiment.days.end <= context.today:
                continue
            found = shortfalls(context.catalog, experiment)
            if found:
                worst = min(found, key=lambda lack: (lack.units / lack.needed, lack.metric))
                yield Finding(
                    self.code,
                    f"{experiment.key} will meet about {worst.units:,.0f} units in {worst.variant}, "
                    f"and {worst.metric} needs {worst.needed:,.0f} to show {format_share(worst.effect)}",
                    experiment.at("traffic"),
                    "take more traffic, run longer, or aim at a larger effect",
                    experiment=experiment.key,
                    surface=experiment.surface,
                    data={"metrics": {s.metric: {"units": s.units, "needed": s.needed} for s in found}},
                    waivable_on=frozenset({experiment.surface}),
                )
