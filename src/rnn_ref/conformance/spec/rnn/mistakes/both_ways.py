"""Mistakes of the way forward that the way back shares, as a framework differentiates them: in rnn_bptt."""

from ...mistake import BPTT, Edit, Entry, form, more

DB, DW_XH, DW_HH = "dz_t.sum(0)", "dz_t.T @ x_t", "dz_t.T @ h_prev"
DX, NEXT, DB_Y = "dX[t] = dz_t @ W_xh", "dh_next = dz_t @ W_hh", "db_y = dz.sum(0)"
BIAS, INPUT, STATE, OUTPUT = " + b_h", "x_t @ W_xh.T", "h_t @ W_hh.T", "W_hy.T + b_y"


def _times(count: int, *terms: str) -> list[Edit]:
    """Return the edits by which some terms are there so many times, none or two."""
    parts = [one.rpartition("= ") for one in terms]
    return [("".join(one), f"{one[0]}{one[1]}{count} * ({one[2]})") for one in parts]


ENTRIES: tuple[Entry, ...] = (
    more("bias-missing", form(BPTT, (BIAS, ""), *_times(0, DB), variant="both ways")),
    more("bias-twice", form(BPTT, (BIAS, " + 2 * b_h"), *_times(2, DB), variant="both ways")),
    more("input-ignored", form(BPTT, *_times(0, INPUT, DW_XH, DX), variant="both ways")),
    more("no-recurrence", form(BPTT, *_times(0, STATE, DW_HH, NEXT), variant="both ways")),
    more("recurrence-twice", form(BPTT, *_times(2, STATE, DW_HH, NEXT), variant="both ways")),
    more("h0-ignored", form(BPTT, ("h_t = h0", "h_t = h0 = np.zeros_like(h0)"), *_times(0, "dh0 = dh_next"),
                            variant="both ways, and its gradient")),
    more("output-bias-missing", form(BPTT, (OUTPUT, "W_hy.T"), *_times(0, DB_Y), variant="both ways")),
    more("output-bias-twice", form(BPTT, (OUTPUT, "W_hy.T + 2 * b_y"), *_times(2, DB_Y), variant="both ways")),
)  # fmt: skip
