"""The blocks of HRM and TRM as functions on Keras tensors: no biases, no learnt gains, normalised after each residual sum.

Only Keras' own layers and operations are used, so a saved model opens without this package. Sources: Wang et al. 2025 ("Hierarchical
Reasoning Model") and Jolicoeur-Martineau 2025 ("Less is More: Recursive Reasoning with Tiny Networks").
"""

import keras
import numpy as np
from keras import ops

EPSILON = 1e-5
THETA = 1e4
HIDDEN = -1e4
"""Score of what attention must not see: its weight is nought in every precision."""
_TRUNCATED = 0.87962566103423978  # Standard deviation of a unit normal cut at two.


def swiglu_width(width: int, expansion: float = 4.0) -> int:
    """Inner width of the published networks: two thirds of expansion * width, rounded, up to a multiple of 256."""
    return -(-round(expansion * width * 2 / 3) // 256) * 256


def truncated_normal(deviation: float) -> keras.initializers.Initializer:
    """A normal cut at two standard deviations whose own standard deviation, after the cut, is `deviation`."""
    return keras.initializers.TruncatedNormal(stddev=deviation / _TRUNCATED)


def linear(x, units: int, name: str):
    """A dense layer without bias, initial weights with variance 1 / inputs (LeCun)."""
    kernel = truncated_normal(x.shape[-1] ** -0.5)
    return keras.layers.Dense(units, use_bias=False, kernel_initializer=kernel, name=name)(x)


def normalised(x):
    """x divided by the root mean square of its last axis."""
    return ops.rms_normalization(x, epsilon=EPSILON)


def swiglu(x, inner: int, name: str):
    """down(silu(gate(x)) * up(x)) (Shazeer 2020); gate and up are one matrix, in this order."""
    gate, up = ops.split(linear(x, 2 * inner, f"{name}_gate_up"), 2, axis=-1)
    return linear(ops.silu(gate) * up, x.shape[-1], f"{name}_down")


def attention(x, heads: int, angles: np.ndarray | None, name: str, hidden: np.ndarray | None = None):
    """Self-attention of every position on every other; x (B, S, d). Queries, keys and values are one matrix, in this order.

    angles: rotary angles (S, d / heads / 2), see `rotary_angles`, or None. hidden: (heads, S, S) bool, what a head's queries (second axis)
    do not see, or None.
    """
    length, width = x.shape[1:]
    size = width // heads
    projected = ops.reshape(linear(x, 3 * width, f"{name}_qkv"), (-1, length, 3 * heads, size))
    query_key, value = ops.split(projected, [2 * heads], axis=2)
    if angles is not None:
        query_key = _rotated(query_key, angles)
    query, key = ops.split(query_key * float(size**-0.25), 2, axis=2)
    scores = ops.einsum("bqhs,bkhs->bhqk", query, key)
    if hidden is not None:
        scores = scores + np.where(hidden, HIDDEN, 0.0).astype("float32")
    weights = ops.softmax(scores)
    mixed = ops.reshape(ops.einsum("bhqk,bkhs->bqhs", weights, value), (-1, length, width))
    return linear(mixed, width, f"{name}_out")


def _rotated(x, angles):
    # Halves turned against each other, as in GPT-NeoX: (a, b) -> (a cos - b sin, b cos + a sin).
    both = np.concatenate([angles, angles], axis=-1)[:, None, :]
    first, second = ops.split(x, 2, axis=-1)
    turned = ops.concatenate([-second, first], axis=-1)
    return x * np.cos(both).astype("float32") + turned * np.sin(both).astype("float32")


def rotary_angles(prefix: int, rows: int, columns: int, size: int, two_dimensional: bool) -> np.ndarray:
    """Angles of rotary positions (Su et al. 2021), (prefix + rows * columns, size / 2).

    One-dimensional: the index counts on through the prefix and the cells in reading order, as published. Two-dimensional (new here): half
    of the frequencies turn with the row and half with the column, and the prefix does not turn.
    """
    if not two_dimensional:
        frequencies = THETA ** -(np.arange(0, size, 2) / size)
        return np.arange(prefix + rows * columns)[:, None] * frequencies
    quarter = size // 4
    frequencies = 100.0 ** -(np.arange(quarter) / quarter)
    row, column = np.divmod(np.arange(rows * columns), columns)
    cells = np.concatenate([row[:, None] * frequencies, column[:, None] * frequencies], axis=1)
    return np.concatenate([np.zeros((prefix, 2 * quarter)), cells])


def outside_units(prefix: int, units: np.ndarray, heads: int) -> np.ndarray:
    """What heads of a Sudoku do not see, (heads, S, S) bool: in turn they look along a cell's row, column and box, and everywhere.

    units: (3 * side, side) int, the cells of each row, column and box. The prefix sees everything and is seen by all.
    """
    side = units.shape[1]
    hidden = np.zeros((heads, prefix + side * side, prefix + side * side), bool)
    for kind in range(3):
        hidden[kind::4, prefix:, prefix:] = True
        for cells in prefix + units[kind * side : (kind + 1) * side]:
            hidden[kind::4, cells[:, None], cells] = False
    return hidden


def block(x, *, heads: int, inner: int, angles: np.ndarray | None, mixing: str, name: str, hidden: np.ndarray | None = None):
    """One block: mixing over positions ("mlp": a SwiGLU across them; else attention), then a SwiGLU over channels."""
    if mixing == "mlp":
        # The norm is over positions here, as published.
        across = ops.transpose(x, (0, 2, 1))
        across = normalised(across + swiglu(across, swiglu_width(across.shape[-1]), f"{name}_across"))
        x = ops.transpose(across, (0, 2, 1))
    else:
        x = normalised(x + attention(x, heads, angles, f"{name}_attention", hidden))
    return normalised(x + swiglu(x, inner, f"{name}_mlp"))
