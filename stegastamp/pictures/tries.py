"""The ways in which a picture is tried, what each of them costs of the risk, and the first that says something."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import cv2
import numpy as np

from stegastamp.locating import turns
from stegastamp.locating.places import STRIPS, Place, framed, places
from stegastamp.locating.spectrum import Spectrum
from stegastamp.locating.views import placed, within_margins
from stegastamp.message.acceptance import Reading, read
from stegastamp.message.formats import Format
from stegastamp.network.stamp import Stamper, network_view
from stegastamp.pictures.crops import resize
from stegastamp.pictures.picture import Picture

FRAMES = (1 / 0.95, 1 / 0.9, 1 / 0.8, 1 / 0.75, 0.95, 0.9, 0.8, 0.75, 0.5)
"""Sides of the centred part that is read when the whole picture says nothing, in sides of the picture: above 1 it has been cropped.
For networks whose marks carry no waves."""
PLACES = 10
"""Places in the mark that are shown to a network whose marks carry waves."""
ANGLES, TURNED_PLACES = 2, 6
"""The same for turned pictures: angles that the waves tell, and places at these and at that of the picture's edges."""
BESIDE = (-0.022, 0.022)
"""In radians, what is tried beside the likeliest angle that the waves tell: at 25 cycles more than a degree is too far off."""
SUREST = 4
"""Of those, the ones of which the network is surest are read. What it is sure of knows nothing of the code: to choose is no try."""


class Shares(NamedTuple):
    """Of the risk of accepting what is no stamp, see message/acceptance.py: most goes to the likeliest way to hold a picture."""

    upright: float = 1 / 2
    """The whole picture as it is."""
    turned: float = 1 / 8
    """The whole picture in the seven other orientations."""
    parts: float = 1 / 16
    """The picture as a part of what was stamped, upright; with places in the mark: their orientation is known, both shares are theirs."""
    turned_parts: float = 1 / 16
    """The same in the seven other orientations."""
    margins: float = 1 / 16
    """What lies within margins of one colour, all eight orientations."""
    angles: float = 1 / 16
    """The picture at any other angle, by places in the mark."""
    page: float = 1 / 8
    """What a detector finds on the picture."""


SHARES = Shares()


def search(stamper: Stamper, picture: Picture, formats: Sequence[Format]) -> Reading | None:
    """The message in a picture, or None: the whole in eight orientations, then within its margins, then as a part of what was stamped."""
    side, seen = stamper.size, picture.seen()
    views = [network_view(view, side) for view in seen]
    # Upright first, as nearly all pictures are: the seven other orientations are most of the work, and have a share of their own.
    if found := read(stamper.logits(np.stack(views)), formats, [SHARES.upright / len(views)] * len(views)):
        return found
    if found := orientations(stamper, views, (1.0,) * len(seen), (0.0, SHARES.turned), formats):
        return found
    # The rest needs no more: four times what the network sees.
    seen = [shrunk(view, 4 * side) for view in seen]
    uncut, whole, inside = seen, seen[0].size, within_margins(seen[0])
    if inside is not None:
        seen = [view[inside] for view in seen]
        views = [network_view(view, side) for view in seen]
        frame = float(np.sqrt(seen[0].size / whole))
        if found := orientations(stamper, views, (frame,) * len(seen), (SHARES.margins / 2, SHARES.margins / 2), formats):
            return replace(found, way="margins")
    if stamper.config.mark.sync > 0:
        spectra = [Spectrum(view) for view in seen]
        found = in_places(stamper, seen, SHARES.parts + SHARES.turned_parts, formats, [_cut(spectrum) for spectrum in spectra])
        return found or in_places(stamper, seen, SHARES.angles, formats, [_turned_by(spectrum) for spectrum in spectra])
    parts = [part for view in uncut for part in _parts(view, side)]
    found = orientations(stamper, parts, FRAMES * len(seen), (SHARES.parts, SHARES.turned_parts), formats)
    return found and replace(found, way="part")


