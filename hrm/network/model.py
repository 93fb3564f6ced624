"""One segment of reasoning as a Functional Keras model, and the same with its puzzle table for use outside a training.

A segment takes the carry (states of the two modules) and gives it back refined, with the answer so far and the halting logits. All that
is recurrent over segments happens outside, with an explicit carry.
"""

import keras
from keras import ops

from hrm.config import Config
from hrm.network import candidates, layers
from hrm.puzzles.examples import PAD
from hrm.puzzles.sudoku_solver import units

HALTING_BIAS = -5.0
"""Start of both halting logits: whatever comes, go on."""


def module(config: Config, depth: int, name: str) -> keras.Model:
    """`depth` blocks from (B, S, d) to (B, S, d)."""
    model, side = config.model, config.data.side
    if model.mixing == "candidates":
        state = x = keras.Input((config.length, model.width))
        for index in range(depth):
            x = candidates.block(x, side=side, inner=_sizes(config)["inner"], name=f"block_{index}")
        return keras.Model(state, x, name=name)
    angles = None
    if model.positions != "learned":
        grid = model.positions == "grid"
        angles = layers.rotary_angles(model.prefix, side, side, model.width // model.heads, two_dimensional=grid)
    hidden = layers.outside_units(model.prefix, units(side), model.heads) if model.mixing == "units" else None
    state = x = keras.Input((config.length, model.width))
    for index in range(depth):
        x = layers.block(x, **_sizes(config), angles=angles, mixing=model.mixing, hidden=hidden, name=f"block_{index}")
    return keras.Model(state, x, name=name)


def _sizes(config):
    return {"heads": config.model.heads, "inner": config.model.inner or layers.swiglu_width(config.model.width)}


def embedding(config: Config, tokens, puzzle):
    """Input of every segment, (B, prefix + cells, d), each number with a variance of about 1.

    puzzle: vector (B, puzzle_width) for the prefix, or None to leave it at zero.
    """
    model = config.model
    if model.mixing == "candidates":
        return candidates.embedding(config.data.side, model.width, tokens)
    x = _vectors(config.data.vocabulary, model.width, "token_vectors")(tokens)
    if model.positions == "grid":
        x = _placed(config, x, tokens) * 3**-0.5
    if puzzle is not None:
        x = ops.concatenate([_prefix(config, puzzle), x], axis=1)
    elif model.prefix:
        x = ops.pad(x, ((0, 0), (model.prefix, 0), (0, 0)))
    if model.positions == "learned":
        table = _vectors(config.length, model.width, "positions")
        x = (x + table(ops.zeros_like(x[:, :, 0], dtype="int32") + ops.arange(config.length))) * 2**-0.5
    return x * model.width**0.5


def _vectors(count, width, name):
    # An initializer of its own for each table: one that is shared gives tables of one shape the same numbers.
    return keras.layers.Embedding(count, width, embeddings_initializer=layers.truncated_normal(width**-0.5), name=name)


def _placed(config, x, tokens):
    # Looked up for every sample, so that the model has no input of its own for the positions.
    side, cells = config.data.side, ops.arange(config.data.cells)
    for name, index in (("row", ops.floor_divide(cells, side)), ("column", ops.mod(cells, side))):
        places = _vectors(side, config.model.width, f"{name}_positions")
        x = x + places(ops.zeros_like(tokens) + ops.cast(index, "int32"))
    return x


def _prefix(config, puzzle):
    model = config.model
    missing = model.prefix * model.width - model.puzzle_width
    if missing:
        puzzle = ops.pad(puzzle, ((0, 0), (0, missing)))
    return ops.reshape(puzzle, (-1, model.prefix, model.width))


def demonstration_encoder(config: Config) -> keras.Model:
    """Demonstrations (B, K, 2, N) int32 to a vector of their rule (B, puzzle_width), whatever the order of the K pairs (new here).

    Question and answer of a pair lie over each other, cell by cell, through blocks of attention within the pair; the mean over the cells
    that either covers stands for it. Pairs meet in their mean: one that is PAD alone is none, and counts for nothing.
    """
    most, cells, side, width = config.model.demonstrations[1], config.data.cells, config.data.side, config.model.width
    pairs = keras.Input((most, 2, cells), dtype="int32", name="demonstrations")
    question, answer = (ops.reshape(pairs[:, :, part], (-1, cells)) for part in (0, 1))
    classes = config.data.vocabulary
    x = _vectors(classes, width, "question_vectors")(question) + _vectors(classes, width, "answer_vectors")(answer)
    x = _placed(config, x, question) * (width / 4) ** 0.5
    angles = layers.rotary_angles(0, side, side, width // config.model.heads, two_dimensional=True)
    for index in range(config.model.demonstration_layers):
        x = layers.block(x, **_sizes(config), angles=angles, mixing="attention", name=f"block_{index}")
    covered = ops.cast(ops.any(ops.not_equal(pairs, PAD), axis=2), x.dtype)
    x = ops.einsum("bkn,bknd->bkd", covered, ops.reshape(x, (-1, most, cells, width)))
    x = x / ops.maximum(ops.sum(covered, axis=2), 1.0)[..., None]
    present = ops.max(covered, axis=2)
    x = layers.normalised(ops.sum(x, axis=1) / ops.maximum(ops.sum(present, axis=1), 1.0)[..., None])
    x = layers.normalised(x + layers.swiglu(x, _sizes(config)["inner"], "rule"))
    # As large as a token's vector.
    rule = layers.linear(x, config.model.puzzle_width, "rule_vector") * width**-0.5
    return keras.Model(pairs, rule, name="demonstration_encoder")


def segment_model(config: Config) -> keras.Model:
    """One segment: {"tokens", "puzzle" or "demonstrations", "reset", "high", "low"} -> {"high", "low", "logits", "halting"}.

    tokens (B, N) int32; puzzle (B, puzzle_width), where puzzles have vectors of their own; demonstrations (B, K, 2, N) int32, where they
    are shown (see Examples); reset (B,) bool: begin anew from the fixed initial states;
    high, low (B, S, d): states of the two modules; with start_noise, the first channel of a `high` that is reset holds random numbers.
    logits (B, N, V); halting (B, 2): logits of "right" and "worth going on".
    The gradient reaches the last low and the last high update ("hrm", one-step gradient) or the last whole round ("trm").
    """
    model, cells = config.model, config.data.cells
    inputs = {
        "tokens": keras.Input((cells,), dtype="int32", name="tokens"),
        "reset": keras.Input((), dtype="bool", name="reset"),
        "high": keras.Input((config.length, model.width), name="high"),
        "low": keras.Input((config.length, model.width), name="low"),
    }
    puzzle = None
    if model.has_table:
        puzzle = inputs["puzzle"] = keras.Input((model.puzzle_width,), name="puzzle")
    elif model.conditioning == "demonstrations":
        shown = inputs["demonstrations"] = keras.Input((model.shown[1], 2, cells), dtype="int32", name="demonstrations")
        puzzle = demonstration_encoder(config)(shown)
    injected = embedding(config, inputs["tokens"], puzzle)
    high, low = (_started(inputs[name], inputs["reset"], name, model.start_noise) for name in ("high", "low"))
    if model.network == "hrm":
        upper, lower = module(config, model.high_layers, "high_module"), module(config, model.low_layers, "low_module")
    else:
        upper = lower = module(config, model.low_layers, "module")
    kept = 1 if model.network == "hrm" else model.low_cycles  # Low updates of the last round that carry a gradient.
    for cycle in range(model.high_cycles):
        last = cycle == model.high_cycles - 1
        for update in range(model.low_cycles):
            if last and update == model.low_cycles - kept:
                high, low = ops.stop_gradient(high), ops.stop_gradient(low)
            low = lower(low + (high + injected))
        high = upper(high + low)
    by_candidate = model.mixing == "candidates"
    answer = (
        candidates.logits(config.data.side, high)
        if by_candidate
        else layers.linear(high[:, model.prefix :], config.data.vocabulary, "answer_head")
    )
    halting = keras.layers.Dense(
        2, kernel_initializer="zeros", bias_initializer=keras.initializers.Constant(HALTING_BIAS), name="halting_head", dtype="float32"
    )(candidates.summary(high) if by_candidate else high[:, 0])
    outputs = {
        "high": ops.stop_gradient(ops.cast(high, "float32")),
        "low": ops.stop_gradient(ops.cast(low, "float32")),
        "logits": ops.cast(answer, "float32"),
        "halting": halting,
    }
    return keras.Model(inputs, outputs, name="segment")


def _started(state, reset, name, noise):
    # A fixed random vector, the same at every position; a weight that is never trained, so that it is saved with the model.
    start = _fixed(reset, state.shape[-1], f"initial_{name}")
    if noise and name == "high":
        start = start + float(noise) * state[:, :, :1] * _fixed(reset, state.shape[-1], "noise_direction")
    return ops.where(ops.reshape(reset, (-1, 1, 1)), start, state)


def _fixed(reset, width, name):
    table = keras.layers.Embedding(1, width, embeddings_initializer=layers.truncated_normal(1.0), name=name)
    table.trainable = False
    return ops.expand_dims(table(ops.zeros_like(reset, dtype="int32")), 1)


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
