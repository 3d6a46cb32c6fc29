"""The frozen vectors for other languages: a folder that explains itself."""

import json
import os
import shutil
import tempfile
from importlib.resources import files
from pathlib import Path

from ..._files import umask
from ..cases import frozen
from ..operation import SUITE
from ..spec import OPERATIONS
from .formats import SCHEMA, as_json, as_npz, as_text, entry
from .readme import readme
from .record import Record, record

FORMATS = {"json": (as_json, ".json"), "npz": (as_npz, ".npz"), "text": (as_text, ".txt")}
EXAMPLE = files(__name__) / "example.c"


def export(folder: str | os.PathLike[str], format: str = "json") -> Path:  # noqa: A002 - the option's name
    """Write the frozen vectors of the suite, and how to judge an answer by them, into a new folder.

    Parameters
    ----------
    folder : str or path
        Where to; must be absent or empty. It appears when it is complete, or not at all.
    format : {"json", "npz", "text"}
        JSON with hexadecimal floating-point numbers, NumPy's npz, or words and numbers for C's ``fscanf``.

    Returns
    -------
    Path
        The folder: a file for every function, ``index.json``, ``README.md``, and with "text" ``example.c``.

    Raises
    ------
    ValueError
        No such format.
    FileExistsError
        The folder is there and not empty.
    """
    if format not in FORMATS:
        raise ValueError(f"export: format is {format!r}, expected {', '.join(map(repr, FORMATS))}")
    path = _vacant(Path(folder).resolve())
    scratch = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name}-"))
    try:
        _fill(scratch, format)
        scratch.chmod(0o777 & ~umask())
        if path.is_dir():
            path.rmdir()  # empty; not every system renames onto a folder
        scratch.rename(path)
    except BaseException:
        shutil.rmtree(scratch, ignore_errors=True)
        raise
    return path


def _vacant(path: Path) -> Path:
    """Return the path if a folder can be made there."""
    if path.exists() and not (path.is_dir() and not any(path.iterdir())):
        raise FileExistsError(17, "exists, expected a folder that is absent or empty", str(path))
    if not path.parent.is_dir():
        raise NotADirectoryError(20, "cannot be made, the folder above does not exist", str(path))
    return path


def _fill(folder: Path, format: str) -> None:  # noqa: A002
    checks, provenance = frozen.load()
    write, suffix = FORMATS[format]
    entries = []
    functions = {}
    for function, told in OPERATIONS.items():
        records: list[Record] = [record(check) for check in checks if check.function == function]
        (folder / f"{function}{suffix}").write_bytes(write(function, records))
        functions[function] = {"file": f"{function}{suffix}", "checks": len(records), "outputs": list(told.outputs)}
        entries += [entry(one) for one in records]
    head = {"schema": SCHEMA, "suite": SUITE, "format": format, "provenance": provenance, "count": len(entries)}
    lines = ",\n".join(f" {json.dumps(one)}" for one in entries)
    index = json.dumps(head | {"functions": functions}, indent=1)[:-2] + f',\n "checks": [\n{lines}\n]}}\n'
    (folder / "index.json").write_text(index, encoding="utf-8", newline="\n")
    (folder / "README.md").write_text(readme(format, len(entries), provenance), encoding="utf-8", newline="\n")
    if format == "text":
        (folder / EXAMPLE.name).write_bytes(EXAMPLE.read_bytes())
