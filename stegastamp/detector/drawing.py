"""What was found in a frame, drawn into it."""

import cv2
import numpy as np

from stegastamp.detector.measure import pictures
from stegastamp.detector.reading import Reading

READ, UNREAD = (0, 220, 0), (230, 120, 0)


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
