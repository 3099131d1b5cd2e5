"""A small organisation to write into."""

from pathlib import Path

import pytest

from coord.authoring.init import init


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """What `coord init` writes."""
    init(tmp_path, "coord==1.0", allocate_on_merge=False)
    return tmp_path
