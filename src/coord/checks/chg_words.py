"""What differs in a field of an experiment: in words, and where the file says it now."""

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from coord.checks.rule import Context, Rule
from coord.checks.words import listed
from coord.config.layout import EXPERIMENT
from coord.domain.change.field import Comparison, FieldChange
from coord.domain.change.words import in_words
from coord.domain.findings import Cause, Pointer, Skipped
from coord.domain.model import Analysis, Step, Variant
from coord.domain.shares import format_share

_LONGEST = 80  # characters of a value in a message
_MOST = 3  # parts of a field that are told one by one


class Told(NamedTuple):
    """A difference: `text` goes on after `its`, `pointer` is the part of the field that differs."""

    text: str
    pointer: Pointer


def told(both: Comparison, change: FieldChange) -> Told:
    """What is to be said of a change of a field."""
    in_parts = _IN_PARTS.get(change.field)
    if in_parts and change.before and change.after:
        return in_parts(both)
    if change.field == "hypothesis":
        return Told("`hypothesis` changed", change.pointer)
    if "." in change.field and not change.after:
        return Told(f"`{change.field}` no longer has {change.before}", change.pointer)
    return Told(_differs(change.field, change.before, change.after), change.pointer)


def _differs(name: str, before: str, after: str) -> str:
    """`salt` changed from a to b; values that are too long for a line are left to the diff."""
    short = max(len(before), len(after)) <= _LONGEST
    if before and after:
        return f"`{name}` changed" + (f" from {before} to {after}" if short else "")
    value = f" ({before or after})" if short else ""
    return f"`{name}` was {'removed' if before else 'added'}{value}"


def _audience(both: Comparison) -> Told:
    before, after = both.before.audience, both.after.audience
    names = [name for name in sorted({*before, *after}) if before.get(name) != after.get(name)]
    texts = [_differs(f"audience.{n}", in_words(before.get(n)), in_words(after.get(n))) for n in names]
    return Told(some(texts), ("audience", names[0]))


def _analysis(both: Comparison) -> Told:
    before, after = both.before.analysis, both.after.analysis
    defaults = both.base.decision.method, both.head.decision.method
    names = [name for name in Analysis._fields if getattr(before, name) != getattr(after, name)]
    if (before.method or defaults[0]) == (after.method or defaults[1]):
        names = [name for name in names if name != "method"]  # only written out, or left out
    one = before._replace(method=before.method or f"the default ({defaults[0]})")
    other = after._replace(method=after.method or f"the default ({defaults[1]})")
    texts = [
        _differs(f"analysis.{name}", in_words(getattr(one, name)), in_words(getattr(other, name)))
        for name in names
    ]
    return Told(some(texts or ["`analysis` changed"]), ("analysis", *names[:1]))


def _traffic(both: Comparison) -> Told:
    before, after = (as_written(experiment.steps) for experiment in (both.before, both.after))
    return Told(_differs("traffic", before, after), ("traffic",))


def as_written(steps: Sequence[Step]) -> str:
    """Traffic as a file says it."""
    if len(steps) == 1:
        return format_share(steps[0].traffic)
    shares = [f"{step.day}: {format_share(step.traffic)}" for step in steps]
    return f"{{{', '.join(shares)}}}"


def _variants(both: Comparison) -> Told:
    before, after = both.before.variants, both.after.variants
    old = {variant.name: variant for variant in before}
    texts: list[str] = []
    pointers: list[Pointer] = []
    for number, variant in enumerate(after):
        if variant.name not in old:
            texts.append(f"{variant.name} is new")
            pointers.append(("variants", number))
            continue
        for name, text in _parts(old[variant.name], variant):
            texts.append(text)
            pointers.append(("variants", number, *name.split(".")))
    texts += [f"{name} is gone" for name in old if name not in {variant.name for variant in after}]
    text = f"`variants` changed: {some(texts or ['their order'])}"
    return Told(text, pointers[0] if pointers else ("variants",))


def _parts(before: Variant, after: Variant) -> Iterator[tuple[str, str]]:
    """The fields in which a variant differs, with words for each."""
    one, other = _fields(before, after), _fields(after, before)
    for name, value in one.items():
        if value == other[name] and _text(value) == _text(other[name]):
            continue
        old, new = (str(_ABSENT.get(name) if part is None else part) for part in (value, other[name]))
        short = name in _ABSENT and len(old) + len(new) <= _LONGEST
        yield name, f"`{name}` of {before.name}" + (f" from {old} to {new}" if short else "")


def _text(value: Any) -> str:
    """What tells 1 from true, which are equal."""
    return json.dumps(value, sort_keys=True, default=str)


def _fields(variant: Variant, other: Variant) -> dict[str, Any]:
    """A variant's fields by name; those of its system one by one, where both have a system."""
    fields = variant._asdict()
    if variant.system and other.system:
        system = fields.pop("system")._asdict()
        fields |= {f"system.{'id' if name == 'identity' else name}": system[name] for name in system}
    return fields


_ABSENT = {"weight": "adaptive", "logged_as": "", "system.version": "none", "system.updates": "none"}
"""The fields of a variant whose values fit in a sentence, with the word for none."""


def some(texts: Sequence[str]) -> str:
    """The first of them, and how many more there are."""
    more = [f"{len(texts) - _MOST} more"] if len(texts) > _MOST else []
    return listed([*texts[:_MOST], *more])


_IN_PARTS: Mapping[str, Callable[[Comparison], Told]] = {
    "audience": _audience,
    "analysis": _analysis,
    "traffic": _traffic,
    "variants": _variants,
}
"""Fields of which the part that differs is told."""


def say_unknown(context: Context, rule: Rule, kinds: Collection[str] = (), *, removed: bool = False) -> None:
    """Say which files the rule had to do without, because they could not be used on the base.

    `kinds` are those it needs there, where they are not those it needs anyway; of experiments only those that
    still have a file matter, or only those `removed`.
    """
    for path, (kind, reason) in sorted(context.base.broken.items()) if context.base else ():
        if kind.name not in (kinds or rule.needs) or path in context.broken:
            continue
        if kind is not EXPERIMENT or (path not in context.catalog.experiment_files) is removed:
            why = f"what changed in it is not known: on the base {reason}"
            context.skipped.append(Skipped(rule.code, path, why, Cause.BROKEN))
