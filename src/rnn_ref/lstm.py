"""The long short-term memory: one step, unrolled over a sequence, and the way back through both.

    i_t, f_t, o_t = σ(W_x x_t + W_h h_{t−1} + b)      what is written, what is kept, what is shown; each its own rows
    g_t = tanh(W_xg x_t + W_hg h_{t−1} + b_g)         what would be written
    c_t = f_t ∘ c_{t−1} + i_t ∘ g_t                   the memory
    h_t = o_t ∘ tanh(c_t)                             what is seen of it

Rows of W_xh (4H, D), W_hh (4H, H) and b_h (4H,) are blocks i, f, g, o, in PyTorch's order. Only the sum of PyTorch's
two biases enters the equation, as in the tanh network, and so there is one.

With W_hr (P, H) what is seen is projected, h_t = W_hr (o_t ∘ tanh(c_t)), and the memory may be wider than what the
gates and the layer above read of it: h has P numbers, c has H, and W_hh is (4H, P).

The step and the sequence are stated separately; a test proves them equal. As in ``gru.py`` the gates have an axis of
their own in the sequence, the first, and what does not wait for the step before is hoisted out of the loops.
"""

from typing import NamedTuple

import numpy as np

from ._gates import by_gate, sigmoid, squashed, summed
from ._shapes import LSTM, PROJECTED, Array, States, check, row_blocks, rows, stack, wide

_STEP = "x_t: [B] D, h_prev: [B] P, c_prev: [B] H"
_SEQUENCE = "X_seq: T [B] D, h0: [B] P, c0: [B] H"


def _check(function: str, layout: str, W_hr: Array | None, **arrays: object) -> None:
    """Raise the four-fact error for what does not fit; without W_hr as many numbers are shown as are remembered."""
    if W_hr is None:
        check(function, f"{LSTM}, {layout}".replace(" P", " H"), **arrays)
    else:
        check(function, f"{PROJECTED}, {layout}", W_hr=W_hr, **arrays)


class LSTMState(NamedTuple):
    """The two states of a step: what is shown, and what is remembered."""

    h_t: Array
    c_t: Array


def lstm_cell_step(
    x_t: Array, h_prev: Array, c_prev: Array, W_xh: Array, W_hh: Array, b_h: Array, *, W_hr: Array | None = None
) -> LSTMState:
    """Read one element of a sequence; gates decide what the memory keeps, takes in and shows.

    c_t = f ∘ c_prev + i ∘ g,   h_t = o ∘ tanh(c_t), or W_hr (o ∘ tanh(c_t)) where that is given

    The memory is only ever scaled and added to, never passed through a weight or a squashing function: an error that
    reaches it goes back through any number of steps, times the forget gates alone. That sum is the older relative of
    the residual stream of a transformer. Gates made from the input live on in gated linear units, and forget gates
    in the state-space models and linear-attention models that choose from each token what their memory keeps. The
    projection has its like in those that come behind a transformer's attention and its gated linear units.

    Parameters
    ----------
    x_t : (D,) or (B, D) ndarray
        The input at step t; any real numbers, without units.
    h_prev, c_prev : (H,) or (B, H) ndarray
        What was shown and what was remembered before the step; any real numbers. Never broadcast.
    W_xh, W_hh, b_h : (4H, D), (4H, H), (4H,) ndarray
        Input-to-hidden weights, hidden-to-hidden weights, bias: blocks of H rows for i, f, g and o.
    W_hr : (P, H) ndarray, optional
        The projection. With it ``h_prev`` and ``h_t`` have P numbers, and W_hh is (4H, P).

    Returns
    -------
    h_t : (H,) or (B, H) ndarray
        What is shown, between −1 and 1 unless projected, in the dtype of the arguments.
    c_t : (H,) or (B, H) ndarray
        The memory, at most 1 larger in size than before.

    Raises
    ------
    TypeError
        An argument is not a NumPy array, or is not of one floating dtype with the others.
    ValueError
        A shape does not fit the others, or an axis is empty.

    References
    ----------
    Hochreiter and Schmidhuber (1997), "Long short-term memory"; Gers, Schmidhuber and Cummins (2000), "Learning to
    forget: continual prediction with LSTM", which added the forget gate; Sak, Senior and Beaufays (2014), "Long
    short-term memory recurrent neural network architectures for large scale acoustic modeling", the projection.

    Examples
    --------
    >>> x_t, h_prev, c_prev = np.array([1.0]), np.array([0.5]), np.array([2.0])
    >>> h_t, c_t = lstm_cell_step(x_t, h_prev, c_prev, np.ones((4, 1)), np.ones((4, 1)), np.array([0.1, 0.2, 0.3, 0.4]))
    >>> h_t.round(4), c_t.round(4)
    (array([0.8577]), array([2.4788]))
    """
    _check("lstm_cell_step", _STEP, W_hr, x_t=x_t, h_prev=h_prev, c_prev=c_prev, W_xh=W_xh, W_hh=W_hh, b_h=b_h)
    i, f, g, o = _activations(x_t, h_prev, W_xh, W_hh, b_h)
    c_t = f * c_prev + i * g
    m_t = o * np.tanh(c_t)
    return LSTMState(m_t if W_hr is None else m_t @ W_hr.T, c_t)


