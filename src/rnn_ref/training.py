"""Training: the loss of a sequence with every gradient in one call, and the norm to which gradients are clipped.

The optimisers live in ``optimisers.py`` and are offered here as well.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple, overload

import numpy as np

from ._activations import activation_of
from ._shapes import (
    RECURRENT,
    ActivationName,
    Array,
    OneLoss,
    check,
    check_array,
    check_dtype,
    check_mapping,
    checked_number,
    wide,
)
from .loss.cross_entropy import loss_with_gradient
from .loss.targets import check_classes, check_ignored, integer_targets
from .optimisers import SGD, Adagrad, Adam
from .output import logits_backward, logits_of
from .sequence import unrolled, unrolled_backward

__all__ = ["SGD", "Adagrad", "Adam", "Gradients", "clip_grad_norm", "rnn_bptt"]

_LAYOUT = f"{RECURRENT}, W_hy: V H, b_y: V, X_seq: T [B] D, h0: [B] H"


class Gradients(NamedTuple):
    """dL/d(input) of the whole network, by the inputs' own names and in their shapes."""

    X_seq: Array
    h0: Array
    W_xh: Array
    W_hh: Array
    b_h: Array
    W_hy: Array
    b_y: Array

    @property
    def parameters(self) -> dict[str, Array]:
        """The gradients of what is trained: all but those of X_seq and h0."""
        return {name: gradient for name, gradient in self._asdict().items() if name not in {"X_seq", "h0"}}


@overload
def rnn_bptt(  # the call with **parameters, of which no type checker knows that the options are not among them
    X_seq: Array,
    targets_seq: Any,
    h0: Array,
    W_xh: Array,
    W_hh: Array,
    b_h: Array,
    W_hy: Array,
    b_y: Array,
    *,
    reduction: OneLoss = "sum",
) -> tuple[Any, Gradients, Array]: ...


@overload
def rnn_bptt(
    X_seq: Array,
    targets_seq: Any,
    h0: Array,
    W_xh: Array,
    W_hh: Array,
    b_h: Array,
    W_hy: Array,
    b_y: Array,
    *,
    reduction: OneLoss = "sum",
    ignore_index: int = -100,
    activation: ActivationName = "tanh",
) -> tuple[Any, Gradients, Array]: ...


