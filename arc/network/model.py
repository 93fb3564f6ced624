"""The three models on a canvas: decoder-only, encoder-decoder, champion. They see the same and answer in the same form.

Inputs: "task" (B,) int32, the skill's number or 0 where it is not told; "context" (B, 2 * context_pairs * cells) int32, input and output
canvas of each demonstration in turn; "query" (B, cells) int32; "answer" (B, cells) int32, the true or the so far generated output. An
input that a model does not use is not there. Symbols: colours 0 to 9, and 10 for canvas outside the grid, start and separator.
Output: logits (B, cells, 11); those of cell i depend on "answer" before i only.
"""

import keras
import numpy as np
from keras import ops

from arc.config import NetworkSettings
from arc.grids.tasks import COLOURS
from arc.network.layers import block, canonical_slots, feed_forward, from_slots, normalise, to_slots, turn
from arc.network.positions import coordinates
from arc.network.views import pointers, views
from arc.skills.registry import SKILLS

PAD = COLOURS
SYMBOLS = COLOURS + 1
EMBEDDING_DEVIATION = 0.5
"""Standard deviation of the token vectors: at the usual 0.02 to 0.05 the positions drown them."""


def build_model(settings: NetworkSettings) -> keras.Model:
    """The model of these settings, Functional, of built-in layers and operations only."""
    return (_decoder_only if settings.model == "decoder_only" else _encoder_decoder)(settings)


def _inputs(settings: NetworkSettings) -> dict:
    """The model's inputs by name."""
    shapes = {"query": (settings.cells,), "answer": (settings.cells,)}
    if settings.task_ids:
        shapes["task"] = ()
    if settings.context_pairs:
        shapes["context"] = (2 * settings.context_pairs * settings.cells,)
    return {name: keras.Input(shape, dtype="int32", name=name) for name, shape in shapes.items()}


def _slots(settings: NetworkSettings, inputs: dict) -> tuple[dict, object]:
    """Inputs with canonical colours, and the slots; the inputs as they are, and None, where colours are not renamed."""
    if not settings.equivariant:
        return inputs, None
    seen = [inputs["context"]] if settings.context_pairs else []
    slots = canonical_slots(ops.concatenate([*seen, inputs["query"]], axis=1))
    return {name: value if name == "task" else to_slots(value, slots) for name, value in inputs.items()}, slots


def _shifted(answer):
    """The answer one cell later, after a start symbol: what a decoder has seen at each cell."""
    return ops.concatenate([ops.full_like(answer[:, :1], PAD), answer[:, :-1]], axis=1)


def _placed(settings: NetworkSettings, tokens, name: str):
    """Token vectors (B, N, width) with the learnt vectors of their cells."""
    normal = keras.initializers.RandomNormal(stddev=EMBEDDING_DEVIATION)
    x = keras.layers.Embedding(SYMBOLS, settings.width, embeddings_initializer=normal, name=f"{name}_symbols")(tokens)
    if not settings.learnt_positions:
        return x
    places = coordinates(settings.side)
    axes = {"index": settings.cells} if settings.positions == "rope1d" else {"row": settings.side, "column": settings.side}
    for axis, count in axes.items():
        table = keras.layers.Embedding(count, settings.width, embeddings_initializer=normal, name=f"{name}_{axis}")
        x = x + table(ops.zeros_like(tokens) + places[axis].astype(np.int32))
    return x


def _viewed(settings: NetworkSettings, found: dict, x):
    """x plus the vectors of the cells' places in what is drawn (see arc.network.views); so many that large ones would drown the symbols."""
    normal = keras.initializers.RandomNormal(stddev=EMBEDDING_DEVIATION / 8)
    for name, places in found.items():
        x = x + keras.layers.Embedding(settings.side + 1, settings.width, embeddings_initializer=normal, name=f"view_{name}")(places)
    return x


def _told(settings: NetworkSettings, inputs: dict, x, name: str):
    """x plus the vector of the skill, the same at every cell."""
    if not settings.task_ids:
        return x
    normal = keras.initializers.RandomNormal(stddev=EMBEDDING_DEVIATION)
    task = keras.layers.Embedding(len(SKILLS) + 1, settings.width, embeddings_initializer=normal, name=f"{name}_skills")
    return x + ops.expand_dims(task(inputs["task"]), 1)


