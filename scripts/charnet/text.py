"""The text: read, split, and turned into class indices."""

import hashlib
import sysconfig
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

RARE, RARE_AS = 10, "\ufffd"  # characters seen less often in the training part are one class
HELD_OUT = 0.05  # of the text, its end: never trained on
LIBRARY = "Python's standard library"
LEAST = 2_000  # characters that a text must have


class TextError(Exception):
    """The text cannot be used; the message says why."""


class Text(NamedTuple):
    """A text in class indices, its end held out."""

    name: str
    alphabet: str  # the character of each class, the last for all rare ones
    training: Any  # (N,) class indices
    held_out: Any
    sha256: str

    def characters(self, classes: Any) -> str:
        """Return the characters of class indices."""
        return "".join(self.alphabet[one] for one in classes)


def read(path: str | None, most: int) -> Text:
    """Read a file, or the source of Python's standard library; no more than so many characters of it."""
    name, content = (LIBRARY, _library(most)) if path is None else (path, _file(path))
    content = content[:most]
    if len(content) < LEAST:
        raise TextError(
            f"{name}: has {len(content)} characters, expected {LEAST:,} or more to train on and to hold out"
        )
    border = int(len(content) * (1 - HELD_OUT))
    counted = Counter(content[:border])
    alphabet = "".join(sorted(c for c, count in counted.items() if count >= RARE and c != RARE_AS)) + RARE_AS
    classes = {c: i for i, c in enumerate(alphabet)}
    coded = np.array([classes.get(c, len(alphabet) - 1) for c in content])
    digest = hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()
    return Text(name, alphabet, coded[:border], coded[border:], digest)


def _file(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise TextError(f"{path}: is not UTF-8 (byte {error.start}: {error.reason}); convert it first") from error
    except OSError as error:
        raise TextError(f"{path}: {error.strerror}") from error


def _library(most: int) -> str:
    """Return the modules at the top of the standard library, in the order of their names."""
    parts, length = [], 0
    for path in sorted(Path(sysconfig.get_paths()["stdlib"]).glob("*.py")):
        if length >= most:
            break
        parts.append(path.read_text(encoding="utf-8"))
        length += len(parts[-1])
    return "".join(parts)
