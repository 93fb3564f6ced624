"""One segment of reasoning as a Functional Keras model, and the same with its puzzle table for use outside a training.

A segment takes the carry (states of the two modules) and gives it back refined, with the answer so far and the halting logits. All that
is recurrent over segments happens outside, with an explicit carry.
"""

import keras
from keras import ops

from hrm.config import Config
from hrm.network import layers
from hrm.puzzles.examples import PAD
from hrm.puzzles.sudoku_solver import units

HALTING_BIAS = -5.0
"""Start of both halting logits: whatever comes, go on."""


def module(config: Config, depth: int, name: str) -> keras.Model:
    """`depth` blocks from (B, S, d) to (B, S, d)."""
    prefix, side = config.prefix, config.canvas
    angles = None
    if config.positions != "learned":
        grid = config.positions == "grid"
        angles = layers.rotary_angles(prefix, side, side, config.width // config.heads, two_dimensional=grid)
    hidden = layers.outside_units(prefix, units(side), config.heads) if config.mixing == "units" else None
    options = {"heads": config.heads, "inner": config.inner_width, "angles": angles, "mixing": config.mixing, "hidden": hidden}
    state = x = keras.Input((prefix + side * side, config.width))
    for index in range(depth):
        x = layers.block(x, **options, name=f"block_{index}")
    return keras.Model(state, x, name=name)


def embedding(config: Config, tokens, puzzle):
    """Input of every segment, (B, prefix + cells, d), each number with a variance of about 1.

    puzzle: vector (B, puzzle_width) for the prefix, or None to leave it at zero.
    """
    width, cells = config.width, config.cells
    x = _vectors(config.vocabulary, width, "token_vectors")(tokens)
    if config.positions == "grid":
        x = _placed(config, x, tokens) * 3**-0.5
    if puzzle is not None:
        x = ops.concatenate([_prefix(config, puzzle), x], axis=1)
    elif config.prefix:
        x = ops.pad(x, ((0, 0), (config.prefix, 0), (0, 0)))
    if config.positions == "learned":
        length = config.prefix + cells
        table = _vectors(length, width, "positions")
        x = (x + table(ops.zeros_like(x[:, :, 0], dtype="int32") + ops.arange(length))) * 2**-0.5
    return x * width**0.5


def _vectors(count, width, name):
    # An initializer of its own for each table: one that is shared gives tables of one shape the same numbers.
    return keras.layers.Embedding(count, width, embeddings_initializer=layers.truncated_normal(width**-0.5), name=name)


def _placed(config, x, tokens):
    # Looked up for every sample, so that the model has no input of its own for the positions.
    row, column = ops.floor_divide(ops.arange(config.cells), config.canvas), ops.mod(ops.arange(config.cells), config.canvas)
    for name, index in (("row", row), ("column", column)):
        places = _vectors(config.canvas, config.width, f"{name}_positions")
        x = x + places(ops.zeros_like(tokens) + ops.cast(index, "int32"))
    return x


def _prefix(config, puzzle):
    missing = config.prefix * config.width - config.puzzle_width
    if missing:
        puzzle = ops.pad(puzzle, ((0, 0), (0, missing)))
    return ops.reshape(puzzle, (-1, config.prefix, config.width))


def demonstration_encoder(config: Config) -> keras.Model:
    """Demonstrations (B, K, 2, N) int32 to a vector of their rule (B, puzzle_width), whatever the order of the K pairs (ours).

    Question and answer of a pair lie over each other, cell by cell, through blocks of attention within the pair; the mean over the cells
    that either covers stands for it. Pairs meet in their mean: one that is PAD alone is none, and counts for nothing.
    """
    most, cells, width = config.demonstrations[1], config.cells, config.width
    pairs = keras.Input((most, 2, cells), dtype="int32", name="demonstrations")
    question, answer = (ops.reshape(pairs[:, :, part], (-1, cells)) for part in (0, 1))
    x = _vectors(config.vocabulary, width, "question_vectors")(question) + _vectors(config.vocabulary, width, "answer_vectors")(answer)
    x = _placed(config, x, question) * (width / 4) ** 0.5
    angles = layers.rotary_angles(0, config.canvas, config.canvas, width // config.heads, two_dimensional=True)
    options = {"heads": config.heads, "inner": config.inner_width, "angles": angles, "mixing": "attention"}
    for index in range(config.demonstration_layers):
        x = layers.block(x, **options, name=f"block_{index}")
    covered = ops.cast(ops.any(ops.not_equal(pairs, PAD), axis=2), x.dtype)
    x = ops.einsum("bkn,bknd->bkd", covered, ops.reshape(x, (-1, most, cells, width)))
    x = x / ops.maximum(ops.sum(covered, axis=2), 1.0)[..., None]
    present = ops.max(covered, axis=2)
    x = layers.normalised(ops.sum(x, axis=1) / ops.maximum(ops.sum(present, axis=1), 1.0)[..., None])
    x = layers.normalised(x + layers.swiglu(x, config.inner_width, "rule"))
    # As large as a token's vector.
    return keras.Model(pairs, layers.linear(x, config.puzzle_width, "rule_vector") * width**-0.5, name="demonstration_encoder")


def segment_model(config: Config) -> keras.Model:
    """One segment: {"tokens", "puzzle" or "demonstrations", "reset", "high", "low"} -> {"high", "low", "logits", "halting"}.

    tokens (B, N) int32; puzzle (B, puzzle_width), where puzzles have vectors of their own; demonstrations (B, K, 2, N) int32, where they
    are shown (see Examples); reset (B,) bool: begin anew from the fixed initial states;
    high, low (B, S, d): states of the two modules. logits (B, N, V); halting (B, 2): logits of "right" and "worth going on".
    The gradient reaches the last low and the last high update ("hrm", one-step gradient) or the last whole round ("trm").
    """
    length, width = config.prefix + config.cells, config.width
    inputs = {
        "tokens": keras.Input((config.cells,), dtype="int32", name="tokens"),
        "reset": keras.Input((), dtype="bool", name="reset"),
        "high": keras.Input((length, width), name="high"),
        "low": keras.Input((length, width), name="low"),
    }
    puzzle = None
    if config.has_table:
        puzzle = inputs["puzzle"] = keras.Input((config.puzzle_width,), name="puzzle")
    elif config.conditioning == "demonstrations":
        shown = inputs["demonstrations"] = keras.Input((config.shown[1], 2, config.cells), dtype="int32", name="demonstrations")
        puzzle = demonstration_encoder(config)(shown)
    injected = embedding(config, inputs["tokens"], puzzle)
    high, low = (_started(inputs[name], inputs["reset"], name) for name in ("high", "low"))
    if config.network == "hrm":
        upper, lower = module(config, config.high_layers, "high_module"), module(config, config.low_layers, "low_module")
    else:
        upper = lower = module(config, config.low_layers, "module")
    kept = 1 if config.network == "hrm" else config.low_cycles  # Low updates of the last round that carry a gradient.
    for cycle in range(config.high_cycles):
        last = cycle == config.high_cycles - 1
        for update in range(config.low_cycles):
            if last and update == config.low_cycles - kept:
                high, low = ops.stop_gradient(high), ops.stop_gradient(low)
            low = lower(low + (high + injected))
        high = upper(high + low)
    answer = high[:, config.prefix :]
    halting = keras.layers.Dense(
        2, kernel_initializer="zeros", bias_initializer=keras.initializers.Constant(HALTING_BIAS), name="halting_head", dtype="float32"
    )(high[:, 0])
    outputs = {
        "high": ops.stop_gradient(ops.cast(high, "float32")),
        "low": ops.stop_gradient(ops.cast(low, "float32")),
        "logits": ops.cast(layers.linear(answer, config.vocabulary, "answer_head"), "float32"),
        "halting": halting,
    }
    return keras.Model(inputs, outputs, name="segment")


def _started(state, reset, name):
    # A fixed random vector, the same at every position; a weight that is never trained, so that it is saved with the model.
    table = keras.layers.Embedding(1, state.shape[-1], embeddings_initializer=layers.truncated_normal(1.0), name=f"initial_{name}")
    table.trainable = False
    start = ops.expand_dims(table(ops.zeros_like(reset, dtype="int32")), 1)
    return ops.where(ops.reshape(reset, (-1, 1, 1)), start, state)


def reasoner_model(segment: keras.Model, table) -> keras.Model:
    """The segment model with its puzzle table inside: input "identifier" (B,) int32 takes the place of "puzzle".

    table: (identifiers, puzzle_width) array, or None for a model without vectors of puzzles, which is given back as it is.
    """
    if table is None:
        return segment
    inputs = {tensor.name: keras.Input(tensor.shape[1:], dtype=tensor.dtype, name=tensor.name) for tensor in segment.inputs}
    del inputs["puzzle"]
    inputs["identifier"] = keras.Input((), dtype="int32", name="identifier")
    rows = keras.layers.Embedding(*table.shape, name="puzzle_table")
    outputs = segment({**{name: inputs[name] for name in inputs if name != "identifier"}, "puzzle": rows(inputs["identifier"])})
    model = keras.Model(inputs, outputs, name="reasoner")
    rows.set_weights([table])
    return model