def _decoder_only(settings: NetworkSettings) -> keras.Model:
    """[demonstrations] query, separator, answer as one causal sequence; tied head; rotary positions with a segment for each canvas."""
    inputs = _inputs(settings)
    renamed, slots = _slots(settings, inputs)
    pieces = [renamed["context"]] if settings.context_pairs else []
    tokens = ops.concatenate([*pieces, renamed["query"], _shifted(renamed["answer"])], axis=1)
    cells = coordinates(settings.side, 2 * settings.context_pairs + 2)
    code = turn(tokens, settings.positions, cells, settings.width // settings.heads)
    # Tied to the head, whose logits ask for small vectors; scaled up where they come in.
    normal = keras.initializers.RandomNormal(stddev=settings.width**-0.5)
    symbols = keras.layers.ReversibleEmbedding(SYMBOLS, settings.width, embeddings_initializer=normal, name="symbols")
    x = _told(settings, inputs, symbols(tokens) * (EMBEDDING_DEVIATION * settings.width**0.5), "decoder")
    for index in range(settings.decoder_layers):
        x = block(x, settings.heads, settings.feed_forward, f"decoder_{index}", dropout=settings.dropout, code=code, causal=True)
    logits = symbols(normalise(x[:, -settings.cells :], "final_norm"), reverse=True)
    return _finished(settings, inputs, logits, slots)


def _encoder_decoder(settings: NetworkSettings) -> keras.Model:
    """Bidirectional encoder of the query, causal decoder whose cell i stands at the coordinates of the cell it predicts.

    With demonstrations, a context encoder condenses them to one vector, and a gated bridge adds it to both stacks.
    """
    inputs = _inputs(settings)
    renamed, slots = _slots(settings, inputs)
    code = turn(inputs["query"], settings.positions, coordinates(settings.side), settings.width // settings.heads)
    pointed = {}
    encoded = _told(settings, inputs, _placed(settings, renamed["query"], "encoder"), "encoder")
    decoded = _told(settings, inputs, _placed(settings, _shifted(renamed["answer"]), "decoder"), "decoder")
    if settings.object_view:
        found = views(inputs["query"], settings.side)
        encoded = _viewed(settings, found, encoded)
        pointed = pointers(found, settings.side)
    if settings.context_pairs:
        summary = _context(settings, renamed["context"])
        encoded, decoded = _bridge(encoded, summary, "encoder_bridge"), _bridge(decoded, summary, "decoder_bridge")
    options = {"dropout": settings.dropout, "code": code}
    seeing = {"pointers": pointed.get("query"), "side": settings.side if settings.neighbours else 0}
    for index in range(settings.encoder_layers):
        encoded = block(encoded, settings.heads, settings.feed_forward, f"encoder_{index}", **seeing, **options)
    options |= {"causal": True, "memory": normalise(encoded, "encoder_norm"), "memory_code": code}
    for index in range(settings.decoder_layers):
        # The first layer is told what its cells point at; what follows can use it.
        own = pointed.get("answer") if index == 0 else None
        decoded = block(decoded, settings.heads, settings.feed_forward, f"decoder_{index}", pointers=own, **options)
    logits = keras.layers.Dense(SYMBOLS, name="head")(normalise(decoded, "decoder_norm"))
    return _finished(settings, inputs, logits, slots)


def _context(settings: NetworkSettings, tokens):
    """One vector (B, context_width) of all demonstrations: each pair through a small encoder of both canvases, then the mean."""
    pairs, width = settings.context_pairs, settings.context_width
    tokens = ops.reshape(tokens, (-1, 2 * settings.cells))
    places = coordinates(settings.side, 2)
    normal = keras.initializers.RandomNormal(stddev=EMBEDDING_DEVIATION)
    x = keras.layers.Embedding(SYMBOLS, width, embeddings_initializer=normal, name="context_symbols")(tokens)
    for axis, count in {"segment": 2, "row": settings.side, "column": settings.side}.items():
        table = keras.layers.Embedding(count, width, embeddings_initializer=normal, name=f"context_{axis}")
        x = x + table(ops.zeros_like(tokens) + places[axis].astype(np.int32))
    code = turn(tokens, "diagonal3d", places, 32)
    for index in range(2):
        x = block(x, width // 32, 2 * width, f"context_{index}", code=code)
    x = ops.mean(normalise(x, "context_norm"), axis=1)
    return ops.mean(ops.reshape(x, (-1, pairs, width)), axis=1)


def _bridge(x, summary, name: str):
    """x + gate * MLP([x ; summary]) with a gate (width,) that starts at zero, so that a fresh champion ignores its demonstrations."""
    spread = ops.zeros_like(x[:, :, :1]) + ops.expand_dims(summary, 1)
    joined = ops.concatenate([normalise(x, f"{name}_norm"), spread], axis=2)
    change = feed_forward(joined, x.shape[-1], name, width=x.shape[-1])
    gate = keras.layers.EinsumDense("btw,w->btw", (None, x.shape[-1]), kernel_initializer="zeros", name=f"{name}_gate")
    return x + gate(change)


def _finished(settings: NetworkSettings, inputs: dict, logits, slots) -> keras.Model:
    logits = ops.cast(logits, "float32")
    if slots is not None:
        logits = from_slots(logits, slots)
    return keras.Model(inputs, logits, name=settings.model)
