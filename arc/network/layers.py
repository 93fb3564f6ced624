"""Blocks of the transformers, as functions on Keras tensors: attention with rotary positions, feed-forward, canonical colours.

Only built-in layers and operations are used, so that a saved model opens without this package.
"""

from typing import NamedTuple

import keras
import numpy as np
from keras import ops

from arc.grids.tasks import COLOURS
from arc.network.positions import frequencies, places

EPSILON = 1e-5
"""Of layer normalisation (Keras' own default is 1e-3)."""


def normalise(x, name: str):
    """Layer normalisation over the last axis (Ba et al. 2016)."""
    return keras.layers.LayerNormalization(epsilon=EPSILON, name=name)(x)


class Turn(NamedTuple):
    """Cosine and sine of the angle of every dimension of every token, (T, head width) each."""

    cosine: object
    sine: object


def turn(tokens, scheme: str, cells: dict[str, np.ndarray], head_width: int) -> Turn | None:
    """The rotary code of tokens (B, T) at the cells of positions.coordinates; None for the scheme "none".

    Computed in the graph from a few small numbers: as constants, the angles would be most of a saved model.
    """
    if scheme == "none":
        return None
    anchor = ops.expand_dims(ops.zeros_like(tokens[0], dtype="float32"), 1)
    angles = ops.matmul(anchor + places(scheme, cells), frequencies(scheme, head_width))
    angles = ops.concatenate([angles, angles], axis=1)
    return Turn(ops.cos(angles), ops.sin(angles))


def rotate(x, code: Turn | None):
    """Turn the pairs (i, i + half) of x (B, heads, T, W); same dtype (Su et al. 2021, eq. 34)."""
    if code is None:
        return x
    first, second = ops.split(x, 2, axis=-1)
    return ops.cast(x * code.cosine + ops.concatenate([-second, first], axis=-1) * code.sine, x.dtype)


