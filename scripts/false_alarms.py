"""Correct implementations on random cases: none may be called wrong; planted errors must be.

    python scripts/false_alarms.py --cases 2000 --seed 7
    python scripts/false_alarms.py --tiny --cases 8000 --seed 7

Sizes are log-uniform (T to 2,000, B to 64, H and V to 256, D up to H; with --tiny to 8, 3 and 4, where luck decides how
far plain arithmetic is off), both precisions. Weights have gains from 0.5 to 4; gradients (rnn_backward, rnn_bptt) are
asked for up to a gain of 1, and above it where T is at most 25. Logits are up to hundreds apart, some of them far from
zero; in one case of eight what comes from above is near the smallest normal number. Stacks of up to three layers, in
one direction or two and with any lengths, are smaller (T to 40, H to 24). All are settled in twice the precision, and
networks of such stacks in 50 digits.
Prints Markdown tables: for every implementation the answers, the false alarms, and by function the largest error in
units of what was allowed; and for how many answers at a gain of up to 1 an error of 1e-9 of the array's largest entry
(float32, H up to 64: of 1e-4), planted in any entry and with either sign, would have been seen.
Implementations that are not installed are left out, and that is said, as it is of what raises. Ways that take one
product after the other in Python are asked where that takes no longer than the rest. With --some each case is asked of
so many implementations, drawn anew. Exit code 1 where there is a false alarm.
JAX compiles for every size anew, which takes longer than all the rest; it is asked in every fourth case.
"""

import argparse
import functools
import multiprocessing
import os
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

import random_stacks
from random_cases import FAINT, LARGEST, LOSSES, TANH, TINY, Case, Question, answer, draw, questions
from right_answers import everyone
from rnn_ref.conformance.run.sandbox import ONE_THREAD
from rnn_ref.conformance.run.session import describe
from rnn_ref.conformance.spec.tolerance import allowed_errors

GATED = ("gru_forward", "gru_backward", "lstm_forward", "lstm_backward")
STACKS = ("stack_forward", "stack_backward", "stack_bptt")
FUNCTIONS = (*TANH, "rnn_cell_backward", *LOSSES, *GATED, *STACKS)


described = functools.cache(describe)


class Seen(NamedTuple):
    """One answer of one implementation."""

    who: str
    function: str
    dtype: str
    ratio: float
    blind: dict[str, float] | None  # None where nothing is to be planted
    raised: str = ""  # the exception, where there is no answer


class Share(NamedTuple):
    """What one process has to do: every ``jobs``-th case, until the time is over."""

    first: int
    jobs: int
    cases: int
    seed: int
    until: float
    jax_every: int
    tiny: bool
    functions: tuple[str, ...]
    some: int | None
    only: tuple[str, ...]


def work(share: Share) -> tuple[int, list[Seen]]:
    """Do a share; return how many cases there was time for, and what was seen."""
    every, _ = everyone()
    implementations = {who: one for who, one in every.items() if not share.only or who in share.only}
    seen: list[Seen] = []
    done = 0
    for number in range(share.first, share.cases, share.jobs):
        if time.time() > share.until:
            break
        chosen = np.random.default_rng(number).permutation(list(implementations))[: share.some]
        jax_is_due = not number // share.jobs % share.jax_every
        asked = {
            who: one
            for who, one in implementations.items()
            if (jax_is_due if who.startswith("JAX") else share.some is None or who in chosen)
        }
        seen += one_case(share.seed, number, asked, TINY if share.tiny else LARGEST, share.functions)
        done += 1
        if sys.stderr.isatty() or not done % 100:
            print(f"\rcase {number} of {share.cases} ", end="", file=sys.stderr, flush=True)
    return done, seen


def one_case(
    seed: int, number: int, implementations: dict[str, Any], largest: Mapping[str, int], functions: tuple[str, ...]
) -> list[Seen]:
    """Ask everyone what there is to be asked of one case."""
    case, seen = draw(np.random.default_rng([seed, number]), largest, FAINT), []
    planted = not case.faint and case.gain <= 1 and (case.dtype == "float64" or len(case.arrays["b_h"]) <= 64)
    for question in (*questions(case, functions), *_of_stacks(case, [seed, number, len(STACKS)], largest, functions)):
        check = question.check
        function = check.function
        for who, one in implementations.items():
            if function in one.functions and case.dtype in one.dtypes and case.work <= one.most:
                candidate = one.functions[function]
                if described(candidate).lacks(check):
                    continue
                try:
                    found = answer(question, candidate(*random_stacks.called(check), **check.keywords))
                except Exception as error:
                    seen.append(Seen(who, function, case.dtype, 0.0, None, type(error).__name__))
                    continue
                seen.append(Seen(who, function, case.dtype, found.ratio, found.blind if planted else None))
                blind = [name for name, share in found.blind.items() if planted and share > 1]
                if not found.ratio <= 1 or blind:
                    what = f"off by {found.ratio:.2f} of what is allowed; blind in: {', '.join(blind) or 'nothing'}"
                    print(f"\ncase {number} {who} {function} {case.told}: {what}", file=sys.stderr)
    if "jax" in sys.modules:
        sys.modules["jax"].clear_caches()  # no two cases have the same shapes
    return seen


