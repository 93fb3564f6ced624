"""What files say beside their pixels: kept in PNG and JPEG, or named."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image, ImageCms, PngImagePlugin

from longrun.errors import UserError
from stegastamp.pictures.formats import Picture, dropped, file_bytes, picture_from
from stegastamp.pictures.opening import PNG

IMAGE = Image.fromarray(np.random.default_rng(0).integers(0, 256, (12, 20, 3), dtype=np.uint8))
PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
GREY_PROFILE = PROFILE[:16] + b"GRAY" + PROFILE[20:]
XMP = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf/></x:xmpmeta>"
# One of Photoshop's resources, 0x0404: IPTC with a by-line.
IPTC = b"8BIM\x04\x04\0\0\0\0\0\x0c" + b"\x1c\x02\x50\0\x07A. Name"
CICP = bytes([9, 16, 0, 1])


def exif():
    tags = Image.Exif()
    tags[0x010F] = "a maker of cameras"
    return tags


def chunk(name, content):
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def png():
    """With all that a PNG can say, some of it behind its pixels."""
    text = PngImagePlugin.PngInfo()
    text.add_text("Copyright", "me")
    text.add_itxt("XML:com.adobe.xmp", XMP.decode(), zip=True)
    file = io.BytesIO()
    IMAGE.save(file, "PNG", pnginfo=text, dpi=(300, 150), exif=exif(), icc_profile=PROFILE)
    data = file.getvalue()
    colours = chunk(b"gAMA", struct.pack(">I", 100_000)) + chunk(b"cICP", CICP)
    return data[:33] + colours + data[33:-12] + chunk(b"tEXt", b"Author\0you") + data[-12:]


def jpeg():
    file = io.BytesIO()
    options = {"dpi": (300, 150), "exif": exif(), "icc_profile": PROFILE, "xmp": XMP, "comment": b"a comment"}
    IMAGE.save(file, "JPEG", **options)
    data = file.getvalue()
    return data[:2] + b"\xff\xed" + struct.pack(">H", len(IPTC) + 16) + b"Photoshop 3.0\0" + IPTC + data[2:]


def info(data):
    with Image.open(io.BytesIO(data)) as file:
        file.load()
        return file.info | {"tags": dict(file.getexif())}


def test_png_to_png_keeps_all():
    found = picture_from(png(), "it")
    data = file_bytes(found, ".png")
    said, before = info(data), info(png())
    assert {name: said[name] for name in before if name != "exif"} == {name: before[name] for name in before if name != "exif"}
    assert (said["Copyright"], said["Author"], said["gamma"]) == ("me", "you", 1.0)
    assert found.more.xmp == XMP and said["XML:com.adobe.xmp"].encode() == XMP
    assert chunk(b"cICP", CICP) in data and data.index(b"cICP") < data.index(b"IDAT")
    assert said["tags"] == {0x010F: "a maker of cameras"} and dropped(found, ".png") == []


def test_jpeg_to_jpeg_keeps_all():
    found = picture_from(jpeg(), "it")
    said = info(file_bytes(found, ".jpg"))
    assert (said["dpi"], said["xmp"], said["comment"], said["icc_profile"]) == ((300, 150), XMP, b"a comment", PROFILE)
    assert said["photoshop"][0x0404] == info(jpeg())["photoshop"][0x0404]
    assert said["tags"] == {0x010F: "a maker of cameras"} and dropped(found, ".jpg") == []


def test_between_kinds_what_both_have_is_kept_and_the_rest_named():
    found = picture_from(png(), "it")
    said = info(file_bytes(found, ".jpg"))
    assert (said["dpi"], said["xmp"], said["icc_profile"]) == ((300, 150), XMP, PROFILE)
    assert dropped(found, ".jpg") == ["gAMA", "cICP", "text"]
    found = picture_from(jpeg(), "it")
    said = info(file_bytes(found, ".png"))
    assert said["XML:com.adobe.xmp"].encode() == XMP and said["Comment"] == "a comment" and said["icc_profile"] == PROFILE
    assert np.allclose(said["dpi"], (300, 150), atol=0.02) and dropped(found, ".png") == ["IPTC"]


@pytest.mark.parametrize("suffix", [".webp", ".avif", ".tif", ".bmp"])
def test_other_kinds_name_what_they_drop(suffix):
    """What is not named is there."""
    found = picture_from(jpeg(), "it")
    said, named = info(file_bytes(found, suffix)), dropped(found, suffix)
    there = {
        "EXIF": 0x010F in said["tags"],
        "XMP": bool(said.get("xmp")),
        "colour profile": said.get("icc_profile") == PROFILE,
        "resolution": tuple(map(float, said.get("dpi", ()))) == (300, 150),
        "IPTC": False,
        "comment": False,
    }
    assert set(named) == {name for name, kept in there.items() if not kept}


@pytest.mark.parametrize(("pixels", "profile", "lost"), [(3, GREY_PROFILE, True), (1, PROFILE, True), (1, GREY_PROFILE, False)])
@pytest.mark.parametrize("suffix", [".png", ".jpg", ".tif"])
def test_a_profile_that_does_not_fit_the_pixels_is_dropped_and_named(pixels, profile, lost, suffix):
    picture = Picture(np.asarray(IMAGE)[..., :pixels], colours=profile)
    assert dropped(picture, suffix) == ["colour profile"] * lost
    assert ("icc_profile" in info(file_bytes(picture, suffix))) is not lost


def test_a_profile_of_cmyk_is_named():
    file = io.BytesIO()
    IMAGE.convert("CMYK").save(file, "JPEG", icc_profile=PROFILE)
    assert "colour profile of CMYK" in dropped(picture_from(file.getvalue(), "it"), ".png")


def test_exif_too_large_for_a_jpeg_is_one_line():
    picture = Picture(np.asarray(IMAGE), exif=b"MM\0*" + bytes(70_000))
    with pytest.raises(UserError, match="EXIF of 70004 bytes does not fit into a JPEG, which holds 65527; write .png or .webp"):
        file_bytes(picture, ".jpg")
    assert len(file_bytes(picture, ".png")) > 70_000


def test_the_exif_of_a_tiff_does_not_say_how_that_file_was_stored():
    file = io.BytesIO()
    IMAGE.save(file, "TIFF", compression="tiff_lzw", tiffinfo={0x010F: "a maker of cameras"})
    said = info(file_bytes(picture_from(file.getvalue(), "it"), ".png"))["tags"]
    assert said[0x010F] == "a maker of cameras" and not {256, 257, 258, 259, 262, 273, 278, 279} & set(said)


def test_damaged_metadata_stops_nothing():
    """Lengths and contents that lie, in every chunk and segment."""
    draw = np.random.default_rng(1)
    for whole, start in ((png(), len(PNG) + 25), (jpeg(), 2)):
        end = whole.index(b"IDAT") - 4 if whole.startswith(PNG) else whole.index(b"\xff\xda")
        for place in range(start, end, 7):
            data = bytearray(whole)
            data[place] = draw.integers(0, 256)
            try:
                found = picture_from(bytes(data), "it")
                for suffix in (".png", ".jpg"):
                    assert info(file_bytes(found, suffix))
            except UserError as error:
                assert "\n" not in str(error)


def bits(depth, kind, values, key):
    """A PNG of that many bits a sample; kind: 0 grey, 2 colour. key: what is transparent."""
    height, width = values.shape[:2]
    if depth < 8:
        packed = np.packbits(((values[..., None] >> np.arange(depth)[::-1]) & 1).reshape(height, -1).astype(np.uint8), axis=1)
    else:
        packed = values.reshape(height, -1).astype(f">u{depth // 8}").view(np.uint8)
    rows = b"".join(b"\0" + row.tobytes() for row in packed)
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 0))
    tail = chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return PNG + head + chunk(b"tRNS", np.asarray(key, ">u2").tobytes()) + tail


@pytest.mark.parametrize(("depth", "kind"), [(1, 0), (2, 0), (4, 0), (8, 0), (16, 0), (8, 2), (16, 2)])
def test_a_colour_that_is_transparent_at_every_depth(depth, kind):
    largest = 2**depth - 1
    shape = (5, 16, 3) if kind else (5, 16)
    values = np.random.default_rng(depth).integers(0, largest, shape, endpoint=True)
    values[2, 3:7] = 1
    found = picture_from(bits(depth, kind, values, [1] * (3 if kind else 1)), "it")
    hidden = (values == 1).all(-1) if kind else values == 1
    assert found.alpha is not None and np.array_equal(found.alpha == 0, hidden)
    scale = 255 // largest if depth <= 8 else 1
    assert np.array_equal(found.pixels, values.reshape(found.pixels.shape) * scale)
    assert set(np.unique(found.alpha)) <= {0, 255 if depth <= 8 else 65535}
