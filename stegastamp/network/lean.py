"""A decoder with a localiser as onnxruntime computes it best: the same layers and numbers, fewer copies of pictures.

Keras' einsums and gathers become transposes and products of single pixels there, four fifths of the time. Here each wave is a product
of matrices with the waves as channels, and a picture is resampled by one GridSample.
"""

from collections.abc import Callable, Mapping
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from stegastamp.network.localiser import BEATS, MAP, in_tiles, of_tiles
from stegastamp.network.waves import WAVES

STAND_IN = "PyFunc"
"""Operation of TensorFlow that stands for GridSample until the conversion; it is never run."""


def decoder_of(decoder: keras.Model, passes: int, tiles: int = 1) -> Callable[[tf.Tensor], tf.Tensor]:
    """image (B, S, S, 3) -> logits, of the layers of a decoder with a localiser. Only to be converted, with `HANDLERS`."""
    localiser, fit, readout = (decoder.get_layer(name) for name in ("localiser", "fit", "readout"))
    kernels = {layer.name: np.array(layer.kernel) for layer in localiser.layers if isinstance(layer, keras.layers.EinsumDense)}

    def decode(image):
        matrix, current = None, image
        for _ in range(passes):
            step = fit(of_tiles(_field(localiser, _demodulated(kernels, in_tiles(current, tiles))), tiles))
            matrix = step if matrix is None else tf.matmul(matrix, step)
            current = _resampled(image, matrix)
        return readout(current)

    return decode


def _field(localiser, x):
    for index in range(1, 7):
        x = localiser.get_layer(f"l{index}")(x)
    return localiser.get_layer("field")(x)


def _demodulated(kernel, image):
    """As localiser.demodulate, with the waves as channels until the end. kernel: name -> array of its fixed maps."""
    count = len(WAVES)
    brightness = tf.squeeze(tf.matmul(image, tf.constant([[0.299], [0.587], [0.114]])), -1)
    mean = tf.matmul(tf.matmul(kernel["local_mean_rows"], brightness), kernel["local_mean_columns"], transpose_b=True)
    columns = kernel["wave_columns"].transpose(0, 2, 1)  # (S, wave, place)
    size = len(columns)
    product = tf.matmul(brightness - mean, tf.reshape(columns, (size, -1)))
    product = tf.transpose(tf.reshape(product, (-1, size, 2 * count, MAP)), (0, 2, 1, 3))
    rows = np.concatenate([kernel[f"wave_rows_{name}"].transpose(2, 1, 0) for name in "ri"], axis=1)  # (wave, 2 x place, S)
    both = tf.matmul(rows, product)
    both = both[:, :count] + both[:, count:]
    real, imaginary = both[:, :, :MAP], both[:, :, MAP:]
    amplitude = tf.sqrt(tf.square(real) + tf.square(imaginary) + 1e-10)
    cosine, sine = real / amplitude, imaginary / amplitude
    first, second = np.transpose(BEATS)
    c, d, s, t = (tf.gather(part, index, axis=1) for part in (cosine, sine) for index in (first, second))
    features = tf.concat([cosine, sine, tf.math.log(amplitude + 1e-4) + 3.0, c * d + s * t, c * t - s * d], axis=1)
    return tf.transpose(features, (0, 2, 3, 1))


def _resampled(image, matrix):
    """As sampler.projective."""
    axis = np.linspace(-1, 1, image.shape[1], dtype=np.float32)
    x, y = np.meshgrid(axis, axis)
    points = tf.matmul(matrix, np.stack([x.ravel(), y.ravel(), np.ones(x.size, np.float32)]))
    places = points[:, :2] / tf.maximum(points[:, 2:], 1e-3)
    grid = tf.reshape(tf.transpose(places, (0, 2, 1)), (-1, *x.shape, 2))
    flat = tf.numpy_function(lambda image, _: image, [image, grid], tf.float32)
    # tf2onnx moves transpositions over what it does not know, but not over a change of shape.
    flat.set_shape((None, image.shape[1] * image.shape[2] * image.shape[3]))
    return tf.reshape(flat, (-1, *image.shape[1:]))


def _grid_sample(context, node, name, _):
    """To be called by tf2onnx: GridSample in place of the stand-in. Its picture still has its channels last; see `rework`."""
    inputs, outputs = node.input[:2], node.output
    shape, dtype = context.get_shape(outputs[0]), context.get_dtype(inputs[0])
    options = {"align_corners": 1, "mode": "bilinear", "padding_mode": "zeros"}
    context.remove_node(name)
    context.make_node("GridSample", inputs, attr=options, outputs=outputs, shapes=[shape], dtypes=[dtype])


HANDLERS: Mapping[str, tuple] = {STAND_IN: (_grid_sample, [])}
"""For tf2onnx: what becomes of the stand-in."""


def rework(model: Any) -> None:
    """Give every GridSample of a converted network its channels first. onnxruntime drops what two transpositions undo."""
    from onnx import helper

    nodes = []
    for node in model.graph.node:
        if node.op_type != "GridSample":
            nodes.append(node)
            continue
        image, result, inner = node.input[0], node.output[0], f"{node.name}/inner"
        node.input[0], node.output[0] = f"{inner}/image", f"{inner}/result"
        nodes += [
            helper.make_node("Transpose", [image], [node.input[0]], f"{inner}/before", perm=[0, 3, 1, 2]),
            node,
            helper.make_node("Transpose", [node.output[0]], [result], f"{inner}/after", perm=[0, 2, 3, 1]),
        ]
    copies = [type(node).FromString(node.SerializeToString()) for node in nodes]
    del model.graph.node[:]
    model.graph.node.extend(copies)
