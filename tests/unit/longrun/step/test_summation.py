"""Gradients are summed pairwise, so that their last bit does not depend on which thread was faster."""

import tensorflow as tf

from longrun.step.summation import fix_summation_order


def gradient_of_many_uses():
    @tf.function
    def gradient(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = tf.sin(x) + tf.cos(x) + tf.exp(x) + x * 3.0
        return tape.gradient(y, x)

    return gradient


def widest_sum(function, x) -> int:
    nodes = function.get_concrete_function(x).graph.as_graph_def().node
    return max((len(node.input) for node in nodes if node.op == "AddN"), default=0)


def test_no_sum_of_gradients_has_a_choice_of_order():
    x = tf.constant([0.5, 1.0])
    before = gradient_of_many_uses()
    expected = before(x)
    fix_summation_order()
    after = gradient_of_many_uses()
    assert widest_sum(after, x) <= 2
    tf.debugging.assert_near(after(x), expected, rtol=1e-6)
    assert tf.config.optimizer.get_experimental_options()["arithmetic_optimization"] is False


def test_sparse_gradients_are_still_summed():
    fix_summation_order()
    table = tf.Variable(tf.ones((4, 2)))
    with tf.GradientTape() as tape:
        loss = sum(tf.reduce_sum(tf.gather(table, index)) for index in ([0, 1], [1], [1, 3]))
    dense = tf.convert_to_tensor(tape.gradient(loss, table))
    assert dense.numpy().tolist() == [[1, 1], [3, 3], [0, 0], [1, 1]]
