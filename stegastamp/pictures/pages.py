"""Stamped pictures on a page: what `decode` does where the picture as a whole says nothing, as a screenshot with a window around it."""

import functools
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from longrun.release.models import Runtime
from stegastamp.detector.finding import geometry, search
from stegastamp.detector.finding.search import Detector
from stegastamp.message.acceptance import Reading, read
from stegastamp.message.formats import Format
from stegastamp.network.stamp import Stamper
from stegastamp.pictures import codec
from stegastamp.pictures.picture import Picture
from stegastamp.pictures.tries import SHARES, orientations

OUTLINES = 16
"""Outlines of pictures that are shown to the network, upright."""
SUREST = 6
"""Of those, the ones of which the network is surest, which are read. What it is sure of knows nothing of the code: to choose is no try."""
TURNED = 2
"""Of those, the ones that are tried in the seven other orientations as well."""
SAME = 0.5
"""Overlap from which two outlines are about the same picture."""


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
    page = picture.eight_bit().on(1.0)
    page = page if page.shape[2] == 3 else np.repeat(page, 3, -1)
    quads = _outlines(finder, page)
    if not quads:
        return []
    flat = np.stack([geometry.rectify(page, quad, stamper.size) for quad in quads])
    logits = stamper.logits(flat)
    surest = np.argsort(-np.abs(logits).mean(1), kind="stable")[:SUREST]
    found: list[OnPage] = []
    for rank, index in enumerate(surest):
        if any(geometry.overlap(quads[index], other.corners) > SAME for other in found):
            continue
        reading = read(logits[index][None], formats, [SHARES.page / 2 / SUREST])
        if reading is None and rank < TURNED:
            reading = orientations(stamper, flat[index][None], (1.0,), (0.0, SHARES.page / 2 / TURNED), formats)
        if reading is not None:
            found.append(OnPage(replace(reading, way="page", frame=_frame(quads[index], page)), quads[index]))
    return sorted(found, key=lambda one: one.reading.false_accept_probability)


def _outlines(finder, page):
    """Outlines on the page, (4, 2) float32 each: the likeliest of each candidate first, then the others."""
    candidates = finder.quads(page)
    return [candidate.quad for candidate in candidates][:OUTLINES] + [quad for candidate in candidates for quad in candidate.others][
        : max(0, OUTLINES - len(candidates))
    ]


def _frame(quad, page):
    return float(np.sqrt(geometry.area(quad) / (page.shape[0] * page.shape[1])))
