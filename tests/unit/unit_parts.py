"""A whole network made of its own parts, as functions and as methods, on arrays of three kinds, with one part at fault.

``written(...)`` returns the text of a module. What a part returns is told by ``form``: states as a list or as one
array, gradients as a tuple, a dict or a NamedTuple, a loss as a float or as an array without axes.
"""

PARTS = """
def rnn_cell_step(x_t, h_prev, W_xh, W_hh, b_h):
    return xp.tanh(x_t @ W_xh.T + h_prev @ W_hh.T + b_h)

def rnn_forward(X_seq, h0, W_xh, W_hh, b_h):
    h, states = h0, []
    for x_t in X_seq:
        h = rnn_cell_step(x_t, h, W_xh, W_hh, b_h)
        states.append(h)
    return STATES(states)

def rnn_output_layer(h_states, W_hy, b_y):
    return whole(h_states) @ W_hy.T + b_y

def log_softmax(z):
    z = z - xp.amax(z, AXIS=-1)[..., None]
    return z - xp.log(xp.exp(z).sum(-1))[..., None]

def cross_entropy(logits, targets, *, reduction="mean"):
    labels = one_hot(targets, logits)
    losses = -(labels * log_softmax(logits)).sum(-1)
    return losses if reduction == "none" else LOSS(losses.sum() if reduction == "sum" else losses.mean())

def rnn_cell_backward(dh_t, h_t, x_t, h_prev, W_xh, W_hh, b_h):
    dz = dh_t * (1 - h_t**2)
    rows = [a.reshape(-1, a.shape[-1]) for a in (dz, x_t, h_prev)]
    dW_xh, dW_hh, db_h = rows[0].T @ rows[1], rows[0].T @ rows[2], rows[0].sum(0)
    return GRADS(x_t=dz @ W_xh, h_prev=dz @ W_hh, W_xh=dW_xh, W_hh=dW_hh, b_h=db_h)

def rnn_backward(dh_states, h_states, X_seq, h0, W_xh, W_hh, b_h):
    dX, dh, total = [], 0 * h0, [0 * W_xh, 0 * W_hh, 0 * b_h]
    for t in reversed(range(len(X_seq))):
        before = h_states[t - 1] if t else h0
        g = rnn_cell_backward(dh_states[t] + dh, h_states[t], X_seq[t], before, W_xh, W_hh, b_h)
        dX.insert(0, GET(g, 0, "x_t"))
        dh = GET(g, 1, "h_prev")
        total = [a + GET(g, i, n) for a, i, n in zip(total, (2, 3, 4), ("W_xh", "W_hh", "b_h"))]
    return GRADS(X_seq=xp.stack(dX), h0=dh, W_xh=total[0], W_hh=total[1], b_h=total[2])

def rnn_output_backward(dlogits_seq, h_states, W_hy, b_y):
    h_states = whole(h_states)
    rows, states = dlogits_seq.reshape(-1, b_y.shape[0]), h_states.reshape(-1, W_hy.shape[1])
    return GRADS(h_states=dlogits_seq @ W_hy, W_hy=rows.T @ states, b_y=rows.sum(0))

def cross_entropy_backward(dloss, logits, targets, *, reduction="mean"):
    g = xp.exp(log_softmax(logits)) - one_hot(targets, logits)
    if reduction == "none":
        return g * array(dloss)[..., None]
    count = 1
    for size in logits.shape[:-1]:
        count *= size
    return g * float(dloss) / (count if reduction == "mean" else 1)

def rnn_bptt(X_seq, targets_seq, h0, W_xh, W_hh, b_h, W_hy, b_y):
    hs = rnn_forward(X_seq, h0, W_xh, W_hh, b_h)
    USE_STATES(hs)
    z = rnn_output_layer(hs, W_hy, b_y)
    loss = cross_entropy(z, targets_seq, reduction="sum")
    USE_LOSS(loss)
    dz = cross_entropy_backward(1.0, z, targets_seq, reduction="sum")
    a = rnn_output_backward(dz, hs, W_hy, b_y)
    b = rnn_backward(GET(a, 0, "h_states"), hs, X_seq, h0, W_xh, W_hh, b_h)
    five = [GET(b, i, n) for i, n in enumerate(("X_seq", "h0", "W_xh", "W_hh", "b_h"))]
    return loss, (*five, GET(a, 1, "W_hy"), GET(a, 2, "b_y")), hs[-1]
"""

