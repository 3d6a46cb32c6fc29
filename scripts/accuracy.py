"""The error of the reference and of PyTorch against 50 digits, on fresh problems of the suite's kind.

    python scripts/accuracy.py --seeds 20

Errors are in ulp of the largest entry of each array, for float32 in ulp of float32. Corner cases are left out.
Prints a Markdown table: for every function and dtype the largest error, the 99th percentile and the mean of both, and
the ratio of the largest.
"""

import argparse
import sys
from collections import defaultdict
from typing import Any

import numpy as np

import rnn_ref
from rnn_ref.conformance import cases, oracle_torch, truth
from rnn_ref.conformance.execute import perform
from rnn_ref.conformance.suite import FUNCTIONS, Check

Errors = defaultdict[tuple[str, str, str], list[Any]]


def in_ulp(check: Check, name: str, answer: Any) -> Any:
    """Return the errors of all entries, in ulp of the largest."""
    expected = check.expected[name]
    error = (np.asarray(answer) - expected) - check.remainder[name] * np.spacing(np.abs(expected))
    largest = np.abs(expected).max().astype(check.dtype)
    return np.abs(error).ravel() / np.spacing(largest)


def measure(seeds: int) -> Errors:
    """Collect the errors of both, by function, dtype and who it is."""
    errors: Errors = defaultdict(list)
    for seed in range(1, seeds + 1):
        for check in cases.all_checks(truth.ask, oracle_torch.ask, seed=seed):
            if "corner" in check.flags:
                continue
            ours = perform(getattr(rnn_ref, check.function), check).answers
            for name in check.expected:
                if np.any(check.expected[name]):
                    errors[check.function, check.dtype, "rnn_ref"].append(in_ulp(check, name, ours[name]))
                    errors[check.function, check.dtype, "PyTorch"].append(in_ulp(check, name, check.pytorch[name]))
        print(f"\rseed {seed} of {seeds}", end="", file=sys.stderr)
    return errors


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=5, help="how many sets of fresh problems (default 5)")
    errors = measure(parser.parse_args().seeds)
    print("| function | dtype | rnn_ref max | 99 % | mean | PyTorch max | 99 % | mean | ratio |")
    print("|---|---|--:|--:|--:|--:|--:|--:|--:|")
    for function in FUNCTIONS:
        for dtype in cases.DTYPES:
            figures = []
            for who in ("rnn_ref", "PyTorch"):
                ulps = np.concatenate(errors[function, dtype, who])
                figures += [ulps.max(), np.percentile(ulps, 99), ulps.mean()]
            told = " | ".join(f"{figure:.2f}" for figure in [*figures, figures[0] / figures[3]])
            print(f"| `{function}` | {dtype} | {told} |")


if __name__ == "__main__":
    main()
