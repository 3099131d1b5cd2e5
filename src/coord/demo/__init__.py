"""The organisation of `coord demo`: files, and logs in which each experiment has a story to tell."""
