"""It, plain and right."""


def leaky_step(x_t, h_prev, W_xh, W_hh):
    return x_t @ W_xh.T + h_prev @ W_hh.T
