"""Losses of logits and ways back are read under any name, by text and shapes; no wrong one is read into a right one."""

import importlib.util
import json

import pytest
from sampled import some
from unit_losses import DIALECTS, FUNCTIONS, OFFERED, plain_losses

import rnn_ref
from rnn_ref.conformance.mistakes.make import wrong
from rnn_ref.conformance.spec.bases import right
from rnn_ref.conformance.spec.catalogue import MISTAKES

RIGHT = {one: right(one) for one in FUNCTIONS}
CASES = [
    (dialect, function, one)
    for dialect, offered in OFFERED.items()
    for function in FUNCTIONS
    if function in offered
    for one in [one for one in MISTAKES if function in one.functions][::14]
]
UNASKED = {("cs231n", "dloss-ignored")}  # there the gradient is that of the loss itself
LOG_SOFTMAX = """
import numpy as np

def log_softmax(z):
    z = z - z.max(axis=-1, keepdims=True)
    return z - np.log(np.exp(z).sum(axis=-1, keepdims=True))
"""


def verdicts(report):
    return {name: one.verdict for name, one in report.functions.items() if one.verdict != "missing"}


def checked(tmp_path, text, **options):
    path = tmp_path / f"theirs_{len(text)}.py"
    path.write_text(LOG_SOFTMAX + text, "utf-8")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return rnn_ref.check(vars(module) | {"__name__": path.stem}, **options)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_what_is_right_conforms_and_its_reading_is_told(dialect):
    report = rnn_ref.check(DIALECTS[dialect](RIGHT))
    assert verdicts(report) == dict.fromkeys(OFFERED[dialect], "conforms")
    told = json.loads(report.to_json())["functions"]
    assert all("logits (" in one["reading"] for name, one in told.items() if name.startswith("cross_entropy"))


@pytest.mark.parametrize(
    ("dialect", "function", "mistake"),
    some(CASES, 3),
    ids=[f"{one[0]}-{one[1]}-{one[2].slug}-{i}" for i, one in enumerate(CASES)],
)
def test_what_is_wrong_conforms_only_where_an_adapter_does_on_the_same_checks(dialect, function, mistake):
    inner = {**RIGHT, function: wrong(mistake, function)}
    try:
        report = rnn_ref.check(DIALECTS[dialect](inner), only=f"{function}/*")
    except rnn_ref.conformance.TargetError:
        return  # what raises, or returns nothing, is not read
    if report.functions[function].verdict == "conforms" and (dialect, mistake.slug) not in UNASKED:
        asked = {one.id for one in report.results if one.status == "passed" and one.function == function}
        twin = rnn_ref.check({function: plain_losses(inner)[function]}, only=f"{function}/*")
        told = {one.status for one in twin.results if one.id in asked}
        assert "passed" in told
        assert told <= {"passed", "skipped"}  # alone it may raise at a vector, which a dialect hands over as a column


@pytest.mark.parametrize(
    ("text", "function", "told"),
    [
        ("def nll(z, y): return -log_softmax(z)[np.arange(len(y)), y].mean()", "cross_entropy", "averaged"),
        ("def nll(z, y): return -log_softmax(z)[np.arange(len(y)), y].sum()", "cross_entropy", "added up"),
        ("def nll(z, y): return -log_softmax(z)[np.arange(len(y)), y].sum() / y.shape[0]", "cross_entropy", "averaged"),
        ("def nll(z, y): return -log_softmax(z)[np.arange(len(y)), y]", "cross_entropy", "a loss for every row"),
        ("def nll(labels, z): return -log_softmax(z)[labels]", "cross_entropy", "logits (V), class indices"),
        (
            "def sequence_loss(z, y):\n    return sum(-log_softmax(z_t)[np.arange(len(y_t)), y_t].mean()"
            " for z_t, y_t in zip(z, y))",
            "rnn_sequence_loss",
            "averaged over the batch, added up over steps",
        ),
        ("def total(outputs, fn, y): return sum(fn(o, t) for o, t in zip(outputs, y))", "rnn_sequence_loss", "logits"),
    ],
)
def test_how_a_loss_reduces_is_told_by_its_text_and_shapes(text, function, told, tmp_path):
    name = "total_loss" if "def total(" in text else ""
    report = checked(tmp_path, text.replace("def total(", f"def {name}("))
    assert verdicts(report) == {function: "conforms"}
    assert told in report.functions[function].reading


