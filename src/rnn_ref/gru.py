"""The gated recurrent unit: one step, and unrolled over a sequence.

    r_t = σ(W_xr x_t + b_xr + W_hr h_{t−1} + b_hr)            how much of the past the candidate sees
    z_t = σ(W_xz x_t + b_xz + W_hz h_{t−1} + b_hz)            how much of the past stays
    n_t = tanh(W_xn x_t + b_xn + r_t ∘ (W_hn h_{t−1} + b_hn))   the candidate
    h_t = (1 − z_t) ∘ n_t + z_t ∘ h_{t−1}

Rows of W_xh (3H, D) and W_hh (3H, H), and the biases, are blocks r, z, n. Both biases are needed: for r and z only
their sum counts, but b_hn is multiplied by r_t. With ``reset_after=False`` r_t is inside the product,
n_t = tanh(W_xn x_t + b_xn + W_hn (r_t ∘ h_{t−1}) + b_hn): the cell as it was first published, and another function.

The step and the sequence are stated separately; a test proves them equal. Hoisted out of the loop is the input side,
one large product, to which of b_hh the blocks of r and z are added.
"""

import numpy as np

from ._shapes import GATED, Array, check, check_flag, rows

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
    x_r, x_z, x_n = np.split(x_t @ W_xh.T + b_xh, 3, -1)
    h_r, h_z, h_n = np.split(h_prev @ W_hh.T + b_hh, 3, -1)
    r, z = sigmoid(x_r + h_r), sigmoid(x_z + h_z)
    if not reset_after:
        h_n = (r * h_prev) @ np.split(W_hh, 3)[2].T + np.split(b_hh, 3)[2]
    n = np.tanh(x_n + (r * h_n if reset_after else h_n))
    h_t: Array = (1 - z) * n + z * h_prev
    return h_t


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
    H, U_rz, U_n = h0.shape[-1], W_hh[: 2 * h0.shape[-1]].T, W_hh[2 * h0.shape[-1] :].T
    both = np.concatenate([b_hh[: 2 * H], np.zeros_like(b_hh[2 * H :])])
    input_side = (rows(X_seq) @ W_xh.T + (b_xh + both)).reshape(*X_seq.shape[:-1], 3 * H)
    b_hn, h_t, h_states = b_hh[2 * H :], h0, []
    for x_side in input_side:
        gates = sigmoid(x_side[..., : 2 * H] + h_t @ U_rz)
        r, z = gates[..., :H], gates[..., H:]
        n = np.tanh(x_side[..., 2 * H :] + (r * (h_t @ U_n + b_hn) if reset_after else (r * h_t) @ U_n + b_hn))
        h_t = n + z * (h_t - n)
        h_states.append(h_t)
    return h_states


def sigmoid(a: Array) -> Array:
    """Return 1 / (1 + exp(−a)), between 0 and 1; where exp overflows the quotient is 0, rightly.

    >>> sigmoid(np.array([0.0, -1000.0]))
    array([0.5, 0. ])
    """
    with np.errstate(over="ignore", under="ignore"):
        found: Array = 1 / (1 + np.exp(-a))
    return found
