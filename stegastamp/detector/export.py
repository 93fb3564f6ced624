"""The network of a detector as an ONNX file, with the proof that it sees what Keras sees."""

from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from longrun.release import convert
from longrun.release.portable import Network
from longrun.run.output import check_folder
from stegastamp.detector.finding import search
from stegastamp.detector.finding.search import Detector

SIZES = ((320, 416), (192, 192), (96, 256))
"""Heights and widths that are compared."""
CLOSE = 1e-3
"""Largest difference of a probability that is no fault."""


def export(checkpoint: str, folder: str = "", /) -> int:
    """Write a detector's network for onnxruntime and compare it with Keras; exit code 1 where a probability differs by 0.001.

    Frames are (N, H, W, 3) float32 in [0, 1], sides multiples of 32; maps (N, H / 4, W / 4, 2) come back, the probabilities that a
    place is in a picture and in the core of one.

    checkpoint: A run folder, a checkpoint in it, or a released folder.
    folder: Where detector.onnx goes; empty: beside the released network, packed as detector.onnx.gz.

    Raises UserError where tf2onnx is missing.

    Example:
        python -m stegastamp export-detector checkpoints/released/stegastamp/detector
    """
    check_folder(folder or checkpoint)
    detector = search.load(checkpoint, "keras")
    target = Path(folder, "detector.onnx") if folder else Path(checkpoint, "detector.onnx.gz")
    target.parent.mkdir(parents=True, exist_ok=True)
    write(detector, target)
    largest = compare(detector, Network(target))
    print(f"{target}: {detector.preset}, step {detector.step}; largest difference of a probability from Keras {largest:.1e}")
    return int(largest > CLOSE)


def write(detector: Detector, target: Path) -> None:
    """Write the network as an ONNX file that takes frames of any size."""

    def doubled(layer):
        # Keras' own layer takes no unknown height and width.
        return _Doubled(name=layer.name) if isinstance(layer, keras.layers.UpSampling2D) else layer

    model = keras.models.clone_model(detector.model, clone_function=doubled)
    frames = tf.TensorSpec((None, None, None, 3), tf.float32, name="frames")
    convert.write(target, lambda frames: {"maps": tf.sigmoid(model(frames))}, (frames,))


def compare(detector: Detector, network: Network) -> float:
    """Largest difference of a probability on noise of several sizes, smooth and fine."""
    generator, apart = np.random.default_rng(0), 0.0
    for height, width in SIZES:
        coarse = generator.integers(0, 256, (2, height // 16, width // 16, 3), dtype=np.uint8)
        frames = np.repeat(np.repeat(coarse, 16, 1), 16, 2) // 2 + generator.integers(0, 128, (2, height, width, 3), dtype=np.uint8)
        maps = Detector(network, detector.config).maps(frames)
        apart = max(apart, float(np.abs(maps - detector.maps(frames)).max()))
    return apart


class _Doubled(keras.layers.Layer):
    def call(self, images):
        return tf.image.resize(images, 2 * tf.shape(images)[1:3])

    def compute_output_shape(self, shape):
        return tuple(2 * size if index in (1, 2) and size else size for index, size in enumerate(shape))
