"""What is public resolves and is explained, and the signatures are the ones the specification prints."""

import inspect

import pytest

import rnn_ref

FUNCTIONS = [name for name in rnn_ref.__all__ if inspect.isfunction(getattr(rnn_ref, name))]
SIGNATURES = {
    "rnn_cell_step": "x_t h_prev W_xh W_hh b_h *activation",
    "rnn_forward": "X_seq h0 W_xh W_hh b_h *activation",
    "gru_cell_step": "x_t h_prev W_xh W_hh b_xh b_hh *reset_after",
    "gru_forward": "X_seq h0 W_xh W_hh b_xh b_hh *reset_after",
    "gru_cell_backward": "dh_t x_t h_prev W_xh W_hh b_xh b_hh *reset_after",
    "gru_backward": "dh_states h_states X_seq h0 W_xh W_hh b_xh b_hh *reset_after",
    "lstm_cell_step": "x_t h_prev c_prev W_xh W_hh b_h *W_hr",
    "lstm_forward": "X_seq h0 c0 W_xh W_hh b_h *W_hr",
    "lstm_cell_backward": "dh_t dc_t x_t h_prev c_prev W_xh W_hh b_h *W_hr",
    "lstm_backward": "dh_states dc_states h_states c_states X_seq h0 c0 W_xh W_hh b_h *W_hr",
    "stack_forward": "run X_seq states0 layers *directions *lengths",
    "stack_backward": "run_back dh_states dstates_T run X_seq states0 layers *directions *lengths",
    "stack_bptt": "run run_back X_seq targets_seq states0 layers W_hy b_y "
    "*directions *lengths *reduction *ignore_index",
    "rnn_output_layer": "h_states W_hy b_y",
    "rnn_sequence_loss": "logits_seq targets_seq loss_fn",
    "cross_entropy": "logits targets *weight *ignore_index *reduction *label_smoothing",
    "rnn_bptt": "X_seq targets_seq h0 W_xh W_hh b_h W_hy b_y *reduction *ignore_index *activation",
    "rnn_cell_backward": "dh_t h_t x_t h_prev W_xh W_hh b_h *activation",
    "rnn_backward": "dh_states h_states X_seq h0 W_xh W_hh b_h *activation",
    "rnn_output_backward": "dlogits_seq h_states W_hy b_y",
    "cross_entropy_backward": "dloss logits targets *weight *ignore_index *reduction *label_smoothing",
    "rnn_sequence_loss_backward": "dloss logits_seq targets_seq loss_backward",
}


def told(function):
    """Write a signature as its parameters' names, with a star before what goes by keyword alone."""
    parameters = inspect.signature(function).parameters.values()
    return " ".join("*" * (p.kind is p.KEYWORD_ONLY) + p.name for p in parameters)


@pytest.mark.parametrize("name", rnn_ref.__all__)
def test_public_names_resolve_and_are_explained(name):
    assert inspect.getdoc(getattr(rnn_ref, name))


def test_other_names_are_refused():
    with pytest.raises(AttributeError, match=r"^module 'rnn_ref' has no attribute 'lstm_unrolled'$"):
        _ = rnn_ref.lstm_unrolled


@pytest.mark.parametrize("name", SIGNATURES)
def test_signatures_are_the_specified_ones(name):
    assert told(getattr(rnn_ref, name)) == SIGNATURES[name]


@pytest.mark.parametrize("name", ["cross_entropy", "cross_entropy_backward"])
def test_the_options_of_the_loss_have_pytorchs_defaults(name):
    parameters = inspect.signature(getattr(rnn_ref, name)).parameters
    defaults = {p.name: p.default for p in parameters.values() if p.kind is p.KEYWORD_ONLY}
    assert defaults == {"weight": None, "ignore_index": -100, "reduction": "mean", "label_smoothing": 0.0}


@pytest.mark.parametrize(
    "name",
    [
        *("rnn_cell_step", "rnn_forward", "rnn_output_layer", "cross_entropy", "rnn_bptt", "gru_cell_step"),
        *("gru_forward", "lstm_cell_step", "lstm_forward", "stack_forward"),
    ],
)
def test_a_forward_says_its_shapes_its_errors_its_sources_and_shows_itself(name):
    doc = inspect.getdoc(getattr(rnn_ref, name))
    for section in ("Parameters", "Returns", "Raises", "References", "Examples"):
        assert f"\n{section}\n{'-' * len(section)}\n" in doc
    assert "transformer" in doc.lower() or "attention" in doc.lower()


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_shows_itself_in_an_example(name):
    if name != "check":  # which runs for a while, and is shown in the README
        assert ">>> " in inspect.getdoc(getattr(rnn_ref, name))
