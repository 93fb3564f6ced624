"""A message hidden in a picture of 48 numbers: encoder, decoder, and where asked for a critic that tells stamped from plain."""

import keras
import numpy as np
import tensorflow as tf

from longrun.health.answers import critic_guard
from longrun.health.watch import Schedules, Watch
from longrun.zoo.specimen import Specimen

PIXELS, BITS, ROWS = 48, 8, 64
COLLAPSED, CARRIED = 0.05, 0.02
SOFT = 0.2


def stamp(fault: str, setup: tuple[str, ...], seed: int) -> Specimen:
    """Eight bits through a residual that an image loss holds back from the middle of the training on."""
    basis = np.random.default_rng([seed, 1]).normal(size=(3, PIXELS)).astype(np.float32)

    def drawn(chance, rows):
        cover = 0.3 * chance.normal(size=(rows, 3)).astype(np.float32) @ basis
        bits = chance.integers(0, 2, (rows, BITS)).astype(np.float32)
        noise = 0.02 * chance.normal(size=(rows, PIXELS)).astype(np.float32)
        bits = np.full_like(bits, SOFT) if fault == "entropy labels" else bits
        return {"cover": cover, "message": bits, "bits": bits, "noise": noise}

    encoder, decoder, critic = _dense(PIXELS + BITS, PIXELS, "encoder"), _dense(PIXELS, BITS, "decoder"), _dense(PIXELS, 1, "critic")
    weight = [0.0]  # What a trace takes from here is a constant for ever.

    def schedule(step: int) -> dict[str, float]:
        weight[0] = 600.0 if fault == "residual pressed" else 0.3 * min(1.0, step / 80)
        return {"image_weight": weight[0]}

    def stamped(batch, training):
        residual = encoder(tf.concat([batch["cover"], batch["message"] - 0.5], axis=1), training=training)
        return residual, batch["cover"] + residual + batch["noise"]

    def objective(batch, scalars):
        residual, picture = stamped(batch, True)
        used = tf.constant(weight[0]) if fault == "schedule frozen" else scalars["image_weight"]
        message = tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(labels=batch["bits"], logits=decoder(picture, training=True)))
        floor = _constant_floor(batch["bits"])
        losses = {"all": message + used * tf.reduce_mean(residual**2)}
        numbers = {
            "message_loss": message,
            "information": floor - message,
            "residual_rms": tf.sqrt(tf.reduce_mean(residual**2)),
            "used_image_weight": used,
        }
        if "critic" in setup:
            scores = critic(tf.stop_gradient(picture), training=True), critic(batch["cover"] + batch["noise"], training=True)
            wrong = [tf.nn.sigmoid_cross_entropy_with_logits(labels=tf.ones_like(one) * is_stamp, logits=one)
                     for one, is_stamp in zip(scores, (1.0, 0.0), strict=True)]  # fmt: skip
            loss = tf.add_n([tf.reduce_mean(one) for one in wrong])
            losses |= {"critic": -loss if fault == "critic's sign" else loss}
            numbers["critic_gap"] = tf.reduce_mean(scores[0]) - tf.reduce_mean(scores[1])
        return losses, numbers

    models = {"encoder": encoder, "decoder": decoder} | ({"critic": critic} if "critic" in setup else {})
    return Specimen(
        models=models,
        rows=lambda step: drawn(np.random.default_rng([seed, 4, step]), ROWS),
        held_out=drawn(np.random.default_rng([seed, 3]), 128),
        objective=objective,
        answer=lambda batch: decoder(stamped(batch, False)[1], training=False),
        cost=_bit_loss,
        inputs=("message",),
        case="cover",
        reading=lambda batch: (batch["message"], batch["bits"]),
        scalars=schedule,
        guards=[_residual_guard(), Schedules(("image_weight",)), critic_guard(24)],
    )


def _dense(width, outputs, name):
    x = keras.Input((width,))
    h = keras.layers.Dense(64, "relu", name=f"{name}_first")(x)
    return keras.Model(x, keras.layers.Dense(outputs, name=f"{name}_last")(h), name=name)


def _constant_floor(bits):
    """Loss of the best constant answer to each bit of a batch, in nats."""
    share = tf.clip_by_value(tf.reduce_mean(bits, axis=0), 1e-6, 1 - 1e-6)
    return tf.reduce_mean(-share * tf.math.log(share) - (1 - share) * tf.math.log(1 - share))


def _bit_loss(logits, batch):
    logits = np.asarray(logits, np.float64)
    return float((np.logaddexp(0, logits) - batch["bits"] * logits).mean())


def _residual_guard():
    return Watch(
        "residual collapse",
        "residual_rms",
        "the image loss has pressed the residual to zero before a message is carried",
        lambda values: values["residual_rms"] < COLLAPSED and values["information"] < CARRIED and values["image_weight"] > 0,
        limit=COLLAPSED,
        needs=("information", "image_weight"),
        after=40,
        patience=2,
    )
