"""The group of commands: listed by name, loaded when called.

Loading a command costs the libraries it is built with; `coord --help` needs only their names.
"""

from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from coord import __version__

COMMANDS = {
    "init": "A new organisation: files, schemas, CI.",
    "demo": "An organisation with logs to try everything on.",
    "new": "Write the file of a new surface or experiment.",
    "check": "Check every rule on the whole tree.",
    "plan": "What a change does to everybody: like a check, before it is merged.",
    "allocate": "Draw buckets and write ledgers.",
    "end": "Stop an experiment: move its end.",
    "assign": "Which variant units get, and why.",
    "analyze": "What an experiment did, and what to do.",
    "baseline": "What tests can count on: units per day, means and spreads of metrics.",
    "audit": "Whether logged assignments are what the files say, and why not.",
    "manifest": "What a runtime needs to assign units, as JSON.",
    "simulate": "What would come of it: allocation, a year's programme.",
    "status": "What runs, what comes, how full each component is.",
    "explain": "A rule: why, a bad example, a good one, how to fix it.",
}
"""Every command with its one line; `coord.cli.<name>` has a function of the same name, or a `typer.Typer`."""


class Commands(TyperGroup):
    """The commands of `coord`, in the order of the table above."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Answer `--version` before anything else."""
        if args[:1] == ["--version"]:
            typer.echo(f"coord {__version__}")
            raise typer.Exit
        return super().parse_args(ctx, args)

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - the signature is typer's
        """The names of all commands."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002
        """What the list of commands shows; None for an unknown name."""
        return TyperCommand(cmd_name, help=COMMANDS[cmd_name]) if cmd_name in COMMANDS else None

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command that is to run, loaded."""
        name, known, rest = super().resolve_command(ctx, args)
        return name, known and load_command(name), rest


def load_command(name: str | None) -> Any:
    """The command with its options."""
    found = getattr(import_module(f"coord.cli.{name}"), str(name))
    if isinstance(found, typer.Typer):  # a command with commands of its own
        return get_command(found)
    app = typer.Typer(add_completion=False, rich_markup_mode=None, context_settings=CONTEXT)
    app.command(name)(found)
    return get_command(app)


CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}
