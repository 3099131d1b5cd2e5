"""The catalogue: everything an organisation's files say, resolved and indexed."""

from collections import defaultdict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from coord.domain.exclusivity import exclusive_pairs
from coord.domain.holding import Holding, holding
from coord.domain.metrics import DEFAULTS, Baseline, Decision, Metric
from coord.domain.model import DEFAULT_LOGS, Experiment, Kind, Ledger, Logs, Space, Surface, Waiver


@dataclass(frozen=True)
class Catalog:
    """Every object that could be resolved. `experiment_files` also names those whose file is broken."""

    spaces: Mapping[str, Space]
    surfaces: Mapping[str, Surface]
    experiments: Mapping[str, Experiment]
    ledgers: Mapping[str, Ledger]
    experiment_files: frozenset[str] = frozenset()
    metrics: Mapping[str, Metric] = field(default_factory=dict)
    baselines: Mapping[str, Baseline] = field(default_factory=dict)
    decision: Decision = DEFAULTS
    logs: Logs = DEFAULT_LOGS

    @cached_property
    def active(self) -> tuple[Experiment, ...]:
        """The experiments that are not drafts, in the order (start, key)."""
        return tuple(sorted((e for e in self.experiments.values() if not e.draft), key=lambda e: e.order))

    @cached_property
    def drafts(self) -> tuple[Experiment, ...]:
        """The drafts, in the order (start, key), those without a date last."""
        return tuple(sorted((e for e in self.experiments.values() if e.draft), key=lambda e: e.order))

    @cached_property
    def fixed(self) -> frozenset[str]:
        """The dimensions that separate units: declared `fixed` wherever they are declared."""
        declared: dict[str, bool] = {}
        for surface in self.surfaces.values():
            for name, dimension in surface.dimensions.items():
                declared[name] = declared.get(name, True) and dimension.fixed
        return frozenset(name for name, fixed in declared.items() if fixed)

    @cached_property
    def exclusive_pairs(self) -> tuple[tuple[Experiment, Experiment], ...]:
        """The active pairs that must be exclusive and meet in days and audience, the earlier first."""
        return tuple(exclusive_pairs(self.active, self.fixed))

    @cached_property
    def holdings(self) -> Mapping[str, Holding]:
        """What each active experiment with a ledger holds, day by day."""
        result = {}
        for key, ledger in self.ledgers.items():
            experiment = self.experiments.get(key)
            if experiment and not experiment.draft and ledger.space == experiment.space:
                result[key] = holding(experiment, ledger, self.spaces[experiment.space].buckets)
        return result

    @cached_property
    def waivers(self) -> tuple[Waiver, ...]:
        """All waivers, in the order of the surfaces' names."""
        return tuple(waiver for name in sorted(self.surfaces) for waiver in self.surfaces[name].waivers)

    @cached_property
    def by_component(self) -> Mapping[str, tuple[Experiment, ...]]:
        """The active experiments on each component; a holdback is on every component of its surfaces."""
        index: dict[str, list[Experiment]] = defaultdict(list)
        for experiment in self.active:
            for component in self.components_of(experiment):
                index[component].append(experiment)
        return {component: tuple(found) for component, found in index.items()}

    @cached_property
    def by_surface(self) -> Mapping[str, tuple[Experiment, ...]]:
        """The active experiments that belong to each surface."""
        index: dict[str, list[Experiment]] = defaultdict(list)
        for experiment in self.active:
            for surface in experiment.surfaces:
                index[surface].append(experiment)
        return {surface: tuple(found) for surface, found in index.items()}

    @cached_property
    def fixed_values(self) -> Mapping[str, tuple[str, ...]]:
        """The declared values of every dimension that separates units."""
        return {
            name: dimension.values
            for surface in self.surfaces.values()
            for name, dimension in surface.dimensions.items()
            if name in self.fixed
        }

    @cached_property
    def _claims(self) -> Mapping[Hashable, tuple[Experiment, ...]]:
        """The active experiments by what they claim: components, systems, held surfaces, names they avoid."""
        index: dict[Hashable, list[Experiment]] = defaultdict(list)
        for experiment in self.active:
            for claim in (*experiment.components, *experiment.systems):
                index[claim].append(experiment)
            for key in experiment.exclusive_with:
                index["avoids", key].append(experiment)
            if experiment.kind is Kind.HOLDBACK:
                for surface in experiment.surfaces:
                    index["holds", surface].append(experiment)
        return {claim: tuple(found) for claim, found in index.items()}

    def rivals(self, experiment: Experiment) -> tuple[Experiment, ...]:
        """Every active experiment that must be exclusive with this one, whenever they run, in order."""
        claims: list[Hashable] = [*experiment.components, *experiment.systems, ("avoids", experiment.key)]
        claims += [("holds", surface) for surface in experiment.surfaces]
        found = {other.key: other for claim in claims for other in self._claims.get(claim, ())}
        active = {key: self.experiments[key] for key in experiment.exclusive_with if key in self.experiments}
        found |= {key: other for key, other in active.items() if not other.draft}
        if experiment.kind is Kind.HOLDBACK:
            members = (self.by_surface.get(surface, ()) for surface in experiment.surfaces)
            found |= {other.key: other for group in members for other in group}
        found.pop(experiment.key, None)
        return tuple(sorted(found.values(), key=lambda other: other.order))

    def components_of(self, experiment: Experiment) -> tuple[str, ...]:
        """The components whose budget the experiment counts in."""
        if experiment.kind is not Kind.HOLDBACK:
            return experiment.components
        held = (self.surfaces[name] for name in experiment.surfaces if name in self.surfaces)
        return tuple(f"{surface.name}/{component}" for surface in held for component in surface.components)
