"""`detect`: the stamps in a photo, a film or before a camera."""

from __future__ import annotations

import json as json_format
import sys
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from longrun import UserError
from longrun.run.output import check_output
from stegastamp.detector.finding import search
from stegastamp.detector.finding.search import Detector
from stegastamp.detector.reading import Reader, Reading, read_all
from stegastamp.films.opening import is_film
from stegastamp.message.key import Key, key_of
from stegastamp.network import stamp
from stegastamp.pictures.codec import RELEASED, released
from stegastamp.pictures.photos import SUFFIXES, read_image

if TYPE_CHECKING:
    from stegastamp.films.camera import Camera
    from stegastamp.films.opening import Film

RELEASED_DETECTOR = RELEASED / "detector"


def find_stamps(frame: np.ndarray, detector: Detector, reader: Reader) -> tuple[list[Reading], list[np.ndarray]]:
    """The stamps read in a frame (H, W, 3) uint8 of any size, and the quads of pictures that say nothing."""
    return read_all(reader, frame, detector.quads(frame))


def detect_film(film: Path | str, *, checkpoint: str = "", key: Key | bytes | str | Path | None = None) -> list[Reading]:
    """The stamps that are read in a film file, each with its corners where it was first read. Raises FileNotFoundError or UserError."""
    from stegastamp.detector.tracking import Tracker
    from stegastamp.detector.watching import watch
    from stegastamp.films.opening import open_film

    secret = key_of(key)
    with open_film(film) as opened:
        tracker = Tracker(search.load(_released()), Reader(stamp.load(checkpoint or released()), secret))
        watch(opened, tracker)
    return [track.reading for track in tracker.readings]


def detect(
    source: str,
    /,
    *,
    annotated: str = "",
    checkpoint: str = "",
    detector: str = "",
    key: str = "",
    frames: int = 0,
    json: bool = False,
    overwrite: bool = False,
    runtime: Literal["", "keras", "onnx"] = "",
) -> int:
    """Find and read the stamps in a photo, in a film or before a camera; exit code 1 where there is none.

    source: A photo, - for one from standard input, a film, or the number of a camera, which is watched until a stamp is read.
    annotated: File for the photo or film with what was found drawn in.
    checkpoint: The network that reads; empty: the released one.
    detector: The network that finds; empty: the released one; "contours" does without.
    key: File with the key that the stamps were made with; those without it are not read then.
    frames: Most frames of a film; 0: all.
    json: Print one object on stdout.
    overwrite: Replace the annotated file where there is one.
    runtime: What computes the networks; empty: onnxruntime where the weights have ONNX files, as released ones have, else Keras.

    Example:
        python -m stegastamp detect photo.jpg --annotated found.png
    """
    film = source.isdigit() or is_film(source)
    target, secret = _annotated_target(annotated, film, overwrite), key_of(key)
    if film:  # A photo does not wait for what films need.
        from stegastamp.detector.tracking import Tracker
        from stegastamp.detector.watching import watch

        with _opened(source) as opened:
            tracker = Tracker(*_opened_networks(detector, checkpoint, runtime, secret))
            seen = watch(opened, tracker, target, frames=frames, overwrite=overwrite)
        found = [{**describe(track.reading), "frames": track.frames} for track in tracker.readings]
        values = {"found": bool(found), "frames": seen, "stamps": found}
        if opened.damage:
            print(opened.damage, file=sys.stderr)
            values["damage"] = opened.damage
    else:
        if frames:
            raise UserError(f"--frames is for films, {source} is none")
        image = read_image(source)
        finder, reader = _opened_networks(detector, checkpoint, runtime, secret)
        read, silent = find_stamps(image, finder, reader)
        found = [describe(each) for each in read]
        values = {"found": bool(found), "candidates": len(read) + len(silent), "stamps": found}
        if target:
            from stegastamp.detector.drawing import annotate
            from stegastamp.detector.measure import pictures

            pictures.write(target, annotate(image, read, silent), overwrite=overwrite)
    if json:
        print(json_format.dumps(values))
    elif not found:
        print(f"{source}: no stamp", file=sys.stderr)
    else:
        print("\n".join(_line(each) for each in found))
    return 0 if found else 1


def describe(found: Reading) -> dict:
    """A reading as JSON: its corners in pixels from the stamp's own top left on."""
    return {
        "text": found.text,
        "corners": [[round(float(x), 2), round(float(y), 2)] for x, y in found.quad],
        "mirrored": found.mirrored,
        "corrected": found.corrected,
        "confidence": round(found.confidence, 3),
        "false_accept_probability": found.false_accept_probability,
    }


def _opened(source: str) -> AbstractContextManager[Film | Camera]:
    from stegastamp.films.camera import Camera
    from stegastamp.films.opening import open_film

    return Camera(int(source)) if source.isdigit() else open_film(source)


def _opened_networks(detector, checkpoint, runtime, key):
    """What finds and what reads."""
    finder = search.load(detector or _released(), runtime)
    return finder, Reader(stamp.load(checkpoint or released(), runtime), key)


def _released():
    return RELEASED_DETECTOR if RELEASED_DETECTOR.exists() else search.WITHOUT


def _annotated_target(annotated, film, overwrite):
    if not annotated:
        return None
    target = Path(annotated)
    if film:
        from stegastamp.films.writing import refuse

        refuse(target, None, overwrite)
    else:
        check_output(target, overwrite=overwrite, makes_folder=True)
        if target.suffix.lower() not in SUFFIXES:
            raise UserError(f"{target} must end in {', '.join(SUFFIXES)}")
    return target


def _line(found):
    corners = " ".join(f"{x:.0f},{y:.0f}" for x, y in found["corners"])
    mirrored = ", mirrored" if found["mirrored"] else ""
    chance = found["false_accept_probability"]
    return f"{found['text']}\n({found['corrected']} bits corrected, corners {corners}{mirrored}, false accept probability {chance:.1e})"
