"""Two mistakes in one function, of those that do not hide each other."""

from collections.abc import Iterator

from .written import Written2, styles

# function, then the number of the style among that function's, and the two mistakes made in it
MADE = {
    "rnn_cell_step": [
        (0, "no-tanh", "bias-missing"),
        (1, "sigmoid-for-tanh", "bias-twice"),
        (2, "relu-for-tanh", "recurrence-twice"),
        (3, "W_hh-transposed", "bias-missing"),
        (4, "no-recurrence", "bias-twice"),
        (0, "bias-outside-tanh", "W_hh-transposed"),
        (4, "tanh-twice", "bias-missing"),
        (2, "input-ignored", "bias-twice"),
    ],
    "rnn_forward": [
        (0, "h0-ignored", "bias-missing"),
        (1, "h0-ignored", "W_hh-transposed"),
        (2, "states-aliased", "bias-missing"),
        (0, "h0-every-step", "bias-twice"),
        (3, "starts-with-h0", "bias-missing"),
        (1, "shifted-by-one", "sigmoid-for-tanh"),
        (5, "time-reversed", "bias-missing"),
        (0, "input-off-by-one/wraps", "bias-missing"),
        (4, "h0-ignored", "tanh-twice"),
        (2, "last-step-missing/a row of 0", "bias-missing"),
        (0, "last-state-only", "no-tanh"),
        (5, "h0-ignored", "bias-first-step-only"),
        (3, "relu-for-tanh", "bias-twice"),
        (2, "batch-rows-mixed/states", "bias-missing"),
    ],
    "rnn_output_layer": [
        (0, "output-bias-missing", "output-of-previous-state/wraps"),
        (1, "output-bias-twice", "tanh-in-output"),
        (2, "output-bias-missing", "softmax-in-output"),
        (3, "output-of-previous-state/0 first", "log-softmax-in-output"),
    ],
    "cross_entropy": [
        (0, "base-2-log", "targets-shifted/one late"),
        (1, "sign", "targets-shifted/one early"),
        (2, "log-epsilon", "targets-shifted/one late"),
        (3, "mean-over-steps/sum", "targets-shifted/one late"),
        (0, "sign", "base-2-log"),
    ],
    "rnn_sequence_loss": [
        (0, "mean-over-steps/by T", "targets-shifted/one late"),
        (1, "sign", "targets-shifted/one early"),
        (2, "mean-over-steps/by T * B", "ignores-loss-fn"),
    ],
    "rnn_cell_backward": [
        (0, "no-slope", "db-twice"),
        (1, "dW_hh-from-h_t", "db-twice"),
        (2, "dh-next-untransposed", "dW_hh-transposed"),
        (3, "dh0-missing", "db-twice"),
        (0, "averaged-over-batch/weights", "dh-next-untransposed"),
        (2, "slope-plus", "dh0-is-dz0"),
    ],
    "rnn_backward": [
        (0, "no-dh-next", "db-twice"),
        (1, "dW_hh-from-h_t", "dh0-missing"),
        (2, "no-slope", "db-first-step-only"),
        (3, "dW_hh-wraps", "db-twice"),
        (0, "dh0-is-dz0", "db-twice"),
        (2, "averaged-over-steps/weights", "dh0-missing"),
        (1, "dh-next-untransposed", "dW_hh-transposed"),
        (0, "last-gradient-every-step", "db-twice"),
        (3, "slope-plus", "dh0-missing"),
        (2, "batch-mean-state", "dW_hh-from-h_t"),
    ],
    "rnn_output_backward": [
        (0, "db-twice", "dW_hy-from-h_prev"),
        (1, "db-first-step-only", "dW_hy-from-h_prev"),
        (2, "db-twice", "assigned-not-accumulated"),
    ],
    "cross_entropy_backward": [
        (0, "sign", "targets-shifted/one late"),
        (1, "dloss-ignored", "dlogits-averaged"),
        (3, "mean-over-steps/sum", "targets-shifted/one early"),
    ],
    "rnn_sequence_loss_backward": [
        (0, "dloss-ignored", "sign"),
        (1, "dlogits-averaged", "targets-shifted/one late"),
    ],
    "rnn_bptt": [
        (0, "bias-missing", "db-twice"),
        (1, "h0-ignored", "dh0-missing"),
        (2, "output-bias-missing", "no-dh-next"),
        (3, "mean-over-steps/by T, the loss alone", "db-twice/b_y"),
        (4, "targets-shifted/one late", "no-dh-next"),
        (0, "no-tanh/and no slope", "dW_hh-wraps"),
        (2, "W_hh-transposed", "dh0-missing"),
        (1, "base-2-log", "dW_hh-from-h_t"),
    ],
}


def pairs() -> Iterator[Written2]:
    """Yield every pair, fresh."""
    for function, mistakes in MADE.items():
        known = styles(function)
        for number, one, other in mistakes:
            slugs = (one.partition("/")[0], other.partition("/")[0])
            candidate = known[number].factory(frozenset({one, other}))
            yield Written2(slugs, function, f"{known[number].name}: {one}, {other}", candidate)
