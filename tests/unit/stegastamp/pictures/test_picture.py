"""Pillow's images as pictures: every mode that Pillow has is taken for what it shows, or refused by its name."""

import io

import numpy as np
import pytest
from PIL import Image

from stegastamp.pictures.opening import Unreadable
from stegastamp.pictures.picture import Picture

EIGHT_BITS = ("1", "L", "LA", "La", "P", "PA", "RGB", "RGBA", "RGBa", "RGBX", "CMYK", "YCbCr", "HSV")
VIA = {"La": "LA", "RGBa": "RGBA", "PA": "P"}
"""Modes to which Pillow comes by way of another alone."""


def shown() -> Image.Image:
    draw = np.random.default_rng(0)
    return Image.fromarray(draw.integers(0, 256, (12, 16, 4), dtype=np.uint8))


def as_mode(mode: str) -> Image.Image:
    image = shown() if mode in ("LA", "La", "RGBA", "RGBa", "PA") else shown().convert("RGB")
    return (image.convert("RGB").convert(VIA[mode]) if mode == "PA" else image.convert(VIA.get(mode, mode))).convert(mode)


@pytest.mark.parametrize("mode", EIGHT_BITS)
def test_a_mode_is_what_pillow_shows_of_it(mode):
    image = as_mode(mode)
    found = Picture.of(image)
    wanted = np.asarray((image.convert("LA") if mode == "La" else image).convert("RGBA"))
    np.testing.assert_array_equal(np.broadcast_to(found.pixels, (12, 16, 3)), wanted[..., :3])
    np.testing.assert_array_equal(255 if found.alpha is None else found.alpha, wanted[..., 3] if found.alpha is not None else 255)
    assert found.pixels.shape[2] == (1 if mode in ("1", "L", "LA", "La") else 3)
    assert found.image().mode == ("RGBA" if found.alpha is not None else "L" if mode in ("1", "L") else "RGB")


@pytest.mark.parametrize("mode", ["I;16", "I;16L", "I;16B", "I;16N"])
def test_sixteen_bits_of_either_order_of_bytes_are_the_same_numbers(mode):
    numbers = np.arange(0, 65536, 1366, dtype=np.uint16).reshape(6, 8)
    kind = {"I;16B": ">u2", "I;16N": "=u2"}.get(mode, "<u2")
    found = Picture.of(Image.frombytes(mode, (8, 6), numbers.astype(kind).tobytes()))
    np.testing.assert_array_equal(found.pixels[..., 0], numbers)
    assert found.image().mode == "I;16"


@pytest.mark.parametrize("mode", ["I", "F"])
def test_pixels_of_32_bits_are_refused_by_name(mode):
    with pytest.raises(Unreadable, match=rf"^the image cannot be read: pixels of 32 bits \(mode {mode}\) are not supported$"):
        Picture.of(Image.new(mode, (4, 4)))


def test_a_file_that_ends_too_soon_is_one_line():
    file = io.BytesIO()
    shown().convert("RGB").resize((400, 400)).save(file, "JPEG")
    with pytest.raises(Unreadable, match="^the image cannot be read: image file is truncated"):
        Picture.of(Image.open(io.BytesIO(file.getvalue()[:4000])))


def test_a_transparent_colour_of_a_palette_is_transparent():
    image = Image.new("P", (4, 2), 1)
    image.putpalette([0, 0, 0, 200, 100, 50])
    image.putpixel((0, 0), 0)
    image.info["transparency"] = 0
    found = Picture.of(image)
    assert found.alpha.tolist() == [[0, 255, 255, 255], [255] * 4] and found.pixels[1, 1].tolist() == [200, 100, 50]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_an_image_that_was_opened_is_upright(orientation):
    """As its file would be."""
    tags, file = Image.Exif(), io.BytesIO()
    tags[0x0112] = orientation
    shown().convert("RGB").save(file, "PNG", exif=tags)
    turned = Picture.of(Image.open(file)).pixels
    pixels = np.asarray(shown().convert("RGB"))
    upright = {1: pixels, 2: pixels[:, ::-1], 3: pixels[::-1, ::-1], 4: pixels[::-1], 5: pixels.swapaxes(0, 1)}
    upright |= {6: np.rot90(pixels, -1), 7: np.rot90(pixels, 2).swapaxes(0, 1), 8: np.rot90(pixels)}
    np.testing.assert_array_equal(turned, upright[orientation])
