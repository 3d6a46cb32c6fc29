"""The functions of a program, as if they were Python's: a call is a question to it, and returns what it answers."""

import inspect
import itertools
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from ...errors import LostError, TargetError
from ...operation import Operation, UnusableError, by_name
from ...spec import OPERATIONS
from .arrays import as_json, from_json, quoted
from .first_line import FirstLine
from .lines import Program

EXPECTED = 'expected {{"id": {}, "outputs": {{...}}}} or an "error"'


class ProgramError(Exception):
    """What a program answered in place of outputs."""


def load_program(target: str) -> dict[str, Callable[..., Any]]:
    """Start a program and return its functions, each of which bears what the program claims. Raises TargetError."""
    program = Program(target)
    try:
        said = FirstLine.of(program.hear())
    except (LostError, TargetError) as error:
        raise TargetError(f"{target}: {error}") from error
    numbers = itertools.count(1)
    return {
        name: _candidate(OPERATIONS[name], options, said, program, numbers) for name, options in said.functions.items()
    }


def _candidate(
    operation: Operation, options: tuple[str, ...], said: FirstLine, program: Program, numbers: Iterator[int]
) -> Callable[..., Any]:
    """Return the function that asks for an operation."""

    def candidate(*arguments: Any, **given: Any) -> Any:
        unknown = given.keys() - set(options)
        if unknown:
            raise TypeError(f"the program does not name the option {', '.join(sorted(unknown))} in its first line")
        named = dict(zip(operation.arguments, arguments, strict=True))
        dtype = _dtype([*arguments, *given.values()])
        question = {
            "id": next(numbers),
            "function": operation.name,
            "dtype": dtype,
            "arguments": {name: as_json(value, dtype) for name, value in named.items()},
            "options": {name: _option(value, dtype) for name, value in given.items()},
        }
        program.tell(question)
        answer = program.hear()
        if answer == question:
            raise LostError(f"the program answers what it was asked, {EXPECTED.format(question['id'])}")
        return _returned(operation, _outputs(answer, question["id"]), dtype)

    kinds = inspect.Parameter
    parameters = [kinds(name, kinds.POSITIONAL_OR_KEYWORD) for name in operation.arguments]
    parameters += [kinds(name, kinds.KEYWORD_ONLY) for name in options]
    vars(candidate).update(__name__=operation.name, __signature__=inspect.Signature(parameters), claimed=said.claimed)
    return candidate


def _dtype(values: list[Any]) -> str:
    """Return the precision in which an answer is due: that of the arrays."""
    every = [one for value in values for one in (value if isinstance(value, list) else [value])]
    found = {one.dtype.name for one in every if isinstance(one, np.ndarray) and one.dtype.kind == "f"}
    return "float32" if found == {"float32"} else "float64"


def _option(value: Any, dtype: str) -> Any:
    return as_json(value, dtype) if isinstance(value, np.ndarray) else value


def _outputs(answer: Any, number: Any) -> Mapping[str, Any]:
    """Return what was answered to a question. Raises ProgramError if that is an error, LostError if it is no answer."""
    if not isinstance(answer, dict) or not (isinstance(answer.get("outputs"), dict) or "error" in answer):
        raise LostError(f"the program answered {quoted(answer)}, {EXPECTED.format(number)}")
    if answer.get("id") != number:
        raise LostError(f"the program answered question {quoted(answer.get('id'))}, asked was question {number}")
    if "error" in answer:
        error = answer["error"]
        raise ProgramError(error if isinstance(error, str) else quoted(error))
    outputs: Mapping[str, Any] = answer["outputs"]
    return outputs


def _returned(operation: Operation, outputs: Mapping[str, Any], dtype: str) -> Any:
    """Return what a function in Python would return. Raises UnusableError."""
    arrays = {name: _array(name, value, dtype) for name, value in outputs.items()}
    names, states, last = tuple(operation.outputs), operation.states, operation.last_state
    if states and last in arrays:
        return (arrays[states], arrays[last]) if states in arrays else arrays[last]
    if len(names) == 1:
        return by_name(arrays, names)[names[0]]
    return arrays if operation.packed is None else arrays | {operation.packed[0]: arrays}


def _array(name: str, value: Any, dtype: str) -> Any:
    try:
        return from_json(value, dtype)
    except UnusableError as error:
        raise UnusableError(f"{name} {error}") from error
