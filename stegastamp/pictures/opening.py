"""Files opened as pictures: told by their content, never by their names, and only by readers that are named here.

Pillow alone would also hand PostScript to an interpreter, whatever the file is called.
"""

import io
import os
import struct
import threading
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from PIL import Image, UnidentifiedImageError, features

from longrun.errors import UserError
from longrun.text_file import mistaken_for

PNG = b"\x89PNG\r\n\x1a\n"
READ = ("PNG", "JPEG", "BMP", "GIF", "PPM", "JPEG2000", "TIFF", "WEBP")
"""Names that Pillow has for what is read by its content, everywhere; AVIF and HEIF where there is a library for them.

In this order: for the first five Pillow need not load all its other readers."""
PIXELS = 2**29
"""What a picture may have at most: more than two phones' largest, little enough for a workstation's memory."""
DEFLATED = 1032
"""Bytes that a byte of a PNG can become at most."""
HUFFMAN = 512
"""Pixels that a byte of a JPEG can become at most: a block of 8 x 8 takes a bit and more."""
SPARSE, UNASKED = 4096, 2**25
"""Pixels that a byte of another file may become, where it claims more than so many: of more, time would be spent on nothing."""
_PALETTE = 3
# Why a file is no readable image, by its beginning; of what is not read first, then what is read unless it is damaged.
_BEGINNINGS = {
    (b"\xff\x0a", b"\0\0\0\x0cJXL "): "JPEG XL is not read",
    (b"8BPS",): "Photoshop's own format is not read",
    (b"%PDF", b"%!PS", b"\xc5\xd0\xd3\xc6"): "PDF and PostScript are not read",
    (b"<svg", b"<?xml"): "SVG and other XML is not read",
    (b"\xff\xd8\xff\xf7",): "JPEG-LS is not read",
    (PNG, b"\xff\xd8\xff", b"GIF8", b"II*\0", b"MM\0*", b"RIFF", b"BM"): "it is damaged, or of a rare kind that is not read",
}
# Brands of ISO media files whose pictures need pillow-heif.
_HEIF = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
# Damaged bytes make Pillow raise nearly anything.
_DAMAGED = (
    *(ArithmeticError, AttributeError, EOFError, LookupError, OSError, RuntimeError, SyntaxError, TypeError, ValueError),
    *(struct.error, zlib.error, Image.DecompressionBombError),
)


class Unreadable(UserError):
    """What is to be a picture is none, is damaged, or is of a kind that is not read."""


class Unrecognised(Unreadable):
    """No reader knows it."""


def opened(data: bytes, name: Path | str) -> Image.Image:
    """The picture in the bytes of a file, its pixels not yet decoded. Raises Unreadable, which calls it `name`."""
    Image.preinit()
    kinds = list(READ)
    if features.check("avif"):
        kinds.append("AVIF")
    if _is_heif(data):
        _open_heif(name)
        kinds.append("HEIF")
    if data.startswith(PNG) and (why := unsound(data)):
        raise Unreadable(f"{name} cannot be read: {why}")
    try:
        with pillow(name, "cannot be read"):
            file = Image.open(io.BytesIO(data), formats=kinds)
    except Unrecognised as error:
        raise Unrecognised(f"{error}{_said_of(data)}") from error
    width, height = file.size
    if width * height > PIXELS:
        raise Unreadable(f"{name} cannot be read: {width}x{height} are {width * height / 1e6:.0f} megapixels; at most {PIXELS / 1e6:.0f}")
    require_plausible(file.format or "", data[24] if file.format == "PNG" else 8, (width, height), len(data), name)
    return file


def _said_of(data):
    """Why bytes are no readable image, as far as their beginning tells it."""
    whys = (why for starts, why in _BEGINNINGS.items() if data[:512].lstrip().startswith(starts))
    why = (mistaken_for(data[:512]) or next(whys, "")) if data else "it is empty"
    return why and f": {why}"


