"""A file that was read: its text, its value, and where each of its fields stands."""

from functools import cached_property

from coord.config.files import Files, UnreadableFile
from coord.config.layout import FileKind, key_of, kind_of, surface_of
from coord.config.lines import Lines
from coord.config.schemas import schema_errors
from coord.config.yaml_reader import Marks, UnreadableYaml, Value, find_marks, read_yaml
from coord.domain.findings import Finding, Place, Pointer, Position

MOST_CHARACTERS = 500
"""The longest message about a file: keys and values that it quotes can be of any length."""


class Document:
    """A readable file. `valid` says whether its schema accepts the value."""

    def __init__(self, path: str, kind: FileKind, text: str, value: Value) -> None:
        """Take what was read."""
        self.path = path
        self.kind = kind
        self.text = text
        self.value = value

    @cached_property
    def _marks(self) -> dict[Pointer, Marks]:
        return find_marks(self.text)

    @cached_property
    def _lines(self) -> Lines:
        return Lines(self.text)

    def position(self, pointer: Pointer, *, at_key: bool) -> Position:
        """Where a field stands, or the nearest thing around it that the file has.

        A value is pointed at itself; one in block style, or left empty, at its key. A block without a key
        (the top, a list item) is pointed at where its first item stands.
        """
        while pointer and pointer not in self._marks:
            pointer, at_key = pointer[:-1], False
        marks = self._marks[pointer]
        if marks.block and marks.key is None:
            marks = next((m for p, m in self._marks.items() if p[:-1] == pointer != p), marks)
            at_key = True
        if marks.key is not None and (at_key or marks.block or marks.value == marks.end):
            return self._lines.position(marks.key, marks.key_end)
        return self._lines.position(marks.value, marks.end)

    def line(self, number: int) -> str:
        """The text of a line, without its end."""
        return self._lines.line(number)


def read_document(files: Files, path: str, kind: FileKind) -> tuple[Document | None, Finding | None]:
    """The document of a file, or the one finding that says why it cannot be used (SYN001, SYN002).

    A file that is text but not YAML comes with both: its document has no value, only lines to show.
    """
    try:
        data = files.read(path, kind.limit)
    except UnreadableFile as error:
        return None, syntax("SYN001", path, f"the file cannot be used: {error}", whole(path))
    try:
        text, value = read_yaml(data)
    except UnreadableYaml as error:
        code = "SYN002" if error.duplicate else "SYN001"
        finding = syntax(code, path, error.message, Place(path, position=error.position))
        return Document(path, kind, data.decode("utf-8-sig", "replace"), None), finding
    return Document(path, kind, text, value), None


def schema_findings(document: Document) -> list[Finding]:
    """What the schema refuses in a document (SYN003)."""
    path = document.path
    return [
        syntax("SYN003", path, error.message, Place(path, error.pointer, at_key=error.at_key), error.hint)
        for error in schema_errors(document.kind.name, document.value)
    ]


def whole(path: str) -> Place:
    """The place of a finding about a file as a whole."""
    return Place(path, position=Position(1, 1))


def syntax(code: str, path: str, message: str, place: Place, hint: str | None = None) -> Finding:
    """A finding about a file, attributed to the experiment and surface that the file is of."""
    message = message if len(message) <= MOST_CHARACTERS else f"{message[: MOST_CHARACTERS - 1]}…"
    kind = kind_of(path)
    of_experiment = kind is not None and kind.name in {"experiment", "allocation"}
    inside = path.count("/") > 1
    return Finding(
        code,
        message,
        place,
        hint=hint,
        experiment=key_of(path) if of_experiment else None,
        surface=surface_of(path) if inside else None,
    )
