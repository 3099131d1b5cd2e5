"""Values of the wrong kind, impossible dates and shares, unknown keys at every level."""

from collections.abc import Iterator

from hostile.trees import COORD, EXPERIMENT, METRICS, SURFACE, Case, append, bad, edit, good

HOLDBACK = edit(EXPERIMENT, "ab_test", "holdback").partition("components:")[0]
ROLLOUT = edit(EXPERIMENT, "ab_test", "rollout")


def shares() -> Iterator[Case]:
    """Shares are percent strings above 0% and up to 100%, a whole number of buckets."""
    for word in (
        *("20", "0.2", "20.0", "1", "0", "-20", "1e-7", "20.123456789", "9" * 350, "-" + "9" * 350, "1e300"),
        *("20 %", "+20%", "-20%", "020%", "10000%", "20.0000001%", "20.%", ".5%", "2e1%", "20%%", "twenty", "percent"),
        *('"20%\\n"', '" 20%"', "20％", "２０%", "٢٠%", "true", "[20%]", "{}", "{today: 20%}", "{20: 20%}"),
    ):
        found = "{⌖" + word[1:] if word.startswith(("{t", "{2")) else f"⌖{word}"
        yield bad(f"traffic {word[:20]}", "SYN003", EXPERIMENT, edit(EXPERIMENT, "20%", found))
    for word in ("0%", "0.000000%", "101%", "100.000001%", "9999%", "0.5%", "33.333333%"):
        yield bad(f"traffic {word}", "SYN004", EXPERIMENT, edit(EXPERIMENT, "20%", f"⌖{word}"))
    yield bad("no traffic", "SYN003", EXPERIMENT, edit(EXPERIMENT, "traffic: 20%", "⌖traffic:"))
    for word in ("7", "0.5", "9" * 350, "5 %"):
        yield bad(f"mde {word[:9]}", "SYN003", SURFACE, edit(SURFACE, "mde: 1%", f"mde: ⌖{word}"))
    yield bad("mde 0%", "SYN004", SURFACE, edit(SURFACE, "mde: 1%", "mde: ⌖0%"))
    yield bad("component budget 101%", "SYN004", SURFACE, append(SURFACE, "budget: {component: ⌖101%}\n"))
    yield good("team budget 9999%", SURFACE, append(SURFACE, "budget: {teams: {home-team: 9999%}}\n"))
    yield bad("values of 10059%", "SYN004", SURFACE, edit(SURFACE, "{SE: 10%", "⌖{SE: 9999%"))
    for key in ("alpha", "power", "srm_alpha"):
        yield bad(f"{key} 100%", "SYN004", COORD, append(COORD, f"decision: {{{key}: ⌖100%}}\n"))
    ratio = "  r: {window: 7d, direction: increase, ratio: {numerator: %s, denominator: %s}}\n"
    part, capped = "{event: a, aggregate: count}", "{event: a, aggregate: count, cap: {quantile: ⌖9999%}}"
    yield bad("a ratio capped at 9999%", "SYN004", METRICS, append(METRICS, ratio % (capped, part)))
    yield bad("a ratio capped below", "SYN004", METRICS, append(METRICS, ratio % (part, capped)))


def days() -> Iterator[Case]:
    """Days are of the calendar, written YYYY-MM-DD, without a time."""
    for word in (
        *("2026-03-02T00:00:00Z", "2026-03-02 00:00:00", "2026-3-2", "02.03.2026", "20260302", "2026-W10-1"),
        *("20260-03-02", "-2026-03-02", "２０２６-03-02", '"2026-03-02\\n"', "2026", "null", "today", "[2026-03-02]"),
    ):
        yield bad(f"start {word}", "SYN003", EXPERIMENT, edit(EXPERIMENT, "2026-03-02", f"⌖{word}"))
    for word in ("2026-02-30", "0000-01-01", "2026-13-01", "2026-00-10", "2025-02-29", "2026-03-00", "9999-99-99"):
        yield bad(f"start {word}", "SYN004", EXPERIMENT, edit(EXPERIMENT, "2026-03-02", f"⌖{word}"))
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
        yield bad(f"steps: {name}", "SYN004", EXPERIMENT, edit(EXPERIMENT, "20%", steps))
    twice = "{2026-03-02: 1%, ⌖'2026-03-02': 20%}"
    yield bad("steps: a day twice", "SYN002", EXPERIMENT, edit(EXPERIMENT, "20%", twice))
    yield bad("a look", "SYN004", EXPERIMENT, append(EXPERIMENT, "analysis: {looks: [2026-03-09, ⌖2026-02-29]}\n"))
    outcome = "outcome: {decision: shipped, on: ⌖2026-02-29}\n"
    yield bad("an outcome", "SYN004", EXPERIMENT, append(EXPERIMENT, outcome))
    yield bad("evaluate_from", "SYN004", EXPERIMENT, HOLDBACK + "evaluate_from: ⌖2026-02-29\n")
    waiver = "waivers: [{rule: BKT001, experiment: home/one, with: home/x, reason: x, until: ⌖2026-02-30}]\n"
    yield bad("until", "SYN004", SURFACE, append(SURFACE, waiver))
    since = edit(SURFACE, "mde: 1%", "mde: 1%, since: ⌖2026-02-30")
    yield bad("since", "SYN004", SURFACE, since)
    window = "  x: {event: a, aggregate: any, window: ⌖{from: 7d, to: 7d}, direction: increase}\n"
    yield bad("an empty window", "SYN004", METRICS, append(METRICS, window))


