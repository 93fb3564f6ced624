"""What the quads of a frame say: rectified, turned and mirrored every way, their corners nudged until the decoder is sure."""

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np

from stegastamp.detector import spectrum
from stegastamp.detector.finding import geometry
from stegastamp.detector.finding.fit import Candidate
from stegastamp.message import acceptance as codes
from stegastamp.message.formats import formats_for
from stegastamp.message.key import Key
from stegastamp.network.stamp import Stamper

ORIENTATIONS = 8
"""Four turns, each as seen and in a mirror."""
UNIT = np.float32([[0, 0], [1, 0], [1, 1], [0, 1]])
STANDS_OUT = 3.0
"""How many standard deviations an orientation's confidence lies above the other seven before its corners are worth nudging."""
ROUNDS = 5
SAMPLES = 24
ELITE = 6
"""Of the samples of a round, those whose mean is the next centre."""
SAME = 0.5
"""Overlap from which two quads are about the same picture."""
WITHIN = 0.05
"""Distance of corners, as a fraction of the side, within which a Stamper with a localiser finds the mark by itself (measured: .08)."""
CLEAR = 0.5
"""How clearly the waves of a mark are seen in a picture that is read before all others (see spectrum.clarity)."""
NEARLY = 0.3
"""How much less clear another quad of that picture may be to be tried too."""
SPREAD = 0.006
"""Standard deviation of the first nudges, as a fraction of the side: what a second look leaves."""


class Reading(NamedTuple):
    """A stamp that was read. `quad` begins with the stamp's own top left corner, clockwise; counter-clockwise where mirrored."""

    quad: np.ndarray
    text: str
    """The message; a UUID as its usual text."""
    corrected: int
    """Wrong bits that the code put right."""
    confidence: float
    """Mean absolute logit."""
    mirrored: bool
    false_accept_probability: float
    """Chance that a candidate without a stamp would have been read on evidence as good, all its tries together (see message.acceptance)."""


# Of the risk of reading what is no stamp: the likeliest quad, the surest of all quads, and each round of nudging.
FIRST_SHARE, SECOND_SHARE, ROUND_SHARE = 1 / 2, 1 / 4, 1 / (4 * ROUNDS)


class Reader:
    """Reads quads of a frame through a Stamper; with a key, what was stamped with it. Raises UserError for bits that carry no message."""

    def __init__(self, stamper: Stamper, key: Key | None = None):
        self.formats = formats_for(stamper.bits, key=key)
        self.stamper = stamper
        self.side = stamper.size
        self.within = WITHIN if stamper.config.model.transformer == "localiser" else 0.0
        self.waves = stamper.config.mark.sync > 0
        """Whether marks carry waves that are seen before anything is read."""

    def read(self, frame: np.ndarray, candidate: Candidate | np.ndarray) -> Reading | None:
        """What a candidate, or a quad (4, 2), of a frame (H, W, 3) uint8 says, or None.

        First the likeliest quad is tried, then, of all its quads, for each orientation the one of which the decoder is surest; at
        last, where one orientation stands out, its corners are nudged. A Stamper that finds its mark by itself gains nothing from that, and
        it would be half of the time. Confidence knows nothing of the code, so choosing by it is no
        try: the tries stay few, and share one small risk of a false accept.
        """
        candidate = candidate if isinstance(candidate, Candidate) else Candidate(np.float32(candidate), 1.0)
        logits = self.logits(frame, candidate.quad)
        chosen = [candidate.quad] * ORIENTATIONS
        found = self.message(logits, FIRST_SHARE)
        quads = self.apart(candidate)
        if found is None and len(quads) > 1:
            every = np.stack([logits, *(self.logits(frame, quad) for quad in quads[1:])])
            surest = np.abs(every).mean(axis=2).argmax(axis=0)
            chosen = [quads[number] for number in surest]
            logits = every[surest, np.arange(ORIENTATIONS)]
            found = self.message(logits, SECOND_SHARE)
        if found is not None:
            return reading(chosen[found.attempt], found.attempt, found, logits[found.attempt])
        if self.within:  # The Stamper's own localiser has done what nudging would do.
            return None
        confidence = np.abs(logits).mean(axis=1)
        orientation = int(confidence.argmax())
        rest = np.delete(confidence, orientation)
        if confidence[orientation] < rest.mean() + STANDS_OUT * rest.std():
            return None
        return self._nudge(frame, chosen[orientation], orientation)

    def message(self, logits: np.ndarray, share: float) -> codes.Reading | None:
        """The likeliest message in logits (tries, bits) at that share of the risk, or None."""
        return codes.read(logits, self.formats, [share / len(logits)] * len(logits))

    def logits(self, frame: np.ndarray, quad: np.ndarray) -> np.ndarray:
        """Logits (8, bits) of a quad, the orientations as in `turned`."""
        flat = geometry.rectify(frame, quad, self.side)
        return self.stamper.logits(np.stack([turned(flat, orientation) for orientation in range(ORIENTATIONS)]))

    def apart(self, candidate: Candidate) -> list[np.ndarray]:
        """The quads of a candidate but those so near to one before them that the Stamper reads the same there."""
        near, kept = self.within * np.sqrt(geometry.area(candidate.quad)), [candidate.quad]
        for quad in candidate.others:
            if all(np.abs(quad - before).max() > near for before in kept):
                kept.append(quad)
        return kept

    def _nudge(self, frame, quad, orientation):
        """Moves the corners to where the decoder is surest (cross-entropy method); tries to read the centre of each round."""
        generator = np.random.default_rng(0)
        centre, spread = UNIT.copy(), np.full((4, 2), SPREAD, np.float32)
        for _ in range(ROUNDS):
            corners = centre + spread * generator.standard_normal((SAMPLES, 4, 2)).astype(np.float32)
            confidence = np.abs(self._logits_at(frame, quad, corners, orientation)).mean(axis=1)
            elite = corners[np.argsort(confidence)[-ELITE:]]
            centre = elite.mean(axis=0)
            spread = np.maximum(elite.std(axis=0), SPREAD / 6)
            logits = self._logits_at(frame, quad, centre[None], orientation)
            found = self.message(logits, ROUND_SHARE)
            if found is not None:
                return reading(geometry.transform(centre, UNIT, quad), orientation, found, logits[0])
        return None

    def _logits_at(self, frame, quad, corners, orientation):
        places = [geometry.transform(each, UNIT, quad) for each in corners]
        return self.stamper.logits(np.stack([turned(geometry.rectify(frame, place, self.side), orientation) for place in places]))


