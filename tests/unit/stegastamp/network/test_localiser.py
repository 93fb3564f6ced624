"""The localiser: waves, their phases, the fit through a field, and what a training is told."""

import cv2
import keras
import numpy as np
import pytest
import tensorflow as tf

from longrun.config import changed
from longrun.step import seeding
from stegastamp.config import Config
from stegastamp.distort import warp
from stegastamp.network import localiser
from stegastamp.network.model import build_decoder, build_encoder
from stegastamp.network.sampler import projective

SIZE = 64
CONFIG = changed(
    Config(),
    size=SIZE, bits=8, transformer="localiser", sync=0.25, warp=0.1, encoder_widths=(4,) * 5, decoder_widths=(4,), decoder_strides=(4,)
)  # fmt: skip
MOTION = warp.Motion(0.15, 0.1, 0.05)


def demodulate(images):
    image = keras.Input(images.shape[1:])
    return keras.Model(image, localiser.demodulate(image, images.shape[1]))(images)


def truths(count=4, size=SIZE):
    keys = seeding.sample_keys(0, 0, count)
    corners = warp.random_corners(keys, size, tf.constant(0.1), False, MOTION)
    pixels = warp.invert(warp.homography(corners, warp.image_corners(count, size)))
    return pixels, localiser.normalised(pixels, size)


def sure(displacements, log_spread=-4.0):
    return tf.concat([displacements, tf.fill((*displacements.shape[:3], 1), log_spread)], -1)


@pytest.mark.parametrize("shift", [(0, 0), (3, 0), (0, -2), (1, 2)])
def test_a_shift_turns_each_phase_by_its_frequency(shift):
    """Each wave alone, in an image of its own, because in one window neighbours leak into each other."""
    count, images = len(localiser.WAVES), []
    row, column = np.mgrid[:SIZE, :SIZE] / SIZE
    for number, (across, down) in enumerate(localiser.WAVES):
        wave = np.cos(2 * np.pi * (across * column + down * row) + localiser.PHASE * number)
        images.append(0.5 + 0.1 * np.roll(wave, shift[::-1], (0, 1)))
    images = tf.constant(np.stack(images)[..., None].repeat(3, -1), tf.float32)
    features = demodulate(images).numpy()[:, 12:20, 12:20]
    for number, (across, down) in enumerate(localiser.WAVES):
        turned = 2 * np.pi * (across * shift[0] + down * shift[1]) / SIZE
        assert np.allclose(features[number, ..., number], np.cos(turned), atol=0.02)
        assert np.allclose(features[number, ..., count + number], np.sin(turned), atol=0.02)
        # Its own amplitude is the largest of its image.
        assert (features[number, ..., 2 * count : 3 * count].argmax(-1) == number).all()


def test_beats_are_differences_of_phases():
    image = tf.constant(np.random.default_rng(0).random((1, SIZE, SIZE, 3), np.float32))
    count, features = len(localiser.WAVES), demodulate(image).numpy()
    phases = features[..., :count] + 1j * features[..., count : 2 * count]
    for number, (first, second) in enumerate(localiser.BEATS):
        beat = phases[..., first] * phases[..., second].conj()
        assert np.allclose(features[..., 3 * count + number], beat.real, atol=1e-5)
        assert np.allclose(features[..., 3 * count + len(localiser.BEATS) + number], -beat.imag, atol=1e-5)


def test_every_mark_carries_the_waves():
    encoder = build_encoder(changed(CONFIG, sync=0.9))
    image, strength = tf.fill((2, SIZE, SIZE, 3), 0.5), tf.fill((2, 1), 0.1)
    residual = encoder([image, tf.constant(np.eye(2, 8), tf.float32), strength]).numpy()
    pattern = localiser.waves(SIZE).ravel()
    for mark in residual:
        assert np.corrcoef(mark.mean(-1).ravel(), pattern)[0, 1] > 0.7
    without = build_encoder(changed(CONFIG, sync=0.0, transformer="none"))([image, tf.constant(np.eye(2, 8), tf.float32), strength])
    assert abs(np.corrcoef(without.numpy()[0].mean(-1).ravel(), pattern)[0, 1]) < 0.2


def test_matrices_say_the_same_as_pixels():
    pixels, matrices = truths()
    a, b, c, d, e, f, g, h = pixels.numpy()[0]
    x, y = 10.0, 50.0
    k = g * x + h * y + 1
    expected = np.array([(a * x + b * y + c) / k, (d * x + e * y + f) / k])
    point = matrices.numpy()[0] @ [2 * x / (SIZE - 1) - 1, 2 * y / (SIZE - 1) - 1, 1]
    assert np.allclose((point[:2] / point[2] + 1) * (SIZE - 1) / 2, expected, atol=1e-3)


def test_the_fit_undoes_what_the_field_says():
    _, truth = truths()
    field = sure(localiser.true_field(truth))
    found = localiser.fit_homography(field)
    before, after = (localiser.displacement(localiser.true_field(matrix)).numpy() for matrix in (truth, truth @ found))
    assert (before > 0.02).all() and (after < 1e-3).all()


def test_the_solver_solves_what_the_library_solves():
    rows = np.random.default_rng(0).normal(size=(5, 40, 8)).astype(np.float32) * np.float32([1, 1, 1, 1, 1, 1, 0.1, 0.1])
    matrix, right = rows.transpose(0, 2, 1) @ rows, np.random.default_rng(1).normal(size=(5, 8, 1)).astype(np.float32)
    ours = localiser._solve(tf.concat([matrix, right], 2)).numpy()
    assert np.allclose(ours, np.linalg.solve(matrix.astype(np.float64), right)[..., 0], rtol=1e-3, atol=1e-4)


