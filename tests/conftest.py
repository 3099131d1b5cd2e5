"""Settings of all tests."""

from hypothesis import settings

# how long an example takes says nothing about whether it is right; benchmarks measure
settings.register_profile("coord", deadline=None)
settings.load_profile("coord")
