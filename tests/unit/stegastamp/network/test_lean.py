"""The decoder that is written for onnxruntime sees what Keras' own does, as far as TensorFlow can run it."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from longrun import changed
from stegastamp.network import lean
from stegastamp.network.localiser import build_localiser
from stegastamp.network.sampler import projective
from stegastamp.presets import PRESETS


def test_a_localiser_finds_the_same_field():
    config = changed(PRESETS["base"](), size=64)
    localiser = build_localiser(config)
    generator = np.random.default_rng(0)
    localiser.set_weights(
        [generator.normal(0, 0.05, each.shape) if each.ndim == 4 or not each.any() else each for each in localiser.get_weights()]
    )
    kernels = {layer.name: np.array(layer.kernel) for layer in localiser.layers if isinstance(layer, keras.layers.EinsumDense)}
    images = generator.random((2, 64, 64, 3)).astype(np.float32)
    found = lean._field(localiser, lean._demodulated(kernels, tf.constant(images)))
    assert np.abs(np.array(localiser(images))).max() > 0.01
    assert np.array(found) == pytest.approx(np.array(localiser(images)), abs=1e-4)


def test_the_grid_is_that_of_the_sampler(monkeypatch):
    """A picture of its own coordinates, resampled, shows where every pixel was taken from: the grid."""
    matrix = np.float32([[[0.9, 0.05, 0.02], [-0.03, 0.8, 0.04], [0.02, 0.01, 1.0]]])
    x, y = np.meshgrid(*[np.linspace(-1, 1, 32, dtype=np.float32)] * 2)
    image = np.stack([x, y, np.ones_like(x)], -1)[None]
    grids = []
    monkeypatch.setattr(lean.tf, "numpy_function", lambda function, inputs, kind: grids.append(inputs[1]) or tf.reshape(inputs[0], (1, -1)))
    lean._resampled(tf.constant(image), tf.constant(matrix))
    expected = np.array(projective(tf.constant(image), tf.constant(matrix)))
    inside = expected[..., 2] > 0.999
    assert inside.mean() > 0.9
    assert np.array(grids[0])[inside] == pytest.approx(expected[..., :2][inside], abs=1e-4)
