"""The built-in targets: frameworks under the specification's signatures, what each needs, and what it claims."""

import importlib
from typing import Any

from ..errors import TargetError
from .foreign_code import in_one_line

NEEDS = {
    "torch": ("torch",),
    "jax": ("jax", "jaxlib"),
    "keras": ("keras", "jax"),
    "onnxruntime": ("onnxruntime", "onnx"),
}
BUILTINS = {name: f"rnn_ref.conformance.spec.with_{name}" for name in NEEDS}
INSTALL = {name: f'pip install "rnn_ref[{name}]"' for name in NEEDS}
CLAIMED = {"keras": "float32", "onnxruntime": "float32"}  # the precision of those that do not have both


def load_builtin(name: str) -> Any:
    """Return the module of a built-in target. Raises TargetError with the line that installs what is missing."""
    try:
        return importlib.import_module(BUILTINS[name])
    except ModuleNotFoundError as error:
        if error.name not in NEEDS[name]:
            raise TargetError(f"{name}: cannot be loaded: {in_one_line(error)}") from error
        what = "not installed" if error.name == name else f"needs {error.name}, and that is not installed"
        raise TargetError(f"{name}: {what}; {INSTALL[name]}") from error
    except Exception as error:
        hint = "under the limit of --memory; a larger one may help"
        raise TargetError(f"{name}: cannot be loaded {hint}: {in_one_line(error)}") from error
