"""Judge arrays by the tolerance that is derived for them: what a kernel's test calls."""

from typing import Any

import numpy as np

from ..._shapes import Array
from ..error_state import usual
from ..judge.compare import Comparison
from ..operation import Check
from ..spec.given import Due, Given, due, judged, last_state
from .inputs import question
from .measured import Measure, Measured
from .outputs import Got, outputs_of
from .undecided import refuse_what_cannot_be_judged


@usual()
def assert_conforms(
    function: str,
    inputs: Any,
    got: Any,
    *,
    precision: str | None = None,
    accumulate: str | None = None,
    **options: Any,
) -> None:
    """Raise AssertionError unless what a kernel returned is right, as far as rounding allows.

    It stands where ``torch.testing.assert_close`` would stand with a guessed tolerance: the tolerance is derived for
    these inputs, entry by entry, and for the precision in which the kernel computes. See :func:`measure`, which takes
    the same and returns the figures.

    Raises
    ------
    AssertionError
        An entry is off by more than is allowed. The text says of which output, which entry, by how much, from which
        step.
    TypeError, ValueError
        As :func:`measure`.

    Examples
    --------
    >>> import numpy as np, rnn_ref
    >>> inputs = {"x_t": np.ones(1), "h_prev": np.ones(1), "W_xh": np.eye(1), "W_hh": np.eye(1), "b_h": np.ones(1)}
    >>> rnn_ref.assert_conforms("rnn_cell_step", inputs, np.tanh(np.array([3.0])))
    >>> rnn_ref.assert_conforms("rnn_cell_step", inputs, np.tanh(np.array([2.0])))
    Traceback (most recent call last):
        ...
    AssertionError: rnn_cell_step does not conform in float64
      h_t: off by 0.031 at [0], allowed 1.3e-15; returned 0.964, due 0.9951
    """
    measured = _measured(question("assert_conforms", function, inputs, options, precision, accumulate), got)
    if not measured.ok:
        raise AssertionError(str(measured))


@usual()
def measure(
    function: str,
    inputs: Any,
    got: Any,
    *,
    precision: str | None = None,
    accumulate: str | None = None,
    **options: Any,
) -> Measured:
    """Return how far what a kernel returned is from the truth, and how far a right kernel may be.

    Parameters
    ----------
    function : str
        A function of the specification, ``rnn_forward`` or ``cross_entropy_backward``.
    inputs : dict or tuple
        Its arguments, by name or in order, in its shapes: NumPy arrays, or tensors of PyTorch or JAX, of float64,
        float32, bfloat16 or float16. T may be 10,000, or B 64, or H 1,024: it takes seconds.
    got : array, list, tuple or dict
        What the kernel returned for them, as the function returns it. A dict may hold some of the outputs; those are
        judged.
    precision : {"float64", "float32", "tf32", "bfloat16", "float16"}, optional
        To what the kernel rounds operands of products, and (float32 for TF32) whatever it keeps between them. If not
        given, the coarsest dtype of the inputs.
    accumulate : one of the same, optional
        In what it adds up. If not given, float32 for fewer bits than that, else the precision.
    **options
        The function's options, as ``reduction="sum"``; they may also stand among the inputs.

    Returns
    -------
    Measured
        ``ok``, and of the worst entry ``error``, ``allowed``, ``ratio`` (above 1 is wrong), ``output`` and ``index``;
        ``first_wrong_step``; in ``outputs`` the same for each. States are compared with one exact step from the states
        that were given before them, so a long sequence is judged as sharply as a step.

    Raises
    ------
    TypeError, ValueError
        An argument or option is missing, not known, of another type or shape, or has numbers that the format cannot
        hold.
    UndecidedError
        Of gradients and losses, a ValueError: at these weights two right kernels part so far that whatever is allowed
        to them allows anything.

    Examples
    --------
    >>> import numpy as np, rnn_ref
    >>> rng = np.random.default_rng(0)
    >>> shapes = {"X_seq": (50, 3), "h0": (4,), "W_xh": (4, 3), "W_hh": (4, 4), "b_h": (4,)}
    >>> inputs = {name: rng.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}
    >>> h_states = np.array(rnn_ref.rnn_forward(**inputs))
    >>> measured = rnn_ref.measure("rnn_forward", inputs, h_states)
    >>> measured.ok, measured.output
    (True, 'h_states')
    >>> h_states[-1, 2] += 1e-3
    >>> measured = rnn_ref.measure("rnn_forward", inputs, h_states)
    >>> measured.ok, measured.index, measured.first_wrong_step
    (False, (49, 2), 49)
    """
    return _measured(question("measure", function, inputs, options, precision, accumulate), got)


@usual()
def allowed_error(
    function: str, inputs: Any, *, precision: str | None = None, accumulate: str | None = None, **options: Any
) -> dict[str, Array]:
    """Return how far a right kernel may be off, for every entry of every output.

    It is what :func:`measure` compares errors with, at the right answers; its arguments and exceptions are those of
    :func:`measure`. What a *state* may be off is told from the exact step that leads to it from the kernel's own state
    before: it is no tolerance for the difference from somebody else's states, which may part without either being
    wrong.

    >>> import numpy as np, rnn_ref
    >>> inputs = {"h_states": np.ones((1, 4), np.float32), "W_hy": np.ones((1, 4), np.float32), "b_y": np.ones(1, "f")}
    >>> rnn_ref.allowed_error("rnn_output_layer", inputs)["logits"].round(9)
    array([[1.49e-06]])
    >>> rnn_ref.allowed_error("rnn_output_layer", inputs, precision="bfloat16")["logits"].round(3)
    array([[0.039]])
    """
    given = question("allowed_error", function, inputs, options, precision, accumulate)
    found = due(given)
    refuse_what_cannot_be_judged(given, found, list(found.nearest))
    return {name: np.broadcast_to(found.allowed[name], truth.shape).copy() for name, truth in found.nearest.items()}


