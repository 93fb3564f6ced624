"""Free generation: the greedy answer of a causal model, all cells of all samples at once, and a second attempt.

Greedy decoding is the fixed point of "predict every cell from the answer so far": start from any canvas, predict all cells, feed the
prediction back. After round k at least the first k cells are those of cell-by-cell decoding, so it ends, with the very same answer, after
at most as many rounds as cells; cells that follow from the query alone are right in the first (Santilli et al. 2023, Jacobi decoding).
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import tensorflow as tf

from arc.network.model import PAD

Inputs = Mapping[str, tf.Tensor]


class Generated(NamedTuple):
    """Two answers (B, N) int32, the confidence of the first (B, N) in [0, 1], and the rounds that the first took."""

    first: tf.Tensor
    second: tf.Tensor
    confidence: tf.Tensor
    rounds: tf.Tensor


def greedy(logits: Callable[[Inputs], tf.Tensor], inputs: Inputs, forced: tf.Tensor, start: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """(answer (B, N) int32, rounds): every cell the likeliest after those before it, or `forced` (B, N) where that is not negative.

    logits: inputs with "answer" -> (B, N, symbols), those of cell i from the answer before i only. start: any canvases (B, N). A sample
    that the last round left as it was is settled, and takes no part in the next.
    """

    def unsettled(answer, previous, rounds):
        return tf.logical_and(tf.reduce_any(answer != previous), rounds <= tf.shape(answer)[1])

    def again(answer, previous, rounds):
        changed = tf.where(tf.reduce_any(answer != previous, axis=1))[:, 0]
        rows = {name: tf.gather(value, changed) for name, value in {**inputs, "answer": answer}.items()}
        told = tf.gather(forced, changed)
        predicted = tf.argmax(logits(rows), axis=2, output_type=tf.int32)
        return tf.tensor_scatter_nd_update(answer, changed[:, None], tf.where(told >= 0, told, predicted)), answer, rounds + 1

    # Before the first round every cell counts as changed, so that every sample takes part in it.
    answer, _, rounds = tf.while_loop(unsettled, again, again(start, start - 1, tf.constant(0)))
    return answer, rounds


def generate(logits: Callable[[Inputs], tf.Tensor], inputs: Inputs) -> Generated:
    """Two attempts. The second takes the runner-up at the cell that was decided most narrowly, and goes on greedily from there.

    "answer" in `inputs`, if it is there, is not read.
    """
    query = inputs["query"]
    free = tf.fill(tf.shape(query), -1)
    first, rounds = greedy(logits, inputs, free, tf.fill(tf.shape(query), PAD))
    probabilities = tf.nn.softmax(logits({**inputs, "answer": first}))
    best, order = tf.math.top_k(probabilities, 2)
    narrowest = tf.argmin(best[..., 0] - best[..., 1], axis=1, output_type=tf.int32)
    index = tf.range(tf.shape(query)[1])[tf.newaxis]
    at = index == narrowest[:, tf.newaxis]
    forced = tf.where(index < narrowest[:, tf.newaxis], first, tf.where(at, order[..., 1], free))
    second, _ = greedy(logits, inputs, forced, tf.where(forced >= 0, forced, first))
    return Generated(first, second, best[..., 0], rounds)
