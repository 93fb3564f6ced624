"""What the words of a command line stand for: an image, a folder of them, a pattern, or standard input and output."""

import glob
from dataclasses import dataclass
from pathlib import Path

from longrun.errors import UserError
from stegastamp.pictures.formats import STDIO, WRITTEN

NAMED = (
    *(".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".apng", ".webp", ".bmp", ".dib", ".tif", ".tiff", ".gif", ".avif", ".heic", ".heif"),
    *(".jp2", ".j2k", ".jpx", ".ppm", ".pgm", ".pbm", ".pnm"),
)
"""What files are tried of a folder or a pattern; which of them are pictures is told by what is in them."""


@dataclass(frozen=True)
class Source:
    """What a word stands for. folder: where they lie, None for a single file. left_out: files whose names are not those of pictures."""

    folder: Path | None
    paths: tuple[Path, ...]
    left_out: tuple[Path, ...] = ()


def files_of(source: str) -> Source:
    """The image files of a folder or a pattern, or the file itself. Hidden files are none of them. Raises FileNotFoundError."""
    path = Path(source)
    if source != STDIO and path.is_dir():
        found = _sorted_out(path, sorted(path.rglob("*")))
        if not found.paths:
            others = f", but {len(found.left_out)} other files" if found.left_out else ""
            raise FileNotFoundError(f"image folder {path} holds no image ({', '.join(NAMED)}){others}")
        return found
    if source == STDIO or path.exists() or not glob.has_magic(source):
        return Source(None, (path,))
    plain = [part for part in path.parts if part]
    base = Path(*plain[: next(index for index, part in enumerate(plain) if glob.has_magic(part))])
    found = _sorted_out(base, [Path(name) for name in sorted(glob.glob(source, recursive=True))])
    if not found.paths:
        raise FileNotFoundError(f"no image matches {source}")
    return found


def told_of(left_out: tuple[Path, ...], shown: int = 5) -> str:
    """A line that counts and names files that were left out."""
    names = ", ".join(map(str, left_out[:shown])) + (f" and {len(left_out) - shown} more" if len(left_out) > shown else "")
    return f"{len(left_out)} {'file' if len(left_out) == 1 else 'files'} left out, by their names no pictures: {names}"


def pairs(source: str, output: str) -> tuple[list[tuple[Path, Path]], tuple[Path, ...]]:
    """(image, the file to write) of what `source` stands for, and the files that are left out.

    Raises UserError or FileNotFoundError before anything is written, also where two images would become one file.
    """
    if output != STDIO and source == STDIO and Path(output).is_dir():
        raise UserError(f"{output} is a folder; name the file to write")
    found = files_of(source)
    target = Path(output)
    if output == STDIO and found.folder is not None:
        raise UserError(f"many images need a folder, not standard output ({STDIO})")
    if output == STDIO:
        return [(found.paths[0], target)], ()
    if found.folder is None:
        if target.is_dir():
            raise UserError(f"{target} is a folder, and {source} a file; name the file to write")
        if target.suffix.lower() not in WRITTEN:
            raise UserError(f"{target} must end in {', '.join(WRITTEN)}")
        return [(found.paths[0], target)], ()
    if target.is_file():
        raise UserError(f"{target} is a file; many images need a folder")
    made: dict[Path, Path] = {}
    for path in found.paths:
        if _written_before(path, target, found.folder):
            continue
        name = path.relative_to(found.folder)
        name = name if name.suffix.lower() in WRITTEN else name.with_suffix(".png")
        other = made.setdefault(target / name, path)
        if other != path:
            raise UserError(f"{other} and {path} would both become {target / name}; rename one of them")
    left_out = tuple(path for path in found.left_out if not _written_before(path, target, found.folder))
    return [(path, each) for each, path in made.items()], left_out


def _sorted_out(folder, found):
    files = [path for path in found if path.is_file() and not any(part.startswith(".") for part in path.relative_to(folder).parts)]
    paths = tuple(path for path in files if path.suffix.lower() in NAMED)
    return Source(folder, paths, tuple(path for path in files if path not in set(paths)))


def _written_before(path, target, folder):
    """Whether an earlier run has written a file below the folder that is read now."""
    return target.resolve() in path.resolve().parents and target.resolve() != folder.resolve()
