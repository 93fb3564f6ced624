"""A stamper for tests of reports: 100 bits as a grid of 10 x 10 squares that are light or dark, read by comparing with grey."""

from types import SimpleNamespace

import cv2
import numpy as np

from stegastamp.data import resize


class GridStamper:
    preset, step, strength = "grid <b>", 7, 0.5
    config = SimpleNamespace(size=40, bits=100)

    def stamp_image(self, image, message, strength=None):
        grid = np.float32(message).reshape(10, 10, 1) * 2 - 1
        height, width = image.shape[:2]
        mark = cv2.resize(grid, (width, height), interpolation=cv2.INTER_NEAREST)[..., None]
        amplitude = 120 * (self.strength if strength is None else strength)
        return np.clip(0.2 * image + 100 + amplitude * mark, 0, 255).astype(np.uint8)

    def logits(self, images):
        blocks = images.astype(np.float32).mean(-1).reshape(-1, 10, 4, 10, 4).mean((2, 4)).reshape(-1, 100)
        return blocks - blocks.mean(axis=1, keepdims=True)

    def read_image(self, image):
        return self.logits(resize(image, (40, 40))[None])[0]
