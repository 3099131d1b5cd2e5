"""What was meant by a name that nobody knows."""

from collections.abc import Collection


def nearest(name: str, known: Collection[str]) -> str | None:
    """The known name that is most like this one, or None when none is."""
    from difflib import get_close_matches  # noqa: PLC0415 - only for a message

    near = get_close_matches(name, sorted(known), n=1)
    return near[0] if near else None


def suggestion(name: str, known: Collection[str]) -> str:
    """What to write instead: the known name that was probably meant, or what there is to choose from."""
    near = nearest(name, known)
    if near:
        return f"did you mean {near}?"
    shown = sorted(known)
    more = f" and {len(shown) - 12} more" if len(shown) > 12 else ""
    return f"declared: {', '.join(shown[:12])}{more}" if shown else "none is declared"


def unknown_experiment(name: str, known: Collection[str]) -> str:
    """What to say of an experiment that nobody knows."""
    near = next((key for key in known if key.endswith(f"/{name}")), None) or nearest(name, known)
    hint = f"Did you mean {near}?" if near else "Experiments are named surface/name."
    return f"There is no experiment {name}. {hint}"
