"""The command `encode` for films: one message in all frames, a steady mark, sound and times kept, read back before it is called done."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from longrun.errors import UserError
from longrun.run.output import output as output_place
from stegastamp.films import pyav as av
from stegastamp.films import upright
from stegastamp.films.mark import SteadyMark
from stegastamp.films.opening import Film, open_film
from stegastamp.films.planes import converted, marked
from stegastamp.films.progress import FilmProgress
from stegastamp.films.reading import Survey, survey
from stegastamp.films.writing import FilmWriter, refuse
from stegastamp.message.formats import Message
from stegastamp.network.stamp import network_view
from stegastamp.pictures import codec
from stegastamp.pictures.codec import Codec, DoesNotSurvive

BATCH = 16
"""Frames that are held in memory at a time."""


@dataclass(frozen=True)
class StampedFilm:
    """A film with a message in it, and what that took."""

    size: str
    frames: int
    format: str
    strength: float
    psnr: float
    """Of the luma before compression, in dB, all frames together."""
    flicker: float
    """What changes of the mark from a frame to the next, in parts of the mark."""
    survey: Survey
    """What is read of the new file."""
    rate: float
    """Frames a second, stamped and encoded."""
    left_out: tuple[str, ...]
    """What the film held and the new one does not."""
    damage: str


def encode_film(
    film: Path | str,
    output: Path | str,
    message: Message,
    *,
    model: Codec | None = None,
    strength: float | None = None,
    format: str = "",
    crf: int | None = None,
    overwrite: bool = False,
) -> StampedFilm:
    """Stamp a film file. The new file is moved to its place when the message has been read in it.

    model: the networks, None: the released ones. crf: constant rate factor of the encoder, None: hardly visible.
    Raises FileNotFoundError or UserError; DoesNotSurvive where the message cannot be read back.
    """
    target = Path(output)
    refuse(target, crf, overwrite)
    used = model or codec.load(format=format)
    form = used.formats(format)[0]
    bits = form.encode(message)
    chosen = used.stamper.strength if strength is None else strength
    if not chosen > 0:
        raise UserError(f"strength must be above 0, not {chosen:g}")
    mark = SteadyMark(used.stamper, bits, chosen)
    target.parent.mkdir(parents=True, exist_ok=True)
    with open_film(film) as source, output_place(target, overwrite=overwrite) as place:
        with FilmWriter(place, target, source, crf=crf) as writer, FilmProgress("stamping", film, source.count) as progress:
            started = time.monotonic()
            frames, error, size = _stamp(source, writer, mark, used.stamper.size, progress)
            writer.close()
            rate = frames / (time.monotonic() - started)
        with open_film(place) as made:
            found = survey(used, made, bits, form, target)
        if found.whole is None:
            raise DoesNotSurvive(
                f"{target} was not written: the message cannot be read back, {found.wrong} of {len(bits)} bits are wrong; "
                f"a --strength above {chosen:g} or a smaller --crf helps"
            )
    psnr = float(10 * np.log10(1 / max(error, 1e-12)))
    return StampedFilm(size, frames, form.name, chosen, psnr, mark.change, found, rate, tuple(writer.left_out), source.damage)


def encode(source: str, output: str, load: Callable[[], Codec], refused: Mapping[str, bool], /, **options: Any) -> int:
    """The command `encode` for a film; prints what was done.

    load: the networks. refused: flag -> whether it is given, of those that do nothing for films. options: see `encode_film`.
    """
    for flag, given in refused.items():
        if given:
            raise UserError(f"{flag} is for pictures, {source} is a film")
    refuse(Path(output), options["crf"], options["overwrite"])
    done = encode_film(source, output, model=load(), **options)
    if done.damage:
        print(done.damage, file=sys.stderr)
    lost = f"; dropped: {', '.join(done.left_out)}" if done.left_out else ""
    seconds = "second" if done.survey.pieces == 1 else "seconds"
    print(
        f"{output}: {done.size}, {done.frames} frames, {done.format}, strength {done.strength:.3g}, luma PSNR {done.psnr:.1f} dB, "
        f"flicker {done.flicker:.3f}, {done.survey.wrong} of {done.survey.whole.bits} bits wrong, "
        f"read in {done.survey.read} of {done.survey.pieces} {seconds} alone, {done.rate:.1f} frames/s{lost}"
    )
    return 0


def _stamp(source: Film, writer: FilmWriter, mark: SteadyMark, side: int, progress: FilmProgress):
    """(frames, mean squared error of luma, size in words)"""
    count, error, size = 0, 0.0, ""
    held: list[av.VideoFrame] = []

    def stamp_held():
        nonlocal count, error
        views = np.stack([network_view(upright.shown(frame, source.matrix), side) for frame in held])
        for frame, residual in zip(held, mark.residuals(views), strict=True):
            as_coded = np.ascontiguousarray(upright.coded(residual, source.matrix))
            made, squared = marked(converted(frame), as_coded)
            writer.write(made, like=frame)
            count, error = count + 1, error + squared
            progress.advance()
        held.clear()

    for item in source.read(writer.copied):
        if isinstance(item, av.Packet):
            writer.write(item)
            continue
        size = size or f"{item.width}x{item.height}"
        held.append(item)
        if len(held) == BATCH:
            stamp_held()
    if held:
        stamp_held()
    return count, error / max(count, 1), size
