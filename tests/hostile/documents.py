"""Random YAML documents, written here, so that where each key and value stands is known without parsing."""

from dataclasses import dataclass, field

from hypothesis import strategies as st

Pointer = tuple[str | int, ...]

_PLAIN = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_/.%"
_WIDE = "éß中文日本שלום😀🏳️‍🌈𝒳𐍈\u0301\u200d\ufe0f"
_IN_COMMENTS = _PLAIN + _WIDE + " \t:#-[]{}\"'&*!|>@`,?"

words = st.text(_PLAIN + _WIDE, min_size=1, max_size=8).map(lambda text: f"w{text}")
comments = st.text(_IN_COMMENTS, max_size=12).map(lambda text: f"# {text}")
keys = st.lists(words, min_size=1, max_size=4, unique=True)


@dataclass
class Writer:
    """Writes a document and notes the line and column of every key and value."""

    draw: st.DrawFn
    newline: str
    pieces: list[str] = field(default_factory=list)
    line: int = 1
    column: int = 1
    at_keys: dict[Pointer, tuple[int, int]] = field(default_factory=dict)
    at_values: dict[Pointer, tuple[int, int, str]] = field(default_factory=dict)

    @property
    def text(self) -> str:
        return "".join(self.pieces)

    def put(self, piece: str) -> None:
        self.pieces.append(piece)
        self.column += len(piece)

    def end(self) -> None:
        """End the line, perhaps after a comment, perhaps with more lines that mean nothing."""
        if self.draw(st.integers(0, 3)) == 0:
            self.put(f" {self.draw(comments)}")
        self.feed()
        for _ in range(self.draw(st.integers(0, 3)) // 2):
            self.put(" " * self.draw(st.integers(0, 4)))
            self.put(self.draw(st.one_of(st.just(""), comments)))
            self.feed()

    def feed(self) -> None:
        self.pieces.append(self.newline)
        self.line, self.column = self.line + 1, 1

    def mapping(self, pointer: Pointer, indent: int, depth: int) -> None:
        for key in self.draw(keys):
            here = (*pointer, key)
            self.put(" " * (indent - self.column + 1))
            self.at_keys[here] = self.line, self.column
            self.put(key if self.draw(st.booleans()) else f'"{key}"')
            self.put(":")
            self.value(here, indent, depth)

    def sequence(self, pointer: Pointer, indent: int, depth: int) -> None:
        for number in range(self.draw(st.integers(1, 3))):
            self.put(" " * (indent - self.column + 1) + "-")
            self.value((*pointer, number), indent, depth, item=True)

    def value(self, pointer: Pointer, indent: int, depth: int, *, item: bool = False) -> None:
        kind = self.draw(st.integers(0, 5 if depth else 3))
        if kind <= 2:
            self.put(" " * self.draw(st.integers(1, 3)))
            self.scalar(pointer)
            self.end()
        elif kind == 3:
            self.put(" ")
            self.flow(pointer, min(depth, 2))
            self.end()
        elif item and self.draw(st.booleans()):
            self.put(" ")
            self.block(kind, pointer, self.column - 1, depth - 1)
        else:
            self.end()
            self.block(kind, pointer, indent + self.draw(st.integers(1, 3)), depth - 1)

    def block(self, kind: int, pointer: Pointer, indent: int, depth: int) -> None:
        if kind == 4:
            self.mapping(pointer, indent, depth)
        else:
            self.sequence(pointer, indent, depth)

    def scalar(self, pointer: Pointer) -> None:
        word = self.draw(words)
        written = self.draw(st.sampled_from((word, f'"{word}"', f"'{word}'")))
        self.at_values[pointer] = self.line, self.column, written
        self.put(written)

    def flow(self, pointer: Pointer, depth: int) -> None:
        self.put("[")
        for number in range(self.draw(st.integers(0, 3))):
            here = (*pointer, number)
            if number:
                self.put(", ")
            if depth and self.draw(st.booleans()):
                self.flow_mapping(here, depth - 1)
            else:
                self.scalar(here)
        self.put("]")

    def flow_mapping(self, pointer: Pointer, depth: int) -> None:
        self.put("{")
        for number, key in enumerate(self.draw(keys)):
            if number:
                self.put(",")
                if self.draw(st.booleans()):
                    self.feed()
                    self.put("     " * 8)
            here = (*pointer, key)
            self.at_keys[here] = self.line, self.column
            self.put(f"{key}: ")
            if depth and self.draw(st.booleans()):
                self.flow(here, depth - 1)
            else:
                self.scalar(here)
        self.put("}")


@st.composite
def documents(draw: st.DrawFn) -> Writer:
    """A document with a mapping at its top, in one of the three ways to end lines."""
    writer = Writer(draw, draw(st.sampled_from(("\n", "\r\n", "\r"))))
    if draw(st.booleans()):
        writer.put(draw(comments))
        writer.feed()
    if draw(st.integers(0, 3)) == 0:
        writer.put("---")
        writer.feed()
    writer.mapping((), draw(st.integers(0, 2)), 4)
    return writer
