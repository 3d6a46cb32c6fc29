"""The network unrolled over a sequence, and backpropagation through time.

    h_t = tanh(W_xh x_t + W_hh h_{t−1} + b_h),   t = 1 … T

``cell.py`` states the same map one step at a time; a test proves the two equal. Hoisted out of the loops here, because
it does not depend on the state before: the whole input side W_xh x_t + b_h on the way forward, and on the way back
every gradient but the one that is handed from step to step, each as one large product. Inside the loops ``dot``, the
method, writes into arrays that are there (for so little work, a new array is a cost, and so is the way to np.dot), and
W_hhᵀ is copied once, because a product with a transposed view takes up to four times as long.
"""

from typing import NamedTuple

import numpy as np

from ._activations import ACTIVATIONS, Activation, activation_of
from ._shapes import RECURRENT, ActivationName, Array, States, check, row_blocks, rows, stack, wide

_LAYOUT = f"{RECURRENT}, X_seq: T [B] D, h0: [B] H"


def rnn_forward(
    X_seq: Array, h0: Array, W_xh: Array, W_hh: Array, b_h: Array, *, activation: ActivationName = "tanh"
) -> list[Array]:
    """Read a sequence from left to right and return the state after each element.

    h_t = tanh(W_xh x_t + W_hh h_{t−1} + b_h), starting from h0

    What the network knows at step t has passed through every step before it, so the T steps must be taken one after
    another, and what was read long ago survives only as far as each rewriting keeps it. Self-attention drops that
    chain: in training it computes all positions at once, and any position reaches any earlier one in a single hop,
    for work that grows with T² instead of T.

    Parameters
    ----------
    X_seq : (T, D) or (T, B, D) ndarray
        The inputs, time first.
    h0 : (H,) or (B, H) ndarray
        The state before the first step. Never broadcast over a batch.
    W_xh, W_hh, b_h : (H, D), (H, H), (H,) ndarray
        The weights, the same at every step.
    activation : {"tanh", "relu"}
        What every sum goes through; see :func:`rnn_cell_step`.

    Returns
    -------
    list of T ndarray, each (H,) or (B, H)
        The states h_1 … h_T, without h0, every entry in [−1, 1] (of relu at least 0), in the dtype of the arguments.
        The last one is the h0 with which the sequence can be continued.

    Raises
    ------
    TypeError
        An argument is not a NumPy array, or is not of one floating dtype with the others.
    ValueError
        A shape does not fit the others, T or B is 0, or the activation is none of the two.

    References
    ----------
    Elman (1990), "Finding structure in time"; Vaswani et al. (2017), "Attention is all you need", table 1.

    Examples
    --------
    >>> one = np.array([[1.0]])
    >>> h_states = rnn_forward(np.ones((3, 1)), np.zeros(1), W_xh=one, W_hh=one, b_h=np.zeros(1))
    >>> [round(float(h_t[0]), 4) for h_t in h_states]
    [0.7616, 0.9427, 0.9597]
    """
    f = activation_of("rnn_forward", activation)
    check("rnn_forward", _LAYOUT, X_seq=X_seq, h0=h0, W_xh=W_xh, W_hh=W_hh, b_h=b_h)
    return list(unrolled(X_seq, h0, W_xh, W_hh, b_h, f))


def unrolled(
    X_seq: Array, h0: Array, W_xh: Array, W_hh: Array, b_h: Array, f: Activation = ACTIVATIONS["tanh"]
) -> Array:
    """Return the states as one array (T, …, H), of arguments that have been checked."""
    input_side = rows(X_seq) @ W_xh.T
    input_side += b_h
    H_states = input_side.reshape(*X_seq.shape[:-1], -1)  # each step overwritten by its state
    W_hh_h, U, h_t = np.empty(h0.shape, h0.dtype), np.ascontiguousarray(W_hh.T), h0
    for z_t in H_states:
        h_t.dot(U, W_hh_h)
        z_t += W_hh_h  # noqa: PLW2901
        h_t = f.of(z_t, out=z_t)
    return H_states


class SequenceGradients(NamedTuple):
    """dL/d(input) of the unrolled network, by the inputs' own names and in their shapes."""

    X_seq: Array
    h0: Array
    W_xh: Array
    W_hh: Array
    b_h: Array


def rnn_backward(
    dh_states: States,
    h_states: States,
    X_seq: Array,
    h0: Array,
    W_xh: Array,
    W_hh: Array,
    b_h: Array,
    *,
    activation: ActivationName = "tanh",
) -> SequenceGradients:
    """Backpropagate through time: from dL/dh_t at every step to the gradient of every input of the network.

    ``dh_states`` is what reaches each state from above (not from later steps), ``h_states`` what
    :func:`rnn_forward` returned, each a list or one array (T, …, H); the rest are the forward's own arguments.
    Raises as the forward does.

    Backwards in time: dz_t = (dh_t + W_hhᵀ dz_{t+1}) ∘ (1 − h_t²); of relu the slope is 1 where h_t > 0 and else 0. A
    factor W_hhᵀ diag(1 − h²) for every step between cause and effect is why these gradients vanish or explode.
    Attention's backward has no such product over time: the gradient reaches every earlier position in one hop, though
    depth still multiplies Jacobians, tamed by residuals.

    >>> one = np.array([[1.0]])
    >>> X_seq, h0, b_h = np.ones((3, 1)), np.zeros(1), np.zeros(1)
    >>> h_states = rnn_forward(X_seq, h0, one, one, b_h)
    >>> dh_states = np.array([[0.0], [0.0], [1.0]])  # the loss looks at the last state only
    >>> rnn_backward(dh_states, h_states, X_seq, h0, one, one, b_h).X_seq.ravel().round(4)
    array([0.0037, 0.0088, 0.0789])
    """
    f = activation_of("rnn_backward", activation)
    H_states = stack("rnn_backward", "h_states", h_states)
    dH_states = stack("rnn_backward", "dh_states", dh_states)
    check("rnn_backward", f"{_LAYOUT}, h_states: T [B] H, dh_states: T [B] H",
          X_seq=X_seq, h0=h0, W_xh=W_xh, W_hh=W_hh, b_h=b_h, h_states=H_states, dh_states=dH_states)  # fmt: skip
    return unrolled_backward(np.array(dH_states), H_states, X_seq, h0, W_xh, W_hh, f)


def unrolled_backward(
    dH_states: Array,
    H_states: Array,
    X_seq: Array,
    h0: Array,
    W_xh: Array,
    W_hh: Array,
    f: Activation = ACTIVATIONS["tanh"],
) -> SequenceGradients:
    """Return the gradients, of arguments that have been checked; each dh_t is overwritten by its dz_t."""
    dz, dh = dH_states, np.zeros(h0.shape, h0.dtype)
    for block in reversed(row_blocks(dz)):
        slopes = f.slope(H_states[block])
        for dz_t, slope_t in zip(dz[block][::-1], slopes[::-1], strict=True):
            dz_t += dh  # noqa: PLW2901
            dz_t *= slope_t  # noqa: PLW2901
            dz_t.dot(W_hh, dh)
    return SequenceGradients(
        X_seq=(rows(dz) @ W_xh).reshape(X_seq.shape),
        h0=dh,
        W_xh=rows(dz).T @ rows(X_seq),
        W_hh=rows(dz[1:]).T @ rows(H_states[:-1]) + np.dot(rows(dz[:1]).T, rows(h0)),
        b_h=rows(dz).sum(0, dtype=wide(dz.dtype)).astype(dz.dtype),
    )
