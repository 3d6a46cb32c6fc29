"""How often the diagnosis names a mistake rightly, on wrong functions that were not made from the catalogue.

    python scripts/diagnosis_table.py --seeds 5

Every function of ``scripts/diagnosis`` is checked on the fresh random cases of several seeds, in both precisions, and
what the report says of it is counted: the right name, none, or a wrong one; for two mistakes in one function, whether
both were named, and whether one was called the only one; for mistakes that no catalogue has, whether a name was
given; for programs that were written blind, whether all that is wrong got its name; and for modules in which one wrong
function is called by others, who was named. Prints Markdown tables, and every miss. Exit code 1 where a name was wrong,
one of two mistakes was called the only one, a mistake of no catalogue was named as the only one, or a function was
blamed for what it only passes on.
"""

import argparse
import multiprocessing
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import product
from typing import Any, Literal, NamedTuple

from diagnosis import blame, blind, implementations, outside, pairs
from diagnosis.asked import Asked, Said, blamed, of_blind, of_outside, of_pair, of_single
from rnn_ref.conformance.run.sandbox import ONE_THREAD

KINDS: dict[str, tuple[Callable[[], Iterator[Any]], Callable[[Any, Asked], Iterator[Said]]]] = {
    "one mistake": (implementations, of_single),
    "two mistakes": (pairs, of_pair),
    "outside": (outside, of_outside),
    "written blind": (blind, of_blind),
    "passed on": (blame, blamed),
}
COLUMNS = {
    "one mistake": ("right", "null", "wrong name", "wrong only_mistake", "conforms"),
    "two mistakes": ("both", "one, not the only", "null", "wrong name", "one, the only", "conforms"),
    "outside": ("null", "right", "named, not the only", "named, the only", "conforms"),
    "written blind": ("right", "null", "wrong name", "conforms"),
    "passed on": ("right", "null", "wrong name", "passed on", "blamed", "conforms"),
}
AS_IT_SHOULD = {
    "one mistake": {"right"},
    "two mistakes": {"both"},
    "outside": {"null", "right"},
    "written blind": {"right"},
    "passed on": {"right", "passed on"},
}
NEVER = {"blamed", "named, the only", "wrong name", "one, the only", "wrong only_mistake"}


class Share(NamedTuple):
    """What one process has to do."""

    first: int
    jobs: int
    kinds: tuple[str, ...]
    seeds: tuple[int, ...]
    quick: bool
    function: str | None


def chosen(kind: str, share: Share) -> Iterator[Any]:
    """Yield what is to be asked: everything, or with ``quick`` each mistake in a function once."""
    seen = set()
    for one in KINDS[kind][0]():
        what = (one.guilty, one.slug) if kind == "passed on" else one if kind == "written blind" else one[:2]
        if share.function in {None, getattr(one, "function", None) or getattr(one, "guilty", None)}:
            if not share.quick or what not in seen:
                yield one
            seen.add(what)


def work(share: Share) -> list[tuple[str, Said]]:
    """Do a share."""
    said: list[tuple[str, Said]] = []
    both: tuple[Literal["float32", "float64"], ...] = ("float32", "float64")
    dtypes = both[1:] if share.quick else both
    for kind in share.kinds:
        for seed, dtype in product(share.seeds, dtypes):  # made anew each time: some keep a state
            mine = [one for number, one in enumerate(chosen(kind, share)) if number % share.jobs == share.first]
            for number, one in enumerate(mine):
                if share.first == 0:
                    where = f"{kind}, seed {seed}, {dtype}: about {number * share.jobs}"
                    print(f"\r{where:<60}", end="", file=sys.stderr, flush=True)
                said += [(kind, each) for each in KINDS[kind][1](one, Asked(seed, dtype))]
    return said


def table(kind: str, said: Iterable[Said]) -> Iterator[str]:
    """Yield a Markdown table of one kind, a row for each function."""
    counted: dict[str, Counter[str]] = {}
    for one in said:
        counted.setdefault(one.function, Counter())[one.outcome] += 1
    columns = COLUMNS[kind]
    yield f"| {kind} | asked | {' | '.join(columns)} | as it should |"
    yield f"|:--|{'--:|' * (len(columns) + 2)}"
    whole = sum(counted.values(), Counter[str]())
    for function, counts in [*counted.items(), ("all", whole)]:
        total = counts.total()
        share = 100 * sum(counts[name] for name in AS_IT_SHOULD[kind]) / total if total else 0
        yield f"| {function} | {total} | {' | '.join(str(counts[name]) for name in columns)} | {share:.1f} % |"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=5, help="how many seeds (default 5)")
    parser.add_argument("--first-seed", type=int, default=1000, help="the first of them (default 1000)")
    parser.add_argument("--quick", action="store_true", help="one seed, float64, and each mistake in one style only")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes (default: one a processor)")
    parser.add_argument("--kind", choices=KINDS, action="append", help="only this kind; may be repeated")
    parser.add_argument("--function", help="only this function")
    parser.add_argument("--misses", type=int, default=200, help="how many misses to list of each kind (default 200)")
    asked = parser.parse_args()
    os.environ |= ONE_THREAD  # read by those processes when they load their libraries
    seeds = tuple(range(asked.first_seed, asked.first_seed + (1 if asked.quick else asked.seeds)))
    kinds = tuple(asked.kind or KINDS)
    shares = [Share(first, asked.jobs, kinds, seeds, asked.quick, asked.function) for first in range(asked.jobs)]
    with multiprocessing.get_context("spawn").Pool(asked.jobs) as pool:
        said = [one for part in pool.map(work, shares, chunksize=1) for one in part]
    print(file=sys.stderr)
    for kind in kinds:
        mine = [one for of, one in said if of == kind]
        print("\n".join(table(kind, mine)), end="\n\n")
        misses = [one for one in mine if one.outcome not in AS_IT_SHOULD[kind]]
        for one in misses[: asked.misses]:
            print(f"- {one.function}: {one.told}, seed {one.seed}, {one.dtype}: {one.outcome}; {one.said}")
        print(f"\n{len(misses)} misses" if len(misses) <= asked.misses else f"\n{len(misses)} misses, the first listed")
        print()
    return int(any(one.outcome in NEVER for _, one in said))


if __name__ == "__main__":
    sys.exit(main())
