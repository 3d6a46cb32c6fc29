"""A stack that is written around nn.LSTM conforms, and is asked no other cell; what is forgotten around it is told."""

import tempfile
import unittest
from pathlib import Path

import rnn_ref

PACKED = """
import torch
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence


def stack_forward(run, X_seq, states0, layers, *, directions=1, lengths=None):
    H, D = layers[0]["W_hh"].shape[1], layers[0]["W_xh"].shape[1]
    lstm = torch.nn.LSTM(D, H, len(layers) // directions, bidirectional=directions == 2)
    lstm = lstm.double() if X_seq.dtype == "float64" else lstm
    weights = {}
    for k, one in enumerate(layers):
        end = f"_l{k // directions}" + "_reverse" * (k % directions)
        b_h = torch.tensor(one["b_h"])
        weights |= {"weight_ih" + end: torch.tensor(one["W_xh"]), "weight_hh" + end: torch.tensor(one["W_hh"]),
                    "bias_ih" + end: b_h, "bias_hh" + end: torch.zeros_like(b_h)}
    lstm.load_state_dict(weights)
    x, (h0, c0) = torch.tensor(X_seq), map(torch.tensor, states0)
    if lengths is not None:
        x = pack_padded_sequence(x, torch.tensor(lengths), enforce_sorted=False)
    output, last = lstm(x, (h0, c0))
    if lengths is not None:
        output, _ = pad_packed_sequence(output, total_length=len(X_seq))
    return output, last
"""
WRONG = {
    "last-states-swapped": ("return output, last", "return output, last[::-1]"),
    "c0-ignored": ("(h0, c0))\n    if", "(h0, 0 * c0))\n    if"),
}


def asked(text):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "mine.py")
        path.write_text(text)
        return rnn_ref.check(str(path)).functions["stack_forward"]


class AroundTorch(unittest.TestCase):
    def test_it_conforms_and_is_asked_no_other_cell(self):
        found = asked(PACKED)
        self.assertEqual(found.verdict, "conforms", found.explanation)
        others = [
            "rnn_forward",
            "gru_forward",
            "rnn_forward with activation=relu",
            "gru_forward with reset_after=False",
        ]
        self.assertCountEqual([one.what for one in found.left_out], [f"stacks of {one}" for one in others])

    def test_a_mistake_around_it_is_named(self):
        for slug, (old, new) in WRONG.items():
            with self.subTest(slug):
                self.assertEqual(PACKED.count(old), 1)
                self.assertEqual(asked(PACKED.replace(old, new)).mistakes, [slug])

    def test_a_batch_that_comes_back_shorter_is_told_by_its_shape(self):
        found = asked(PACKED.replace(", total_length=len(X_seq)", ""))
        self.assertEqual(found.verdict, "wrong")


if __name__ == "__main__":
    unittest.main()
