import json

import cv2
import numpy as np
import pytest
from skimage.metrics import structural_similarity

from stegastamp.measure import evaluate
from stegastamp.measure.attacks import ATTACKS
from stegastamp.pictures.crops import evaluation_messages
from stegastamp.pictures.photos import Photos

SIZE, BITS = 32, 8


class Corner:
    """A stamper whose marks are plain to see: bit i is the brightness of a block at the top, read by comparing it with grey."""

    preset, step, strength = "corner", 7, 0.5
    size, bits = SIZE, BITS

    def stamp(self, covers, messages, strength=None):
        stamped = covers.copy()
        for image, message in zip(stamped, messages, strict=True):
            for bit, value in enumerate(message):
                image[:8, 4 * bit : 4 * bit + 4] = 128 + (2 * value - 1) * 200 * (strength or self.strength)
        return stamped

    def logits(self, images):
        blocks = images[:, :8].astype(np.float32).mean((1, 3)).reshape(-1, BITS, 4).mean(-1)
        return blocks - 127.9


@pytest.fixture(scope="module")
def photos():
    draw = np.random.default_rng(0)
    images = [cv2.resize(draw.integers(0, 256, (6, 6, 3), dtype=np.uint8), (60, 50)) for _ in range(4)]
    return Photos(tuple("abcd"), tuple(images))


def test_psnr_by_hand():
    original = np.zeros((3, 2, 2, 3), np.uint8)
    stamped = original.copy()
    stamped[0] = 255
    stamped[1, 0, 0] = 2  # Three of twelve values: a mean square of 1.
    expected = [0.0, 20 * np.log10(255), 20 * np.log10(255) + 10 * np.log10(12)]
    assert evaluate.psnr(original, stamped) == pytest.approx(expected, abs=1e-5)
    # No wrap-around of bytes in the other direction.
    assert evaluate.psnr(stamped, original) == pytest.approx(expected, abs=1e-5)


def test_similarity_is_that_of_scikit_image():
    draw = np.random.default_rng(3)
    cover = cv2.resize(draw.integers(0, 256, (9, 12, 3), dtype=np.uint8), (61, 43))
    for amount in (2, 30):
        other = np.clip(cover + draw.normal(0, amount, cover.shape), 0, 255).astype(np.uint8)
        expected = structural_similarity(cover, other, channel_axis=-1, data_range=255)
        assert evaluate.similarity(cover, other) == pytest.approx(expected, abs=1e-9)


def test_similarity_and_colour_difference_of_equals():
    image = np.random.default_rng(0).integers(0, 256, (32, 32, 3), dtype=np.uint8)
    assert evaluate.similarity(image, image) == pytest.approx(1.0)
    assert evaluate.colour_difference(image, image) == 0.0


def test_colour_difference_by_hand():
    """Greys of L* 50 and 60 differ by 10 / S_L = 10 / (1 + .015 * 25 / sqrt(20 + 25)) with the mean lightness of 55."""
    from skimage.color import lab2rgb

    greys = [np.full((16, 16, 3), np.rint(255 * lab2rgb([lightness, 0.0, 0.0])), np.uint8) for lightness in (50.0, 60.0)]
    assert evaluate.colour_difference(*greys) == pytest.approx(10 / (1 + 0.015 * 25 / np.sqrt(45)), rel=0.02)


def test_blotches_are_worse_than_fine_grain_of_the_same_psnr():
    cover = np.full((64, 64, 3), 128, np.uint8)
    signs = np.where(np.indices((64, 64)).sum(0) % 2, 6, -6)
    grain = (cover + signs[..., None] * np.int64([1, -1, 1])).astype(np.uint8)
    broad = np.where(np.indices((64, 64))[1] < 32, 6, -6)
    blotch = (cover + broad[..., None] * np.int64([1, -1, 1])).astype(np.uint8)
    assert evaluate.psnr(cover[None], grain[None]) == pytest.approx(evaluate.psnr(cover[None], blotch[None]))
    assert evaluate.colour_difference(cover, blotch) > 5 * evaluate.colour_difference(cover, grain)


def test_amplified_saturates():
    cover = np.uint8([[[100, 100, 100]]])
    assert evaluate.amplified(cover, np.uint8([[[100, 103, 180]]])).tolist() == [[[128, 158, 255]]]
    assert evaluate.amplified(np.uint8([[[180, 103, 100]]]), cover).tolist() == [[[0, 98, 128]]]


