"""What kind of artefact an object or a file is, told by its class or its ending, without loading a framework for it."""

import ast
import inspect
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ...errors import TargetError, install
from ..reading.syntax.class_text import class_source
from .held import Holding

Functions = Mapping[str, Callable[..., Any]]
FILES = {".onnx": "onnxruntime", ".keras": "keras"}  # what reads them


def is_artefact(thing: Any) -> bool:
    """Whether an object, or a class, is a module of PyTorch or a layer of Keras."""
    return _framework(thing) is not None


def of_object(thing: Any, name: str) -> Functions | Holding | None:
    """Return the functions of an artefact, or what it holds; None of any other object. Raises TargetError."""
    framework = _framework(thing)
    if isinstance(thing, Holding) or framework is None:
        return thing if isinstance(thing, Holding) else None
    if framework == "torch":
        from .modules import classes, instances  # noqa: PLC0415

        return classes.functions_of(thing) if inspect.isclass(thing) else instances.held_in(thing)
    if inspect.isclass(thing):
        from . import keras_cells  # noqa: PLC0415

        if keras_cells.is_cell(thing):
            return keras_cells.held_in_class(thing)
        raise TargetError(f"{name}: is a class of Keras layers, expected a layer that is built (file.py:layer)")
    from . import keras_layers  # noqa: PLC0415

    return keras_layers.held_in(thing)


def of_file(path: Path) -> Holding:
    """Return what a file holds. Raises TargetError if what reads it is not installed, and what that raises."""
    try:
        if path.suffix == ".onnx":
            from . import onnx_file  # noqa: PLC0415

            return onnx_file.held_in(path)
        from . import keras_layers  # noqa: PLC0415

        return keras_layers.held_in(keras_layers.load(path))
    except ModuleNotFoundError as error:
        raise TargetError(
            f"{path}: needs {error.name}, and that is not installed; {install(FILES[path.suffix])}"
        ) from error


def artefacts_of(module: Any) -> list[str]:
    """Return the names of the artefacts that a file defines: modules of its own, and instances.

    Instances of a framework's own classes are none beside others, but something to compare with.
    """
    own = getattr(module, "__name__", "")
    found = {
        name: (value if inspect.isclass(value) else type(value)).__module__ == own
        for name, value in vars(module).items()
        if is_artefact(value) and (not inspect.isclass(value) or value.__module__ == own) and not name.startswith("_")
    }
    return [name for name, is_own in found.items() if is_own or not any(found.values())]


def outermost(names: list[str], module: Any) -> list[str]:
    """Return the names of the artefacts of a file that no other one is made of, by the text of their classes."""
    found = {name: getattr(module, name) for name in names}
    texts = {name: class_source(one if inspect.isclass(one) else type(one)) for name, one in found.items()}
    called = {name: {node.id for node in text.nodes(ast.Name)} for name, text in texts.items()}
    inner = {one for one in names for other in names if one != other and one in called[other]}
    inner |= {one for one in names if any(type(other) is found[one] for other in found.values())}
    return [one for one in names if one not in inner]


def _framework(thing: Any) -> str | None:
    cls = thing if inspect.isclass(thing) else type(thing)
    roots = {f"{one.__module__.partition('.')[0]}.{one.__name__}" for one in cls.__mro__}
    return "keras" if "keras.Layer" in roots else "torch" if "torch.Module" in roots else None
