"""Events as they come from files: those that metrics ask for, with their values as numbers."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from coord.logs.number_texts import numbers
from coord.logs.reader import Batch, Reading
from coord.logs.timestamps import DAY

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

UNIT, AT, EVENT = "unit", "at", "event"

MOST_NAMES = 200
"""Names of events that nothing asks for, of which some are remembered."""

_LOOKED_AT = 20_000
"""Rows of a batch in which names are looked for that nothing asks for."""


class Asked(NamedTuple):
    """What metrics ask of events: their names, and which columns of which of them, by place of the name.

    What is in `numbers` is read as numbers, what is in `texts` as it is.
    """

    events: tuple[str, ...]
    numbers: tuple[tuple[str, tuple[int, ...]], ...]
    texts: tuple[tuple[str, tuple[int, ...]], ...] = ()


class NoNumber(NamedTuple):
    """The first value of a column that is no finite number, in which row of which file."""

    text: str
    file: str
    row: int


def number_column(name: str) -> str:
    """The column of numbers."""
    return f"number_{name}"


def text_column(name: str) -> str:
    """The column of texts."""
    return f"text_{name}"


class EventsSeen:
    """What was found of events in [since, upto), wherever they are:

    seen: events by name, of any time. days: those in [since, upto), by place of the name and day since 1970.
    names: some names of events that nothing asks for, where a name that is asked for was not seen at first.
    first, last: moments of the first event, and of the last before `known_until`.
    wrong: by (event's place, column) the first value that is no finite number; such values are NaN.
    """

    def __init__(self, asked: Asked, since: int, upto: int, known_until: int) -> None:
        """Nothing was found so far. Moments are in microseconds since 1970."""
        self._asked = asked
        self._since, self._upto, self._known_until = since, upto, known_until
        self.seen: Counter[str] = Counter(dict.fromkeys(asked.events, 0))
        self.days: Counter[tuple[int, int]] = Counter()
        self.names: set[str] = set()
        self.first: int | None = None
        self.last: int | None = None
        self.wrong: dict[tuple[int, str], NoNumber] = {}


class EventStream(EventsSeen):
    """Events of files in [since, upto), with what was found of them so far."""

    def __init__(self, reading: Reading, asked: Asked, since: int, upto: int, known_until: int) -> None:
        """Take files that are to be read. Moments are in microseconds since 1970."""
        super().__init__(asked, since, upto, known_until)
        self._reading = reading

    @property
    def schema(self) -> "pa.Schema":
        """The columns: unit, moment, place of the event's name, and the values asked for."""
        import pyarrow as pa  # noqa: PLC0415 - only logs need it

        return pa.schema(
            [(UNIT, pa.string()), (AT, pa.int64()), (EVENT, pa.int8() if self._few else pa.int16())]
            + [(number_column(name), pa.float64()) for name, _ in self._asked.numbers]
            + [(text_column(name), pa.string()) for name, _ in self._asked.texts]
        )

    @property
    def _few(self) -> bool:
        return len(self._asked.events) < 128

    def batches(self, progress: Callable[[int], None]) -> "Iterator[pa.RecordBatch]":
        """The events. Raises CoordError."""
        import numpy as np  # noqa: PLC0415
        import pyarrow as pa  # noqa: PLC0415
        from pyarrow import compute  # noqa: PLC0415

        names = pa.array(self._asked.events, pa.string())
        for read in self._reading.batches(progress):
            at = read.columns["timestamp"].cast(pa.int64()).to_numpy()
            self._note_time(at)
            found = compute.index_in(read.columns["event"], value_set=names).fill_null(-1).to_numpy()
            counts = np.bincount(found + 1, minlength=len(names) + 1)[1:].tolist()
            self.seen.update(dict(zip(self._asked.events, counts, strict=True)))
            self._note_names(read.columns["event"])
            rows = np.flatnonzero((found >= 0) & (at >= self._since) & (at < self._upto))
            if len(rows):
                self._note_days(at[rows], found[rows])
                yield self._shaped(read, at, found, rows)

    def _note_names(self, names: "pa.StringArray") -> None:
        """Remember what else there is, as long as a name that is asked for was not seen."""
        if len(self.names) < MOST_NAMES and not all(self.seen.values()):
            others = names.slice(0, _LOOKED_AT).unique().to_pylist()
            self.names.update([name for name in others if name not in self.seen][:MOST_NAMES])

    def _note_days(self, at: "NDArray[np.int64]", events: "NDArray[np.int32]") -> None:
        import numpy as np  # noqa: PLC0415

        first = self._since // DAY
        number = (self._upto - 1) // DAY - first + 1
        counts = np.bincount(
            events * number + (at // DAY - first), minlength=len(self._asked.events) * number
        )
        for code in np.flatnonzero(counts).tolist():
            event, day = divmod(code, number)
            self.days[event, first + day] += int(counts[code])

    def _note_time(self, at: "NDArray[np.int64]") -> None:
        if not len(at):
            return
        first, last = int(at.min()), int(at.max())
        if last >= self._known_until:
            known = at[at < self._known_until]
            last = int(known.max()) if len(known) else -1
            if not len(known):
                return
        self.first = first if self.first is None else min(self.first, first)
        self.last = last if self.last is None else max(self.last, last)

    def _shaped(
        self, read: Batch, at: "NDArray[np.int64]", found: "NDArray[np.int32]", rows: "NDArray[np.int64]"
    ) -> "pa.RecordBatch":
        import pyarrow as pa  # noqa: PLC0415

        every = len(rows) == len(at)
        units = read.columns["unit"] if every else read.columns["unit"].take(pa.array(rows))
        events = found[rows]
        columns = [units, pa.array(at[rows]), pa.array(events, self.schema.field(EVENT).type)]
        for name, of in self._asked.numbers:
            columns.append(self._numbers(read, name, of, events, rows))
        for name, of in self._asked.texts:
            columns.append(_of_events(read.extras.column(name).take(pa.array(rows)), of, events))
        return pa.record_batch(columns, schema=self.schema)

    def _numbers(
        self,
        read: Batch,
        name: str,
        of: Sequence[int],
        events: "NDArray[np.int32]",
        rows: "NDArray[np.int64]",
    ) -> "pa.Array":
        import numpy as np  # noqa: PLC0415
        import pyarrow as pa  # noqa: PLC0415

        theirs = np.flatnonzero(_are_of(events, of))
        texts = read.extras.column(name).take(pa.array(rows[theirs]))
        values, wrong = numbers(texts)
        found, none = np.zeros(len(rows)), np.ones(len(rows), np.bool_)
        found[theirs] = values.fill_null(0.0).to_numpy()
        none[theirs] = values.is_null().to_numpy(zero_copy_only=False)
        if wrong is not None:
            self._note_wrong(read, name, events, rows, theirs[wrong])
            found[theirs[wrong]], none[theirs[wrong]] = np.nan, False
        return pa.array(found, mask=none)

    def _note_wrong(
        self,
        read: Batch,
        name: str,
        events: "NDArray[np.int32]",
        rows: "NDArray[np.int64]",
        wrong: "NDArray[np.int64]",
    ) -> None:
        """Remember the first value of each event that is no finite number; `wrong` are places in `rows`."""
        texts = read.extras.column(name)
        for event in {*events[wrong].tolist()}:
            row = int(rows[wrong[events[wrong] == event][0]])
            first = NoNumber(texts[row].as_py(), self._reading.files[read.file].path, int(read.rows[row]))
            self.wrong.setdefault((event, name), first)


def _of_events(texts: "pa.Array", of: Sequence[int], events: "NDArray[np.int32]") -> "pa.Array":
    """The texts of some events, null for the others."""
    import pyarrow as pa  # noqa: PLC0415
    from pyarrow import compute  # noqa: PLC0415

    theirs = _are_of(events, of)
    if theirs.all():
        return texts
    return compute.if_else(pa.array(theirs), texts, pa.scalar(None, pa.string()))


def _are_of(events: "NDArray[np.int32]", of: Sequence[int]) -> "NDArray[np.bool_]":
    """Which rows are of some events; `of` is in order, and has one at least."""
    import numpy as np  # noqa: PLC0415

    asked = np.zeros(max(int(events.max()), *of) + 1, np.bool_)
    asked[list(of)] = True
    found: NDArray[np.bool_] = asked[events]
    return found
