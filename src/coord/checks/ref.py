"""REF: names that must exist, be unique, and fit together."""

from collections import defaultdict
from collections.abc import Iterator

from coord.checks.pairs import place_of, why_exclusive
from coord.checks.rule import Context, ReadingRule, Rule
from coord.checks.words import days_in_words
from coord.domain.exclusivity import reasons
from coord.domain.findings import Finding, Place, Related
from coord.domain.model import Experiment


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
        users: dict[str, tuple[str, Place]] = {}
        spaces = context.catalog.spaces.values()
        salted = [
            (s.salt, f"the space {s.name}", None, Place(_COORD, ("spaces", s.name, "salt"))) for s in spaces
        ]
        everybody = sorted(context.catalog.experiments.values(), key=lambda e: e.key)
        salted += [(e.salt, e.key, e, e.at("salt")) for e in everybody]  # type: ignore[misc]
        for salt, who, experiment, place in salted:
            if "|" in salt:
                message = f'the salt of {who} contains "|", which separates salt and unit in the hash'
                yield self._finding(message, place, experiment, "choose a salt without it")
            if salt not in users:
                users[salt] = who, place
                continue
            other, other_place = users[salt]
            message = f'{who} has the salt "{salt}", which {other} has too: their units would fall together'
            yield self._finding(message, place, experiment, "give it a salt of its own", (other, other_place))

    def _logged_names(self, context: Context) -> Iterator[Finding]:
        users: dict[str, Experiment] = {}
        for experiment in sorted(context.catalog.experiments.values(), key=lambda e: e.key):
            other = users.setdefault(experiment.logged_as, experiment)
            if other is not experiment:
                message = f'{experiment.key} is logged as "{experiment.logged_as}", and so is {other.key}'
                side = other.key, other.at("logged_as")
                yield self._finding(
                    message, experiment.at("logged_as"), experiment, "name one otherwise", side
                )

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
                    hint = "declare it alike, or name it otherwise"
                    yield Finding(
                        self.code,
                        message,
                        place,
                        hint,
                        surface=name,
                        related=(Related(None, related, f"on {first[0]}"),),
                    )

    def _finding(
        self,
        message: str,
        place: Place,
        experiment: Experiment | None,
        hint: str,
        other: tuple[str, Place] | None = None,
    ) -> Finding:
        related: tuple[Related, ...] = ()
        if other:
            key = other[0] if "/" in other[0] else None
            related = (Related(key, other[1], f"{other[0]} has it too"),)
        return Finding(
            self.code,
            message,
            place,
            hint,
            experiment=experiment.key if experiment else None,
            surface=experiment.surface if experiment else None,
            related=related,
        )


_COORD = "surfaces/coord.yaml"


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
