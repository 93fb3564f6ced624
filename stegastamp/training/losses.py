"""Losses of encoder, decoder and critic. Images are (B, S, S, 3) float32 in [0, 1]; every loss is a scalar mean over the batch."""

import numpy as np
import tensorflow as tf


def message_loss(labels: tf.Tensor, logits: tf.Tensor) -> dict[str, tf.Tensor]:
    """Cross-entropy of the message, and what it is worth.

    labels in [0, 1], logits, both (B, bits). Returns scalars in nats per bit: "message_loss"; "label_entropy", the least that any
    decoder can reach with these labels; "message_loss_above_entropy", their difference, the only part that training can remove;
    and "bit_accuracy".
    """
    loss = tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(labels=labels, logits=logits))
    entropy = tf.reduce_mean(binary_entropy(labels))
    right = tf.equal(logits > 0, labels > 0.5)
    return {
        "message_loss": loss,
        "label_entropy": entropy,
        "message_loss_above_entropy": loss - entropy,
        "bit_accuracy": tf.reduce_mean(tf.cast(right, tf.float32)),
    }


def constant_loss(scalars: dict[str, tf.Tensor]) -> tf.Tensor:
    """The message loss of the best constant answer to the labels of `draw_labels`: the entropy of their mean, a scalar in nats."""
    middle = (scalars["label_low"] + scalars["label_high"]) / 2
    return binary_entropy(tf.where(scalars["label_hard"] > 0.5, 0.5, middle))


def information(message_loss: float, label_entropy: float, constant_loss: float) -> float:
    """Nats per bit that decoding saves against the best constant answer: 0 if nothing is carried, ln 2 for fair bits read perfectly.

    Constant labels leave nothing to carry: their entropy is what a constant answer costs.
    """
    return constant_loss - max(message_loss, label_entropy)


def binary_entropy(p: tf.Tensor) -> tf.Tensor:
    """Entropy in nats of Bernoulli(p), elementwise."""
    p = tf.clip_by_value(p, 1e-7, 1 - 1e-7)
    inside = -p * tf.math.log(p) - (1 - p) * tf.math.log1p(-p)
    return tf.where((p > 1e-6) & (p < 1 - 1e-6), inside, tf.zeros_like(p))


def draw_labels(unit: tf.Tensor, scalars: dict[str, tf.Tensor]) -> tf.Tensor:
    """Labels from uniform numbers in [0, 1): fair bits where label_hard is 1, else uniform in [label_low, label_high]."""
    hard = tf.cast(unit < 0.5, tf.float32)
    soft = scalars["label_low"] + (scalars["label_high"] - scalars["label_low"]) * unit
    return tf.where(scalars["label_hard"] > 0.5, hard, soft)


def image_loss(original: tf.Tensor, stamped: tf.Tensor, edge_gain: tf.Tensor, chroma_scale: float) -> tf.Tensor:
    """Squared error in YUV, the error multiplied by 1 + edge_gain * F towards the border, U and V by chroma_scale (Tancik et al. 2020)."""
    difference = tf.image.rgb_to_yuv(stamped) - tf.image.rgb_to_yuv(original)
    difference *= 1 + edge_gain * edge_falloff(original.shape[1])[None, :, :, None]
    channels = tf.reduce_mean(tf.square(difference), axis=(0, 1, 2))
    return tf.reduce_sum(channels * tf.constant([1.0, chroma_scale, chroma_scale]))


def edge_falloff(size: int) -> tf.Tensor:
    """F of the edge loss, (size, size): 1 on the border, half a cosine down to 0 from a quarter of the side inwards."""
    position = np.arange(size)
    inner = np.minimum(position, size - 1 - position)
    f = np.where(inner < size / 4, (1 - np.cos(4 * np.pi * inner / size)) / 2, 1.0)
    return tf.constant(1 - np.outer(f, f), tf.float32)


def critic_loss(real_scores: tf.Tensor, stamped_scores: tf.Tensor) -> tf.Tensor:
    """What the critic minimises: it learns to score stamped images high (Wasserstein form). Only the critic's own weights may see it."""
    return tf.reduce_mean(real_scores) - tf.reduce_mean(stamped_scores)


def deception_loss(stamped_scores: tf.Tensor) -> tf.Tensor:
    """What the encoder minimises: the critic's score of its stamped images, and nothing of the critic's own loss."""
    return tf.reduce_mean(stamped_scores)