@pytest.mark.parametrize(
    ("text", "function"),
    [
        ("def nll(z, y): return -(log_softmax(z)[np.arange(len(y)), y] / z.shape[1]).mean()", "cross_entropy"),
        ("def nll(z, onehot): return -np.mean(onehot * log_softmax(z))", "cross_entropy"),
        ("def nll(z, y): return -log_softmax(z.T).T[np.arange(len(y)), y].mean()", "cross_entropy"),
        (
            "def nll(z, y):\n    p = np.exp(log_softmax(z))\n    loss = -np.log(p[range(len(y)), y]).sum() / len(y)\n"
            "    dz = p.copy()\n    dz[np.arange(len(y)), y] -= 1\n    return loss, dz",
            "cross_entropy_backward",
        ),
        ("def nll(z, y):\n    z -= z.max()\n    return -log_softmax(z)[np.arange(len(y)), y].mean()", "cross_entropy"),
        (
            "def nll(z, y): return -np.log(np.exp(z) / np.exp(z).sum(1)[:, None])[range(len(y)), y].mean()",
            "cross_entropy",
        ),
    ],
    ids=["over V too", "mean of one-hot", "wrong axis", "gradient not divided", "written into", "not protected"],
)
def test_a_wrong_loss_is_read_and_refused(text, function, tmp_path):
    assert verdicts(checked(tmp_path, text))[function] in {"wrong", "right-but", "mutates-input"}


SEQUENCES = ("rnn_sequence_loss", "rnn_sequence_loss_backward")
OF_SEQUENCES = """
def temporal_softmax_loss(x, y, mask):
    N, T, V = x.shape
    rows, labels = x.reshape(N * T, V), y.reshape(N * T)
    log_p = log_softmax(rows)
    loss = -(mask.reshape(N * T) * log_p[np.arange(N * T), labels]).sum() / N
    dx = np.exp(log_p)
    dx[np.arange(N * T), labels] -= 1
    dx *= mask.reshape(N * T)[:, None] / N
    return loss, dx.reshape(N, T, V)
"""


def test_a_loss_over_the_number_of_sequences_is_no_average_of_one_sequence(tmp_path):
    both = SEQUENCES
    report = checked(tmp_path, OF_SEQUENCES)
    assert verdicts(report) == dict.fromkeys(both, "conforms")
    assert "averaged over the batch, added up over steps" in report.functions[both[0]].reading
    doubled = verdicts(checked(tmp_path, OF_SEQUENCES.replace("loss = -(", "loss = -2 * (")))
    assert doubled == {both[0]: "wrong", both[1]: "conforms"}
    undivided = verdicts(checked(tmp_path, OF_SEQUENCES.replace("[:, None] / N", "[:, None]")))
    assert (undivided[both[0]], undivided[both[1]] == "conforms") == ("conforms", False)


@pytest.mark.parametrize(
    ("old", "new", "wrong"),
    [
        ("dx *= mask.reshape(N * T)[:, None] / N", "dx /= N", {"rnn_sequence_loss_backward"}),
        ("mask.reshape(N * T) * log_p", "log_p", {"rnn_sequence_loss"}),
        (
            "rows, labels = x",
            "mask = np.ones_like(mask)\n    rows, labels = x",
            {*SEQUENCES},
        ),
    ],
)
def test_a_mask_that_is_not_heeded_is_a_mistake_with_a_name(old, new, wrong, tmp_path):
    report = checked(tmp_path, OF_SEQUENCES.replace(old, new))
    found = {name: one.mistake for name, one in report.functions.items() if one.verdict == "wrong"}
    assert found == dict.fromkeys(wrong, "ignored-targets-counted")
    assert all("a mask with zeros" in one.claims for one in report.functions.values() if one.verdict != "missing")
    assert not any("was called" in fact for one in report.functions.values() for fact in one.facts)


