"""REF: names that must exist, be unique, and fit together."""

from collections import defaultdict
from collections.abc import Iterator
from functools import partial

from coord.checks.pairs import place_of, why_exclusive
from coord.checks.rule import Context, ReadingRule, Rule
from coord.checks.words import days_in_words
from coord.domain.exclusivity import reasons
from coord.domain.findings import Finding, Place, Related
from coord.domain.model import Experiment, Space


class UnknownName(ReadingRule):
    """A reference to something that does not exist protects nobody: a misspelt component excludes nothing."""

    code = "REF001"
    title = "unknown surface, space, team, component, metric, experiment or audience value"
    fix = (
        "Correct the name, or declare it where the message says. Components and audience values are declared "
        "in surface.yaml, spaces and teams in coord.yaml, metrics in metrics.yaml."
    )
    needs = frozenset({"coord", "surface", "experiment", "metrics"})


class UsedTwice(Rule):
    """Two experiments with one salt put the same units in the same arms, so each confounds the other.

    Salts of spaces and experiments are distinct over the whole tree and contain no `|`; so are the names
    in logs. Dimensions of one name mean the same on every surface.
    """

    code = "REF002"
    title = "name or salt used twice"
    fix = (
        "Give the later of the two a salt or name of its own, as long as it has not started; declare "
        "dimensions alike on every surface."
    )
    needs = frozenset({"coord", "surface", "experiment"})

    def check(self, context: Context) -> Iterator[Finding]:
        """Report the later of two users of a salt or name."""
        yield from (finding for finding in context.reading if finding.code == self.code)
        yield from self._salts(context)
        yield from self._logged_names(context)
        yield from self._dimensions(context)

    def _salts(self, context: Context) -> Iterator[Finding]:
        users: dict[str, list[Space | Experiment]] = defaultdict(list)
        catalog = context.catalog
        everybody: list[Space | Experiment] = [*catalog.spaces.values(), *catalog.experiments.values()]
        for user in everybody:
            users[user.salt].append(user)
        for salt, group in users.items():
            if "|" in salt:
                for user in group:
                    message = (
                        f'the salt of {_name(user)} contains "|", which separates salt and unit in the hash'
                    )
                    yield self._finding(user, "salt", message, "choose a salt without it")
            first, *others = group if len(group) == 1 else sorted(group, key=partial(_precedence, "salt"))
            for user in others:
                message = (
                    f'{_name(user)} has the salt "{salt}", which {_name(first)} has too: {_harm(first, user)}'
                )
                yield self._finding(user, "salt", message, "give it a salt of its own", first)

    def _logged_names(self, context: Context) -> Iterator[Finding]:
        users: dict[str, list[Experiment]] = defaultdict(list)
        for experiment in context.catalog.experiments.values():
            users[experiment.logged_as].append(experiment)
        for name, group in users.items():
            if len(group) > 1:
                first, *others = sorted(group, key=partial(_precedence, "logged_as"))
                for experiment in others:
                    message = f'{experiment.key} is logged as "{name}", and so is {first.key}'
                    yield self._finding(experiment, "logged_as", message, "give it another name", first)

    def _dimensions(self, context: Context) -> Iterator[Finding]:
        declared = defaultdict(list)
        for name in sorted(context.catalog.surfaces):
            for dimension in context.catalog.surfaces[name].dimensions.values():
                declared[dimension.name].append((name, dimension))
        for dimension_name, (first, *others) in sorted(declared.items()):
            for name, dimension in others:
                if (dimension.fixed, {*dimension.values}) != (first[1].fixed, {*first[1].values}):
                    what = "fixed" if dimension.fixed != first[1].fixed else "values"
                    message = (
                        f"the dimension {dimension_name} of {name} differs in `{what}` from {first[0]}'s"
                    )
                    place = context.catalog.surfaces[name].at("audience", dimension_name, what)
                    related = context.catalog.surfaces[first[0]].at("audience", dimension_name, what)
                    hint = "declare it alike, or give it another name"
                    yield Finding(
                        self.code,
                        message,
                        place,
                        hint,
                        surface=name,
                        related=(Related(None, related, f"{first[0]} declares it so"),),
                    )

    def _finding(
        self,
        user: Space | Experiment,
        field: str,
        message: str,
        hint: str,
        first: Space | Experiment | None = None,
    ) -> Finding:
        related: tuple[Related, ...] = ()
        if first:
            key = first.key if isinstance(first, Experiment) else None
            related = (Related(key, _place(field, first), f"{_name(first)} has it too"),)
        own = user if isinstance(user, Experiment) else None
        return Finding(
            self.code,
            message,
            _place(field, user),
            hint,
            experiment=own.key if own else None,
            surface=own.surface if own else None,
            related=related,
        )


def _name(user: Space | Experiment) -> str:
    return user.key if isinstance(user, Experiment) else f"the space {user.name}"


def _place(field: str, user: Space | Experiment) -> Place:
    """The field, or the experiment's name where that is the default for it."""
    if isinstance(user, Space):
        return Place("surfaces/coord.yaml", ("spaces", user.name, field))
    return user.at("experiment" if getattr(user, field) == user.key else field)


def _precedence(field: str, user: Space | Experiment) -> tuple[object, ...]:
    """Who had it first: spaces, then whoever has it without having written it, then by (start, key)."""
    if isinstance(user, Space):
        return 0, user.name
    return 1, getattr(user, field) != user.key, user.order


def _harm(first: Space | Experiment, second: Space | Experiment) -> str:
    """What comes of one salt for both."""
    if isinstance(first, Experiment):
        return "the same units would get the same arms"
    if isinstance(second, Experiment):
        return "all its units would get one arm"
    return "the same units would get the same buckets"


class DifferentSpaces(Rule):
    """Buckets of different spaces cut the units in unrelated ways: no draw can keep the two apart."""

    code = "REF003"
    title = "must be exclusive, but on different spaces"
    fix = "Move one of the two to a surface of the other's space, or let one end before the other starts."
    needs = frozenset({"coord", "surface", "experiment"})

    def check(self, context: Context) -> Iterator[Finding]:
        """Report every pair that must be exclusive, meets, and is hashed by different spaces."""
        for other, experiment in context.catalog.exclusive_pairs:
            if experiment.space == other.space or not experiment.days or not other.days:
                continue
            days = experiment.days.meet(other.days)
            severity, found = context.past(days), reasons(other, experiment)
            hint = "move one to a surface of the other's space, or let one end before the other starts"
            runs = f"{other.key} runs {days_in_words(other.days)}"
            yield Finding(
                self.code,
                f"{experiment.key} (space {experiment.space}) and {other.key} (space {other.space}) must be "
                f"exclusive {days_in_words(days)}, and buckets of different spaces cannot keep them apart",
                place_of(experiment, found[0]),
                None if severity else hint,
                why=why_exclusive(found),
                severity=severity,
                experiment=experiment.key,
                surface=experiment.surface,
                related=(Related(other.key, place_of(other, found[0]), runs),),
                days=days,
            )
