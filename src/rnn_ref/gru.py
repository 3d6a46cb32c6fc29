"""The gated recurrent unit: one step, unrolled over a sequence, and the way back through both.

    r_t = σ(W_xr x_t + b_xr + W_hr h_{t−1} + b_hr)            how much of the past the candidate sees
    z_t = σ(W_xz x_t + b_xz + W_hz h_{t−1} + b_hz)            how much of the past stays
    n_t = tanh(W_xn x_t + b_xn + r_t ∘ (W_hn h_{t−1} + b_hn))   the candidate
    h_t = (1 − z_t) ∘ n_t + z_t ∘ h_{t−1}

Rows of W_xh (3H, D) and W_hh (3H, H), and the biases, are blocks r, z, n. Both biases are needed: for r and z only
their sum counts, but b_hn is multiplied by r_t. With ``reset_after=False`` r_t is inside the product,
n_t = tanh(W_xn x_t + b_xn + W_hn (r_t ∘ h_{t−1}) + b_hn): the cell as it was first published, and another function.

The step and the sequence are stated separately; a test proves them equal. In the sequence the three gates have an axis
of their own, the first: what is done to one gate of one step is then done to memory in one piece. Hoisted out of the
loops is what does not wait for the step before: the input side, and on the way back all gates, for all states are
given, and every gradient but the one that is handed from step to step.
"""

from typing import NamedTuple

import numpy as np

from ._gates import by_gate, sigmoid, squashed, summed
from ._shapes import GATED, Array, States, check, check_flag, row_blocks, rows, stack, wide

_STEP, _SEQUENCE = f"{GATED}, x_t: [B] D, h_prev: [B] H", f"{GATED}, X_seq: T [B] D, h0: [B] H"


def gru_cell_step(
    x_t: Array, h_prev: Array, W_xh: Array, W_hh: Array, b_xh: Array, b_hh: Array, *, reset_after: bool = True
) -> Array:
    """Read one element of a sequence, and let two gates decide what of the memory is rewritten.

    h_t = (1 − z) ∘ n + z ∘ h_prev, with r = σ(…), z = σ(…), n = tanh(W_xn x_t + b_xn + r ∘ (W_hn h_prev + b_hn))

    Where the update gate z is 1 the state passes unchanged, and so does the gradient: what a unit has learnt to keep
    survives many steps, where the tanh network rewrites everything at each. The straight path past the candidate lives
    on in the residual stream of a transformer, to which every layer adds; gates that read the input live on in gated
    linear units, and in state-space models, which choose from each token what their state keeps.

    Parameters
    ----------
    x_t : (D,) or (B, D) ndarray
        The input at step t; any real numbers, without units.
    h_prev : (H,) or (B, H) ndarray
        The state before the step, h_{t−1}, or h0 at the start. Never broadcast.
    W_xh, W_hh : (3H, D), (3H, H) ndarray
        Input-to-hidden and hidden-to-hidden weights: blocks of H rows for r, z and n, in PyTorch's order.
    b_xh, b_hh : (3H,) ndarray
        The bias that belongs to W_xh, and that which belongs to W_hh.
    reset_after : bool
        Whether r multiplies the product W_hn h_prev + b_hn, as in PyTorch and cuDNN, or what the product is taken of.

    Returns
    -------
    (H,) or (B, H) ndarray
        The state after the step, in the dtype of the arguments: every entry between the candidate, which is in
        [−1, 1], and the state before.

    Raises
    ------
    TypeError
        An argument is not a NumPy array, or is not of one floating dtype with the others; reset_after is no bool.
    ValueError
        A shape does not fit the others, or an axis is empty.

    References
    ----------
    Cho et al. (2014), "Learning phrase representations using RNN encoder-decoder for statistical machine translation";
    Chung et al. (2014), "Empirical evaluation of gated recurrent neural networks on sequence modeling".

    Examples
    --------
    >>> x_t, h_prev = np.array([1.0]), np.array([0.5])
    >>> b_xh, b_hh = np.array([0.1, 0.2, 0.3]), np.array([0.4, 0.5, 0.6])
    >>> gru_cell_step(x_t, h_prev, np.ones((3, 1)), np.ones((3, 1)), b_xh, b_hh)
    array([0.54776369])
    """
    check_flag("gru_cell_step", "reset_after", reset_after)
    check("gru_cell_step", _STEP, x_t=x_t, h_prev=h_prev, W_xh=W_xh, W_hh=W_hh, b_xh=b_xh, b_hh=b_hh)
    _, z, n, _ = _activations(x_t, h_prev, W_xh, W_hh, b_xh, b_hh, reset_after)
    h_t: Array = (1 - z) * n + z * h_prev
    return h_t


