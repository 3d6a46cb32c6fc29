"""The built-in targets: frameworks under the specification's signatures, what each needs, and what it claims."""

import re
from types import SimpleNamespace
from typing import Any, NamedTuple

from ..errors import TargetError, install
from ..spec import FAMILIES
from .raised import Raised


class Framework(NamedTuple):
    """What has to be installed, the precision that is claimed where it is not both, and what forks share."""

    needs: tuple[str, ...]
    claims: str | None = None
    forked: tuple[str, ...] = ()  # modules that a process may have imported and be forked: no thread, no setting yet


FRAMEWORKS = {  # the calls of ``NAME`` are those of ``with_NAME.py`` in the folder of every family that has one
    "torch": Framework(("torch",), forked=("torch", "torch.fx.experimental.symbolic_shapes")),  # of the first gradient
    "jax": Framework(("jax", "jaxlib")),
    "keras": Framework(("keras", "jax"), "float32"),
    "onnxruntime": Framework(("onnxruntime", "onnx"), "float32"),
}


def forked_with(*texts: str) -> str:
    """Return the framework that texts import or name, if a process that has imported it may be forked, or nothing.

    >>> forked_with("from torch import nn"), forked_with("torch"), forked_with("# as torch has it"), forked_with("jax")
    ('torch', 'torch', '', '')
    """
    for name in (name for name, one in FRAMEWORKS.items() if one.forked):
        imports = rf'^[\s"]*(import|from)\s+{name}\b'  # a line of Python, or of a notebook
        if name in texts or any(re.search(imports, text, re.MULTILINE) for text in texts):
            return name
    return ""


def load_builtin(name: str) -> Any:
    """Return the functions of a built-in target. Raises TargetError with the line that installs what is missing."""
    needs = FRAMEWORKS[name].needs
    try:
        calls = [family.part(f"with_{name}") for family in FAMILIES.values() if family.has(f"with_{name}")]
    except ModuleNotFoundError as error:
        if error.name not in needs:
            raise TargetError(f"{name}: cannot be loaded: {Raised.of(error)}") from error
        what = "not installed" if error.name == name else f"needs {error.name}, and that is not installed"
        raise TargetError(f"{name}: {what}; {install(name)}") from error
    except Exception as error:
        hint = "under the limit of --memory; a larger one may help"
        raise TargetError(f"{name}: cannot be loaded {hint}: {Raised.of(error)}") from error
    own = [operation.name for family in FAMILIES.values() for operation in family.operations]
    return SimpleNamespace(**{one: getattr(module, one) for module in calls for one in own if hasattr(module, one)})
