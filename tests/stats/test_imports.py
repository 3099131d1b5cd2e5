"""What importing statistics costs: `coord check` has the standard library, analysis no scipy.stats."""

import subprocess
import sys

import pytest

from coord import stats


def loaded(*modules: str) -> set[str]:
    """The packages that a fresh interpreter has after importing modules of `coord.stats`."""
    code = f"import sys; from coord.stats import {', '.join(modules)}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize("module", ["sizes", "levels", "spending", "rare", "reasons", "srm", "always_valid"])
def test_what_the_check_and_plans_need_is_the_standard_library(module: str) -> None:
    assert loaded(module).isdisjoint({"numpy", "scipy"})


def test_analysis_never_imports_the_expensive_half_of_scipy() -> None:
    found = loaded("contrasts", "cuped", "effects", "group_sequential", "noninferiority", "quantiles")

    assert {"numpy", "scipy.special"} <= found
    assert found.isdisjoint({"scipy.stats", "scipy.optimize", "scipy.linalg", "pandas"})


def test_the_package_itself_imports_nothing() -> None:
    assert not hasattr(stats, "np")
    assert "numpy" not in loaded("__doc__")
