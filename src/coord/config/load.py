"""Reading a whole tree: every file into a document, every readable document into the catalogue.

A broken file becomes findings and the rest is still read. What could not be resolved is listed in
`broken`, so that the rules that needed it can be reported as skipped.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from coord.config.documents import Document, read_document, schema_findings, syntax, whole
from coord.config.experiments import Known, resolve_experiment
from coord.config.files import ROOT_FILE, Files
from coord.config.layout import (
    ALLOCATION,
    BASELINE,
    COORD,
    EXPERIMENT,
    METRICS,
    SURFACE,
    FileKind,
    is_yaml,
    kind_of,
    surface_of,
)
from coord.config.ledgers import resolve_ledger
from coord.config.metrics import resolve_baseline, resolve_decision, resolve_metrics
from coord.config.naming import misnamed, misplaced
from coord.config.organisation import resolve_coord, resolve_surface
from coord.config.values import Reader
from coord.domain.catalog import Catalog
from coord.domain.findings import Finding
from coord.domain.metrics import DEFAULTS, Baseline, Decision, Metric
from coord.domain.model import DEFAULT_LOGS, Experiment, Ledger, Logs, Space, Surface


@dataclass
class Tree:
    """What was read: the catalogue, the findings of reading, and every document by path.

    `broken` gives, for every file that could not be used, its kind and the reason.
    """

    catalog: Catalog
    findings: list[Finding]
    documents: Mapping[str, Document]
    broken: Mapping[str, tuple[FileKind, str]]

    @property
    def surface_files(self) -> int:
        """How many surfaces have a file, broken ones included."""
        whole = {path for path, document in self.documents.items() if document.kind is SURFACE}
        return len(whole | {path for path, (kind, _) in self.broken.items() if kind is SURFACE})


class Base(NamedTuple):
    """What a change is compared with: the commit, and the tree as it was there.

    `behind` counts the newer commits to `surfaces/` that the change does not have yet.
    """

    commit: str
    tree: Tree
    behind: int = 0


Shared = Callable[[str, FileKind], Document | None]
"""The document of a file that another tree has too, valid by its schema; None for any other file."""


@dataclass
class _Loader:
    files: Files
    shared: Shared | None = None
    findings: list[Finding] = field(default_factory=list)
    documents: dict[str, Document] = field(default_factory=dict)
    valid: dict[FileKind, list[Document]] = field(default_factory=dict)
    broken: dict[str, tuple[FileKind, str]] = field(default_factory=dict)

    def lost_surfaces(self) -> frozenset[str]:
        """The surfaces that have a file which cannot be used; nothing is said about what refers to them."""
        paths = (document.path for document in self.valid.get(SURFACE, ()))
        lost = [path for path, (kind, _) in self.broken.items() if kind is SURFACE]
        return frozenset(map(surface_of, (*lost, *(paths if ROOT_FILE in self.broken else ()))))


def load(files: Files, shared: Shared | None = None) -> Tree:
    """Read and resolve everything below `surfaces/`; what is `shared` is not read again."""
    loader = _Loader(files, shared)
    _read_all(loader)
    spaces, teams, decision, logs = _coord(loader)
    metrics = _metrics(loader)
    surfaces = _surfaces(loader, spaces, teams, metrics)
    experiment_files = frozenset(
        path for path in (*loader.documents, *loader.broken) if kind_of(path) is EXPERIMENT
    )
    known = Known(spaces, teams, surfaces, loader.lost_surfaces(), metrics, experiment_files)
    experiments = _experiments(loader, known)
    ledgers = _ledgers(loader)
    catalog = Catalog(
        spaces,
        surfaces,
        experiments,
        ledgers,
        experiment_files,
        metrics or {},
        _baselines(loader),
        decision,
        logs,
    )
    return Tree(catalog, loader.findings, loader.documents, loader.broken)


def _read_all(loader: _Loader) -> None:
    listing = loader.files.listing()
    for path, reason in listing.refused.items():
        loader.findings.append(syntax("SYN001", path, f"{path} is not read: {reason}", whole(path)))
        if kind := kind_of(path):
            loader.broken[path] = kind, "it is not a file"
    for path in listing.files:
        kind = kind_of(path)
        if kind:
            _read(loader, path, kind)
        elif is_yaml(path):
            loader.findings.append(misplaced(path))


def _read(loader: _Loader, path: str, kind: FileKind) -> None:
    if loader.shared and (known := loader.shared(path, kind)):
        _keep(loader, known)
        return
    document, unreadable = read_document(loader.files, path, kind)
    if document:
        loader.documents[path] = document
    if unreadable or not document:
        loader.findings += [unreadable] if unreadable else []
        loader.broken[path] = kind, "it could not be read"
        return
    refused = schema_findings(document)
    if refused:
        loader.findings += refused
        loader.broken[path] = kind, "it does not keep to its schema"
        return
    _keep(loader, document)


def _keep(loader: _Loader, document: Document) -> None:
    loader.documents[document.path] = document
    loader.findings += misnamed(document)
    loader.valid.setdefault(document.kind, []).append(document)


def _coord(loader: _Loader) -> tuple[dict[str, Space], frozenset[str], Decision, Logs]:
    for document in loader.valid.get(COORD, ()):
        reader = Reader(document)
        spaces, teams, logs = resolve_coord(reader)
        decision = resolve_decision(reader)
        loader.findings += reader.findings
        return spaces, teams, decision, logs
    if ROOT_FILE not in loader.broken:
        message = f"{ROOT_FILE} is missing; it declares the spaces and teams"
        hint = "`coord init` writes one"
        loader.findings.append(syntax("SYN001", ROOT_FILE, message, whole(ROOT_FILE), hint))
        loader.broken[ROOT_FILE] = COORD, "it is missing"
    return {}, frozenset(), DEFAULTS, DEFAULT_LOGS


def _metrics(loader: _Loader) -> dict[str, Metric] | None:
    """The metrics; None when the catalogue is broken, empty when there is none."""
    for document in loader.valid.get(METRICS, ()):
        reader = Reader(document)
        found = resolve_metrics(reader)
        loader.findings += reader.findings
        return found
    return None if any(kind is METRICS for kind, _ in loader.broken.values()) else {}


def _baselines(loader: _Loader) -> dict[str, Baseline]:
    baselines = {}
    for document in loader.valid.get(BASELINE, ()):
        reader = Reader(document)
        baselines[surface_of(document.path)] = resolve_baseline(reader)
        loader.findings += reader.findings
    return baselines


def _surfaces(
    loader: _Loader, spaces: dict[str, Space], teams: frozenset[str], metrics: Collection[str] | None
) -> dict[str, Surface]:
    surfaces: dict[str, Surface] = {}
    if ROOT_FILE in loader.broken:
        return surfaces
    for document in loader.valid.get(SURFACE, ()):
        reader = Reader(document)
        surface = resolve_surface(reader, spaces, teams, metrics)
        loader.findings += reader.findings
        if surface:
            surfaces[surface_of(document.path)] = surface
        else:
            loader.broken[document.path] = SURFACE, "its values are impossible"
    return surfaces


def _experiments(loader: _Loader, known: Known) -> dict[str, Experiment]:
    experiments = {}
    for document in loader.valid.get(EXPERIMENT, ()):
        name = surface_of(document.path)
        if name in known.broken_surfaces:
            continue
        reader = Reader(document)
        experiment = None
        if name in known.surfaces:
            experiment = resolve_experiment(reader, known)
        else:
            message = f"the surface {name} does not exist: surfaces/{name}/surface.yaml is missing"
            hint = f"write surfaces/{name}/surface.yaml, or move the experiment"
            reader.report("REF001", message, ("surface",), hint)
        loader.findings += reader.findings
        if experiment:
            experiments[experiment.key] = experiment
        else:
            loader.broken[document.path] = EXPERIMENT, "its values are impossible"
    return experiments


def _ledgers(loader: _Loader) -> dict[str, Ledger]:
    ledgers = {}
    for document in loader.valid.get(ALLOCATION, ()):
        reader = Reader(document)
        ledger = resolve_ledger(reader)
        loader.findings += reader.findings
        if ledger:
            ledgers[ledger.experiment] = ledger
        else:
            loader.broken[document.path] = ALLOCATION, "its buckets cannot be decoded"
    return ledgers
