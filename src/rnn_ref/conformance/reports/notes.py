"""What is to be known beside the verdicts: where PyTorch's own answer is not what the check takes for right."""

from collections.abc import Iterable

from ..judge.figures import Beyond, told
from ..judge.result import Result


def notes(results: Iterable[Result]) -> list[str]:
    """Return a sentence for every function in whose checks PyTorch itself is off.

    Only the checks that ran are told of: it matters to those who compare with PyTorch what was right here.
    """
    off: dict[str, list[tuple[Result, Beyond]]] = {}
    for result in results:
        if result.status != "skipped" and result.pytorch_beyond is not None:
            off.setdefault(result.function, []).append((result, result.pytorch_beyond))
    return [_sentence(found) for found in off.values()]


def _sentence(found: list[tuple[Result, Beyond]]) -> str:
    result, most = max(found, key=lambda one: one[1].error / one[1].allowed if one[1].allowed else float("inf"))
    more = f" (and in {len(found) - 1} more of {result.function}'s checks)" if len(found) > 1 else ""
    place = f"{most.output}{f' at {list(most.index)}' if most.index else ''}"
    off = f"PyTorch is off by {told(most.error)} where {told(most.truth)} is due"
    return f"{result.id}: {place}: {off}; the check is by the truth, not by PyTorch{more}"
