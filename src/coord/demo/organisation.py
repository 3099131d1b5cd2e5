"""The files of the demo's organisation: written by people, and the ledgers drawn for them."""

from collections.abc import Iterator
from datetime import date
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import NamedTuple

from coord.allocation.allocate import allocate
from coord.allocation.ledger_text import ledger_text
from coord.config.files import MemoryFiles
from coord.config.load import load
from coord.domain.catalog import Catalog

DRAWN = date(2026, 3, 30)
"""The day on which all buckets are drawn: before anything starts."""


class Organisation(NamedTuple):
    """The texts of all files by path, and what they say."""

    texts: dict[str, str]
    catalog: Catalog


def organisation() -> Organisation:
    """The demo's organisation, each experiment with its ledger."""
    texts = dict(_written(files("coord.demo") / "organisation" / "surfaces", "surfaces"))
    catalog = _catalog(texts)
    for outcome in allocate(catalog, list(catalog.experiments), DRAWN, redraw=False):
        if outcome.ledger is None:
            raise AssertionError(f"the demo has no room for {outcome.experiment.key}")
        size = catalog.spaces[outcome.experiment.space].buckets
        texts[outcome.ledger.path] = ledger_text(outcome.ledger, size)
    return Organisation(texts, _catalog(texts))


def _written(folder: Traversable, name: str) -> Iterator[tuple[str, str]]:
    """Every file below a folder by its path, in the order of names."""
    for place in sorted(folder.iterdir(), key=lambda place: place.name):
        path = f"{name}/{place.name}"
        if place.is_dir():
            yield from _written(place, path)
        elif place.name.endswith(".yaml"):
            yield path, place.read_text("utf-8")


def _catalog(texts: dict[str, str]) -> Catalog:
    return load(MemoryFiles({path: text.encode() for path, text in texts.items()})).catalog
