"""The rooms of scripts/benchmark.py: what is measured, who takes part, how it is timed, and how it is shown."""
