"""Which file is what: the layout of `surfaces/`."""

from typing import NamedTuple

MIB = 2**20


class FileKind(NamedTuple):
    """A kind of file: its schema and the largest size that is read."""

    name: str
    limit: int = MIB


COORD = FileKind("coord")
METRICS = FileKind("metrics")
SURFACE = FileKind("surface")
BASELINE = FileKind("baseline")
EXPERIMENT = FileKind("experiment")
ALLOCATION = FileKind("allocation", 4 * MIB)

KINDS = (COORD, METRICS, SURFACE, BASELINE, EXPERIMENT, ALLOCATION)

_TOP = {"coord.yaml": COORD, "metrics.yaml": METRICS}
_OF_SURFACE = {"surface.yaml": SURFACE, "baseline.yaml": BASELINE}
_FOLDERS = {"experiments": EXPERIMENT, "allocations": ALLOCATION}


def kind_of(path: str) -> FileKind | None:
    """What a path below the root is for; None when it has no place in the layout."""
    parts = path.split("/")[1:]
    if len(parts) == 1:
        return _TOP.get(parts[0])
    if len(parts) == 2:
        return _OF_SURFACE.get(parts[1])
    if len(parts) == 3 and parts[2].endswith(".yaml") and parts[2] != ".yaml":
        return _FOLDERS.get(parts[1])
    return None


def is_yaml(path: str) -> bool:
    """Whether a file looks as if it were meant for coord."""
    return path.lower().endswith((".yaml", ".yml"))


def surface_of(path: str) -> str:
    """The folder of the surface a file lies in."""
    return path.split("/")[1]


def stem(path: str) -> str:
    """The file's name without `.yaml`."""
    return path.rsplit("/", 1)[1].removesuffix(".yaml")


def key_of(path: str) -> str:
    """`<surface>/<name>` of an experiment's or ledger's file."""
    return f"{surface_of(path)}/{stem(path)}"


def experiment_path(key: str) -> str:
    """The file of an experiment."""
    surface, name = key.split("/", 1)
    return f"surfaces/{surface}/experiments/{name}.yaml"


def ledger_path(key: str) -> str:
    """The file of an experiment's ledger."""
    surface, name = key.split("/", 1)
    return f"surfaces/{surface}/allocations/{name}.yaml"
