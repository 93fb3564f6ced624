"""Pictures of every kind, in and out: what the pixels are, which way is up, and what travels along."""

import io

import cv2
import numpy as np
import pytest
from PIL import Image, ImageCms, ImageOps

from stegastamp.pictures.formats import Picture, file_bytes, picture_from, read_picture

DRAW = np.random.default_rng(0)
RGB = DRAW.integers(0, 256, (12, 20, 3), dtype=np.uint8)
GREY = RGB[..., 0]
ALPHA = DRAW.integers(0, 256, (12, 20), dtype=np.uint8)
DEEP = DRAW.integers(0, 65536, (12, 20, 3), dtype=np.uint16)
PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def saved(image, kind="PNG", **options):
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def exif(orientation=None):
    tags = Image.Exif()
    tags[0x010F] = "a maker of cameras"
    if orientation is not None:
        tags[0x0112] = orientation
    return tags


def palette(transparency=None):
    image = Image.fromarray(RGB).quantize(8)
    return saved(image) if transparency is None else saved(image, transparency=transparency)


@pytest.mark.parametrize(
    ("data", "pixels", "alpha"),
    [
        (saved(Image.fromarray(RGB)), RGB, None),
        (saved(Image.fromarray(GREY)), GREY[..., None], None),
        (saved(Image.fromarray(np.dstack([RGB, ALPHA]))), RGB, ALPHA),
        (saved(Image.fromarray(np.dstack([GREY, ALPHA]))), GREY[..., None], ALPHA),
        (saved(Image.fromarray(np.dstack([RGB, np.full_like(ALPHA, 255)]))), RGB, None),
        (saved(Image.fromarray(GREY > 99)), np.uint8(255 * (GREY > 99))[..., None], None),
        (saved(Image.fromarray(RGB), "TIFF"), RGB, None),
        (saved(Image.fromarray(RGB), "WEBP", lossless=True), RGB, None),
        (palette(), np.asarray(Image.fromarray(RGB).quantize(8).convert("RGB")), None),
        (saved(Image.fromarray(np.uint16(GREY) * 257)), np.uint16(GREY)[..., None] * 257, None),
        (cv2.imencode(".png", DEEP[..., ::-1])[1].tobytes(), DEEP, None),
        (cv2.imencode(".tif", DEEP[..., ::-1])[1].tobytes(), DEEP, None),
        (cv2.imencode(".png", np.dstack([DEEP[..., ::-1], DEEP[..., 0]]))[1].tobytes(), DEEP, DEEP[..., 0]),
    ],
    ids=["rgb", "grey", "rgba", "grey alpha", "opaque", "one bit", "tiff", "webp", "palette", "16 grey", "16 png", "16 tiff", "16 rgba"],
)
def test_every_kind_is_read_as_it_is(data, pixels, alpha):
    found = picture_from(data, "it")
    assert found.pixels.dtype == pixels.dtype and found.pixels.shape == pixels.shape
    assert np.array_equal(found.pixels, pixels)
    assert (found.alpha is None) == (alpha is None) and (alpha is None or np.array_equal(found.alpha, alpha))
    assert found.frames == 1


@pytest.mark.parametrize("largest", [65535, 1023])
def test_a_grey_pnm_keeps_its_sixteen_bits(largest):
    grey = DEEP[..., 0] // (65536 // (largest + 1))
    data = b"P5\n# as a microscope writes it\n20 12 %d\n" % largest + grey.astype(">u2").tobytes()
    found = picture_from(data, "it").pixels
    assert found.dtype == np.uint16 and np.abs(found[..., 0] - grey * (65535 / largest)).max() <= 1


def test_depth_that_is_lost_in_reading_is_said():
    wide = b"P6\n# RGB\n20 12\n65535\n" + DEEP.astype(">u2").tobytes()
    assert picture_from(wide, "it").more.dropped == ("what 16 bits say beyond 8",)
    assert picture_from(b"P6 20 12 255\n" + RGB.tobytes(), "it").more.dropped == ()
    done, data = cv2.imencode(".jp2", np.tile(DEEP, (8, 8, 1)))
    assert done and picture_from(data.tobytes(), "it").more.dropped == ("what 16 bits say beyond 8",)
    assert picture_from(saved(Image.fromarray(RGB), "JPEG2000"), "it").more.dropped == ()


def test_a_transparent_palette_has_transparency():
    found = picture_from(palette(transparency=0), "it")
    assert found.pixels.shape == RGB.shape and set(np.unique(found.alpha)) == {0, 255}


