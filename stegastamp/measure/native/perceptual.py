"""LPIPS as a distance of two pictures, where its weights are."""

from collections.abc import Callable

import numpy as np

from stegastamp.network import lpips

NET = "alex"

Distance = Callable[[np.ndarray, np.ndarray], float]
"""Of two (H, W, 3) uint8 images."""


def perceptual_distance() -> Distance:
    """LPIPS with its usual backbone. Raises NoWeights with the command that fetches them where they are missing."""
    measure_pair = lpips.load(NET)

    def distance(cover, stamped):
        pair = (np.float32(image)[None] / 255 for image in (cover, stamped))
        return float(measure_pair(*pair).numpy()[0])

    return distance
