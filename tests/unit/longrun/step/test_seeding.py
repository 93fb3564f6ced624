"""Randomness as a function of (seed, step): the same everywhere, different where it should be, and evenly spread."""

import numpy as np
import pytest
import tensorflow as tf

from longrun.step import seeding


def test_name_codes_are_pinned():
    # CRC-32 of "message", without its sign bit. Python's hash() would change with every process.
    assert seeding.name_code("message") == 0xB6BD307F & 0x7FFFFFFF
    assert seeding.name_code("a") != seeding.name_code("b")


def test_numbers_are_pinned():
    # Written down once: were they to change, no old run could be continued.
    keys = seeding.sample_keys(3, 7, 2)
    np.testing.assert_array_equal(keys, [[1446891092, 1485653324], [-1536658760, 1149924031]])
    np.testing.assert_allclose(seeding.uniform(keys, "a"), [0.2538337707519531, 0.589724063873291], rtol=1e-6)
    np.testing.assert_array_equal(seeding.shuffled_index(tf.range(8, dtype=tf.int64), 5, 3), [3, 1, 2, 0, 4, 4, 0, 2])


def test_keys_differ_by_seed_step_and_name():
    keys = [seeding.key(0, 0, "a"), seeding.key(1, 0, "a"), seeding.key(0, 1, "a"), seeding.key(0, 0, "b"), seeding.key(1, 1, "a")]
    assert len({tuple(key.numpy()) for key in keys}) == len(keys)


def test_steps_may_be_tensors():
    np.testing.assert_array_equal(seeding.key(5, tf.constant(9, tf.int64), "a"), seeding.key(5, 9, "a"))


def test_every_sample_has_a_key_of_its_own():
    keys = seeding.sample_keys(0, 0, 1000)
    assert keys.shape == (1000, 2)
    assert keys.dtype == tf.int32
    assert len({tuple(key) for key in keys.numpy()}) == 1000


def test_a_row_depends_on_its_own_key_alone():
    keys = seeding.sample_keys(0, 0, 8)
    whole = seeding.uniform(keys, "crop", (3, 2))
    np.testing.assert_array_equal(seeding.uniform(keys[2:5], "crop", (3, 2)), whole[2:5])
    np.testing.assert_array_equal(seeding.uniform(keys[::-1], "crop", (3, 2)), whole[::-1])
    whole = seeding.normal(keys, "noise", (3,))
    np.testing.assert_array_equal(seeding.normal(keys[6:], "noise", (3,)), whole[6:])


def test_names_and_keys_give_independent_numbers():
    keys = seeding.sample_keys(0, 0, 500)
    columns = [seeding.uniform(keys, "a"), seeding.uniform(keys, "b"), seeding.uniform(seeding.sample_keys(0, 1, 500), "a")]
    correlation = np.corrcoef(np.stack(columns))
    # 4 / sqrt(500): four standard deviations of the correlation of independent numbers.
    assert np.abs(correlation[np.triu_indices(3, 1)]).max() < 0.18


def test_uniform_numbers_are_uniform():
    values = seeding.uniform(seeding.sample_keys(1, 0, 4), "a", (5000,)).numpy()
    assert values.dtype == np.float32
    assert 0 <= values.min() < 0.01
    assert 0.99 < values.max() < 1
    np.testing.assert_allclose(np.histogram(values, 10, (0, 1))[0], 2000, atol=200)


def test_uniform_bounds_may_be_numbers_or_tensors():
    keys = seeding.sample_keys(1, 0, 3)
    unit = seeding.uniform(keys, "a", (2,))
    np.testing.assert_allclose(seeding.uniform(keys, "a", (2,), -1.0, 3.0), unit * 4 - 1)
    high = tf.constant([[1.0], [2.0], [3.0]])
    np.testing.assert_allclose(seeding.uniform(keys, "a", (2,), 0.0, high), unit * high)


def test_normal_numbers_are_normal():
    values = seeding.normal(seeding.sample_keys(1, 0, 4), "a", (5000,)).numpy()
    assert values.shape == (4, 5000)
    assert abs(values.mean()) < 0.03
    assert values.std() == pytest.approx(1, abs=0.02)
    assert np.mean(np.abs(values) < 1.96) == pytest.approx(0.95, abs=0.01)


def test_eager_equals_graph_bit_for_bit():
    def draw(step):
        keys = seeding.sample_keys(2, step, 4)
        return keys, seeding.uniform(keys, "a", (3,), -1.0, 1.0), seeding.normal(keys, "b"), seeding.shuffled_index(step, 10, 2)

    for eager, graph in zip(draw(tf.constant(5, tf.int64)), tf.function(draw)(tf.constant(5, tf.int64)), strict=True):
        np.testing.assert_array_equal(eager, graph)


@pytest.mark.parametrize("size", [1, 2, 5, 16, 100])
def test_every_epoch_is_a_fresh_permutation(size):
    order = seeding.shuffled_index(tf.range(20 * size, dtype=tf.int64), size, 3).numpy().reshape(20, size)
    np.testing.assert_array_equal(np.sort(order, axis=1), np.tile(np.arange(size), (20, 1)))
    if size >= 16:
        assert len({tuple(epoch) for epoch in order}) == 20


def test_orders_have_no_favourites():
    # 1,000 epochs of 10 examples: each example should stand at each place 100 times; chi-squared with 81 degrees of freedom is
    # above 150 once in 100,000 tries. With seeds 0, 1, 2, ... given to index_shuffle as they are it is about 600.
    order = seeding.shuffled_index(tf.range(10_000, dtype=tf.int64), 10, 0).numpy().reshape(1000, 10)
    counts = np.stack([np.bincount(order[:, place], minlength=10) for place in range(10)])
    assert ((counts - 100) ** 2 / 100).sum() < 150


def test_orders_differ_by_seed_and_keep_the_shape_of_positions():
    positions = tf.reshape(tf.range(40, dtype=tf.int64), (4, 10))
    orders = [seeding.shuffled_index(positions, 40, seed).numpy() for seed in (0, 1, 2**40, -1)]
    assert {order.shape for order in orders} == {(4, 10)}
    assert len({order.tobytes() for order in orders}) == 4
    assert seeding.shuffled_index(7, 40, 0).shape == ()
    assert int(seeding.shuffled_index(7, 40, 0)) == orders[0][0, 7]


def test_batches_of_a_dataset_are_those_of_any_process():
    dataset = tf.data.Dataset.range(3).map(lambda step: seeding.shuffled_index(step * 4 + tf.range(4, dtype=tf.int64), 8, 5))
    batches = np.concatenate([batch.numpy() for batch in dataset])
    np.testing.assert_array_equal(batches, seeding.shuffled_index(tf.range(12, dtype=tf.int64), 8, 5))
