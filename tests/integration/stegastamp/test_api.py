"""The interface takes arrays, Pillow images and paths."""

import numpy as np
import pytest
from PIL import Image

import stegastamp
from longrun import UserError


@pytest.fixture(scope="module")
def photo():
    coarse = np.random.default_rng(0).integers(0, 256, (6, 8, 3), dtype=np.uint8)
    return np.asarray(Image.fromarray(coarse).resize((320, 240), Image.Resampling.BICUBIC))


def test_arrays_pillow_images_and_paths_are_stamped_and_read(photo, tmp_path):
    Image.fromarray(photo).save(tmp_path / "photo.png")
    for image in (photo, Image.fromarray(photo), tmp_path / "photo.png", str(tmp_path / "photo.png")):
        stamped = stegastamp.encode(image, "Hello")
        assert isinstance(stamped, np.ndarray if image is photo else Image.Image)
        assert stegastamp.decode(stamped).message == "Hello"
    stamped.save(tmp_path / "stamped.png")
    assert stegastamp.decode(tmp_path / "stamped.png").message == "Hello"


def test_a_stamp_on_a_desk_is_found(photo):
    desk = np.full((480, 640, 3), 40, np.uint8)
    desk[100:340, 150:470] = stegastamp.encode(photo, "Hello")
    (found,) = stegastamp.detect(Image.fromarray(desk))
    assert found.text == "Hello" and np.abs(found.quad - [[150, 100], [470, 100], [470, 340], [150, 340]]).max() < 4


def test_what_is_no_image_is_said(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"photo\.png does not exist"):
        stegastamp.decode(tmp_path / "photo.png")
    with pytest.raises(UserError, match="an image is uint8 or uint16, not float64"):
        stegastamp.decode(np.zeros((8, 8, 3)))
