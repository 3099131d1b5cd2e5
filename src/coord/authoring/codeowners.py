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

_SHARED = ("surfaces/coord.yaml", "surfaces/metrics.yaml", "surfaces/*/*.yaml")
_ABOUT_SHARED = """\
# Who must review what, from the owners in surfaces/. It counts where main asks for code owners' reviews.

# What all rests on: workflows, this file, spaces, teams, metrics, new surfaces. One of these is enough.
"""
_ABOUT_SURFACES = """
# The rules of each surface: components, budgets, waivers. Experiments and ledgers need nobody's leave
# while the check passes. To have the owner see every experiment too, write the line without *.yaml.
"""

_ORGANISATION = re.compile(r"[A-Za-z0-9](?:-?[A-Za-z0-9]){0,38}")
_REMOTE = re.compile(r"(?:https://(?:[^/@]*@)?|ssh://git@|git@)github\.com[:/]([^/]+)/.+")
_NAME = re.compile(r"[a-z0-9][a-z0-9-]*")  # the schema's, once more: nothing else may get into this file


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
    return {name: team for name, team in names.items() if _NAME.fullmatch(name) and _NAME.fullmatch(team)}


def codeowners(github: str, owners: Mapping[str, str], below: str = "/") -> str:
    """The file. What all rests on belongs to all owners together, a surface's rules to its own.

    `below` is the pattern of the folder that has surfaces/, with a slash at both ends.
    """
    everybody = " ".join(f"@{github}/{team}" for team in sorted(set(owners.values())))
    together = ("/.github/", *(f"{below}{path}" for path in _SHARED))
    surfaces = {f"{below}surfaces/{surface}/*.yaml": f"@{github}/{team}" for surface, team in owners.items()}
    width = max(map(len, (*together, *surfaces))) + 2
    shared = "".join(f"{path:<{width}}{everybody}\n" for path in together)
    own = "".join(f"{path:<{width}}{team}\n" for path, team in surfaces.items())
    return _ABOUT_SHARED + shared + _ABOUT_SURFACES + own
