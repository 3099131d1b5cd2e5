"""Simulation: what would come of it, run many times with the code that production and analysis run."""
