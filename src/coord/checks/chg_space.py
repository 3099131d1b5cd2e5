"""CHG004: the bucket spaces that experiments are running in."""

from collections.abc import Iterator
from datetime import date

from coord.checks.rule import Context, Rule
from coord.checks.words import listed
from coord.config.files import ROOT_FILE
from coord.domain.catalog import Catalog
from coord.domain.change.field import Life, life_of
from coord.domain.findings import Finding, Place, Related
from coord.domain.model import Experiment, Space, Surface


class SpaceChanged(Rule):
    """Salt, unit and number of buckets say which bucket a unit is in; another moves every unit at once."""

    code = "CHG004"
    title = "space of a started experiment changed"
    fix = (
        "Take the space from the base again. Declare a new one beside it, and move a surface to it when "
        "nothing is running there."
    )
    needs = frozenset({"coord", "surface"})
    compares = True

    def check(self, context: Context) -> Iterator[Finding]:
        """Compare the spaces in use, and which space the surfaces in use are on."""
        if context.base is None or ROOT_FILE in context.broken or ROOT_FILE in context.base.broken:
            return
        running = _running(context.base.catalog, context.today)
        for name, space in sorted(context.base.catalog.spaces.items()):
            users = [experiment for experiment in running if experiment.space == name]
            if users:
                yield from self._space(space, context.catalog.spaces.get(name), users)
        for name, surface in sorted(context.base.catalog.surfaces.items()):
            users = [experiment for experiment in running if experiment.surface == name]
            after = context.catalog.surfaces.get(name)
            if users and after and after.space != surface.space:
                yield self._moved(surface, after, users)

    def _space(self, before: Space, after: Space | None, users: list[Experiment]) -> Iterator[Finding]:
        if after is None:
            yield self._finding(
                f"the space {before.name} is gone",
                Place(ROOT_FILE, ("spaces",)),
                users,
                before.name,
                ["name"],
            )
            return
        changed = [name for name in Space._fields if getattr(before, name) != getattr(after, name)]
        if changed:
            told = listed(
                [f"{name} from {getattr(before, name)} to {getattr(after, name)}" for name in changed]
            )
            place = Place(ROOT_FILE, ("spaces", before.name, changed[0]))
            yield self._finding(
                f"the space {before.name} changed its {told}", place, users, before.name, changed
            )

    def _moved(self, before: Surface, after: Surface, users: list[Experiment]) -> Finding:
        message = f"the surface {before.name} moved from the space {before.space} to {after.space}"
        return self._finding(message, after.at("space"), users, before.space, ["space"])

    def _finding(
        self, message: str, place: Place, users: list[Experiment], space: str, changed: list[str]
    ) -> Finding:
        first, *others = users
        are = "an experiment is" if not others else f"{len(users)} experiments are"
        return Finding(
            self.code,
            f"{message} while {are} running in it",
            place,
            "take it back; declare a new space beside it for what comes next",
            why="every unit would fall into another bucket, and out of the experiments it is in",
            experiment=first.key,
            surface=first.surface,
            related=tuple(Related(other.key, other.at("experiment"), "this one too") for other in others),
            data={"space": space, "fields": changed, "experiments": [user.key for user in users]},
        )


def _running(catalog: Catalog, today: date) -> list[Experiment]:
    return [experiment for experiment in catalog.active if life_of(experiment, today) is Life.STARTED]
