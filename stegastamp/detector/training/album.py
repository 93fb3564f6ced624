"""The photos of a detector's training: backgrounds, and pictures cut from them, stamped and not."""

from collections.abc import Iterator

import numpy as np
import tensorflow as tf

from longrun.step import seeding
from stegastamp.detector.config import DetectorConfig
from stegastamp.detector.training.scenes import STRIDE, Layout, Scene, compose, maps
from stegastamp.network.stamp import Stamper
from stegastamp.pictures.crops import resize
from stegastamp.pictures.photos import Photos

PICTURE = 288
"""Long side at which the album keeps its pictures; none is seen larger in training."""
STAMPED = 16
"""Most photos of which a stamped picture is kept: stamping all of a large folder would cost minutes and show the network nothing new."""
FINER = 2
"""Training frames are drawn twice as large as the network sees them."""


def generator_of(key: np.ndarray) -> np.random.Generator:
    """NumPy's generator for a sample's key, (2,) int32."""
    return np.random.Generator(np.random.Philox(key=np.asarray(key, np.int32).view(np.uint32).astype(np.uint64)))


def cut_picture(photo: np.ndarray, generator: np.random.Generator, long_side: int) -> np.ndarray:
    """A picture cut from a photo: aspect ratio between 2:3 and 3:2, at least 60 % of what fits, shrunk to a long side."""
    height, width = photo.shape[:2]
    aspect = np.exp(generator.uniform(-np.log(1.5), np.log(1.5)))
    wide = min(width, height * aspect) * generator.uniform(0.6, 1.0)
    size = max(8, int(wide / aspect)), max(8, int(wide))
    top, left = (int(generator.integers(0, room - part + 1)) for room, part in zip((height, width), size, strict=True))
    picture = photo[top : top + size[0], left : left + size[1]]
    scale = min(1.0, long_side / max(size))
    return resize(picture, (max(8, round(size[0] * scale)), max(8, round(size[1] * scale))))


class Album:
    """Photos as backgrounds, a plain picture from each, and a stamped one from up to STAMPED of them.

    A stamp is made not to be seen, and a frame shrunk for the network shows nothing of it. So all pictures are to be found, stamped
    or not; what is in them is the Stamper's to say.
    """

    def __init__(self, photos: Photos, stamper: Stamper, seed: int):
        self.photos = photos.images
        generator = np.random.default_rng([seed, seeding.name_code("album")])
        self.plain = [cut_picture(photo, generator, PICTURE) for photo in photos.images]
        chosen = generator.permutation(len(photos))[:STAMPED]
        stamped = [cut_picture(photos.images[index], generator, PICTURE) for index in chosen]
        side, bits = stamper.size, stamper.bits
        messages = generator.integers(0, 2, (len(stamped), bits)).astype(np.float32)
        residuals = stamper.residuals(np.stack([resize(picture, (side, side)) for picture in stamped]), messages)
        self.stamped = [_with_residual(picture, each) for picture, each in zip(stamped, residuals, strict=True)]

    def scene(self, config: DetectorConfig, key: np.ndarray) -> Scene:
        """The training frame of a key: one to `pictures` pictures, in a few frames none; half of them are stamped."""
        generator = generator_of(key)
        close_up = generator.random() < config.scene.close_ups
        count = int(generator.integers(1, config.scene.pictures + 1)) if close_up or generator.random() < 0.9 else 0
        pictures = [self._any(self.stamped if generator.random() < 0.5 else self.plain, generator) for _ in range(count)]
        textures = [self._any(self.plain, generator) for _ in range(generator.integers(0, 6))]
        layout = Layout(config.network.size, config.network.size, config.scene.coverage, config.scene.tilt, finer=FINER)
        return compose(self._any(self.photos, generator), pictures, textures, layout, generator, close_up)

    @staticmethod
    def _any(things, generator):
        return things[generator.integers(0, len(things))]


def batches(album: Album, config: DetectorConfig, seed: int, start: int, total: int) -> Iterator[dict[str, tf.Tensor]]:
    """The batches of steps `start` to `total` - 1: {"frame": (B, S, S, 3) uint8, "maps": (B, S / 4, S / 4, 2) float32}.

    A frame is a function of (seed, step) and its row; there is no iterator state.
    """
    size, count, grid = config.network.size, config.scene.batch_size, config.network.size // STRIDE

    def draw(keys):
        scenes = [album.scene(config, key) for key in keys]
        return np.stack([scene.frame for scene in scenes]), np.stack([maps(scene) for scene in scenes])

    def batch(step):
        keys = seeding.sample_keys(seed, step, count)
        frame, target = tf.numpy_function(draw, (keys,), (tf.uint8, tf.float32), stateful=False)
        return {"frame": tf.ensure_shape(frame, (count, size, size, 3)), "maps": tf.ensure_shape(target, (count, grid, grid, 2))}

    return iter(tf.data.Dataset.range(start, total).map(batch, num_parallel_calls=1, deterministic=True).prefetch(4))


def _with_residual(picture, residual):
    return np.clip(np.round(picture + 255 * resize(residual, picture.shape[:2])), 0, 255).astype(np.uint8)
