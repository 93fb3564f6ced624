"""What a reader must not do, watched while it reads: run, unpickle or write anything, damage its input, speak past its caller.

`Watch` is for a process of its own: what is added to the audit of a process can never be taken away.
"""

import contextlib
import os
import re
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

from longrun.errors import UserError
from tests.places import ROOT

CHARACTERS = 300
"""Of a message at most."""
RUNS = ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "os.forkpty", "pty.spawn")
REACHES = ("socket.connect", "socket.getaddrinfo", "urllib.Request", "http.client.connect", "ftplib.connect", "smtplib.connect")
WRITES = ("os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.link", "os.symlink", "os.truncate", "os.chmod", "os.chown", "os.utime")
FORBIDDEN = {
    "pickle.find_class": "unpickled",
    **dict.fromkeys(RUNS, "ran a program"),
    **dict.fromkeys(REACHES, "reached out"),
    **dict.fromkeys(WRITES, "wrote"),
}


class Watch:
    """Over one process. spoken: a file that stands in for standard output and standard error."""

    def __init__(self, spoken: Path):
        self._seen: list[str] | None = None
        self._writes = False
        # The folder for temporary files is this process's own, and what goes there or into the bin is nobody's.
        self._nobodys = (tempfile.gettempdir(), os.devnull)
        self._spoken = spoken.open("w+b", buffering=0)
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        os.dup2(self._spoken.fileno(), 1)
        os.dup2(self._spoken.fileno(), 2)
        sys.addaudithook(self._heard)

    def _heard(self, event, arguments):
        if self._seen is None:
            return
        if event == "open":
            path, mode, flags = arguments
            does = (flags or 0) & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC) or (mode and set(mode) & set("wax+"))
            event = "os.truncate" if does else ""
            arguments = (path,)
        if event in FORBIDDEN and not (self._writes and FORBIDDEN[event] == "wrote") and not self._is_nobodys(arguments):
            self._seen.append(f"{FORBIDDEN[event]}: {event} {str(arguments)[:120]}")

    def _is_nobodys(self, arguments):
        return any(isinstance(one, str | os.PathLike) and str(os.fspath(one)).startswith(self._nobodys) for one in arguments)

    def findings(self, folder: Path, read: Callable[[], object], writes: bool = False) -> list[str]:
        """What is wrong with reading what lies in `folder`, each in a line; nothing where all is well.

        writes: whether the folder is one that a command works in, and writes to.
        """
        before, self._writes = _contents(folder), writes
        self._spoken.seek(0)
        self._spoken.truncate()
        found, self._seen = [], []
        try:
            read()
        except (UserError, OSError) as error:
            found += _of_message(error, folder)
        except Exception as error:  # What a person would see as a traceback is what is looked for.
            found.append(f"traceback: {_last_line(error)}")
        found += dict.fromkeys(self._seen)
        self._seen = None
        after = _contents(folder)
        if after != before and not writes:
            names = sorted(name for name in {**before, **after} if before.get(name) != after.get(name))
            found.append(f"damaged its input: {', '.join(names)}"[:200])
        with contextlib.suppress(ValueError):
            sys.stdout.flush()
        self._spoken.seek(0)
        for line in self._spoken.read().decode(errors="replace").splitlines():
            if len(line) > CHARACTERS or (line.strip() and str(folder) not in line and not writes):
                found.append(f"spoke: {line[:160]}")
        return found


def _of_message(error: Exception, folder: Path) -> Iterator[str]:
    text, kind = str(error), type(error).__name__
    if isinstance(error, FileNotFoundError | IsADirectoryError | NotADirectoryError) and error.filename is not None:
        text = f"{error.strerror}: {error.filename}"
    if len(text) > CHARACTERS:
        yield f"message of more than {CHARACTERS} characters: {kind}: {text[:160]}"
    if len(text.splitlines()) > 1:
        yield f"message of several lines: {kind}: {text[:160]!r}"
    names = [path.name for path in folder.rglob("*") if path.is_file()]
    if str(folder) not in text and not any(name in text for name in names):
        yield f"message that names no file: {kind}: {text[:160]}"


def _last_line(error):
    """The error, and the deepest place of it in this project."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if frame.filename.startswith(f"{ROOT}/") and not re.search(r"/tests/|/\.", frame.filename)]
    place = f" at {Path(ours[-1].filename).relative_to(ROOT)}:{ours[-1].lineno}" if ours else ""
    return f"{type(error).__name__}{place}: {' '.join(str(error).split())[:120]}"


def _contents(folder: Path) -> dict[str, bytes | None]:
    return {str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None for path in sorted(folder.rglob("*"))}
