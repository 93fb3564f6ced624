"""Messages in pictures, with the released quick model: any shape, any depth, any way up, and nothing where there is nothing."""

import subprocess
import sys
import uuid

import cv2
import numpy as np
import pytest
from PIL import Image
from skimage import data

import stegastamp
from longrun.errors import UserError
from stegastamp.message.acceptance import FALSE_ACCEPT
from stegastamp.message.formats import formats_for
from stegastamp.pictures import codec
from stegastamp.pictures.codec import RAISE, attack
from stegastamp.pictures.formats import Picture


@pytest.fixture(scope="module")
def model():
    return stegastamp.load(codec.RELEASED / "quick")


@pytest.fixture(scope="module")
def photo():
    return data.chelsea()  # 451 x 300, held out from the training of quick.


@pytest.fixture(scope="module")
def stamped(model, photo):
    return model.encode(photo, "Hello")


def test_four_lines(photo):
    model = stegastamp.load(codec.RELEASED / "quick")
    stamped = model.encode(photo, "text")
    assert model.decode(stamped).message == "text"
    assert model.decode(photo) is None


KINDS = {
    "rgb": lambda photo: photo,
    "tall": lambda photo: np.ascontiguousarray(np.rot90(photo)),
    "a strided view": lambda photo: photo[::-1, ::-1],
    "small": lambda photo: cv2.resize(photo, (150, 130), interpolation=cv2.INTER_AREA),
    "grey": lambda photo: photo[..., 1],
    "grey with an axis": lambda photo: photo[..., 1:2],
    "transparent": lambda photo: np.dstack([photo, np.arange(photo[..., 0].size).reshape(photo.shape[:2]).astype(np.uint8)]),
    "opaque": lambda photo: np.dstack([photo, np.full(photo.shape[:2], 255, np.uint8)]),
    "16 bits": lambda photo: photo.astype(np.uint16) * 257 + 3,
    "16 bits grey": lambda photo: photo[..., 1].astype(np.uint16) * 257,
}


@pytest.mark.parametrize("kind", KINDS)
def test_images_of_every_kind(model, photo, kind):
    image = KINDS[kind](photo)
    before = image.copy()
    stamped = model.encode(image, "Stega!!")
    assert (stamped.shape, stamped.dtype) == (image.shape, image.dtype)
    assert np.array_equal(image, before)
    if image.ndim == 3 and image.shape[2] == 4:
        assert np.array_equal(stamped[..., 3], image[..., 3])
    found = model.decode(stamped)
    assert (found.message, found.format, found.rotation, found.mirrored, found.frame) == ("Stega!!", "text7", 0, False, 1.0)
    assert found.false_accept_probability <= FALSE_ACCEPT


MODES = {
    "1": lambda image: image.convert("1"),
    "L": lambda image: image.convert("L"),
    "LA": lambda image: image.convert("LA"),
    "P": lambda image: image.quantize(64),
    "RGBA": lambda image: image.convert("RGBA"),
    "CMYK": lambda image: image.convert("CMYK"),
    "I;16": lambda image: Image.fromarray(np.asarray(image.convert("L")).astype(np.uint16) * 257),
}
WRITTEN_AS = {"1": "L", "LA": "RGBA", "P": "RGB", "CMYK": "RGB"}


@pytest.mark.parametrize("mode", MODES)
def test_pillow_images_by_their_mode(model, photo, mode):
    """Four planes are CMYK or RGBA, and a palette's numbers are no colours: the mode says what they are."""
    image = MODES[mode](Image.fromarray(photo))
    assert image.mode == mode
    stamped = model.encode(image, "Hi", strength=0.05)
    assert (stamped.mode, stamped.size) == (WRITTEN_AS.get(mode, mode), image.size)
    assert model.decode(stamped).message == "Hi"
    shown = np.float32(np.asarray(image.convert("RGB") if mode != "I;16" else image)) / (257 if mode == "I;16" else 1)
    found = np.float32(np.asarray(stamped.convert("RGB") if mode != "I;16" else stamped)) / (257 if mode == "I;16" else 1)
    assert abs(shown.mean() - found.mean()) < 8


def test_pixels_of_32_bits_are_refused(model):
    for mode in ("F", "I"):
        with pytest.raises(UserError, match="pixels of 32 bits"):
            model.encode(Image.new(mode, (100, 100)), "Hi")