@pytest.mark.parametrize(("kept", "verdict"), [("mask[:, t].sum()", "conforms"), ("(mask[:, t].sum() + 1)", "wrong")])
def test_a_mean_over_what_the_mask_keeps_at_a_step_is_one(kept, verdict, tmp_path):
    text = f"""
def masked_loss(z, y, mask):
    total = 0.0
    for t in range(z.shape[1]):
        nll = -log_softmax(z[:, t])[np.arange(len(z)), y[:, t]]
        total += (nll * mask[:, t]).sum() / {kept}
    return total
"""
    report = checked(tmp_path, text)
    assert {*verdicts(report).values()} == {verdict}


MASKED_MEAN = """
def softmax_loss(logits, y, mask):
    logp = log_softmax(logits)
    rows = np.arange(len(y))
    d = np.exp(logp)
    d[rows, y] -= 1
    return -(logp[rows, y] * mask).sum() / mask.sum(), d * mask[:, None] / mask.sum()
"""


@pytest.mark.parametrize(("old", "verdict"), [("", "right-but"), (" / mask.sum()\n", "wrong")])
def test_of_a_mask_that_keeps_nothing_others_promise_no_gradient(old, verdict, tmp_path):
    report = checked(tmp_path, MASKED_MEAN.replace(old, "\n") if old else MASKED_MEAN)
    assert verdicts(report) == {"cross_entropy": "conforms", "cross_entropy_backward": verdict}, str(report)
    assert verdict == "wrong" or report.functions["cross_entropy_backward"].mistake == "nothing-kept"


@pytest.mark.parametrize("name", ["cross_entropy", "nll_loss"])
def test_a_loss_of_probabilities_is_not_read_as_one_of_logits(name, tmp_path):
    text = f"def {name}(y_hat, y):\n    return -np.log(y_hat[range(len(y)), y])\n"
    with pytest.raises(
        rnn_ref.conformance.TargetError, match=r"(?s)y_hat, y\) as cross_entropy: .* it takes probabilities"
    ):
        checked(tmp_path, text)
    helped = text + "def xent(z, y): return -log_softmax(z)[range(len(y)), y].mean()"
    report = checked(tmp_path, helped)
    assert verdicts(report) == {"cross_entropy": "conforms"}
    assert "it takes probabilities" in str(report).replace("\n", " ").replace("  ", " ")


def test_a_class_and_what_it_keeps_for_its_way_back(tmp_path):
    text = """
class SoftmaxCrossEntropyLoss:
    def forward(self, logits, labels):
        self.logp, self.labels = log_softmax(logits), labels
        return -self.logp[np.arange(len(labels)), labels].mean()

    def backward(self):
        d = np.exp(self.logp)
        d[np.arange(len(d)), self.labels] -= 1
        return d / len(d)
"""
    assert verdicts(checked(tmp_path, text)) == {"cross_entropy": "conforms", "cross_entropy_backward": "conforms"}
    found = verdicts(checked(tmp_path, text.replace("d / len(d)", "d")))
    assert found["cross_entropy_backward"] not in {"conforms", "missing"}


def test_lists_of_numbers_are_handed_over_where_arrays_are_not_taken(tmp_path):
    text = """
import math

def token_nll(scores, label):
    most = max(scores)
    if scores:
        return most + math.log(sum(math.exp(one - most) for one in scores)) - scores[label]

def mean_nll(rows, labels):
    return sum(token_nll(one, label) for one, label in zip(rows, labels)) / len(rows)
"""
    report = checked(tmp_path, text)
    assert verdicts(report) == {"cross_entropy": "conforms"}
    assert report.functions["cross_entropy"].reading.startswith("mean_nll")
    assert report.functions["cross_entropy"].reading.endswith("lists of numbers")
    meant = checked(tmp_path, text, reads="cross_entropy=token_nll")
    assert "logits (V)" in meant.functions["cross_entropy"].reading


