"""The three models of the original run as they stood that day, with what was wrong in them; they exist to be audited.

Every model takes "query" (B, N) and "answer" (B, M) int32, colours 0 to 9 and 10 for padding, and gives the logits (B, M, 11) that the
original scored against "answer"; the champion takes "context" (B, 2 * pairs, cells) too. Written from the description of their
parts in Ingram & Merritt 2025 (arXiv 2512.07109), parameter counts included.
"""

import keras
import numpy as np
from keras import ops

from arc.grids.tasks import COLOURS, MAX_SIDE
from arc.network.layers import EPSILON

PAD = COLOURS
SYMBOLS = COLOURS + 1
PARAMETERS = {"decoder_only": 530_560, "encoder_decoder": 928_523, "champion": 1_724_619}
GIVEN = 50.0
"""Logit of a cell that the original gave away instead of predicting it."""


def build_legacy(model: str, query_cells: int = 100, answer_cells: int = 100, context_pairs: int = 2, shifted: bool = False) -> keras.Model:
    """ "decoder_only", "encoder_decoder" or "champion" for inputs of a fixed size.

    shifted: the encoder-decoders of the next day, which predict each cell from those before it but are given the first.
    """
    if model == "decoder_only":
        return _decoder_only(query_cells, answer_cells)
    if model == "encoder_decoder":
        return _encoder_decoder(query_cells, answer_cells, shifted)
    if model == "champion":
        return _champion(query_cells, answer_cells, context_pairs, shifted)
    raise ValueError(f"a legacy model is one of {', '.join(PARAMETERS)}, not {model!r}")


def _decoder_only(query_cells, answer_cells):
    """No position code at all, and a cross-attention without a mask to the raw vectors of the whole sequence, future included."""
    inputs = {name: keras.Input((count,), dtype="int32", name=name) for name, count in (("query", query_cells), ("answer", answer_cells))}
    separator = ops.full_like(inputs["query"][:, :1], PAD)
    tokens = ops.concatenate([inputs["query"], separator, inputs["answer"]], axis=1)
    normal = keras.initializers.RandomNormal(stddev=1.0)
    symbols = keras.layers.ReversibleEmbedding(SYMBOLS, 128, embeddings_initializer=normal, name="symbols")
    raw = x = symbols(tokens)
    for index in range(2):
        x = _layer(x, 4, 512, 0.1, f"decoder_{index}", causal=True, memory=raw)
    # Token i predicts token i + 1: the separator predicts the answer's first cell.
    logits = symbols(x, reverse=True)[:, query_cells:-1]
    return keras.Model(inputs, logits, name="legacy_decoder_only")


def _encoder_decoder(query_cells, answer_cells, shifted):
    inputs = {name: keras.Input((count,), dtype="int32", name=name) for name, count in (("query", query_cells), ("answer", answer_cells))}
    symbols = keras.layers.Embedding(SYMBOLS, 128, embeddings_initializer="glorot_uniform", name="symbols")

    def embed(tokens):
        x = symbols(tokens) * 128**0.5 + _sinusoids(np.arange(tokens.shape[1]), 128)
        return keras.layers.Dropout(0.1)(x)

    encoded, decoded = embed(inputs["query"]), embed(inputs["answer"])
    for index in range(2):
        encoded = _layer(encoded, 4, 512, 0.1, f"encoder_{index}")
    for index in range(2):
        decoded = _layer(decoded, 4, 512, 0.1, f"decoder_{index}", causal=True, memory=encoded)
    return _scored(inputs, keras.layers.Dense(SYMBOLS, name="head")(decoded), shifted, "legacy_encoder_decoder")


def _champion(query_cells, answer_cells, pairs, shifted):
    inputs = {name: keras.Input((count,), dtype="int32", name=name) for name, count in (("query", query_cells), ("answer", answer_cells))}
    inputs["context"] = keras.Input((2 * pairs, query_cells), dtype="int32", name="context")
    # The "permutation-invariant" table: an ordinary one with another start.
    start = keras.initializers.RandomUniform(-(160**-0.5), 160**-0.5)
    symbols = keras.layers.Embedding(SYMBOLS, 160, embeddings_initializer=start, name="symbols")

    def embed(tokens):
        x = symbols(tokens) * 160**0.5 + _thirty_wide(tokens.shape[1], 160)
        return keras.layers.Dropout(0.16712351989226623)(x)

    encoded, decoded = embed(inputs["query"]), embed(inputs["answer"])
    encoded = _layer(encoded, 4, 640, 0.1, "encoder_0")
    for index in range(3):
        decoded = _layer(decoded, 4, 640, 0.014891948478374184, f"decoder_{index}", causal=True, memory=encoded)
    summary = ops.expand_dims(_context(inputs["context"], pairs), 1)
    joined = ops.concatenate([decoded, ops.zeros_like(decoded[:, :, :1]) + summary], axis=2)
    bridged = keras.layers.Dense(160, activation="relu", name="bridge")(joined)
    bridged = keras.layers.LayerNormalization(epsilon=EPSILON, name="bridge_norm")(bridged)
    return _scored(inputs, keras.layers.Dense(SYMBOLS, name="head")(bridged), shifted, "legacy_champion")


