"""`coord new`."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from coord.authoring.names import What
from coord.cli.options import Root, Today, emit, find_root, parse_today
from coord.errors import UsageError

if TYPE_CHECKING:
    from coord.authoring.new import Author
    from coord.authoring.questions import Question


def new(
    what: Annotated[What, typer.Argument(metavar="surface|experiment", help="What to write.")],
    name: Annotated[str, typer.Argument(metavar="NAME", help="Its name; an experiment's is surface/name.")],
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="A value: --set traffic=20% --set components=a,b."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the file, and write nothing.")] = False,
    root: Root = None,
    today: Today = None,
) -> int:
    """Write the file of a new surface or experiment, valid from the start.

    On a terminal it asks for what --set does not give; elsewhere defaults hold, and a required value without
    one is named. Lists are separated by commas; nested values are written as YAML (--set
    'audience={country: [SE]}') or with a dot (--set audience.country=SE,US). Nothing is overwritten.
    """
    from coord.authoring.new import Author  # noqa: PLC0415 - `coord --help` does without
    from coord.config.files import WorkingTree  # noqa: PLC0415
    from coord.config.store import exclusive, write_all  # noqa: PLC0415
    from coord.report.authoring import written  # noqa: PLC0415

    folder = find_root(root)
    author = Author(WorkingTree(folder), what, name, settings or (), parse_today(today))
    if sys.stdin.isatty() and sys.stdout.isatty():
        for question in author.questions():
            _ask(author, question)
    with exclusive(folder):
        file = author.finish()
        if not dry_run:
            write_all(folder, {file.path: file.text})
    emit(written(file, dry_run=dry_run), None)
    return 0


def _ask(author: "Author", question: "Question") -> None:
    """Ask until the answer can be right; Ctrl-C ends the command, and nothing is written."""
    from coord.authoring.words import some  # noqa: PLC0415

    if question.choices:
        typer.echo(f"  choices: {some(question.choices, 30)}")
    while True:
        shown = bool(question.default)
        answer = typer.prompt(question.text, default=question.default, show_default=shown)
        try:
            return author.answer(question, answer)
        except UsageError as error:
            typer.echo(f"  {error}")
