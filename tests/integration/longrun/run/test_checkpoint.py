"""Checkpoints: complete to the bit, kept as long as they are asked to be, and readable in part."""

import json
import math
import re

import keras
import numpy as np
import pytest
import tensorflow as tf

from longrun import Checkpointer, CheckpointMismatch, ExponentialAverage, StepFunction, apply_gradients, restore_variables
from longrun.step import seeding
from tests.fixtures.checkpoints import CONFIG, one_variable, saved, steps_on_disk, value_of

# Complete.


def small_training(seed):
    """A model with everything that has a state; returns its groups and a function that does one step."""
    keras.utils.set_random_seed(seed)
    layers = [keras.layers.Dense(8, activation="tanh"), keras.layers.BatchNormalization(), keras.layers.Dropout(0.4)]
    model = keras.Sequential([keras.Input((3,)), *layers, keras.layers.Dense(1)])
    optimizer = keras.optimizers.AdamW(0.01, use_ema=True, ema_momentum=0.9)
    optimizer.build(model.trainable_variables)
    average = ExponentialAverage(model.trainable_variables, 0.9)

    def train_step(batch, scalars):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((model(batch["x"], training=True) - 1.0) ** 2)
        report = apply_gradients(optimizer, tape.gradient(loss, model.trainable_variables), model.trainable_variables, clip_norm=1.0)
        average.update()
        return {"loss": loss, **report}

    function = StepFunction(train_step)
    groups = {"model": model.variables, "optimizer": optimizer.variables, "average": average.variables}
    return groups, lambda step: function({"x": seeding.normal(seeding.sample_keys(0, step, 8), "x", (3,))}, {})


def arrays(groups):
    return {f"{name} {number}": np.array(value) for name, variables in groups.items() for number, value in enumerate(variables)}


def test_ten_steps_and_ten_are_twenty_to_the_bit(tmp_path):
    groups, step = small_training(seed=1)
    for number in range(10):
        step(number)
    Checkpointer(tmp_path, groups, CONFIG).save(10, {"host": [1, 2]})
    for number in range(10, 20):
        step(number)
    straight = arrays(groups)

    groups, step = small_training(seed=2)
    assert any(not np.array_equal(value, straight[name]) for name, value in arrays(groups).items())
    assert Checkpointer(tmp_path, groups, CONFIG).restore() == (10, {"host": [1, 2]})
    for number in range(10, 20):
        step(number)
    for name, value in arrays(groups).items():
        np.testing.assert_array_equal(value, straight[name], err_msg=name)


def test_the_seed_of_dropout_is_in_the_checkpoint(tmp_path):
    groups, step = small_training(seed=1)
    seeds = [variable for variable in groups["model"] if "seed_generator" in variable.path]
    assert len(seeds) == 1
    Checkpointer(tmp_path, groups, CONFIG).save(0)
    before = np.array(seeds[0])
    step(0)
    assert not np.array_equal(before, np.array(seeds[0]))
    Checkpointer(tmp_path, groups, CONFIG).restore()
    np.testing.assert_array_equal(before, np.array(seeds[0]))


def test_without_a_checkpoint_there_is_nothing_to_restore(tmp_path):
    checkpointer = Checkpointer(tmp_path, one_variable(), CONFIG)
    assert checkpointer.restore() is None
    assert checkpointer.path() is None


def test_host_state_may_be_left_out(tmp_path):
    groups = one_variable()
    checkpointer = Checkpointer(tmp_path, groups, CONFIG)
    checkpointer.save(3)
    assert checkpointer.restore() == (3, {})


# Which checkpoints are kept.


def test_the_last_ones_are_kept_and_one_every_so_often(tmp_path):
    checkpointer = saved(tmp_path, 2, 4, 6, 8, 10, keep_last=2, keep_every=4)
    assert steps_on_disk(tmp_path) == [8, 10]
    assert steps_on_disk(tmp_path, "every") == [4, 8]
    assert checkpointer.restore("every") == (8, {"strikes": 8})
    assert checkpointer.path() == str(tmp_path / "last" / "ckpt-10")
    # A new process goes on counting.
    saved(tmp_path, 12, keep_last=2, keep_every=4)
    assert steps_on_disk(tmp_path) == [10, 12]
    assert steps_on_disk(tmp_path, "every") == [4, 8, 12]


@pytest.mark.parametrize(("mode", "best"), [("max", 3), ("min", 4)])
def test_the_best_one_is_kept(tmp_path, mode, best):
    groups = one_variable()
    for step, score in enumerate((0.5, 0.7, 0.9, 0.1, 0.9, math.nan), 1):
        # A new process every time: what was best is remembered.
        checkpointer = Checkpointer(tmp_path, groups, CONFIG, best=("accuracy", mode))
        groups["model"][0].assign(np.full((2, 2), step))
        checkpointer.save(step, {}, {"accuracy": score, "loss": 9.0})
    assert steps_on_disk(tmp_path, "best") == [best]
    assert checkpointer.restore("best")[0] == best
    assert value_of(groups) == best
    record = json.loads((tmp_path / "best.json").read_text())
    assert (record["step"], record["metric"]) == (best, "accuracy")


