"""Comparing what a target answered with the truth, and what follows from it: results, verdicts, figures."""
