"""Where a report goes: a file that is complete or as it was, or whatever else stands under that name."""

import errno
import os
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path

MOUNTED = (errno.EBUSY, errno.EXDEV)  # what a system says of a file that is mounted by itself, as containers do


def destination(text: str) -> Path:
    """Return where the report goes, as seen before the target had a chance to change folders; refuse what cannot be."""
    try:
        path = Path(text).resolve()
    except RuntimeError as error:  # so Python before 3.13 says it
        raise OSError(errno.ELOOP, "cannot be written, it links to itself", text) from error
    if not path.exists() and Path(text).exists():
        path = Path(text).absolute()  # a pipe of this process, as /dev/fd/63: what it links to has no place
    if not text or path.is_dir():
        raise IsADirectoryError(errno.EISDIR, "is a folder, expected a file to write the report to", text or "''")
    if not path.parent.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, "cannot be written, its folder does not exist", text)
    return path


def write(path: Path, text: str) -> None:
    """Write a file that is complete or as it was; what is no regular file (a pipe, a device) is written to as it is."""
    write_bytes(path, text.encode("utf-8"))


def write_bytes(path: Path, content: bytes) -> None:
    """Write bytes in the same way."""
    write_pieces(path, [content])


def write_pieces(path: Path, pieces: Iterable[bytes]) -> None:
    """Write in the same way what comes piece by piece, of which one at a time is in memory."""
    if path.exists() and not path.is_file():
        with path.open("wb") as file:
            file.writelines(pieces)
        return
    part = None
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", suffix=".part", delete=False) as file:
            part = Path(file.name)
            file.writelines(pieces)
            file.flush()
            os.fsync(file.fileno())  # the name must not be there before the content is
    except OSError as error:
        if part is not None:
            part.unlink(missing_ok=True)
        raise OSError(error.errno, f"cannot be written: {error.strerror}", str(path)) from error
    try:
        part.chmod(path.stat().st_mode if path.exists() else 0o666 & ~umask())
        os.replace(part, path)  # noqa: PTH105
    except OSError as error:
        try:
            if error.errno not in MOUNTED:
                raise OSError(error.errno, f"cannot be written: {error.strerror}", str(path)) from error
            with part.open("rb") as whole, path.open("wb") as file:  # a place of its own: its name stays where it is
                shutil.copyfileobj(whole, file)
        finally:
            part.unlink(missing_ok=True)


def umask() -> int:
    """Return the mask of permissions of new files."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
