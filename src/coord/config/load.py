"""Reading a whole tree: every file into a document, every readable document into the catalogue.

A broken file becomes findings and the rest is still read. What could not be resolved is listed in
`broken`, so that the rules that needed it can be reported as skipped.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from coord.config.documents import Document, read_document, schema_findings, syntax
from coord.config.experiments import Known, resolve_experiment
from coord.config.files import ROOT_FILE, Files
from coord.config.layout import (
    ALLOCATION,
    COORD,
    EXPERIMENT,
    METRICS,
    SURFACE,
    FileKind,
    is_yaml,
    key_of,
    kind_of,
    stem,
    surface_of,
)
from coord.config.ledgers import resolve_ledger
from coord.config.organisation import resolve_coord, resolve_metrics, resolve_surface
from coord.config.values import Reader
from coord.domain.catalog import Catalog
from coord.domain.findings import Finding, Place
from coord.domain.model import Experiment, Ledger, Space, Surface


@dataclass
class Tree:
    """What was read: the catalogue, the findings of reading, and every document by path.

    `broken` gives, for every file that could not be used, its kind and the reason.
    """

    catalog: Catalog
    findings: list[Finding]
    documents: Mapping[str, Document]
    broken: Mapping[str, tuple[FileKind, str]]


@dataclass
class _Loader:
    files: Files
    findings: list[Finding] = field(default_factory=list)
    documents: dict[str, Document] = field(default_factory=dict)
    valid: dict[FileKind, list[Document]] = field(default_factory=dict)
    broken: dict[str, tuple[FileKind, str]] = field(default_factory=dict)

    def lost_surfaces(self) -> frozenset[str]:
        """The surfaces that have a file which cannot be used; nothing is said about what refers to them."""
        paths = (document.path for document in self.valid.get(SURFACE, ()))
        lost = [path for path, (kind, _) in self.broken.items() if kind is SURFACE]
        return frozenset(map(surface_of, (*lost, *(paths if ROOT_FILE in self.broken else ()))))


def load(files: Files) -> Tree:
    """Read and resolve everything below `surfaces/`."""
    loader = _Loader(files)
    _read_all(loader)
    spaces, teams = _coord(loader)
    metrics = _metrics(loader)
    surfaces = _surfaces(loader, spaces, teams, metrics)
    experiment_files = frozenset(
        path for path in (*loader.documents, *loader.broken) if kind_of(path) is EXPERIMENT
    )
    known = Known(spaces, teams, surfaces, loader.lost_surfaces(), metrics, experiment_files)
    experiments = _experiments(loader, known)
    ledgers = _ledgers(loader)
    catalog = Catalog(spaces, surfaces, experiments, ledgers, experiment_files)
    return Tree(catalog, loader.findings, loader.documents, loader.broken)


def _read_all(loader: _Loader) -> None:
    listing = loader.files.listing()
    for path, reason in listing.refused.items():
        place = Place(path, position=(1, 1))
        loader.findings.append(syntax("SYN001", path, f"{path} is not read: {reason}", place))
        if kind := kind_of(path):
            loader.broken[path] = kind, "it is not a file"
    for path in listing.files:
        kind = kind_of(path)
        if kind:
            _read(loader, path, kind)
        elif is_yaml(path):
            hint = (
                "experiments go to surfaces/<surface>/experiments/<name>.yaml; see the layout in the README"
            )
            message = f"{path} has no place in the layout and is not read"
            loader.findings.append(syntax("SYN005", path, message, Place(path, position=(1, 1)), hint))


def _read(loader: _Loader, path: str, kind: FileKind) -> None:
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
    loader.findings += _misnamed(document)
    loader.valid.setdefault(kind, []).append(document)


def _misnamed(document: Document) -> Iterable[Finding]:
    """A file whose names differ from where it lies (SYN005)."""
    path, kind = document.path, document.kind
    if kind in {COORD, METRICS}:
        return
    expected = {"surface": surface_of(path)}
    if kind is EXPERIMENT:
        expected["experiment"] = stem(path)
    elif kind is ALLOCATION:
        expected = {"experiment": key_of(path)}
    for name, value in expected.items():
        written = document.value[name]
        if written != value:
            message = f"`{name}` is {written}, and the file says {value}"
            hint = f"write `{name}: {value}`, or move the file"
            yield syntax("SYN005", path, message, Place(path, (name,)), hint)


def _coord(loader: _Loader) -> tuple[dict[str, Space], frozenset[str]]:
    for document in loader.valid.get(COORD, ()):
        reader = Reader(document)
        found = resolve_coord(reader)
        loader.findings += reader.findings
        return found
    if ROOT_FILE not in loader.broken:
        message = f"{ROOT_FILE} is missing; it declares the spaces and teams"
        loader.findings.append(syntax("SYN001", ROOT_FILE, message, Place(ROOT_FILE, position=(1, 1))))
        loader.broken[ROOT_FILE] = COORD, "it is missing"
    return {}, frozenset()


def _metrics(loader: _Loader) -> frozenset[str] | None:
    """The metrics' names; None when the catalogue is broken, empty when there is none."""
    for document in loader.valid.get(METRICS, ()):
        reader = Reader(document)
        found = resolve_metrics(reader)
        loader.findings += reader.findings
        return found
    return None if any(kind is METRICS for kind, _ in loader.broken.values()) else frozenset()


def _surfaces(
    loader: _Loader, spaces: dict[str, Space], teams: frozenset[str], metrics: frozenset[str] | None
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
            reader.report("REF001", message, ("surface",), "write it, or move the experiment")
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
