"""TIFF: what is read is what is shown, over all tags that change it; and what cannot be shown is refused by its tag."""

import io
import itertools
import struct

import cv2
import numpy as np
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as some
from PIL import Image, ImageOps

from stegastamp.pictures.formats import file_bytes, picture_from
from stegastamp.pictures.opening import Unreadable, quiet
from stegastamp.pictures.picture import Picture

HEIGHT, WIDTH = 20, 37
DRAW = np.random.default_rng(3)
LAYOUTS = {"one strip": {}, "strips": {"rowsperstrip": 7}, "tiles": {"tile": (16, 32)}}
ALPHAS = {"none": None, "unspecified": "unspecified", "associated": "assocalpha", "straight": "unassalpha"}


def written(samples, photometric, orientation=1, planar="contig", alpha=None, tags=(), **options):
    file = io.BytesIO()
    extra = {"extrasamples": [alpha]} if alpha else {}
    tags = [(274, 3, 1, orientation, True), *tags]
    planar = planar if samples.ndim == 3 else None
    if planar == "separate":
        samples = np.moveaxis(samples, -1, 0)
    tifffile.imwrite(file, samples, photometric=photometric, planarconfig=planar, metadata=None, extratags=tags, **extra, **options)
    return file.getvalue()


def turned(array, orientation):
    """By Pillow, a channel and a byte at a time."""
    if array.ndim == 3:
        return np.dstack([turned(channel, orientation) for channel in np.moveaxis(array, -1, 0)])
    if array.dtype == np.uint16:
        return turned(np.uint8(array >> 8), orientation).astype(np.uint16) << 8 | turned(np.uint8(array & 255), orientation)
    image = Image.fromarray(array)
    image.getexif()[0x0112] = orientation
    return np.asarray(ImageOps.exif_transpose(image))


@settings(max_examples=50, deadline=None)
@given(
    orientation=some.integers(1, 8),
    depth=some.sampled_from([np.uint8, np.uint16]),
    photometric=some.sampled_from(["rgb", "minisblack", "miniswhite"]),
    planar=some.sampled_from(["contig", "separate"]),
    layout=some.sampled_from(sorted(LAYOUTS)),
    alpha=some.sampled_from(sorted(ALPHAS)),
    order=some.sampled_from("<>"),
    compression=some.sampled_from([None, "zlib"]),
    predicted=some.booleans(),
    big=some.booleans(),
)
def test_every_tag_that_changes_what_is_seen(orientation, depth, photometric, planar, layout, alpha, order, compression, predicted, big):
    largest = np.iinfo(depth).max
    colours = DRAW.integers(0, largest, (HEIGHT, WIDTH, 3 if photometric == "rgb" else 1), dtype=depth, endpoint=True)
    see_through = DRAW.integers(0, largest, (HEIGHT, WIDTH, 1), dtype=depth, endpoint=True)
    stored = ~colours if photometric == "miniswhite" else colours
    if alpha == "associated":
        stored = np.uint64(np.rint(stored.astype(float) * see_through / largest)).astype(depth)
    samples = stored if alpha == "none" else np.dstack([stored, see_through])
    samples = samples[..., 0] if samples.shape[-1] == 1 else samples
    options = {"byteorder": order, "compression": compression, "predictor": predicted if compression else None, "bigtiff": big}
    data = written(samples, photometric, orientation, planar, ALPHAS[alpha], **options, **LAYOUTS[layout])
    found = picture_from(data, "it")
    upright, see_through = turned(colours, orientation).reshape(found.pixels.shape), turned(see_through[..., 0], orientation)
    assert found.pixels.dtype == depth
    if alpha in ("none", "unspecified"):
        assert found.alpha is None and np.array_equal(found.pixels, upright)
    else:
        assert np.array_equal(found.alpha, see_through)
        if alpha == "straight":
            assert np.array_equal(found.pixels, upright)
        else:  # Of colours that had been multiplied as much is left as alpha has levels.
            off = np.abs(found.pixels.astype(int) - upright) * (see_through[..., None] / largest)
            assert off.max() <= 1
    # What is written and read again does not turn a second time.
    again = picture_from(file_bytes(found, ".tif"), "it")
    assert np.array_equal(again.pixels, np.broadcast_to(found.pixels, again.pixels.shape))


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("photometric", ["rgb", "minisblack", "miniswhite"])
def test_pillow_shows_the_same(orientation, photometric):
    """An independent reader, in what it can: eight bits, and the high byte of sixteen in colour."""
    shape = (HEIGHT, WIDTH, 3) if photometric == "rgb" else (HEIGHT, WIDTH)
    for depth in (np.uint8, np.uint16) if photometric == "rgb" else (np.uint8,):
        data = written(DRAW.integers(0, np.iinfo(depth).max, shape, dtype=depth), photometric, orientation)
        with Image.open(io.BytesIO(data)) as file:
            shown = np.asarray(ImageOps.exif_transpose(file).convert("RGB"))
        found = picture_from(data, "it").pixels
        high = found if depth == np.uint8 else np.uint8(found >> 8)
        assert np.array_equal(np.broadcast_to(high, shown.shape), shown)