def _measured(given: Given, got: Any) -> Measured:
    answers = outputs_of(given.operation, got)
    found = _of_states(given, answers) if given.operation.states else _of_values(given, answers)
    check = Check(given.operation, "given", "batch", "float64", (), given.arguments, given.options)
    measures = tuple(_measure(one, check) for one in found)
    return Measured(given.operation.name, given.arithmetic.operands.name, given.arithmetic.sums.name, measures)


def _of_values(given: Given, answers: Got) -> list[Comparison]:
    found = due(given)
    refuse_what_cannot_be_judged(given, found, list(answers))
    return [_compared(found, name, answer) for name, answer in answers.items()]


def _of_states(given: Given, answers: Got) -> list[Comparison]:
    """Compare states step by step; the last one alone with the truth."""
    operation = given.operation
    every = [name for name in operation.outputs if name in answers]
    if not every:
        found = last_state(given)
        refuse_what_cannot_be_judged(given, found, list(answers))
        return [_compared(found, name, answer) for name, answer in answers.items()]
    lacking = [name for name in operation.outputs if name not in answers]
    if lacking:
        other = f"; {operation.last_state}, the last state, is judged alone" if operation.last_state else ""
        raise ValueError(
            f"{operation.name}: got has no {', '.join(lacking)}, and states are judged by one step from all those"
            f" before them: expected {', '.join(operation.outputs)}{other}"
        )
    _, asked = given.equation
    shapes = [(len(asked.X_seq), *np.shape(first)) for first in asked.states0]
    problems = {name: _problem(answers[name], shape) for name, shape in zip(operation.outputs, shapes, strict=False)}
    alone = [name for name, shape in zip(problems, shapes, strict=False) if np.shape(answers[name]) == shape[1:]]
    for name in alone[:1] if operation.last_state else ():
        problems[name] += f"; the last state alone is given as {{'{operation.last_state}': ...}}"
    if any(problems.values()):
        return [_unfit(name, problem) for name, problem in problems.items() if problem]
    states = [np.asarray(answers[name]) for name in operation.outputs]
    steps = judged(given, states)
    compared = [_beside(name, state, one.exact, np.zeros(state.shape), one.allowed)
                for name, state, one in zip(operation.outputs, states, steps, strict=True)]  # fmt: skip
    if operation.last_state in answers:
        end = answers[operation.last_state]
        problem = _problem(end, shapes[0][1:])
        if problem:
            return [*compared, _unfit(operation.last_state, problem)]
        last = np.concatenate([states[0][:-1], np.asarray(end)[np.newaxis]])
        one = judged(given, [last, *states[1:]])[0]
        compared.append(_beside(operation.last_state, last[-1], one.exact[-1], np.zeros(1), one.allowed[-1]))
    return compared


def _compared(found: Due, name: str, answer: Array | str) -> Comparison:
    truth = found.nearest[name]
    problem = _problem(answer, truth.shape)
    if problem:
        return _unfit(name, problem)
    answer = np.asarray(answer).reshape(truth.shape)
    allowed = np.broadcast_to(found.allowed[name], truth.shape)
    return _beside(name, answer, truth, np.broadcast_to(found.missing[name], truth.shape), allowed)


def _beside(name: str, answer: Array, truth: Array, missing: Array, allowed: Array) -> Comparison:
    with np.errstate(all="ignore"):
        errors = np.abs((answer - truth) - missing * np.spacing(np.abs(truth)))
    same = np.isnan(answer) & np.isnan(truth) | np.isinf(answer) & (answer == truth)
    errors = np.where(same, 0.0, np.where(np.isnan(errors), np.inf, errors))
    return Comparison(name, errors, np.nan_to_num(allowed), 1.0, "", answer, truth)


def _problem(answer: Array | str, shape: tuple[int, ...]) -> str:
    if isinstance(answer, str):
        return answer
    fits = answer.shape == shape or (shape == () and answer.size == 1)
    return "" if fits else f"has shape {answer.shape}, expected {shape}"


def _unfit(name: str, problem: str) -> Comparison:
    return Comparison(name, np.zeros(()), np.zeros(()), problem=problem)


def _measure(one: Comparison, check: Check) -> Measure:
    """Return the figures of one output."""
    if one.problem:
        return Measure(one.name, np.inf, 0.0, np.inf, None, None, np.nan, np.nan, 0, 0, one.problem)
    place = one.worst
    return Measure(
        one.name,
        error=float(one.errors[place]),
        allowed=float(one.allowed[place]),
        ratio=one.ratio,
        index=place,
        first_wrong_step=one.step(check),
        returned=float(one.answer[place]),
        due=float(one.truth[place]),
        entries=one.errors.size,
        wrong=int((~(one.ratios <= 1)).sum()),
    )
