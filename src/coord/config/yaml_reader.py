"""Strict YAML: YAML 1.2 core values, exact positions, and nothing that could surprise or hurt.

Values are built from the parser's events, never by libyaml's composer (it crashes the process on deep
nesting) and never by constructors (nothing is executed). Positions are found by a second pass over the
events, only when somebody asks: files without findings never pay for them.
"""

import re
from collections.abc import Iterator
from math import isfinite
from typing import Any, NamedTuple

import yaml

from coord.config.lines import Lines
from coord.config.yaml_errors import TAB, syntax_error
from coord.domain.findings import Pointer, Position

MAX_DEPTH = 64
MAX_ENTRIES = 5_000
"""How many keys a mapping may have, and items a list."""

MAX_ALIASED = 10_000
"""How many values aliases may add to a document."""

Event = Any
"""A parse event of PyYAML, whose types do not say what each kind of event has."""

Value = Any
"""What a document holds: dict with text keys, list, str, int, float, bool or None."""

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml where PyYAML was built with it
_ASCII = bytes([9, 10, 13, *range(0x20, 0x7F)])
# what YAML does not allow, and what is a line break or a byte order mark to some readers only
_UNPRINTABLE = re.compile(
    "[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
_INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_WORDS: dict[str, Value] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_FIRST_OF_OTHERS = frozenset("~nNtTfF.+-0123456789")


class UnreadableYaml(Exception):  # noqa: N818 - a property of the file, reported as a finding
    """The text is not YAML that is accepted here; `duplicate` when a key stands twice."""

    def __init__(self, message: str, position: Position, *, duplicate: bool = False) -> None:
        """Say what is wrong and where."""
        super().__init__(message)
        self.message = message
        self.position = position
        self.duplicate = duplicate


class Marks(NamedTuple):
    """Where a key (None for list items and the top) and its value begin and end, as character offsets."""

    key: int | None
    key_end: int
    value: int
    end: int
    block: bool  # a mapping or list in block style: its key is the better place to point at


def read_yaml(data: bytes) -> tuple[str, Value]:
    """The text of a file and the value of its one document. Raises UnreadableYaml."""
    text = _decode(data)
    return text, _Composer(text).document()


def find_marks(text: str) -> dict[Pointer, Marks]:
    """Where every key and value of a readable document stands."""
    composer = _Composer(text, marks={})
    composer.document()
    return composer.marks or {}


def _decode(data: bytes) -> str:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = error.object[: error.start].decode()  # the object is what follows a byte order mark
        raise UnreadableYaml("the file is not UTF-8 text", Lines(before).position(len(before))) from None
    if data.translate(None, _ASCII) and (found := _UNPRINTABLE.search(text)):
        what = f"the control character U+{ord(found[0]):04X} is not allowed"
        raise UnreadableYaml(what, Lines(text).position(found.start()))
    return text


class _Composer:
    """Builds the value of a document from parse events, refusing what strict YAML refuses."""

    def __init__(self, text: str, marks: dict[Pointer, Marks] | None = None) -> None:
        self.text = text
        self.marks = marks
        self.events: Iterator[Event] = iter(())
        self.tabs = "\t" in text
        self.anchors: dict[str, tuple[Value, int, int]] = {}  # value, its size, its height
        self.open_anchors: set[str] = set()
        self.size = 0
        self.aliased = 0
        self.depth = 0
        self.deepest = 0

    def fail(self, message: str, event: Event, *, duplicate: bool = False) -> UnreadableYaml:
        position = Lines(self.text).position(event.start_mark.index, event.end_mark.index)
        return UnreadableYaml(message, position, duplicate=duplicate)

    def refused_tag(self, event: Event) -> UnreadableYaml:
        tag = event.tag.replace("tag:yaml.org,2002:", "!!")
        return self.fail(f"the tag `{tag}` is not allowed; values are plain", event)

    def document(self) -> Value:
        self.events = yaml.parse(self.text, Loader=_LOADER)
        try:
            next(self.events)  # stream start
            event = next(self.events)
            if type(event) is yaml.StreamEndEvent:
                raise UnreadableYaml("the file is empty", Position(1, 1))
            value = self.node(next(self.events), ())
            next(self.events)  # document end
            event = next(self.events)
            if type(event) is not yaml.StreamEndEvent:
                raise self.fail("a second document begins here; a file has one", event)
        except yaml.YAMLError as error:
            raise UnreadableYaml(*syntax_error(self.text, error)) from None
        return value

    def node(self, event: Event, pointer: Pointer, key: Event = None) -> Value:
        kind = type(event)
        self.size += 1
        if self.tabs:
            self._refuse_tab(event)
        if self.marks is not None:
            self.marks[pointer] = _marks(event, key)
        if kind is yaml.AliasEvent:
            return self._alias(event)
        if event.tag is not None:
            raise self.refused_tag(event)
        if event.anchor is not None:
            return self._anchored(event, pointer)
        return self._plain(event, pointer)

    def _plain(self, event: Event, pointer: Pointer) -> Value:
        if type(event) is yaml.ScalarEvent:
            return self._scalar(event)
        self._go_down(1, event)
        mapping = type(event) is yaml.MappingStartEvent
        value = self._mapping(pointer) if mapping else self._sequence(pointer)
        self.depth -= 1
        return value

    def _go_down(self, levels: int, event: Event) -> None:
        self.depth += levels
        self.deepest = max(self.deepest, self.depth)
        if self.depth > MAX_DEPTH:
            raise self.fail(f"nested deeper than {MAX_DEPTH} levels", event)

    def _anchored(self, event: Event, pointer: Pointer) -> Value:
        anchor, size, deepest = event.anchor, self.size, self.deepest
        self.open_anchors.add(anchor)
        self.deepest = self.depth
        value = self._plain(event, pointer)
        self.anchors[anchor] = value, self.size - size + 1, self.deepest - self.depth
        self.deepest = max(deepest, self.deepest)
        self.open_anchors.discard(anchor)
        return value

    def _mapping(self, pointer: Pointer) -> dict[str, Value]:
        result: dict[str, Value] = {}
        for event in self.events:
            kind = type(event)
            if kind is yaml.MappingEndEvent:
                self._note_end(pointer, event)
                break
            if kind is not yaml.ScalarEvent:
                raise self.fail("a key must be plain text", event)
            if event.tag is not None:
                raise self.refused_tag(event)
            if self.tabs:
                self._refuse_tab(event)
            if len(result) >= MAX_ENTRIES:
                raise self.fail(f"a mapping of more than {MAX_ENTRIES:,} keys", event)
            key = event.value
            if event.anchor is not None:
                self.anchors[event.anchor] = key, 1, 0
            if key in result:
                raise self.fail(f"the key `{key[:100]}` stands twice in this mapping", event, duplicate=True)
            result[key] = self.node(next(self.events), (*pointer, key), event)
        return result

    def _sequence(self, pointer: Pointer) -> list[Value]:
        result: list[Value] = []
        for event in self.events:
            if type(event) is yaml.SequenceEndEvent:
                self._note_end(pointer, event)
                break
            if len(result) >= MAX_ENTRIES:
                raise self.fail(f"a list of more than {MAX_ENTRIES:,} items", event)
            result.append(self.node(event, (*pointer, len(result))))
        return result

    def _note_end(self, pointer: Pointer, event: Event) -> None:
        """A collection in brackets ends here; one in block style would seem to end where the next begins."""
        if self.marks is not None and not self.marks[pointer].block:
            self.marks[pointer] = self.marks[pointer]._replace(end=event.end_mark.index)

    def _scalar(self, event: Event) -> Value:
        text: str = event.value
        if not event.implicit[0] or (text and text[0] not in _FIRST_OF_OTHERS):
            return text
        if text in _WORDS:
            return _WORDS[text]
        if _INT.fullmatch(text):
            if len(text) > 400:
                raise self.fail("a number of more than 400 digits", event)
            return int(text, {"0o": 8, "0x": 16}.get(text[:2], 10))
        if _FLOAT.fullmatch(text):
            return self._finite(float(text), event)
        if _NOT_FINITE.fullmatch(text):
            raise self.fail(f"{text} is not a finite number", event)
        return text

    def _finite(self, number: float, event: Event) -> float:
        if not isfinite(number):
            raise self.fail("a number too large to be held", event)
        return number

    def _alias(self, event: Event) -> Value:
        if event.anchor in self.open_anchors:
            raise self.fail(f"the alias *{event.anchor} contains itself", event)
        if event.anchor not in self.anchors:
            raise self.fail(f"the alias *{event.anchor} has no anchor before it", event)
        value, size, height = self.anchors[event.anchor]
        self._go_down(height, event)
        self.depth -= height
        self.size += size
        self.aliased += size
        if self.aliased > MAX_ALIASED:
            raise self.fail(f"aliases expand to more than {MAX_ALIASED} values", event)
        return value

    def _refuse_tab(self, event: Event) -> None:
        offset = event.start_mark.index
        start = max(self.text.rfind("\n", 0, offset), self.text.rfind("\r", 0, offset)) + 1
        before = self.text[start:offset]
        if "\t" in before and not before.strip(" \t"):
            raise self.fail(TAB, event)


def _marks(event: Event, key: Event) -> Marks:
    """Where a value begins, and where it ends unless it is a collection; its key's event, if it has one."""
    block = type(event) in (yaml.MappingStartEvent, yaml.SequenceStartEvent) and not event.flow_style
    start, end = event.start_mark.index, event.end_mark.index
    if key is None:
        return Marks(None, 0, start, end, block)
    return Marks(key.start_mark.index, key.end_mark.index, start, end, block)
