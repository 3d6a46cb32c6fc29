"""A run on disk: one npz, without pickles, that is complete or as it was, whenever the process may die."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from rnn_ref._files import write_bytes

from .run import Options, Run
from .text import Text, TextError

FORMAT = 1


def save(path: Path, run: Run, text: Text) -> None:
    """Write the run, in place of what is there."""
    told = {
        "format": FORMAT,
        "options": run.options._asdict(),
        "text": text.name,
        "length": len(text.training) + len(text.held_out),
        "sha256": text.sha256,
        "alphabet": text.alphabet,
        "position": run.position,
        "step": run.step,
        "seconds": run.seconds,
        "log": run.log,
        "losses": run.losses,
        "optimiser": {name: state["step"] for name, state in run.optimiser.items()},
    }
    arrays = {f"params/{name}": array for name, array in run.params.items()} | {"h": run.h}
    arrays |= {f"{key}/{name}": state[key] for name, state in run.optimiser.items() for key in ("m", "v")}
    whole = io.BytesIO()
    np.savez(whole, allow_pickle=False, told=np.array(json.dumps(told)), **arrays)
    write_bytes(path, whole.getvalue())


def told(path: str) -> dict[str, Any]:
    """Return what is told of a run beside its arrays: its text and how long that was, among others."""
    return _read(path)[0]


def _read(path: str) -> tuple[dict[str, Any], dict[str, Any]]:
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = dict(file)
        told = json.loads(str(arrays.pop("told")))
        if told["format"] != FORMAT:
            raise TextError(f"{path}: is a checkpoint of format {told['format']}, expected {FORMAT}")
        return told, arrays
    except OSError as error:
        raise TextError(f"{path}: {error.strerror or error}") from error
    except (KeyError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise TextError(f"{path}: is no checkpoint of train_char_rnn.py") from error


def load(path: str, text: Text | None = None) -> tuple[Run, dict[str, Any]]:
    """Return the run and what was told of it; refuse another text than it was trained on."""
    told, arrays = _read(path)
    if text is not None and told["sha256"] != text.sha256:
        raise TextError(f"{path}: was trained on another text ({told['text']}) than {text.name} as it is now")
    params = {name: arrays[f"params/{name}"] for name in told["optimiser"]}
    optimiser = {
        name: {"step": step, "m": arrays[f"m/{name}"], "v": arrays[f"v/{name}"]}
        for name, step in told["optimiser"].items()
    }
    options = Options(**told["options"])
    moving = (told[name] for name in ("position", "step", "seconds", "log", "losses"))
    return Run(options, params, optimiser, arrays["h"], *moving), told
