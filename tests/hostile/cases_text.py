"""Bytes that are no text, text that is no YAML, and YAML that is more than plain values."""

from collections.abc import Iterator

from hostile.trees import COORD, EXPERIMENT, LEDGER, METRICS, Case, added, bad, edit, good, healthy, swapped

WHOLE = healthy()[EXPERIMENT]


def encodings() -> Iterator[Case]:
    """What is not UTF-8, and characters that no text needs."""
    latin = edit(EXPERIMENT, "It helps.", "Müller").encode("latin-1")
    yield bad("latin-1", "SYN001", EXPERIMENT, latin, (6, 14))
    yield bad("utf-16 with its mark", "SYN001", EXPERIMENT, WHOLE.encode("utf-16"), (1, 1))
    yield bad("utf-16 without a mark", "SYN001", EXPERIMENT, WHOLE.encode("utf-16-le"), (1, 2))
    yield bad("utf-32", "SYN001", EXPERIMENT, WHOLE.encode("utf-32"), (1, 1))
    yield good("byte order mark", EXPERIMENT, "\ufeff" + WHOLE)
    yield good("byte order mark, CRLF", EXPERIMENT, "\ufeff" + WHOLE.replace("\n", "\r\n"))
    yield good("carriage returns alone", EXPERIMENT, WHOLE.replace("\n", "\r"))
    yield bad("byte order mark, then a bad byte", "SYN001", EXPERIMENT, b"\xef\xbb\xbfa\xff", (1, 2))
    marked = "\ufeff# é😀\nk: é".encode()
    yield bad("byte order mark, wide text, bad byte", "SYN001", EXPERIMENT, marked + b"\xff\n", (2, 5))
    yield bad("half a byte order mark", "SYN001", EXPERIMENT, b"\xef\xbb", (1, 1))
    for name, octets in (
        ("a lone continuation byte", b"\x80"),
        ("an overlong slash", b"\xc0\xaf"),
        ("an encoded surrogate", b"\xed\xa0\x80"),
        ("beyond Unicode", b"\xf4\x90\x80\x80"),
        ("a cut character", b"\xf0\x9f\x98"),
    ):
        data = edit(EXPERIMENT, "It helps.", "It@helps.").encode().replace(b"@", octets)
        yield bad(name, "SYN001", EXPERIMENT, data, (6, 15))
    for number in (0x00, 0x07, 0x08, 0x0B, 0x0C, 0x1B, 0x7F, 0x9B, 0xFFFE, 0xFFFF):
        held = f"It⌖{chr(number)}helps."
        yield swapped(f"character U+{number:04X}", "SYN001", EXPERIMENT, "It helps.", held)
    yield good("emoji, accents, right-to-left", EXPERIMENT, edit(EXPERIMENT, "It helps.", "é 😀 שלום 你好"))


def hidden_lines() -> Iterator[Case]:
    """YAML 1.2 breaks lines at LF, CR and CRLF only; what only some tools break at would hide keys."""
    for name, mark in (("U+0085", "\x85"), ("U+2028", "\u2028"), ("U+2029", "\u2029")):
        comment = edit(EXPERIMENT, "traffic: 20%", f"traffic: 20% # was⌖{mark}salt: other")
        yield bad(f"{name} in a comment", "SYN001", EXPERIMENT, comment)
        plain = edit(EXPERIMENT, "It helps.", f"It helps.⌖{mark}salt: other")
        yield bad(f"{name} in plain text", "SYN001", EXPERIMENT, plain)
    yield added("U+FEFF inside", "SYN001", EXPERIMENT, "⌖\ufeffsalt: other\n")