@pytest.mark.parametrize("compression", ["tiff_lzw", "tiff_adobe_deflate", "packbits", "zstd"])
@pytest.mark.parametrize("depth", [np.uint8, np.uint16])
def test_compressions_of_other_writers(compression, depth):
    pixels = DRAW.integers(0, 9, (HEIGHT, WIDTH), dtype=depth)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "TIFF", compression=compression)
    assert np.array_equal(picture_from(file.getvalue(), "it").pixels[..., 0], pixels)


@pytest.mark.parametrize("predictor", [1, 2])
def test_lzw_of_opencv(predictor):
    """Its default."""
    deep = np.sort(DRAW.integers(0, 65536, (HEIGHT, WIDTH, 3), dtype=np.uint16), 1)
    options = [cv2.IMWRITE_TIFF_COMPRESSION, 5, cv2.IMWRITE_TIFF_PREDICTOR, predictor, cv2.IMWRITE_TIFF_ROWSPERSTRIP, 3]
    data = cv2.imencode(".tif", deep[..., ::-1], options)[1].tobytes()
    assert np.array_equal(picture_from(data, "it").pixels, deep)


def grey(**options):
    return written(np.zeros((HEIGHT, WIDTH), np.uint16), "minisblack", **options)


def with_tag(data, tag, value, code=None, kind=3):
    """The bytes of a little-endian TIFF with another value, and another code, in the last short tag of that code."""
    place = data.rindex(struct.pack("<HHI", tag, kind, 1))
    return data[:place] + struct.pack("<HHIH", code or tag, kind, 1, value) + data[place + 10 :]


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (written(np.zeros((HEIGHT, WIDTH), np.int16), "minisblack"), "SampleFormat"),
        (written(np.zeros((HEIGHT, WIDTH), np.float16), "minisblack"), "SampleFormat"),
        (written(np.zeros((HEIGHT, WIDTH), np.uint32), "minisblack"), "BitsPerSample 32|32 bits"),
        (with_tag(grey(), 262, 8), "PhotometricInterpretation CIELAB"),
        (with_tag(grey(), 262, 5), "PhotometricInterpretation SEPARATED"),
        (with_tag(grey(), 259, 7), "Compression 7 .JPEG."),
        (with_tag(grey(), 274, 9), "Orientation 9"),
        (with_tag(grey(), 296, 2, 266), "FillOrder 2"),
        (written(np.zeros((HEIGHT, WIDTH), np.int8), "minisblack"), "SampleFormat"),
        (written(np.zeros((HEIGHT, WIDTH, 3), np.int8), "rgb"), "SampleFormat"),
        (written(np.zeros((HEIGHT, WIDTH, 4), np.uint8), "separated", tags=[(332, 3, 1, 2, True)]), "InkSet"),
        (written(np.zeros((HEIGHT, WIDTH, 5), np.uint8), "separated", alpha="unspecified", tags=[(334, 3, 1, 5, True)]), "InkSet"),
        (with_tag(written(np.zeros((HEIGHT, WIDTH), np.uint8), "minisblack"), 262, 32803), "PhotometricInterpretation CFA"),
        (with_tag(written(np.zeros((HEIGHT, WIDTH), np.uint8), "minisblack"), 259, 34712), "Compression 34712"),
        (grey(tags=[(50706, 1, 4, b"\1\4\0\0", True)]), "raw photo .DNG."),
    ],
)
def test_what_cannot_be_shown_is_refused_by_its_tag(data, what):
    with pytest.raises(Unreadable, match=f"^it cannot be read: .*({what})") as caught:
        picture_from(data, "it")
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 300