def _activations(
    x_t: Array, h_prev: Array, W_xh: Array, W_hh: Array, b_xh: Array, b_hh: Array, reset_after: bool
) -> tuple[Array, Array, Array, Array]:
    """Return r, z, n and the state's side of n, of arguments that have been checked."""
    x_r, x_z, x_n = np.split(x_t @ W_xh.T + b_xh, 3, -1)
    h_r, h_z, h_n = np.split(h_prev @ W_hh.T + b_hh, 3, -1)
    r, z = sigmoid(x_r + h_r), sigmoid(x_z + h_z)
    if not reset_after:
        h_n = (r * h_prev) @ np.split(W_hh, 3)[2].T + np.split(b_hh, 3)[2]
    return r, z, np.tanh(x_n + (r * h_n if reset_after else h_n)), h_n


class GRUCellGradients(NamedTuple):
    """dL/d(input) of one step, by the inputs' own names and in their shapes."""

    x_t: Array
    h_prev: Array
    W_xh: Array
    W_hh: Array
    b_xh: Array
    b_hh: Array


def gru_cell_backward(
    dh_t: Array,
    x_t: Array,
    h_prev: Array,
    W_xh: Array,
    W_hh: Array,
    b_xh: Array,
    b_hh: Array,
    *,
    reset_after: bool = True,
) -> GRUCellGradients:
    """Carry dL/dh_t back through one step: the chain rule for :func:`gru_cell_step`.

    ``dh_t`` has the shape of the state; the rest are the forward's own arguments, from which the gates are made again.
    Gradients of the weights are summed over the batch. Raises as the forward does.

    dn = dh ∘ (1 − z), dz = dh ∘ (h_prev − n), dr = da_n ∘ (W_hn h_prev + b_hn), each through its slope: σ′ = σ(1 − σ),
    tanh′ = 1 − n². The state before is reached on two ways, through the gates, and straight: dh ∘ z. The straight way
    is why a GRU remembers.

    >>> W, b = np.ones((3, 1)), np.zeros(3)
    >>> gru_cell_backward(np.ones(1), np.ones(1), np.zeros(1), W, W, b, b).h_prev.round(4)
    array([0.6639])
    """
    check_flag("gru_cell_backward", "reset_after", reset_after)
    check("gru_cell_backward", f"{_STEP}, dh_t: [B] H",
          dh_t=dh_t, x_t=x_t, h_prev=h_prev, W_xh=W_xh, W_hh=W_hh, b_xh=b_xh, b_hh=b_hh)  # fmt: skip
    r, z, n, h_n = _activations(x_t, h_prev, W_xh, W_hh, b_xh, b_hh, reset_after)
    W_hr, W_hz, W_hn = np.split(W_hh, 3)
    da_n = dh_t * (1 - z) * ((1 - n) * (1 + n))
    da_z = dh_t * (h_prev - n) * z * (1 - z)
    if reset_after:
        da_hn, seen = da_n * r, h_prev  # dL/d(W_hn h + b_hn), and what W_hn was multiplied by
        da_r, through_n = da_n * h_n * r * (1 - r), da_hn @ W_hn
    else:
        da_hn, seen = da_n, r * h_prev
        da_r, through_n = (da_n @ W_hn) * h_prev * r * (1 - r), (da_n @ W_hn) * r
    da_x, da_h = np.concatenate([da_r, da_z, da_n], -1), np.concatenate([da_r, da_z, da_hn], -1)
    return GRUCellGradients(
        x_t=da_x @ W_xh,
        h_prev=dh_t * z + da_r @ W_hr + da_z @ W_hz + through_n,
        W_xh=rows(da_x).T @ rows(x_t),
        W_hh=np.concatenate([rows(one).T @ rows(by) for one, by in ((da_r, h_prev), (da_z, h_prev), (da_hn, seen))]),
        b_xh=rows(da_x).sum(0, dtype=wide(da_x.dtype)).astype(da_x.dtype),
        b_hh=rows(da_h).sum(0, dtype=wide(da_h.dtype)).astype(da_h.dtype),
    )


