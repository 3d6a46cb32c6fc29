"""What one reads where a target is no class, or the targets are not one for each row of logits."""

import numpy as np
import pytest
from unit_calls import calls
from unit_messages import refuses, spoilt, table

from rnn_ref import cross_entropy

TARGETS = np.zeros((5, 3), int)
SHARES = np.full((5, 3, 7), 1 / 7)
SHAPE = "from logits, one class index for each row of logits"
PROBABILITIES = "floating-point targets are class probabilities, in the shape of logits"
INDICES = "expected integers (class indices)"


def with_target(value):
    targets = TARGETS.copy()
    targets[2, 1] = value
    return targets


VALUES = {
    "too large a target": (
        spoilt("cross_entropy", targets=with_target(7)),
        "cross_entropy: targets[2, 1] is 7, expected 0 to 6 or ignore_index=-100; V=7 is from logits",
    ),
    "a negative target": (
        spoilt("cross_entropy_backward", targets=with_target(-1)),
        "cross_entropy_backward: targets[2, 1] is -1, expected 0 to 6 or ignore_index=-100; V=7 is from logits",
    ),
    "a target that is ignored by default only": (
        spoilt("cross_entropy", targets=with_target(-100), ignore_index=0),
        "cross_entropy: targets[2, 1] is -100, expected 0 to 6 or ignore_index=0; V=7 is from logits",
    ),
    "a single target": (
        lambda: cross_entropy(np.zeros(7), 9),
        "cross_entropy: targets is 9, expected 0 to 6 or ignore_index=-100; V=7 is from logits",
    ),
    "a target of a text": (
        spoilt("rnn_bptt", targets_seq=with_target(7)),
        "rnn_bptt: targets_seq[2, 1] is 7, expected 0 to 6 or ignore_index=-100; V=7 is from W_hy",
    ),
    "fewer targets": (
        spoilt("cross_entropy", targets=TARGETS[:4]),
        f"cross_entropy: targets has shape (4, 3), expected (5, 3); {SHAPE}",
    ),
    "fewer targets of a text": (
        spoilt("rnn_bptt", targets_seq=TARGETS[:4]),
        "rnn_bptt: targets_seq has shape (4, 3), expected (5, 3); from X_seq, one class index for each row of logits",
    ),
    "targets of a batch for one sequence": (
        spoilt("rnn_sequence_loss", None, targets_seq=TARGETS),
        "rnn_sequence_loss: targets_seq has shape (5, 3), expected (5,); from logits_seq, one class index for each row "
        "of logits",
    ),
    "floating targets that are no probabilities": (
        spoilt("cross_entropy", targets=TARGETS.astype(float)),
        f"cross_entropy: targets has shape (5, 3), expected (5, 3, 7); {PROBABILITIES}",
    ),
    "floating targets for fewer steps": (
        spoilt("rnn_sequence_loss", targets_seq=SHARES[:4]),
        "rnn_sequence_loss: targets_seq has shape (4, 3, 7), expected it to begin with (5, 3); from logits_seq",
    ),
    "a class to ignore among probabilities": (
        spoilt("cross_entropy", targets=SHARES, ignore_index=3),
        "cross_entropy: ignore_index is 3, expected a negative number; targets are class probabilities, and no class "
        "index can be ignored in them (PyTorch refuses it too)",
    ),
}
TYPES = {
    "booleans": (
        spoilt("cross_entropy", targets=TARGETS.astype(bool)),
        f"cross_entropy: targets has dtype bool, {INDICES}; targets.astype(np.int64) converts",
    ),
    "floating targets of a text": (
        spoilt("rnn_bptt", targets_seq=TARGETS.astype(float)),
        f"rnn_bptt: targets_seq has dtype float64, {INDICES}; targets_seq.astype(np.int64) converts",
    ),
    "boolean targets of a sequence": (
        spoilt("rnn_sequence_loss", targets_seq=TARGETS.astype(bool)),
        f"rnn_sequence_loss: targets_seq has dtype bool, {INDICES}; targets_seq.astype(np.int64) converts",
    ),
}


@table(VALUES)
def test_values_out_of_place_are_told(call, message):
    with refuses(ValueError, message):
        call()


@table(TYPES)
def test_types_out_of_place_are_told(call, message):
    with refuses(TypeError, message):
        call()


def test_masked_targets_are_refused():
    told = "cross_entropy: targets is of type MaskedArray, expected integers; targets.filled(ignore_index) converts"
    with refuses(TypeError, told):
        calls()["cross_entropy"](targets=np.ma.array(TARGETS, mask=TARGETS == 0))


@pytest.mark.parametrize("name", ["cross_entropy", "rnn_sequence_loss", "rnn_bptt"])
def test_ragged_targets_are_told(name):
    argument = "targets" if name == "cross_entropy" else "targets_seq"
    told = (
        f"{name}: {argument} is a list with rows of different lengths, expected one class index for each row of logits"
    )
    with refuses(ValueError, told):
        calls()[name](**{argument: [[0, 1, 2], [0, 1]]})


def test_the_advice_suits_lists_too():
    told = f"cross_entropy: targets has dtype bool, {INDICES}; np.asarray(targets, np.int64) converts"
    with refuses(TypeError, told):
        cross_entropy(np.zeros((2, 7)), [True, False])


@pytest.mark.parametrize("targets", [None, "abc", [None] * 3], ids=str)
def test_what_cannot_be_converted_is_told_without_advice(targets):
    told = f"cross_entropy: targets has dtype {np.asarray(targets).dtype}, {INDICES}"
    with refuses(TypeError, told):
        cross_entropy(np.zeros((3, 7)), targets)


def test_floating_class_indices_of_another_precision_are_told_their_shape():
    told = f"cross_entropy: targets has shape (5, 3), expected (5, 3, 7); {PROBABILITIES}"
    with refuses(ValueError, told):
        calls()["cross_entropy"](targets=TARGETS.astype(np.float32))
