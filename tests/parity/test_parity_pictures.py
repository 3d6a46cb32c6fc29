"""What the pictures show is what PyTorch computes: the rings lie on the lines, and the greys are autograd's."""

import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import numpy as np
from parity_expand import expand
from parity_torch import sensitivities as autograd

from rnn_ref.lesson import gradient_flow
from rnn_ref.lesson.beside_torch import intermediates
from rnn_ref.lesson.flow import _drawn, measure
from rnn_ref.lesson.pictures.sensitivity import sensitivities

OUTPUT = {"W_hy": np.ones((2, 6)), "b_y": np.zeros(2)}  # the states do not depend on it
ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))
from charnet import checkpoint  # noqa: E402
from charnet.beside import losses_beside  # noqa: E402
from charnet.text import read  # noqa: E402
from paint_sensitivity import painted  # noqa: E402

try:
    import matplotlib as mpl
except ImportError:
    mpl = None
pictured = unittest.skipIf(mpl is None, "matplotlib is not installed")


class TestGradientFlow(unittest.TestCase):
    @pictured
    def test_the_rings_lie_on_the_lines(self):
        lines = gradient_flow([0.5, 1.2], steps=20, hidden=9).figure.axes[0].lines
        bounds, ours, theirs = (np.array([line.get_ydata() for line in lines[i:6:3]]) for i in range(3))
        self.assertEqual(ours.shape, (2, 21))
        np.testing.assert_allclose(ours, theirs, rtol=1e-12)
        self.assertTrue((theirs <= bounds * (1 + 1e-12)).all())
        self.assertEqual([line.get_marker() for line in lines[2:6:3]], ["o", "o"])

    def test_the_first_is_rnn_backwards_and_the_radius_is_the_one_asked_for(self):
        flow = measure(0.8, steps=15, hidden=7, seed=3)
        self.assertAlmostEqual(flow.radius, 0.8, places=12)
        self.assertLess(flow.apart(15), 1e-12)
        self.assertAlmostEqual(flow.ours[0], 1, places=12)
        np.testing.assert_array_less(flow.bound[1:], 1.0000001 * flow.sigma ** np.arange(1, 16))

    def test_how_far_they_are_apart_is_told(self):
        flow = measure(0.8, steps=4, hidden=7, seed=3)
        moved = flow._replace(ours=flow.pytorch * np.array([1, 1, 1.5, 1, 3]))
        self.assertEqual([round(moved.apart(back), 12) for back in range(5)], [0, 0, 0.5, 0.5, 2])
        gone = flow._replace(ours=np.zeros(5), pytorch=np.zeros(5))
        self.assertEqual(gone.apart(4), 0)

    @expand((cell, cell) for cell in ("gru", "lstm"))
    def test_a_gated_cells_gradient_is_autograds_and_its_straight_path_is_the_product_of_its_gates(self, cell):
        flow = measure(0.9, steps=12, hidden=6, seed=2, cell=cell, keep=0.8)
        self.assertLess(flow.apart(12), 1e-12)
        self.assertTrue((flow.ours <= flow.bound * (1 + 1e-12)).all())
        net, d_T = _drawn(0.9, 12, 6, 2, cell, 0.8)
        found, (keeps, _) = intermediates(net._replace(output=OUTPUT)), {"gru": "zh", "lstm": "fc"}[cell]
        gates = [found[f"{keeps}_{t}"] for t in range(12, 0, -1)]
        expected = [np.linalg.norm(d_T * np.prod(gates[:back], axis=0)) for back in range(13)]
        np.testing.assert_allclose(flow.straight, expected, rtol=1e-12)
        np.testing.assert_allclose(np.mean(gates), 0.8, atol=0.05)  # set by the bias; the rest is what it reads

    @pictured
    def test_three_cells_stand_side_by_side(self):
        picture = gradient_flow([0.9], cells=["rnn", "gru", "lstm"], steps=6, hidden=5)
        self.assertEqual([axes.get_title() for axes in picture.figure.axes], ["tanh network", "GRU", "LSTM"])
        self.assertEqual([len(axes.lines) for axes in picture.figure.axes], [3, 4, 4])
        self.assertEqual(picture.text.count("straight"), 2)
        for axes in picture.figure.axes[1:]:
            flow = measure(0.9, 6, 5, 1, "gru" if axes.get_title() == "GRU" else "lstm")
            np.testing.assert_allclose(axes.lines[3].get_ydata(), flow.straight, rtol=1e-12)