def gru_forward(
    X_seq: Array, h0: Array, W_xh: Array, W_hh: Array, b_xh: Array, b_hh: Array, *, reset_after: bool = True
) -> list[Array]:
    """Read a sequence from left to right and return the gated state after each element.

    h_t = (1 − z_t) ∘ n_t + z_t ∘ h_{t−1}, starting from h0; see :func:`gru_cell_step`

    A GRU reads as the tanh network does, one element after the other, with a memory of constant size; what the gates
    change is how long it lasts. It was the common encoder and decoder of translation until attention, which reaches any
    earlier position in one hop, was first added to it and then took its place in the transformer.

    Parameters
    ----------
    X_seq : (T, D) or (T, B, D) ndarray
        The inputs, time first.
    h0 : (H,) or (B, H) ndarray
        The state before the first step. Never broadcast over a batch.
    W_xh, W_hh, b_xh, b_hh : (3H, D), (3H, H), (3H,), (3H,) ndarray
        The weights and biases, the same at every step: blocks r, z, n.
    reset_after : bool
        Where the reset gate stands; see :func:`gru_cell_step`.

    Returns
    -------
    list of T ndarray, each (H,) or (B, H)
        The states h_1 … h_T, without h0, in the dtype of the arguments. The last one is the h0 with which the sequence
        can be continued.

    Raises
    ------
    TypeError
        An argument is not a NumPy array, or is not of one floating dtype with the others; reset_after is no bool.
    ValueError
        A shape does not fit the others, or T or B is 0.

    References
    ----------
    Cho et al. (2014); Bahdanau et al. (2015), "Neural machine translation by jointly learning to align and translate".

    Examples
    --------
    >>> W, b = np.ones((3, 1)), np.zeros(3)
    >>> h_states = gru_forward(np.ones((3, 1)), np.zeros(1), W, W, b, b)
    >>> [round(float(h_t[0]), 4) for h_t in h_states]
    [0.2048, 0.3468, 0.4517]
    """
    check_flag("gru_forward", "reset_after", reset_after)
    check("gru_forward", _SEQUENCE, X_seq=X_seq, h0=h0, W_xh=W_xh, W_hh=W_hh, b_xh=b_xh, b_hh=b_hh)
    return list(_unrolled(X_seq, h0, W_xh, W_hh, b_xh, b_hh, reset_after))


def _unrolled(X_seq: Array, h0: Array, W_xh: Array, W_hh: Array, b_xh: Array, b_hh: Array, reset_after: bool) -> Array:
    """Return the states as one array (T, …, H), of arguments that have been checked."""
    T, h_prev, c = len(X_seq), np.atleast_2d(h0), by_gate(b_hh, 3)[:, np.newaxis]
    A = rows(X_seq) @ by_gate(W_xh, 3).swapaxes(1, 2)
    A += by_gate(b_xh, 3)[:, np.newaxis]
    A[:2] += c[:2]
    A = A.reshape(3, T, *h_prev.shape)  # of every gate, what the input and the biases say
    U, U_h = np.ascontiguousarray(by_gate(W_hh, 3).swapaxes(1, 2)), np.empty((3, *h_prev.shape), h0.dtype)
    H_states = np.empty((T, *h_prev.shape), h0.dtype)
    gates = 3 if reset_after else 2
    U_gates, of_gates, h_rz, h_n = U[:gates], U_h[:gates], U_h[:2], U_h[2]
    with np.errstate(over="ignore", under="ignore"):
        for t in range(T):
            h_t, rz, n = H_states[t], A[:2, t], A[2, t]
            np.matmul(h_prev, U_gates, out=of_gates)
            rz += h_rz
            r, z = squashed(rz)
            if reset_after:
                h_n += c[2]
                h_n *= r
            else:
                np.matmul(r * h_prev, U[2], out=h_n)
                h_n += c[2]
            n += h_n
            np.tanh(n, out=n)
            np.subtract(h_prev, n, out=h_t)  # h_t = n + z (h_prev − n)
            h_t *= z
            h_t += n
            h_prev = h_t
    return H_states.reshape(T, *h0.shape)


class GRUGradients(NamedTuple):
    """dL/d(input) of the unrolled network, by the inputs' own names and in their shapes."""

    X_seq: Array
    h0: Array
    W_xh: Array
    W_hh: Array
    b_xh: Array
    b_hh: Array


def gru_backward(
    dh_states: States,
    h_states: States,
    X_seq: Array,
    h0: Array,
    W_xh: Array,
    W_hh: Array,
    b_xh: Array,
    b_hh: Array,
    *,
    reset_after: bool = True,
) -> GRUGradients:
    """Backpropagate through time: from dL/dh_t at every step to the gradient of every input of the network.

    ``dh_states`` is what reaches each state from above (not from later steps), ``h_states`` what :func:`gru_forward`
    returned, each a list or one array (T, …, H); the rest are the forward's own arguments. Raises as the forward does.

    Backwards in time, dh_{t−1} = dh_t ∘ z_t + (what goes through the gates). The first term has no weight in it: where
    z_t is near 1 the gradient passes step after step as it is, where the tanh network multiplies it by a Jacobian
    each time. A residual stream does the same for the layers of a transformer.

    >>> W, b, X_seq, h0 = np.ones((3, 1)), np.zeros(3), np.ones((3, 1)), np.zeros(1)
    >>> h_states = gru_forward(X_seq, h0, W, W, b, b)
    >>> dh_states = np.array([[0.0], [0.0], [1.0]])  # the loss looks at the last state only
    >>> gru_backward(dh_states, h_states, X_seq, h0, W, W, b, b).h0.round(4)
    array([0.3626])
    """
    check_flag("gru_backward", "reset_after", reset_after)
    H_states = stack("gru_backward", "h_states", h_states)
    dH_states = stack("gru_backward", "dh_states", dh_states)
    check("gru_backward", f"{_SEQUENCE}, h_states: T [B] H, dh_states: T [B] H",
          X_seq=X_seq, h0=h0, W_xh=W_xh, W_hh=W_hh, b_xh=b_xh, b_hh=b_hh,
          h_states=H_states, dh_states=dH_states)  # fmt: skip
    return _unrolled_backward(dH_states, H_states, X_seq, h0, W_xh, W_hh, b_xh, b_hh, reset_after)


