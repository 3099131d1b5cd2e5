"""Values of the wrong kind, impossible dates and shares, unknown keys at every level."""

from collections.abc import Iterator

from hostile.trees import COORD, EXPERIMENT, METRICS, SURFACE, Case, added, append, bad, edit, good, swapped

HOLDBACK = edit(EXPERIMENT, "ab_test", "holdback").partition("components:")[0]
ROLLOUT = edit(EXPERIMENT, "ab_test", "rollout")


def shares() -> Iterator[Case]:
    """Shares are percent strings above 0% and up to 100%, a whole number of buckets."""
    plain = (
        "20 0.2 20.0 1 0 -20 1e-7 20.123456789 1e300 +20% -20% 020% 10000% 20.0000001% 20.% .5% 2e1% 20%% ten"
    )
    digits = ("9" * 350, "-" + "9" * 350)
    others = ("20 %", '"20%\\n"', '" 20%"', "20％", "٢٠%", "true", "[20%]", "{}", "{now: 20%}", "{20: 20%}")
    for word in (*plain.split(), *digits, *others):
        found = "{⌖" + word[1:] if word.startswith(("{n", "{2")) else f"⌖{word}"
        yield swapped(f"traffic {word[:20]}", "SYN003", EXPERIMENT, "20%", found)
    for word in ("0%", "0.000000%", "101%", "100.000001%", "9999%", "0.5%", "33.333333%"):
        yield swapped(f"traffic {word}", "SYN004", EXPERIMENT, "20%", f"⌖{word}")
    yield swapped("no traffic", "SYN003", EXPERIMENT, "traffic: 20%", "⌖traffic:")
    for word in ("7", "0.5", "9" * 350, "5 %"):
        yield swapped(f"mde {word[:9]}", "SYN003", SURFACE, "mde: 1%", f"mde: ⌖{word}")
    yield swapped("mde 0%", "SYN004", SURFACE, "mde: 1%", "mde: ⌖0%")
    yield added("component budget 101%", "SYN004", SURFACE, "budget: {component: ⌖101%}\n")
    yield good("team budget 9999%", SURFACE, append(SURFACE, "budget: {teams: {home-team: 9999%}}\n"))
    yield swapped("values of 10059%", "SYN004", SURFACE, "{SE: 10%", "⌖{SE: 9999%")
    for key in ("alpha", "power", "srm_alpha"):
        yield added(f"{key} 100%", "SYN004", COORD, f"decision: {{{key}: ⌖100%}}\n")
    ratio = "  r: {window: 7d, direction: increase, ratio: {numerator: %s, denominator: %s}}\n"
    part, capped = "{event: a, aggregate: count}", "{event: a, aggregate: count, cap: {quantile: ⌖9999%}}"
    yield added("a ratio capped at 9999%", "SYN004", METRICS, ratio % (capped, part))
    yield added("a ratio capped below", "SYN004", METRICS, ratio % (part, capped))


