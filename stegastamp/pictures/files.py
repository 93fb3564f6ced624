"""Stamping and reading image files, one or many."""

import glob
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from longrun import UserError, write_atomically
from stegastamp.message.acceptance import Reading
from stegastamp.message.formats import Message, formats_for
from stegastamp.pictures import codec
from stegastamp.pictures.codec import Codec, Marked
from stegastamp.pictures.formats import WRITTEN, Picture, file_bytes, picture_from, read_picture
from stegastamp.pictures.photos import SUFFIXES, find_images


def encode_files(
    source: str,
    output: str,
    message: str,
    *,
    checkpoint: str = "",
    strength: float | None = None,
    format: str = "",
    verify: str = "none",
    margin: int = 0,
    quality: int | None = None,
    overwrite: bool = False,
) -> int:
    """Hide a message in an image file, or in all of a folder or pattern (then `output` is a folder); returns the exit code.

    A file is written only after its own bytes, and `verify` on top of them, have been read back. One line for each on stdout; a bad
    one of many is named on stderr, counted, and makes the exit code 2. Raises UserError or OSError for a bad single
    file, and for what would fail in all of them.
    """
    check = codec.attack(verify)
    pairs = list(_pairs(source, output))
    used = codec.load(checkpoint, format=format)
    formats_for(used.stamper.config.bits, format)[0].encode(message)
    written, failed = set(), 0
    for image, target in pairs:
        try:
            if target.exists() and (not overwrite or target in written):
                raise UserError(f"{target} exists" + ("" if overwrite else "; --overwrite replaces it"))
            marked = encode_file(
                used, image, target, message, check=check, quality=quality, strength=strength, format=format, margin=margin
            )
        except (UserError, OSError) as error:
            if len(pairs) == 1:
                raise
            failed += 1
            print(f"{image}: {' '.join(str(error).split())}", file=sys.stderr, flush=True)
            continue
        written.add(target)
        after = "" if verify == "none" else f" after {verify}"
        print(
            f"{target}: {marked.picture.size}, {marked.format}, strength {marked.strength:.3g}, PSNR {marked.psnr:.1f} dB, "
            f"{marked.wrong} of {marked.bits} bits wrong{after}, {marked.correctable} correctable",
            flush=True,
        )
    if failed:
        print(f"{failed} of {len(pairs)} files failed", file=sys.stderr)
    return 2 if failed else 0


def encode_file(
    used: Codec,
    image: Path,
    target: Path,
    message: Message,
    *,
    check: Callable[[Picture], Picture] = lambda picture: picture,
    quality: int | None = None,
    **options,
) -> Marked:
    """Stamp one image file. The bytes of the new file, decoded again, are what `check` and the reading back see. See `Codec.mark`."""
    cover = read_picture(image)
    if cover.frames > 1:
        raise UserError(f"{image} has {cover.frames} frames; only still pictures can be stamped")
    data = b""

    def through_the_file(stamped):
        nonlocal data
        data = file_bytes(stamped, target.suffix, quality)
        return check(picture_from(data, str(target)))

    try:
        marked = used.mark(cover, message, check=through_the_file, **options)
    except UserError as error:
        raise UserError(f"{target} was not written: {error}") from error
    target.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(target, data)
    return marked


def decode_files(images: Sequence[str], *, checkpoint: str = "", format: str = "", as_json: bool = False) -> int:
    """Print the messages in image files; folders and patterns stand for the files in them.

    Returns 0 where at least one was found, 1 where none was, 2 where a file could not be read. The messages go to stdout, with many
    files each behind its name; what else is known of them goes to stderr. as_json: one object with everything on stdout instead.
    """
    paths = [path for image in images for path in _sources(image)[1]]
    if not paths:
        raise UserError("name at least one image")
    used = codec.load(checkpoint, format=format)
    formats = formats_for(used.stamper.config.bits, format)
    rows = []
    for path in paths:
        try:
            rows.append(_row(path, used.read_picture(read_picture(path), formats)))
        except (UserError, OSError) as error:
            rows.append({"image": str(path), "error": " ".join(str(error).split())})
        if not as_json:
            _tell(rows[-1], many=len(paths) > 1, hint=not (checkpoint or format))
    found = sum(row.get("found", False) for row in rows)
    if as_json:
        print(json.dumps({"images": rows, "found": found}))
    return 2 if any("error" in row for row in rows) else 0 if found else 1


def _pairs(source, output) -> Iterator[tuple[Path, Path]]:
    """(image, output) of what `source` stands for. Raises UserError or FileNotFoundError before anything is written."""
    base, paths = _sources(source)
    target = Path(output)
    if base is None:
        if target.is_dir():
            raise UserError(f"{target} is a folder, and {source} a file; name the file to write")
        if target.suffix.lower() not in WRITTEN:
            raise UserError(f"{target} must end in {', '.join(WRITTEN)}")
        yield paths[0], target
        return
    if target.is_file():
        raise UserError(f"{target} is a file; many images need a folder")
    for path in paths:
        # What an earlier run has written below the folder that is read now.
        if target.resolve() in path.resolve().parents and target.resolve() != base.resolve():
            continue
        name = path.relative_to(base)
        yield path, target / (name if name.suffix.lower() in WRITTEN else name.with_suffix(".png"))


def _sources(source) -> tuple[Path | None, list[Path]]:
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


def _row(path, reading: Reading | None) -> dict:
    if reading is None:
        return {"image": str(path), "found": False}
    return {
        "image": str(path),
        "found": True,
        "message": str(reading.message),
        "format": reading.format,
        "corrected": reading.corrected,
        "bits": reading.bits,
        "false_accept_probability": reading.false_accept_probability,
        "rotation": reading.rotation,
        "mirrored": reading.mirrored,
        "frame": reading.frame,
    }


def _tell(row, many, hint):
    name = f"{row['image']}: " if many else ""
    if "error" in row:
        print(row["error"], file=sys.stderr, flush=True)
    elif not row["found"]:
        # The networks of texts and of UUIDs are two, and to ask both would double the chance of finding what is not there.
        other = " (a UUID is read with --format uuid)" if hint else ""
        print(f"{row['image']}: no message{other}", file=sys.stderr, flush=True)
    else:
        print(f"{name}{row['message']}", flush=True)
        turned = f", turned by {row['rotation']} degrees" if row["rotation"] else ""
        turned += ", mirrored" if row["mirrored"] else ""
        turned += f", sides {row['frame']:.3g} of the picture's" if row["frame"] != 1 else ""
        print(
            f"({row['format']}, {row['corrected']} of {row['bits']} bits corrected, "
            f"chance in a picture without a stamp {row['false_accept_probability']:.1g}{turned})",
            file=sys.stderr,
            flush=True,
        )
