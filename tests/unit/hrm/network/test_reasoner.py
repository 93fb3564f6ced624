"""Which segment's answer counts, by a made-up segment that knows how often it has been asked."""

import numpy as np
import pytest
import tensorflow as tf

from hrm.config import Config
from hrm.network.reasoner import CHUNK, Reasoner
from longrun.config import changed

CONFIG = changed(Config(), conditioning="none", width=4, heads=1, puzzle_width=4, segments=3)


class Counting:
    """Answers every cell with the number of the segment, and holds that to be right from segment `tokens[:, 0]` on."""

    inputs = ()

    def __call__(self, inputs, training):
        high = tf.where(inputs["reset"][:, None, None], 0.0, inputs["high"]) + 1.0
        count = tf.cast(high[:, 0, 0], tf.int32)
        sure = tf.where(count >= inputs["tokens"][:, 0], 9.0, -9.0)
        logits = tf.tile(tf.one_hot(count, 12)[:, None], (1, CONFIG.data.cells, 1))
        return {"high": high, "low": inputs["low"], "logits": logits, "halting": tf.stack([sure, -sure], axis=1)}


def think(first: list[int], **options):
    tokens = np.repeat(np.array(first, np.int32)[:, None], CONFIG.data.cells, axis=1)
    return Reasoner(Counting(), CONFIG).think(tokens, np.zeros(len(first), np.int32), **options)


@pytest.mark.parametrize(
    ("options", "counts"),
    [
        ({}, [1, 2, 3, 3]),
        ({"halt": False}, [3, 3, 3, 3]),
        ({"segments": 2}, [1, 2, 2, 2]),
        ({"segments": 4}, [1, 2, 3, 4]),
    ],
)
def test_an_answer_counts_at_the_segment_where_it_is_held_to_be_right(options, counts):
    thoughts = think([1, 2, 3, 9], **options)
    assert (thoughts.used + 1).tolist() == thoughts.answer[:, 0].tolist() == thoughts.logits.argmax(axis=2)[:, 0].tolist() == counts
    assert thoughts.answers[:, 0, 0].tolist() == list(range(1, options.get("segments", 3) + 1))


@pytest.mark.parametrize("segments", [0, 2])
def test_no_puzzles_have_no_answers(segments):
    one, none = (think(first, segments=segments, halt=False) for first in ([9], []))
    for name in ("answers", "halting", "used", "logits", "answer"):
        found, like = getattr(none, name), getattr(one, name)
        rows = like.ndim - 1 if name == "used" else 1 if name in ("answers", "halting") else 0
        assert found.shape == tuple(0 if axis == rows else length for axis, length in enumerate(like.shape)), name


def test_many_puzzles_are_answered_in_chunks_as_few_are():
    first = [1 + index % 3 for index in range(CHUNK + 5)]
    assert (think(first).used + 1).tolist() == first


def test_a_reasoner_by_demonstrations_needs_some():
    reasoner = Reasoner(Counting(), changed(CONFIG, conditioning="demonstrations"))
    with pytest.raises(ValueError, match="was given none"):
        reasoner.think(np.ones((1, 36), np.int32), np.zeros(1, np.int32))
