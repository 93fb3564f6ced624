"""Sequences: a language of a noisy successor, and a translation whose decoder is given what comes before."""

import keras
import numpy as np
import tensorflow as tf

from longrun.zoo.specimen import Batch, Specimen, cross_entropy, one_hot, sparse_loss

TOKENS, LENGTH, ROWS = 6, 16, 32


def language(fault: str, setup: tuple[str, ...], seed: int) -> Specimen:
    """The next token is the successor of this one, two times in three."""
    rule = np.random.default_rng([seed, 1]).permutation(TOKENS)

    def drawn(chance, count):
        tokens = [chance.integers(0, TOKENS, count)]
        for _ in range(LENGTH):
            free = chance.random(count) < 0.4
            tokens.append(np.where(free, chance.integers(0, TOKENS, count), rule[tokens[-1]]))
        tokens = np.stack(tokens, axis=1).astype(np.int32)
        return {"tokens": tokens[:, :-1], "next": tokens[:, 1:]}

    tokens = keras.Input((LENGTH,), dtype="int32")
    h = keras.layers.Embedding(TOKENS, 16, name="tokens")(tokens)
    return _specimen(h, [tokens], drawn, fault, seed, inputs=("tokens",), labels="next")


def translation(fault: str, setup: tuple[str, ...], seed: int) -> Specimen:
    """Each target is the sum of a source token and the one before it; the decoder is given the targets before its position."""

    def drawn(chance, count):
        source = chance.integers(0, TOKENS, (count, LENGTH)).astype(np.int32)
        target = (source + np.roll(source, 1, axis=1)) % TOKENS
        shifted = np.concatenate([np.zeros((count, 1), np.int32), target[:, :-1]], axis=1)
        return {"source": source, "context": target.copy() if fault == "answer as context" else shifted, "target": target}

    source, context = keras.Input((LENGTH,), dtype="int32"), keras.Input((LENGTH,), dtype="int32")
    # Two tokens of the source, side by side.
    before = keras.ops.roll(source, 1, axis=1)
    parts = [keras.layers.Embedding(TOKENS, 16, name=name)(x) for name, x in (("source", source), ("before", before), ("context", context))]
    h = keras.layers.Concatenate()(parts)
    return _specimen(h, [source, context], drawn, fault, seed, inputs=("source",), labels="target", context="context")


def _specimen(h, given, drawn, fault, seed, *, inputs, labels, context=""):
    padding = "same" if fault == "future visible" else "causal"
    h = keras.layers.Conv1D(64, 3, padding=padding, activation="relu", name="first")(h)
    model = keras.Model(given, keras.layers.Dense(TOKENS, name="last")(h))
    hidden = keras.Model(given, [model.get_layer("first").output])
    names = inputs + ((context,) if context else ())

    def fed(batch):
        return [batch[name] for name in names]

    def objective(batch, scalars):
        return {"all": tf.reduce_mean(sparse_loss(model(fed(batch), training=True), batch[labels]))}, {}

    def reading(batch: Batch):
        x = one_hot(batch[inputs[0]], TOKENS)
        if context:
            pairs = batch[inputs[0]] * TOKENS + np.roll(batch[inputs[0]], 1, axis=1)
            x = one_hot(pairs, TOKENS * TOKENS)
        return x[:, 2::3].reshape(-1, x.shape[-1]), batch[labels][:, 2::3].reshape(-1)

    return Specimen(
        models={"model": model},
        rows=lambda step: drawn(np.random.default_rng([seed, 4, step]), ROWS),
        held_out=drawn(np.random.default_rng([seed, 3]), 64),
        objective=objective,
        answer=lambda batch: model(fed(batch), training=False),
        cost=lambda logits, batch: cross_entropy(logits, batch[labels]),
        inputs=inputs,
        reading=reading,
        labels=labels,
        classes=TOKENS,
        loss=lambda logits, labels: tf.reduce_mean(sparse_loss(logits, labels)),
        context=context or inputs[0],
        units=lambda batch: [hidden(fed(batch), training=False)],
    )
