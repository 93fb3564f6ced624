"""A trained detector: quads of the pictures in a frame."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from longrun.config import config_of
from longrun.release import models
from longrun.release.models import Runtime
from longrun.release.portable import Network
from stegastamp.detector.config import DetectorConfig
from stegastamp.detector.finding import contours, edges, fit, geometry, lines
from stegastamp.detector.finding.fit import Candidate
from stegastamp.pictures.crops import resize

if TYPE_CHECKING:
    import keras

FILES = ("detector.keras",)
LINES, CONTOURS = 6, 3
"""Most quads taken from straight lines and from contours."""
SAME = 0.75
"""Overlap from which such a quad is one that was seen already."""
LOOKS = 1
"""Second looks at each candidate, each from where the one before it ended."""
MULTIPLE = 32
OTHERS = 4
"""Most quads of others that overlap a candidate and are kept with it."""
ALIKE = 0.005
"""Distance of corners, as a fraction of the side, up to which two quads are one."""
WITHOUT = "contours"
"""Names the detector without a network."""


class Detector:
    """A network and where it comes from. `quads` finds the pictures in a frame. Without a network (None) contours alone are used."""

    def __init__(self, model: keras.Model | Network | None, config: DetectorConfig, preset: str = "custom", step: int = 0):
        self.model, self.config, self.preset, self.step = model, config, preset, step
        if isinstance(model, Network):
            model.require(frames=(None, None, None, 3))
            self._maps = lambda frames: model(frames=frames.astype(np.float32) / 255)["maps"]
        elif model is not None:
            from stegastamp.detector import with_keras

            self._maps = with_keras.maps_of(model)

    def maps(self, frames: np.ndarray) -> np.ndarray:
        """Probabilities (N, H / 4, W / 4, 2) of frames (N, H, W, 3) uint8; H and W are multiples of 32."""
        return self._maps(frames)

    def seen(self, frame: np.ndarray, most: int = 8, looks: int = LOOKS) -> list[Candidate]:
        """What the network alone sees in a frame (H, W, 3) uint8 of any size, best first: quads in pixels of the frame.

        The whole frame is searched at a small size; then each candidate is looked at again, upright and as large as the network
        takes it.
        """
        if self.model is None:
            return []
        height, width = frame.shape[:2]
        small = self._shrunk(frame)
        scale = np.float32([width / small.shape[1], height / small.shape[0]])
        found = [Candidate(each.quad * scale, each.score) for each in fit.quads(self.maps(small[None])[0], most)]
        for _ in range(looks):
            if found:
                found = self._look_again(frame, found)
        return sorted(found, key=lambda each: -each.score)

    def quads(self, frame: np.ndarray, second_opinion: bool = True) -> list[Candidate]:
        """Where pictures may be in a frame (H, W, 3) uint8 of any size, best first: quads in pixels of the frame, clockwise on the screen.

        What the network sees, with its sides snapped to the edges beside them, and, as a second opinion, what straight lines and
        contours say: those lie on edges as they are.
        """
        seen = self.seen(frame)
        found = list(seen)
        if second_opinion or self.model is None:
            for other in [*lines.quads(frame, LINES), *contours.quads(frame, CONTOURS)]:
                known = next((number for number, each in enumerate(found) if geometry.overlap(other.quad, each.quad) >= SAME), None)
                if known is None:
                    found.append(other._replace(score=other.score / 2))
                else:
                    found[known] = found[known]._replace(others=(*found[known].others, other.quad, *other.others)[:OTHERS])
        halves, rough = geometry.Halves(frame), len(found if self.model is None else seen)
        return [*(_snapped(halves, each) for each in found[:rough]), *found[rough:]]

    def _shrunk(self, frame):
        height, width = frame.shape[:2]
        scale = self.config.network.view / max(height, width)
        size = [max(MULTIPLE, MULTIPLE * round(side * scale / MULTIPLE)) for side in (height, width)]
        return resize(frame, tuple(size))

    def _look_again(self, frame, found):
        side = self.config.network.size
        views = np.stack([geometry.rectify(frame, each.quad, side, geometry.MARGIN) for each in found])
        upright = geometry.square(side, geometry.MARGIN)
        seen = []
        for each, maps in zip(found, self.maps(views), strict=True):
            inside = [again for again in fit.quads(maps) if geometry.overlap(again.quad, upright) > 0.6]
            if inside:
                best = max(inside, key=lambda again: geometry.overlap(again.quad, upright))
                quad = geometry.transform(best.quad, upright, each.quad)
                seen.append(Candidate(np.float32(quad), (each.score + best.score) / 2))
            else:
                seen.append(Candidate(each.quad, each.score / 2))
        return seen


def _snapped(halves, candidate):
    frame, scale = halves.for_quad(candidate.quad, edges.SIDE)
    likely, *others = (quad / scale for quad in edges.snap(frame, candidate.quad * scale))
    near = ALIKE * np.sqrt(geometry.area(likely))
    for quad in candidate.others:
        if all(np.abs(quad - geometry.order(known)).max() > near for known in (likely, *others)):
            others.append(quad)
    return Candidate(likely, candidate.score, tuple(others))


def load(path: Path | str, runtime: Runtime = "") -> Detector:
    """A Detector from a released or exported folder, a run folder or a checkpoint in it (averaged weights); "contours" is one without.

    runtime: see longrun.release.models.find. Raises OSError or UserError with one line.
    """
    if str(path) == WITHOUT:
        return Detector(None, DetectorConfig(), WITHOUT)
    found = models.find(path, DetectorConfig.PROJECT, FILES, runtime)
    config = config_of(DetectorConfig, found.config, found.place)
    if found.models:
        return Detector(found.models[0], config, found.preset, found.step)
    from stegastamp.detector import with_keras

    model, step = with_keras.restored(found, config)
    return Detector(model, config, found.preset, step)


def save(folder: Path | str, detector: Detector, outcome: dict) -> None:
    """Write detector.keras, in half precision, and manifest.json; `keras.saving.load_model` opens the model by itself."""
    origin = {"project": DetectorConfig.PROJECT, "preset": detector.preset, "step": detector.step, "config": detector.config}
    models.save(folder, {FILES[0]: detector.model}, outcome=outcome, half=True, **origin)
