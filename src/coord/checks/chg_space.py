"""CHG004: the bucket spaces that experiments are running in."""

from collections.abc import Iterator

from coord.checks.chg_words import say_unknown
from coord.checks.rule import Context, Rule
from coord.checks.words import listed
from coord.config.files import ROOT_FILE
from coord.domain.change.field import Life, life_of
from coord.domain.findings import Finding, Place, Related
from coord.domain.model import Experiment, Kind, Space, Surface


class SpaceChanged(Rule):
    """Salt, unit and number of buckets say which bucket a unit is in; with others all units move at once."""

    code = "CHG004"
    title = "space of a started experiment changed"
    fix = (
        "Write what the base says. Declare another space beside it for what comes next, and move a surface "
        "there when nothing is running on it."
    )
    needs = frozenset({"coord", "surface"})
    compares = True

    def check(self, context: Context) -> Iterator[Finding]:
        """Compare the spaces in use, and which space the surfaces in use are on."""
        say_unknown(context, self)
        if context.base is None or ROOT_FILE in context.broken or ROOT_FILE in context.base.broken:
            return
        before, after = context.base.catalog, context.catalog
        running = [e for e in before.active if life_of(e, context.today) is Life.STARTED]
        for name, space in sorted(before.spaces.items()):
            users = [experiment for experiment in running if experiment.space == name]
            if users:
                yield from self._space(space, after.spaces.get(name), users)
        for name, surface in sorted(before.surfaces.items()):
            users = [experiment for experiment in running if _rests_on(experiment, name)]
            now = after.surfaces.get(name)
            if users and now and now.space != surface.space and surface.space in after.spaces:
                yield self._moved(surface, now, users)  # with a space that is gone, that has been told

    def _space(self, before: Space, after: Space | None, users: list[Experiment]) -> Iterator[Finding]:
        hint = "take it back; declare another space beside it for what comes next"
        if after is None:
            place, what = Place(ROOT_FILE, ("spaces",)), f"the space {before.name} is gone"
            yield self._finding(what, place, hint, users, {"space": before.name, "fields": ["name"]})
            return
        changed = [name for name in Space._fields if getattr(before, name) != getattr(after, name)]
        if changed:
            values = [f"{n} from {getattr(before, n)} to {getattr(after, n)}" for n in changed]
            place = Place(ROOT_FILE, ("spaces", before.name, changed[0]))
            what = f"the space {before.name} changed its {listed(values)}"
            yield self._finding(what, place, hint, users, {"space": before.name, "fields": changed})

    def _moved(self, before: Surface, after: Surface, users: list[Experiment]) -> Finding:
        what = f"the surface {before.name} moved from the space {before.space} to {after.space}"
        last = max(user.days.end for user in users if user.days is not None)
        hint = f"take it back; it may move when nothing is running there, on {last} at the earliest"
        return self._finding(
            what, after.at("space"), hint, users, {"space": before.space, "fields": ["space"]}
        )

    def _finding(
        self, what: str, place: Place, hint: str, users: list[Experiment], data: dict[str, object]
    ) -> Finding:
        who = f"{users[0].key} is" if len(users) == 1 else f"{len(users)} experiments are"
        return Finding(
            self.code,
            f"{what} while {who} running there",
            place,
            hint,
            why="every unit would fall into another bucket, and out of what it is in or held back from",
            experiment=users[0].key,
            surface=users[0].surface,
            related=tuple(Related(user.key, user.at("experiment"), "runs there") for user in users),
            data={**data, "experiments": [user.key for user in users]},
        )


def _rests_on(experiment: Experiment, surface: str) -> bool:
    """Whether its units are those of the surface: it belongs to it, or holds its units back."""
    held = experiment.kind is Kind.HOLDBACK and surface in experiment.surfaces
    return held or experiment.surface == surface