def days() -> Iterator[Case]:
    """Days are of the calendar, written YYYY-MM-DD, without a time."""
    plain = (
        "2026-03-02T00:00:00Z 2026-3-2 02.03.2026 20260302 2026-W10-1 20260-03-02 -2026-03-02 2026 null today"
    )
    for word in (*plain.split(), "2026-03-02 00:00:00", "２０２６-03-02", '"2026-03-02\\n"', "[2026-03-02]"):
        yield swapped(f"start {word}", "SYN003", EXPERIMENT, "2026-03-02", f"⌖{word}")
    impossible = "2026-02-30 0000-01-01 2026-13-01 2026-00-10 2025-02-29 2026-03-00 9999-99-99"
    for word in impossible.split():
        yield swapped(f"start {word}", "SYN004", EXPERIMENT, "2026-03-02", f"⌖{word}")
    both = edit(EXPERIMENT, "2026-03-02", "⌖2026-02-30").replace("2026-03-30", "⌖2026-04-31")
    yield bad("start and end", "SYN004 SYN004", EXPERIMENT, both)
    yield good("a quoted day", EXPERIMENT, edit(EXPERIMENT, "2026-03-02", '"2026-03-02"'))
    last = {EXPERIMENT: edit(EXPERIMENT, "2026-03-30", "9999-12-31")}
    cool = {SURFACE: append(SURFACE, "policy: {cooldown_days: 3650}\n")}
    yield Case("the last day there is, and a cool-down after it", {**last, **cool})
    for name, steps in (
        ("an impossible day", "{2026-03-02: 1%, ⌖2026-02-30: 20%}"),
        ("another first day", "{⌖2026-03-03: 20%}"),
        ("falling", "{2026-03-02: 20%, 2026-03-05: ⌖10%}"),
        ("a step of 0%", "{2026-03-02: ⌖0%, 2026-03-05: 20%}"),
    ):
        yield swapped(f"steps: {name}", "SYN004", EXPERIMENT, "20%", steps)
    twice = "{2026-03-02: 1%, ⌖'2026-03-02': 20%}"
    yield swapped("steps: a day twice", "SYN002", EXPERIMENT, "20%", twice)
    yield added("a look", "SYN004", EXPERIMENT, "analysis: {looks: [2026-03-09, ⌖2026-02-29]}\n")
    outcome = "outcome: {decision: shipped, on: ⌖2026-02-29}\n"
    yield added("an outcome", "SYN004", EXPERIMENT, outcome)
    yield bad("evaluate_from", "SYN004", EXPERIMENT, HOLDBACK + "evaluate_from: ⌖2026-02-29\n")
    waiver = "waivers: [{rule: BKT001, experiment: home/one, with: home/x, reason: x, until: ⌖2026-02-30}]\n"
    yield added("until", "SYN004", SURFACE, waiver)
    since = edit(SURFACE, "mde: 1%", "mde: 1%, since: ⌖2026-02-30")
    yield bad("since", "SYN004", SURFACE, since)
    window = "  x: {event: a, aggregate: any, window: ⌖{from: 7d, to: 7d}, direction: increase}\n"
    yield added("an empty window", "SYN004", METRICS, window)


def kinds() -> Iterator[Case]:
    """Values of another kind, and fields that a kind of experiment does not have."""
    required = {"title": "Test one", "owner": "home-team", "hypothesis": "It helps.", "status": "active"}
    for field, old in required.items():
        for word in ("true", "12", "[a]", "{a: b}", '""', "1e3", "9" * 350):
            yield swapped(f"{field} {word[:9]}", "SYN003", EXPERIMENT, old, f"⌖{word}")
        missing = edit(EXPERIMENT, f"{field}: {old}", f"x: {old}").replace("x:", "⌖x:")
        yield bad(f"no {field}", "SYN003 SYN003", EXPERIMENT, f"⌖{missing}")
    yield swapped("an unknown status", "SYN003", EXPERIMENT, "active", "⌖Active")
    yield swapped("an unknown kind", "SYN003", EXPERIMENT, "ab_test", "⌖ab-test")
    yield bad("a single variant", "SYN003", EXPERIMENT, WITHOUT_TREATMENT.replace("variants:", "⌖variants:"))
    three = ROLLOUT.replace("variants:", "⌖variants:") + "  - {name: c}\n"
    yield bad("three arms of a rollout", "SYN003", EXPERIMENT, three)
    yield added("a test that holds", "SYN003", EXPERIMENT, "⌖holds: all\n")
    with_variants = HOLDBACK + "⌖variants:\n  - {name: a}\n"
    yield bad("a holdback with variants", "SYN003", EXPERIMENT, with_variants)
    yield bad("a holdback with steps", "SYN003", EXPERIMENT, HOLDBACK.replace("20%", "⌖{2026-03-02: 20%}"))
    for word in ("⌖foo", "⌖[]", "[nope, home, ⌖home]", "⌖true"):
        yield bad(f"holds {word}", "SYN003", EXPERIMENT, HOLDBACK + f"holds: {word}\n")
    yield bad("holds nothing that exists", "REF001", EXPERIMENT, HOLDBACK + "holds: [⌖nope]\n")
    unequal = edit(EXPERIMENT, "weight: 1}", "weight: ⌖1}").replace("weight: 2", "weight: 1000000")
    yield bad("an arm without a slot", "SYN004", EXPERIMENT, unequal)
    yield swapped("adaptive, misspelt", "SYN003", EXPERIMENT, "weight: 1}", "weight: ⌖adaptiv}")
    for word in ("99", "1000001", "1" + "0" * 30, "'100'", "100.5", "-100", "true"):
        yield swapped(f"{word[:9]} buckets", "SYN003", COORD, "buckets: 100}", f"buckets: ⌖{word}}}")
    yield good("100.0 buckets", COORD, edit(COORD, "buckets: 100}", "buckets: 100.0}"))
    for word in ("0", "-1", "1" + "0" * 350, "'8'", "true"):
        yield added(f"per_unit {word[:9]}", "SYN003", SURFACE, f"budget: {{per_unit: ⌖{word}}}\n")
    many = f"⌖[{', '.join(f'v{number}' for number in range(301))}]"
    yield swapped("301 values", "SYN003", SURFACE, "{SE: 10%, US: 60%}", many)
    nine = "".join(f"  d{number}: {{values: [a]}}\n" for number in range(8))
    wide = edit(SURFACE, "audience:", "⌖audience:").replace("metrics:", f"{nine}metrics:")
    yield bad("9 dimensions", "SYN003", SURFACE, wide)
    yield swapped("an empty audience", "REF001", EXPERIMENT, "[SE]", "⌖[]")
    yield swapped("an undeclared value", "REF001", EXPERIMENT, "[SE]", "[SE, ⌖se]")
    yield swapped("an undeclared dimension", "REF001", EXPERIMENT, "{country:", "{⌖region:")
    yield swapped("a number for a value", "SYN003", EXPERIMENT, "[SE]", "[⌖18]")


