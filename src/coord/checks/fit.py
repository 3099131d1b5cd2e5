"""BUD005: what cannot be placed together, whatever the draw."""

from collections.abc import Iterator
from fractions import Fraction

from coord.allocation.placement import Placement
from coord.checks.rule import Context, Rule
from coord.checks.words import days_in_words, listed
from coord.domain.cliques import Clique, Graph, TooManySets
from coord.domain.findings import Cause, Finding, Related, Severity, Skipped
from coord.domain.model import Experiment
from coord.domain.shares import WHOLE, format_share, rough_share


class DoesNotFit(Rule):
    """Experiments that must all be exclusive share out the buckets; beyond 100% no draw can place them.

    A warning when it is only the order of drawing that leaves too few: experiments that overlap each other
    at random leave less room for one that must avoid both than the larger of them would.
    """

    code = "BUD005"
    title = "does not fit together"
    fix = (
        "Lower the traffic of one of them, start it when another has ended, or give them audiences that a "
        "fixed dimension separates. `coord allocate NAME --start earliest` finds the first day with room."
    )
    needs = frozenset({"coord", "surface", "experiment", "allocation"})
    waivable = True

    def check(self, context: Context) -> Iterator[Finding]:
        """Report the sets that cannot fit, then the experiments that do not fit in this order."""
        told = _over_everything(context)
        for clique in self._cliques(context):
            if not context.past(clique.days):
                told.update(member.key for member in clique.members)
            yield self._set(context, clique)
        for placement in context.placements.values():
            if not placement.fits and placement.experiment.key not in told:
                yield self._order(context, placement)

    def _cliques(self, context: Context) -> list[Clique]:
        """The heaviest set for each experiment that comes last in one, in the past and from today on."""
        graph = Graph(context.catalog)
        worst: dict[tuple[str, bool], Clique] = {}
        for experiment in context.catalog.active:
            try:
                for clique in graph.cliques(experiment, context.today):
                    last = clique.members[-1].key, bool(context.past(clique.days))
                    if last not in worst or clique.needed > worst[last].needed:
                        worst[last] = clique
            except TooManySets:
                reason = f"{experiment.key} is in too many exclusive sets to compare"
                context.skipped.append(Skipped(self.code, experiment.path, reason, Cause.TOO_LARGE))
        return [worst[key] for key in sorted(worst)]

    def _order(self, context: Context, placement: Placement) -> Finding:
        experiment, number = placement.experiment, len(placement.avoids)
        size = context.catalog.spaces[experiment.space].buckets
        needed, free = (rough_share(Fraction(n, size)) for n in (placement.needed, placement.free))
        others = "experiment that it must avoid leaves"
        others = others if number == 1 else f"{number} experiments that it must avoid leave"
        return Finding(
            self.code,
            f"{experiment.key} does not fit in this order: it needs {needed} of the buckets, "
            f"and the {others} {free}",
            experiment.at("traffic"),
            "lower its traffic, start it later, or narrow its audience by a fixed dimension",
            severity=Severity.WARNING,
            experiment=experiment.key,
            surface=experiment.surface,
            related=_related(placement.avoids),
            data={"needed": placement.needed, "free": placement.free},
            waivable_on=frozenset({experiment.surface}),
        )

    def _set(self, context: Context, clique: Clique) -> Finding:
        *others, last = clique.members
        past = context.past(clique.days)
        hint = f"take {format_share(clique.needed - 1)} less between them, or move one to other days"
        return Finding(
            self.code,
            f"{listed([member.key for member in clique.members])} must be exclusive with each other "
            f"{days_in_words(clique.days)} and need {format_share(clique.needed)} of the buckets together",
            last.at("traffic"),
            None if past else hint,
            why="each two of them can meet in a unit, so no bucket can serve two",
            severity=past,
            experiment=last.key,
            surface=last.surface,
            related=_related(tuple(others)),
            days=clique.days,
            data={"needed": format_share(clique.needed), "over": format_share(clique.needed - 1)},
            waivable_on=frozenset({last.surface}),
        )


def _over_everything(context: Context) -> set[str]:
    """The experiments of which BUD001 already says that they take more than all buckets."""
    return {
        member.key
        for breach in context.breaches
        if breach.peak.limit.component and breach.peak.used > WHOLE and not context.past(breach.days)
        for member, _ in breach.peak.uses
    }


def _related(members: tuple[Experiment, ...]) -> tuple[Related, ...]:
    return tuple(
        Related(m.key, m.at("traffic"), f"{m.key} takes {format_share(m.traffic)} until {m.days.end}")
        for m in members
        if m.days
    )
