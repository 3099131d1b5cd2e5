"""Settings of all tests."""

import os

from hypothesis import settings

# how long an example takes says nothing about whether it is right; benchmarks measure. CI tries the same
# examples every time, so that a red build is about the change; everywhere else they are new ones.
settings.register_profile("coord", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("coord")
