"""One process at a time in a folder."""

import contextlib
import errno
import json
import os
from pathlib import Path

from longrun.errors import UserError
from longrun.run.durable import make_folder

try:
    import fcntl
except ImportError:  # Windows, where models are used and nothing is trained.
    fcntl = None

NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOTSUP)


class Lock:
    """Keeps other processes out of a folder while a `with` block runs; the system lets go of it however the process ends.

    folder: is made. enabled: False where the file system has no locks; then nothing keeps a second process out.
    Raises BlockingIOError where another process is in the folder, UserError where the file system has no locks.
    """

    def __init__(self, folder: Path | str, enabled: bool = True):
        self._folder, self._enabled = Path(folder), enabled
        self._file = None

    def __enter__(self) -> "Lock":
        make_folder(self._folder)
        if self._enabled and fcntl is not None:
            path = self._folder / ".lock"
            while self._file is None:
                self._file = _locked(path, self._folder)
        return self

    def __exit__(self, *_) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


def _locked(path, folder):
    """The lock's file, or None where its folder was moved away meanwhile: then it is the lock of another place."""
    file = open(path, "a")  # noqa: SIM115 - held until the block ends
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        file.close()
        raise BlockingIOError(f"another process is training in {folder}") from error
    except OSError as error:
        file.close()
        if error.errno in NO_LOCKS:
            raise UserError(f"{path}: the file system has no locks ({os.strerror(error.errno)}); --no-lock goes on without") from error
        raise
    with contextlib.suppress(FileNotFoundError):
        if os.path.samestat(os.fstat(file.fileno()), path.stat()):
            return file
    file.close()
    make_folder(folder)
    return None


def set_aside(folder: Path | str, locked: bool = True) -> Path | None:
    """Move a run folder out of the way (name.1, name.2, ...) so that a run can start afresh; nothing is deleted.

    Looks before it acts: BlockingIOError where a run is alive in the folder, UserError where it holds something else than a run.
    Returns where the run is now, None where there was none.
    """
    folder = Path(folder)
    if not folder.exists():
        return None
    if not folder.is_dir():
        raise UserError(f"{folder} is no run folder but a file")
    if folder.resolve() in (Path.cwd().resolve(), *Path.cwd().resolve().parents):
        raise UserError(f"{folder} is where this command runs, or above it; it is not moved")
    content = sorted(path.name for path in folder.iterdir() if path.name != ".lock")
    if not content:
        return None
    if not _is_run(folder):
        raise UserError(f"{folder} holds no run (there is no config.json of a run in it, but {content[0]}); it is not moved")
    with Lock(folder, locked):
        number = 1
        while folder.with_name(f"{folder.name}.{number}").exists():
            number += 1
        return folder.rename(folder.with_name(f"{folder.name}.{number}"))


def _is_run(folder):
    """Many a program has a config.json; a run's names its project, and its checkpoints have a manifest."""
    if (folder / "checkpoints" / "manifest.json").is_file():
        return True
    try:
        values = json.loads((folder / "config.json").read_text())
    except (OSError, ValueError):
        return False
    return isinstance(values, dict) and "project" in values