def turned(flat: np.ndarray, orientation: int) -> np.ndarray:
    """A square image turned back by `orientation` quarters; from 4 on as it would be in a mirror."""
    return np.rot90(flat[:, ::-1] if orientation >= 4 else flat, orientation % 4)


def own_corners(quad: np.ndarray, orientation: int) -> np.ndarray:
    """The corners of a quad from the stamp's own top left on, where the stamp was read in that orientation."""
    return np.roll(quad[[1, 0, 3, 2]] if orientation >= 4 else quad, -(orientation % 4), axis=0)


def reading(quad: np.ndarray, orientation: int, found: codes.Reading, logits: np.ndarray) -> Reading:
    """A Reading from what was found in an orientation of a quad."""
    corners, confidence = np.float32(own_corners(quad, orientation)), float(np.abs(logits).mean())
    return Reading(corners, str(found.message), found.corrected, confidence, orientation >= 4, found.false_accept_probability)


def read_all(reader: Reader, frame: np.ndarray, candidates: Sequence[Candidate]) -> tuple[list[Reading], list[np.ndarray]]:
    """What the candidates of a frame say, and the quads of those that say nothing. What covers a stamp already read is left out.

    Where marks carry waves, the candidates that show them are read, each at the quads where they are clearest; the others only where
    that reads nothing.
    """
    clear, others = _sifted(reader, frame, candidates) if reader.waves else ([], candidates)
    read, silent = _read_each(reader, frame, clear)
    if read:
        silent += [candidate.quad for candidate in others]
    else:
        read, unread = _read_each(reader, frame, others)
        silent += unread
    return read, [quad for quad in silent if not any(_covers(quad, said.quad) for said in read)]


def _sifted(reader, frame, candidates):
    """Candidates that show the waves of a mark, clearest first, at the quads where they do; and the others as they are."""
    halves = geometry.Halves(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY))
    clear, others = [], []
    for candidate in candidates:
        quads = reader.apart(candidate)
        seen = np.array([spectrum.clarity(halves.rectify(quad, spectrum.SIDE)) for quad in quads])
        if seen.max() < CLEAR:
            others.append(candidate)
        else:
            first, *rest = (quads[index] for index in np.argsort(-seen, kind="stable") if seen[index] > seen.max() - NEARLY)
            clear.append((float(seen.max()), Candidate(first, candidate.score, tuple(rest))))
    return [candidate for _, candidate in sorted(clear, key=lambda each: -each[0])], others


def _read_each(reader, frame, candidates):
    """What candidates say, one after the other, and the quads of those that say nothing."""
    read: list[Reading] = []
    silent: list[np.ndarray] = []
    for candidate in candidates:
        if any(_covers(candidate.quad, said.quad) for said in read):
            continue
        said = reader.read(frame, candidate)
        if said is None:
            silent.append(candidate.quad)
        else:
            read.append(said)
    return read, silent


def _covers(quad, other):
    return geometry.overlap(geometry.order(quad), geometry.order(other)) > SAME
