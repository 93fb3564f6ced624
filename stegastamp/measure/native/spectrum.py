"""Where in frequency a residual lies: blotches are low, grain is high, and PSNR tells neither."""

import numpy as np
from scipy import fft

LIMITS = (8, 16, 32)
"""Cycles per image below which the share of energy is reported."""
BINS = 257
"""0, 1, ... 255 cycles per image, and all above."""
# Y, U and V of BT.601 from red, green and blue.
_YUV = np.float32([[0.299, 0.587, 0.114], [-0.14713, -0.28886, 0.436], [0.615, -0.51499, -0.10001]])


def radial_energy(residual: np.ndarray) -> dict[str, np.ndarray]:
    """Energy of a residual (H, W, 3) float32 by frequency: {"luma", "chroma"} -> (R,), bin r for r +- .5 cycles per image.

    Cycles count per image along each axis, as the network sees it: a square, whatever the image's shape. The bins of both sum to the
    mean square of Y, and of U and V together. R is BINS for every image, so that spectra of several can be averaged.
    """
    height, width = residual.shape[:2]
    power = np.square(np.abs(fft.rfft2(residual @ _YUV.T, axes=(0, 1)))) / (height * width) ** 2
    # All columns but the first, and the last of an even width, stand for two.
    power[:, 1 : (width + 1) // 2] *= 2
    radius = np.hypot(fft.fftfreq(height, 1 / height)[:, None], fft.rfftfreq(width, 1 / width)[None, :])
    bins = np.minimum(np.rint(radius).astype(int), BINS - 1).ravel()
    luma, *chroma = (np.bincount(bins, power[..., channel].ravel(), BINS) for channel in range(3))
    return {"luma": luma, "chroma": sum(chroma)}


def share_below(energy: np.ndarray, limit: int) -> float:
    """Share of the energy at less than `limit` cycles per image; 0 for a residual of nothing."""
    return float(energy[:limit].sum() / max(energy.sum(), 1e-30))
