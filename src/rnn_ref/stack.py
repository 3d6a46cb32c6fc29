"""Layers, directions and sequences of different lengths: all of ``nn.RNN``, ``nn.GRU`` and ``nn.LSTM``.

A stack is made of functions of one layer and knows none of them. ``run`` is any public forward, of the form
``run(X_seq, *states0, **weights)``, which returns its states, or a tuple of them with the shown ones first; and
``run_back`` its backward, ``run_back(*dstates, *states, X_seq, *states0, **weights)``. Options of either go along by
``functools.partial``.

Every layer reads what the layer below shows. A second direction reads each sequence from its own end, and what the two
show at a step stands side by side. Layers lie as in PyTorch: from below, in each the forward direction, then the other.
What lies behind the end of a sequence is zeros for the layer above and in the answer, whatever it was.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from numbers import Integral
from typing import Any, NamedTuple

import numpy as np

from ._shapes import (
    Array,
    OneLoss,
    States,
    check,
    check_array,
    check_dtype,
    check_function,
    check_mapping,
    check_several,
    made_array,
    stack,
)
from .loss.cross_entropy import loss_with_gradient
from .loss.targets import check_classes, check_ignored, integer_targets
from .output import logits_backward, logits_of

Weights = Mapping[str, Array]


class Run(NamedTuple):
    """What a stack answers, and the states of every layer and direction, which the way back needs."""

    h_states: Array  # (T, …, KH): what the top layer shows, zeros behind the end of a sequence
    states_T: tuple[Array, ...]  # noqa: N815 - of each kind of state (LK, …, H), when all is read
    inside: list[tuple[Array, ...]]  # of each layer and direction its states (T, …, H), in the order of its reading


def stack_forward(
    run: Callable[..., Any],
    X_seq: Array,
    states0: Sequence[Array],
    layers: Sequence[Weights],
    *,
    directions: int = 1,
    lengths: Array | None = None,
) -> Run:
    """Read sequences with layer upon layer, in one direction or two, each sequence to its own end.

    Depth lets a network keep several memories, each a summary of the one below. Transformers took depth over from here
    and dropped the recurrence; two directions live on in encoders, whose attention looks both ways.

    Parameters
    ----------
    run : callable
        The forward of one layer: :func:`rnn_forward`, :func:`gru_forward`, :func:`lstm_forward`, or your own.
    X_seq : (T, D) or (T, B, D) ndarray
        The inputs, time first. What lies behind the end of a sequence may be anything.
    states0 : tuple of (LK, H) or (LK, B, H) ndarray
        What each layer and direction starts from, for each kind of state: ``(h0,)``, of an LSTM ``(h0, c0)``.
    layers : sequence of LK dicts
        The weights of each layer and direction by name. Above the first layer D is KH.
    directions : {1, 2}
        K: whether a second network reads from the end.
    lengths : (B,) integers, optional
        How many elements each sequence has, 1 to T, in any order. Of a batch only.

    Returns
    -------
    Run
        ``h_states`` (T, …, KH); ``states_T``, for each kind of state (LK, …, H), at each sequence's own end; and
        ``inside``, which :func:`stack_backward` needs.

    Raises
    ------
    TypeError, ValueError
        As ``run`` does, with the layer; also where directions, lengths, or the numbers of states and layers do not fit.

    References
    ----------
    Schuster and Paliwal (1997), "Bidirectional recurrent neural networks"; Graves et al. (2013), "Speech recognition
    with deep recurrent neural networks".

    Examples
    --------
    >>> from rnn_ref import rnn_forward
    >>> one = {"W_xh": np.ones((4, 3)), "W_hh": np.eye(4), "b_h": np.zeros(4)}
    >>> two = one | {"W_xh": np.ones((4, 8))}
    >>> run = stack_forward(rnn_forward, np.ones((5, 2, 3)), (np.zeros((4, 2, 4)),), [one, one, two, two], directions=2)
    >>> run.h_states.shape, run.states_T[0].shape
    ((5, 2, 8), (4, 2, 4))
    """
    check_function("stack_forward", "run", run)
    lengths = _checked("stack_forward", X_seq, states0, layers, directions, lengths)
    shown, below = [], _cut(X_seq, lengths)
    inside = []
    for k, weights in enumerate(layers):
        read = turned(below, lengths) if k % directions else below
        with _in_layer(k):
            found = run(read, *(state0[k] for state0 in states0), **weights)
        states = tuple(stack("stack_forward", "run's states", one) for one in _several(found))
        inside.append(states)
        shown.append(_cut(turned(states[0], lengths) if k % directions else states[0], lengths))
        if len(shown) == directions:
            below, shown = np.concatenate(shown, -1), []
    last = zip(*([_at_end(one, lengths) for one in states] for states in inside), strict=True)
    return Run(below, tuple(np.stack(one) for one in last), inside)


class StackGradients(NamedTuple):
    """dL/d(input) of a stack, in the shapes of its arguments."""

    X_seq: Array
    states0: tuple[Array, ...]
    layers: list[dict[str, Array]]


def stack_backward(
    run_back: Callable[..., Any],
    dh_states: States,
    dstates_T: Sequence[Array],
    run: Run,
    X_seq: Array,
    states0: Sequence[Array],
    layers: Sequence[Weights],
    *,
    directions: int = 1,
    lengths: Array | None = None,
) -> StackGradients:
    """Carry gradients back through a stack: from dL/d(what is shown) and dL/d(last states) to every input.

    ``dh_states`` (T, …, KH) is what reaches the top layer's states from above; ``dstates_T``, for each kind of state
    (LK, …, H), what reaches the last ones, each at the end of its sequence: zeros, where nothing goes on from them.
    ``run`` is what :func:`stack_forward` returned; the rest are its own arguments. Raises as that does.

    >>> from rnn_ref import rnn_backward, rnn_forward
    >>> one = {"W_xh": np.ones((4, 3)), "W_hh": np.eye(4), "b_h": np.zeros(4)}
    >>> X_seq, states0 = np.ones((5, 3)), (np.zeros((1, 4)),)
    >>> run = stack_forward(rnn_forward, X_seq, states0, [one])
    >>> grads = stack_backward(rnn_backward, np.ones((5, 4)), (np.zeros((1, 4)),), run, X_seq, states0, [one])
    >>> grads.X_seq.shape, sorted(grads.layers[0])
    ((5, 3), ['W_hh', 'W_xh', 'b_h'])
    """
    check_function("stack_backward", "run_back", run_back)
    lengths = _checked("stack_backward", X_seq, states0, layers, directions, lengths)
    dH_states = stack("stack_backward", "dh_states", dh_states)
    if not isinstance(run, Run):
        raise TypeError(f"stack_backward: run is of type {type(run).__name__}, expected Run; stack_forward returns it")
    h_states = check_array("stack_backward", "run.h_states", run.h_states)
    _check_shape("stack_backward", "dh_states", dH_states, h_states.shape)
    check_dtype("stack_backward", "dh_states", dH_states, "X_seq", X_seq.dtype)
    check_several("stack_backward", "dstates_T", dstates_T, "arrays")
    if len(dstates_T) != len(states0):
        raise ValueError(
            f"stack_backward: dstates_T has {len(dstates_T)} arrays, expected {len(states0)}; from states0"
        )
    _check_run("stack_backward", run, X_seq, states0, len(layers))
    for number, (given, state0) in enumerate(zip(dstates_T, states0, strict=True)):
        _check_shape("stack_backward", f"dstates_T[{number}]", given, state0.shape)
        check_dtype("stack_backward", f"dstates_T[{number}]", given, "X_seq", X_seq.dtype)
    dlayers: list[dict[str, Array]] = [{} for _ in layers]
    dstates0 = tuple(np.empty_like(state0) for state0 in states0)
    dabove = _cut(dH_states, lengths)
    for first in reversed(range(0, len(layers), directions)):
        below = _shown(run, first - directions, directions, lengths) if first else _cut(X_seq, lengths)
        dbelow = np.zeros_like(below)
        for k, part in enumerate(np.split(dabove, directions, -1), first):
            back = bool(k % directions)
            read, dshown = ((turned(one, lengths) if back else one) for one in (below, part))
            dstates = [np.array(dshown), *(np.zeros_like(one) for one in run.inside[k][1:])]
            for dstate, dlast in zip(dstates, dstates_T, strict=True):
                _add_at_end(dstate, dlast[k], lengths)
            with _in_layer(k):
                found = run_back(*dstates, *run.inside[k], read, *(state0[k] for state0 in states0), **layers[k])
            dbelow += turned(found[0], lengths) if back else found[0]
            for whole, one in zip(dstates0, found[1:], strict=False):
                whole[k] = one
            dlayers[k] = {name: getattr(found, name) for name in layers[k]}
        dabove = dbelow
    return StackGradients(dabove, dstates0, dlayers)


class NetworkGradients(NamedTuple):
    """dL/d(input) of a stack and its output layer, in the shapes of the arguments."""

    X_seq: Array
    states0: tuple[Array, ...]
    layers: list[dict[str, Array]]
    W_hy: Array
    b_y: Array


def stack_bptt(
    run: Callable[..., Any],
    run_back: Callable[..., Any],
    X_seq: Array,
    targets_seq: Any,
    states0: Sequence[Array],
    layers: Sequence[Weights],
    W_hy: Array,
    b_y: Array,
    *,
    directions: int = 1,
    lengths: Array | None = None,
    reduction: OneLoss = "sum",
    ignore_index: int = -100,
) -> tuple[Any, NetworkGradients, tuple[Array, ...]]:
    """Run a stack over sequences, take the loss of every step, and carry it back to every input.

    loss = Σ_t cross_entropy(W_hy h_t + b_y, target_t), of what the top layer shows

    Parameters
    ----------
    run, run_back : callable
        The forward of one layer and its backward, of any cell.
    X_seq, states0, layers, directions, lengths
        As :func:`stack_forward` takes them.
    targets_seq : (T,) or (T, B) integers
        The classes that came next, 0 to V − 1 or ``ignore_index``. Behind the end of a sequence they may be anything,
        and count for nothing.
    W_hy, b_y : (V, KH), (V,) ndarray
        The output layer.
    reduction : {"sum", "mean"}
        Over t and b; the mean is over the targets kept.
    ignore_index : int
        Positions with this target count for nothing.

    Returns
    -------
    loss : NumPy scalar
        Nats, in the dtype of the arguments.
    grads : NetworkGradients
        dL/d(argument) by name. ``stack_parameters(grads.layers, grads.W_hy, grads.b_y)`` is the dict that optimisers
        take beside ``stack_parameters(layers, W_hy, b_y)``.
    states_T : tuple of (LK, …, H) ndarray
        The last states, to carry into the next chunk.

    Raises
    ------
    TypeError, ValueError
        As the functions it is made of; also for ``reduction="none"``, which has no single loss.

    Examples
    --------
    >>> from rnn_ref import lstm_backward, lstm_forward
    >>> rng = np.random.default_rng(0)
    >>> layers = [{"W_xh": rng.normal(size=(8, 3)), "W_hh": rng.normal(size=(8, 2)), "b_h": np.zeros(8)}]
    >>> states0 = (np.zeros((1, 2)), np.zeros((1, 2)))
    >>> output, targets = (rng.normal(size=(3, 2)), np.zeros(3)), np.array([1, 2, 0])
    >>> loss, grads, states_T = stack_bptt(lstm_forward, lstm_backward, np.eye(3), targets, states0, layers, *output)
    >>> sorted(stack_parameters(grads.layers, grads.W_hy, grads.b_y))
    ['W_hh_l0', 'W_hy', 'W_xh_l0', 'b_h_l0', 'b_y']
    """
    if reduction not in ("sum", "mean"):
        raise ValueError(f"stack_bptt: reduction is {reduction!r}, expected 'sum' or 'mean'")
    check_ignored("stack_bptt", ignore_index)
    for name, one in (("run", run), ("run_back", run_back)):
        check_function("stack_bptt", name, one)
    ends = _checked("stack_bptt", X_seq, states0, layers, directions, lengths)
    targets = integer_targets("stack_bptt", "targets_seq", targets_seq, X_seq.shape[:-1], "X_seq")
    if ends is not None:
        targets = np.where(np.arange(len(X_seq))[:, np.newaxis] < ends, targets, ignore_index)
    ran = stack_forward(run, X_seq, states0, layers, directions=directions, lengths=ends)
    check("stack_bptt", "W_hy: V H, b_y: V, h_states: T [B] H", W_hy=W_hy, b_y=b_y, h_states=ran.h_states)
    check_classes("stack_bptt", "targets_seq", targets, len(b_y), "W_hy", ignore_index)
    loss, dlogits_seq = loss_with_gradient(logits_of(ran.h_states, W_hy, b_y), targets, reduction, ignore_index)
    output = logits_backward(dlogits_seq, ran.h_states, W_hy)
    nothing = tuple(np.zeros_like(state0) for state0 in states0)
    found = stack_backward(
        run_back, output.h_states, nothing, ran, X_seq, states0, layers, directions=directions, lengths=ends
    )
    return loss, NetworkGradients(*found, W_hy=output.W_hy, b_y=output.b_y), ran.states_T


def stack_parameters(
    layers: Sequence[Weights], W_hy: Array | None = None, b_y: Array | None = None, *, directions: int = 1
) -> dict[str, Array]:
    """Return all that is trained in one dict, as optimisers take it, under names like ``W_xh_l1_reverse``.

    The arrays are the same, not copies. Without ``W_hy`` and ``b_y`` of the stack alone.

    >>> sorted(stack_parameters([{"b_h": np.zeros(2)}, {"b_h": np.ones(2)}], directions=2))
    ['b_h_l0', 'b_h_l0_reverse']
    """
    _check_layers("stack_parameters", layers, directions)
    named = {
        f"{name}{_suffix(k, directions)}": one for k, weights in enumerate(layers) for name, one in weights.items()
    }
    return named | {name: one for name, one in (("W_hy", W_hy), ("b_y", b_y)) if one is not None}


def stack_layers(parameters: Mapping[str, Array], *, directions: int = 1) -> list[dict[str, Array]]:
    """Return the layers of :func:`stack_parameters`, in order; what bears no layer's name is left out.

    >>> stack_layers({"b_h_l0": 1, "b_h_l1": 2, "W_hy": 3})
    [{'b_h': 1}, {'b_h': 2}]
    """
    check_mapping("stack_layers", "parameters", parameters)
    _check_directions("stack_layers", directions)
    layers: list[dict[str, Array]] = []
    while True:
        end = _suffix(len(layers), directions)
        one = {name.removesuffix(end): array for name, array in parameters.items() if name.endswith(end)}
        if not one:
            return layers
        layers.append(one)


def turned(states: Array, lengths: Array | None) -> Array:
    """Turn every sequence round within its own length, which is its own inverse.

    >>> turned(np.array([[1, 1], [2, 2], [3, 0]]), np.array([3, 2])).tolist()
    [[3, 2], [2, 1], [1, 0]]
    """
    if lengths is None:
        return states[::-1]
    t = np.arange(len(states))[:, np.newaxis]
    found: Array = states[np.where(t < lengths, lengths - 1 - t, t), np.arange(len(lengths))]
    return found


def _suffix(k: int, directions: int) -> str:
    return f"_l{k // directions}{'_reverse' if k % directions else ''}"


def _several(found: Any) -> tuple[States, ...]:
    """Return the kinds of states that a forward returned: a tuple of them, or one list or array."""
    return tuple(found) if isinstance(found, tuple) else (found,)


def _shown(run: Run, first: int, directions: int, lengths: Array | None) -> Array:
    """Return what a layer showed the one above it."""
    states = [run.inside[k][0] for k in range(first, first + directions)]
    return np.concatenate([_cut(turned(one, lengths) if k else one, lengths) for k, one in enumerate(states)], -1)


def _cut(states: Array, lengths: Array | None) -> Array:
    """Set to zero what lies behind the end of each sequence, whatever it is."""
    if lengths is None:
        return states
    return np.where((np.arange(len(states))[:, np.newaxis] < lengths)[..., np.newaxis], states, states.dtype.type(0))


def _at_end(states: Array, lengths: Array | None) -> Array:
    found: Array = states[-1] if lengths is None else states[lengths - 1, np.arange(len(lengths))]
    return found


def _add_at_end(dstates: Array, dlast: Array, lengths: Array | None) -> None:
    if lengths is None:
        dstates[-1] += dlast
    else:
        dstates[lengths - 1, np.arange(len(lengths))] += dlast


@contextmanager
def _in_layer(k: int) -> Iterator[None]:
    """Add the number of the layer to an error that comes out of it."""
    try:
        yield
    except Exception as error:
        error.add_note(f"in layers[{k}]")
        raise


def _checked(
    function: str, X_seq: Array, states0: Sequence[Array], layers: Sequence[Weights], directions: int, lengths: Any
) -> Array | None:
    """Vet what the stack itself looks at, and return the lengths as an array; what is left is up to the layers."""
    _check_layers(function, layers, directions)
    if not layers or len(layers) % directions:
        expected = "at least one" if directions == 1 else "two for each layer"
        raise ValueError(f"{function}: layers has {len(layers)} entries, expected {expected}; directions={directions}")
    if not isinstance(states0, tuple | list) or not states0:
        raise TypeError(f"{function}: states0 is of type {type(states0).__name__}, expected a tuple of arrays: (h0,)")
    X_seq = check_array(function, "X_seq", X_seq)
    if X_seq.ndim not in (2, 3) or 0 in X_seq.shape:
        raise ValueError(f"{function}: X_seq has shape {X_seq.shape}, expected (T, D) or (T, B, D), no axis empty")
    for number, state0 in enumerate(states0):
        name, H = f"states0[{number}]", check_array(function, f"states0[{number}]", state0).shape[-1:]
        _check_shape(function, name, state0, (len(layers), *X_seq.shape[1:-1], *H))
    return None if lengths is None else _checked_lengths(function, lengths, X_seq)


def _check_layers(function: str, layers: Sequence[Weights], directions: int) -> None:
    _check_directions(function, directions)
    check_several(function, "layers", layers, "dicts of arrays")
    for k, weights in enumerate(layers):
        if not isinstance(weights, Mapping):
            raise TypeError(f"{function}: layers[{k}] is of type {type(weights).__name__}, expected a dict of arrays")


def _check_directions(function: str, directions: int) -> None:
    if not isinstance(directions, Integral) or directions not in (1, 2):
        raise ValueError(f"{function}: directions is {directions!r}, expected 1 or 2")


def _checked_lengths(function: str, lengths: Any, X_seq: Array) -> Array:
    found = made_array(function, "lengths", lengths, "integers")
    if X_seq.ndim == 2:
        raise ValueError(f"{function}: lengths is given, expected None; X_seq has no batch axis")
    if found.shape != X_seq.shape[1:2] or found.dtype.kind not in "iu":
        raise ValueError(
            f"{function}: lengths has shape {found.shape} and dtype {found.dtype}, expected (B={X_seq.shape[1]},) and "
            "integers; B is from X_seq"
        )
    if found.min() < 1 or found.max() > len(X_seq):
        wrong = found.min() if found.min() < 1 else found.max()
        raise ValueError(f"{function}: lengths has {wrong}, expected 1 to T={len(X_seq)}; T is from X_seq")
    return found.astype(np.intp)


def _check_run(function: str, run: Run, X_seq: Array, states0: Sequence[Array], count: int) -> None:
    """Raise ValueError or TypeError unless a run has the states that these arguments lead to."""
    if len(run.inside) != count or any(len(kinds) != len(states0) for kinds in run.inside):
        raise ValueError(
            f"{function}: run.inside has the states of {len(run.inside)} layers and directions, expected {count}, of "
            f"each {len(states0)}; stack_forward returns run for the same layers and states0"
        )
    for k, kinds in enumerate(run.inside):
        for kind, (states, state0) in enumerate(zip(kinds, states0, strict=True)):
            name = f"run.inside[{k}][{kind}]"
            _check_shape(function, name, states, (*X_seq.shape[:-1], state0.shape[-1]))
            check_dtype(function, name, states, "X_seq", X_seq.dtype)


def _check_shape(function: str, name: str, array: Array, expected: tuple[int, ...]) -> None:
    if check_array(function, name, array).shape != expected:
        raise ValueError(f"{function}: {name} has shape {array.shape}, expected {expected}")
