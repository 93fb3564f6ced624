"""A picture's spectrum, made so that the waves of a mark stand out of what the picture itself holds at their frequencies."""

import cv2
import numpy as np

from stegastamp.pictures.crops import LUMA

SIDE = 192
"""Pixels of the longer side at which a picture is looked at: the finest wave of a whole mark has nine of them."""
PADDED = 4 * SIDE
"""Side of the Fourier transform."""
FINE, COARSE = 1.0, 3.0
"""Standard deviations in pixels of the two blurs between which the waves lie."""
NEIGHBOURHOOD = 2.0
"""Standard deviation in pixels of the window whose deviation a pixel is divided by."""
FLOOR, POWER = 0.3, 1.3
"""Levels added to that deviation, and the power it is taken to: the mark grows with the contrast it lies on, more slowly than the
contrast does."""
EDGE = 0.1
"""Part of each side that the window takes to rise and fall together."""
STEP = 0.125
"""Between two frequencies of a ray, in cycles per longer side."""
AROUND = 3.0
"""Cycles per longer side, either way, over which a coefficient's neighbours are averaged."""
LARGEST = 3.0
"""A coefficient counts for at most so many times what is usual around it."""


class Spectrum:
    """The Fourier transform of a picture about its centre; frequencies are in cycles per longer side.

    pixels: (H, W, 1) or (H, W, 3), uint8 or uint16.
    """

    def __init__(self, pixels: np.ndarray):
        plane = evened(pixels)
        self.height, self.width = plane.shape
        self.longer = max(plane.shape)
        transform = np.fft.rfft2(plane, (PADDED, PADDED)).astype(np.complex64)
        reach = round(AROUND * PADDED / self.longer)
        self._usual = np.sqrt(cv2.blur(np.square(np.abs(transform)), (reach, reach))) + np.float32(1e-9)
        # About the centre, so that phases turn slowly from one coefficient to the next.
        down, across = np.fft.fftfreq(PADDED) * (self.height - 1) / 2, np.fft.rfftfreq(PADDED) * (self.width - 1) / 2
        self._transform = transform * np.exp(2j * np.pi * (down[:, None] + across)).astype(np.complex64)

    def at(self, across: np.ndarray, down: np.ndarray) -> np.ndarray:
        """Coefficients at frequencies of one shape, between those of the transform, in units of what is usual around them."""
        value, row, column = self._between(across, down)
        return limited(value / self._usual[row, column])

    def along(self, angle: float, frequencies: np.ndarray) -> np.ndarray:
        """Coefficients along a ray at `angle` (radians, from x towards y), in units of what is usual on that ray.

        What a picture holds of upright and level things lies on two rays, far above its surroundings, so a ray is compared with itself.
        """
        regular = np.arange(max(1.0, frequencies.min() - AROUND), frequencies.max() + AROUND, STEP)
        values, _, _ = self._between(regular * np.cos(angle), regular * np.sin(angle))
        reach = (2 * round(AROUND / STEP) + 1, 1)
        usual = np.sqrt(cv2.blur(np.square(np.abs(values))[None].astype(np.float32), reach, borderType=cv2.BORDER_REFLECT))[0]
        values = limited(values / (usual + 1e-9))
        return np.interp(frequencies, regular, values.real) + 1j * np.interp(frequencies, regular, values.imag)

    def _between(self, across, down):
        """Bilinear; the half of the transform that is not stored is the conjugate of the other."""
        scale = PADDED / self.longer
        across, down = np.asarray(across) * scale, np.asarray(down) * scale
        mirrored = across < 0
        across, down = np.where(mirrored, -across, across), np.where(mirrored, -down, down)
        column, row = np.floor(across).astype(int), np.floor(down).astype(int)
        right, below = across - column, down - row
        row, next_row = row % PADDED, (row + 1) % PADDED
        next_column = np.minimum(column + 1, PADDED // 2)
        value = (1 - right) * (1 - below) * self._transform[row, column] + right * (1 - below) * self._transform[row, next_column]
        value += (1 - right) * below * self._transform[next_row, column] + right * below * self._transform[next_row, next_column]
        return np.where(mirrored, np.conj(value), value), row, column


def evened(pixels: np.ndarray) -> np.ndarray:
    """Brightness of (H, W, 1) or (H, W, 3) between two blurs, divided by its deviation around each pixel, falling off at the edges.

    Returns float32, its longer side `SIDE`.
    """
    height, width = pixels.shape[:2]
    scale = SIDE / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
    small = np.float32(small).reshape(*size[::-1], -1) / (257 if pixels.dtype == np.uint16 else 1)
    brightness = small @ np.float32(LUMA) if small.shape[2] == 3 else small[..., 0]
    band = cv2.GaussianBlur(brightness, (0, 0), FINE) - cv2.GaussianBlur(brightness, (0, 0), COARSE)
    deviation = np.sqrt(cv2.GaussianBlur(np.square(band), (0, 0), NEIGHBOURHOOD))
    return band / (deviation + FLOOR) ** POWER * np.outer(_window(size[1]), _window(size[0]))


def limited(values: np.ndarray) -> np.ndarray:
    """Complex values, their size at most `LARGEST`."""
    return values * np.minimum(1, LARGEST / np.maximum(np.abs(values), 1e-9))


def _window(length):
    """A rise and a fall in the form of a cosine, together `EDGE` of the length, and 1 between."""
    from_edge = np.minimum(np.arange(length) + 0.5, length - 0.5 - np.arange(length)) / length
    return np.float32(0.5 - 0.5 * np.cos(np.pi * np.minimum(1, from_edge / (EDGE / 2))))
