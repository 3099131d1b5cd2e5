"""Files that `coord` writes for people: new organisations, surfaces and experiments, and earlier ends."""
