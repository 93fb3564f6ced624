"""What moves: gradients, weights, averages, units."""

import json

import pytest
import tensorflow as tf

from longrun.health.movement import Movement, dead_units


class Small:
    """Two variables that a rate moves along their gradients; what a test changes is sick."""

    def __init__(self, precision="float32", averaged=False):
        self.a, self.b = tf.Variable([1.0, 2.0], name="a"), tf.Variable([3.0], name="b")
        self.average = [tf.Variable([1.0, 2.0])] if averaged else []
        self.guard = Movement([self.a, self.b], self.average, precision=precision)

    def look(self, step, gradients=([0.1, 0.1], [0.1]), moves=(0.01, 0.01)):
        self.guard.copy()
        self.guard.note([tf.constant(one) if not tf.is_tensor(one) else one for one in gradients])
        for variable, move in zip((self.a, self.b), moves, strict=True):
            variable.assign_add(tf.fill(variable.shape, move))
        return self.guard.check(step, {})


def first(small, looks=6, **options):
    return next((finding for step in range(1, looks) if (finding := small.look(step, **options))), None)


def test_what_moves_as_it_should_is_no_finding():
    assert first(Small()) is None


def test_a_variable_without_a_gradient_is_named():
    finding = first(Small(), gradients=([0.1, 0.1], [0.0]), moves=(0.01, 0.0))
    assert (finding.guard, finding.step, finding.cause) == ("no gradient", 3, "no gradient reaches b:0")


def test_a_variable_that_the_optimizer_leaves_out_is_named():
    finding = first(Small(), moves=(0.0, 0.01))
    assert (finding.guard, finding.step) == ("left out of the optimizer", 3)
    assert finding.cause.startswith("a:0 has a gradient and does not move")


def test_one_gradient_in_an_interval_is_enough():
    small = Small()
    for step in range(1, 6):
        small.guard.note([tf.constant([0.1, 0.1]), tf.constant([1.0])])
        assert small.look(step, gradients=([0.1, 0.1], [0.0])) is None


def test_a_rate_of_zero_leaves_nobody_out():
    assert first(Small(), moves=(0.0, 0.0)) is None


def test_a_step_of_a_part_of_the_weights_is_too_large():
    finding = first(Small(), moves=(2.0, 2.0))
    assert (finding.guard, finding.step) == ("updates too large", 2)


def test_averages_that_do_not_follow_are_found():
    assert first(Small(averaged=True)).guard == "average not updated"
    small = Small(averaged=True)
    for step in range(1, 6):
        assert small.look(step) is None
        small.average[0].assign_add([0.01, 0.01])


@pytest.mark.parametrize(("size", "guard"), [(1e-9, "gradients under the precision"), (1e-3, None)])
def test_gradients_that_half_precision_loses_are_found(size, guard):
    gradients = [tf.cast(tf.constant(one) * size, tf.float16) for one in ([1.0, 2.0], [3.0])]
    finding = first(Small("float16"), gradients=gradients)
    assert (finding and finding.guard) == guard


def test_what_is_counted_travels():
    small, resumed = Small(), Small()
    small.look(1, moves=(0.0, 0.01))
    small.look(2, moves=(0.0, 0.01))
    resumed.guard.load(json.loads(json.dumps(small.guard.state())))
    assert resumed.look(3, moves=(0.0, 0.01)).guard == "left out of the optimizer"


def test_a_line_without_a_copy_says_nothing():
    assert Small().guard.check(1, {}) is None


def test_dead_units_are_counted_in_the_layer_that_has_most():
    alive, dead = tf.ones((4, 10)), tf.concat([tf.zeros((4, 3, 6)), tf.ones((4, 3, 4))], axis=-1)
    assert dead_units([alive]) == 0
    assert dead_units([alive, dead]) == pytest.approx(0.6)
    assert dead_units([]) == 0
