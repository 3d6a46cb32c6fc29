"""The built-in targets: frameworks under the specification's signatures, what each needs, and what it claims."""

from types import SimpleNamespace
from typing import Any, NamedTuple

from ..errors import TargetError, install
from ..spec import FAMILIES
from .raised import Raised


class Framework(NamedTuple):
    """What has to be installed, and the precision that is claimed where it is not both."""

    needs: tuple[str, ...]
    claims: str | None = None


FRAMEWORKS = {  # the calls of ``NAME`` are those of ``with_NAME.py`` in the folder of every family that has one
    "torch": Framework(("torch",)),
    "jax": Framework(("jax", "jaxlib")),
    "keras": Framework(("keras", "jax"), "float32"),
    "onnxruntime": Framework(("onnxruntime", "onnx"), "float32"),
}


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
