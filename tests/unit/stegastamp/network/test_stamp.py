import json
import shutil

import numpy as np
import pytest

from stegastamp.network import model, stamp
from stegastamp.network.stamp import Stamper
from stegastamp.pictures.crops import evaluation_messages
from tests.fixtures.stegastamp import covers


@pytest.fixture(scope="module")
def stamper(small):
    return Stamper(model.build_encoder(small), model.build_decoder(small), small, "small", 12)


@pytest.fixture(scope="module")
def saved(stamper, tmp_path_factory):
    folder = tmp_path_factory.mktemp("saved")
    stamp.save(folder, stamper, {"metrics": {}})
    return folder


def test_a_saved_stamper_comes_back(stamper, saved, small):
    again = stamp.load(saved)
    assert (again.config, again.preset, again.step, again.strength) == (small, "small", 12, small.mark.strength)
    images, messages = covers(3), evaluation_messages(3, small.model.bits)
    assert np.array_equal(again.stamp(images, messages, 0.3), stamper.stamp(images, messages, 0.3))
    assert again.logits(images) == pytest.approx(stamper.logits(images), abs=1e-6)
    assert stamp.load(saved / "decoder.keras").step == 12


def test_stamps_are_clipped_and_rounded(stamper, small):
    images = np.concatenate([covers(1), np.zeros((1, 32, 32, 3), np.uint8), np.full((1, 32, 32, 3), 255, np.uint8)])
    messages = evaluation_messages(3, small.model.bits)
    stamped = stamper.stamp(images, messages, 0.5)
    exact = images + 255 * stamper.residuals(images, messages, 0.5)
    assert stamped.dtype == np.uint8
    # To the nearest whole number, whichever way a half goes.
    assert np.abs(stamped - np.clip(exact, 0, 255)).max() <= 0.5001
    assert exact.min() < -1 and exact.max() > 256


def test_more_images_than_a_batch(stamper, small):
    images, messages = covers(stamp.BATCH + 3), evaluation_messages(stamp.BATCH + 3, small.model.bits)
    whole = stamper.residuals(images, messages)
    assert whole.shape == images.shape
    assert whole[-1:] == pytest.approx(stamper.residuals(images[-1:], messages[-1:]), abs=1e-6)
    assert stamper.logits(images).shape == (stamp.BATCH + 3, small.model.bits)


def test_strength_is_the_configuration_s_unless_given(stamper, small):
    images, messages = covers(1), evaluation_messages(1, small.model.bits)
    default = stamper.residuals(images, messages)
    assert default == pytest.approx(stamper.residuals(images, messages, small.mark.strength))
    assert stamper.residuals(images, messages, 0.0).any() == np.False_
    assert stamper.residuals(images, messages, 2 * small.mark.strength) == pytest.approx(2 * default, rel=1e-5, abs=1e-8)


@pytest.mark.parametrize(("height", "width"), [(32, 32), (97, 211), (20, 300), (7, 5)])
def test_images_of_any_size(stamper, small, height, width):
    image = np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)
    message = evaluation_messages(1, small.model.bits)[0]
    stamped = stamper.stamp_image(image, message, 0.3)
    assert (stamped.shape, stamped.dtype) == (image.shape, np.uint8)
    assert not np.array_equal(stamped, image)
    assert stamper.read_image(stamped).shape == (small.model.bits,)


def test_an_image_of_one_pixel_is_stamped_without_an_error(stamper, small):
    """Its pixel may stay as it is: the mean of a mark is about zero."""
    stamped = stamper.stamp_image(np.full((1, 1, 3), 100, np.uint8), evaluation_messages(1, small.model.bits)[0], 0.3)
    assert (stamped.shape, stamped.dtype) == ((1, 1, 3), np.uint8)
    assert stamper.read_image(stamped).shape == (small.model.bits,)


def test_at_network_size_a_file_is_stamped_as_in_training(stamper, small):
    [image], [message] = covers(1), evaluation_messages(1, small.model.bits)
    assert np.array_equal(stamper.stamp_image(image, message, 0.3), stamper.stamp(image[None], message[None], 0.3)[0])
    assert np.array_equal(stamper.read_image(image), stamper.logits(image[None])[0])


def refused(path, match, kind=ValueError):
    with pytest.raises(kind, match=match) as raised:
        stamp.load(path)
    assert "\n" not in str(raised.value)


def test_another_project_is_refused_by_name(saved, tmp_path):
    manifest = json.loads((saved / "manifest.json").read_text())
    released = tmp_path / "released"
    shutil.copytree(saved, released)
    (released / "manifest.json").write_text(json.dumps(manifest | {"project": "collatz"}))
    refused(released, "is a checkpoint of collatz, not of stegastamp")
    run = tmp_path / "run"
    (run / "checkpoints").mkdir(parents=True)
    (run / "config.json").write_text(json.dumps({"project": "arc"}))
    refused(run, "is a checkpoint of arc, not of stegastamp")
    other = tmp_path / "other"
    other.mkdir()
    (other / "manifest.json").write_text(json.dumps({"format": 1, "config": {"project": "hrm"}, "variables": {}}))
    refused(other, "is a checkpoint of hrm, not of stegastamp")


def test_what_is_no_checkpoint_is_refused(tmp_path):
    refused(tmp_path, "is no stegastamp run, checkpoint or released folder")
    refused(tmp_path / "nowhere", "nowhere does not exist", FileNotFoundError)
    (tmp_path / "config.json").write_text(json.dumps({"project": "stegastamp"}))
    refused(tmp_path, "is no stegastamp run")


@pytest.mark.parametrize("name", ["encoder.keras", "decoder.keras", "manifest.json"])
def test_a_damaged_export_is_one_clear_error(saved, tmp_path, name):
    broken = tmp_path / "broken"
    shutil.copytree(saved, broken)
    path = broken / name
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    refused(broken, f"{name} ")


def test_a_configuration_of_another_version_is_refused(saved, tmp_path):
    other = tmp_path / "other"
    shutil.copytree(saved, other)
    manifest = json.loads((saved / "manifest.json").read_text())
    manifest["config"]["wavelets"] = 3
    (other / "manifest.json").write_text(json.dumps(manifest))
    refused(other, "unknown fields: wavelets")
    (other / "manifest.json").write_text(json.dumps(manifest | {"format": 2}))
    refused(other, "has format 2; this version reads format 1")
