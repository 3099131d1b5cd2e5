"""Ledgers, names, markup that some reader of the output could act on, and files in the wrong place."""

from collections.abc import Iterator

from hostile.trees import (
    COORD,
    EXPERIMENT,
    LEDGER,
    METRICS,
    OTHER_SURFACE,
    SURFACE,
    Case,
    Expected,
    added,
    append,
    bad,
    edit,
    good,
    healthy,
    swapped,
)

MIB = 2**20
MARKUP = (
    "[bold]x[/]",
    "[/]",
    "[link=http://x]y[/link]",
    ":smile:",
    "::error::x",
    "x%0A::error::y",
    "##[error]x",
    "##[add-mask]e",
    "x ##vso[task.complete]",
    "<script>alert(1)</script>",
    "=cmd|' /C calc'!A0",
    "@SUM(1+1)",
    "${{ secrets.TOKEN }}",
    "$(id)",
    "{0.__class__}",
    "%s%n",
)
ACTIVE = (
    "\\e[31mred",
    "\\e]8;;http://x\\e\\\\link",
    "a\\n::error::x",
    "a\\r\\n::error::x",
    "a\\0b",
    "a\\x9b31m",
    "a\\u202Eb",
    "a\\u2066b\\u2069",
    "a\\u200Bb",
    "a\\u2028::error::x",
    "a\\N::error::x",
    "a\\uFEFFb",
    "\\a\\b\\v\\f",
    "a\\U000E0041b",
)


def ledgers() -> Iterator[Case]:
    """Buckets that cannot be decoded, and ledgers of another shape."""
    for word in ("5:5", "9:5", "0:20 30:30"):
        yield swapped(f"range {word}", "SYN003", LEDGER, '"0:20"', f'⌖"{word}"')
    ranges = "0 0: -1:20 0:10000000 0-20 0:20,30:40 ٠:٢٠ 0:20\\n"
    for word in (*ranges.split(), "", " ", "0:20  30:40"):
        yield swapped(f"range {word!r}", "SYN003", LEDGER, '"0:20"', f'⌖"{word}"')
    for word in ("base64:AAA", "base64:A_-=", "base64:é===", "base64:=", "base64:AAAA=AAA"):
        yield swapped(f"bitset {word}", "SYN003", LEDGER, '"0:20"', f'⌖"{word}"')
    yield good("whitespace in a bitset", LEDGER, edit(LEDGER, '"0:20"', '"base64: //\n    8P \\t "'))
    for name, old, new in (
        ("version true", "version: 1", "version: ⌖true"),
        ("version 2", "version: 1", "version: ⌖2"),
        ("version '1'", "version: 1", "version: ⌖'1'"),
        ("version null", "version: 1", "⌖version:"),
        ("migrated false", "migrated: true", "migrated: ⌖false"),
        ("no list of entries", 'entries:\n  - buckets: "0:20"', "⌖entries:"),
        ("no entries", 'entries:\n  - buckets: "0:20"', "entries: ⌖[]"),
        ("buckets as a number", '"0:20"', "⌖20"),
        ("buckets as a list", '"0:20"', "⌖[0, 20]"),
        ("an unknown key in an entry", '"0:20"', '"0:20"\n    ⌖zzz: 1'),
        ("an unknown key", "version: 1", "⌖zzz: 1\nversion: 1"),
        ("a name without a surface", "home/one", "⌖one"),
        ("a name that climbs", "home/one", "⌖../home/one"),
    ):
        yield swapped(f"ledger: {name}", "SYN003", LEDGER, old, new)
    yield swapped("ledger: another name", "SYN005", LEDGER, "home/one", "⌖home/two")
    yield good("ledger of 2 MiB", LEDGER, append(LEDGER, "#" * 2 * MIB))
    yield bad("ledger over 4 MiB", "SYN001", LEDGER, append(LEDGER, "#" * 4 * MIB), (1, 1))
    for path in (EXPERIMENT, SURFACE, METRICS, COORD):
        text = healthy()[path]
        yield good(f"{path} of 1 MiB", path, text + "#" * (MIB - len(text)))
        yield bad(f"{path} over 1 MiB", "SYN001", path, text + "#" * (MIB - len(text) + 1), (1, 1))


