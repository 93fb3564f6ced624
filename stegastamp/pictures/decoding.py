"""The command `decode`: messages out of image files, one or many."""

import functools
import json as json_format
import sys
from pathlib import Path
from typing import Any

from longrun import fleet
from longrun.errors import UserError
from stegastamp.message.formats import formats_for
from stegastamp.pictures import codec
from stegastamp.pictures.codec import Codec
from stegastamp.pictures.formats import read_picture
from stegastamp.pictures.sources import files_of, told_of


def decode(
    images: tuple[str, ...],
    /,
    *,
    checkpoint: str = "",
    format: str = "",
    json: bool = False,
    workers: int = 1,
    cluster: str = "",
) -> int:
    """Read the messages in images; exit code 1 where there is none.

    Messages go to stdout, with many files each behind its name; bits corrected and the false-accept probability go to stderr. Exit
    code 2 where a file could not be read, or was left out of a folder or a pattern by its name.

    images: Image files, folders of them, patterns in quotes, or - for standard input.
    checkpoint: Other weights than the released ones, a released or run folder.
    format: Read only this one of text7, text5, text4 and uuid; a UUID has a network of its own.
    json: Print one object with everything on stdout.
    workers: Processes that share the images.
    cluster: Address of a Dask scheduler whose workers share them instead, e.g. tcp://127.0.0.1:8786.

    Example:
        python -m stegastamp decode stamped.jpg
    """
    sources = [files_of(image) for image in images]
    paths = [path for source in sources for path in source.paths]
    left_out = tuple(path for source in sources for path in source.left_out)
    if not paths:
        raise UserError("name at least one image")
    used = codec.load(checkpoint, format=format)
    formats_for(used.stamper.bits, format)
    work = functools.partial(_read, used, format) if workers == 1 and not cluster else _read_by_worker
    tasks = paths if workers == 1 and not cluster else [(path, checkpoint, format) for path in paths]
    rows: dict[int, dict[str, Any]] = {}
    for index, row in fleet.run(work, tasks, workers=workers, cluster=cluster):
        rows[index] = row
        if not json:
            _tell(row, many=len(paths) > 1, hint=not (checkpoint or format))
    found = sum(row.get("found", False) for row in rows.values())
    if json:
        print(json_format.dumps({"images": [rows[index] for index in range(len(paths))], "found": found} | _left_out(left_out)))
    elif left_out:
        print(told_of(left_out), file=sys.stderr)
    return 2 if left_out or any("error" in row for row in rows.values()) else 0 if found else 1


def _left_out(paths):
    return {"left_out": [str(path) for path in paths]} if paths else {}


def _read(used: Codec, format: str, path: Path) -> dict[str, Any]:
    """What --json says of one image."""
    try:
        reading = used.read_picture(read_picture(path), formats_for(used.stamper.bits, format))
    except (UserError, OSError) as error:
        return {"image": str(path), "error": " ".join(str(error).split())}
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


def _read_by_worker(task: tuple[Path, str, str]) -> dict[str, Any]:
    path, checkpoint, format = task
    return _read(codec.load_once(checkpoint, format), format, path)


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