def structures() -> Iterator[Case]:
    """Files whose top is not one mapping, and directives."""
    for name, text in (
        ("empty", ""),
        ("only a byte order mark", "\ufeff"),
        ("only line ends", "\n\n"),
        ("only comments", "# nothing\n# here\n"),
    ):
        yield bad(f"{name} file", "SYN001", EXPERIMENT, text, (1, 1))
        yield bad(f"{name} coord.yaml", "SYN001", COORD, text, (1, 1))
    for name, text in (
        ("text", "⌖hello\n"),
        ("a number", "# a comment\n⌖17\n"),
        ("a list", "- experiment: one\n- surface: home\n"),
        ("a flow list", "⌖[1, 2]\n"),
        ("null", "⌖null\n"),
        ("quoted text", '⌖"experiment: one"\n'),
        ("block text", "⌖|\n  experiment: one\n"),
    ):
        yield bad(f"{name} at the top", "SYN003", EXPERIMENT, text)
        yield bad(f"{name} at the top of a ledger", "SYN003", LEDGER, text)
    yield bad("an empty document", "SYN003", EXPERIMENT, "---\n")
    yield good("explicit start and end", EXPERIMENT, f"---\n{WHOLE}...\n# a comment\n")
    yield bad("two documents", "SYN001", EXPERIMENT, f"{WHOLE}⌖---\n{WHOLE}")
    yield bad("two empty documents", "SYN001", EXPERIMENT, "---\n⌖---\n")
    yield bad("text after the end", "SYN001", EXPERIMENT, f"{WHOLE}...\n⌖foo: 1\n")
    yield good("%YAML 1.2", EXPERIMENT, f"%YAML 1.2\n---\n{WHOLE}")
    yield bad("%YAML 3.0", "SYN001", EXPERIMENT, f"⌖%YAML 3.0\n---\n{WHOLE}")
    yield bad("%YAML twice", "SYN001", EXPERIMENT, f"%YAML 1.2\n⌖%YAML 1.2\n---\n{WHOLE}")
    yield bad("%YAML without a document", "SYN001", EXPERIMENT, f"%YAML 1.2\n⌖{WHOLE}")
    yield bad("an unknown directive", "SYN001", EXPERIMENT, f"%INCLUDE /etc/passwd\n---\n{WHOLE}")
    yield bad("a JSON lines file", "SYN001", METRICS, '{"metrics": {}}\n{"metrics": {}}\n')


def syntax() -> Iterator[Case]:
    """What no YAML parser accepts."""
    for name, old, new in (
        ("an unclosed double quote", "It helps.", '"It helps.'),
        ("an unclosed single quote", "It helps.", "'It helps."),
        ("an unclosed list", "[header]", "[header"),
        ("an unclosed mapping", "weight: 2}", "weight: 2"),
        ("one bracket too many", "[header]", "[header]]"),
        ("a colon in plain text", "It helps.", "It helps: a lot"),
        ("a percent sign first", "20%", "%20"),
        ("an at sign first", "It helps.", "@home"),
        ("a backtick first", "It helps.", "`x`"),
        ("a key without a colon", "owner: home-team", "owner home-team"),
        ("a key indented too far", "owner: home-team", "  owner: home-team"),
        ("a list item at the left", "  - {name: treatment", "- {name: treatment"),
        ("an unknown escape", "It helps.", '"\\q"'),
        ("half an escape", "It helps.", '"\\x1"'),
        ("a lone surrogate escape", "It helps.", '"\\uD800"'),
        ("a surrogate pair of escapes", "It helps.", '"\\uD83D\\uDE00"'),
        ("an escape beyond Unicode", "It helps.", '"\\UFFFFFFFF"'),
    ):
        yield swapped(name, "SYN001", EXPERIMENT, old, new)
    escapes = '"\\u00e9 \\U0001F600 \\n \\t \\x41 \\/"'
    yield good("escapes", EXPERIMENT, edit(EXPERIMENT, "It helps.", escapes))


def tabs() -> Iterator[Case]:
    """Tabs as indentation are refused, in flow style too; between words they are spaces."""
    for name, old, new in (
        ("a key", "owner:", "⌖\towner:"),
        ("a list item", "  - {name: control", "⌖\t- {name: control"),
        ("a list item, after spaces", "  - {name: control", "  ⌖\t- {name: control"),
        ("a comment", "owner:", "⌖\t# who\nowner:"),
        ("text that goes on", "It helps.", "It\n⌖\thelps."),
        ("block text", "It helps.", "|\n⌖\tIt helps."),
        ("a value in a flow list", "[header]", "[\n\t⌖header]"),
        ("the end of a flow list", "[header]", "[header\n⌖\t]"),
    ):
        yield swapped(f"a tab before {name}", "SYN001", EXPERIMENT, old, new)
    for name, old, new in (
        ("after a colon", "traffic: 20%", "traffic:\t20%"),
        ("after a value", "traffic: 20%", "traffic: 20%\t"),
        ("between value and comment", "traffic: 20%", "traffic: 20%\t# share"),
        ("in quotes", "It helps.", '"It\thelps."'),
    ):
        yield good(f"a tab {name}", EXPERIMENT, edit(EXPERIMENT, old, new))


CASES = [*encodings(), *hidden_lines(), *structures(), *syntax(), *tabs()]
