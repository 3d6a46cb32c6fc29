"""One cell with its right gradients, and the means to spoil them: what the gradient checker is tested with."""

from unit_problems import network

from rnn_ref import rnn_cell_backward, rnn_cell_step

NAMES = ("x_t", "h_prev", "W_xh", "W_hh", "b_h")
NET = network(D=6, H=6)  # square: a transposed gradient has the right shape, and only its values tell
INPUTS = [NET.X_seq[0], NET.h0, *NET.weights]
H_T = rnn_cell_step(*INPUTS)


def right(upstream, h_t=H_T, inputs=INPUTS):
    return rnn_cell_backward(upstream, h_t, *inputs)


def spoilt(name, spoil):
    """Return a backward whose gradient of one argument is spoilt."""

    def backward(upstream):
        grads = right(upstream)
        return grads._replace(**{name: spoil(getattr(grads, name).copy())})

    return backward


def one_entry(gradient, value):
    gradient.flat[7] = value
    return gradient
