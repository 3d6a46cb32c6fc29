"""A module that is told where sequences end, has one answer for each, and looks at what stands behind their ends."""

from typing import Any

BEYOND = "an answer of a sequence depends on what stands behind its end, though {} says where that is"


def looks_beyond(module: Any, given: Any, ends: str) -> bool:
    """Whether answers change with what stands behind the ends, whichever axis is that of the sequences.

    Nothing is said of answers at every step: those behind an end may be left out later.
    """
    found = [one for axis in (0, 1) if (one := _changes(module, given, ends, axis)) is not None]
    return bool(found) and all(found)


def _changes(module: Any, given: Any, ends: str, axis: int) -> bool | None:
    """Return whether any answer does, ``None`` where it cannot be asked so."""
    import torch  # noqa: PLC0415

    count, steps = given.shape[axis], given.shape[1 - axis]
    lengths = torch.tensor([max(2, steps - k) for k in range(count)])
    real = torch.arange(steps)[None, :] < lengths[:, None]
    real = (real if axis == 0 else real.T).reshape(*given.shape[:2], *[1] * (given.ndim - 2))
    first, second = (torch.where(real, given, other) for other in (torch.zeros_like(given), given.flip(1 - axis)))
    try:
        with torch.no_grad():
            answers = [module(one, **{ends: lengths}) for one in (first, second)]
    except Exception:  # it takes other inputs, or the other axis
        return None
    shapes = [tuple(one.shape) if isinstance(one, torch.Tensor) else () for one in answers]
    if any(one[:1] != (count,) or len(one) > 2 or {*one} == {count, steps} for one in shapes):  # or one at every step
        return None
    # what a batch of other numbers may be off by rounding in float32 is far below, what padding does far above
    return not torch.allclose(*answers, rtol=1e-3, atol=1e-5, equal_nan=True)