def _activations(x_t: Array, h_prev: Array, W_xh: Array, W_hh: Array, b_h: Array) -> tuple[Array, Array, Array, Array]:
    """Return i, f, g and o, of arguments that have been checked."""
    i, f, g, o = np.split(x_t @ W_xh.T + h_prev @ W_hh.T + b_h, 4, -1)
    return sigmoid(i), sigmoid(f), np.tanh(g), sigmoid(o)


class LSTMCellGradients(NamedTuple):
    """dL/d(input) of one step, by the inputs' own names and in their shapes."""

    x_t: Array
    h_prev: Array
    c_prev: Array
    W_xh: Array
    W_hh: Array
    b_h: Array


class ProjectedCellGradients(NamedTuple):
    """The same of a step with a projection."""

    x_t: Array
    h_prev: Array
    c_prev: Array
    W_xh: Array
    W_hh: Array
    b_h: Array
    W_hr: Array


def lstm_cell_backward(
    dh_t: Array,
    dc_t: Array,
    x_t: Array,
    h_prev: Array,
    c_prev: Array,
    W_xh: Array,
    W_hh: Array,
    b_h: Array,
    *,
    W_hr: Array | None = None,
) -> LSTMCellGradients | ProjectedCellGradients:
    """Carry dL/dh_t and dL/dc_t back through one step: the chain rule for :func:`lstm_cell_step`.

    ``dh_t`` and ``dc_t`` have the shape of the states; the rest are the forward's own arguments, from which the gates
    are made again. Gradients of the weights are summed over the batch; that of ``W_hr`` is there where it was given.
    Raises as the forward does.

    Both meet at c_t: dc = dc_t + dh_t ∘ o ∘ (1 − tanh² c_t). From there i and g get dc times the other one, f gets
    dc ∘ c_prev, each through its slope, and c_prev gets dc ∘ f. A projection is passed first: W_hrᵀ dh_t in the place
    of dh_t.

    >>> one, zero, W = np.ones(1), np.zeros(1), np.ones((4, 1))
    >>> lstm_cell_backward(zero, one, one, zero, one, W, W, np.zeros(4)).c_prev.round(4)  # the forget gate
    array([0.7311])
    """
    _check("lstm_cell_backward", f"{_STEP}, dh_t: [B] P, dc_t: [B] H", W_hr,
           dh_t=dh_t, dc_t=dc_t, x_t=x_t, h_prev=h_prev, c_prev=c_prev, W_xh=W_xh, W_hh=W_hh, b_h=b_h)  # fmt: skip
    i, f, g, o = _activations(x_t, h_prev, W_xh, W_hh, b_h)
    shown = np.tanh(f * c_prev + i * g)
    dm = dh_t if W_hr is None else dh_t @ W_hr  # (…, H): dL/d(o ∘ tanh(c_t))
    dc = dc_t + dm * o * ((1 - shown) * (1 + shown))
    da_i, da_f, da_o = dc * g * i * (1 - i), dc * c_prev * f * (1 - f), dm * shown * o * (1 - o)
    da_g = dc * i * ((1 - g) * (1 + g))
    da = np.concatenate([da_i, da_f, da_g, da_o], -1)  # (…, 4H): dL/d(what goes into the gates)
    found = LSTMCellGradients(
        x_t=da @ W_xh,
        h_prev=da @ W_hh,
        c_prev=dc * f,
        W_xh=rows(da).T @ rows(x_t),
        W_hh=rows(da).T @ rows(h_prev),
        b_h=rows(da).sum(0, dtype=wide(da.dtype)).astype(da.dtype),
    )
    return found if W_hr is None else ProjectedCellGradients(*found, W_hr=rows(dh_t).T @ rows(o * shown))