def test_cmyk_becomes_rgb_without_the_profile_that_described_cmyk():
    found = picture_from(saved(Image.fromarray(RGB).convert("CMYK"), "JPEG", icc_profile=PROFILE), "it")
    assert found.pixels.shape == RGB.shape and found.colours == b""


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("deep", [False, True])
def test_orientation_is_applied_once(orientation, deep):
    """Turned in the pixels, and the tag gone: what is written and read again does not turn a second time."""
    image = DEEP if deep else RGB
    tags = np.frombuffer(exif(orientation).tobytes().removeprefix(b"Exif\0\0"), np.uint8)
    data = cv2.imencodeWithMetadata(".png", np.ascontiguousarray(image[..., ::-1]), [cv2.IMAGE_METADATA_EXIF], [tags])[1].tobytes()
    found = picture_from(data, "it")
    # Pillow turns 8 bits; the high byte of 16 turns alike.
    marked = Image.fromarray(np.uint8(image >> 8) if deep else image)
    marked.getexif()[0x0112] = orientation
    upright = np.asarray(ImageOps.exif_transpose(marked))
    assert np.array_equal(np.uint8(found.pixels >> 8) if deep else found.pixels, upright)
    again = picture_from(file_bytes(found, ".png"), "it")
    assert np.array_equal(again.pixels, found.pixels)
    tags = Image.open(io.BytesIO(file_bytes(found, ".png"))).getexif()
    assert tags[0x010F] == "a maker of cameras" and 0x0112 not in tags


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".jpeg", ".webp"])
def test_colour_profile_and_camera_travel_along(suffix):
    found = picture_from(saved(Image.fromarray(RGB), exif=exif(6), icc_profile=PROFILE), "it")
    written = Image.open(io.BytesIO(file_bytes(found, suffix)))
    assert written.info["icc_profile"] == PROFILE
    assert dict(written.getexif()) == {0x010F: "a maker of cameras"}
    assert written.size == (12, 20)


@pytest.mark.parametrize("suffix", [".png", ".tif", ".bmp", ".webp"])
@pytest.mark.parametrize("pixels", [RGB, GREY[..., None]], ids=["rgb", "grey"])
def test_lossless_files_give_the_pixels_back(suffix, pixels):
    found = picture_from(file_bytes(Picture(pixels), suffix, 100), "it")
    assert np.array_equal(np.broadcast_to(found.pixels, RGB.shape), np.broadcast_to(pixels, RGB.shape))


@pytest.mark.parametrize("suffix", [".png", ".webp", ".tif"])
def test_transparency_is_kept(suffix):
    found = picture_from(file_bytes(Picture(RGB, ALPHA), suffix, 100), "it")
    assert np.array_equal(found.alpha, ALPHA)
    seen = ALPHA > 0
    assert np.array_equal(found.pixels[seen], RGB[seen])


@pytest.mark.parametrize(("suffix", "depth"), [(".png", np.uint16), (".tif", np.uint16), (".jpg", np.uint8), (".webp", np.uint8)])
def test_sixteen_bits_stay_sixteen_where_the_format_has_them(suffix, depth):
    found = picture_from(file_bytes(Picture(DEEP), suffix), "it").pixels
    assert found.dtype == depth
    if depth == np.uint16:
        assert np.array_equal(found, DEEP)


def test_sixteen_bits_are_rounded_to_eight():
    deep = np.uint16([[0, 128, 129, 257 * 7, 65535 - 129, 65535 - 128, 65535]])
    assert Picture.of(deep).eight_bit().pixels.ravel().tolist() == [0, 0, 1, 7, 254, 255, 255]


def test_quality_makes_files_smaller():
    smooth = Picture(cv2.resize(RGB, (160, 96)))
    for suffix in (".jpg", ".webp"):
        assert len(file_bytes(smooth, suffix, 20)) < len(file_bytes(smooth, suffix)) < len(file_bytes(smooth, suffix, 100))


def test_arrays_of_every_shape():
    assert Picture.of(GREY).pixels.shape == (12, 20, 1)
    assert Picture.of(RGB).alpha is None
    assert np.array_equal(Picture.of(np.dstack([RGB, ALPHA])).array(), np.dstack([RGB, ALPHA]))
    for wrong in (RGB.astype(np.float32), RGB[None], RGB[..., :2], RGB[:0], GREY[0]):
        with pytest.raises(ValueError, match="an image (is|has shape)"):
            Picture.of(wrong)


def refused(call, match, kind=ValueError):
    with pytest.raises(kind, match=match) as caught:
        call()
    assert "\n" not in str(caught.value)


def test_what_a_format_cannot_hold_is_refused():
    refused(lambda: file_bytes(Picture(RGB, ALPHA), ".jpg"), "has no transparency")
    refused(lambda: file_bytes(Picture(RGB), ".gif"), "cannot write .gif; formats: .png")
    refused(lambda: file_bytes(Picture(RGB), ".jpg", 101), "quality is 1 to 100, not 101")
    refused(lambda: file_bytes(Picture(np.zeros((1, 70_000, 3), np.uint8)), ".jpg"), "70000x1 cannot be written as .jpg")


def test_what_cannot_be_read_is_refused(tmp_path):
    whole = saved(Image.fromarray(RGB))
    refused(lambda: read_picture(tmp_path / "nowhere.png"), "nowhere.png does not exist", FileNotFoundError)
    refused(lambda: read_picture(tmp_path), "does not exist", FileNotFoundError)
    refused(lambda: picture_from(b"", "it"), "it is no readable image")
    refused(lambda: picture_from(b"hello", "it"), "it is no readable image")
    for part in (10, 30, len(whole) // 2):
        refused(lambda part=part: picture_from(whole[:part], "it"), "it (is|cannot be read)")
    deep = cv2.imencode(".png", DEEP)[1].tobytes()
    refused(lambda: picture_from(deep[: len(deep) // 2], "it"), "it cannot be read")
    refused(lambda: picture_from(saved(Image.fromarray(RGB[..., 0].astype(np.float32)), "TIFF"), "it"), "32 bits")


def test_the_frames_of_a_moving_picture_are_counted():
    frames = [Image.fromarray(RGB), Image.fromarray(255 - RGB)]
    assert picture_from(saved(frames[0], "GIF", save_all=True, append_images=frames[1:]), "it").frames == 2
