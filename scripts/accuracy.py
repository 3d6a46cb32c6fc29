"""The error of the reference, and of every framework that is installed, against 50 digits, on fresh problems.

    python scripts/accuracy.py --seeds 20

The problems are of the suite's kind, without its corner probes, and those that PyTorch answers too: of more of them the
largest error is larger. Errors are in ulp of the largest entry of each array, for float32 in ulp of float32. Prints a
Markdown table: for every function and dtype the largest error, the 99th percentile and the mean of all entries. A dash
stands where a framework does not offer the function in that precision; on what is beyond its options, it is not asked,
and a kind of argument that it does not take counts for nothing.
"""

import argparse
import sys
from collections import defaultdict
from itertools import chain
from typing import Any

import numpy as np

import rnn_ref
from right_answers import Implementation, frameworks
from rnn_ref.conformance.cases import fresh
from rnn_ref.conformance.judge.claims import KIND, KINDS
from rnn_ref.conformance.operation import Check
from rnn_ref.conformance.run.call import perform
from rnn_ref.conformance.run.session import describe
from rnn_ref.conformance.spec import DTYPES, OPERATIONS, SUITES, truth
from rnn_ref.conformance.spec.frameworks import pytorch_answers
from rnn_ref.conformance.spec.tolerance import allowed_errors, largest_entry

Errors = defaultdict[tuple[str, str, str], list[Any]]


def in_ulp(check: Check, name: str, answer: Any) -> Any:
    """Return the errors of all entries, in ulp of the largest."""
    expected = check.expected[name]
    error = (np.asarray(answer) - expected) - check.remainder[name] * np.spacing(np.abs(expected))
    largest = np.abs(expected).max().astype(check.dtype)
    return np.abs(error).ravel() / np.spacing(largest)


def tells(check: Check, name: str) -> bool:
    """Whether anything is left to be measured by: of +1, −1 and −1e-56, the right sum is lost to all."""
    largest = largest_entry(check.expected[name])
    by_steps = check.operation.states  # states are judged one by one, and never that small
    allowed = 0.0 if by_steps else np.max(allowed_errors(check)[name])
    return bool(largest >= np.finfo(check.dtype).tiny and largest > allowed)


def answered_by(one: Implementation, check: Check) -> Any:
    """Return the answers, or None where the implementation does not offer what the check asks."""
    candidate = one.functions.get(check.function)
    if candidate is None or check.dtype not in one.dtypes or describe(candidate).lacks(check):
        return None
    outcome = perform(candidate, check)
    if outcome.error and any(flag in KINDS or flag.startswith(KIND) for flag in check.flags):
        return None
    if outcome.error or outcome.unusable:
        raise RuntimeError(f"{check.id}: {outcome.error or outcome.unusable}")
    return outcome.answers


def measure(seeds: int, asked: dict[str, Implementation]) -> Errors:
    """Collect the errors by function, dtype and who it is."""
    errors: Errors = defaultdict(list)
    for seed in range(1, seeds + 1):
        every = (fresh.all_checks(suite, truth.ask, pytorch_answers.ask, seed) for suite in SUITES)
        for check in chain.from_iterable(every):
            if "corner" in check.flags or not check.pytorch:
                continue
            answers = {label: answered_by(one, check) for label, one in asked.items()}
            answers["PyTorch"] = check.pytorch
            for label, mine in answers.items():
                for name in check.expected if mine else ():
                    if name in mine and tells(check, name):
                        errors[check.function, check.dtype, label].append(in_ulp(check, name, mine[name]))
        print(f"\rseed {seed} of {seeds}", end="", file=sys.stderr)
    return errors


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=5, help="how many sets of fresh problems (default 5)")
    options = parser.parse_args()
    found, absent = frameworks()
    asked = {"rnn_ref": Implementation({name: getattr(rnn_ref, name) for name in OPERATIONS})} | found
    if absent:
        print(f"not installed, and left out: {', '.join(absent)}", file=sys.stderr)
    errors = measure(options.seeds, asked)
    print("max, 99 %, mean:\n")
    print(f"| function | dtype | {' | '.join(asked)} |")
    print(f"|---|---|{'--:|' * len(asked)}")
    for function in OPERATIONS:
        for dtype in DTYPES:
            cells = (cell(errors.get((function, dtype, label))) for label in asked)
            print(f"| `{function}` | {dtype} | {' | '.join(cells)} |")


def cell(errors: list[Any] | None) -> str:
    if not errors:
        return "–"
    ulps = np.concatenate(errors)
    return f"{ulps.max():.2f} {np.percentile(ulps, 99):.2f} {ulps.mean():.2f}"


if __name__ == "__main__":
    main()
