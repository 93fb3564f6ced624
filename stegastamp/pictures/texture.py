"""Where a picture hides a mark: much in foliage and gravel, nothing in a sky, on a wall or on paper beside the ink."""

import cv2
import numpy as np

from stegastamp.pictures.crops import LUMA, resize

FINE = 1.2
"""Standard deviation in pixels of the window in which contrast is measured, on a picture as large as in strength.py."""
GRAIN = 0.4
"""Levels of 255 that count as contrast everywhere: below them there is nothing to measure."""
ORDINARY = 5.0
"""Contrast in levels from which on nothing changes: that of an average photo."""
SMOOTHING = 1 / 40
"""Standard deviation, in sides, of the window in which it is averaged, so that the weight has no edges of its own."""
LEAST = 0.3
"""Smallest weight; the largest is 1."""


def weights(pixels: np.ndarray, side: int, exponent: float) -> np.ndarray:
    """Factors (side, side, 1) float32 of a mark's residual: (contrast / ORDINARY) ^ exponent, within LEAST and 1.

    pixels: (H, W, 1) or (H, W, 3) uint8. The contrast is the local standard deviation of luma, averaged as the square of a mean root:
    a texture counts whole, and a lone edge, which hides nothing beside it, hardly at all.
    """
    luma = np.float32(pixels[..., 0] if pixels.shape[2] == 1 else pixels @ np.float32(LUMA))
    mean, square = (cv2.GaussianBlur(values, (0, 0), FINE) for values in (luma, luma * luma))
    root = np.sqrt(np.sqrt(np.maximum(square - mean * mean, 0)) + GRAIN)
    pooled = cv2.GaussianBlur(resize(root, (side, side)), (0, 0), SMOOTHING * side)
    return np.clip((pooled * pooled / ORDINARY) ** exponent, LEAST, 1.0)[..., None]
