"""What the mistakes refer to in the text of ``base.py`` in the folder above."""

FORWARD = ("stack_forward",)
READ, SHOWN = "below[turn, b] if backward else below", "states[0][turn, b] if backward else states[0]"
CUT, JOINED = "shown.append(np.where(real, h, 0))", "below = np.concatenate(shown, -1)"
START, CALL, LAYERS = "state0[k] for state0 in states0", "run(read, *starts, **weights)", "enumerate(layers)"
LAST, AT_END = "for last, one in zip(states_T, states)", "one[ends - 1, b]"
ENDS, TURN = "np.full(B, T) if lengths is None else np.asarray(lengths)", "np.where(t < ends, ends - 1 - t, t)"
INPUT, UNCUT = "below = np.where(real, X_seq, 0)", "below = X_seq"
SIZES, PLACES = "B = X_seq.shape[1]", "t, b = np.arange(T)[:, None], np.arange(B)"
SHOWS, KEEPS, RETURNED = "h_states, states_T = below, ", "[np.array(one) for one in states_T]", "tuple(states_T)"
WITH_LAST = "for state0, last in zip(states0, states_T)"  # the states before the first step, and the last ones so far

# the way back
BACK, EVERY = ("stack_backward",), ("stack_forward", "stack_backward")
DH, DX = "part[turn, b] if backward else part", "dbelow += dX[turn, b] if backward else dX"
DLAST, DENDS = "dstate[ends - 1, b] += dlast[k]", "for dstate, dlast in zip(dstates, dstates_T)"
DABOVE, DOWN = "dabove = np.where(real, dh_states, 0)", "dabove = dbelow"
BELOW_BACK = "np.concatenate(shown[first - directions : first], -1) if first else X_seq"
INSIDE = "run.inside"
DSTATE0, DLAYERS = "dstate0[k] = one", "{name: getattr(found, name) for name in layers[k]}"

# a network, with its loss
BPTT = ("stack_bptt",)
TARGETS, LOGITS = "np.asarray(targets_seq)", "h_states @ W_hy.T + b_y"
COUNTED, COUNT = "real[..., 0] & (y != ignore_index)", 'int(counted.sum()) if reduction == "mean" else 1'
LOSS, DZ = "log_p[right].reshape(T, B), 0).sum() / count", "np.where(counted[..., None], p, 0) / count"
P, DABOVE_OF_LOSS = "p = np.exp(log_p) - right", "dabove = dz @ W_hy"
