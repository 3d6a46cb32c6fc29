"""One step of the recurrent network, and the way back through it.

h_t = tanh(W_xh x_t + W_hh h_{t−1} + b_h)
"""

from typing import NamedTuple

from ._activations import activation_of
from ._shapes import RECURRENT, ActivationName, Array, check, rows, wide

_LAYOUT = f"{RECURRENT}, x_t: [B] D, h_prev: [B] H"


def rnn_cell_step(
    x_t: Array, h_prev: Array, W_xh: Array, W_hh: Array, b_h: Array, *, activation: ActivationName = "tanh"
) -> Array:
    """Read one element of a sequence and return the updated memory of everything read so far.

    h_t = tanh(W_xh x_t + W_hh h_prev + b_h)

    The hidden state is all the network keeps of its past: a summary of fixed size, rewritten at every step. A
    transformer keeps its past as well, but does not summarise it: its key-value cache holds an entry for each earlier
    token, grows with the sequence, and attention chooses what to read from it anew at each step. State-space and
    linear-attention models return to the trade made here, a state of constant size for constant work per token.

    Parameters
    ----------
    x_t : (D,) or (B, D) ndarray
        The input at step t; any real numbers, without units.
    h_prev : (H,) or (B, H) ndarray
        The state before the step, h_{t−1}, or h0 at the start. Never broadcast.
    W_xh, W_hh, b_h : (H, D), (H, H), (H,) ndarray
        Input-to-hidden weights, hidden-to-hidden weights, bias (PyTorch's two biases added up).
    activation : {"tanh", "relu"}
        What the sum goes through: with ``relu`` max(0, ·), PyTorch's ``nonlinearity="relu"``.

    Returns
    -------
    (H,) or (B, H) ndarray
        The state after the step, every entry in [−1, 1] (of relu at least 0), in the dtype of the arguments.

    Raises
    ------
    TypeError
        An argument is not a NumPy array, or is not of one floating dtype with the others.
    ValueError
        A shape does not fit the others, an axis is empty, or the activation is none of the two.

    References
    ----------
    Elman (1990), "Finding structure in time", Cognitive Science 14(2). With relu: Le, Jaitly and Hinton (2015), "A
    simple way to initialize recurrent networks of rectified linear units".

    Examples
    --------
    >>> import numpy as np
    >>> x_t, h_prev = np.array([1.0]), np.array([0.5])
    >>> rnn_cell_step(x_t, h_prev, W_xh=np.array([[0.3]]), W_hh=np.array([[0.4]]), b_h=np.array([0.1]))
    array([0.53704957])
    """
    f = activation_of("rnn_cell_step", activation)
    check("rnn_cell_step", _LAYOUT, x_t=x_t, h_prev=h_prev, W_xh=W_xh, W_hh=W_hh, b_h=b_h)
    h_t: Array = f.of(x_t @ W_xh.T + h_prev @ W_hh.T + b_h)
    return h_t


class CellGradients(NamedTuple):
    """dL/d(input) of one step, by the inputs' own names and in their shapes."""

    x_t: Array
    h_prev: Array
    W_xh: Array
    W_hh: Array
    b_h: Array


def rnn_cell_backward(
    dh_t: Array,
    h_t: Array,
    x_t: Array,
    h_prev: Array,
    W_xh: Array,
    W_hh: Array,
    b_h: Array,
    *,
    activation: ActivationName = "tanh",
) -> CellGradients:
    """Carry dL/dh_t back through one step: the chain rule for :func:`rnn_cell_step`.

    ``dh_t`` and ``h_t`` have the shape of the state; the rest are the forward's own arguments. Gradients of the
    weights are summed over the batch. Raises as the forward does.

    With dz = dh_t ∘ (1 − h_t²), of relu dh_t where h_t > 0: every gradient is dz times what the weight or the input
    was multiplied by. The slope is written (1 − h)(1 + h), which keeps its digits where h is close to ±1.

    >>> import numpy as np
    >>> one = np.array([[1.0]])
    >>> grads = rnn_cell_backward(one[0], np.tanh(one[0]), one[0], 0 * one[0], one, one, 0 * one[0])
    >>> grads.b_h
    array([0.41997434])
    """
    f = activation_of("rnn_cell_backward", activation)
    check("rnn_cell_backward", f"{_LAYOUT}, h_t: [B] H, dh_t: [B] H",
          dh_t=dh_t, h_t=h_t, x_t=x_t, h_prev=h_prev, W_xh=W_xh, W_hh=W_hh, b_h=b_h)  # fmt: skip
    dz = dh_t * f.slope(h_t)  # (…, H): dL/d(the argument of tanh)
    return CellGradients(
        x_t=dz @ W_xh,
        h_prev=dz @ W_hh,
        W_xh=rows(dz).T @ rows(x_t),
        W_hh=rows(dz).T @ rows(h_prev),
        b_h=rows(dz).sum(0, dtype=wide(dz.dtype)).astype(dz.dtype),
    )
