"""Fixed linear maps inside Functional models: frozen weights of ordinary layers, so that a saved model opens in any Keras."""

import numpy as np
from keras import layers


def fixed(x, equation: str, matrix: np.ndarray, name: str):
    """The einsum of a Keras tensor x and a constant `matrix`, in float32.

    equation: as of keras.layers.EinsumDense; every axis of the result but the first is one of x or of the matrix.
    """
    inputs, result = equation.split("->")
    sizes = dict(zip(inputs.replace(",", ""), (*x.shape, *matrix.shape), strict=True))
    layer = layers.EinsumDense(equation, [sizes[axis] for axis in result[1:]], trainable=False, dtype="float32", name=name)
    y = layer(x)
    layer.kernel.assign(matrix)
    return y


def averaged(x, window: np.ndarray, name: str):
    """Images (B, S, S, C) averaged in a separable window (positions, S) along both sides: (B, positions, positions, C).

    Each row of the window adds up to 1. Products with matrices: pooling or convolving as widely is many times slower on a CPU.
    """
    return fixed(fixed(x, "bhwc,ph->bpwc", window, f"{name}_rows"), "bpwc,qw->bpqc", window, f"{name}_columns")


def gaussian_window(places: np.ndarray, size: int, deviation: float) -> np.ndarray:
    """Rows (places, size) float32 of Gaussian weights that add up to 1; places and deviation in sides."""
    return rows_of_one(np.exp(-0.5 * ((places[:, None] - centres(size)) / deviation) ** 2))


def centres(size: int) -> np.ndarray:
    """Centres of `size` pixels along a side, in sides."""
    return (np.arange(size) + 0.5) / size


def rows_of_one(weights: np.ndarray) -> np.ndarray:
    """Weights (rows, N) as float32, each row divided by its sum."""
    return np.float32(weights / weights.sum(1, keepdims=True))


def luma(image):
    """Brightness (B, S, S, 1) of RGB images (B, S, S, 3), BT.601."""
    return 0.299 * image[..., :1] + 0.587 * image[..., 1:2] + 0.114 * image[..., 2:]
