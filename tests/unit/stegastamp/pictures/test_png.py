"""PNG whose pixels Pillow would show though they are not those that were written."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from stegastamp.pictures.formats import picture_from
from stegastamp.pictures.opening import PNG, Unreadable, chunks, unsound

PIXELS = np.random.default_rng(5).integers(0, 256, (16, 24, 3), dtype=np.uint8)


def chunk(name, content):
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def made(before=b"", kind=2, header=None, depth=8):
    """A PNG of chunks; kind: of its colours. Its pixels are those of RGB, or the red ones."""
    samples = PIXELS if kind == 2 else PIXELS[..., 0] % 16
    rows = b"".join(b"\0" + row.tobytes() for row in samples)
    header = struct.pack(">IIBBBBB", 24, 16, depth, kind, 0, 0, 0) if header is None else header
    return PNG + chunk(b"IHDR", header) + before + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def test_chunks_are_walked_to_the_end_of_what_is_there():
    data = made(chunk(b"tEXt", b"Title\0it"))
    found = [(each.name, each.is_sound) for each in chunks(data)]
    assert found == [(b"IHDR", True), (b"tEXt", True), (b"IDAT", True), (b"IEND", True)]
    assert [each.name for each in chunks(data[:-20])] == [b"IHDR", b"tEXt", b"IDAT"]
    assert list(chunks(data[:8])) == []


def test_sound_pictures_of_every_writer_are_sound():
    assert np.array_equal(picture_from(made(), "it").pixels, PIXELS)
    for mode in ("RGB", "L", "P", "1", "RGBA"):
        file = io.BytesIO()
        Image.fromarray(PIXELS).convert(mode).save(file, "PNG")
        assert unsound(file.getvalue()) == ""


def test_any_damaged_byte_among_the_pixels_is_noticed():
    data = made()
    first = data.index(b"IDAT") + 4
    for place in range(first, len(data) - 16, 37):
        changed = bytearray(data)
        changed[place] ^= 4
        with pytest.raises(Unreadable, match="^it (cannot be read|is no readable image)"):
            picture_from(bytes(changed), "it")


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (PNG + chunk(b"CgBI", b"P\0 \6") + made()[8:], "CgBI"),
        (PNG + chunk(b"tEXt", b"a\0b") + made()[8:], "begin with its header"),
        (made(chunk(b"IHDR", struct.pack(">IIBBBBB", 24, 16, 8, 2, 0, 0, 0)), depth=0), "two headers"),
        (made(kind=3), "palette is missing"),
    ],
)
def test_what_no_reader_should_show(data, why):
    with pytest.raises(Unreadable, match=f"^it cannot be read: .*{why}"):
        picture_from(data, "it")


def test_sixteen_bits_cut_short_are_called_that():
    deep = np.random.default_rng(1).integers(0, 65536, (16, 24), dtype=np.uint16)
    file = io.BytesIO()
    Image.fromarray(deep).save(file, "PNG")
    with pytest.raises(Unreadable, match="cut short|truncated"):
        picture_from(file.getvalue()[:-12], "it")
