"""How clearly a picture shows the waves that every mark of a network with a localiser carries: a thousandth of what reading it takes."""

import cv2
import numpy as np

from stegastamp.network.waves import WAVES

SIDE = 128
"""Pixels of the upright view: the finest wave has six of them."""
FINE, COARSE = 0.7, 2.5
"""Standard deviations in pixels of the two blurs between which the waves lie."""
FLOOR, POWER = 0.5, 1.2
"""Levels added to the deviation around a pixel, and the power it is taken to, before the pixel is divided by it."""
NEAR, AROUND = 3, 11
"""Sides in frequencies of what counts as a wave, since a quad is never quite that of the picture, and of what it is compared with."""
EXACT = 0.5
"""What a wave at its very frequency counts for beside that."""
MOST = 2.5
"""Logarithm of the ratio up to which a wave counts; what is missing counts for -1 at most."""
_X, _Y = np.transpose(WAVES)
_WEIGHTS = np.float64([number / 16 if 0 in wave else 1.3 for wave, number in zip(WAVES, np.abs(WAVES).max(axis=1), strict=True)])
_WINDOW = np.sin(np.pi * (np.arange(SIDE) + 0.5) / SIDE).astype(np.float32)


def clarity(view: np.ndarray) -> float:
    """How far the waves stand out of a grey upright view (SIDE, SIDE) uint8, whichever side is up.

    A weighted mean of logarithms: about 0 without a mark, 0.5 to 2.5 where one is, less where the quad is far off.
    """
    grey = view.astype(np.float32)
    band = cv2.GaussianBlur(grey, (0, 0), FINE) - cv2.GaussianBlur(grey, (0, 0), COARSE)
    deviation = np.sqrt(cv2.GaussianBlur(np.square(band), (0, 0), 2.0))
    transform = np.fft.rfft2(band / (deviation + FLOOR) ** POWER * np.outer(_WINDOW, _WINDOW))
    power = np.float32(np.square(transform.real) + np.square(transform.imag))
    # Frequencies below zero along x, for the neighbours of waves along y.
    power = np.concatenate([np.roll(power[::-1], 1, axis=0)[:, AROUND:0:-1], power], axis=1) + np.float32(1e-9)
    exact, near, around = (cv2.blur(power, (side, side))[_Y, _X + AROUND] for side in (1, NEAR, AROUND))
    waves = np.log(near / around) + EXACT * np.log(exact / around)
    return float(np.average(np.clip(waves, -1, MOST), weights=_WEIGHTS))
