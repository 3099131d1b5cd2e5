"""Fail unless a wheel carries exactly the files of schemas/: editors and `coord` must read the same."""

import sys
from pathlib import Path
from zipfile import ZipFile


def wheel_schemas(wheel: Path) -> dict[str, bytes]:
    with ZipFile(wheel) as archive:
        names = [name for name in archive.namelist() if name.endswith(".schema.json")]
        return {name.rsplit("/", 1)[-1]: archive.read(name) for name in names}


def differences(packed: dict[str, bytes], source: dict[str, bytes]) -> list[str]:
    missing = [f"{name}: missing from the wheel" for name in sorted(source.keys() - packed.keys())]
    extra = [f"{name}: not in schemas/" for name in sorted(packed.keys() - source.keys())]
    both = sorted(packed.keys() & source.keys())
    changed = [f"{name}: differs" for name in both if packed[name] != source[name]]
    return missing + extra + changed


if __name__ == "__main__":
    if len(sys.argv) != 3:
        raise SystemExit("usage: wheel_schemas.py WHEEL SCHEMAS")
    source = {path.name: path.read_bytes() for path in Path(sys.argv[2]).glob("*.schema.json")}
    problems = differences(wheel_schemas(Path(sys.argv[1])), source)
    if not source:
        problems.append(f"no schemas in {sys.argv[2]}")
    if problems:
        raise SystemExit("\n".join(problems))
    print(f"{len(source)} schemas in the wheel, equal to schemas/")