@pytest.mark.parametrize("depth", [np.uint8, np.uint16])
def test_a_transparency_mask_is_not_ignored(depth):
    file = io.BytesIO()
    with tifffile.TiffWriter(file) as writer:
        writer.write(np.zeros((HEIGHT, WIDTH), depth), photometric="minisblack", metadata=None)
        writer.write(np.zeros((HEIGHT, WIDTH), np.uint8), photometric="minisblack", subfiletype=2, metadata=None)
    with pytest.raises(Unreadable, match="transparency mask"):
        picture_from(with_tag(file.getvalue(), 254, 4, kind=4), "it")


def test_a_preview_is_no_second_frame():
    for subfile, frames in ((0, 2), (1, 1)):
        file = io.BytesIO()
        with tifffile.TiffWriter(file) as writer:
            writer.write(np.zeros((HEIGHT, WIDTH), np.uint16), photometric="minisblack", metadata=None)
            writer.write(np.zeros((9, 9), np.uint8), photometric="minisblack", subfiletype=subfile, metadata=None)
        assert picture_from(file.getvalue(), "it").frames == frames


def test_what_pillow_reads_is_left_to_it():
    """CMYK with the four inks by name, a palette, one bit."""
    ink = DRAW.integers(0, 256, (HEIGHT, WIDTH, 4), dtype=np.uint8)
    found = picture_from(written(ink, "separated", 6, tags=[(332, 3, 1, 1, True), (334, 3, 1, 4, True)]), "it").pixels
    assert np.array_equal(found, turned(np.asarray(Image.fromarray(ink, "CMYK").convert("RGB")), 6))
    colours = DRAW.integers(0, 65536, (3, 256), dtype=np.uint16)
    found = picture_from(written(ink[..., 0], "palette", colormap=colours), "it").pixels
    assert np.array_equal(found, np.moveaxis(colours[:, ink[..., 0]] >> 8, 0, -1))
    assert np.array_equal(picture_from(written(ink[..., 0] > 99, "minisblack"), "it").pixels[..., 0], 255 * (ink[..., 0] > 99))


def test_damaged_bytes_are_one_line(capfd):
    """Cut anywhere, and bytes changed at random: a picture, or one line; no memory that the pixels do not need."""
    whole = written(DRAW.integers(0, 999, (HEIGHT, WIDTH, 3), dtype=np.uint16), "rgb", compression="zlib")
    cases = [whole[:length] for length in range(4, len(whole), 97)]
    for _, place in itertools.product(range(3), range(4, 300, 5)):
        changed = bytearray(whole)
        changed[place] = DRAW.integers(0, 256)
        cases.append(bytes(changed))
    for data in cases:
        try:
            picture_from(data, "it")
        except Unreadable as error:
            assert "\n" not in str(error) and len(str(error)) < 300, error
    assert capfd.readouterr().err == ""


def test_what_is_written_is_deep_and_has_its_profile_and_resolution():
    data = written(DRAW.integers(0, 9, (HEIGHT, WIDTH, 3), dtype=np.uint16), "rgb", resolution=(300, 300), resolutionunit="INCH")
    profile = bytes(16) + b"RGB " + bytes(108)
    found = picture_from(data, "it")
    assert found.more.dpi == (300, 300)
    again = picture_from(file_bytes(Picture(found.pixels, colours=profile, more=found.more), ".tif"), "it")
    assert (again.pixels.dtype, again.colours, again.more.dpi) == (np.uint16, profile, (300, 300))
    with quiet():
        assert np.array_equal(cv2.imdecode(np.frombuffer(file_bytes(found, ".tif"), np.uint8), -1)[..., ::-1], found.pixels)
