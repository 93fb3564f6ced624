"""Files and folders that a person names for what a command makes: refused before the work where they cannot be written, and then whole.

Whoever reads sees all of a file or what was there before, however many processes write it and whenever they are killed. Where nothing is
to be replaced and several write the same name, one of them wins and the others say so.
"""

import contextlib
import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

from longrun.errors import UserError
from longrun.run.durable import sync


def check_output(path: Path | str, *, overwrite: bool = True, makes_folder: bool = False) -> None:
    """Before the work: whether a file can be written at `path`.

    overwrite: whether one that is there may be replaced. makes_folder: whether a folder that is missing will be made. Raises OSError
    with one line that names the path; UserError where it exists and is to be kept.
    """
    path = Path(path)
    if path.is_dir():
        raise IsADirectoryError(f"cannot write {path}: it is a folder")
    if not overwrite and os.path.lexists(path) and not _is_device(path):
        raise _kept(path)
    if not makes_folder and not path.absolute().parent.exists():
        raise FileNotFoundError(f"cannot write {path}: there is no folder {path.parent}")
    _check_place(path, path.absolute().parent)


def check_folder(path: Path | str) -> None:
    """Before the work: whether `path` is a folder to write into, or one could be made there. Raises OSError with one line."""
    _check_place(Path(path), Path(path).absolute())


@contextlib.contextmanager
def output(path: Path | str, *, overwrite: bool = True, mode: int = 0o666) -> Iterator[Path]:
    """A place beside `path`, of the same suffix, to write a file at; once the block has ended without an error the file is at `path`.

    mode: the rights of a new file, less those that the umask takes; a file that is replaced keeps its own. A device or a pipe is written
    to as it is; of a link what it leads to is replaced. Raises OSError with one line that names the path, and UserError where a file is
    there, or has come meanwhile, that is not to be replaced.
    """
    path = Path(path)
    if _is_device(path):
        yield path
        return
    target = Path(os.path.realpath(path)) if overwrite else path
    beside = target.with_name(f".unfinished-{secrets.token_hex(8)}{target.suffix}")
    try:
        with _named(path):
            os.close(os.open(beside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode))
        yield beside
        with _named(path):
            if overwrite and target.exists():
                shutil.copymode(target, beside)
            put(beside, target, overwrite=overwrite)
    finally:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)


def put(beside: Path, target: Path, *, overwrite: bool) -> None:
    """Give a whole file that lies in the target's folder the target's name, on disk. For what cannot be a block of `output`.

    Raises UserError where a file is there that is not to be replaced. `beside` may stay where it was.
    """
    sync(beside)
    if overwrite:
        os.replace(beside, target)
    else:
        _move_to_free_name(beside, target)
    sync(target.parent)


def write_output(path: Path | str, content: str | bytes, *, overwrite: bool = True, mode: int = 0o666) -> None:
    """A whole file at `path`. See `output`, also for errors."""
    with output(path, overwrite=overwrite, mode=mode) as place, _named(path):
        place.write_bytes(content.encode() if isinstance(content, str) else content)


def _move_to_free_name(source, target):
    try:
        os.link(source, target)
    except FileExistsError:
        # Over a network the answer to a link that was made may be lost, and the second try then finds it made.
        if not os.path.samestat(source.lstat(), target.lstat()):
            raise _kept(target) from None
    except OSError:
        # No links on this file system. The name is taken first, so one wins here too; but for a moment the file is empty.
        try:
            os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
        except FileExistsError:
            raise _kept(target) from None
        os.replace(source, target)


def _kept(path):
    return UserError(f"{path} exists; --overwrite replaces it")


def _is_device(path):
    return path.exists() and not path.is_file() and not path.is_dir()


def _check_place(path, folder):
    """Whether the folder, or else the nearest above it that is there, can be written into."""
    there = next(place for place in (folder, *folder.parents) if os.path.lexists(place))
    if not there.is_dir():
        raise NotADirectoryError(f"cannot write {path}: {there} is no folder")
    if not os.access(there, os.W_OK | os.X_OK):
        raise PermissionError(f"cannot write {path}: the folder {there} cannot be written to")


@contextlib.contextmanager
def _named(path):
    """Errors of the system as one line that names the path that a person knows."""
    try:
        yield
    except OSError as error:
        if error.strerror is None:  # One of ours already, of `sync`.
            raise type(error)(f"cannot write {path}: {str(error).rpartition(': ')[2]}") from error
        raise type(error)(f"cannot write {path}: {error.strerror}") from error