class TestSensitivity(unittest.TestCase):
    @expand((f"T{T}", T) for T in (1, 2, 12))
    def test_is_that_of_autograd(self, T):
        rng = np.random.default_rng(T)
        D, H, V = 3, 4, 5
        weights = [rng.normal(size=shape) / 2 for shape in ((H,), (H, D), (H, H), (H,), (V, H), (V,))]
        X_seq = rng.normal(size=(T, D))
        np.testing.assert_allclose(
            sensitivities(X_seq, 2, *weights), autograd(X_seq, 2, *weights), rtol=1e-12
        )  # float64, T steps of an ulp each


class TestScripts(unittest.TestCase):
    @pictured
    def test_lockstep_and_painting(self):
        with tempfile.TemporaryDirectory() as name:
            text, kept, drawn = (Path(name, one) for one in ("text.txt", "run.npz", "losses.svg"))
            text.write_text("so it goes, and so it went. " * 150, encoding="utf-8")
            asked = ["--text", text, "--checkpoint", kept, "--steps", 30, "--hidden", 12, "--steps-back", 5,
                     "--batch", 4, "--sample", 0, "--compare", "--save", drawn]  # fmt: skip
            command = [sys.executable, str(ROOT / "scripts/train_char_rnn.py"), *map(str, asked)]
            ran = subprocess.run(command, capture_output=True, text=True, check=False)
            self.assertEqual((ran.returncode, ran.stderr), (0, ""))
            told = re.search(r"^30 updates: losses at most (\S+) bits apart, (\d+) of them equal", ran.stdout, re.M)
            self.assertLess(float(told[1]), 1e-5)  # of 4 bits: some ulp of float32, 30 updates
            self.assertTrue(drawn.read_bytes().startswith(b"<?xml"))
            self.painted_as_autograd(kept, read(str(text), 10**6))

    def painted_as_autograd(self, kept, text):
        run, _ = checkpoint.load(str(kept), text)
        at, length = 60, 60  # from the first character of the held-out text, so from a state of zero
        figure = painted(run.params, text, at, length).figure
        weights = [run.params[name].astype(float) for name in ("W_xh", "W_hh", "b_h", "W_hy", "b_y")]
        X_seq = np.eye(len(text.alphabet))[text.held_out[:at]]
        expected = autograd(X_seq, int(text.held_out[at]), np.zeros(12), *weights)
        shown = np.asarray(figure.axes[0].images[0].get_array()).ravel()
        np.testing.assert_allclose(shown, np.maximum(expected / expected.max(), 1 / 512), rtol=1e-12)
        read_on = painted(run.params, text, 100, 20).figure.axes[0].images[0].get_array().ravel()[:20]
        whole = autograd(
            np.eye(len(text.alphabet))[text.held_out[:100]], int(text.held_out[100]), np.zeros(12), *weights
        )
        np.testing.assert_allclose(read_on, np.maximum(whole[80:] / whole[80:].max(), 1 / 512), rtol=1e-9)

    @pictured
    def test_the_losses_drawn_are_those_of_both_and_their_difference(self):
        ours, theirs = [3.0, 2.5, 2.0], [3.0, 2.5 + 1e-6, 2.0 - 1e-4]
        picture = losses_beside(ours, theirs, "a text")
        self.assertEqual(picture.text, "3 updates: losses at most 1e-04 bits apart, 1 of them equal to the last bit")
        above, below = picture.figure.axes
        self.assertEqual([list(line.get_ydata()) for line in above.lines], [ours, theirs])
        np.testing.assert_allclose(below.lines[0].get_ydata(), [np.nan, 1e-6, 1e-4], rtol=1e-9)
        self.assertIn("1 of 3 are equal", below.get_title())
        self.assertEqual(losses_beside(ours, ours, "").figure.axes[1].texts[0].get_text(), "equal to the last bit")
