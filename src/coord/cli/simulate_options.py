"""What the commands of `coord simulate` share."""

from collections.abc import Collection
from typing import TYPE_CHECKING, Annotated

import typer

from coord.errors import CoordError, UsageError

if TYPE_CHECKING:
    from coord.config.load import Tree

Seed = Annotated[
    int,
    typer.Option(
        "--seed", metavar="N", min=0, help="What is random follows from it: the same gives the same."
    ),
]


def unknown_surface(tree: "Tree", name: str, known: Collection[str]) -> CoordError:
    """What to say of a surface that there is not, or whose file has errors; `known` are names to suggest."""
    from coord.domain.spelling import nearest  # noqa: PLC0415 - `coord --help` does without

    path = f"surfaces/{name}/surface.yaml"
    if path in tree.broken:
        return CoordError(f"{path} has errors, so nothing is known of it. Run `coord check`.")
    near = nearest(name, known)
    return UsageError(f"There is no surface {name}. {f'Did you mean {near}?' if near else ''}".strip())
