"""The JSON document `coord.audit/1` (schemas/audit.schema.json)."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

from coord.analysis.audit import Audit, Counts
from coord.analysis.audit_causes import CAUSES
from coord.analysis.audit_examples import Example
from coord.domain.shares import format_share
from coord.report.json_report import inert_json

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def render(audit: Audit, tolerance: Fraction) -> str:
    """The document as text."""
    return inert_json(document(audit, tolerance))


def document(audit: Audit, tolerance: Fraction) -> dict[str, Any]:
    """The document: every key always present, null where it does not apply, in a stable order."""
    return {
        "format": "coord.audit/1",
        "at": audit.commit,
        "passed": audit.share <= tolerance,
        "share": float(audit.share),
        "tolerance": format_share(tolerance),
        "files": [
            {"path": one.path, "rows": one.rows, "dimensions": list(one.extras)} for one in audit.files
        ],
        "unit_column": audit.unit_column,
        "rows": audit.rows,
        "units": audit.units,
        "first": _moment(audit.span[0]) if audit.span else None,
        "last": _moment(audit.span[1]) if audit.span else None,
        "counts": _counts(audit.counts),
        "exclusive_pairs": [pair._asdict() for pair in audit.pairs],
        "holdbacks": [leak._asdict() for leak in audit.leaks],
        "by_experiment": [{"experiment": one.key, "counts": _counts(n)} for one, n in audit.by_experiment],
        "by_day": [
            {"day": day.isoformat() if day else None, "counts": _counts(n)} for day, n in audit.by_day
        ],
        "by_dimension": [
            {"dimension": name, "value": value, "counts": _counts(n)} for name, value, n in audit.by_dimension
        ],
        "explanations": [{**one._asdict(), "cause": one.cause.value} for one in audit.explanations],
        "examples": [_example(audit, one) for one in audit.examples],
        "unknown_experiments": [{**one._asdict(), "hint": one.hint or None} for one in audit.unknown],
        "unknown_names": audit.unknown_names,
        "rejects": {"counts": dict(audit.rejects), "first": [one._asdict() for one in audit.first_rejects]},
        "assumed": {key: list(names) for key, names in audit.assumed.items()},
        "holdbacks_not_recognised": {key: list(names) for key, names in audit.left_out.items()},
        "variants_not_compared": list(audit.adaptive),
        "broken": list(audit.broken),
    }


def _counts(counts: Counts) -> dict[str, int]:
    return {cause.value: counts[cause] for cause in reversed(CAUSES)}


def _example(audit: Audit, one: Example) -> dict[str, Any]:
    return {
        "cause": one.cause.value,
        "file": audit.files[one.file].path,
        "row": one.row,
        "timestamp": _moment(one.moment),
        "unit": one.unit,
        "logged_experiment": one.logged_experiment,
        "logged_variant": one.logged_variant,
        "experiment": one.experiment,
        "bucket": one.bucket,
        "assigned": one.assigned,
    }


def _moment(microseconds: int) -> str:
    """A moment as ISO 8601, in UTC."""
    return (_EPOCH + timedelta(microseconds=microseconds)).isoformat().replace("+00:00", "Z")