def _unrolled_backward(
    dH_states: Array,
    H_states: Array,
    X_seq: Array,
    h0: Array,
    W_xh: Array,
    W_hh: Array,
    b_xh: Array,
    b_hh: Array,
    reset_after: bool,
) -> GRUGradients:
    """Return the gradients, of arguments that have been checked.

    Every dL/d(gate's argument) is dh_t times a number that the states decide; only where the reset gate is inside the
    product does r's wait for the step.
    """
    T, H, shape = len(X_seq), h0.shape[-1], np.atleast_2d(h0).shape
    W_x, W_h, c = by_gate(W_xh, 3), by_gate(W_hh, 3), by_gate(b_hh, 3)[:, np.newaxis]
    H_prev = np.concatenate([h0[np.newaxis], H_states[:-1]]).reshape(-1, H)
    A = rows(X_seq) @ W_x.swapaxes(1, 2)
    A += by_gate(b_xh, 3)[:, np.newaxis]
    A[:2] += H_prev @ W_h[:2].swapaxes(1, 2)
    A[:2] += c[:2]
    with np.errstate(over="ignore", under="ignore"):
        r, z = squashed(A[:2])
    seen = H_prev if reset_after else r * H_prev
    h_n = seen @ W_h[2].T
    h_n += c[2]
    keep, by_r = z.copy(), r.copy()
    slope_n = _slopes(A, H_prev, h_n, reset_after)

    D = A.reshape(3, T, *shape)  # the slopes, each overwritten by its dL/d(gate's argument) on the state's side
    dh, parts = np.zeros(shape, h0.dtype), np.empty((4, *shape), h0.dtype)  # through r, z and n, and past them
    of_gates, straight = parts[:3], parts[3]
    dH, kept, through = np.array(dH_states).reshape(T, *shape), keep.reshape(T, *shape), by_r.reshape(T, *shape)
    for t in reversed(range(T)):
        dh_t, d = dH[t], D[:, t]
        dh_t += dh
        if reset_after:
            d *= dh_t
            np.matmul(d, W_h, out=of_gates)
        else:
            d[1:] *= dh_t
            np.matmul(d[2], W_h[2], out=parts[2])
            d[0] *= parts[2]
            np.matmul(d[:2], W_h[:2], out=parts[:2])
            parts[2] *= through[t]
        np.multiply(dh_t, kept[t], out=straight)
        np.add.reduce(parts, 0, out=dh)

    of_state, db_hh = A.swapaxes(1, 2) @ H_prev, summed(A)
    if reset_after:
        np.multiply(slope_n, rows(dH), out=A[2])  # on the input's side n is not multiplied by r
    else:
        np.matmul(A[2].T, seen, out=of_state[2])
    dX = A[0] @ W_x[0]
    for d, W in zip(A[1:], W_x[1:], strict=True):
        dX += d @ W
    return GRUGradients(
        X_seq=dX.reshape(X_seq.shape),
        h0=dh.reshape(h0.shape),
        W_xh=(A.swapaxes(1, 2) @ rows(X_seq)).reshape(W_xh.shape),
        W_hh=of_state.reshape(W_hh.shape),
        b_xh=summed(A) if reset_after else db_hh.copy(),
        b_hh=db_hh,
    )


def _slopes(A: Array, H_prev: Array, h_n: Array, reset_after: bool) -> Array:
    """Overwrite r, z and what goes into n from the input's side (3, rows, H) by the slopes; return n's on that side."""
    slope_n = np.empty_like(h_n)
    for block in row_blocks(h_n):
        (r, z, n), h_prev, h, slope = A[:, block], H_prev[block], h_n[block], slope_n[block]
        n += r * h if reset_after else h
        np.tanh(n, out=n)
        slope[...] = (1 - z) * ((1 - n) * (1 + n))
        z *= (1 - z) * (h_prev - n)
        n[...] = slope * r if reset_after else slope
        r *= (1 - r) * (slope * h if reset_after else h_prev)
    return slope_n
