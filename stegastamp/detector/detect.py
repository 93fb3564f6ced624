"""`detect`: the stamps in a photo, a film or before a camera."""

import json as json_format
import sys
from pathlib import Path

import cv2
import numpy as np

from longrun import UserError
from longrun.run.output import check_output
from stegastamp.detector.finding import search
from stegastamp.detector.finding.search import Detector
from stegastamp.detector.measure import pictures
from stegastamp.detector.reading import Reader, Reading, read_all
from stegastamp.detector.tracking import Tracker
from stegastamp.network import stamp
from stegastamp.pictures.codec import RELEASED, released
from stegastamp.pictures.photos import SUFFIXES, read_image

RELEASED_DETECTOR = RELEASED / "detector"
FILMS = (".mp4", ".avi", ".mov", ".mkv", ".webm", ".m4v")
READ, UNREAD = (0, 220, 0), (230, 120, 0)


def find_stamps(frame: np.ndarray, detector: Detector, reader: Reader) -> tuple[list[Reading], list[np.ndarray]]:
    """The stamps read in a frame (H, W, 3) uint8 of any size, and the quads of pictures that say nothing."""
    return read_all(reader, frame, detector.quads(frame))


def detect(
    source: str,
    /,
    *,
    annotated: str = "",
    checkpoint: str = "",
    detector: str = "",
    frames: int = 0,
    json: bool = False,
    overwrite: bool = False,
) -> int:
    """Find and read the stamps in a photo, in a film or before a camera; exit code 1 where there is none.

    source: A photo, a film, or the number of a camera, which is watched until a stamp is read.
    annotated: File for the photo or film with what was found drawn in.
    checkpoint: The network that reads; empty: the released one.
    detector: The network that finds; empty: the released one; "contours" does without.
    frames: Most frames of a film; 0: all.
    json: Print one object on stdout.
    overwrite: Replace the annotated file where there is one.

    Example:
        python -m stegastamp detect photo.jpg --annotated found.png
    """
    target = _annotated_target(source, annotated, overwrite)
    film = source.isdigit() or Path(source).suffix.lower() in FILMS
    image = None if film else read_image(source)
    capture = _open_film(source) if film else None
    finder, reader = search.load(detector or _released()), Reader(stamp.load(checkpoint or released()))
    if film:
        found, seen = _watch(capture, finder, reader, target, frames, live=source.isdigit())
        values = {"found": bool(found), "frames": seen, "stamps": found}
    else:
        read, silent = find_stamps(image, finder, reader)
        found = [describe(each) for each in read]
        values = {"found": bool(found), "candidates": len(read) + len(silent), "stamps": found}
        if target:
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


def annotate(frame: np.ndarray, read: list[Reading], silent: list[np.ndarray]) -> np.ndarray:
    """A copy of a frame with what was read in green, text beside it, and pictures that say nothing in orange."""
    drawn = pictures.draw(frame, [*(each.quad for each in read), *silent], [READ] * len(read) + [UNREAD] * len(silent))
    scale = max(frame.shape[:2]) / 900
    for each in read:
        x, y = each.quad.min(axis=0)
        place = (max(2, int(x)), max(int(24 * scale), int(y - 6 * scale)))
        # OpenCV's fonts know ASCII only.
        text = f"{each.text.encode('ascii', 'replace').decode()} ({each.corrected} corrected)"
        for colour, thick in (((0, 0, 0), 4), (READ, 2)):
            cv2.putText(drawn, text, place, cv2.FONT_HERSHEY_SIMPLEX, 0.7 * scale, colour, max(1, round(thick * scale)), cv2.LINE_AA)
    return drawn


def _watch(capture, finder, reader, target, frames, live):
    tracker, count, writer = Tracker(finder, reader), 0, None
    rate = capture.get(cv2.CAP_PROP_FPS) or 25.0
    try:
        while frames == 0 or count < frames:
            given, frame = capture.read()
            if not given:
                break
            frame = cv2.cvtColor(frame, cv2.COLOR_BGR2RGB)
            seen = tracker.see(frame)
            count += 1
            if target:
                writer = writer or _open_writer(target, rate, frame.shape)
                read = [track.reading._replace(quad=track.quad) for track in seen if track.reading]
                drawn = annotate(frame, read, [track.quad for track in seen if not track.reading])
                writer.write(cv2.cvtColor(drawn, cv2.COLOR_RGB2BGR))
            if live and tracker.readings:
                break
    finally:
        capture.release()
        if writer is not None:
            writer.release()
    if count == 0:
        raise UserError("the film holds no frame that can be read")
    return [{**describe(track.reading), "frames": track.frames} for track in tracker.readings], count


def _open_film(source):
    if not source.isdigit() and not Path(source).is_file():
        raise FileNotFoundError(f"film {source} does not exist")
    capture = cv2.VideoCapture(int(source) if source.isdigit() else source)
    if not capture.isOpened():
        raise UserError(f"camera {source} cannot be opened" if source.isdigit() else f"{source} is no readable film")
    return capture


def _released():
    return RELEASED_DETECTOR if RELEASED_DETECTOR.exists() else search.WITHOUT


def _annotated_target(source, annotated, overwrite):
    if not annotated:
        return None
    target, film = Path(annotated), source.isdigit() or Path(source).suffix.lower() in FILMS
    check_output(target, overwrite=overwrite, makes_folder=True)
    known = FILMS if film else SUFFIXES
    if target.suffix.lower() not in known:
        raise UserError(f"{target} must end in {', '.join(known)}")
    return target


def _open_writer(target, rate, shape):
    target.parent.mkdir(parents=True, exist_ok=True)
    codec = cv2.VideoWriter.fourcc(*("MJPG" if target.suffix.lower() == ".avi" else "mp4v"))
    writer = cv2.VideoWriter(str(target), codec, rate, (shape[1], shape[0]))
    if not writer.isOpened():
        raise OSError(f"cannot write {target}")
    return writer


def _line(found):
    corners = " ".join(f"{x:.0f},{y:.0f}" for x, y in found["corners"])
    mirrored = ", mirrored" if found["mirrored"] else ""
    chance = found["false_accept_probability"]
    return f"{found['text']}\n({found['corrected']} bits corrected, corners {corners}{mirrored}, false accept probability {chance:.1e})"
