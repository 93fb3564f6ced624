import numpy as np
import pytest
import tensorflow as tf

from stegastamp.training import losses

LN2 = np.log(2)


def entropy(p):
    return -p * np.log(p) - (1 - p) * np.log(1 - p)


def test_entropies_of_the_logged_labels():
    assert losses.binary_entropy(tf.constant([0.2, 0.3, 0.5, 0.7])).numpy() == pytest.approx([0.5004, 0.6109, LN2, 0.6109], abs=5e-5)
    assert losses.binary_entropy(tf.constant([0.0, 1.0])).numpy().tolist() == [0.0, 0.0]


def test_message_loss_by_hand():
    found = losses.message_loss(tf.constant([[1.0, 0.0, 1.0, 0.25]]), tf.constant([[0.0, 2.0, 3.0, -1.0]]))
    terms = [np.log(2), np.log(1 + np.exp(2)), np.log(1 + np.exp(-3)), np.log(1 + np.exp(-1)) + 0.25]
    assert found["message_loss"].numpy() == pytest.approx(np.mean(terms), rel=1e-6)
    assert found["label_entropy"].numpy() == pytest.approx(entropy(0.25) / 4, rel=1e-5)
    assert found["message_loss_above_entropy"].numpy() == pytest.approx(np.mean(terms) - entropy(0.25) / 4, rel=1e-5)
    # A logit of 0 reads as 0, and so does a label of 0.25.
    assert found["bit_accuracy"].numpy() == 0.5


@pytest.mark.parametrize(("constant", "logged"), [(0.2, 0.5006), (0.2, 0.5007), (0.3, 0.6109), (0.3, 0.6110)])
def test_the_log_s_breakthroughs_carry_nothing(constant, logged):
    """What the log celebrated at the constants 0.2 and 0.3 is the entropy of the labels, to the last digit or two."""
    assert abs(losses.information(logged, entropy(constant), entropy(constant))) < 3e-4


def test_a_bias_alone_reaches_the_log_s_numbers():
    logits = tf.fill((4, 100), np.float32(np.log(0.2 / 0.8)))
    found = losses.message_loss(tf.fill((4, 100), 0.2), logits)
    assert found["message_loss"].numpy() == pytest.approx(0.5004, abs=5e-5)
    assert found["message_loss_above_entropy"].numpy() == pytest.approx(0.0, abs=1e-6)


def test_information_of_fair_bits():
    assert losses.information(LN2, 0.0, LN2) == pytest.approx(0.0)
    assert losses.information(0.0, 0.0, LN2) == pytest.approx(LN2)
    assert losses.information(0.75, 0.0, LN2) < 0


def test_information_of_soft_labels_cannot_exceed_what_they_hold():
    most = LN2 - 0.62
    assert losses.information(0.62, 0.62, LN2) == pytest.approx(most)
    # A loss below the entropy is noise in the mean, not information.
    assert losses.information(0.61, 0.62, LN2) == pytest.approx(most)


def test_labels():
    unit = tf.constant([[0.0, 0.49, 0.5, 0.99]])
    hard = {"label_low": tf.constant(0.0), "label_high": tf.constant(1.0), "label_hard": tf.constant(1.0)}
    assert losses.draw_labels(unit, hard).numpy().tolist() == [[1, 1, 0, 0]]
    assert losses.constant_loss(hard).numpy() == pytest.approx(LN2)
    constant = {"label_low": tf.constant(0.3), "label_high": tf.constant(0.3), "label_hard": tf.constant(0.0)}
    assert losses.draw_labels(unit, constant).numpy() == pytest.approx(np.full((1, 4), 0.3))
    assert losses.constant_loss(constant).numpy() == pytest.approx(entropy(0.3))
    soft = {"label_low": tf.constant(0.2), "label_high": tf.constant(0.7), "label_hard": tf.constant(0.0)}
    assert losses.draw_labels(unit, soft).numpy() == pytest.approx(np.array([[0.2, 0.445, 0.45, 0.695]]))
    assert losses.constant_loss(soft).numpy() == pytest.approx(entropy(0.45))


@pytest.mark.parametrize("chroma_scale", [1.0, 100.0])
def test_image_loss_by_hand(chroma_scale):
    """One pixel of four turns from black to red: Y .299, U -.14714, V .61498 (BT.601)."""
    original = np.zeros((1, 2, 2, 3), np.float32)
    stamped = original.copy()
    stamped[0, 0, 0, 0] = 1
    expected = (0.299**2 + chroma_scale * (0.14714119**2 + 0.61497538**2)) / 4
    assert losses.image_loss(tf.constant(original), tf.constant(stamped), 0.0, chroma_scale).numpy() == pytest.approx(expected, rel=1e-5)


def test_image_loss_multiplies_the_error_at_the_border():
    original = np.zeros((1, 16, 16, 3), np.float32)

    def loss(row, gain):
        stamped = original.copy()
        stamped[0, row, 8] = 0.5
        return losses.image_loss(tf.constant(original), tf.constant(stamped), tf.constant(gain), 1.0).numpy()

    assert loss(0, 10.0) == pytest.approx(11**2 * loss(0, 0.0), rel=1e-5)
    assert loss(8, 10.0) == pytest.approx(loss(8, 0.0), rel=1e-6)
    # Two pixels from the edge of sixteen, half way in.
    assert loss(2, 10.0) == pytest.approx(6**2 * loss(2, 0.0), rel=1e-5)


@pytest.mark.parametrize("size", [16, 64, 400])
def test_edge_falloff(size):
    falloff = losses.edge_falloff(size).numpy()
    border = np.concatenate([falloff[0], falloff[-1], falloff[:, 0], falloff[:, -1]])
    assert border == pytest.approx(1.0)
    quarter = size // 4
    assert np.abs(falloff[quarter : size - quarter, quarter : size - quarter]).max() < 1e-6
    assert falloff[size // 2, : quarter + 1] == pytest.approx((1 + np.cos(np.pi * np.arange(quarter + 1) / quarter)) / 2, abs=1e-6)
    assert np.allclose(falloff, falloff[::-1, ::-1].T)


def test_critic_learns_that_stamps_score_high():
    real, stamped = tf.Variable([1.0, 2.0]), tf.Variable([3.0, 5.0])
    with tf.GradientTape() as tape:
        loss = losses.critic_loss(real, stamped)
    assert loss.numpy() == 1.5 - 4
    toward_real, toward_stamped = tape.gradient(loss, (real, stamped))
    assert toward_real.numpy().tolist() == [0.5, 0.5]
    assert toward_stamped.numpy().tolist() == [-0.5, -0.5]


def test_deception_lowers_the_score_of_the_stamps_and_sees_nothing_else():
    stamped = tf.Variable([3.0, 5.0])
    with tf.GradientTape() as tape:
        loss = losses.deception_loss(stamped)
    stamped.assign_sub(tape.gradient(loss, stamped))
    assert loss.numpy() == 4
    assert stamped.numpy().tolist() == [2.5, 4.5]
