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

from PIL import Image, UnidentifiedImageError, features

from longrun.errors import UserError

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
# Brands of ISO media files whose pictures need pillow-heif.
_HEIF = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
# Damaged bytes make Pillow raise nearly anything.
_DAMAGED = (
    *(ArithmeticError, AttributeError, EOFError, LookupError, OSError, RuntimeError, SyntaxError, TypeError, ValueError),
    *(struct.error, zlib.error, Image.DecompressionBombError),
)


class Unreadable(UserError):
    """What is to be a picture is none, is damaged, or is of a kind that is not read."""


def opened(data: bytes, name: Path | str) -> Image.Image:
    """The picture in the bytes of a file, its pixels not yet decoded. Raises Unreadable, which calls it `name`."""
    Image.preinit()
    kinds = list(READ)
    if features.check("avif"):
        kinds.append("AVIF")
    if _is_heif(data):
        _open_heif(name)
        kinds.append("HEIF")
    with pillow(name, "cannot be read"):
        file = Image.open(io.BytesIO(data), formats=kinds)
    width, height = file.size
    if width * height > PIXELS:
        raise Unreadable(f"{name} cannot be read: {width}x{height} are {width * height / 1e6:.0f} megapixels; at most {PIXELS / 1e6:.0f}")
    require_plausible(file.format or "", data[24] if file.format == "PNG" else 8, (width, height), len(data), name)
    return file


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
        raise Unreadable(f"{name} is no readable image") from error
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
