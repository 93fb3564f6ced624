"""Stamped pictures on a page: what `decode` does where the picture as a whole says nothing, as a screenshot with a window around it."""

import functools
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from longrun.release.models import Runtime
from stegastamp.detector.finding import contours, geometry, lines, search
from stegastamp.detector.finding.search import Detector
from stegastamp.message.acceptance import Reading, read
from stegastamp.message.formats import Format
from stegastamp.network.stamp import Stamper
from stegastamp.pictures import codec
from stegastamp.pictures.picture import Picture
from stegastamp.pictures.tries import SHARES, in_places, orientations, shrunk

LONGEST = 1440
"""Pixels of a page's longer side: a picture of a tenth of that is large enough to read."""
OUTLINES = 12
"""Outlines of pictures that are shown to the network, upright."""
SUREST = 4
"""Of those, the ones of which the network is surest, which are read. What it is sure of knows nothing of the code: to choose is no try."""
SAME = 0.5
"""Overlap from which two outlines are about the same picture."""
ALIKE = 0.95
"""Overlap from which the network reads the same in two outlines."""


STANDS_OUT = 1.4
"""How much surer of the surest outline than of the middle one the network is where that may be a picture that the window cuts."""


class OnPage(NamedTuple):
    """A message and where on the page its picture lies."""

    reading: Reading
    corners: np.ndarray
    """(4, 2) float32 in pixels of the page, clockwise from the outline's top left."""


def detector(runtime: Runtime = "") -> Detector | None:
    """The released network that finds pictures in a frame, None where there is none. Raises OSError or UserError."""
    released = codec.RELEASED / "detector"
    return _opened(str(released), runtime) if (released / "manifest.json").exists() else None


@functools.cache
def _opened(path, runtime):
    return search.load(path, runtime)


def read_page(stamper: Stamper, finder: Detector, picture: Picture, formats: Sequence[Format]) -> list[OnPage]:
    """The messages in pictures that lie on a page, surest first; all tries are paid for by the page's share of the call's risk."""
    page = picture.on(1.0)
    scale = max(1.0, max(page.shape[:2]) / LONGEST)
    page = Picture(shrunk(page, LONGEST)).eight_bit().pixels
    page = page if page.shape[2] == 3 else np.repeat(page, 3, -1)
    quads = _outlines(finder, page)
    if not quads:
        return []
    flat = np.stack([geometry.rectify(page, quad, stamper.size) for quad in quads])
    logits = stamper.logits(flat)
    surest = np.argsort(-np.abs(logits).mean(1), kind="stable")[:SUREST]
    found: list[OnPage] = []
    for index in surest:
        if not any(geometry.overlap(quads[index], other.corners) > SAME for other in found):
            reading = read(logits[index][None], formats, [SHARES.page / 2 / SUREST])
            found += [_on_page(reading, quads[index], page)] if reading else []
    if not found:
        # Held otherwise: of which outline, the network is sure of once it is upright.
        turned = stamper.logits(np.concatenate([np.rot90(flat[surest], turn, (1, 2)) for turn in (1, 2, 3)]))
        best = surest[np.abs(turned).mean(1).reshape(3, -1).max(0).argmax()]
        quad, share = quads[best], SHARES.page / 4
        reading = orientations(stamper, flat[best][None], (1.0,), (0.0, share), formats)
        found += [_on_page(reading, quad, page)] if reading else []
    if not found:
        # Or itself cut, as where a window ends.
        quad, share = quads[surest[0]], SHARES.page / 4
        left, top, right, bottom = np.int64(np.rint([*quad.min(0), *quad.max(0)])).clip(0)
        confidence = np.abs(logits).mean(1)
        stands_out = len(quads) < 3 or confidence.max() > STANDS_OUT * np.median(confidence)
        if stamper.config.mark.sync > 0 and stands_out:
            reading = in_places(stamper, [page[top:bottom, left:right]], share, formats)
            found += [_on_page(reading, quad, page)] if reading else []
    found = [one._replace(corners=one.corners * np.float32(scale)) for one in found]
    return sorted(found, key=lambda one: one.reading.false_accept_probability)


def _outlines(finder, page):
    """Outlines on the page, (4, 2) float32 each: what the network sees, then what lines and contours say, the likeliest first.

    Sides on a screen are straight, so only the network's outlines need to be moved to the edges beside them.
    """
    seen = finder.quads(page, second_opinion=False)
    drawn = sorted([*lines.quads(page, search.LINES), *contours.quads(page, search.CONTOURS)], key=lambda each: -each.score)
    likeliest = [each.quad for each in (*seen, *drawn)]
    quads: list[np.ndarray] = []
    for quad in (*likeliest, *(other for each in (*seen, *drawn) for other in each.others)):
        if all(geometry.overlap(quad, other) < ALIKE for other in quads):
            quads.append(quad)
    return quads[:OUTLINES]


def _on_page(reading, quad, page):
    frame = float(np.sqrt(geometry.area(quad) / (page.shape[0] * page.shape[1])))
    return OnPage(replace(reading, way="page", frame=frame), quad)
