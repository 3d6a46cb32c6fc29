"""A text in place of a file that is not there: what is judged rests on it for no more than the size of a vocabulary."""

import builtins
import io
import types
from pathlib import Path
from typing import Any

TEXT = "The quick brown fox jumps over the lazy dog.\nWho is it? A dog, so it goes; and 1, 2 or 3 foxes went by!\n" * 8

OF_TEXT = {".txt", ".text", ".csv", ".tsv", ".md", ".data", ".py", ".c", ".html"}


def runs_with_a_text(code: types.CodeType, names: dict[str, Any]) -> bool:
    """Run a statement again, which reads our text from files that are not there; whether it ran to its end."""
    if "open" in names:
        return False
    names["open"] = _opened
    try:
        exec(code, names)
    except (Exception, SystemExit):
        return False
    finally:
        names.pop("open", None)
    return True


def _opened(file: Any, mode: str = "r", *more: Any, **options: Any) -> Any:
    """Open a file; in place of one of text that was to be read and is not there, ours."""
    try:
        return builtins.open(file, mode, *more, **options)  # noqa: PTH123 (what it stands for)
    except FileNotFoundError:
        if not set(mode) <= set("rbtU") or Path(file).suffix.lower() not in OF_TEXT:
            raise
        return io.BytesIO(TEXT.encode()) if "b" in mode else io.StringIO(TEXT)
