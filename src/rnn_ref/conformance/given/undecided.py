"""What cannot be judged: where two right programs part so far that what is allowed to them allows anything."""

import numpy as np

from ..spec.given import Due, Given


class UndecidedError(ValueError):
    """No tolerance tells right from wrong at these inputs; the text says why."""


def refuse_what_cannot_be_judged(given: Given, due: Due, names: list[str]) -> None:
    """Raise UndecidedError for an output whose largest entry might as well be nought, or that leaves the format."""
    where = given.arithmetic
    narrowest = min(where, key=lambda one: one.largest)
    for name in names:
        truth, allowed = due.nearest[name], due.allowed[name]
        if not truth.size or name == given.operation.states:
            continue
        place = np.unravel_index(int(np.abs(np.nan_to_num(truth, posinf=0, neginf=0)).argmax()), truth.shape)
        largest, most = float(np.abs(truth[place])), float(allowed[place])
        head = f"{given.operation.name}: {name} cannot be judged in {where.coarsest.name}"
        if largest > narrowest.largest or (given.operation.cell and not np.isfinite(truth).all()):
            raise UndecidedError(f"{head}: it grows to {largest:.1e}, more than {narrowest.name} holds")
        least = float(np.broadcast_to(due.least.get(name, allowed), truth.shape)[place])
        if largest > 0 and not most < largest and not least >= largest / 2:
            times = f"{most / largest:.2g} times its largest entry would have to be allowed"
            why = f"rounding is amplified on the way, {times}"
            if due.parted > max(LITTLE, SOME * where.coarsest.u):
                why = (
                    f"the network is chaotic, the states of two right programs part by {due.parted:.0%} of the largest"
                )
            raise UndecidedError(f"{head}: {why}; all states can be judged, step by step")


LITTLE, SOME = 0.01, 32  # of the largest state, and units of its rounding: what states part by without chaos
