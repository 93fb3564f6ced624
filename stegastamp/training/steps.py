"""The networks of a training, their optimizers, and one step of it."""

from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf

from longrun import ExponentialAverage, StepFunction, apply_gradients
from longrun.step import seeding
from stegastamp.config import Config
from stegastamp.distort.crop import boxes, cropped, is_cut
from stegastamp.distort.distortions import Distortions, distort, eight_bit
from stegastamp.distort.warp import Motion, warp_encode_unwarp
from stegastamp.network import stamp
from stegastamp.network.localiser import corrected, localisation, normalised, passes_of
from stegastamp.network.model import build_critic, build_decoder, build_encoder
from stegastamp.network.sampler import projective
from stegastamp.network.with_keras import learnt
from stegastamp.training import losses, regimes

PLACED = 0.5
"""How far a picture that was cut is out of place, in what whole pictures are: its place was found before it is shown to the decoder."""


class Parts(NamedTuple):
    """What a training consists of; `groups` names every variable with a value that changes, for the checkpoint."""

    encoder: keras.Model
    decoder: keras.Model
    average: ExponentialAverage
    groups: dict[str, list]
    message_step: StepFunction
    full_step: StepFunction
    fresh: list[str]
    """Names of the weights that `config.optimizer.start_from` did not give."""


