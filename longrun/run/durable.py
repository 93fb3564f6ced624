"""Writing so that neither a kill nor a power cut at any instant loses what was there before.

A rename is atomic, but the name may reach the disk before the content does: content first, then the name, then the folder.
"""

import contextlib
import errno
import os
import re
from pathlib import Path

FAILED = (errno.EIO, errno.ENOSPC, errno.EDQUOT)


def write_atomically(path: Path | str, content: str | bytes) -> None:
    """Write a file beside its place, force it to disk, and move it there: readers see all of it or what was there before.

    Raises OSError with one line that names the file, e.g. for a full disk; nothing is left beside it then.
    """
    path = Path(path)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with open(beside, "wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    except OSError as error:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)
        raise type(error)(f"cannot write {path}: {error.strerror}") from error
    sync(path.parent)


def sweep(folder: Path | str) -> None:
    """Delete what kills have left beside its place. To be called by the one process that writes into the folder."""
    for path in Path(folder).glob(".*"):
        if re.fullmatch(r"\..+\.\d+", path.name) and path.is_file():
            path.unlink(missing_ok=True)


def make_folder(path: Path | str) -> None:
    """Make a folder and those above it, and force their names to disk: a file that is on disk in a folder that is not is lost."""
    path = Path(path)
    missing = [folder for folder in (path, *path.parents) if not folder.exists()]
    path.mkdir(parents=True, exist_ok=True)
    for folder in reversed(missing):
        sync(folder.parent)


def sync(path: Path | str) -> None:
    """Force a file's content, or a folder's list of names, to disk. Raises OSError with one line that names it."""
    try:
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError as error:
        # Some systems cannot sync a folder, and nothing more could be done there.
        if error.errno in FAILED or not Path(path).is_dir():
            raise type(error)(f"cannot write {path}: {error.strerror}") from error
