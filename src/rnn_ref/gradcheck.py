"""Derivatives to machine precision, by which any hand-written gradient can be checked. Knows no RNN.

The complex step: for a function that is analytic, f(x + ih·v) = f(x) + ih·f'(x)v + O(h²), so the imaginary part
divided by h is the derivative along v. Nothing is subtracted, so h can be 2⁻¹⁰⁰ and the error is rounding alone.
Squire and Trapp (1998), "Using complex variables to estimate derivatives of real functions".
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ._shapes import Array

STEP = 2.0**-100
# Of the sum of magnitudes of what is compared: 4,500 roundings. Correct backpropagation through tens of steps stays
# below 50 of them; the smallest catalogued mistake is off by more than 1e-4.
TOLERANCE = 1e-12


class GradientError(Exception):
    """A gradient does not agree with the derivative along a random direction."""

    def __init__(self, argument: int | str, claimed: float, measured: float, allowed: float) -> None:
        self.argument, self.claimed, self.measured, self.allowed = argument, claimed, measured, allowed
        super().__init__(
            f"gradient of {argument}: along a random direction it gives {claimed:.17g}, the complex step "
            f"{measured:.17g}; they differ by {abs(claimed - measured):.1e}, allowed {allowed:.1e}"
        )


def directional_derivative(f: Callable[..., Any], inputs: Sequence[Array], directions: Sequence[Array | None]) -> Array:
    """Return d/ds f(inputs + s · directions) at s = 0; ``None`` leaves an input where it is.

    ``f`` must be analytic and must take complex arrays for real ones.

    >>> directional_derivative(np.sin, [np.array(1.0)], [np.array(1.0)]) == np.cos(1.0)
    np.True_
    """
    moved = [
        np.asarray(x, complex) + (0 if v is None else 1j * STEP * v) for x, v in zip(inputs, directions, strict=True)
    ]
    return np.asarray(f(*moved)).imag / STEP


def complex_step_gradients(f: Callable[..., Any], inputs: Sequence[Array], cotangent: Array) -> list[Array]:
    """Return the gradient of Σ cotangent · f(inputs) for every entry of every input: one call of ``f`` per entry.

    >>> W, x = np.array([[1.0, 2.0]]), np.array([3.0, 4.0])
    >>> complex_step_gradients(lambda W, x: W @ x, [W, x], np.array([1.0]))
    [array([[3., 4.]]), array([1., 2.])]
    """
    gradients = []
    for i, x in enumerate(inputs):
        gradient = np.empty(x.shape)
        for index in np.ndindex(x.shape):
            direction = np.zeros(x.shape)
            direction[index] = 1
            directions = [direction if j == i else None for j in range(len(inputs))]
            gradient[index] = np.sum(cotangent * directional_derivative(f, inputs, directions))
        gradients.append(gradient)
    return gradients


def check_gradients(
    f: Callable[..., Any],
    gradients: Callable[[Array], Sequence[Array]],
    inputs: Sequence[Array],
    rng: np.random.Generator,
    *,
    names: Sequence[str] | None = None,
    tolerance: float = TOLERANCE,
) -> None:
    """Check every gradient of ``f`` along one random direction, under a random upstream gradient.

    ``gradients(cotangent)`` returns one gradient for each of ``inputs``. Raises GradientError for the first that is
    off by more than ``tolerance`` times the sum of magnitudes behind the comparison, and ValueError for one that is
    not in its input's shape. A single wrong entry shows up almost surely, whatever the size of the arrays.

    >>> rng, x = np.random.default_rng(0), np.array([0.5, 1.0])
    >>> check_gradients(np.tanh, lambda u: [u * (1 - np.tanh(x) ** 2)], [x], rng)
    >>> check_gradients(np.tanh, lambda u: [u * (1 - np.tanh(x))], [x], rng)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    rnn_ref.gradcheck.GradientError: gradient of 0: along a random direction it gives ...
    """
    cotangent = rng.normal(size=np.shape(f(*inputs)))
    claimed_gradients = gradients(cotangent)
    if len(claimed_gradients) != len(inputs):
        raise ValueError(
            f"check_gradients: gradients returned {len(claimed_gradients)} arrays, expected {len(inputs)}; "
            "one for each of inputs"
        )
    for i, (x, gradient) in enumerate(zip(inputs, claimed_gradients, strict=True)):
        name = names[i] if names is not None else i
        if np.shape(gradient) != x.shape:
            raise ValueError(f"check_gradients: gradient of {name} has shape {np.shape(gradient)}, expected {x.shape}")
        direction = rng.normal(size=x.shape)
        claimed = gradient * direction
        directions = [direction if j == i else None for j in range(len(inputs))]
        measured = cotangent * directional_derivative(f, inputs, directions)
        allowed = tolerance * (np.abs(claimed).sum() + np.abs(measured).sum())
        if not abs(claimed.sum() - measured.sum()) <= allowed < np.inf:
            raise GradientError(name, float(claimed.sum()), float(measured.sum()), float(allowed))
