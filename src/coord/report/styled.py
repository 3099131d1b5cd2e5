"""Lines of styled pieces: plain text everywhere, colours on a terminal. Whatever they hold is made inert."""

from io import StringIO

from coord.report.visible import visible
from coord.report.words import WIDTH

Piece = str | tuple[str, str]
"""Text, or text with its style."""


class Page:
    """A text that grows line by line; lines are no longer than `width`, where names allow it."""

    def __init__(self, width: int = WIDTH) -> None:
        """Start empty."""
        self.width = width
        self._pieces: list[tuple[str, str]] = []

    def line(self, *pieces: Piece) -> None:
        """Add a line; active characters in it are shown as their escapes."""
        for piece in pieces:
            text, style = (piece, "") if isinstance(piece, str) else piece
            self._pieces.append((visible(text), style))
        self._pieces.append(("\n", ""))

    def render(self, *, color: bool) -> str:
        """The text, with terminal styles when `color`."""
        return self._styled() if color else "".join(text for text, _ in self._pieces)

    def _styled(self) -> str:
        from rich.console import Console  # noqa: PLC0415 - costs 40 ms, and only a terminal needs it
        from rich.text import Text  # noqa: PLC0415

        output = StringIO()
        console = Console(file=output, force_terminal=True, color_system="standard", soft_wrap=True)
        console.print(Text.assemble(*self._pieces), end="", highlight=False)
        return output.getvalue()
