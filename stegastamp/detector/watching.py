"""Films and cameras watched for stamps, frame by frame, and films written with what was found drawn in."""

from pathlib import Path

from longrun.errors import UserError
from longrun.run.output import output
from stegastamp.detector.drawing import annotate
from stegastamp.detector.tracking import Tracker
from stegastamp.films import pyav as av
from stegastamp.films import upright
from stegastamp.films.camera import Camera
from stegastamp.films.opening import Film
from stegastamp.films.planes import converted, from_pixels
from stegastamp.films.progress import FilmProgress
from stegastamp.films.writing import FilmWriter


def watch(film: Film | Camera, tracker: Tracker, target: Path | None = None, *, frames: int = 0, overwrite: bool = False) -> int:
    """Show a film to a tracker; the number of frames. A camera is watched until a stamp is read.

    target: the film with what was found drawn in. frames: at most so many, 0: all. Raises UserError where there is none.
    """
    if target is None:
        count = _watch(film, tracker, None, frames)
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        with output(target, overwrite=overwrite) as place, FilmWriter(place, target, film) as writer:
            count = _watch(film, tracker, writer, frames)
            writer.close()
    if count == 0:
        raise UserError(f"{film.path} holds no frame that can be read")
    return count


def _watch(film, tracker, writer, most):
    count, total = 0, min(most, film.count) if most and film.count else most or film.count
    with FilmProgress("searching", film.path, total) as progress:
        for item in film.read(writer.copied if writer else ()):
            if isinstance(item, av.Packet):
                writer.write(item)
                continue
            frame = upright.shown(item, film.matrix)
            seen = tracker.see(frame)
            count += 1
            progress.advance()
            if writer is not None:
                writer.write(_drawn(item, frame, seen, film.matrix), like=item)
            if count == most or (isinstance(film, Camera) and tracker.readings):
                break
        if count:
            tracker.end()
    return count


def _drawn(item, frame, seen, matrix):
    """A frame as it is to be encoded. Where there is nothing to draw, its own planes."""
    plain = converted(item)
    if not seen:
        return plain
    read = [track.reading._replace(quad=track.quad) for track in seen if track.reading]
    drawn = annotate(frame, read, [track.quad for track in seen if not track.reading])
    return from_pixels(upright.coded(drawn, matrix), plain)
