"""What differs in a field of an experiment: in words, and where the file says it now."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from coord.checks.rule import Context, Rule
from coord.checks.words import listed
from coord.domain.change.field import Comparison, FieldChange
from coord.domain.change.words import in_words
from coord.domain.findings import Cause, Pointer, Skipped
from coord.domain.model import Variant

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
        return in_parts(both, change)
    if "." in change.field and not change.after:
        return Told(f"`{change.field}` no longer has {change.before}", change.pointer)
    return Told(_differs(change.field, change.before, change.after), change.pointer)


def _differs(name: str, before: str, after: str) -> str:
    """`salt` changed from a to b; values that are too long for a line are left to the diff."""
    short = max(len(before), len(after)) <= _LONGEST
    if before and after:
        return f"`{name}` changed" + (f" from {before} to {after}" if short else "")
    value = f" ({before or after})" if short else ""
    return f"`{name}`{value} was {'removed' if before else 'added'}"


def _audience(both: Comparison, change: FieldChange) -> Told:
    before, after = both.before.audience, both.after.audience
    names = [name for name in sorted({*before, *after}) if before.get(name) != after.get(name)]
    texts = [_differs(f"audience.{n}", in_words(before.get(n)), in_words(after.get(n))) for n in names]
    return Told(_some(texts), ("audience", names[0]))


def _analysis(both: Comparison, change: FieldChange) -> Told:
    before, after = both.before.analysis._asdict(), both.after.analysis._asdict()
    before["method"] = before["method"] or f"the default ({both.base.decision.method})"
    after["method"] = after["method"] or f"the default ({both.head.decision.method})"
    names = [name for name in before if before[name] != after[name]]
    texts = [_differs(f"analysis.{n}", in_words(before[n]), in_words(after[n])) for n in names]
    return Told(_some(texts), ("analysis", names[0]))


def _variants(both: Comparison, change: FieldChange) -> Told:
    before, after = both.before.variants, both.after.variants
    old = {variant.name: variant for variant in before}
    texts, pointers = [], []
    for number, variant in enumerate(after):
        if variant.name not in old:
            texts.append(f"{variant.name} is new")
            pointers.append(("variants", number))
            continue
        for name, text in _parts(old[variant.name], variant):
            texts.append(text)
            pointers.append(("variants", number, *name.split(".")))
    texts += [f"{name} is gone" for name in old if name not in {variant.name for variant in after}]
    text = f"`variants` changed: {_some(texts or ['their order'])}"
    return Told(text, pointers[0] if pointers else ("variants",))


def _parts(before: Variant, after: Variant) -> Iterator[tuple[str, str]]:
    """The fields in which a variant differs, with words for each."""
    one, other = before._asdict(), after._asdict()
    if before.system and after.system:
        one |= {f"system.{name}": value for name, value in before.system._asdict().items()}
        other |= {f"system.{name}": value for name, value in after.system._asdict().items()}
        one["system"] = other["system"] = None
    for name in one:
        if one[name] != other[name]:
            texts = [str("adaptive" if part is None else part) for part in (one[name], other[name])]
            plain = name in {"weight", "logged_as", "system.version"} and len("".join(texts)) <= _LONGEST
            values = f" from {texts[0]} to {texts[1]}" if plain else ""
            yield name, f"`{name}` of {before.name}{values}"


def _some(texts: Sequence[str]) -> str:
    """The first of them, and how many more there are."""
    more = [f"{len(texts) - _MOST} more"] if len(texts) > _MOST else []
    return listed([*texts[:_MOST], *more])


_IN_PARTS: Mapping[str, Callable[[Comparison, FieldChange], Told]] = {
    "audience": _audience,
    "analysis": _analysis,
    "variants": _variants,
}
"""Fields of which the part that differs is told."""


def say_unknown(context: Context, rule: Rule) -> None:
    """Say which files the rule had to do without, because they could not be used on the base."""
    for path, (kind, reason) in sorted(context.base.broken.items()) if context.base else ():
        if kind.name in rule.needs and path not in context.broken:
            why = f"what changed in it is not known: on the base {reason}"
            context.skipped.append(Skipped(rule.code, path, why, Cause.BROKEN))
