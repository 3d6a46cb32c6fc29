"""The output layer: hidden states to logits, and back.

logits_t = W_hy h_t + b_y
"""

from typing import NamedTuple

from ._shapes import Array, States, check, rows, stack, wide

_LAYOUT = "W_hy: V H, b_y: V, h_states: T [B] H"


def rnn_output_layer(h_states: States, W_hy: Array, b_y: Array) -> Array:
    """Turn the memory after each step into a score for every possible next token.

    logits_t = W_hy h_t + b_y

    A language model reads its prediction off the state at every position: softmax of the logits is the distribution
    of the next token. A transformer ends in the same linear map, usually called the LM head and often sharing its
    matrix with the token embedding; only how the vector at position t was made is different.

    Parameters
    ----------
    h_states : list of T arrays (H,) or (B, H), or one (T, H) or (T, B, H) ndarray
        The states, as :func:`rnn_forward` returns them.
    W_hy, b_y : (V, H), (V,) ndarray
        Hidden-to-output weights and bias.

    Returns
    -------
    (T, V) or (T, B, V) ndarray
        Logits: any real numbers, log-probabilities (nats) up to a constant per position. Not probabilities.

    Raises
    ------
    TypeError
        An argument is not a NumPy array (or list of them), or is not of one floating dtype with the others.
    ValueError
        A shape does not fit the others, or T or B is 0.

    References
    ----------
    Press and Wolf (2017), "Using the output embedding to improve language models".

    Examples
    --------
    >>> import numpy as np
    >>> rnn_output_layer([np.array([1.0, 2.0])], W_hy=np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]), b_y=np.zeros(3))
    array([[1., 2., 3.]])
    """
    H_states = stack("rnn_output_layer", "h_states", h_states)
    check("rnn_output_layer", _LAYOUT, h_states=H_states, W_hy=W_hy, b_y=b_y)
    return logits_of(H_states, W_hy, b_y)


def logits_of(H_states: Array, W_hy: Array, b_y: Array) -> Array:
    """Return the logits, of arguments that have been checked."""
    logits: Array = rows(H_states) @ W_hy.T
    logits += b_y  # in place: beside a large vocabulary a second array is a cost
    return logits.reshape(*H_states.shape[:-1], -1)


class OutputGradients(NamedTuple):
    """dL/d(input) of the output layer; ``h_states`` is one array, also where the states were a list."""

    h_states: Array
    W_hy: Array
    b_y: Array


def rnn_output_backward(dlogits_seq: Array, h_states: States, W_hy: Array, b_y: Array) -> OutputGradients:
    """Carry dL/dlogits back to the states and the output weights: the chain rule of a linear map.

    ``dlogits_seq`` has the logits' shape; the rest are the forward's own arguments. Gradients of the weights are
    summed over time and batch. Raises as the forward does.

    >>> import numpy as np
    >>> h_states, W_hy = np.array([[1.0, 2.0]]), np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    >>> rnn_output_backward(np.array([[1.0, 0.0, -1.0]]), h_states, W_hy, np.zeros(3)).h_states
    array([[ 0., -1.]])
    """
    H_states = stack("rnn_output_backward", "h_states", h_states)
    check("rnn_output_backward", f"{_LAYOUT}, dlogits_seq: T [B] V",
          h_states=H_states, W_hy=W_hy, b_y=b_y, dlogits_seq=dlogits_seq)  # fmt: skip
    return logits_backward(dlogits_seq, H_states, W_hy)


def logits_backward(dlogits_seq: Array, H_states: Array, W_hy: Array) -> OutputGradients:
    """Return the gradients, of arguments that have been checked."""
    return OutputGradients(
        h_states=(rows(dlogits_seq) @ W_hy).reshape(H_states.shape),
        W_hy=rows(dlogits_seq).T @ rows(H_states),
        b_y=rows(dlogits_seq).sum(0, dtype=wide(dlogits_seq.dtype)).astype(dlogits_seq.dtype),
    )
