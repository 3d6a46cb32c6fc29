"""Print the frozen vectors that could go without anything being lost.

python scripts/drop_vectors.py

A vector may go if, without it, every form of every mistake is still killed by two vectors with a margin of ten, also
where the target claims one rank or one precision only (as far as it was before); and if nothing that was asked is
asked no more: a function in a precision, a rank, with its options and flags, with one loss or another. Corners, large
sizes and other forms of memory are there for what they are. Two of the generic problems stay wherever there are two:
an answer that is learnt by heart, or always the same, must not pass.
"""

import argparse
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from rnn_ref.conformance.cases.asked import all_questions
from rnn_ref.conformance.mistakes.kill_matrix import KILLS, MARGIN, Margins, matrix
from rnn_ref.conformance.operation import Check

GENERIC = 2  # generic problems that stay


def superfluous(checks: Sequence[Check], rows: Iterable[Margins]) -> list[str]:
    """Return the ids of vectors that could all go at once; ``rows`` are those of the kill matrix.

    The last come first into question, for the suite begins with what is plain.
    """
    killers = [one for row in rows for one in _killers(checks, row)]
    left = Counter(asked(check) for check in checks)
    gone = []
    for check in reversed(checks):
        needed = any(check.id in ids and len(ids) <= KILLS for ids in killers)
        if needed or left[asked(check)] <= (GENERIC if "generic" in check.flags else 1):
            continue
        gone.append(check.id)
        left[asked(check)] -= 1
        for ids in killers:
            ids.discard(check.id)
    return gone


def asked(check: Check) -> tuple[Any, ...]:
    """Return what a check asks, the numbers apart."""
    options = {name: value if name == "reduction" else True for name, value in check.options.items()}
    callables = tuple(value for value in check.arguments.values() if isinstance(value, str))
    own = "" if {"generic", "square"} & set(check.flags) else check.case  # what is no plain problem has its own reason
    return check.function, check.dtype, check.rank, check.flags, own, tuple(sorted(options.items())), callables


def _killers(checks: Iterable[Check], row: Margins) -> list[set[str]]:
    """Return by which vectors a mistake is killed: all of them, those of each rank, those of each precision."""
    groups: dict[str, set[str]] = {}
    for check in checks:
        if row.get(check.id, 0.0) >= MARGIN:
            for group in ("all", check.rank, check.dtype):
                groups.setdefault(group, set()).add(check.id)
    return list(groups.values())


def main() -> None:
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    checks = all_questions(None, "vectors")
    ids = superfluous(checks, [found for _, _, found in matrix(checks)])
    print("\n".join([*ids, f"{len(ids)} of {len(checks)} vectors are superfluous"]))


if __name__ == "__main__":
    main()
