"""Names as people type them, and the files they stand for."""

import re
from enum import StrEnum

from coord.authoring.words import inert
from coord.config.layout import experiment_path
from coord.config.schemas import schema
from coord.errors import UsageError


class What(StrEnum):
    """What a new file describes; also the name of its schema."""

    SURFACE = "surface"
    EXPERIMENT = "experiment"


def path_of(what: What, name: str) -> str:
    """The file of a new surface or experiment. Raises UsageError for what is no name."""
    wanted = "name" if what is What.SURFACE else "key"
    if not re.fullmatch(schema("experiment")["definitions"][wanted]["pattern"].strip("^$"), name):
        form = {"name": "a name such as home", "key": "surface/name, such as home/podcast-shelf"}[wanted]
        shown = inert(name if len(name) <= 60 else f"{name[:57]}…")
        raise UsageError(
            f'"{shown}" is no name of {_article(what)}. It is {form}: lower-case letters, digits and '
            "hyphens, at most 63, no hyphen at either end."
        )
    return f"surfaces/{name}/surface.yaml" if what is What.SURFACE else experiment_path(name)


def _article(what: What) -> str:
    return f"{'an' if what is What.EXPERIMENT else 'a'} {what}"