def _context(grids, pairs):
    """One vector (B, 32): a post-norm layer over each grid's cells, pooled; outputs attend to inputs; pooled over pairs."""
    count, cells = grids.shape[1:]
    tokens = ops.reshape(grids, (-1, cells))
    x = keras.layers.Embedding(SYMBOLS, 32, name="context_symbols")(tokens) * 32**0.5 + _thirty_wide(cells, 32)
    norm = [keras.layers.LayerNormalization(epsilon=EPSILON, name=f"context_norm_{index}") for index in range(2)]
    x = norm[0](x + keras.layers.MultiHeadAttention(8, 4, name="context_attention")(x, x))
    x = norm[1](x + keras.layers.Dense(32, name="context_outer")(keras.layers.Dense(2048, activation="relu", name="context_inner")(x)))
    inside = ops.expand_dims(ops.cast(ops.not_equal(tokens, PAD), "float32"), 2)
    pooled = ops.sum(x * inside, axis=1) / ops.maximum(ops.sum(inside, axis=1), 1.0)
    pooled = ops.reshape(pooled, (-1, count, 32))
    zeros = ops.zeros_like(grids[:, :, 0])
    pooled = pooled + keras.layers.Embedding(16, 32, name="context_index")(zeros + np.arange(count, dtype=np.int32) // 2)
    pooled = pooled + keras.layers.Embedding(2, 32, name="context_role")(zeros + np.arange(count, dtype=np.int32) % 2)
    pooled = ops.reshape(pooled, (-1, pairs, 2, 32))
    given, wanted = pooled[:, :, 0], pooled[:, :, 1]
    merged = wanted + keras.layers.MultiHeadAttention(8, 4, name="context_pairs")(wanted, given)
    weights = ops.softmax(keras.layers.Dense(1, use_bias=False, name="context_pool")(ops.tanh(merged)), axis=1)
    return ops.sum(weights * merged, axis=1)


def _layer(x, heads, units, dropout, name, causal=False, memory=None):
    """Pre-norm layer with dropout on attention weights, after each sub-layer and after gelu; no padding is masked anywhere."""
    width = x.shape[-1]

    def norm(part):
        return keras.layers.LayerNormalization(epsilon=EPSILON, name=f"{name}_{part}_norm")(x)

    def drop(change):
        return keras.layers.Dropout(dropout)(change)

    def attend(part, normal, values, **options):
        layer = keras.layers.MultiHeadAttention(heads, width // heads, dropout=dropout, name=f"{name}_{part}")
        return drop(layer(normal, values, **options))

    normal = norm("self")
    x = x + attend("self", normal, normal, use_causal_mask=causal)
    if memory is not None:
        x = x + attend("cross", norm("cross"), memory)
    hidden = keras.layers.Dense(units, name=f"{name}_inner")(norm("feed"))
    hidden = drop(ops.gelu(hidden, approximate=False))
    return x + drop(keras.layers.Dense(width, name=f"{name}_outer")(hidden))


def _scored(inputs, logits, shifted, name):
    """The logits that were scored against each cell: those at the very cell that was fed in; the next day, those before it."""
    if shifted:
        given = GIVEN * ops.one_hot(inputs["answer"][:, :1], SYMBOLS)
        logits = ops.concatenate([given, logits[:, :-1]], axis=1)
    return keras.Model(inputs, logits, name=name)


def _sinusoids(positions: np.ndarray, width: int) -> np.ndarray:
    """Vaswani et al. 2017, sec. 3.5: sine in even, cosine in odd dimensions, (positions, width) float32."""
    turned = positions[:, None] * 10000.0 ** (-np.arange(0, width, 2) / width)
    return np.stack([np.sin(turned), np.cos(turned)], axis=2).reshape(len(positions), width).astype(np.float32)


def _thirty_wide(cells: int, width: int) -> np.ndarray:
    """The "Grid2D" code, which takes every grid to be 30 wide: row i // 30 in half of the dimensions, column i % 30 in the rest."""
    row, column = np.divmod(np.arange(cells), MAX_SIDE)
    return np.concatenate([_sinusoids(row, width // 2), _sinusoids(column, width // 2)], axis=1)