def test_bit_accuracy_counts_bits():
    messages = evaluation_messages(6, BITS)
    stamped = Corner().stamp(np.zeros((6, SIZE, SIZE, 3), np.uint8), messages)
    assert evaluate.bit_accuracy(Corner(), stamped, messages) == (48, 48)
    wrong = messages.copy()
    wrong[2, 3] = 1 - wrong[2, 3]
    assert evaluate.bit_accuracy(Corner(), stamped, wrong) == (47, 48)


def test_evaluation_puts_every_score_beside_its_floor(photos):
    found = evaluate.evaluate(Corner(), photos, 40)
    assert (found["project"], found["preset"], found["step"]) == ("stegastamp", "corner", 7)
    attacked = {f"bit_accuracy_{name}" for name in ATTACKS}
    assert set(found["floors"]) == set(found["skill"]) == set(found["counts"]) == {*attacked, "bit_accuracy_unmarked"}
    assert set(found["metrics"]) - set(found["floors"]) == {"psnr", "ssim", "colour_difference", "strength"}
    assert set(found["floors"].values()) == {0.5} and set(found["counts"].values()) == {40 * BITS} and found["n"] == 40
    assert found["metrics"]["bit_accuracy_png"] == found["metrics"]["bit_accuracy_jpeg75"] == 1.0
    assert found["skill"]["bit_accuracy_png"] == 1.0
    assert abs(found["metrics"]["bit_accuracy_unmarked"] - 0.5) < 0.1
    low, high = found["intervals"]["bit_accuracy_unmarked"]
    assert low < 0.5 < high
    assert 0 < found["metrics"]["ssim"] < 1 and found["metrics"]["colour_difference"] > 1
    json.loads(json.dumps(found, allow_nan=False))


def test_a_stamp_that_changes_nothing_is_guessing_and_no_infinity(photos):
    class Dead(Corner):
        def stamp(self, covers, messages, strength=None):
            return covers.copy()

    found = evaluate.evaluate(Dead(), photos, 40)
    assert abs(found["metrics"]["bit_accuracy_png"] - 0.5) < 0.1
    assert found["metrics"]["colour_difference"] == 0.0
    json.loads(json.dumps(found, allow_nan=False))
    cases = evaluate.HeldOut.draw(photos, Dead(), 8)
    assert all(np.isfinite(value) for value in evaluate.quick_scores(Dead(), cases, 1.0).values())


def test_quick_scores_use_the_strength_of_the_moment(photos):
    cases = evaluate.HeldOut.draw(photos, Corner(), 8)
    loud, faint = (evaluate.quick_scores(Corner(), cases, strength) for strength in (0.5, 0.25))
    assert set(loud) == {"held_out_psnr", *(f"held_out_{name}" for name in ATTACKS)}
    assert loud["held_out_png"] == faint["held_out_png"] == 1.0
    assert loud["held_out_psnr"] < faint["held_out_psnr"]


def test_evaluations_repeat(photos):
    assert evaluate.evaluate(Corner(), photos, 20) == evaluate.evaluate(Corner(), photos, 20)


@pytest.mark.parametrize("count", [1, 5, 6])
def test_pictures_have_a_row_per_crop(photos, tmp_path, count):
    evaluate.picture(Corner(), photos, tmp_path / "stamps.png", count)
    image = cv2.cvtColor(cv2.imread(str(tmp_path / "stamps.png")), cv2.COLOR_BGR2RGB)
    rows = (count + 1) // 2
    assert image.shape == (rows * SIZE, 6 * SIZE, 3)
    cases = evaluate.HeldOut.draw(photos, Corner(), count)
    assert np.array_equal(image[:SIZE, :SIZE], cases.covers[0])
    assert np.array_equal(image[:SIZE, SIZE : 2 * SIZE], Corner().stamp(cases.covers, cases.messages)[0])


def test_a_picture_that_cannot_be_written_is_one_clear_error(photos, tmp_path):
    with pytest.raises(OSError, match="cannot write"):
        evaluate.picture(Corner(), photos, tmp_path / "nowhere" / "stamps.png", 2)