def kinds() -> Iterator[Case]:
    """Values of another kind, and fields that a kind of experiment does not have."""
    for field, old in (("title", "Test one"), ("owner", "home-team"), ("hypothesis", "It helps."), ("status", "active")):
        for word in ("true", "12", "[a]", "{a: b}", '""', "1e3", "9" * 350):
            yield bad(f"{field} {word[:9]}", "SYN003", EXPERIMENT, edit(EXPERIMENT, old, f"⌖{word}"))
        missing = edit(EXPERIMENT, f"{field}: {old}", f"x: {old}").replace("x:", "⌖x:")
        yield bad(f"no {field}", "SYN003 SYN003", EXPERIMENT, f"⌖{missing}")
    yield bad("an unknown status", "SYN003", EXPERIMENT, edit(EXPERIMENT, "active", "⌖Active"))
    yield bad("an unknown kind", "SYN003", EXPERIMENT, edit(EXPERIMENT, "ab_test", "⌖ab-test"))
    yield bad("a single variant", "SYN003", EXPERIMENT, WITHOUT_TREATMENT.replace("variants:", "⌖variants:"))
    yield bad("three arms of a rollout", "SYN003", EXPERIMENT, ROLLOUT.replace("variants:", "⌖variants:") + "  - {name: c}\n")
    yield bad("a test that holds", "SYN003", EXPERIMENT, append(EXPERIMENT, "⌖holds: all\n"))
    with_variants = HOLDBACK + "⌖variants:\n  - {name: a}\n"
    yield bad("a holdback with variants", "SYN003", EXPERIMENT, with_variants)
    yield bad("a holdback with steps", "SYN003", EXPERIMENT, HOLDBACK.replace("20%", "⌖{2026-03-02: 20%}"))
    for word in ("⌖foo", "⌖[]", "[nope, home, ⌖home]", "⌖true"):
        yield bad(f"holds {word}", "SYN003", EXPERIMENT, HOLDBACK + f"holds: {word}\n")
    yield bad("holds nothing that exists", "REF001", EXPERIMENT, HOLDBACK + "holds: [⌖nope]\n")
    yield bad("an arm without a slot", "SYN004", EXPERIMENT, edit(EXPERIMENT, "weight: 1}", "weight: ⌖1}").replace("weight: 2", "weight: 1000000"))
    yield bad("adaptive, misspelt", "SYN003", EXPERIMENT, edit(EXPERIMENT, "weight: 1}", "weight: ⌖adaptiv}"))
    for word in ("99", "1000001", "1" + "0" * 30, "'100'", "100.5", "-100", "true"):
        yield bad(f"{word[:9]} buckets", "SYN003", COORD, edit(COORD, "buckets: 100}", f"buckets: ⌖{word}}}"))
    yield good("100.0 buckets", COORD, edit(COORD, "buckets: 100}", "buckets: 100.0}"))
    for word in ("0", "-1", "1" + "0" * 350, "'8'", "true"):
        yield bad(f"per_unit {word[:9]}", "SYN003", SURFACE, append(SURFACE, f"budget: {{per_unit: ⌖{word}}}\n"))
    yield bad("301 values", "SYN003", SURFACE, edit(SURFACE, "{SE: 10%, US: 60%}", f"⌖[{', '.join(f'v{i}' for i in range(301))}]"))
    nine = "".join(f"  d{number}: {{values: [a]}}\n" for number in range(8))
    yield bad("9 dimensions", "SYN003", SURFACE, edit(SURFACE, "audience:", "⌖audience:").replace("metrics:", f"{nine}metrics:"))
    yield bad("an empty audience", "REF001", EXPERIMENT, edit(EXPERIMENT, "[SE]", "⌖[]"))
    yield bad("an undeclared value", "REF001", EXPERIMENT, edit(EXPERIMENT, "[SE]", "[SE, ⌖se]"))
    yield bad("an undeclared dimension", "REF001", EXPERIMENT, edit(EXPERIMENT, "{country:", "{⌖region:"))
    yield bad("a number for a value", "SYN003", EXPERIMENT, edit(EXPERIMENT, "[SE]", "[⌖18]"))


def unknown_keys() -> Iterator[Case]:
    """A misspelt key is reported where it stands, at every level."""
    for path, old, new in (
        (COORD, "teams:", "⌖zzz: 1\nteams:"),
        (COORD, "buckets: 100}", "buckets: 100, ⌖zzz: 1}"),
        (COORD, "teams:", "decision: {⌖zzz: 1}\nteams:"),
        (COORD, "teams:", "logs: {exposures: {⌖zzz: 1}, ⌖zzz: 1}\nteams:"),
        (METRICS, "metrics:\n", "⌖zzz: 1\nmetrics:\n"),
        (METRICS, "title: Minutes", "title: Minutes, ⌖zzz: 1"),
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
