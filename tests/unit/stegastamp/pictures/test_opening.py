"""What is opened as a picture: by content, by the readers that are named, within a limit, and without a word on standard error."""

import io
import os
import struct
import threading
import zlib

import cv2
import numpy as np
import pytest
from PIL import EpsImagePlugin, Image

from stegastamp.pictures import opening
from stegastamp.pictures.formats import picture_from
from stegastamp.pictures.opening import Unreadable, opened, quiet
from stegastamp.pictures.photos import read_image

POSTSCRIPT = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 64 64\n%%EndComments\n{} loop\nshowpage\n%%EOF\n"
PLAIN = Image.fromarray(np.full((8, 12, 3), 100, np.uint8))


def saved(kind, **options):
    file = io.BytesIO()
    PLAIN.save(file, kind, **options)
    return file.getvalue()


def test_postscript_is_no_picture_whatever_its_name(tmp_path, monkeypatch):
    """Pillow would run Ghostscript on it, which runs what the file says."""
    monkeypatch.setattr(EpsImagePlugin, "Ghostscript", lambda *_, **__: pytest.fail("an interpreter ran"))
    # A preview behind a header of its own is PostScript as well.
    binary = b"\xc5\xd0\xd3\xc6" + (30).to_bytes(4, "little") + len(POSTSCRIPT).to_bytes(4, "little") + bytes(18) + POSTSCRIPT
    for content in (POSTSCRIPT, binary):
        path = tmp_path / "in.png"
        path.write_bytes(content)
        for reader in (lambda data=content: picture_from(data, "in.png"), lambda path=path: read_image(path)):
            with pytest.raises(Unreadable, match="no readable image"):
                reader()


@pytest.mark.parametrize("kind", ["TGA", "PCX", "SGI", "ICO", "DDS", "PDF"])
def test_formats_that_are_not_named_are_not_opened(kind):
    with pytest.raises(Unreadable, match="it is no readable image"):
        opened(saved(kind), "it")


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "it is empty"),
        (b"\0\0\0\x0cJXL \r\n\x87\n" + bytes(20), "JPEG XL"),
        (b"8BPS\0\1" + bytes(30), "Photoshop"),
        (b"%PDF-1.7\n", "PDF"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "SVG"),
        (b"\n<!DOCTYPE HTML><html><body>404</body></html>", "HTML page"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", "Git LFS pointer"),
        (b"\x1f\x8b\x08" + bytes(20), "archive"),
        (saved("PNG")[:16] + bytes(30), "damaged"),
        (saved("JPEG")[:20] + bytes(30), "damaged"),
    ],
)
def test_why_it_is_no_picture_is_said(data, why):
    with pytest.raises(Unreadable, match=f"^photo.png is no readable image: .*{why}"):
        picture_from(data, "photo.png")


@pytest.mark.parametrize("kind", ["BMP", "GIF", "JPEG", "JPEG2000", "PNG", "PPM", "TIFF", "WEBP", "AVIF"])
def test_formats_are_told_by_content(kind):
    assert picture_from(saved(kind), "it").pixels.shape == (8, 12, 3)


def test_heif_is_called_by_its_name_and_says_what_it_needs(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pillow_heif", None)
    with pytest.raises(Unreadable, match="IMG_1.png is HEIF.*pip install pillow-heif"):
        opened(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "IMG_1.png")


def test_the_limit_on_pixels_is_said_before_any_is_decoded(monkeypatch):
    monkeypatch.setattr(opening, "PIXELS", 95)
    with pytest.raises(Unreadable, match="12x8 are 0 megapixels; at most 0"):
        opened(saved("PNG"), "it")


def test_two_hundred_megapixels_are_not_too_many():
    """A header alone: Pillow would call it an attack from 179 megapixels on."""
    data = bytearray(saved("BMP"))
    data[18:26] = np.array([16320, 12240], "<i4").tobytes()
    before = Image.MAX_IMAGE_PIXELS
    assert opened(bytes(data) + bytes(50_000), "it").size == (16320, 12240)
    assert before == Image.MAX_IMAGE_PIXELS


def test_libraries_say_nothing_on_standard_error(capfd):
    deep = cv2.imencode(".png", np.zeros((40, 40, 3), np.uint16))[1].tobytes()
    for data in (deep[:60], deep[:80] + bytes(20) + deep[100:], saved("TIFF", compression="tiff_lzw")[:-40]):
        with pytest.raises(Unreadable):
            picture_from(data, "it")
    assert capfd.readouterr() == ("", "")


def test_standard_error_is_there_again_after_silence_of_many_threads(capfd):
    def hold():
        for _ in range(50):
            with quiet():
                os.write(2, b"noise\n")

    threads = [threading.Thread(target=hold) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    os.write(2, b"said\n")
    assert capfd.readouterr().err == "said\n"


def test_more_pixels_than_a_file_can_hold_take_no_memory():
    deep = bytearray(cv2.imencode(".png", np.zeros((40, 40), np.uint16))[1].tobytes())
    deep[16:24] = (20_000).to_bytes(4, "big") * 2
    deep[29:33] = zlib.crc32(deep[12:29]).to_bytes(4, "big")
    with pytest.raises(Unreadable, match="20000x20000 pixels do not come out of"):
        picture_from(bytes(deep), "it")


@pytest.mark.parametrize(
    ("kind", "mode"), [("JPEG", "RGB"), ("JPEG", "L"), ("JPEG", "CMYK"), ("WEBP", "RGB"), ("GIF", "L"), ("BMP", "RGB"), ("TIFF", "P")]
)
def test_claims_of_any_format_take_no_time(kind, mode, monkeypatch):
    """A tiny file whose header says 16383 x 16383, or 9000 x 9000 in a JPEG, which is filled up with grey by its reader."""
    file = io.BytesIO()
    PLAIN.convert(mode).save(file, kind, **({"lossless": True} if kind == "WEBP" else {}))
    data = bytearray(file.getvalue())
    if kind == "JPEG":
        place = data.find(b"\xff\xc0") + 5
        data[place : place + 4] = (9000).to_bytes(2, "big") * 2
    elif kind == "WEBP":
        data[21:25] = (16382 | 16382 << 14).to_bytes(4, "little")
    elif kind == "GIF":
        data[6:10] = (16383).to_bytes(2, "little") * 2
    elif kind == "BMP":
        data[18:26] = (16383).to_bytes(4, "little") * 2
    else:
        for tag in (256, 257):
            place = next(at for kind in (3, 4) if (at := data.find(struct.pack("<HHI", tag, kind, 1))) > 0)
            data[place + 8 : place + 12] = (16383).to_bytes(4, "little")
    monkeypatch.setattr(Image.Image, "load", lambda *_: pytest.fail("pixels were decoded"))
    with pytest.raises(Unreadable, match=r"it cannot be read: (9000|16383)x(9000|16383) pixels do not come out of \d+ bytes"):
        picture_from(bytes(data), "it")


def test_plain_pictures_of_a_phone_are_plausible():
    """A single colour, which takes the fewest bytes: 48 megapixels of it are read in every format that phones and screens write."""
    plain = Image.new("RGB", (800, 600), (200, 10, 30))
    for kind in ("JPEG", "WEBP", "PNG", "AVIF", "GIF", "JPEG2000"):
        file = io.BytesIO()
        plain.save(file, kind)
        opening.require_plausible(kind, 8, (800, 600), len(file.getvalue()), "it")
        opening.require_plausible(kind, 8, (8000, 6000), 100 * len(file.getvalue()), "it")
