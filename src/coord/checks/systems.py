"""SYS: personalisation systems that are evaluated as variants."""

from collections.abc import Iterator

from coord.checks.rule import Context, Rule
from coord.domain.findings import Finding, Severity
from coord.domain.model import Experiment, Kind, System

_NEEDS = frozenset({"coord", "surface", "experiment"})


class _SystemRule(Rule):
    needs = _NEEDS
    waivable = True
    severity = Severity.WARNING

    def finding(self, experiment: Experiment, message: str, hint: str, *pointer: str | int) -> Finding:
        """A finding about a variant of an experiment."""
        return Finding(
            self.code,
            message,
            experiment.at("variants", *pointer),
            hint,
            experiment=experiment.key,
            surface=experiment.surface,
            waivable_on=frozenset({experiment.surface}),
        )


def _experiments(context: Context) -> tuple[Experiment, ...]:
    return (*context.catalog.active, *context.catalog.drafts)


class Adaptive(_SystemRule):
    """Weights that follow the results move units between arms, and no interval of this tool holds for that.

    Adaptive allocation belongs inside the system that is evaluated, with fixed weights around it.
    """

    code = "SYS001"
    title = "adaptive weights at experiment level"
    fix = "Give the variants fixed weights, and let the system adapt inside its own variant."
    severity = Severity.ERROR

    def check(self, context: Context) -> Iterator[Finding]:
        """Report variants with `weight: adaptive`."""
        for experiment in _experiments(context):
            for number, variant in enumerate(experiment.variants):
                if variant.weight is None:
                    message = f"the weight of {variant.name} in {experiment.key} is adaptive"
                    hint = "give it a fixed weight, and let the bandit be a variant's `system`"
                    yield self.finding(experiment, message, hint, number, "weight")


class NoVersion(_SystemRule):
    """Without a version nobody knows later what was tested."""

    code = "SYS002"
    title = "system without version"
    fix = "Add `version`, so that the result says what was tested."

    def check(self, context: Context) -> Iterator[Finding]:
        """Report systems that do not say theirs; rules are static and need none."""
        for experiment in _experiments(context):
            for number, variant in enumerate(experiment.variants):
                system = variant.system
                if system and system.kind != "rules" and system.version is None:
                    message = f"the system of {variant.name} in {experiment.key} has no version"
                    yield self.finding(experiment, message, 'add `version: "…"`', number, "system")


class LearnsFromAll(_SystemRule):
    """A system that learns from every arm carries what one does into the others: no effect is causal."""

    code = "SYS003"
    title = "learns from all arms"
    fix = "Let the system learn from its own variant alone (`learns_from: own_arm`), or from none."

    def check(self, context: Context) -> Iterator[Finding]:
        """Report systems with `learns_from: all`."""
        for experiment in _experiments(context):
            for number, variant in enumerate(experiment.variants):
                if variant.system and variant.system.learns_from == "all":
                    message = f"the system of {variant.name} in {experiment.key} learns from all arms"
                    hint = (
                        "let it learn from its own arm (`own_arm`) or not at all while it is tested (`none`)"
                    )
                    yield self.finding(experiment, message, hint, number, "system", "learns_from")


class NothingToCompare(_SystemRule):
    """The value of personalisation shows only against an arm without it, or against the version before."""

    code = "SYS005"
    title = "no non-personalised or previous-version arm"
    fix = "Add a variant without a system, of kind rules, or with the previous version of the same system."

    def check(self, context: Context) -> Iterator[Finding]:
        """Report tests whose every arm is personalised, none being another version of one of the others."""
        for experiment in _experiments(context):
            systems = [variant.system for variant in experiment.variants]
            served = [system for system in systems if system and system.kind != "rules"]
            if experiment.kind is not Kind.AB_TEST or not served or len(served) < len(systems):
                continue
            if not _has_other_version(served):
                message = f"every arm of {experiment.key} is personalised, none an earlier version of another"
                yield self.finding(experiment, message, "add an arm without a system, or the version before")


def _has_other_version(systems: list[System]) -> bool:
    return any(
        one.identity is not None and one.identity == other.identity and one.version != other.version
        for one in systems
        for other in systems
    )
