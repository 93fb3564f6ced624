"""What light and camera do to a composed frame: gradients of light, colour cast, blur, noise, JPEG."""

import cv2
import numpy as np


def photograph(frame: np.ndarray, generator: np.random.Generator, blur: float) -> np.ndarray:
    """A frame (H, W, 3) uint8 as a camera would see it. blur: largest standard deviation in pixels."""
    height, width = frame.shape[:2]
    image = frame.astype(np.float32) * _light(height, width, generator)
    kind = generator.random()
    amount = generator.uniform(0.3, 1.0) * blur
    if kind < 0.4:
        image = cv2.GaussianBlur(image, (0, 0), amount)
    elif kind < 0.55:
        image = cv2.filter2D(image, -1, _stroke(2 * amount, generator.uniform(0, np.pi)))
    if generator.random() < 0.8:
        # Normal deviates are the dearest part of a scene, so a small field of them is laid out several times.
        noise = generator.standard_normal((min(height, 97), min(width, 101), 3), np.float32)
        tiles = (-(-height // noise.shape[0]), -(-width // noise.shape[1]), 1)
        image += generator.uniform(0.5, 7.0) * np.tile(noise, tiles)[:height, :width]
    seen = np.clip(image, 0, 255).astype(np.uint8)
    if generator.random() < 0.6:
        quality = int(generator.integers(45, 96))
        data = cv2.imencode(".jpg", cv2.cvtColor(seen, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
        seen = cv2.cvtColor(cv2.imdecode(data, cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)
    return seen


def _light(height, width, generator):
    """Gain of every pixel and channel: brightness, colour cast, and a linear gradient over the frame."""
    angle, slope = generator.uniform(0, 2 * np.pi), generator.uniform(0, 0.6)
    x, y = np.linspace(-0.5, 0.5, width, dtype=np.float32), np.linspace(-0.5, 0.5, height, dtype=np.float32)
    gradient = 1 + slope * np.float32(np.cos(angle)) * x[None, :] + slope * np.float32(np.sin(angle)) * y[:, None]
    gain = generator.uniform(0.6, 1.15) * generator.uniform(0.9, 1.1, 3)
    return cv2.merge([gradient * np.float32(value) for value in gain])


def _stroke(length, angle):
    half = int(np.ceil(length)) + 1
    kernel = np.zeros((2 * half + 1, 2 * half + 1), np.float32)
    end = half + length * np.array([np.cos(angle), np.sin(angle)])
    start = 2 * half - end
    points = [tuple(int(round(16 * value)) for value in point) for point in (start, end)]
    cv2.line(kernel, *points, 1.0, 1, cv2.LINE_AA, 4)
    kernel[half, half] = max(kernel[half, half], 1.0)
    return kernel / kernel.sum()
