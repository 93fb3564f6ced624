"""What the guards say of decoders that are shown what they must not be, without a network."""

import numpy as np
import pytest
import tensorflow as tf

from arc.original import health
from arc.original.config import OriginalConfig
from longrun import Health


def own(batch):
    """The decoder of the original run: scored on the cells that it is fed."""
    return 9.0 * tf.one_hot(batch["answer"], 11)


def before(batch):
    """Each cell from the one before it."""
    return 9.0 * tf.one_hot(tf.concat([batch["answer"][:, :1] * 0, batch["answer"][:, :-1]], axis=1), 11)


def after(batch):
    return 9.0 * tf.one_hot(tf.roll(batch["answer"], -1, axis=1), 11)


@pytest.mark.parametrize(
    ("predict", "names"),
    [(own, ["answer in its context"]), (before, []), (after, ["future visible"])],
    ids=["own", "before", "after"],
)
def test_what_a_decoder_is_shown_is_named_at_the_second_look(predict, names):
    draw = np.random.default_rng(0)
    rows = {name: draw.integers(0, 10, (40, 20)).astype(np.int32) for name in ("query", "answer")}
    answers = health.watched(predict, rows)
    checks = Health(health.guards(OriginalConfig(), answers, 0.5), "warn")
    for step, found in ((4, []), (8, names)):
        checks.check(step, answers.look())
        assert [finding.guard for finding in checks.findings][:1] == found  # The first verdict is the cause.


def test_nothing_learnt_is_named_still():
    draw = np.random.default_rng(0)
    rows = {name: draw.integers(0, 10, (40, 20)).astype(np.int32) for name in ("query", "answer")}
    checks = Health(health.guards(OriginalConfig(), health.watched(before, rows), 0.5), "warn")
    checks.check(1000, {"val_cell_accuracy": 0.4})
    assert [finding.quantity for finding in checks.findings] == ["val_cell_accuracy"]
