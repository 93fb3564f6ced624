"""Clipping, skipped updates, averages and decay groups, by hand."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from longrun import ExponentialAverage, apply_gradients, exclude_from_decay


def variables(*values):
    return [keras.Variable(np.array(value, np.float32), name=f"v{number}") for number, value in enumerate(values)]


def built(optimizer, of):
    optimizer.build(of)
    return optimizer


def test_gradients_are_clipped_to_a_global_norm():
    weights = variables([0.0], [[0.0, 0.0]])
    optimizer = built(keras.optimizers.SGD(1.0), weights)
    # Norm sqrt(4 + 9 + 36) = 7.
    gradients = [tf.constant([2.0]), tf.constant([[3.0, 6.0]])]
    report = apply_gradients(optimizer, gradients, weights, clip_norm=tf.constant(3.5))
    assert {name: float(value) for name, value in report.items()} == {"gradient_norm": 7.0, "skipped": 0.0}
    np.testing.assert_allclose(weights[0], [-1.0])
    np.testing.assert_allclose(weights[1], [[-1.5, -3.0]])


@pytest.mark.parametrize("clip_norm", [None, 7.0, 100.0])
def test_small_gradients_are_left_as_they_are(clip_norm):
    weights = variables([0.0], [[0.0, 0.0]])
    optimizer = built(keras.optimizers.SGD(1.0), weights)
    apply_gradients(optimizer, [tf.constant([2.0]), tf.constant([[3.0, 6.0]])], weights, clip_norm=clip_norm)
    np.testing.assert_allclose(weights[0], [-2.0], rtol=1e-6)
    np.testing.assert_allclose(weights[1], [[-3.0, -6.0]], rtol=1e-6)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("graph", [False, True])
def test_an_update_with_a_non_finite_gradient_is_left_out_whole(bad, graph):
    weights = variables([1.0], [2.0])
    optimizer = built(keras.optimizers.AdamW(0.1), weights)

    def step(value):
        return apply_gradients(optimizer, [tf.constant([1.0]), tf.reshape(value, (1,))], weights, clip_norm=1.0)

    step = tf.function(step) if graph else step
    step(tf.constant(1.0))
    before = [np.array(variable) for variable in weights + optimizer.variables]
    report = step(tf.constant(bad, tf.float32))
    assert float(report["skipped"]) == 1.0
    assert not np.isfinite(float(report["gradient_norm"]))
    for one, other in zip(before, weights + optimizer.variables, strict=True):
        np.testing.assert_array_equal(one, np.array(other))
    assert float(step(tf.constant(1.0))["skipped"]) == 0.0
    assert int(optimizer.iterations) == 2


def test_repeated_rows_of_an_embedding_count_as_their_sum():
    table = keras.Variable(np.zeros((3, 1), np.float32))
    optimizer = built(keras.optimizers.SGD(1.0), [table])
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(tf.gather(table.value, [1, 1, 1, 2]) * [[1.0], [1.0], [1.0], [4.0]])
    (gradient,) = tape.gradient(loss, [table.value])
    assert isinstance(gradient, tf.IndexedSlices)
    # The row that is used three times has gradient 3, not three gradients of 1: norm 5, not sqrt(19).
    report = apply_gradients(optimizer, [gradient], [table], clip_norm=2.5)
    assert float(report["gradient_norm"]) == 5.0
    np.testing.assert_allclose(table, [[0.0], [-1.5], [-2.0]])


def test_variables_that_no_gradient_reaches_are_named():
    weights = variables([0.0], [0.0], [0.0])
    with pytest.raises(ValueError, match="^no gradient reaches v0, v2$"):
        apply_gradients(built(keras.optimizers.SGD(1.0), weights), [None, tf.constant([1.0]), None], weights)


def test_the_average_warms_up_and_then_keeps_its_decay():
    (weight,) = variables([0.0])
    average = ExponentialAverage([weight], 0.25)
    assert len(average.variables) == 2
    # Decays: min(0.25, 2/11), min(0.25, 3/12), then 0.25.
    expected = 0.0
    for value, decay in ((11.0, 2 / 11), (4.0, 0.25), (8.0, 0.25)):
        weight.assign([value])
        average.update()
        expected = decay * expected + (1 - decay) * value
        np.testing.assert_allclose(average.variables[1], [expected], rtol=1e-6)
    assert float(average.variables[0]) == 3.0


def test_decay_nought_keeps_no_average():
    weight = keras.Variable([1.0, 2.0])
    average = ExponentialAverage([weight], 0.0)
    average.update()
    weight.assign([5.0, 6.0])
    average.swap()
    assert weight.numpy().tolist() == [5.0, 6.0]
    assert sum(np.size(each.numpy()) for each in average.variables) == 1


def test_swapping_twice_gives_the_same_bits_back():
    weights = variables(np.random.default_rng(0).normal(size=5), [[1.0]])
    average = ExponentialAverage(weights, 0.9)
    for weight in weights:
        weight.assign(weight * 3)
    average.update()
    before = [np.array(variable) for variable in weights]
    averages = [np.array(variable) for variable in average.variables[1:]]
    average.swap()
    for weight, kept, one, other in zip(weights, average.variables[1:], averages, before, strict=True):
        np.testing.assert_array_equal(np.array(weight), one)
        np.testing.assert_array_equal(np.array(kept), other)
        assert not np.array_equal(one, other)
    average.swap()
    for weight, kept, one, other in zip(weights, average.variables[1:], averages, before, strict=True):
        np.testing.assert_array_equal(np.array(weight), other)
        np.testing.assert_array_equal(np.array(kept), one)


def test_vectors_and_scalars_do_not_decay():
    weights = variables([[2.0]], [2.0], 2.0)
    optimizer = keras.optimizers.AdamW(0.1, weight_decay=0.5)
    assert exclude_from_decay(optimizer, weights) == ["v1", "v2"]
    optimizer.build(weights)
    optimizer.apply_gradients([(tf.zeros_like(weight), weight) for weight in weights])
    # Only the matrix: 2 - 0.1 * 0.5 * 2.
    np.testing.assert_allclose([float(np.ravel(np.array(weight))[0]) for weight in weights], [1.9, 2.0, 2.0], rtol=1e-6)
