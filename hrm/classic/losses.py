"""The four-term loss of the original run, and each term mended."""

import tensorflow as tf

from hrm.classic.config import CLASSES, ClassicConfig
from hrm.training.losses import correct_cells, diversity_loss


def answer_loss(config: ClassicConfig, logits: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
    """Cross-entropy; the original run ignored class 0 and took the mean over all cells nevertheless (12.7 times smaller on ARC)."""
    loss = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)
    asked = tf.cast(labels != 0, tf.float32) if config.faults.ignored_background else tf.ones_like(loss)
    if config.faults.diluted_loss:
        return tf.reduce_mean(loss * asked)
    return tf.reduce_sum(loss * asked) / tf.maximum(tf.reduce_sum(asked), 1.0)


def diversity_penalty(config: ClassicConfig, logits: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
    """In the original run 0.5 for a sample whose cells all have one class, 0.2 for two, by argmax and so without a gradient."""
    if not config.faults.constant_penalties:
        return 0.1 * diversity_loss(tf.nn.log_softmax(logits), labels)
    present = tf.reduce_max(tf.one_hot(tf.argmax(logits, axis=-1), CLASSES), axis=1)
    classes = tf.reduce_sum(present, axis=1)
    return tf.reduce_mean(tf.where(classes <= 1, 0.5, tf.where(classes <= 2, 0.2, 0.0)))


def distribution_penalty(logits: tf.Tensor) -> tf.Tensor:
    """0.1 (s - 1) where s, the standard deviation over the classes of the mean logit, is above 2; with a gradient, as it was."""
    spread = tf.math.reduce_std(tf.reduce_mean(logits, axis=(0, 1)))
    # PyTorch's std divides by one less.
    spread *= (CLASSES / (CLASSES - 1)) ** 0.5
    return tf.where(spread > 2.0, 0.1 * (spread - 1.0), 0.0)


def halting_penalty(config: ClassicConfig, outputs: dict[str, tf.Tensor], labels: tf.Tensor) -> tf.Tensor:
    """In the original run 0.1 under 3 cycles (which cannot be) and 0.05 for each above 6, a number without a gradient."""
    if not config.faults.unlearnt_halting:
        _, exact = correct_cells(outputs["logits"], labels)
        return tf.reduce_mean(0.5 * tf.nn.sigmoid_cross_entropy_with_logits(tf.cast(exact, tf.float32), outputs["halting"]))
    cycles = tf.stop_gradient(tf.reduce_mean(outputs["cycles"]))
    return tf.where(cycles < 3, 0.1, 0.05 * tf.maximum(cycles - 6.0, 0.0))
