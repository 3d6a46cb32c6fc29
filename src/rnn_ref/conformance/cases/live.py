"""Live PyTorch in the place of the frozen truth: ``--oracle torch``.

PyTorch is asked in float64, and a candidate is allowed, on top of what rounding may do to it, what PyTorch is off
itself; so a right answer stays right. Where PyTorch is off by more than a float64 program may be (the loss of a
confident prediction), or has nothing like the function, it cannot be the judge: the check is left as it is. States are
compared by one exact step in any case. Autograd computes the states anew instead of taking those it is given, which
were rounded; so of the gradients that depend on them it is asked in the check's own precision.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from ..errors import TargetError, install
from ..operation import Check, Operation
from ..spec import OPERATIONS
from ..spec.frameworks import pytorch_answers
from ..spec.tolerance import allowed_errors


def answered_by_torch(check: Check) -> Check:
    """Return the check with PyTorch's answers in place of the truth, where they are right themselves."""
    own = _takes_states(check.operation)
    arguments, options = (check.arguments, check.options) if own else (_wide(check.arguments), _wide(check.options))
    try:
        answer = pytorch_answers.ask(check.function, arguments, options)
    except ModuleNotFoundError as error:
        raise TargetError(f"--oracle torch: {error.name} is not installed; {install('torch')}") from error
    if answer is None:
        return check
    said = check.operation.unpacked(answer)
    if not check.expected.keys() <= said.keys():
        return check
    answers = {name: np.asarray(said[name], np.float64) for name in check.expected}
    off = {name: check.errors(name, answer) for name, answer in answers.items()}
    if not check.operation.states:
        allowed = allowed_errors(check.asking(arguments, options=options, dtype=check.dtype if own else "float64"))
        if any(np.any(off[name] > allowed[name]) for name in off):
            return check
    nothing = {name: np.zeros_like(answer) for name, answer in answers.items()}
    return replace(check, expected=answers, remainder=nothing, pytorch=answers, slack=off)


def _takes_states(operation: Operation) -> bool:
    """Whether it is handed states that its twin computed."""
    given = {name.rpartition(".")[2] for name in operation.arguments}  # run.h_states too
    return bool(operation.twin and OPERATIONS[operation.twin].outputs.keys() & given)


def _wide(values: Mapping[str, Any]) -> dict[str, Any]:
    floats = {name for name, value in values.items() if isinstance(value, np.ndarray) and value.dtype.kind == "f"}
    return {name: value.astype(np.float64) if name in floats else value for name, value in values.items()}