@pytest.mark.parametrize(("bias", "verdict"), [("dz.sum(0)", "conforms"), ("dz.mean(0)", "wrong")])
def test_a_way_back_through_the_output_layer_takes_its_arguments_in_any_order(bias, verdict):
    def logits_backward(dz, W_hy, b_y, h):
        return {"db_y": {"dz.sum(0)": dz.sum, "dz.mean(0)": dz.mean}[bias](0), "dW_hy": h.T @ dz, "dh": dz @ W_hy.T}

    assert verdicts(rnn_ref.check({"logits_backward": logits_backward})) == {"rnn_output_backward": verdict}


@pytest.mark.parametrize("left", [True, False])
def test_a_gradient_that_lies_other_than_its_weight_is_not_read_into_a_right_one(left):
    def linear_backward(dy, h, W, b):
        return (dy @ W, h.T @ dy, dy.sum(0)) if left else (dy @ W.T, dy.T @ h, dy.sum(0))

    found = rnn_ref.check({"linear_backward": linear_backward}).functions["rnn_output_backward"]
    assert (found.verdict, found.mistakes) == ("wrong", ["dW_hy-transposed"])


def test_rows_are_not_taken_for_batches_by_what_they_divide_by(tmp_path):
    text = "def nll_loss(z, y): return -np.take_along_axis(log_softmax(z), y[..., None], -1).sum() / len(y)"
    report = checked(tmp_path, text)
    assert verdicts(report) == {"cross_entropy": "conforms"}
    assert "logits (T, V), class indices, averaged" in report.functions["cross_entropy"].reading


AFFINE = """
def temporal_affine_forward(x, w, b):
    return x @ w + b, (x, w)

def temporal_affine_backward(dout, cache):
    x, w = cache
    N, T, D = x.shape
    dw = x.reshape(-1, D).T @ dout.reshape(N * T, -1)
    return dout @ w.T, dw, dout.sum((0, 1))

def rnn_forward(x, h0, Wx, Wh, b):
    h, N, T = h0, *x.shape[:2]
    states = np.zeros((N, T, len(b)), x.dtype)
    for t in range(T):
        h = states[:, t] = np.tanh(x[:, t] @ Wx + h @ Wh + b)
    return states
"""


@pytest.mark.parametrize(("divided", "slug"), [("0", "averaged-over-batch"), ("1", "averaged-over-steps")])
def test_a_way_back_through_a_layer_has_the_steps_where_the_forward_has_them(divided, slug, tmp_path):
    assert set(verdicts(checked(tmp_path, AFFINE)).values()) == {"conforms"}
    wrong = AFFINE.replace("dout.sum((0, 1))", f"dout.sum((0, 1)) / dout.shape[{divided}]")
    found = checked(tmp_path, wrong).functions["rnn_output_backward"]
    assert (found.verdict, found.mistake) == ("wrong", slug)


KEPT = """
def rnn_forward(x, h0, Wx, Wh, b):
    h, kept = h0, []
    for t in range(x.shape[1]):
        kept.append((x[:, t], h, np.tanh(x[:, t] @ Wx + h @ Wh + b), Wx, Wh))
        h = kept[-1][2]
    return np.stack([one[2] for one in kept], 1), kept

def rnn_backward(dh, kept):
    carried, total, dx = 0, [0, 0, 0], []
    for t in reversed(range(dh.shape[1])):
        x, before, h, Wx, Wh = kept[t]
        dz = (dh[:, t] + carried) * (1 - h * h)
        carried, dx = dz @ Wh.T, [dz @ Wx.T, *dx]
        total = [a + b for a, b in zip(total, (x.T @ dz, before.T @ dz, dz.sum(0)))]
    return np.stack(dx, 1), carried, *total
"""


def test_a_way_back_that_is_asked_alone_is_read_after_the_forward_of_its_file(tmp_path):
    assert verdicts(checked(tmp_path, KEPT)) == dict.fromkeys(("rnn_forward", "rnn_backward"), "conforms")
    assert verdicts(checked(tmp_path, KEPT, only="rnn_backward")) == {"rnn_backward": "conforms"}
    wrong = KEPT.replace("carried, dx = dz", "carried, dx = 0 * dz")
    assert verdicts(checked(tmp_path, wrong, only="rnn_backward")) == {"rnn_backward": "wrong"}
