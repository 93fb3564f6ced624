"""Messages read out of films that are stamped all over: evidence summed over the frames, and single frames read as photos."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice
from pathlib import Path

import numpy as np

from longrun.errors import UserError
from stegastamp.films import upright
from stegastamp.films.opening import Film, open_film
from stegastamp.films.progress import FilmProgress
from stegastamp.films.shots import Cuts, Looks
from stegastamp.message.acceptance import Reading, read
from stegastamp.message.formats import Format
from stegastamp.network.stamp import network_view
from stegastamp.pictures import codec
from stegastamp.pictures.codec import Codec
from stegastamp.pictures.picture import Picture

ALL, EVERY = 16, 4
"""The first ALL frames are read, then one in EVERY: neighbours say nearly the same."""
BATCH = 8
"""Frames that the network sees at a time."""
FIRST = 1 / 4
"""Of the risk of a call, that of the first try."""


@dataclass(frozen=True)
class FilmReading:
    """What was read in a film."""

    reading: Reading | None
    """None where there is nothing."""
    frames: int
    """Frames that had passed by then; all of the film where nothing was read."""
    damage: str
    """What of the film could not be read, in words; empty: nothing, as far as the film was read."""

    def row(self) -> dict[str, int | str]:
        """What --json says of the film itself."""
        return {"frames": self.frames} | ({"damage": self.damage} if self.damage else {})


class Sum:
    """The logits of a film's frames, added up: what is the same in all of them grows, what is not does not."""

    def __init__(self, bits: int, formats: Sequence[Format]):
        self.logits, self.count = np.zeros(bits), 0
        self._formats, self._tries, self._next = formats, 0, 1

    def add(self, logits: np.ndarray) -> Reading | None:
        """Take the logits (bits,) of one more frame; a reading, or None. Tried at 1, 2, 4, 8, ... frames."""
        self.logits += logits
        self.count += 1
        if self.count < self._next:
            return None
        self._next *= 2
        return self.read()

    def read(self) -> Reading | None:
        """What the sum says. Half of the risk is the sum's, of that 1/2 the first try's, then 1/6, 1/12, ...: 1 however many there are."""
        self._tries += 1
        return read(self.logits[None], self._formats, [1 / (2 * self._tries * (self._tries + 1))])


def decode_film(path: Path | str, *, model: Codec | None = None, format: str = "") -> FilmReading:
    """Read the message in a film file. model: the networks, None: the released ones. format: reads this one only.

    Raises FileNotFoundError or UserError.
    """
    used = model or codec.load(format=format)
    with open_film(path) as film, FilmProgress("reading", path, film.count) as progress:
        found = read_film(used, film, used.formats(format), progress)
    if found.frames == 0:
        raise UserError(f"{path} holds no frame that can be read")
    return found


def read_film(used: Codec, film: Film, formats: tuple[Format, ...], progress: FilmProgress) -> FilmReading:
    """Read frame after frame until something is said: by the sum of all so far, or by one that is read as a photo would be."""
    total, cuts, looks, count = Sum(used.stamper.bits, formats), Cuts(), Looks(), 0
    frames = iter(film.read())
    for batch in iter(lambda: list(islice(frames, BATCH)), []):
        side = used.stamper.size
        views = [network_view(upright.shown(frame, film.matrix), side) for frame in batch]
        asked = [number for number in range(len(batch)) if count + number < ALL or (count + number) % EVERY == 0]
        logits = dict(zip(asked, used.stamper.logits(np.stack([views[number] for number in asked])), strict=True)) if asked else {}
        for number, (frame, view) in enumerate(zip(batch, views, strict=True)):
            progress.advance()
            count += 1
            found = total.add(logits[number]) if number in logits else None
            if found is None:
                found = _as_photo(used, looks, formats, looks.choose(frame, view, cuts.see(view), said=False), film.matrix)
            if found is not None:
                return FilmReading(found, count, film.damage)
    found = total.read() if total.count else None
    found = found or _as_photo(used, looks, formats, looks.last(said=False), film.matrix)
    return FilmReading(found, count, film.damage)


def _as_photo(used, looks, formats, frame, matrix):
    if frame is None:
        return None
    found = used.read_picture(Picture(upright.shown(frame, matrix)), formats)
    odds = looks.paid(found.false_accept_probability) if found is not None else None
    return None if odds is None else replace(found, false_accept_probability=odds)


@dataclass(frozen=True)
class Survey:
    """How a film is read as a whole and in pieces of a second each."""

    whole: Reading | None
    wrong: int
    """Bits of the whole that differ from those expected."""
    read: int
    """Pieces that say the message by themselves."""
    pieces: int


def survey(used: Codec, film: Film, bits: np.ndarray, form: Format, name: Path | str = "") -> Survey:
    """Read a film whose message is known, (bits,) of 0 and 1 in a format, whole and second by second, by one frame in EVERY.

    name: what the film is called where progress is shown.
    """
    with FilmProgress("reading back", name or film.path, film.count) as progress:
        return _surveyed(used, film, _counted(film.read(), progress), bits, form)


def _counted(frames, progress):
    for frame in frames:
        progress.advance()
        yield frame


def _surveyed(used, film, frames, bits, form):
    second = max(1, round(film.rate))
    stamper, formats = used.stamper, used.formats()
    chosen = (frame for number, frame in enumerate(frames) if number % second % EVERY == 0)
    views = (network_view(upright.shown(frame, film.matrix), stamper.size) for frame in chosen)
    batches = iter(lambda: list(islice(views, BATCH)), [])
    logits = chain.from_iterable(stamper.logits(np.stack(batch)) for batch in batches)
    whole, said, pieces = np.zeros(stamper.bits), 0, 0
    while seen := list(islice(logits, len(range(0, second, EVERY)))):
        piece = np.sum(seen, axis=0)
        whole, said, pieces = whole + piece, said + (_said(piece, formats, bits, form) is not None), pieces + 1
    return Survey(_said(whole, formats, bits, form), int(((whole > 0) != bits).sum()), said, pieces)


def _said(logits, formats, bits, form):
    """What the first try of `decode` would say, where it is the message that these bits carry."""
    found = read(logits[None], formats, [FIRST])
    right = found is not None and found.format == form.name and np.array_equal(form.encode(found.message), bits)
    return found if right else None
