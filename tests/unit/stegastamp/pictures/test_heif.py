"""HEIC as phones write it: upright, in its depth, with transparency, metadata and colours; and AVIF in and out."""

import io

import av
import numpy as np
import pillow_heif
import pytest
from PIL import Image

from stegastamp.pictures.formats import dropped, file_bytes, picture_from
from stegastamp.pictures.opening import Unreadable
from stegastamp.pictures.picture import Picture

ROWS, COLUMNS = np.mgrid[0:48, 0:64]
RGB = np.uint8(np.dstack([ROWS * 5, COLUMNS * 3, (ROWS + COLUMNS) * 2]))
DEEP = np.uint16(np.dstack([ROWS * 1300, COLUMNS * 1000, (ROWS + COLUMNS) * 500]))
ALPHA = np.uint8(ROWS * 5)
XMP = b"<x:xmpmeta/>"


def heic(image, **options) -> bytes:
    """A HEIC of a Pillow image or of an array of 16 bits, of which it keeps 10."""
    if isinstance(image, np.ndarray):
        mode = {2: "I;16", 3: "RGB;16", 4: "RGBA;16"}[2 if image.ndim == 2 else image.shape[2]]
        made = pillow_heif.from_bytes(mode, (image.shape[1], image.shape[0]), image.tobytes())
    else:
        made = pillow_heif.from_pillow(image)
    file = io.BytesIO()
    made.save(file, quality=95, **options)
    return file.getvalue()


def exif(orientation: int) -> bytes:
    tags = Image.Exif()
    tags[0x0112], tags[0x010F] = orientation, "a maker of phones"
    return tags.tobytes()


def difference(found, wanted) -> float:
    """Mean difference, in 256ths of the whole range."""
    return float(np.abs(found.astype(float) - wanted).mean()) / (256 if found.dtype == np.uint16 else 1)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photo_of_a_phone_is_upright_once(orientation):
    """The file says how it is turned, and so does its EXIF; another reader's picture is the judge."""
    stored = Image.fromarray(RGB)
    found = picture_from(heic(stored, exif=exif(orientation)), "IMG_1.HEIC")
    # What a viewer does to a picture that is stored so: flips and turns by their numbers in Pillow.
    turns = {2: 0, 3: 3, 4: 1, 5: 5, 6: 4, 7: 6, 8: 2}
    wanted = np.asarray(stored.transpose(turns[orientation]) if orientation > 1 else stored)
    assert found.pixels.shape == wanted.shape and difference(found.pixels, wanted) < 2
    again = picture_from(file_bytes(found, ".png"), "out.png")
    assert difference(again.pixels, wanted) < 2 and b"a maker of phones" in again.exif
    assert Image.open(io.BytesIO(file_bytes(found, ".jpg"))).getexif().get(0x0112, 1) == 1


def test_ten_bits_stay_more_than_eight():
    found = picture_from(heic(DEEP), "it")
    assert found.pixels.dtype == np.uint16 and difference(found.pixels, DEEP) < 2
    # More values than 8 bits have, and they stay in a PNG.
    assert len(np.unique(found.pixels[..., 0] // 64)) > 40
    assert (picture_from(file_bytes(found, ".png"), "out.png").pixels == found.pixels).all()
    clear = picture_from(heic(np.dstack([DEEP, np.uint16(ROWS * 1300)])), "it")
    assert clear.alpha.dtype == np.uint16 and difference(clear.alpha, ROWS * 1300) < 1


def test_transparency_and_grey_are_read():
    found = picture_from(heic(Image.fromarray(np.dstack([RGB, ALPHA]))), "it")
    assert difference(found.alpha, ALPHA) < 1
    assert picture_from(heic(Image.fromarray(RGB[..., 0])), "it").pixels.shape == (48, 64, 1)


def test_metadata_and_profiles_travel_into_what_is_written():
    from PIL import ImageCms

    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    found = picture_from(heic(Image.fromarray(RGB), exif=exif(1), xmp=XMP, icc_profile=profile), "it")
    assert found.more.xmp == XMP and found.colours == profile
    for suffix in (".jpg", ".png", ".webp", ".avif"):
        again = picture_from(file_bytes(found, suffix), "out")
        assert again.more.xmp == XMP and b"a maker of phones" in again.exif and again.colours == profile
        assert dropped(found, suffix) == []


@pytest.mark.parametrize(("primaries", "transfer", "kept"), [(1, 13, False), (2, 2, False), (12, 13, True), (9, 16, True)])
def test_wide_colours_are_told_in_a_png_and_named_where_they_are_dropped(primaries, transfer, kept):
    options = {"save_nclx_profile": True, "color_primaries": primaries, "transfer_characteristics": transfer}
    found = picture_from(heic(Image.fromarray(RGB), **options), "it")
    chunk = (b"cICP", bytes([primaries, transfer, 0, 1]))
    assert (chunk in found.more.chunks) == kept == (chunk[0] + chunk[1] in file_bytes(found, ".png"))
    assert dropped(found, ".jpg") == ["cICP"] * kept


@pytest.mark.parametrize(("pixel_format", "lost"), [("yuv420p", []), ("yuv420p10le", ["what 10 bits say beyond 8"])])
def test_an_avif_of_more_than_8_bits_says_what_is_lost(pixel_format, lost):
    """Written by another library; Pillow reads it in 8 bits."""
    file = io.BytesIO()
    with av.open(file, "w", format="avif") as container:
        stream = container.add_stream("libsvtav1", rate=1, options={"preset": "12"})
        stream.width, stream.height, stream.pix_fmt = 64, 64, pixel_format
        frame = av.VideoFrame.from_ndarray(np.repeat(np.repeat(RGB[:32, :32], 2, 0), 2, 1), "rgb24").reformat(format=pixel_format)
        for packet in [*stream.encode(frame), *stream.encode()]:
            container.mux(packet)
    found = picture_from(file.getvalue(), "it")
    assert found.pixels.shape == (64, 64, 3) and found.pixels.dtype == np.uint8
    assert dropped(found, ".png") == dropped(found, ".jpg") == lost


def test_the_first_of_several_is_read_and_counted():
    several = pillow_heif.from_pillow(Image.fromarray(RGB))
    several.add_from_pillow(Image.fromarray(255 - RGB))
    file = io.BytesIO()
    several.save(file, quality=95)
    found = picture_from(file.getvalue(), "it")
    assert found.frames == 2 and difference(found.pixels, RGB) < 2


def test_half_a_download_is_one_line():
    whole = heic(Image.fromarray(RGB))
    for length in range(16, len(whole) - 1, 199):
        with pytest.raises(Unreadable, match="^IMG_1.HEIC ") as caught:
            picture_from(whole[:length], "IMG_1.HEIC")
        assert len(str(caught.value)) <= 300 and len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize("image", [RGB, RGB[..., 0], np.dstack([RGB, ALPHA])], ids=["rgb", "grey", "alpha"])
def test_avif_goes_in_and_out(image):
    file = io.BytesIO()
    Image.fromarray(image).save(file, "AVIF", quality=95, exif=exif(1), xmp=XMP)
    found = picture_from(file.getvalue(), "it.avif")
    again = picture_from(file_bytes(found, ".avif", 95), "out.avif")
    assert difference(found.on(1.0), Picture.of(image).on(1.0)) < 4 and difference(again.on(1.0), found.on(1.0)) < 4
    assert again.more.xmp == XMP and b"a maker of phones" in again.exif and (again.alpha is None) == (image.shape[-1] != 4)
