"""Hypothesis for the unit tests: the same examples on every run, and few enough to stay quick."""

import os

from hypothesis import settings

os.environ.pop("GITHUB_STEP_SUMMARY", None)  # in CI, what the tests check is not the summary of the step

settings.register_profile("unit", derandomize=True, database=None, deadline=None, max_examples=40)
settings.load_profile("unit")
