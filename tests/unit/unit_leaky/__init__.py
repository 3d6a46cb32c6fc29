"""An operation that the instrument has never heard of, in as few lines as a new one needs: a sum that leaks."""

from rnn_ref.conformance.operation import Cell, Family, Operation

CELL = Cell(lambda x_t, h_prev, W_xh, W_hh: (x_t.dot(W_xh) + h_prev.dot(W_hh),), ("h",), ("W_xh", "W_hh"))
STEP = Operation("leaky_step", "x_t: [B] D, h_prev: [B] H, W_xh: H D, W_hh: H H", "h_t: [B] H", CELL)
LEAKY = Family("leaky", "leaky-1", __package__ or "unit_leaky", (STEP,))
