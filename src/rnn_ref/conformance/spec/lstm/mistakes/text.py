"""What the mistakes refer to in the text of ``base.py``, and the formulas that their words have in common."""

BOTH, CELL, LOOP = ("lstm_cell_step", "lstm_forward"), ("lstm_cell_step",), ("lstm_forward",)
BACKS, CELL_BACK, BACK = ("lstm_cell_backward", "lstm_backward"), ("lstm_cell_backward",), ("lstm_backward",)
SUM = "x_t @ W_xh.T + h_prev @ W_hh.T + b_h"
GATES, GRADIENTS = "a_i, a_f, a_g, a_o = np", "[da_i, da_f, da_g, da_o]"
SIGMOIDS = {gate: f"1 / (1 + np.exp(-a_{gate}))" for gate in "ifo"}  # as the gates are made
CANDIDATE, MEMORY, SHOWN = "np.tanh(a_g)", "f_t * c_prev + i_t * g_t", "o_t * np.tanh(c_t)"
START, CARRIED = "h_prev, c_prev = h0, c0", "h_prev, c_prev = h_t, c_t"
C_T, H_T = "c_t = f * c_prev + i * g", "h_t = o * tanh(c_t)"
DC = "dc = dc_t + dh_t * o * (1 - tanh(c_t)^2)"


def blocks_transposed(weights: str) -> str:
    """Return code for stacked weights with every gate's block transposed."""
    return f"np.concatenate([W.T for W in np.split({weights}, 4)])"