class Chunk(NamedTuple):
    """A part of a PNG. sum: the checksum that the file says, empty where the file ends before it."""

    name: bytes
    content: memoryview
    sum: bytes

    @property
    def is_sound(self) -> bool:
        """Whether its content is what was written."""
        return zlib.crc32(self.content, zlib.crc32(self.name)).to_bytes(4, "big") == self.sum


def chunks(data: bytes) -> Iterator[Chunk]:
    """Those of the bytes of a PNG, in order; the last may be cut short."""
    view, place = memoryview(data), len(PNG)
    while place + 8 <= len(data):
        begin = place + 8
        end = begin + int.from_bytes(view[place : place + 4], "big")
        yield Chunk(bytes(view[place + 4 : begin]), view[begin:end], bytes(view[end : end + 4]))
        place = end + 4


def unsound(data: bytes) -> str:
    """Why a PNG would be shown otherwise than it is meant, in words, or nothing. What is cut short is left to whoever decodes it."""
    seen: set[bytes] = set()
    for chunk in chunks(data):
        if not seen and chunk.name != b"IHDR":
            return "it is of the kind that only Apple reads (CgBI)" if chunk.name == b"CgBI" else "it does not begin with its header"
        if seen and chunk.name == b"IHDR":
            return "it has two headers"
        if chunk.name == b"IDAT" and len(chunk.sum) == 4 and not chunk.is_sound:
            return "its pixels are damaged: they do not add up to their checksum"
        if chunk.name == b"IDAT" and data[25] == _PALETTE and b"PLTE" not in seen:
            return "its palette is missing"
        seen.add(chunk.name)
    return ""


def require_plausible(kind: str, bits: int, size: tuple[int, int], length: int, name: Path | str) -> None:
    """Unreadable where so many bytes cannot become a picture of a size, before memory and time are taken. bits: of a channel, in a PNG."""
    pixels = size[0] * size[1]
    most = {"PNG": 8 * DEFLATED * length // bits, "JPEG": HUFFMAN * length, "MPO": HUFFMAN * length}
    if pixels > most.get(kind, max(SPARSE * length, UNASKED)):
        raise Unreadable(f"{name} cannot be read: {size[0]}x{size[1]} pixels do not come out of {length} bytes")


@contextmanager
def pillow(name: Path | str, said: str) -> Iterator[None]:
    """Around calls of Pillow that read the file `name`, and nothing else: what they raise becomes Unreadable, "NAME SAID: ..."."""
    largest, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, PIXELS
    try:
        # It warns of odd metadata and transparent palettes; the pixels are none the worse.
        with warnings.catch_warnings(action="ignore"), quiet():
            yield
    except UnidentifiedImageError as error:
        raise Unrecognised(f"{name} is no readable image") from error
    except _DAMAGED as error:
        raise Unreadable(f"{name} {said}: {_in_a_line(error)}") from error
    finally:
        Image.MAX_IMAGE_PIXELS = largest


class _Silence:
    """How many hold standard error closed at the moment, and where it led."""

    lock, holders, before = threading.Lock(), 0, -1


@contextmanager
def quiet() -> Iterator[None]:
    """Around calls into libpng, libtiff and the like, which write to standard error what their callers raise anyway."""
    with _Silence.lock:
        if not _Silence.holders:
            _Silence.before = os.dup(2)
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, 2)
            os.close(nowhere)
        _Silence.holders += 1
    try:
        yield
    finally:
        with _Silence.lock:
            _Silence.holders -= 1
            if not _Silence.holders:
                os.dup2(_Silence.before, 2)
                os.close(_Silence.before)


def _in_a_line(error):
    return " ".join(str(error).split())[:200] or type(error).__name__


def _is_heif(data):
    return data[4:8] == b"ftyp" and data[8:12] in _HEIF and b"avif" not in data[8:64]


def _open_heif(name):
    try:
        import pillow_heif
    except ImportError as error:
        raise Unreadable(f"{name} is HEIF, as phones write it; to read it: pip install pillow-heif") from error
    pillow_heif.register_heif_opener()
