"""Which buckets an experiment gets, and which variant a unit gets."""
