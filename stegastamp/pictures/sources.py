"""What the words of a command line stand for: an image, a folder of them, or a pattern."""

import glob
from pathlib import Path

from longrun.errors import UserError
from stegastamp.pictures.formats import WRITTEN
from stegastamp.pictures.photos import SUFFIXES, find_images


def files_of(source: str) -> tuple[Path | None, list[Path]]:
    """The image files of a folder or a pattern with the folder they lie in, or (None, [file]). Raises FileNotFoundError."""
    path = Path(source)
    if path.is_dir():
        return path, find_images(path)
    if path.exists() or not glob.has_magic(source):
        return None, [path]
    found = [Path(name) for name in sorted(glob.glob(source, recursive=True))]
    paths = [path for path in found if path.is_file() and path.suffix.lower() in (*SUFFIXES, ".gif")]
    if not paths:
        raise FileNotFoundError(f"no image matches {source}")
    plain = [part for part in path.parts if part]
    base = Path(*plain[: next(index for index, part in enumerate(plain) if glob.has_magic(part))])
    return base, paths


def pairs(source: str, output: str) -> list[tuple[Path, Path]]:
    """(image, the file to write) of what `source` stands for. Raises UserError or FileNotFoundError before anything is written."""
    base, paths = files_of(source)
    target = Path(output)
    if base is None:
        if target.is_dir():
            raise UserError(f"{target} is a folder, and {source} a file; name the file to write")
        if target.suffix.lower() not in WRITTEN:
            raise UserError(f"{target} must end in {', '.join(WRITTEN)}")
        return [(paths[0], target)]
    if target.is_file():
        raise UserError(f"{target} is a file; many images need a folder")
    found = []
    for path in paths:
        # What an earlier run has written below the folder that is read now.
        if target.resolve() in path.resolve().parents and target.resolve() != base.resolve():
            continue
        name = path.relative_to(base)
        found.append((path, target / (name if name.suffix.lower() in WRITTEN else name.with_suffix(".png"))))
    return found