def unknown_keys() -> Iterator[Case]:
    """A misspelt key is reported where it stands, at every level."""
    for path, old, new in (
        (COORD, "teams:", "⌖zzz: 1\nteams:"),
        (COORD, "buckets: 100}", "buckets: 100, ⌖zzz: 1}"),
        (COORD, "teams:", "decision: {⌖zzz: 1}\nteams:"),
        (COORD, "teams:", "logs: {exposures: {⌖zzz: 1}, ⌖zzz: 1}\nteams:"),
        (METRICS, "metrics:\n", "⌖zzz: 1\nmetrics:\n"),
        (METRICS, "title: Time", "title: Time, ⌖zzz: 1"),
        (SURFACE, "components:", "⌖zzz: 1\ncomponents:"),
        (SURFACE, "fixed: true", "fixed: true, ⌖zzz: 1"),
        (SURFACE, "mde: 1%", "mde: 1%, ⌖zzz: 1"),
        (SURFACE, "success:", "⌖zzz: []\n  success:"),
        (SURFACE, "components:", "budget: {⌖zzz: 1}\npolicy: {⌖zzz: 1}\ncomponents:"),
        (SURFACE, "components:", "waivers: [{rule: BKT001, experiment: home/one, ⌖zzz: 1}]\ncomponents:"),
        (EXPERIMENT, "variants:", "⌖zzz: 1\nvariants:"),
        (EXPERIMENT, "weight: 1}", "weight: 1, ⌖zzz: 1}"),
        (EXPERIMENT, "weight: 1}", "weight: 1, system: {kind: rules, ⌖zzz: 1}}"),
        (EXPERIMENT, "variants:", "analysis: {⌖zzz: 1}\nvariants:"),
        (EXPERIMENT, "variants:", "outcome: {decision: shipped, ⌖zzz: 1}\nvariants:"),
        (EXPERIMENT, "variants:", "metrics: {⌖zzz: []}\nvariants:"),
        (EXPERIMENT, "variants:", "metrics: {success: [{metric: minutes_played, ⌖zzz: 1}]}\nvariants:"),
    ):
        codes = " ".join(["SYN003"] * new.count("⌖"))
        yield bad(f"unknown in {path}: {new!r:.60}", codes, path, edit(path, old, new))


WITHOUT_TREATMENT = edit(EXPERIMENT, "  - {name: treatment, weight: 2}\n", "")
CASES = [*shares(), *days(), *kinds(), *unknown_keys()]
