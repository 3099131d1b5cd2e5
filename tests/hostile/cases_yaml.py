"""YAML beyond plain values: tags, aliases, depth, keys, and scalars that other tools misread."""

from collections.abc import Iterator

from hostile.trees import COORD, EXPERIMENT, SURFACE, Case, added, append, bad, edit, good, healthy, swapped

WHOLE = healthy()[EXPERIMENT]


def tags() -> Iterator[Case]:
    """No tag is needed, and some build objects."""
    for tag in (
        "!!python/object/apply:os.system",
        "!!python/name:os.system",
        "!!binary",
        "!!timestamp",
        "!!str",
        "!!set",
        "!custom",
        "!",
        "!<tag:yaml.org,2002:str>",
    ):
        yield swapped(f"{tag} on text", "SYN001", EXPERIMENT, "It helps.", f"⌖{tag} aGk=")
    yield bad("a tag on a mapping", "SYN001", EXPERIMENT, f"⌖!!map\n{WHOLE}")
    yield swapped("a tag on a list", "SYN001", EXPERIMENT, "[header]", "⌖!!seq [header]")
    yield swapped("a tag on a key", "SYN001", EXPERIMENT, "traffic:", "⌖!!str traffic:")
    yield swapped("a tag without a handle", "SYN001", EXPERIMENT, "20%", "⌖!u!x 20%")
    yield bad("a tag of 100,000 characters", "SYN001", EXPERIMENT, "⌖" + "!" * 100_000)


def aliases() -> Iterator[Case]:
    """A few aliases are fine; what multiplies or contains itself is not."""
    named = edit(EXPERIMENT, "Test one", "&t Test").replace("It helps.", "*t")
    yield good("an alias of text", EXPERIMENT, named)
    twice = edit(EXPERIMENT, "weight: 1}", "weight: 1, serves: &s {a: [1]}}")
    yield good("an alias of a mapping", EXPERIMENT, twice.replace("weight: 2}", "weight: 2, serves: *s}"))
    yield swapped("an undefined alias", "SYN001", EXPERIMENT, "20%", "⌖*traffic")
    early = edit(EXPERIMENT, "Test one", "⌖*o") + "x: &o 1\n"
    yield bad("an alias before its anchor", "SYN001", EXPERIMENT, early)
    inside = edit(EXPERIMENT, "weight: 1}", "weight: 1, serves: &s {a: [⌖*s]}}")
    yield bad("an alias inside itself", "SYN001", EXPERIMENT, inside)
    yield added("an alias as key", "SYN001", EXPERIMENT, "x: &k y\n⌖*k : 1\n")
    laughs = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"{name}: &{name} [{', '.join([f'*{before}'] * 10)}]\n"
        for before, name in zip("abcdefgh", "bcdefghi", strict=True)
    )
    yield bad("a billion laughs", "SYN001", EXPERIMENT, laughs)
    pairs = (f"a{i}: &a{i} {{x: *a{i - 1}, y: *a{i - 1}}}\n" for i in range(1, 60))
    doubled = f"a0: &a0 {{x: 1}}\n{''.join(pairs)}"
    yield bad("mappings that double", "SYN001", EXPERIMENT, doubled)
    deep = f"a: &a {'[' * 40}{']' * 40}\nb: {'[' * 24}⌖*a{']' * 24}\n"
    yield added("depth by an alias", "SYN001", EXPERIMENT, deep)
    wide = f"a: &a [{'x,' * 500}]\nb: [{'*a,' * 500}]\n"
    yield added("a wide alias, often", "SYN001", EXPERIMENT, wide)


def depths() -> Iterator[Case]:
    """64 levels are read; what is deeper is refused before anything is built."""
    around = "weight: 1, serves: {a: " + "[" * 60 + "%s" + "]" * 60 + "}}"  # of them 4 levels are outside
    yield good("64 levels", EXPERIMENT, edit(EXPERIMENT, "weight: 1}", around % ""))
    yield swapped("65 levels", "SYN001", EXPERIMENT, "weight: 1}", around % "⌖[]")
    for name, piece, column in (
        ("[", "[", 65),
        ("- ", "- ", 129),
        ("{a: ", "{a: ", 257),
        ("[a: ", "[a: ", 129),
        ("{", "{", 2),
        ("? ", "? ", 3),
        ("{? ", "{? ", 4),
    ):
        yield bad(f"100,000 times `{name}`", "SYN001", EXPERIMENT, piece * 100_000, (1, column))
    closed = "[" * 100_000 + "]" * 100_000
    yield bad("100,000 lists, closed", "SYN001", EXPERIMENT, closed, (1, 65))
    stairs = "".join(f"{' ' * level}a:\n" for level in range(1000))
    yield bad("1,000 block levels", "SYN001", EXPERIMENT, stairs, (65, 65))
    for name, text in (
        ("quotes", "'" * 100_001),
        ("asterisks", "*" * 100_000),
        ("ampersands", "&" * 100_000),
        ("percent signs", "%" * 100_000),
        ("bars", "|" * 100_000),
        ("colons", ": " * 100_000),
        ("commas", "[" + "," * 100_000),
        ("documents", "---\n" * 100_000),
        ("one long line", "x" * 2**20 + ": 1"),
        ("a key that is too long", "k" * 500_000 + ": 1\n"),
    ):
        yield bad(f"100,000 {name}", "SYN001", EXPERIMENT, text)


