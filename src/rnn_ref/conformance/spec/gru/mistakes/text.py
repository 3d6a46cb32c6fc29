"""What the mistakes refer to in the text of ``base.py``, and the formulas that their words have in common."""

BOTH, LOOP = ("gru_cell_step", "gru_forward"), ("gru_forward",)
BACKS, CELL_BACK, BACK = ("gru_cell_backward", "gru_backward"), ("gru_cell_backward",), ("gru_backward",)
X_SIDE, H_SIDE = "np.split(x_t @ W_xh.T + b_xh, 3, -1)", "np.split(h_prev @ W_hh.T + b_hh, 3, -1)"
R, Z = "1 / (1 + np.exp(-(x_r + h_r)))", "1 / (1 + np.exp(-(x_z + h_z)))"
RESET, UPDATE = "r_t * h_n if reset_after else h_n", "(1 - z_t) * n_t + z_t * h_prev"
BEFORE, N = "(r_t * h_prev) @", f"np.tanh(x_n + ({RESET}))"
CANDIDATE = f"x_n + ({RESET})"
W_HN, B_HN, B_XN = "np.split(W_hh, 3)[2]", "np.split(b_hh, 3)[2]", "np.split(b_xh, 3)[2]"
APART = "{0}[..., np.arange(3 * h_prev.shape[-1]).reshape(-1, 3).T.ravel()]"  # gate k of unit j is row 3j + k
HERE = "n = tanh(W_xn x + b_xn + r * (W_hn h_prev + b_hn))"
STATE = "h_t = (1 - z) * n + z * h_prev"

# the ways back
DN, DZ, DA_N, DA_Z = "dh_t * (1 - z_t)", "dh_t * (h_prev - n_t)", "dn_t * (1 - n_t**2)", "dz_t * z_t * (1 - z_t)"
DR, DA_R = "da_n * h_n", "dr_t * r_t * (1 - r_t)"
DR_BEFORE = "(da_n @ W_hn) * h_prev"  # with the reset gate before the product
DA_X, DW_HH = "[da_r, da_z, da_n], -1", "[da_r.T @ h_prev, da_z.T @ h_prev, da_hn.T @ seen]"
STRAIGHT, THROUGH = "dh_t * z_t + da_r", " + da_r @ W_hr + da_z @ W_hz + dh_through"
BLOCKS, NEXT = "W_hr, W_hz, W_hn = np.split(W_hh, 3)", f"dh_next = dh_t * z_t{THROUGH}"
DH_PREV = "dh_prev = dh * z + W_hr^T da_r + W_hz^T da_z + W_hn^T (r * da_n)"
SUMMED, END = "dh_states[t] + dh_next", "dh0 = dh_next"
