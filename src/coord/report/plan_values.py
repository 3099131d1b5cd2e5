"""The values of a field before and after, in no more words than tell them apart."""

import json
from collections.abc import Mapping, Sequence

from coord.domain.change.field import FieldChange
from coord.domain.change.words import in_words
from coord.domain.model import Variant
from coord.review.plan import ExperimentChange


def values(change: ExperimentChange, field: FieldChange) -> tuple[str, str]:
    """What the field said and says; of variants only what differs."""
    if field.field == "variants" and change.before and change.after:
        return _variants(change.before.variants, change.after.variants)
    return field.before, field.after


def _variants(before: Sequence[Variant], after: Sequence[Variant]) -> tuple[str, str]:
    ours, theirs = ({variant.name: variant for variant in side} for side in (before, after))
    old, new = [], []
    for name in dict.fromkeys((*ours, *theirs)):
        one, other = ours.get(name), theirs.get(name)
        if one and other:
            parts = [part for part in _parts(one) if _parts(one)[part] != _parts(other)[part]]
            old += [_told(one, parts)] if parts else []
            new += [_told(other, parts)] if parts else []
        else:
            old += [in_words(one)] if one else []
            new += [in_words(other)] if other else []
    if not old and not new:
        old, new = ([f"{variant.name}" for variant in side] for side in (before, after))
    return ", ".join(old), ", ".join(new)


def _told(variant: Variant, parts: Sequence[str]) -> str:
    return f"{variant.name} ({', '.join(_parts(variant)[part] for part in parts)})"


def _parts(variant: Variant) -> Mapping[str, str]:
    """What there is to say of a variant, by field."""
    served = "nothing" if variant.serves is None else json.dumps(variant.serves, sort_keys=True)
    return {
        "weight": f"weight {variant.weight or 'adaptive'}",
        "logged_as": f"logged as {variant.logged_as}",
        "serves": f"serves {served}",
        "system": in_words(variant.system) or "no system",
    }