def keys() -> Iterator[Case]:
    """Keys are text and stand once."""
    for name, more in (
        ("plain", "⌖traffic: 30%\n"),
        ("double-quoted", '⌖"traffic": 30%\n'),
        ("single-quoted", "⌖'traffic': 30%\n"),
        ("escaped", '⌖"tr\\x61ffic": 30%\n'),
        ("explicit", "? ⌖traffic\n: 30%\n"),
    ):
        yield added(f"a duplicate key, {name}", "SYN002", EXPERIMENT, more)
    inner = edit(EXPERIMENT, "weight: 1}", "weight: 1, ⌖weight: 2}")
    yield bad("a duplicate key in flow style", "SYN002", EXPERIMENT, inner)
    served = edit(EXPERIMENT, "weight: 1}", "weight: 1, serves: {a: 1, ⌖a: 1}}")
    yield bad("a duplicate free key", "SYN002", EXPERIMENT, served)
    yield swapped("a duplicate space", "SYN002", COORD, "teams:", "  ⌖user: {}\nteams:")
    for name, more in (
        ("a mapping", "? ⌖{a: 1}\n: 2\n"),
        ("a list", "? ⌖[a]\n: 2\n"),
        ("a flow mapping", "⌖{a: 1}: 2\n"),
        ("a block list", "? ⌖- a\n: 2\n"),
    ):
        yield added(f"{name} as key", "SYN001", EXPERIMENT, more)
    yield added("a key that is missing", "SYN001", EXPERIMENT, ": 1\n")
    yield added("a merge key", "SYN003", EXPERIMENT, "⌖<<: {kind: rollout}\n")
    merged = append(EXPERIMENT, "⌖base: &b {kind: rollout}\n⌖<<: *b\n")
    yield bad("a merge key with an alias", "SYN003 SYN003", EXPERIMENT, merged)
    for key in ("~", "null", "true", "1", "0x1", "1e3", '""', "? "):
        more = f"{key}\n: 1\n" if key == "? " else f"⌖{key}: 1\n"
        yield added(f"`{key}` as key", "SYN003", EXPERIMENT, more)
    yield added("a key of 500,000 characters", "SYN003", EXPERIMENT, f"? ⌖{'k' * 500_000}\n: 1\n")


def scalars() -> Iterator[Case]:
    """YAML 1.2: what 1.1 takes for numbers, truth and times stays text, and numbers are finite."""
    for word in ("on", "off", "yes", "no", "y", "n", "nan", "inf"):
        text = edit(EXPERIMENT, "name: control", f"name: {word}")
        yield good(f"a variant called {word}", EXPERIMENT, text)
        yield swapped(f"{word} for a boolean", "SYN003", SURFACE, "fixed: true", f"fixed: ⌖{word}")
    for word in ("true", "False", "null", "~", "1", "0o17", "0x1F", "1e3", "1.5", "-1"):
        text = edit(EXPERIMENT, "name: control", f"name: ⌖{word}")
        yield bad(f"a variant called {word}", "SYN003", EXPERIMENT, text)
    for word in ("010", "0o17", "0x1F", "1.0", "1e3", "+5"):
        yield good(f"weight {word}", EXPERIMENT, edit(EXPERIMENT, "weight: 1}", f"weight: {word}}}"))
    for word in ("1:30", "1_000", "0b11", "0", "-1", "-0", "1.5", "1e-3", "1e30", "yes", "true", "'1'"):
        yield swapped(f"weight {word}", "SYN003", EXPERIMENT, "weight: 1}", f"weight: ⌖{word}}}")
    for word in (".inf", "-.INF", "+.Inf", ".nan", ".NaN", "1e999", "-1e999", "9" * 10_000):
        text = edit(EXPERIMENT, "weight: 1}", f"weight: ⌖{word}}}")
        yield bad(f"weight {word[:9]}", "SYN001", EXPERIMENT, text)
        served = edit(EXPERIMENT, "weight: 1}", f"weight: 1, serves: {{x: ⌖{word}}}}}")
        yield bad(f"{word[:9]} served", "SYN001", EXPERIMENT, served)
    for word in ("9" * 400, "-" + "9" * 399, "0x" + "f" * 300):
        text = edit(EXPERIMENT, "weight: 1}", f"weight: ⌖{word}}}")
        yield bad(f"weight {word[:5]} of {len(word)} digits", "SYN003", EXPERIMENT, text)


CASES = [*tags(), *aliases(), *depths(), *keys(), *scalars()]