def build(config: Config, strategy: tf.distribute.Strategy) -> Parts:
    """Networks, optimizers and the two steps: of the message alone, with an Adam of its own, and of everything.

    Both steps take a batch {"image": (B, S, S, 3) uint8, "keys": (B, 2) int32} and the scalars of regimes.scalars.
    """
    # What is trained. Everything with a value that changes stands in `groups`, and so in the checkpoint.
    with strategy.scope():
        encoder, decoder = build_encoder(config), build_decoder(config)
        fresh = stamp.take_over(config.optimizer.start_from, encoder, decoder) if config.optimizer.start_from else []
        variables = learnt(config, encoder, decoder)
        optimizer, message_optimizer = adam(config, variables), adam(config, variables)
        average = ExponentialAverage(variables, config.optimizer.average_decay)
        groups = {"encoder": encoder.variables, "decoder": decoder.variables, "average": average.variables}
        groups |= {"optimizer": optimizer.variables, "message_optimizer": message_optimizer.variables}
        critic, critic_optimizer = None, None
        if config.losses.critic:
            critic = build_critic(config)
            critic_optimizer = keras.optimizers.RMSprop(1e-5)
            critic_optimizer.build(critic.trainable_variables)
            groups |= {"critic": critic.variables, "critic_optimizer": critic_optimizer.variables}
    find = passes_of(decoder, config.model.localiser_passes) if config.model.transformer == "localiser" else None
    distance = None
    if config.losses.lpips != "none":
        from stegastamp.network import lpips

        distance = lpips.load(config.losses.lpips)
    settings = Distortions(
        jpeg=config.distortion.jpeg,
        jpeg_quality=config.distortion.jpeg_quality,
        gaussian_blur_sigma=config.distortion.blur_sigma,
        line_blur_length=config.distortion.blur_length,
        clip="hard" if config.distortion.published_distortions else "straight_through",
        shared_parameters=config.distortion.published_distortions,
    )

    def forward(batch, scalars):
        """Stamp, distort and decode a batch; returns losses, the images of the critic and what is worth logging."""
        keys = batch["keys"]
        image = tf.cast(batch["image"], tf.float32) / 255
        if config.data.colour_augmentation:
            image = recolour(image, keys)
        labels = losses.draw_labels(seeding.uniform(keys, "message", (config.model.bits,)), scalars)
        strength = tf.fill((tf.shape(image)[0], 1), scalars["strength"])

        part = boxes(keys, config.distortion.crops) if config.distortion.crops > 0 else None

        def residual_of(cover):
            residual, weakest = encoder([cover, labels, strength], training=True), config.distortion.weakest
            return residual if weakest == 1 else residual * tf.pow(weakest, seeding.uniform(keys, "weaker", (1, 1, 1)))

        if config.distortion.warp > 0:
            amount = scalars["warp"]
            if part is not None:
                amount *= tf.where(is_cut(part), PLACED, 1.0)[:, None, None]
            level = amount / config.distortion.warp
            asked = config.distortion
            most = (np.radians(asked.warp_rotation), asked.warp_scale, asked.warp_shift, asked.warp_stretch)
            motion = Motion(*(level * value for value in most)) if any(most) else None
            borders, published = config.distortion.borders, config.distortion.published_distortions
            warped = warp_encode_unwarp(residual_of, image, keys, amount, borders, published, motion)
            residual, stamped, real, fake = warped.residual, warped.aligned, warped.cover, warped.stamped
        else:
            residual = residual_of(image)
            stamped = fake = image + residual
            real = image
        seen = eight_bit(stamped) if config.distortion.eight_bit else stamped
        if config.distortion.distortions:
            levels = {name: scalars[f"level_{name}"] for name in regimes.DISTORTIONS}
            seen = distort(seen, keys, levels, settings)
        if part is not None:
            seen = cropped(seen, part)
        if config.optimizer.trained == "decoder":
            seen = tf.stop_gradient(seen)
        if find is not None:
            passes, truth = find(seen, training=True), normalised(warped.homographies, config.model.size)
            readout = decoder.get_layer("readout")
            logits = readout(projective(seen, corrected(truth, passes[-1], config.model.tiles)), training=True)
        else:
            logits = decoder(seen, training=True)

        report = losses.message_loss(labels, logits)
        report["image_loss"] = losses.image_loss(image, stamped, scalars["edge_gain"], config.losses.chroma_scale)
        report["constant_loss"] = losses.constant_loss(scalars)
        report["used_image_weight"] = scalars["image_weight"]
        # A mean over samples, so that it is the same on one device and on many.
        report["residual_rms"] = tf.reduce_mean(tf.sqrt(tf.reduce_mean(tf.square(residual), axis=(1, 2, 3))))
        loss = scalars["secret_weight"] * report["message_loss"] + scalars["image_weight"] * report["image_loss"]
        if find is not None:
            found_loss, report["displaced"], report["displaced_floor"] = localisation(truth, passes)
            loss += config.losses.localiser_weight * found_loss
            # What was read because the place was told does not count.
            unaided = readout(projective(seen, passes[-1]))
            report["told_accuracy"] = report["bit_accuracy"]
            report["bit_accuracy"] = tf.reduce_mean(tf.cast((unaided > 0) == (labels > 0.5), tf.float32))
        if distance is not None:
            report["lpips"] = tf.reduce_mean(distance(image, stamped))
            loss += scalars["lpips_weight"] * report["lpips"]
        if critic is not None:
            report["deception_loss"] = losses.deception_loss(critic(fake, training=True))
            loss += scalars["critic_weight"] * report["deception_loss"]
        return loss, real, tf.stop_gradient(fake), report

    def update(chosen, batch, scalars):
        with tf.GradientTape() as tape:
            loss, real, fake, report = forward(batch, scalars)
        gradients = tape.gradient(loss, variables, unconnected_gradients=tf.UnconnectedGradients.ZERO)
        chosen.learning_rate = scalars["learning_rate"]
        report |= {"loss": loss, **apply_gradients(chosen, gradients, variables, config.optimizer.clip_norm)}
        average.update()
        return real, fake, report

    def message_step(batch, scalars):
        return update(message_optimizer, batch, scalars)[2]

    def train_step(batch, scalars):
        real, fake, report = update(optimizer, batch, scalars)
        if critic is not None:
            with tf.GradientTape() as tape:
                report["critic_loss"] = losses.critic_loss(critic(real, training=True), critic(fake, training=True))
            gradients = tape.gradient(report["critic_loss"], critic.trainable_variables)
            gradients = [tf.clip_by_value(gradient, -0.25, 0.25) for gradient in gradients]
            apply_gradients(critic_optimizer, gradients, critic.trainable_variables)
            for weight in critic.trainable_variables:
                weight.assign(tf.clip_by_value(weight, -0.01, 0.01))
        return report

    options = {"mode": config.run.mode, "jit_compile": config.run.jit_compile, "strategy": strategy}
    with strategy.scope():
        message_function, step_function = StepFunction(message_step, **options), StepFunction(train_step, **options)

    return Parts(encoder, decoder, average, groups, message_function, step_function, fresh)


def adam(config: Config, variables) -> keras.optimizers.Optimizer:
    """Adam as in TensorFlow 1 (epsilon 1e-8), built."""
    optimizer = keras.optimizers.Adam(config.optimizer.learning_rate, epsilon=1e-8)
    optimizer.build(variables)
    return optimizer


def recolour(image: tf.Tensor, keys: tf.Tensor) -> tf.Tensor:
    """Covers with another gain per channel and another brightness, clipped to [0, 1]: a few photos stand for many."""
    gain = seeding.uniform(keys, "cover gain", (1, 1, 3), 0.7, 1.2)
    offset = seeding.uniform(keys, "cover offset", (1, 1, 1), -0.15, 0.15)
    return tf.clip_by_value(image * gain + offset, 0.0, 1.0)
