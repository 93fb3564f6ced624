"""The command `decode`: messages out of image files, one or many."""

import functools
import json as json_format
import sys
from pathlib import Path
from typing import Any, Literal

from longrun import fleet
from longrun.cli.waiting import waiting_for
from longrun.errors import UserError
from longrun.release.models import Runtime
from stegastamp.films.opening import is_film
from stegastamp.message.acceptance import Reading
from stegastamp.pictures import codec
from stegastamp.pictures.codec import Codec
from stegastamp.pictures.formats import STDIO, read_picture
from stegastamp.pictures.sources import files_of, told_of


def decode(
    images: tuple[str, ...],
    /,
    *,
    checkpoint: str = "",
    format: str = "",
    key: str = "",
    json: bool = False,
    runtime: Literal["", "keras", "onnx"] = "",
    workers: int = 0,
    cluster: str = "",
) -> int:
    """Read the messages in images and films; exit code 1 where there is none.

    A picture is read as a whole in any orientation, within its margins, as a part of what was stamped, and then, with the network
    that finds pictures, as a page with pictures on it. Messages go to stdout, with many files each behind its name; how they were
    found, bits corrected and the false-accept probability go to stderr. Exit code 2 where a file could not be read, or was left out
    of a folder or a pattern by its name.

    images: Image files, folders of them, patterns in quotes, - for standard input, or films.
    checkpoint: Other weights than the released ones, a released or run folder.
    format: Read only this one of text7, text5, text4 and uuid; a UUID has a network of its own.
    key: File with the key that the messages were stamped with; what was stamped without it is not read then.
    json: Print one object with everything on stdout.
    runtime: What computes the networks; empty: onnxruntime where the weights have ONNX files, as released ones have, else Keras.
    workers: Processes that share the images; 0: one for every processor where there are 64 images or more, else one.
    cluster: Address of a Dask scheduler whose workers share them instead, e.g. tcp://127.0.0.1:8786.

    Example:
        python -m stegastamp decode stamped.jpg
    """
    sources = [files_of(image) for image in images]
    paths = [path for source in sources for path in source.paths]
    left_out = tuple(path for source in sources for path in source.left_out)
    if not paths:
        raise UserError("name at least one image")
    piped = paths.count(Path(STDIO))
    if piped > 1 or (piped and (workers > 1 or cluster)):
        raise UserError(f"standard input ({STDIO}) can be read once, by one process")
    workers = 1 if piped else fleet.processes(workers, len(paths))
    used = codec.load(checkpoint, format=format, key=key, runtime=runtime)
    used.formats(format)
    work = functools.partial(_read, used, format) if workers == 1 and not cluster else _read_by_worker
    tasks = paths if workers == 1 and not cluster else [(path, checkpoint, format, key, runtime) for path in paths]
    rows: dict[int, dict[str, Any]] = {}
    for index, row in waiting_for(fleet.run(work, tasks, workers=workers, cluster=cluster), len(tasks), "images"):
        rows[index] = row
        if not json:
            _tell(row, many=len(paths) > 1, hint=not (checkpoint or format or key))
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
    keyed = {"key": True} if used.key else {}
    try:
        if is_film(path):
            from stegastamp.films.reading import decode_film  # Photos do not wait for it.

            film = decode_film(path, model=used, format=format)
            reading, keyed = film.reading, keyed | film.row()
        else:
            picture = read_picture(path)
            reading = used.read_picture(picture, used.formats(format))
            if reading is None:
                return {"image": str(path)} | _on_page(used, used.formats(format), picture) | keyed
    except (UserError, OSError) as error:
        return {"image": str(path), "error": " ".join(str(error).split())}
    if reading is None:
        return {"image": str(path), "found": False} | keyed
    return {"image": str(path), "found": True} | _said(reading) | keyed


def _said(reading: Reading) -> dict[str, Any]:
    """What --json says of a message."""
    return {
        "message": str(reading.message),
        "format": reading.format,
        "corrected": reading.corrected,
        "bits": reading.bits,
        "false_accept_probability": reading.false_accept_probability,
        "rotation": reading.rotation,
        "mirrored": reading.mirrored,
        "frame": reading.frame,
        "way": reading.way,
    }


def _on_page(used, formats, picture):
    """What --json says of a picture that says nothing itself: the surest message of the pictures on it, and all of them."""
    from stegastamp.pictures import pages  # Another network, opened where it is needed.

    finder = pages.detector(used.stamper.runtime)
    if finder is None:
        return {"found": False, "detector": False}
    stamps = [
        _said(one.reading) | {"corners": [[round(float(x), 1), round(float(y), 1)] for x, y in one.corners]}
        for one in pages.read_page(used.stamper, finder, picture, formats)
    ]
    return {"found": True, **stamps[0], "stamps": stamps} if stamps else {"found": False, "detector": True}


def _read_by_worker(task: tuple[Path, str, str, str, Runtime]) -> dict[str, Any]:
    path, checkpoint, format, key, runtime = task
    return _read(Codec(codec.load_once(checkpoint, format, runtime).stamper, key), format, path)


def _tell(row, many, hint):
    name = f"{row['image']}: " if many else ""
    if "damage" in row:
        print(row["damage"], file=sys.stderr, flush=True)
    if "error" in row:
        print(row["error"], file=sys.stderr, flush=True)
    elif not row["found"]:
        # The networks of texts and of UUIDs are two, and to ask both would double the chance of finding what is not there.
        other = " (a UUID is read with --format uuid)" if hint else " of this key" if "key" in row else ""
        looked = {None: "", True: "; pictures on it were looked for too", False: "; there is no detector to look for pictures on it"}
        other += "; detect looks for pictures in the frames of a film" if "frames" in row else ""
        print(f"{row['image']}: no message{other}{looked[row.get('detector')]}", file=sys.stderr, flush=True)
    else:
        for stamp in row.get("stamps", [row]):
            print(f"{name}{stamp['message']}", flush=True)
            print(
                f"({stamp['format']}{' with this key' if 'key' in row else ''}, {stamp['corrected']} of {stamp['bits']} bits corrected, "
                f"chance in a picture without a stamp {stamp['false_accept_probability']:.1g}{_held(stamp)})",
                file=sys.stderr,
                flush=True,
            )


def _held(stamp):
    """Which way a message was found, and how its picture is held, in words."""
    corners = " ".join(f"{x:.0f},{y:.0f}" for x, y in stamp.get("corners", ()))
    ways = {"margins": ", within margins", "part": ", in a part of what was stamped", "page": f", in a picture on it at {corners}"}
    held = ways.get(stamp["way"], "")
    held += f", turned by {stamp['rotation']} degrees" if stamp["rotation"] else ""
    held += ", mirrored" if stamp["mirrored"] else ""
    return held + (f", sides {stamp['frame']:.3g} of the picture's" if stamp["frame"] != 1 else "")