def names() -> Iterator[Case]:
    """Names are lower-case letters, digits and hyphens, to the last character."""
    words = (
        "../x /x x/ ONE оne -one one- o_ne ｏne one.yaml . one\\n one\\0 \\none one\\r one\\u2028 one\\u0301"
    )
    for word in (*words.split(), "", "one ", "a" * 64):
        for field, old in (("experiment", "one"), ("surface", "home")):
            text = edit(EXPERIMENT, f"{field}: {old}", f'{field}: ⌖"{word}"')
            yield bad(f"{field} {word!r:.20}", "SYN003", EXPERIMENT, text)
        yield swapped(f"component {word!r:.20}", "SYN003", EXPERIMENT, "[header]", f'[⌖"{word}"]')
        rivals = append(EXPERIMENT, f'exclusive_with: [⌖"home/{word}"]\n')
        yield bad(f"exclusive_with {word!r:.20}", "SYN003", EXPERIMENT, rivals)
    for field, old, new in (("experiment", "one", "two"), ("surface", "home", "search")):
        text = edit(EXPERIMENT, f"{field}: {old}", f"{field}: ⌖{new}")
        yield bad(f"{field} {new}", "SYN005", EXPERIMENT, text)
    yield swapped("surface search at home", "SYN005", SURFACE, "surface: home", "surface: ⌖search")
    yield swapped("an unknown team", "REF001", EXPERIMENT, "home-team", "⌖nobody")
    yield swapped("an unknown space", "REF001", SURFACE, "space: user", "space: ⌖users")
    yield added("itself in exclusive_with", "REF001", EXPERIMENT, "exclusive_with: [⌖home/one]\n")


def markup() -> Iterator[Case]:
    """Text that a terminal, a log, a browser or a sheet could act on, where it is quoted in a message."""
    for word in MARKUP:
        yield added(f"key {word}", "SYN003", EXPERIMENT, f'⌖"{word}": 1\n')
        yield swapped(f"owner {word}", "SYN003", EXPERIMENT, "home-team", f'⌖"{word}"')
        yield good(f"title {word}", EXPERIMENT, edit(EXPERIMENT, "Test one", f'"{word}"'))
        yield swapped(f"value {word}", "REF001", EXPERIMENT, "[SE]", f'[⌖"{word}"]')
    for word in ACTIVE:
        yield added(f"key {word}", "SYN003", EXPERIMENT, f'⌖"{word}": 1\n')
        yield swapped(f"owner {word}", "SYN003", EXPERIMENT, "home-team", f'⌖"{word}"')
        yield swapped(f"dimension {word}", "SYN003", EXPERIMENT, "{country:", f'{{⌖"{word}":')
        yield added(f"twice {word}", "SYN002", EXPERIMENT, f'"{word}": 1\n⌖"{word}": 1\n')
    for raw in ("\u202e", "\u2066", "\u200b", "\u061c", "\U000e0041"):
        yield added(f"raw U+{ord(raw):04X}", "SYN003", EXPERIMENT, f"⌖a{raw}b: 1\n")


def places() -> Iterator[Case]:
    """Files that lie where nothing reads them, or do not lie where something must."""
    whole = healthy()[EXPERIMENT]
    for path in (
        "surfaces/home/experiments/x.yml",
        "surfaces/home/experiments/x.YAML",
        "surfaces/home/experiments/.yaml",
        "surfaces/home/experiments/a/b.yaml",
        "surfaces/home/experiments.yaml",
        "surfaces/home/Experiments/x.yaml",
        "surfaces/home/x.yaml",
        "surfaces/home/surface.yml",
        "surfaces/x.yaml",
        "surfaces/coord.yml",
        "surfaces/home/::error::.yml",
        "surfaces/home/##[error]x.yml",
        "surfaces/a/b/c/d/e/f.yaml",
    ):
        yield bad(f"misplaced {path}", "SYN005", path, whole, (1, 1))
    for path in ("surfaces/README.md", "surfaces/home/notes.txt", "surfaces/home/experiments/x.yaml.bak"):
        yield good(f"ignored {path}", path, b"\xff\x00")
    yield Case("no coord.yaml", {COORD: None}, (Expected("SYN001", COORD, 1, 1),), spoils=True)
    lost = Expected("REF001", EXPERIMENT, 2, 10)
    yield Case("no surface.yaml", {SURFACE: None}, (lost,))
    yield bad("a broken surface.yaml", "SYN001", SURFACE, "components: [\n")
    yield bad("a broken surface of the others", "SYN001", OTHER_SURFACE, "components: [\n")
    yield bad("a broken coord.yaml", "SYN001", COORD, "spaces: {\n")
    yield swapped("spaces that are a list", "SYN003", COORD, "spaces:\n  user:", "⌖spaces:\n  - user:")


QUOTED = [*markup(), *places()]
CASES = [*ledgers(), *names(), *QUOTED]