class LSTMStates(NamedTuple):
    """Both states after each of T steps; the last of each are the h0 and c0 with which a sequence is continued."""

    h_states: list[Array]
    c_states: list[Array]


def lstm_forward(
    X_seq: Array, h0: Array, c0: Array, W_xh: Array, W_hh: Array, b_h: Array, *, W_hr: Array | None = None
) -> LSTMStates:
    """Read a sequence from left to right and return what is shown and what is remembered after each element.

    c_t = f_t ∘ c_{t−1} + i_t ∘ g_t,   h_t = o_t ∘ tanh(c_t), starting from h0 and c0; see :func:`lstm_cell_step`

    For twenty years this was how sequences were read. Its memory lasts as long as the forget gates let it, hundreds of
    steps where the tanh network keeps tens; but the steps still wait for each other, and all of the past has to fit
    into c_t. Attention gave up both: it keeps every step, and reads them all at once.

    Parameters
    ----------
    X_seq : (T, D) or (T, B, D) ndarray
        The inputs, time first.
    h0, c0 : (H,) or (B, H) ndarray
        The states before the first step. Never broadcast over a batch.
    W_xh, W_hh, b_h : (4H, D), (4H, H), (4H,) ndarray
        The weights and the bias, the same at every step: blocks i, f, g, o.
    W_hr : (P, H) ndarray, optional
        The projection. With it ``h0`` and each ``h_t`` have P numbers, and W_hh is (4H, P).

    Returns
    -------
    h_states, c_states : lists of T ndarray, each (H,) or (B, H)
        The states after steps 1 … T, without h0 and c0, in the dtype of the arguments.

    Raises
    ------
    TypeError
        An argument is not a NumPy array, or is not of one floating dtype with the others.
    ValueError
        A shape does not fit the others, or T or B is 0.

    References
    ----------
    Hochreiter and Schmidhuber (1997); Gers, Schmidhuber and Cummins (2000); Sak, Senior and Beaufays (2014); Vaswani
    et al. (2017).

    Examples
    --------
    >>> W, zero = np.ones((4, 1)), np.zeros(1)
    >>> h_states, c_states = lstm_forward(np.ones((3, 1)), zero, zero, W, W, np.zeros(4))
    >>> [round(float(c_t[0]), 4) for c_t in c_states]
    [0.5568, 1.1444, 1.7395]

    What is seen of a memory of one number, projected to two:

    >>> weights = {"W_xh": W, "W_hh": np.ones((4, 2)), "b_h": np.zeros(4), "W_hr": np.ones((2, 1))}
    >>> lstm_forward(np.ones((3, 1)), np.zeros(2), zero, **weights).h_states[-1].round(4)
    array([0.8925, 0.8925])
    """
    _check("lstm_forward", _SEQUENCE, W_hr, X_seq=X_seq, h0=h0, c0=c0, W_xh=W_xh, W_hh=W_hh, b_h=b_h)
    H_states, C_states = _unrolled(X_seq, h0, c0, W_xh, W_hh, b_h, W_hr)
    return LSTMStates(list(H_states), list(C_states))


