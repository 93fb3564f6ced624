"""Text in files of others: its encoding told by its mark, and what is no text called by its name."""

from pathlib import Path

from longrun.errors import UserError

_MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_KNOWN = {
    b"version https://git-lfs": "it is a Git LFS pointer, not the file itself (git lfs pull fetches it)",
    b"<!doctype html": "it is an HTML page, not the file that was asked for",
    b"<html": "it is an HTML page, not the file that was asked for",
    b"\x1f\x8b": "it is a gzip archive, which has to be unpacked first",
    b"pk\3\4": "it is a zip archive or a workbook, of which the file in it is needed",
}


class NoText(UserError):
    """A file holds something else than text."""


def mistaken_for(head: bytes) -> str:
    """What a file is that was fetched or named by mistake, as a clause, told by its first bytes; empty where they say nothing."""
    start = head.lstrip().lower()
    return next((what for known, what in _KNOWN.items() if start.startswith(known)), "")


def read_text(path: Path, *, otherwise: str = "") -> str:
    """The text of a file in UTF-8, or in UTF-16 as its mark says; without the mark that spreadsheets and editors put before it.

    otherwise: the encoding of what is no UTF-8; empty: it is refused. Raises FileNotFoundError, other OSError, and NoText.
    """
    if not path.exists():
        raise FileNotFoundError(f"{path} does not exist")
    data = path.read_bytes()
    if what := mistaken_for(data[:512]):
        raise NoText(f"{path} cannot be read: {what}")
    encoding = next((name for mark, name in _MARKS.items() if data.startswith(mark)), "utf-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        if not otherwise:
            raise NoText(f"{path} is no text: {error.reason} at byte {error.start}") from error
        text = data.decode(otherwise)
    if "\0" in text:
        raise NoText(f"{path} is no text: it holds a zero byte")
    return text