def _of_stacks(
    case: Case, seed: list[int], largest: Mapping[str, int], functions: tuple[str, ...]
) -> Iterator[Question]:
    """Yield what is asked of a stack of its own, in the case's precision and with its gain."""
    if not {*STACKS} & {*functions}:
        return
    rng = np.random.default_rng(seed)
    stack = random_stacks.draw(rng, case.dtype, case.gain, tiny=largest is TINY)
    for check in random_stacks.questions(stack, case.dtype, rng, functions):
        yield Question(check, allowed_errors(check))
    for check in random_stacks.networks(stack, case.dtype, rng) if "stack_bptt" in functions else ():
        yield Question(check, allowed_errors(check))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=200, help="how many random cases (default 200)")
    parser.add_argument("--first", type=int, default=0, help="go on with this case (default 0)")
    parser.add_argument("--seed", type=int, default=0, help="other seeds give other cases")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes (default: one a processor)")
    parser.add_argument("--minutes", type=float, default=20, help="stop after that long (default 20)")
    parser.add_argument("--jax-every", type=int, default=4, help="ask JAX in one of so many cases (default 4)")
    parser.add_argument("--tiny", action="store_true", help="sizes up to 8, 3 and 4 only")
    parser.add_argument("--functions", nargs="+", choices=FUNCTIONS, default=FUNCTIONS, help="which (default: all)")
    parser.add_argument("--some", type=int, help="ask so many implementations of each case, drawn anew (default: all)")
    parser.add_argument(
        "--only", nargs="+", default=(), metavar="NAME", help="ask these implementations (default: all)"
    )
    asked = parser.parse_args()
    os.environ |= ONE_THREAD  # read by those processes when they load their libraries
    until = time.time() + 60 * asked.minutes
    plan = (
        asked.jobs,
        asked.cases,
        asked.seed,
        until,
        asked.jax_every,
        asked.tiny,
        tuple(asked.functions),
        asked.some,
        tuple(asked.only),
    )
    shares = [Share(asked.first + job, *plan) for job in range(asked.jobs)]
    with multiprocessing.get_context("spawn").Pool(asked.jobs) as pool:
        parts = pool.map(work, shares, chunksize=1)
    done = sum(count for count, _ in parts)
    report([one for _, seen in parts for one in seen])
    due = asked.cases - asked.first
    print(f"\n{done} cases of {due}{'' if done == due else ': the time was over'}.")
    _, absent = everyone()
    if absent:
        print(f"Not installed, and left out: {', '.join(absent)}.")
    return int(any(not one.ratio <= 1 for _, seen in parts for one in seen))


def report(seen: list[Seen]) -> None:
    """Print the tables."""
    raised = Counter((one.who, one.function, one.raised) for one in seen if one.raised)
    seen = [one for one in seen if not one.raised]
    functions = list(dict.fromkeys(one.function for one in seen))
    print(f"| implementation | answers | false alarms | {' | '.join(functions)} |")
    print(f"|---|--:|--:|{'--:|' * len(functions)}")
    for who in dict.fromkeys(one.who for one in seen):
        mine = [one for one in seen if one.who == who]
        alarms = sum(not one.ratio <= 1 for one in mine)
        largest = defaultdict[str, float](float)
        for one in mine:
            largest[one.function] = max(largest[one.function], one.ratio)
        told = " | ".join(f"{largest[name]:.2f}" if name in largest else "–" for name in functions)
        print(f"| {who} | {len(mine)} | {alarms} | {told} |")
    print("\n| planted in | dtype | answers | seen in every entry |\n|---|---|--:|--:|")
    for function in dict.fromkeys(one.function for one in seen):
        for dtype in ("float32", "float64"):
            tried = [one.blind for one in seen if (one.function, one.dtype) == (function, dtype) and one.blind]
            caught = sum(max(blind.values()) < 1 for blind in tried)
            print(f"| {function} | {dtype} | {len(tried)} | {caught} |")
    for (who, function, exception), count in raised.items():
        print(f"\n{who} raised {exception} in {count} cases of {function}, and was not judged there.")


if __name__ == "__main__":
    sys.exit(main())
