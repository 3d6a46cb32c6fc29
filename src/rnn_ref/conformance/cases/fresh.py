"""Fresh random checks for a seed, which nobody could have memorised: the suite's kinds of problems, in other sizes.

Their answers are computed when they are asked for, with 50 digits, by the equations of ``truth.py`` on the decimal
numbers of Python's own library: mpmath, by which the frozen answers were made, is no part of the base install.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from ..operation import SUITE, Check
from ..spec import probes, truth
from ..spec.loss_probes import loss_checks
from ..spec.probes import DTYPES
from ..spec.problems import Problem

KINDS = (
    ("generic", True),
    ("generic", True),
    ("generic", False),
    ("generic", False),
    ("square", True),
    ("square", False),
)


def fresh_checks(seed: int) -> Iterator[Check]:
    """Yield the checks of one seed, with their answers; their ids name it."""
    for number, (flag, batched) in enumerate(KINDS):
        for dtype in DTYPES:
            rng = np.random.default_rng([int(SUITE), seed, number, DTYPES.index(dtype)])
            problem = drawn(f"seed{seed}-{number}", flag, batched, rng)
            yield from (_answered(check) for check in probes.problem_checks(problem, dtype, rng, truth.ask_decimal))
    for dtype in DTYPES:
        rng = np.random.default_rng([int(SUITE), seed, len(KINDS), DTYPES.index(dtype)])
        for check in loss_checks(dtype, rng):
            if not {"large", "corner"} & set(check.flags):  # those hardly change with the seed
                yield _answered(replace(check, case=f"seed{seed}-{check.case}"))


def drawn(name: str, flag: str, batched: bool, rng: np.random.Generator) -> Problem:
    """Draw sizes: all different and the classes the most, or all the same."""
    B, D, H, T = (int(size) for size in np.sort(rng.choice(np.arange(3, 10), 4, replace=False)))
    D, H = rng.permutation([D, H]).tolist()
    V = int(rng.integers(10, 13))
    if flag == "square":
        T = B = D = H = V = int(rng.integers(4, 7))
    return Problem(name, T, B if batched else None, D, H, V, (flag,), variants=flag == "generic")


def _answered(check: Check) -> Check:
    answers = truth.ask_decimal(check.function, check.arguments, check.options)
    return replace(
        check,
        expected={name: nearest for name, (nearest, _) in answers.items()},
        remainder={name: remainder for name, (_, remainder) in answers.items()},
    )