def _unrolled(
    X_seq: Array, h0: Array, c0: Array, W_xh: Array, W_hh: Array, b_h: Array, W_hr: Array | None
) -> tuple[Array, Array]:
    """Return the states as two arrays (T, …, H), of arguments that have been checked.

    Inside, gates are i f o g, so that those with a sigmoid are side by side.
    """
    T, h_prev, c_prev = len(X_seq), np.atleast_2d(h0), np.atleast_2d(c0)
    W_x, W_h, b = (by_gate(one, 4)[[0, 1, 3, 2]] for one in (W_xh, W_hh, b_h))
    A = (rows(X_seq) @ W_x.swapaxes(1, 2)).reshape(4, T, *c_prev.shape)
    A += b[:, np.newaxis, np.newaxis]
    U, U_h = np.ascontiguousarray(W_h.swapaxes(1, 2)), np.empty((4, *c_prev.shape), h0.dtype)
    H_states, C_states = (np.empty((T, *state.shape), h0.dtype) for state in (h_prev, c_prev))
    M_states = H_states if W_hr is None else np.empty_like(C_states)  # o ∘ tanh(c), which may be projected
    with np.errstate(over="ignore", under="ignore"):
        for t in range(T):
            h_t, c_t, m_t = H_states[t], C_states[t], M_states[t]
            np.matmul(h_prev, U, out=U_h)
            a = A[:, t]
            a += U_h
            (i, f, o), g = squashed(a[:3]), np.tanh(a[3], out=a[3])
            np.multiply(f, c_prev, out=c_t)
            g *= i
            c_t += g
            np.tanh(c_t, out=m_t)
            m_t *= o
            if W_hr is not None:
                np.matmul(m_t, W_hr.T, out=h_t)
            h_prev, c_prev = h_t, c_t
    return H_states.reshape(T, *h0.shape), C_states.reshape(T, *c0.shape)


class LSTMGradients(NamedTuple):
    """dL/d(input) of the unrolled network, by the inputs' own names and in their shapes."""

    X_seq: Array
    h0: Array
    c0: Array
    W_xh: Array
    W_hh: Array
    b_h: Array


class ProjectedGradients(NamedTuple):
    """The same of a network with a projection."""

    X_seq: Array
    h0: Array
    c0: Array
    W_xh: Array
    W_hh: Array
    b_h: Array
    W_hr: Array


def lstm_backward(
    dh_states: States,
    dc_states: States,
    h_states: States,
    c_states: States,
    X_seq: Array,
    h0: Array,
    c0: Array,
    W_xh: Array,
    W_hh: Array,
    b_h: Array,
    *,
    W_hr: Array | None = None,
) -> LSTMGradients | ProjectedGradients:
    """Backpropagate through time: from dL/dh_t and dL/dc_t at every step to the gradient of every input.

    ``dh_states`` and ``dc_states`` are what reaches each state from outside (not from later steps): of the memories
    mostly zeros, but for the last where a next chunk goes on from it. ``h_states`` and ``c_states`` are what
    :func:`lstm_forward` returned. Each is a list or one array (T, …, H); the rest are the forward's own arguments.
    The gradient of ``W_hr`` is there where it was given. Raises as the forward does.

    Backwards in time, dc_{t−1} = dc_t ∘ f_t + (what is shown): along the memory there is no weight and no slope, the
    constant error carousel of the first paper, with the forget gates as its only brake.

    >>> W, X_seq, zero = np.ones((4, 1)), np.ones((3, 1)), np.zeros(1)
    >>> h_states, c_states = lstm_forward(X_seq, zero, zero, W, W, np.zeros(4))
    >>> dh_states, dc_states = np.zeros((3, 1)), np.array([[0.0], [0.0], [1.0]])
    >>> lstm_backward(dh_states, dc_states, h_states, c_states, X_seq, zero, zero, W, W, np.zeros(4)).c0.round(4)
    array([0.7266])
    """
    H_states, C_states = stack("lstm_backward", "h_states", h_states), stack("lstm_backward", "c_states", c_states)
    dH_states = stack("lstm_backward", "dh_states", dh_states)
    dC_states = stack("lstm_backward", "dc_states", dc_states)
    layout = f"{_SEQUENCE}, h_states: T [B] P, c_states: T [B] H, dh_states: T [B] P, dc_states: T [B] H"
    _check("lstm_backward", layout, W_hr, X_seq=X_seq, h0=h0, c0=c0, W_xh=W_xh, W_hh=W_hh, b_h=b_h,
           h_states=H_states, c_states=C_states, dh_states=dH_states, dc_states=dC_states)  # fmt: skip
    return _unrolled_backward(dH_states, dC_states, H_states, C_states, X_seq, h0, c0, W_xh, W_hh, b_h, W_hr)


