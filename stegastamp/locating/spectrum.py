"""A picture's spectrum, made so that the waves of a mark stand out of what the picture itself holds at their frequencies."""

import cv2
import numpy as np

from stegastamp.locating import content
from stegastamp.pictures.crops import LUMA

SIDE = 192
"""Pixels of the longer side at which a picture is looked at: the finest wave of a whole mark has nine of them."""
PADDED = 4 * SIDE
"""Side of the Fourier transform."""
FINE, COARSE = 1.0, 3.0
"""Standard deviations in pixels of the two blurs between which the waves lie."""
NEIGHBOURHOOD = 2.0
"""Standard deviation in pixels of the window whose deviation a pixel is divided by."""
FLOOR, POWER = 0.3, 1.5
"""Levels added to that deviation, and the power it is taken to: the mark grows with the contrast it lies on, more slowly than the
contrast does."""
EDGE = 0.1
"""Part of each side that the window takes to rise and fall together."""
EDGES = 2
"""Directions of edges that are looked at."""
UPRIGHT = np.radians(1.0)
"""Angle up to which an edge is upright."""
AROUND = 8.0
"""Cycles per longer side over which a coefficient's neighbours are averaged, by their logarithms, so that a wave raises it little."""
LARGEST = 4.0
"""A coefficient counts for at most so many times what is usual around it."""
RAYLEIGH = 1.33
"""Root of the mean square of a complex normal number, in units of its geometric mean size: exp(Euler's constant / 2)."""


class Spectrum:
    """The Fourier transform of a picture about its centre; frequencies are in cycles per longer side.

    pixels: (H, W, 1) or (H, W, 3), uint8 or uint16.
    """

    def __init__(self, pixels: np.ndarray):
        brightness = brightness_of(pixels)
        self.shown, self.edges = content.shown(brightness), []
        """What is no corner of one colour, (height, width) uint8 of 0 and 1; angles of the straight edges where the corners begin."""
        if not self.shown.all():
            # Upright edges are those of a window or of a page, on which a picture lies as it is.
            self.edges = [angle for angle in content.edges(self.shown, EDGES) if content.apart(angle, 0.0) > UPRIGHT]
            self.shown = self.shown if self.edges else np.ones_like(self.shown)
        plane = evened(brightness, self.shown)
        self.height, self.width = plane.shape
        self.longer = max(plane.shape)
        transform = np.fft.rfft2(plane, (PADDED, PADDED)).astype(np.complex64)
        reach = round(AROUND * PADDED / self.longer)
        logarithm = cv2.log(np.abs(transform) + np.float32(1e-9))
        self._usual = np.float32(RAYLEIGH) * cv2.exp(cv2.blur(logarithm, (reach, reach)))
        # About the centre, so that phases turn slowly from one coefficient to the next.
        down, across = np.fft.fftfreq(PADDED) * (self.height - 1) / 2, np.fft.rfftfreq(PADDED) * (self.width - 1) / 2
        self._transform = transform * np.exp(2j * np.pi * (down[:, None] + across)).astype(np.complex64)

    def at(self, across: np.ndarray, down: np.ndarray) -> np.ndarray:
        """Coefficients at frequencies of one shape, between those of the transform, in units of what is usual around them."""
        value, row, column = self._between(across, down)
        return limited(value / self._usual[row, column])

    def along(self, angle: float, frequencies: np.ndarray) -> np.ndarray:
        """The same along a ray at `angle`, in radians from x towards y."""
        return self.at(frequencies * np.cos(angle), frequencies * np.sin(angle))

    def _between(self, across, down):
        """Bilinear; the half of the transform that is not stored is the conjugate of the other."""
        scale = PADDED / self.longer
        across, down = np.asarray(across) * scale, np.asarray(down) * scale
        mirrored = across < 0
        across, down = np.where(mirrored, -across, across), np.where(mirrored, -down, down)
        # Finer than two pixels there is nothing; a small mark in a large picture would have its waves there.
        across = np.minimum(across, PADDED / 2)
        column, row = np.floor(across).astype(int), np.floor(down).astype(int)
        right, below = across - column, down - row
        row, next_row = row % PADDED, (row + 1) % PADDED
        next_column = np.minimum(column + 1, PADDED // 2)
        value = (1 - right) * (1 - below) * self._transform[row, column] + right * (1 - below) * self._transform[row, next_column]
        value += (1 - right) * below * self._transform[next_row, column] + right * below * self._transform[next_row, next_column]
        return np.where(mirrored, np.conj(value), value), row, column


def brightness_of(pixels: np.ndarray) -> np.ndarray:
    """Brightness of (H, W, 1) or (H, W, 3), uint8 or uint16, in levels of 255: float32, its longer side `SIDE`."""
    height, width = pixels.shape[:2]
    scale = SIDE / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
    small = np.float32(small).reshape(*size[::-1], -1) / (257 if pixels.dtype == np.uint16 else 1)
    return np.ascontiguousarray(small @ np.float32(LUMA) if small.shape[2] == 3 else small[..., 0])


def evened(brightness: np.ndarray, shown: np.ndarray) -> np.ndarray:
    """Brightness between two blurs, divided by its deviation around each pixel, falling off where what is shown ends. All (H, W)."""
    band = cv2.GaussianBlur(brightness, (0, 0), FINE) - cv2.GaussianBlur(brightness, (0, 0), COARSE)
    deviation = np.sqrt(cv2.GaussianBlur(np.square(band), (0, 0), NEIGHBOURHOOD))
    height, width = shown.shape
    if shown.all():
        window = np.outer(_rise(height), _rise(width))
    else:
        # The edge of a corner is far stronger than the mark: what lies within the coarse blur of it does not count.
        inside = cv2.distanceTransform(cv2.copyMakeBorder(shown, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0), cv2.DIST_L2, 3)[1:-1, 1:-1]
        window = _cosine((inside - NEIGHBOURHOOD) / (EDGE * min(height, width)))
    return np.float32(band / (deviation + FLOOR) ** POWER * window)


def limited(values: np.ndarray) -> np.ndarray:
    """Complex values, their size at most `LARGEST`."""
    return values * np.minimum(1, LARGEST / np.maximum(np.abs(values), 1e-9))


def _rise(length):
    """A rise and a fall in the form of a cosine, together `EDGE` of the length, and 1 between."""
    from_edge = np.minimum(np.arange(length) + 0.5, length - 0.5 - np.arange(length)) / length
    return _cosine(from_edge / (EDGE / 2))


def _cosine(share):
    return np.float32(0.5 - 0.5 * np.cos(np.pi * np.clip(share, 0, 1)))
