"""One network taken through every function in turn, each judged on what the one before it handed over.

So a fault shows where it is made: what comes behind it is computed from wrong numbers, but computed right.
"""

from collections.abc import Generator, Iterator, Mapping
from typing import Any

import numpy as np

from .._shapes import Array
from . import gates
from .judged import Caller, Functions, Ran, Step
from .networks import Network


def steps(net: Network, functions: Functions) -> Iterator[Step]:
    """Yield every intermediate in the order of computation: forward in time, then back."""
    run = Caller(functions, str(net.X_seq.dtype))
    states = yield from _forward(net, run)
    dlogits = yield from _predictions(net, run, states["h"])
    ran = run("rnn_output_backward", dlogits_seq=dlogits, h_states=states["h"], **net.output)
    yield from (ran.whole(name, f"d{name}") for name in net.output)
    yield from _back(net, run, states, ran)
    over_time = {f"{one}_states": states[one] for one in net.states}
    above = {f"d{one}_states": np.zeros_like(states[one]) for one in net.states} | {"dh_states": ran["h_states"]}
    ran = run(net.named("backward"), **net.asked("backward", **above, **over_time))
    yield from (ran.whole(name, f"d{name}") for name in ("X_seq", *net.weights))


def wrong_step(net: Network, functions: Functions) -> str:
    """Return the name of the step if it is written and wrong by itself, and a sequence that takes it through it."""
    name, run = net.named("cell_step"), Caller(functions, str(net.X_seq.dtype))
    before = {f"{one}_prev": net.states0[f"{one}0"] for one in net.states}
    for x_t in net.X_seq if run.has(name) else ():
        ran = run(name, **net.asked("cell_step", x_t=x_t, **before))
        if ran.problem or any(not ran.whole(f"{one}_t", one).ratio <= 1 for one in net.states):
            return name
    return ""


def _forward(net: Network, run: Caller) -> Generator[Step, None, dict[str, Array]]:
    """Yield gates and states, and return all states by letter: from the whole sequence, or step by step.

    Step by step it goes where there are gates to be seen, or where the step alone is written.
    """
    T, whole = len(net.X_seq), run.has(net.named("forward"))
    step_alone = run.has(net.named("cell_step")) and not whole
    if whole or not (step_alone or gates.CELLS[net.cell].gates):
        ran = run(net.named("forward"), **net.asked("forward"))
        found = {one: ran[f"{one}_states"] for one in net.states}
        for t in range(T):
            yield from _gates(net, t, {one: found[one] for one in net.states}, None)
            yield from (ran.at(t, f"{one}_states", one)._replace(note=_note(net, None)) for one in reversed(net.states))
        return found
    kept: dict[str, list[Array]] = {one: [] for one in net.states}
    for t, x_t in enumerate(net.X_seq):
        before = {f"{one}_prev": kept[one][-1] if t else net.states0[f"{one}0"] for one in net.states}
        ran = run(net.named("cell_step"), **net.asked("cell_step", x_t=x_t, **before))
        yield from _gates(net, t, kept, ran)
        for one in reversed(net.states):
            yield ran.whole(f"{one}_t", f"{one}_{t + 1}")._replace(note=_note(net, ran))
            kept[one].append(ran[f"{one}_t"])
    return {one: np.stack(every) for one, every in kept.items()}


def _gates(net: Network, t: int, states: Mapping[str, Any], ran: Ran | None) -> Iterator[Step]:
    """Yield the gates of one step: the function's own if it shows them, else what they are due to be."""
    before = [states[one][t - 1] if t else net.states0[f"{one}0"] for one in net.states]
    function, yours = (ran.function, ran.yours) if ran else (net.named("forward"), True)
    for name, gate in gates.due(net.cell, net.X_seq[t], before, net.weights).items():
        value = ran.inside.get(name) if ran else None
        own = value is not None
        ratio = float(np.max(np.abs(value - gate.due) / gate.allowed)) if value is not None else 0.0
        shown = (value if value is not None else gate.due).astype(net.X_seq.dtype)
        yield Step(f"{name}_{t + 1}", function, yours, shown, ratio if own else 0.0, note=_note(net, ran))


def _note(net: Network, ran: Ran | None) -> str:
    """Return whose the gates are, where they are not those of the function that makes the states."""
    if not gates.CELLS[net.cell].gates or (ran and (ran.inside or not ran.yours)):
        return ""
    return f"gates {', '.join(gates.CELLS[net.cell].gates)} from rnn_ref"


def _predictions(net: Network, run: Caller, h_states: Array) -> Generator[Step, None, Array]:
    """Yield logits, losses and the gradients of logits, and return those."""
    ran = run("rnn_output_layer", h_states=h_states, **net.output)
    yield from ran.by_step("logits", "logits")
    pairs = list(zip(ran["logits"], net.targets_seq, strict=True))
    summed = {"reduction": "sum"} if net.targets_seq.ndim > 1 else {}
    for t, (logits, targets) in enumerate(pairs, 1):
        yield run("cross_entropy", logits=logits, targets=targets, **summed).whole("loss", f"loss_{t}")
    dlogits = []
    for t, (logits, targets) in enumerate(pairs, 1):
        ran = run("cross_entropy_backward", dloss=1.0, logits=logits, targets=targets, **summed)
        yield ran.whole("dlogits", f"dlogits_{t}")
        dlogits.append(ran["dlogits"])
    return np.stack(dlogits)


def _back(net: Network, run: Caller, states: Mapping[str, Array], ran: Ran) -> Iterator[Step]:
    """Yield what reaches every state, from the last to those before the first step.

    What reaches a memory from its own step is not in its row: that is made inside the way back through the step.
    """
    above, T = ran["h_states"], len(net.X_seq)
    handed = {one: np.zeros_like(net.states0[f"{one}0"]) for one in net.states}
    for t in reversed(range(T)):
        name, first = ("h_states", True) if t == T - 1 else ("h_prev", False)
        into = handed | {"h": above[t] + handed["h"]}
        yield ran.whole(name, f"dh_{t + 1}", t)._replace(value=into["h"])
        yield from (ran.whole(f"{one}_prev", f"d{one}_{t + 1}") for one in net.states[1:] if not first)
        known: dict[str, Any] = {f"d{one}_t": into[one] for one in net.states}
        known |= {f"{one}_t": states[one][t] for one in net.states} | {"x_t": net.X_seq[t]}
        known |= {f"{one}_prev": states[one][t - 1] if t else net.states0[f"{one}0"] for one in net.states}
        ran = run(net.named("cell_backward"), **net.asked("cell_backward", **known))
        handed = {one: ran[f"{one}_prev"] for one in net.states}
    yield from (ran.whole(f"{one}_prev", f"d{one}_0") for one in net.states)