def orientations(
    stamper: Stamper, views: Sequence[np.ndarray], frames: Sequence[float], shares: tuple[float, float], formats: Sequence[Format]
) -> Reading | None:
    """The likeliest message of views (N, S, S, 3) in all eight orientations, or None.

    frames: what `Reading.frame` says of each view. shares: of the risk, for all views upright and for all others; 0 leaves them out.
    """
    turns = range(8) if shares[0] else range(1, 8)
    each = [shares[1] / 7 if turn else shares[0] for turn in turns]
    turned = np.stack([_turned(view, turn) for view in views for turn in turns])
    found = read(stamper.logits(turned), formats, [share / len(views) for share in each] * len(views))
    if found is None:
        return None
    view, turn = divmod(found.attempt, len(turns))
    turn = turns[turn]
    return replace(found, rotation=90 * (turn % 4), mirrored=turn >= 4, frame=frames[view])


def in_places(
    stamper: Stamper, seen: Sequence[np.ndarray], share: float, formats: Sequence[Format], found: Sequence[Sequence[Place]] = ()
) -> Reading | None:
    """The likeliest message of a picture that lies somewhere in a mark, by the waves of the mark, or None.

    seen: the picture (H, W, 1) or (H, W, 3), uint8 or uint16, on each background. share: of the risk. found: places of each; empty: as
    an upright part of what was stamped.
    """
    for view, each in zip(seen, found or [_cut(Spectrum(view)) for view in seen], strict=True):
        if not each:
            continue
        logits = stamper.logits(np.stack([placed(view, place.corners, stamper.size) for place in each]))
        surest = np.argsort(-np.abs(logits).mean(1), kind="stable")[:SUREST]
        reading = read(logits[surest], formats, [share / (SUREST * len(seen))] * len(surest))
        if reading is not None:
            return described(reading, each[surest[reading.attempt]])
    return None


def _cut(spectrum):
    """Places of an upright part of what was stamped."""
    found = places(spectrum, PLACES)
    return [*found, *STRIPS] if found else []


def _turned_by(spectrum):
    """Places of a picture at any angle: as its edges say, and as the waves do."""
    told = [angle for angle, _ in turns.angles(spectrum, ANGLES)]
    told += [told[0] + beside for beside in BESIDE]
    frames = [place for angle in spectrum.edges[:1] for place in framed(spectrum, angle)]
    return [*frames, *places(spectrum, TURNED_PLACES, (*spectrum.edges[:1], *told))]


def described(reading: Reading, place: Place) -> Reading:
    """A reading with how the picture is held and what part of the mark it shows, from its corners in the mark."""
    right, down = place.corners[1] - place.corners[0], place.corners[3] - place.corners[0]
    area = right[0] * down[1] - right[1] * down[0]
    # Where the mark's own y axis points in the picture: down where it is upright.
    down_in_picture = np.linalg.solve(np.stack([right, down], 1), (0.0, 1.0))
    rotation = round(np.degrees(np.arctan2(down_in_picture[1], down_in_picture[0]))) - 90
    return replace(reading, way="part", rotation=rotation % 360, mirrored=bool(area < 0), frame=float(1 / np.sqrt(abs(area))))


def _turned(view, turn):
    """0 to 3: turned back by that many quarters counterclockwise; 4 to 7: mirrored after that."""
    turned = np.rot90(view, turn % 4)
    return turned[:, ::-1] if turn >= 4 else turned


def shrunk(pixels: np.ndarray, longest: int) -> np.ndarray:
    """A picture (H, W, 1) or (H, W, 3) whose sides are at most `longest` pixels each, its aspect kept; itself where they are."""
    height, width = pixels.shape[:2]
    scale = min(1.0, longest / max(height, width))
    size = max(1, round(height * scale)), max(1, round(width * scale))
    return resize(pixels, size).reshape(*size, -1)


def _parts(base, side):
    """What a network sees of centred parts of a picture, and of the picture in the middle of a larger one, by `FRAMES`."""
    height, width = base.shape[:2]
    for frame in FRAMES:
        down, right = (round(length * (frame - 1) / 2) for length in (height, width))
        if frame > 1:
            part = cv2.copyMakeBorder(base, down, down, right, right, cv2.BORDER_CONSTANT, value=base.mean((0, 1)))
        else:
            part = base[-down : height + down, -right : width + right]
        yield network_view(part.reshape(*part.shape[:2], -1), side)
