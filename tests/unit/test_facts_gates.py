"""Of a step with gates of which one line is another than is due, that line is told as it is."""

import inspect
from typing import Any

import numpy as np
import pytest
from test_facts import told

from rnn_ref.conformance.spec.bases import right

N = "n_t = np.tanh(x_n + (r_t * h_n if reset_after else h_n))"
H = "h_t = (1 - z_t) * n_t + z_t * h_prev"
SLICED = "W_n = np.split(W_hh, 3); b_n = np.split(b_hh, 3); b_m = np.split(b_xh, 3); "
OF_Z = "z_t = sigmoid(W_xz x_t + W_hz h_prev + b_xz + b_hz)"
WRONG = [
    ("gru", "z_t = 1 / (1 + np.exp(-(x_z + h_z)))", f"{SLICED}z_t = 1 / (1 + np.exp(-(x_z + h_z - b_n[1] + b_n[0])))",
     OF_Z.replace("b_hz", "b_hr")),
    ("gru", "z_t = 1 / (1 + np.exp(-(x_z + h_z)))",
     f"{SLICED}z_t = 1 / (1 + np.exp(-(x_z + h_prev @ W_n[0].T + b_n[1])))", OF_Z.replace("W_hz", "W_hr")),
    ("gru", "z_t = 1 / (1 + np.exp(-(x_z + h_z)))", "z_t = 1 / (1 + np.exp(-(x_z + h_z + 0.5 * h_prev)))",
     OF_Z.replace(")", " + 0.5 h_prev)")),
    ("gru", N, f"{SLICED}n_t = np.tanh(x_n + r_t * (h_n - b_n[2])) + b_n[2]",
     "n_t = tanh(W_xn x_t + b_xn + r_t * W_hn h_prev) + b_hn"),
    ("gru", H, "h_t = z_t * n_t + z_t * h_prev", "h_t = z_t * h_prev + z_t * n_t"),
    ("gru", H, "h_t = (1 - z_t) * n_t + (1 - z_t) * h_prev", "h_t = (1 - z_t) * h_prev + (1 - z_t) * n_t"),
    ("gru", "r_t = 1 / (1 + np.exp(-(x_r + h_r)))", "r_t = 1 / (1 + np.exp(-(x_r + h_z)))",
     "r_t = sigmoid(W_xr x_t + W_hz h_prev + b_xr + b_hz)"),
    ("lstm", "-a_o", "-(a_o + c_prev)", "o_t = sigmoid(W_xo x_t + W_ho h_prev + b_o + c_prev)"),
    ("lstm", "-a_f", "-(a_f + np.split(b_h, 4)[0])", "f_t = sigmoid(W_xf x_t + W_hf h_prev + b_i + b_f)"),
    ("lstm", "c_t = f_t * c_prev + i_t * g_t", "c_t = i_t * c_prev + f_t / (1 + np.exp(-a_g))",
     "c_t = i_t * c_prev + f_t * sigmoid(W_xg x_t + W_hg h_prev + b_g)"),
]  # fmt: skip


def edited(function: str, *edits: tuple[str, str]) -> list[str]:
    text = inspect.getsource(right(function))
    for old, new in edits:
        assert text.count(old) == 1
        text = text.replace(old, new)
    namespace: dict[str, Any] = {"np": np}
    exec(text, namespace)
    return told(function, namespace[function], "float64")


@pytest.mark.parametrize(("family", "old", "new", "line"), WRONG)
@pytest.mark.parametrize("what", ["cell_step", "forward"])
def test_the_line_is_told_as_it_is(family: str, old: str, new: str, line: str, what: str) -> None:
    (found,) = edited(f"{family}_{what}", (old, new))
    assert found.endswith(f"right with {line}, and all else as it should be")


def test_two_lines_are_not_told_as_one() -> None:
    found = edited("lstm_cell_step", ("-a_f", "-(a_f + h_prev)"), ("-a_o", "-(a_o + c_prev)"))
    assert not any(one.startswith("right with") for one in found)


def test_a_gate_that_is_no_gate_is_not_told_as_one() -> None:
    found = edited("gru_cell_step", ("z_t = 1 / (1 + np.exp(-(x_z + h_z)))", "z_t = x_z + h_z"))
    assert not any("sigmoid" in one for one in found)
