"""Who reviews what on GitHub: a CODEOWNERS file from the owners of the surfaces."""

import re
from collections.abc import Mapping
from pathlib import Path

from coord.config.files import Files
from coord.config.load import load
from coord.errors import UsageError
from coord.history.git import GitFailed, git

CODEOWNERS = ".github/CODEOWNERS"
PLACES = (CODEOWNERS, "CODEOWNERS", "docs/CODEOWNERS")
"""Where GitHub looks, in this order; the first that it finds counts."""

_SHARED = ("/.github/", "/surfaces/coord.yaml", "/surfaces/metrics.yaml", "/surfaces/*/*.yaml")
_ORGANISATION = re.compile(r"[A-Za-z0-9](?:-?[A-Za-z0-9]){0,38}")
_REMOTE = re.compile(r"(?:https://(?:[^/@]*@)?|ssh://git@|git@)github\.com[:/]([^/]+)/.+")
_TEAM = re.compile(
    r"[a-z0-9][a-z0-9-]*"
)  # as the schema has it, so that no name is anything else in this file


def repository_top(folder: Path) -> Path | None:
    """The top of the git repository that a folder, there already or not, is in; None outside of any."""
    while not folder.is_dir():
        folder = folder.parent
    try:
        return Path(
            git(folder, "rev-parse", "--show-toplevel").decode("utf-8", "surrogateescape").rstrip("\n")
        )
    except GitFailed:
        return None


def organisation(root: Path, given: str | None) -> str | None:
    """The organisation on GitHub: the given one, or that of the remote `origin`; None when neither says.

    Raises UsageError for what cannot be one.
    """
    if given is not None:
        if not _ORGANISATION.fullmatch(given):
            raise UsageError(f'"{given}" is no organisation on GitHub: letters, digits and single hyphens.')
        return given
    try:
        remote = git(root, "config", "--get", "remote.origin.url").decode("utf-8", "replace").strip()
    except GitFailed:  # no repository, no remote, no git
        return None
    found = _REMOTE.fullmatch(remote)
    return found[1] if found and _ORGANISATION.fullmatch(found[1]) else None


def owners(files: Files) -> Mapping[str, str]:
    """The owner of every surface that can be read."""
    surfaces = load(files).catalog.surfaces
    names = {name: surface.owner for name, surface in sorted(surfaces.items())}
    return {name: team for name, team in names.items() if _TEAM.fullmatch(name) and _TEAM.fullmatch(team)}


def codeowners(github: str, owners: Mapping[str, str]) -> str:
    """The file: what all rests on belongs to all owners, of whom one is enough; a surface's rules to its own."""
    everybody = " ".join(f"@{github}/{team}" for team in sorted(set(owners.values())))
    shared = [(path, everybody) for path in _SHARED]
    surfaces = [(f"/surfaces/{surface}/*.yaml", f"@{github}/{team}") for surface, team in owners.items()]
    width = max(len(path) for path, _ in shared + surfaces) + 2
    lines = [
        "# Who must review what, from the owners in surfaces/. Counts where main asks for code owners' reviews."
    ]
    lines += [
        "",
        "# What all rests on: workflows, this file, spaces, teams, metrics, new surfaces. One of these is enough.",
    ]
    lines += [f"{path:<{width}}{team}" for path, team in shared]
    lines += [
        "",
        "# The rules of each surface: components, budgets, waivers. Experiments and ledgers need nobody's leave while",
        "# the check passes. An owner who wants to see every experiment writes /surfaces/NAME/ without *.yaml.",
    ]
    lines += [f"{path:<{width}}{team}" for path, team in surfaces]
    return "".join(f"{line}\n" for line in lines)
