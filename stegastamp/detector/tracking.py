"""Stamps in films: quads followed from frame to frame, logits summed over the frames until the sum can be read, single frames as photos.

What the network sees of a frame is enough to follow pictures, but it overlooks some that straight lines and contours would find, which
cost too much for every frame. So chosen frames (see stegastamp.films.shots) are searched and read as a photo is.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from stegastamp.detector.finding import geometry
from stegastamp.detector.finding.search import Detector
from stegastamp.detector.reading import ORIENTATIONS, Reader, Reading, read_all, reading
from stegastamp.films.shots import Cuts, Looks

SAME = 0.5
"""Overlap from which a found quad and a followed one are the same."""
POINTS = 80
"""Most points of a picture that are followed."""
FEWEST = 8
"""Points that must agree on where it went."""
PATIENCE = 10
"""Frames a track may go unseen."""
VIEW = 64
"""Side at which frames are compared with each other."""


@dataclass
class Track:
    """One picture followed through a film. `quad` (4, 2) keeps its corners in the same order throughout."""

    quad: np.ndarray
    logits: np.ndarray
    """Sum over the frames, (8, bits): independent evidence adds up, so what no single frame says the sum may."""
    frames: int = 0
    """In which it was seen."""
    summed: int = 0
    """Frames whose logits are in the sum."""
    unseen: int = 0
    reading: Reading | None = None

    def see(self, frame: np.ndarray, reader: Reader) -> None:
        """Take one more frame; what has been read is not asked again."""
        self.frames += 1
        if self.reading is None:
            self.add(reader.logits(frame, self.quad), reader)

    def add(self, logits: np.ndarray, reader: Reader) -> None:
        """Take the logits (8, bits) of one more frame; try to read the sum."""
        self.logits += logits
        self.summed += 1
        # 1/2 + 1/6 + 1/12 + ... = 1: however long the film, the sums share half of its risk. The other half is that of single frames.
        found = reader.message(self.logits, 1 / (2 * self.summed * (self.summed + 1)))
        if found is not None:
            self.reading = reading(self.quad, found.attempt, found, self.logits[found.attempt] / self.summed)


class Tracker:
    """Give it frame after frame; it keeps a track for each picture.

    every: frames between two searches; in between the pictures are followed by optical flow (Lucas-Kanade, forth and back).
    """

    def __init__(self, detector: Detector, reader: Reader, every: int = 5):
        self._detector, self._reader, self._every = detector, reader, every
        self._count = 0
        self._before: np.ndarray | None = None
        self._cuts = Cuts()
        self._looks: Looks[tuple[np.ndarray, np.ndarray]] = Looks()
        self.tracks: list[Track] = []
        self.finished: list[Track] = []

    def see(self, frame: np.ndarray) -> list[Track]:
        """Take the next frame (H, W, 3) uint8; returns the tracks that are seen in it."""
        grey = cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY)
        view = cv2.resize(frame, (VIEW, VIEW), interpolation=cv2.INTER_AREA)
        begins = self._cuts.see(view)
        for track in self.tracks:
            self._move(track, self._before, grey)
        if begins or self._count % self._every == 0:
            self._search(frame)
        self._before, self._count = grey, self._count + 1
        for track in self._seen():
            track.see(frame, self._reader)
        self._look(self._looks.choose((frame, grey), view, begins, self._said()), grey)
        self.finished += [track for track in self.tracks if track.unseen > PATIENCE]
        self.tracks = [track for track in self.tracks if track.unseen <= PATIENCE]
        return self._seen()

    def end(self) -> None:
        """There are no more frames: the best of the last ones is read as a photo where nothing else was."""
        self._look(self._looks.last(self._said()), self._before)

    @property
    def readings(self) -> list[Track]:
        """The tracks that have been read, past ones included."""
        return [track for track in [*self.finished, *self.tracks] if track.reading is not None]

    def _search(self, frame):
        for candidate in self._detector.quads(frame, second_opinion=False):
            overlaps = [geometry.overlap(candidate.quad, track.quad) for track in self.tracks]
            best = int(np.argmax(overlaps)) if overlaps else -1
            if best >= 0 and overlaps[best] > SAME:
                track = self.tracks[best]
                track.quad, track.unseen = numbered_like(candidate.quad, track.quad), 0
            else:
                self.tracks.append(Track(candidate.quad, self._nothing()))

    def _look(self, chosen, grey):
        """Read a frame as a photo, (frame, grey frame) or None, and follow what it says to the present frame."""
        if chosen is None:
            return
        frame, there = chosen
        known = [track.quad for track in self._seen() if track.reading is not None]
        candidates = [each for each in self._detector.quads(frame) if not any(_covers(each.quad, quad) for quad in known)]
        for said in read_all(self._reader, frame, candidates)[0]:
            odds = self._looks.paid(said.false_accept_probability)
            if odds is None:
                continue
            said = said._replace(false_accept_probability=odds)
            track = Track(geometry.order(said.quad), self._nothing(), frames=1, reading=said)
            if there is not grey:
                self._move(track, there, grey)
            # It takes the place of what was followed there and said nothing.
            self.tracks = [other for other in self.tracks if other.reading is not None or not _covers(track.quad, other.quad)]
            self.tracks.append(track)

    def _move(self, track, before, after):
        moved = None if before is None else follow(before, after, track.quad)
        track.unseen = track.unseen + 1 if moved is None else 0
        track.quad = track.quad if moved is None else moved

    def _nothing(self):
        return np.zeros((ORIENTATIONS, self._reader.stamper.bits), np.float32)

    def _seen(self):
        return [track for track in self.tracks if track.unseen == 0]

    def _said(self):
        return any(track.reading is not None for track in self._seen())


def _covers(quad, other):
    return geometry.overlap(quad, other) > SAME


def follow(before: np.ndarray, after: np.ndarray, quad: np.ndarray) -> np.ndarray | None:
    """Where a quad of one grey frame (H, W) uint8 lies in the next, (4, 2), or None where it is lost."""
    mask = np.zeros_like(before)
    cv2.fillConvexPoly(mask, np.round(quad).astype(np.int32), 255)
    points = cv2.goodFeaturesToTrack(before, POINTS, 0.01, 5, mask=mask)
    if points is None or len(points) < FEWEST:
        return None
    there, forth, _ = cv2.calcOpticalFlowPyrLK(before, after, points, None)
    back, again, _ = cv2.calcOpticalFlowPyrLK(after, before, there, None)
    kept = (forth.ravel() == 1) & (again.ravel() == 1) & (np.linalg.norm((back - points).reshape(-1, 2), axis=1) < 1)
    if kept.sum() < FEWEST:
        return None
    matrix, inliers = cv2.findHomography(points[kept], there[kept], cv2.RANSAC, 2.0)
    if matrix is None or int(inliers.sum()) < FEWEST:
        return None
    moved = cv2.perspectiveTransform(np.float32(quad)[None], matrix)[0]
    whole = cv2.isContourConvex(moved.reshape(-1, 1, 2)) and 0.5 < geometry.area(moved) / max(geometry.area(quad), 1.0) < 2
    return np.float32(moved) if whole else None


def numbered_like(quad: np.ndarray, other: np.ndarray) -> np.ndarray:
    """The same quad, beginning with the corner nearest the first of another."""
    turns = [np.roll(quad, turn, axis=0) for turn in range(4)]
    return min(turns, key=lambda turn: float(np.linalg.norm(turn - other, axis=1).sum()))
