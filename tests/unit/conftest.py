"""Hypothesis for the unit tests: the same examples on every run, and few enough to stay quick."""

from hypothesis import settings

settings.register_profile("unit", derandomize=True, database=None, deadline=None, max_examples=40)
settings.load_profile("unit")
