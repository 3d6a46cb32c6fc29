"""On which backend Keras runs in a target that does not say so: on one that is installed."""

import importlib.util
import json
import os
from collections.abc import Callable
from pathlib import Path

NAME = "KERAS_BACKEND"
FIRST = "tensorflow"  # on which Keras runs unless it is told otherwise
Finder = Callable[[str], object]


def default_backend(is_there: Finder = importlib.util.find_spec) -> str:
    """Return the backend on which layers are asked; NumPy's needs JAX."""
    return "numpy" if is_there("jax") else "torch"


def choose_keras_backend(is_there: Finder = importlib.util.find_spec) -> None:
    """Set the variable that Keras reads, where it would begin with TensorFlow and that is not installed."""
    if NAME not in os.environ and is_there("keras") and not is_there(FIRST) and _configured() == FIRST:
        os.environ[NAME] = default_backend(is_there)


def _configured() -> str:
    """Return the framework that the user's own file of configuration names."""
    place = Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras") / "keras.json"
    try:
        return str(json.loads(place.read_text(encoding="utf-8")).get("backend", FIRST))
    except (OSError, ValueError, AttributeError):
        return FIRST
