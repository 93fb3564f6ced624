"""Batches as functions of (seed, step), wherever a training starts."""

import numpy as np

from hrm.config import Config
from hrm.puzzles.mini_arc import MiniArc
from hrm.puzzles.sources import make_source
from hrm.training.data import batches, least_segments
from longrun.config import changed

SMALL = changed(Config(), batch_size=8)


def test_a_batch_does_not_depend_on_where_the_training_started():
    config, source = changed(SMALL, steps=6), MiniArc()
    straight = list(batches(config, source, 3, 0))
    resumed = list(batches(config, source, 3, 4))
    assert len(straight) == 6 and len(resumed) == 2
    for one, other in zip(straight[4:], resumed, strict=True):
        assert all((one[name].numpy() == other[name].numpy()).all() for name in one)
    assert (straight[0]["tokens"].numpy() != straight[1]["tokens"].numpy()).any()
    assert straight[0]["tokens"].shape == (8, 36) and straight[0]["least"].shape == (8,)


def test_batches_hold_the_demonstrations_of_their_questions():
    config = changed(SMALL, steps=2, conditioning="demonstrations", demonstrations=(1, 3))
    source = make_source(config)
    found = [batch["demonstrations"].numpy() for batch in batches(config, source, 3, 0)]
    assert found[0].shape == (8, 3, 2, 36)
    for step, demonstrations in enumerate(found):
        assert (demonstrations == source.batch(3, step, 8).demonstrations).all()


def test_exploration_demands_two_segments_at_least_of_its_share():
    config = changed(SMALL, batch_size=4000, segments=4, exploration=0.25)
    least = least_segments(config, 0, 0)
    assert abs((least > 1).mean() - 0.25) < 0.03
    assert set(np.unique(least)) == {1, 2, 3, 4}
    assert (least_segments(changed(config, exploration=0.0), 0, 0) == 1).all()
    assert (least_segments(changed(config, segments=1), 0, 0) == 1).all()