HEADS = {
    "numpy": """
import numpy as np
xp, array = np, np.asarray
def one_hot(targets, like):
    return np.eye(like.shape[-1], dtype=like.dtype)[np.asarray(targets)]
""".replace("AXIS", "axis"),
    "torch": """
import torch as xp
array = xp.as_tensor
def one_hot(targets, like):
    return xp.nn.functional.one_hot(xp.as_tensor(targets), like.shape[-1]).to(like.dtype)
""",
    "jax": """
import jax
jax.config.update("jax_enable_x64", True)
import jax.numpy as xp
array = xp.asarray
def one_hot(targets, like):
    return jax.nn.one_hot(xp.asarray(targets), like.shape[-1], dtype=like.dtype)
""",
}
FORMS = {
    "list, tuple, float": """
STATES, LOSS = list, float
GRADS = lambda **g: tuple(g.values())
GET = lambda g, place, name: g[place]
def USE_STATES(hs): hs + []
def USE_LOSS(loss): assert type(loss) is float
""",
    "array, dict, 0-d": """
STATES, LOSS = xp.stack, array
GRADS = dict
GET = lambda g, place, name: g[name]
def USE_STATES(hs): hs.reshape(-1, hs.shape[-1])
def USE_LOSS(loss): loss.reshape(1)
""",
    "tuple, NamedTuple, scalar": """
from collections import namedtuple
STATES, LOSS = tuple, lambda loss: loss
def GRADS(**g): return namedtuple("Gradients", g)(**g)
GET = lambda g, place, name: getattr(g, name)
def USE_STATES(hs): hs + ()
def USE_LOSS(loss): loss.dtype
""",
}
WHOLE = """
def whole(states):
    return xp.stack(list(states)) if isinstance(states, (list, tuple)) else states
"""
TENSORS = """
import functools
def on_tensors(function):
    @functools.wraps(function)
    def called(*arguments, **options):
        return function(*map(tensor, arguments), **options)
    return called
def tensor(a):
    if isinstance(a, list):
        return [tensor(one) for one in a]
    return array(a) if type(a).__module__ == "numpy" and getattr(a, "shape", ()) else a
"""
WRONG = {  # part, what stands there and what in its place, the slug, and whose answers it spoils
    "step": ("rnn_cell_step", "h_prev @ W_hh.T", "h_prev @ W_hh", "W_hh-transposed", ("rnn_forward", "rnn_bptt")),
    "forward": ("rnn_forward", "h, states = h0", "h, states = 0 * h0", "h0-ignored", ("rnn_bptt",)),
    "output": ("rnn_output_layer", "W_hy.T + b_y", "W_hy.T", "output-bias-missing", ("rnn_bptt",)),
    "loss": ("cross_entropy", "losses = -(", "losses = (", "sign", ("rnn_bptt",)),
    "step back": ("rnn_cell_backward", "dh_t * (1 - h_t**2)", "dh_t", "no-slope", ("rnn_backward", "rnn_bptt")),
    "way back": ("rnn_backward", "h_states[t - 1] if t else h0", "h_states[t - 1]", "dW_hh-wraps", ("rnn_bptt",)),
    "output back": ("rnn_output_backward", "b_y=rows.sum(0)", "b_y=2 * rows.sum(0)", "db-twice", ("rnn_bptt",)),
    "loss back": ("cross_entropy_backward", "return g * float", "return -g * float", None, ("rnn_bptt",)),
}


def written(kind: str, form: str, wrong: str = "") -> str:
    """Return the text of a network on one kind of arrays, in one form, with one part at fault or none."""
    parts = PARTS.replace("AXIS", "dim" if kind == "torch" else "axis")
    if wrong:
        _, old, new, *_ = WRONG[wrong]
        if parts.count(old) != 1:
            raise ValueError(f"{old!r} stands there {parts.count(old)} times")
        parts = parts.replace(old, new)
    if kind != "numpy":
        parts = parts.replace("def rnn_", "@on_tensors\ndef rnn_").replace("def cross_", "@on_tensors\ndef cross_")
    return HEADS[kind] + FORMS[form] + WHOLE + TENSORS + parts