def test_a_step_without_the_metric_is_no_candidate(tmp_path):
    checkpointer = Checkpointer(tmp_path, one_variable(), CONFIG, best=("accuracy", "max"))
    checkpointer.save(1)
    checkpointer.save(2, {}, {"loss": 1.0})
    checkpointer.save(3, {}, {"accuracy": math.nan})
    assert checkpointer.restore("best") is None


def test_best_is_the_largest_or_the_smallest():
    with pytest.raises(ValueError, match=re.escape("""best is ("metric", "max" or "min"), not ('loss', 'least')""")):
        Checkpointer("anywhere", one_variable(), CONFIG, best=("loss", "least"))


def test_a_new_best_after_a_rollback_replaces_the_later_one(tmp_path):
    groups = one_variable()
    checkpointer = Checkpointer(tmp_path, groups, CONFIG, best=("accuracy", "max"))
    checkpointer.save(20, {}, {"accuracy": 0.5})
    checkpointer.save(15, {}, {"accuracy": 0.6})
    assert checkpointer.restore("best")[0] == 15
    assert tf.train.latest_checkpoint(str(tmp_path / "best")).endswith("ckpt-15")


# Reading some of a checkpoint.


def test_some_groups_can_be_read_alone(tmp_path):
    groups = {**one_variable(3.0), "optimizer": [keras.Variable(np.zeros(5, np.float32))]}
    Checkpointer(tmp_path, groups, CONFIG).save(7)
    model = one_variable()
    assert restore_variables(tmp_path, model) == 7
    assert value_of(model) == 3.0


def test_the_best_can_be_read_alone(tmp_path):
    groups = one_variable(1.0)
    checkpointer = Checkpointer(tmp_path, groups, CONFIG, best=("accuracy", "max"))
    checkpointer.save(1, {}, {"accuracy": 1.0})
    groups["model"][0].assign(np.full((2, 2), 2.0))
    checkpointer.save(2, {}, {"accuracy": 0.5})
    model = one_variable()
    assert restore_variables(tmp_path, model, "best") == 1
    assert value_of(model) == 1.0


def test_reading_what_is_not_there_is_one_line(tmp_path):
    with pytest.raises(FileNotFoundError, match=f"^{tmp_path}/no holds no checkpoint: there is no manifest.json$"):
        restore_variables(tmp_path / "no", one_variable())
    saved(tmp_path, 1)
    with pytest.raises(FileNotFoundError, match=f"^no checkpoint in {tmp_path}/best$"):
        restore_variables(tmp_path, one_variable(), "best")
    wide = {"model": [keras.Variable(np.zeros((2, 3), np.float32), name="kernel")]}
    with pytest.raises(CheckpointMismatch, match=r"model kernel: \[2, 2\] float32 in the checkpoint, \[2, 3\] float32 here$"):
        restore_variables(tmp_path, wide)
    (tmp_path / "last" / "ckpt-1.data-00000-of-00001").write_bytes(b"cut")
    with pytest.raises(OSError, match=f"^checkpoint {tmp_path}/last/ckpt-1 cannot be read: "):
        restore_variables(tmp_path, one_variable())


# What no guard has approved of.


def test_a_provisional_checkpoint_is_gone_on_from_and_replaces_no_good_one(tmp_path):
    groups = one_variable()
    checkpointer = saved(tmp_path, 1, 2)
    for step in (3, 4, 5):
        checkpointer.save(step, {"strikes": step}, provisional=True)
    assert (steps_on_disk(tmp_path), steps_on_disk(tmp_path, "provisional")) == ([1, 2], [5])
    checkpointer = Checkpointer(tmp_path, groups, CONFIG)
    assert checkpointer.restore() == (5, {"strikes": 5})
    assert checkpointer.path() == str(tmp_path / "provisional" / "ckpt-5")
    assert restore_variables(tmp_path, groups) == 5
    assert restore_variables(tmp_path, groups, number=2) == 2


def test_an_approved_checkpoint_replaces_the_provisional_one(tmp_path):
    checkpointer = saved(tmp_path, 1)
    checkpointer.save(2, provisional=True)
    checkpointer.save(3)
    assert (steps_on_disk(tmp_path), steps_on_disk(tmp_path, "provisional")) == ([1, 3], [])
    # And there can be one again, in another process too.
    checkpointer = saved(tmp_path, 4)
    checkpointer.save(5, provisional=True)
    assert checkpointer.restore() == (5, {})


def test_what_was_provisional_is_dropped_where_it_turns_out_sick(tmp_path):
    checkpointer = saved(tmp_path, 1, 2)
    checkpointer.save(3, provisional=True)
    checkpointer.drop_provisional()
    assert checkpointer.restore() == (2, {"strikes": 2})
    assert saved(tmp_path).restore() == (2, {"strikes": 2})


def test_a_run_that_has_provisional_checkpoints_only_refuses_another_configuration(tmp_path):
    saved(tmp_path).save(1, provisional=True)
    with pytest.raises(CheckpointMismatch, match="width was 4, is 8"):
        Checkpointer(tmp_path, one_variable(), {**CONFIG, "width": 8})


def test_the_best_by_another_metric_is_no_rival(tmp_path):
    Checkpointer(tmp_path, one_variable(), CONFIG, best=("glare", "max")).save(1, {}, {"glare": 1.0})
    Checkpointer(tmp_path, one_variable(), CONFIG, best=("accuracy", "max")).save(2, {}, {"accuracy": 0.5})
    assert steps_on_disk(tmp_path, "best") == [2]
