"""A user's program, which ``mypy --strict`` checks beside the package: right calls pass, and wrong ones are errors.

An error that does not come is an error itself: strict mode reports a ``type: ignore`` that nothing needs.
"""

import numpy as np

import rnn_ref
from rnn_ref import rnn_bptt

T, D, H, V = 5, 4, 3, 2
params = {"W_xh": np.ones((H, D)), "W_hh": np.ones((H, H)), "b_h": np.ones(H)}
params |= {"W_hy": np.ones((V, H)), "b_y": np.ones(V)}
X_seq, targets_seq = np.ones((T, D)), np.zeros(T, int)


def step() -> float:
    """Take the gradient as docs/look-up/functions.md does."""
    loss, grads, h_T = rnn_bptt(X_seq, targets_seq, np.zeros(H), **params, reduction="mean")
    rnn_ref.training.clip_grad_norm(grads.parameters, 1.0)
    return float(loss) + float(h_T[0])


def mistaken() -> None:
    """Misspell names and options; each raises."""
    rnn_ref.rnn_foward  # type: ignore[attr-defined] # noqa: B018
    rnn_ref.conformance.chek  # type: ignore[attr-defined] # noqa: B018
    rnn_ref.rnn_cell_step(
        np.ones(D),
        np.ones(H),
        *[np.ones((H, D)), np.ones((H, H)), np.ones(H)],
        activation="thanh",  # type: ignore[arg-type]
    )
    rnn_ref.cross_entropy(np.ones((2, V)), np.zeros(2, int), reduction="average")  # type: ignore[arg-type]
    rnn_ref.check(dtype="double")  # type: ignore[arg-type]