def _unrolled_backward(
    dH_states: Array,
    dC_states: Array,
    H_states: Array,
    C_states: Array,
    X_seq: Array,
    h0: Array,
    c0: Array,
    W_xh: Array,
    W_hh: Array,
    b_h: Array,
    W_hr: Array | None,
) -> LSTMGradients | ProjectedGradients:
    """Return the gradients, of arguments that have been checked.

    What goes into i, f and g gets dc_t, and into o dm_t = dh_t, or W_hrᵀ dh_t, times numbers that the states decide.
    """
    T, shape, W_x, W_h = len(X_seq), np.atleast_2d(c0).shape, by_gate(W_xh, 4), by_gate(W_hh, 4)
    H_prev, C_prev = (rows(np.concatenate([s0[np.newaxis], s[:-1]])) for s0, s in ((h0, H_states), (c0, C_states)))
    A = rows(X_seq) @ W_x.swapaxes(1, 2)
    A += by_gate(b_h, 4)[:, np.newaxis]
    A += H_prev @ W_h.swapaxes(1, 2)
    M = None if W_hr is None else sigmoid(A[3]) * np.tanh(rows(C_states))
    shown, keep = _slopes(A, rows(C_states), C_prev)

    D = A.reshape(4, T, *shape)  # the slopes, each overwritten by its dL/d(what goes into the gate)
    dh, dc = np.zeros_like(np.atleast_2d(h0)), np.zeros(shape, h0.dtype)
    parts = np.empty((4, *dh.shape), h0.dtype)
    dH, dC = np.array(dH_states).reshape(T, *dh.shape), dC_states.reshape(T, *shape)
    shown, keep = shown.reshape(T, *shape), keep.reshape(T, *shape)
    for t in reversed(range(T)):
        dh_t, d = dH[t], D[:, t]
        dh_t += dh
        dm_t = dh_t if W_hr is None else dh_t @ W_hr
        dc += dC[t]
        shown[t] *= dm_t
        dc += shown[t]
        d[:3] *= dc
        d[3] *= dm_t
        np.matmul(d, W_h, out=parts)
        np.add.reduce(parts, 0, out=dh)
        dc *= keep[t]
    dX = A[0] @ W_x[0]
    for d, W in zip(A[1:], W_x[1:], strict=True):
        dX += d @ W
    found = LSTMGradients(
        X_seq=dX.reshape(X_seq.shape),
        h0=dh.reshape(h0.shape),
        c0=dc.reshape(c0.shape),
        W_xh=(A.swapaxes(1, 2) @ rows(X_seq)).reshape(W_xh.shape),
        W_hh=(A.swapaxes(1, 2) @ H_prev).reshape(W_hh.shape),
        b_h=summed(A),
    )
    return found if M is None else ProjectedGradients(*found, W_hr=rows(dH).T @ M)


def _slopes(A: Array, C: Array, C_prev: Array) -> tuple[Array, Array]:
    """Overwrite what goes into the gates (4, rows, H) by the slopes; return that from h to c, and the forget gates."""
    shown, keep = np.empty_like(C), np.empty_like(C)
    with np.errstate(over="ignore", under="ignore"):
        for block in row_blocks(C):
            (i, f, g, o), seen = A[:, block], np.tanh(C[block])
            for gate in (i, f, o):
                squashed(gate)
            np.tanh(g, out=g)
            keep[block], shown[block] = f, (1 - seen) * (1 + seen) * o
            of_g = i * ((1 - g) * (1 + g))
            i *= (1 - i) * g
            f *= (1 - f) * C_prev[block]
            g[...] = of_g
            o *= (1 - o) * seen
    return shown, keep