def attention(
    x,
    heads: int,
    name: str,
    *,
    memory=None,
    code: Turn | None = None,
    memory_code: Turn | None = None,
    causal: bool = False,
):
    """Multi-head attention (Vaswani et al. 2017) of x (B, T, W) to itself, or to `memory` (B, S, W); biases everywhere.

    code: rotary code of x; memory_code: that of the memory.
    causal: a token sees itself and those before it. Returns (B, T, W). The weights (B, heads, T, S) float32 are the output of the layer
    NAME_weights.
    """
    length, width = x.shape[1:]
    dense = keras.layers.Dense

    def split(tensor, count):
        # (B, T, count * W) -> count tensors (B, heads, T, head width)
        tensor = ops.reshape(tensor, (-1, tensor.shape[1], count, heads, width // heads))
        tensor = ops.transpose(tensor, (2, 0, 3, 1, 4))
        return [tensor[index] for index in range(count)]

    if memory is None:
        query, key, value = split(dense(3 * width, name=f"{name}_query_key_value")(x), 3)
        memory_code = code
    else:
        (query,) = split(dense(width, name=f"{name}_query")(x), 1)
        key, value = split(dense(2 * width, name=f"{name}_key_value")(memory), 2)
    query = rotate(query, code) * (width // heads) ** -0.5
    scores = ops.matmul(query, ops.transpose(rotate(key, memory_code), (0, 1, 3, 2)))
    if causal:
        index = ops.zeros_like(x[0, :, 0], dtype="float32") + np.arange(length, dtype=np.float32)
        later = ops.less(ops.expand_dims(index, 1), index)
        scores = scores + ops.cast(later, scores.dtype) * -1e9
    weights = keras.layers.Softmax(dtype="float32", name=f"{name}_weights")(ops.cast(scores, "float32"))
    mixed = ops.transpose(ops.matmul(ops.cast(weights, value.dtype), value), (0, 2, 1, 3))
    return dense(width, name=f"{name}_output")(ops.reshape(mixed, (-1, length, width)))


def pointing(memory, pointers: dict, units: int, name: str):
    """What the cells of a memory (B, S, W) that are pointed at say, (B, T, W): each pointer (B, T, S) mixes `units` values of its own.

    An attention whose weights are given and not learnt (new here): see arc.network.views.pointers.
    """
    values = [ops.matmul(weights, keras.layers.Dense(units, name=f"{name}_{key}")(memory)) for key, weights in pointers.items()]
    return keras.layers.Dense(memory.shape[-1], name=f"{name}_output")(ops.concatenate(values, axis=2))


def with_neighbours(x, side: int):
    """Cells x (B, side * side, W) whose first W / 2 channels are lent by their eight neighbours, W / 16 by each; zeros beyond the border.

    Without a parameter (spatial shift, after Yu et al. 2022): what is applied to one cell next, sees its surroundings.
    """
    width = x.shape[-1]
    lent = width // 16
    canvas = ops.pad(ops.reshape(x, (-1, side, side, width)), ((0, 0), (1, 1), (1, 1), (0, 0)))
    around = [(row, column) for row in range(3) for column in range(3) if (row, column) != (1, 1)]
    pieces = [
        canvas[:, row : row + side, column : column + side, index * lent : (index + 1) * lent] for index, (row, column) in enumerate(around)
    ]
    borrowed = ops.reshape(ops.concatenate(pieces, axis=3), (-1, side * side, 8 * lent))
    return ops.concatenate([borrowed, x[:, :, 8 * lent :]], axis=2)


def feed_forward(x, units: int, name: str, width: int | None = None):
    """W2 gelu(W1 x), (B, T, width); as wide as x (B, T, W) unless told otherwise."""
    hidden = keras.layers.Dense(units, name=f"{name}_inner")(x)
    return keras.layers.Dense(width or x.shape[-1], name=f"{name}_outer")(ops.gelu(hidden, approximate=True))


def block(
    x,
    heads: int,
    units: int,
    name: str,
    *,
    dropout: float = 0.0,
    code: Turn | None = None,
    causal: bool = False,
    memory=None,
    memory_code: Turn | None = None,
    pointers: dict | None = None,
    side: int = 0,
):
    """Pre-norm layer: x += attention, then x += attention to `memory` where there is one, then x += feed-forward.

    pointers: x += what they find in the memory, or without one in x, before the feed-forward.
    side: that of the canvas whose cells x are, where the feed-forward sees neighbours too; 0: it does not.
    """

    def add(x, change):
        return x + (keras.layers.Dropout(dropout)(change) if dropout else change)

    x = add(x, attention(normalise(x, f"{name}_self_norm"), heads, f"{name}_self", code=code, causal=causal))
    if memory is not None:
        normal = normalise(x, f"{name}_cross_norm")
        x = add(x, attention(normal, heads, f"{name}_cross", memory=memory, code=code, memory_code=memory_code))
    if pointers:
        source = normalise(x, f"{name}_pointing_norm") if memory is None else memory
        x = add(x, pointing(source, pointers, x.shape[-1] // heads, f"{name}_pointing"))
    normal = normalise(x, f"{name}_feed_norm")
    return add(x, feed_forward(with_neighbours(normal, side) if side else normal, units, f"{name}_feed"))


def canonical_slots(tokens):
    """Slot of each colour by first appearance in tokens (B, N), (B, 10) int32; all colours that do not appear share slot 9.

    A permutation of the colours permutes the slots and changes nothing else, so whatever is computed from slots is exactly
    equivariant (new here). Where nine colours appear, slot 9 belongs to the one that does not; where ten do, to the last.
    """
    appears = ops.equal(ops.expand_dims(tokens, 1), np.arange(COLOURS, dtype=np.int32)[:, None])  # (B, 10, N)
    seen = ops.any(appears, axis=2)
    first = ops.where(seen, ops.cast(ops.argmax(ops.cast(appears, "int32"), axis=2), "int32"), tokens.shape[1])
    earlier = ops.less(ops.expand_dims(first, 1), ops.expand_dims(first, 2))  # (B, c, c'): c' comes before c
    return ops.where(seen, ops.sum(ops.cast(earlier, "int32"), axis=2), COLOURS - 1)


def to_slots(tokens, slots):
    """Tokens (B, N) with their colours renamed by slots (B, 10); other symbols stay."""
    table = ops.concatenate([slots, ops.full_like(slots[:, :1], COLOURS)], axis=1)
    return ops.take_along_axis(table, tokens, axis=1)


def from_slots(logits, slots):
    """Logits over slots (B, N, 11) back to logits over colours; colours that share a slot share its probability equally."""
    table = ops.concatenate([slots, ops.full_like(slots[:, :1], COLOURS)], axis=1)
    chosen = ops.one_hot(table, COLOURS + 1)  # (B, symbol, slot)
    sharing = ops.sum(ops.matmul(chosen, ops.transpose(chosen, (0, 2, 1))), axis=2)  # symbols in the slot of this one
    return ops.matmul(logits, ops.transpose(chosen, (0, 2, 1))) - ops.expand_dims(ops.log(sharing), 1)