def test_sixteen_bits_get_a_mark_of_sixteen_bits(model, photo):
    """Eight bits of change in sixteen would leave the low byte as it was."""
    image = np.full((*photo.shape[:2], 3), 30_000, np.uint16)
    change = model.encode(image, "deep").astype(int) - image
    assert len(np.unique(change % 257)) > 200
    assert np.abs(change).max() < 0.2 * 65535


@pytest.mark.parametrize("turns", range(4))
@pytest.mark.parametrize("mirrored", [False, True])
def test_any_way_up(model, stamped, turns, mirrored):
    """`rotation` and `mirrored` say what brings the picture upright again."""
    held = np.rot90(stamped[:, ::-1] if mirrored else stamped, -turns)
    found = model.decode(held)
    back = np.rot90(held, found.rotation // 90)
    assert np.array_equal(back[:, ::-1] if found.mirrored else back, stamped)
    assert found.message == "Hello"


@pytest.mark.parametrize("image", [np.zeros((64, 64, 3)), np.full((300, 200), 255), np.zeros((1, 1, 3)), np.zeros((1, 5000))])
def test_plain_pictures_say_nothing(model, image):
    assert model.decode(image.astype(np.uint8)) is None


def test_photos_without_a_stamp_say_nothing(model):
    for photo in (data.coffee(), data.rocket(), data.camera(), data.page(), data.brick()):
        assert model.decode(photo) is None


@pytest.mark.parametrize("form", ["text5", "text4"])
def test_shorter_formats_by_name(model, photo, form):
    stamped = model.encode(photo, "ab", format=form)
    assert (model.decode(stamped).message, model.decode(stamped).format) == ("ab", form)
    assert model.decode(stamped, format=form).message == "ab"
    assert model.decode(stamped, format="text7") is None


def test_the_strength_is_raised_until_the_message_survives(model, photo):
    weak = 0.002
    marked = model.mark(Picture.of(photo), "hard", strength=weak, check=attack("jpeg50"), margin=2)
    steps = np.log(marked.strength / weak) / np.log(RAISE)
    assert steps > 0.5 and steps == pytest.approx(round(steps))
    assert marked.wrong <= marked.correctable - 2 == 3
    assert attack("jpeg50")(marked.picture).pixels.shape == photo.shape
    assert model.decode(attack("jpeg50")(marked.picture).pixels).message == "hard"
    # A step less would not have done.
    less = model.stamper.stamp_image(photo, formats_for(100)[0].encode("hard").astype(np.float32), marked.strength / RAISE)
    bits = formats_for(100)[0].encode("hard")
    assert ((model.stamper.read_image(attack("jpeg50")(Picture(less)).pixels) > 0) != bits).sum() > 3


def test_what_never_survives_is_an_error(model, photo):
    with pytest.raises(ValueError, match="does not survive with 0 errors to spare: at strength .* bits are wrong, text7 corrects 5"):
        model.encode(photo, "text", strength=1e-5)


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"format": "text9"}, "unknown format 'text9'"),
        ({"format": "uuid"}, "uuid takes 256 bits"),
        ({"strength": 0.0}, "strength must be above 0"),
        ({"strength": float("nan")}, "strength must be above 0"),
        ({"margin": 6}, "margin is 0 to 5 for text7, not 6"),
        ({"verify": "gif"}, "unknown check 'gif'"),
        ({"verify": "jpeg0"}, "unknown check 'jpeg0'"),
        ({"verify": "jpeg101"}, "unknown check 'jpeg101'"),
    ],
)
def test_bad_options_are_one_line(model, photo, options, complaint):
    with pytest.raises(ValueError, match=complaint) as caught:
        model.encode(photo, "text", **options)
    assert "\n" not in str(caught.value)


def test_a_uuid_needs_a_network_of_its_size(model, photo):
    with pytest.raises(ValueError, match="takes a text"):
        model.encode(photo, uuid.UUID(int=1))


def test_no_released_weights_is_one_line(monkeypatch, tmp_path):
    monkeypatch.setattr(codec, "RELEASED", tmp_path)
    with pytest.raises(FileNotFoundError, match=r"no released weights \(base or quick\)"):
        stegastamp.load()
    with pytest.raises(FileNotFoundError, match=r"no released weights \(uuid or uuid-quick\)"):
        stegastamp.load(format="uuid")


def test_importing_the_package_is_quick_and_quiet():
    """No TensorFlow before it is needed."""
    script = "import stegastamp, sys; assert 'tensorflow' not in sys.modules and 'keras' not in sys.modules; print(dir(stegastamp)[:0])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("[]\n", "")
    with pytest.raises(AttributeError, match="nothing"):
        stegastamp.nothing  # noqa: B018
