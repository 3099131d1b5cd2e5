"""`coord simulate`: a group of commands, one for each kind of simulation."""

import typer

from coord.cli.group import CONTEXT
from coord.cli.simulate_allocation import allocation
from coord.cli.simulate_program import program

simulate = typer.Typer(
    name="simulate",
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    context_settings=CONTEXT,
)
simulate.command(short_help="Real hashes against the plan: shares, overlaps, isolation.")(allocation)
simulate.command(short_help="A year of experiments, one at a time up to all at once.")(program)


@simulate.callback()
def _group() -> None:
    """What would come of it: allocation with real hashes, a year's programme under several policies."""