def test_no_displacement_is_the_identity():
    assert np.array_equal(localiser.fit_homography(tf.zeros((2, 8, 8, 3))), np.tile(np.eye(3, dtype=np.float32), (2, 1, 1)))


def test_cells_that_doubt_count_for_little():
    _, truth = truths()
    field = sure(localiser.true_field(truth)).numpy()
    field[:, :3, :, :2] = 0.8
    misled = localiser.fit_homography(tf.constant(field))
    field[:, :3, :, 2] = 1.0
    warned = localiser.fit_homography(tf.constant(field))
    left = [localiser.displacement(localiser.true_field(truth @ found)).numpy() for found in (misled, warned)]
    assert (left[0] > 0.05).all() and (left[1] < 0.01).all()


def test_the_decoder_is_told_only_where_the_localiser_is_astray():
    _, truth = truths()
    near = tf.linalg.inv(truth) @ tf.constant([[1, 0, 0.004], [0, 1, 0], [0, 0, 1]], tf.float32)
    astray = tf.linalg.inv(truth) @ tf.constant([[1, 0, 0.2], [0, 1, 0], [0, 0, 1]], tf.float32)
    found = tf.concat([near[:2], astray[2:]], 0)
    used = localiser.corrected(truth, found)
    assert np.array_equal(used[:2], near[:2])
    assert np.allclose(used[2:], tf.linalg.inv(truth)[2:])


def test_a_second_pass_is_judged_by_what_the_first_left():
    _, truth = truths()
    half = sure(0.5 * localiser.true_field(truth))
    first = localiser.fit_homography(half)
    rest = sure(localiser.true_field(truth @ first))
    both = first @ localiser.fit_homography(rest)
    loss, left, floor = localiser.localisation(truth, [half, first, rest, both])
    assert left < 0.002 and 0.6 * floor > localiser.displacement(localiser.true_field(truth @ first)).numpy().mean() > 0.01
    worse, _, same = localiser.localisation(truth, [half, first, half, both])
    assert worse > loss and same == floor


def test_doubt_costs_and_misplaced_certainty_costs_more():
    _, truth = truths()
    right, wrong = localiser.true_field(truth), tf.zeros((4, 8, 8, 2))
    matrix = tf.eye(3, batch_shape=[4])

    def negative_log_density(displacements, log_spread):
        field = sure(displacements, log_spread)
        distance = tf.norm(right - displacements, axis=-1)
        return float(tf.reduce_mean(distance / localiser.spread(field) + 2 * tf.math.log(localiser.spread(field))))

    assert negative_log_density(right, -4.0) < negative_log_density(right, -1.0)
    assert negative_log_density(wrong, -1.0) < negative_log_density(wrong, -5.0)
    # The loss has the slope of that density times the spread, so a sure cell pulls no harder than a doubtful one.
    displacements = tf.Variable(right + 0.05)
    slopes = []
    for log_spread in (-4.0, -1.0):
        with tf.GradientTape() as tape:
            loss, *_ = localiser.localisation(truth, [sure(displacements, log_spread), matrix])
        slopes.append(tf.norm(tape.gradient(loss, displacements)).numpy())
    assert slopes[0] == pytest.approx(slopes[1], rel=1e-4)


def test_the_projective_sampler_resamples_as_opencv():
    generator = np.random.default_rng(0)
    images = cv2.GaussianBlur(generator.random((SIZE, SIZE, 3), np.float32), (0, 0), 2)[None].repeat(4, 0)
    pixels, matrices = truths()
    ours = projective(tf.constant(images), matrices).numpy()
    for image, row, sampled in zip(images, pixels.numpy(), ours, strict=True):
        full = np.append(row, 1).reshape(3, 3).astype(np.float64)
        theirs = cv2.warpPerspective(image, full, (SIZE, SIZE), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
        # OpenCV rounds coordinates to 1/32 of a pixel.
        assert np.abs(sampled - theirs).max() < 0.02
    assert np.allclose(projective(tf.constant(images), tf.eye(3, batch_shape=[4])), images, atol=1e-5)


def test_a_decoder_with_a_localiser_survives_saving(tmp_path):
    decoder = build_decoder(CONFIG)
    image = tf.constant(np.random.default_rng(0).random((2, SIZE, SIZE, 3), np.float32))
    # At the start nothing is displaced, so that only the readout answers.
    assert np.allclose(decoder(image), decoder.get_layer("readout")(image), atol=1e-4)
    decoder.save(tmp_path / "decoder.keras")
    again = keras.saving.load_model(tmp_path / "decoder.keras")
    assert np.array_equal(decoder(image), again(image))
    fields = localiser.passes_of(again, 2)(image)
    assert [value.shape for value in fields] == [(2, 8, 8, 3), (2, 3, 3), (2, 8, 8, 3), (2, 3, 3)]


@pytest.mark.parametrize("change", [{"sync": 0.0}, {"warp": 0.0}, {"sync": 1.0}])
def test_a_localiser_without_waves_or_warps_is_refused(change):
    with pytest.raises(ValueError, match="sync"):
        changed(CONFIG, **change)