def rnn_bptt(
    X_seq: Array,
    targets_seq: Any,
    h0: Array,
    W_xh: Array,
    W_hh: Array,
    b_h: Array,
    W_hy: Array,
    b_y: Array,
    *,
    reduction: OneLoss = "sum",
    ignore_index: int = -100,
    activation: ActivationName = "tanh",
) -> tuple[Any, Gradients, Array]:
    """Run the network over a sequence, take the loss, and backpropagate it through time to every input.

    loss = Σ_t cross_entropy(W_hy h_t + b_y, target_t),   h_t = tanh(W_xh x_t + W_hh h_{t−1} + b_h)

    What happened at step t may have been caused many steps earlier, and the credit has to travel back the way it
    came, through one Jacobian per step: hence vanishing gradients, clipping and truncation. A transformer's backward
    is the same chain rule, but attention connects any two positions directly, so the path through time has length
    one, and all positions go back at once. The price is that every position's keys and values must be kept, as here
    every state.

    Parameters
    ----------
    X_seq : (T, D) or (T, B, D) ndarray
        The inputs. For truncated BPTT, one chunk of a longer sequence.
    targets_seq : (T,) or (T, B) integers
        The classes that came next, 0 to V − 1 or ``ignore_index``.
    h0 : (H,) or (B, H) ndarray
        The state to start from; for truncated BPTT, the previous chunk's h_T.
    W_xh, W_hh, b_h, W_hy, b_y : (H, D), (H, H), (H,), (V, H), (V,) ndarray
        The weights.
    reduction : {"sum", "mean"}
        Over t and b; the mean is over the targets kept.
    ignore_index : int
        Positions with this target count for nothing.
    activation : {"tanh", "relu"}
        What every sum of the recurrence goes through; see :func:`rnn_cell_step`.

    Returns
    -------
    loss : NumPy scalar
        Nats, in the dtype of the arguments.
    grads : Gradients
        dL/d(argument) by name; ``grads.parameters`` is the dict that optimisers take.
    h_T : (H,) or (B, H) ndarray
        The last state, to carry into the next chunk.

    Raises
    ------
    TypeError, ValueError
        As the functions it is made of; also for ``reduction="none"``, which has no single loss.

    References
    ----------
    Werbos (1990), "Backpropagation through time: what it does and how to do it". Pascanu, Mikolov and Bengio (2013).

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> shapes = {"W_xh": (4, 3), "W_hh": (4, 4), "b_h": (4,), "W_hy": (3, 4), "b_y": (3,)}
    >>> params = {name: rng.normal(size=shape) / 2 for name, shape in shapes.items()}
    >>> X_seq, targets_seq = np.eye(3)[[0, 1, 2]], np.array([1, 2, 0])
    >>> loss, grads, h_T = rnn_bptt(X_seq, targets_seq, np.zeros(4), **params)
    >>> round(float(loss), 4), grads.W_hh.shape, h_T.shape
    (3.6949, (4, 4), (4,))
    """
    if reduction not in ("sum", "mean"):
        raise ValueError(f"rnn_bptt: reduction is {reduction!r}, expected 'sum' or 'mean'")
    check_ignored("rnn_bptt", ignore_index)
    f = activation_of("rnn_bptt", activation)
    check("rnn_bptt", _LAYOUT, X_seq=X_seq, h0=h0, W_xh=W_xh, W_hh=W_hh, b_h=b_h, W_hy=W_hy, b_y=b_y)
    targets = integer_targets("rnn_bptt", "targets_seq", targets_seq, X_seq.shape[:-1], "X_seq")
    check_classes("rnn_bptt", "targets_seq", targets, len(b_y), "W_hy", ignore_index)
    h_states = unrolled(X_seq, h0, W_xh, W_hh, b_h, f)
    logits_seq = logits_of(h_states, W_hy, b_y)

    loss, dlogits_seq = loss_with_gradient(logits_seq, targets, reduction, ignore_index)
    output = logits_backward(dlogits_seq, h_states, W_hy)
    del logits_seq, dlogits_seq  # one array, and a large one: its memory serves what follows
    recurrent = unrolled_backward(output.h_states, h_states, X_seq, h0, W_xh, W_hh, f)
    return loss, Gradients(*recurrent, W_hy=output.W_hy, b_y=output.b_y), h_states[-1].copy()


def clip_grad_norm(
    grads: Mapping[str, Array], max_norm: float, *, norm_type: float = 2.0
) -> tuple[dict[str, Array], float]:
    """Scale all gradients down together so that their joint norm is at most ``max_norm``.

    Returns the clipped gradients as a new dict and the norm before clipping; small gradients come back as copies.
    Equal to ``torch.nn.utils.clip_grad_norm_``: the factor is max_norm / (norm + 1e-6), where that is below 1.
    ``norm_type`` is the p of the norm, ``inf`` for the largest entry. The cure for exploding gradients of Pascanu,
    Mikolov and Bengio (2013), kept to this day in the training of transformers.

    >>> clip_grad_norm({"W_xh": np.array([3.0]), "b_h": np.array([4.0])}, max_norm=1.0)
    ({'W_xh': array([0.59999988]), 'b_h': array([0.79999984])}, 5.0)
    """
    check_mapping("clip_grad_norm", "grads", grads)
    if not grads:
        raise ValueError("clip_grad_norm: grads is empty, expected at least one gradient")
    for name, gradient in grads.items():
        check_array("clip_grad_norm", f"grads[{name!r}]", gradient)
        check_dtype("clip_grad_norm", f"grads[{name!r}]", gradient, f"grads[{name!r}]", gradient.dtype)
    for name, one in (("max_norm", max_norm), ("norm_type", norm_type)):
        checked_number("clip_grad_norm", name, one, "a number")
    if not max_norm >= 0 or not norm_type > 0:
        raise ValueError(
            f"clip_grad_norm: max_norm is {max_norm} and norm_type {norm_type}, expected max_norm >= 0, norm_type > 0"
        )
    norms = [np.linalg.norm(g.astype(wide(g.dtype), copy=False).ravel(), norm_type) for g in grads.values()]
    total = float(np.linalg.norm(norms, norm_type))
    factor = float(max_norm) / (total + 1e-6)
    with np.errstate(invalid="ignore"):  # an infinite gradient leaves inf · 0 of itself and 0 of the others
        return {name: gradient * (factor if not factor > 1 else 1.0) for name, gradient in grads.items()}, total
