import cv2
import numpy as np

from stegastamp.detector.finding import colours


def test_lightness_and_colours_are_opencv_s():
    """Every third level of red, green and blue: as OpenCV computes it in floating point."""
    levels = np.arange(0, 256, 3, dtype=np.uint8)
    image = np.stack(np.meshgrid(levels, levels, levels, indexing="ij"), axis=-1).reshape(len(levels), -1, 3)
    exact = cv2.cvtColor(image.astype(np.float32) / 255, cv2.COLOR_RGB2LAB) * np.float32([2.55, 1, 1]) + np.float32([0, 128, 128])
    found = colours.lab(image)
    assert found.dtype == np.uint8 and np.abs(found - exact).max() <= 2 and np.abs(found - exact).mean() < 0.5


def test_grey_has_no_colour():
    grey = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, axis=-1)
    lab = colours.lab(grey)
    assert np.abs(lab[..., 1:].astype(int) - 128).max() <= 1 and (np.diff(lab[0, :, 0].astype(int)) >= 0).all()
