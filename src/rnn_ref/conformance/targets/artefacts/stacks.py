"""A network of several layers or directions that an artefact holds, judged whole: under the names of stacks.

Each of its layers is judged alone as well. Only the whole shows how they are joined: in which order directions and
layers lie, who reads what, and where the last states are taken.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ...._shapes import Array
from ...operation import Outputs
from .held import Held, Mark, forms, marked, options_told

PART = "stack"  # its name beside its layers
Run = Callable[[Array, tuple[Array, ...] | None, Array | None], tuple[Array, Sequence[Array]]]
Back = Callable[[Array, Sequence[Array], Array, Sequence[Array], Array | None], dict[str, Array]]


def held_whole(
    name: str,
    kind: str,
    layers: Sequence[Mapping[str, Array]],
    directions: int,
    run: Run,
    back: Back | None = None,
    *,
    lengths: bool = False,
    last: bool = True,
    lacks: tuple[str, ...] = (),
    batch: int | None = None,
    options: Mapping[str, Any] | None = None,
) -> Held:
    """Return the whole of some layers.

    ``run`` takes the inputs (T, B, D), the states before (None: zeros) and the lengths, and returns what is shown
    (T, B, KH) and the last states (LK, B, H) of every kind, if it has them (``last``); ``back`` the gradients, those
    aside of what it ``lacks``. ``options`` are those of the cell.
    """
    weights = {f"layers[{k}].{one}": array for k, every in enumerate(layers) for one, array in every.items()}
    sequence = forms(layers[0]).sequence
    D, H, L = layers[0]["W_xh"].shape[1], layers[0]["W_hh"].shape[1], len(layers) // directions
    ways = ", two directions" if directions == 2 else ""
    told = "".join(f", {one}" for one in options_told(options or {}))
    reading = f"{kind}, D = {D}, H = {H}, {L} layer{'s' * (L > 1)}{ways}, whole{told}"
    shows = ("h_states", *(f"states_T[{place}]" for place in range(len(sequence.ends)))) if last else ("h_states",)

    def forward(_: Any, X_seq: Array, states0: Sequence[Array], *__: Any, **options: Any) -> Outputs:
        before = tuple(states0) if any(map(np.any, states0)) else None
        shown, ended = run(X_seq, before, options.get("lengths"))
        return Outputs(zip(shows, (shown, *ended), strict=False))

    calls = {"stack_forward": marked(forward, Mark(reading))}
    if back is not None:

        def backward(
            _: Any, dh_states: Any, dstates_T: Any, run: Any, X_seq: Any, *rest: Any, **options: Any
        ) -> Outputs:
            states0, *_others = rest
            return Outputs(back(dh_states, dstates_T, X_seq, states0, options.get("lengths")))

        calls["stack_backward"] = marked(backward, Mark(f"{reading}, by autograd", derives="stack_forward"))
    every = {**(options or {}), **({"directions": directions} if directions > 1 else {})}
    return replace(
        Held(f"{name}.{PART}".strip("."), weights, every, reading, batch=batch, calls=calls, shows=shows),
        run=sequence.name,
        lengths=lengths,
        lacks=lacks,
    )
