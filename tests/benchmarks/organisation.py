"""Writes a clean organisation of any size, to measure on: `python tests/benchmarks/organisation.py DIR 1000`.

Every surface has 5 components; on each, 5 experiments of 18% run side by side, one round after another,
10 experiments of a component in two rounds. Ledgers are drawn entries with digests; nothing conflicts.
"""

import argparse
import hashlib
import random
from base64 import b64encode
from datetime import date, timedelta
from pathlib import Path
from textwrap import fill

COMPONENTS = ("header", "shelf", "footer", "menu", "player")
ON_COMPONENT = 10
AT_ONCE = 5
START = date(2026, 3, 2)

COORD = """\
spaces:
  user: {{unit: user_id, salt: MegaSalt-bench, buckets: {buckets}}}
teams: [one, two, three]
"""
METRICS = """\
metrics:
  minutes: {event: play, value: minutes, aggregate: sum, window: 7d, direction: increase}
  crashes: {event: crash, aggregate: count, window: 7d, direction: decrease}
"""
SURFACE = """\
surface: {name}
title: Surface {name}
owner: one
space: user
components:
  header: Top
  shelf: Shelves
  footer: Bottom
  menu: Menu
  player: Player
audience:
  country: {{fixed: true, values: [SE, US, BR]}}
metrics:
  success: [{{metric: minutes, mde: 1%}}]
  guardrail: [{{metric: crashes, margin: 2%}}]
budget: {{component: 90%, per_unit: 8, concurrent: 60}}
"""
EXPERIMENT = """\
# yaml-language-server: $schema=../../../schemas/experiment.schema.json
experiment: {name}
surface: {surface}
kind: ab_test
title: Test {name} of {surface}
owner: two
hypothesis: It gets better, and nothing else gets worse.
status: active
start: {start}
end: {end}
traffic: 18%
components: [{component}]
audience: {{country: [SE, US]}}
variants:
  - {{name: control, weight: 1}}
  - name: treatment
    weight: 1
    serves: {{flag: {surface}.{name}, value: on}}
metrics:
  success: [{{metric: minutes, mde: 1%}}]
  guardrail: []
"""


def write(root: Path, experiments: int, buckets: int) -> None:
    """Write `experiments` experiments with ledgers in a space of `buckets` buckets."""
    per_surface = len(COMPONENTS) * ON_COMPONENT
    _write(root / "surfaces/coord.yaml", COORD.format(buckets=buckets))
    _write(root / "surfaces/metrics.yaml", METRICS)
    for number in range(experiments):
        surface = f"surface-{number // per_surface}"
        if number % per_surface == 0:
            _write(root / f"surfaces/{surface}/surface.yaml", SURFACE.format(name=surface))
        on_surface = number % per_surface
        component = COMPONENTS[on_surface // ON_COMPONENT]
        turn, place = divmod(on_surface % ON_COMPONENT, AT_ONCE)
        start = START + timedelta(days=28 * turn)
        name = f"{component}-{on_surface % ON_COMPONENT}"
        text = EXPERIMENT.format(
            name=name, surface=surface, start=start, end=start + timedelta(days=28), component=component
        )
        _write(root / f"surfaces/{surface}/experiments/{name}.yaml", text)
        held = _share_of(f"{surface}/{component}/{turn}", place, buckets)
        _write(
            root / f"surfaces/{surface}/allocations/{name}.yaml", _ledger(f"{surface}/{name}", held, buckets)
        )


def _share_of(round_name: str, place: int, buckets: int) -> list[int]:
    """The buckets of one of the experiments that share a component: 18% each, disjoint."""
    size = buckets * 18 // 100
    order = list(range(buckets))
    random.Random(round_name).shuffle(order)
    return order[place * size : (place + 1) * size]


def _ledger(key: str, held: list[int], buckets: int) -> str:
    bits = bytearray((buckets + 7) // 8)
    for bucket in held:
        bits[bucket // 8] |= 1 << bucket % 8
    text = fill(
        "base64:" + b64encode(bits).decode(), 90, initial_indent=" " * 6, subsequent_indent=" " * 6
    ).strip()
    return (
        f"# Written by `coord allocate`.\nexperiment: {key}\nspace: user\n"
        f'version: 1\nentries:\n  - avoids: {{}}\n    buckets: "{text}"\n'
        f"    digest: {hashlib.sha256(bits).hexdigest()}\n"
    )


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory", type=Path)
    parser.add_argument("experiments", type=int)
    parser.add_argument("--buckets", type=int, default=10_000)
    given = parser.parse_args()
    write(given.directory, given.experiments, given.buckets)
