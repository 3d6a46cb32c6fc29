"""What a target says of itself about the calls it takes, before it is asked."""

import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

REDUCTION = "reduction"
BY_DEFAULT: Mapping[str, str] = {
    **dict.fromkeys(("rnn_bptt", "stack_bptt"), "sum"),
    **dict.fromkeys(("cross_entropy", "cross_entropy_backward"), "mean"),
}


class Claimed(NamedTuple):
    """Precisions and ranks, None where nothing is said of them; and whether functions can be handed to it."""

    dtypes: Sequence[str] | None = None
    ranks: Sequence[str] | None = None
    callables: bool = True

    @classmethod
    def of(cls, candidate: Any) -> "Claimed":
        """Return what a function bears as its attribute ``claimed``."""
        found = inspect.getattr_static(candidate, "claimed", None)  # runs no code of the target
        return found if isinstance(found, cls) else cls()


def by_our_default(function: str, candidate: Callable[..., Any]) -> Callable[..., Any]:
    """Return what takes another reduction by default as what takes the specification's, with a claim that says so.

    Which one is taken where none is said is a matter of the signature, in which it stands: nothing is wrong with it.

    >>> def cross_entropy(logits, targets, *, reduction="sum"): return reduction
    >>> told = by_our_default("cross_entropy", cross_entropy)
    >>> told([0.0], 0), told([0.0], 0, reduction="none"), told.__claims__
    ('mean', 'none', ("reduction='sum' by default",))
    """
    ours = BY_DEFAULT.get(function)
    try:
        theirs = inspect.signature(candidate).parameters[REDUCTION].default if ours else ours
    except (KeyError, TypeError, ValueError):
        return candidate
    if theirs is ours or not isinstance(theirs, str) or theirs not in {*BY_DEFAULT.values(), "none"} - {ours}:
        return candidate

    @functools.wraps(candidate)
    def told(*arguments: Any, **options: Any) -> Any:
        return candidate(*arguments, **{REDUCTION: ours, **options})

    told.__claims__ = (*getattr(candidate, "__claims__", ()), f"{REDUCTION}={theirs!r} by default")  # type: ignore[attr-defined]
    return told
