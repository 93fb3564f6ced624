"""The network of a Sudoku whose positions are candidates (new here): a state for every digit of every cell.

Each candidate hears of the same digit along its row, its column and its box, and of the other digits of its cell, by means. Nothing tells
one digit, row or column from another, so an answer is the same under every symmetry of a Sudoku, and no symmetry has to be learnt.
"""

import keras
import numpy as np
from keras import ops

from hrm.network.layers import linear, normalised, truncated_normal
from hrm.puzzles.sudoku_solver import BOXES

IMPOSSIBLE = -1e4
"""Logit of the tokens that are no digit."""
_KINDS = (("line", 2), ("line", 1), ("box", (2, 4)), ("cell", 3))
"""What a candidate hears of, by the axes that a mean runs over; rows and columns alike."""


def block(x, *, side: int, inner: int, name: str):
    """One block (B, side ** 3, d) -> the same: means over the units, then a SwiGLU over channels of them all."""
    high, wide = BOXES[side]
    width = x.shape[-1]
    heard = {}
    for kind in ("line", "box", "cell"):
        heard[kind] = keras.layers.Dense(2 * inner, use_bias=False, kernel_initializer=truncated_normal(width**-0.5), name=f"{name}_{kind}")
    board = (-1, side, side, side)  # Row, column, digit.
    boxes = (-1, side // high, high, side // wide, wide, side)  # With axes of their own: band and stack.
    total = ops.reshape(linear(x, 2 * inner, f"{name}_own"), (*board, 2 * inner))
    for kind, axes in _KINDS:
        # Reshaped for each, since TensorFlow adds no two tensors that differ in as many axes as a box and a row do.
        shape = boxes if kind == "box" else board
        mean = ops.mean(ops.reshape(x, (*shape, width)), axis=axes, keepdims=True)
        total = ops.reshape(total, (*shape, 2 * inner)) + heard[kind](mean)
    gate, up = ops.split(total, 2, axis=-1)
    changed = ops.reshape(ops.silu(gate) * up, (-1, side**3, inner))
    return normalised(x + linear(changed, width, f"{name}_down"))


def embedding(side: int, width: int, tokens):
    """Input of every segment, (B, side ** 3, d): whether a candidate's cell is blank, given as this digit, or as another."""
    told = ops.expand_dims(tokens, 2) - ops.convert_to_tensor(np.arange(2, side + 2, dtype="int32"))
    blank = ops.expand_dims(ops.cast(tokens <= 1, "int32"), 2)
    what = (1 - blank) * (1 + ops.cast(told != 0, "int32"))
    table = keras.layers.Embedding(3, width, embeddings_initializer=truncated_normal(1.0), name="candidate_vectors")
    return table(ops.reshape(what, (-1, side**3)))


def logits(side: int, high):
    """(B, cells, side + 2) logits of tokens: PAD and BLANK are never the answer."""
    digits = ops.reshape(linear(high, 1, "answer_head"), (-1, side**2, side))
    return ops.pad(ops.cast(digits, "float32"), ((0, 0), (0, 0), (2, 0)), constant_values=IMPOSSIBLE)


def summary(high):
    """(B, 2 d): what the halting head sees of all candidates."""
    return ops.concatenate([ops.mean(high, axis=1), ops.max(high, axis=1)], axis=1)
