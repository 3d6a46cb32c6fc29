"""The same questions with arguments in other forms: as views of memory, in other types of integers, as lists."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

import numpy as np

from ...operation import Check

MEMORY = {"single": ("fortran", "strided"), "batch": ("strided", "fortran")}  # of the weights, of what else there is
VIEWS = {"reversed": "float32", "read-only": "float64"}  # each in one precision
CLASSES = {
    "int8": "float32",
    "int16": "float64",
    "int32": "float32",
    "uint8": "float64",
    "uint16": "float32",
    "uint32": "float64",
    "uint64": "float32",
    "list": "float64",
}


def in_forms(checks: Iterable[Check]) -> Iterator[Check]:
    """Yield every check with its arrays strided and in Fortran order; of one sequence, in other forms as well."""
    for check in checks:
        arguments = check.operation.arguments
        numbers = [name for name, value in check.arguments.items() if isinstance(value, np.ndarray) and value.ndim]
        classes = [name for name in numbers if arguments[name].kind == "classes"]
        floats = [name for name in numbers if name not in classes]
        yield replace(check, forms=check.operation.laid(check.arguments, MEMORY[check.rank]))
        if check.rank == "single":
            yield from _each(check, VIEWS, floats)
            yield from _each(check, CLASSES, classes)


def _each(check: Check, forms: Mapping[str, str], names: list[str]) -> Iterator[Check]:
    for form, dtype in forms.items():
        if names and dtype == check.dtype:
            case = f"{check.case.removesuffix(dtype)}{form}-{dtype}"
            yield replace(check, case=case, flags=(form,), forms=dict.fromkeys(names, form))
