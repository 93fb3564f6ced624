"""One process at a time in a folder."""

import errno
import os
from pathlib import Path

from longrun.errors import UserError

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
        self._folder.mkdir(parents=True, exist_ok=True)
        if not self._enabled or fcntl is None:
            return self
        path = self._folder / ".lock"
        self._file = open(path, "a")  # noqa: SIM115 - held until the block ends
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            self._file.close()
            raise BlockingIOError(f"another process is training in {self._folder}") from error
        except OSError as error:
            self._file.close()
            if error.errno in NO_LOCKS:
                raise UserError(f"{path}: the file system has no locks ({os.strerror(error.errno)}); --no-lock goes on without") from error
            raise
        return self

    def __exit__(self, *_) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


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
    content = [path.name for path in folder.iterdir() if path.name != ".lock"]
    if not content:
        return None
    if not (folder / "config.json").is_file() and not (folder / "checkpoints" / "manifest.json").is_file():
        raise UserError(f"{folder} holds no run (there is no config.json in it, but {sorted(content)[0]}); it is not moved")
    with Lock(folder, locked):
        number = 1
        while folder.with_name(f"{folder.name}.{number}").exists():
            number += 1
        return folder.rename(folder.with_name(f"{folder.name}.{number}"))
