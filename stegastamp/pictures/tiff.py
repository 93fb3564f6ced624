"""TIFF of 8 and 16 bits: every tag that changes what is seen is honoured, or the file is refused by that tag's name.

tifffile reads the tags and lays strips, tiles and planes together; libtiff, through Pillow, decompresses them.
"""

import io
import logging
import struct
from dataclasses import dataclass

import numpy as np
from PIL import Image

from stegastamp.pictures.opening import PIXELS, Unreadable, pillow, require_plausible

# Without a handler of its own it would write what it finds odd to standard error.
logging.getLogger("tifffile").addHandler(logging.NullHandler())

SAMPLES = 32
"""Samples a pixel, colours and others, at most."""
PAGES = 64
"""Pages that are looked at: for a second frame, or a mask of the first."""
STARTS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
MIN_IS_WHITE, MIN_IS_BLACK, RGB = 0, 1, 2
PALETTE, SEPARATED, YCBCR, CIELAB = 3, 5, 6, 8
UNSIGNED, UNDEFINED = 1, 4
ASSOCIATED, UNASSOCIATED = 1, 2
MASK = 4
DNG_VERSION = 50706
STORAGE = (
    *(254, 255, 256, 257, 258, 259, 262, 263, 264, 265, 266, 273, 274, 277, 278, 279, 280, 281, 284, 288, 289, 290, 291, 292, 293, 297),
    *(301, 317, 318, 319, 320, 321, 322, 323, 324, 325, 330, 332, 338, 339, 340, 341, 342, 347, 529, 530, 531, 532),
    *(700, 33723, 34377, 34675, 37724),
)
"""Tags that say how the pixels of this file are stored, which is another matter in another file; and what has a place of its own."""
PACKED = {5: "LZW", 8: "deflate", 32773: "PackBits", 32946: "deflate", 34925: "LZMA", 50000: "Zstandard"}
"""Compressions that give bytes back, by the tag's value; others are pictures in themselves."""
DRAWN = (2, 3, 4, 6, 7, 32771, 32809)  # Those of them that Pillow reads: fax, JPEG, and two of old computers.


@dataclass(frozen=True)
class Raster:
    """What a TIFF shows, its orientation not yet applied.

    pixels: (H, W, 3) RGB or (H, W, 1) grey, uint8 or uint16, black at zero, not multiplied by alpha. alpha: (H, W) or None.
    colours: ICC profile. dpi: pixels an inch, across and down. described: whether it has other tags, as those of a camera.
    """

    pixels: np.ndarray
    alpha: np.ndarray | None
    frames: int
    orientation: int
    colours: bytes = b""
    xmp: bytes = b""
    iptc: tuple[bytes, ...] = ()
    dpi: tuple[float, float] | None = None
    described: bool = False


def is_tiff(data: bytes) -> bool:
    """Whether bytes begin as a TIFF does, the large ones included."""
    return data[:4] in STARTS


def read_tiff(data: bytes, name: str) -> Raster | None:
    """What the first picture of a TIFF shows, or None where it has 8 bits or fewer in a way that is left to Pillow (palettes, CMYK, JPEG).

    Raises Unreadable with the name of the tag that cannot be honoured.
    """
    import tifffile  # Other pictures do not wait for it.

    with pillow(name, "cannot be read"), tifffile.TiffFile(io.BytesIO(data)) as file:
        page, others = file.pages[0], [file.pages[index] for index in range(1, min(len(file.pages), PAGES))]
        tags = {tag.code: tag.value for tag in page.tags}
        kinds = [int(each.subfiletype) for each in others if isinstance(each, tifffile.TiffPage)]
        layout = _layout(page, tags)
        about = {
            "colours": _bytes(tags.get(34675)),
            "xmp": _bytes(tags.get(700)),
            "dpi": _resolution(tags),
            "described": bool(tags.keys() - {*STORAGE}),
        }
        resources = _bytes(tags.get(34377))
    if DNG_VERSION in tags:
        raise Unreadable(f"{name} cannot be read: it is a raw photo (DNG); develop it first")
    # Of 8 bits and fewer Pillow knows more ways, and honours all that it knows.
    shallow = max(layout.bits) <= 8
    found = _not_read_here(layout, any(MASK & kind for kind in kinds))
    if wrong := next((what for what, by_pillow in found if not (shallow and by_pillow)), ""):
        raise Unreadable(f"{name} cannot be read: {wrong} is not supported in a TIFF of {max(layout.bits)} bits")
    if found:
        return None
    if layout.width * layout.height * max(layout.samples, 4) > 4 * PIXELS:
        raise Unreadable(f"{name} cannot be read: {layout.width}x{layout.height} are more than {PIXELS / 1e6:.0f} megapixels")
    require_plausible("TIFF", 8, (layout.width, layout.height), len(data), name)
    samples = _samples(page, layout, data, name)
    pixels, alpha = _seen(samples, layout, name)
    # A preview beside the picture (subfile type 1) is no other frame.
    frames = 1 + sum(not kind & 1 for kind in kinds)
    return Raster(pixels, alpha, frames, layout.orientation, iptc=(resources,) if resources else (), **about)


@dataclass(frozen=True)
class _Layout:
    """How pixels are stored, by the tags' names; all are whole numbers, whatever the file says."""

    width: int
    height: int
    depth: int
    samples: int
    photometric: int
    compression: int
    predictor: int
    planar: int
    orientation: int
    fill: int
    ink_set: int
    inks: int
    bits: tuple[int, ...]
    formats: tuple[int, ...]
    extra: tuple[int, ...] | None

    @property
    def colours(self) -> int:
        return 3 if self.photometric == RGB else 1


def _layout(page, tags):
    """Raises TypeError or ValueError for tags that hold no numbers."""
    names = {256: "width", 257: "height", 32997: "depth", 277: "samples", 262: "photometric", 259: "compression"}
    names |= {317: "predictor", 284: "planar", 274: "orientation", 266: "fill", 332: "ink_set"}
    numbers = {name: int(tags.get(code, 1)) for code, name in names.items()}
    numbers["inks"] = int(tags.get(334, 4))
    if min(numbers["width"], numbers["height"], numbers["samples"]) < 1:
        raise ValueError("it has no pixels")
    extra = None if 338 not in tags else _numbers(tags[338])
    return _Layout(bits=_numbers(tags.get(258, 1)), formats=_numbers(tags.get(339, 1)), extra=extra, **numbers)


def _numbers(value):
    numbers = value if isinstance(value, tuple) else (value,)
    if len(numbers) > SAMPLES:
        raise ValueError(f"{len(numbers)} numbers where there is one for each sample, at most {SAMPLES}")
    return tuple(int(one) for one in numbers)


def _not_read_here(layout, masked):
    """[(what would be shown otherwise than it is, in words; whether Pillow shows it as it is)]."""
    names = {SEPARATED: "SEPARATED", YCBCR: "YCBCR", CIELAB: "CIELAB", PALETTE: "PALETTE", 32803: "CFA"}
    kind, ways = layout.photometric, (MIN_IS_WHITE, MIN_IS_BLACK, RGB)
    packed = f"Compression {layout.compression}{' (JPEG)' * (layout.compression in (6, 7))}"
    is_cmyk = layout.ink_set == 1 and layout.inks == 4
    checks = (
        (f"BitsPerSample {' '.join(map(str, sorted(set(layout.bits))))}", set(layout.bits) not in ({8}, {16}), True),
        ("SampleFormat (signed or floating point)", not set(layout.formats) <= {UNSIGNED, UNDEFINED}, False),
        (f"PhotometricInterpretation {names.get(kind, kind)}", kind not in ways, kind in (PALETTE, SEPARATED, YCBCR, CIELAB)),
        ("InkSet (other inks than CMYK)", kind == SEPARATED and not is_cmyk, False),
        (packed, layout.compression not in (1, *PACKED), layout.compression in DRAWN),
        (f"Predictor {layout.predictor}", layout.predictor not in (1, 2), False),
        (f"PlanarConfiguration {layout.planar}", layout.planar not in (1, 2), False),
        (f"FillOrder {layout.fill}", layout.fill != 1, True),
        (f"Orientation {layout.orientation}", layout.orientation not in range(1, 9), True),
        (f"ImageDepth {layout.depth}", layout.depth != 1, False),
        (f"SamplesPerPixel {layout.samples}", layout.samples < layout.colours, False),
        ("a transparency mask (NewSubfileType 4)", masked, False),
    )
    return [(what, by_pillow) for what, wrong, by_pillow in checks if wrong]


def _samples(page, layout, data, name):
    """(H, W, samples) as they are in the file, in this machine's byte order."""
    compression, deep = layout.compression, layout.bits[0] // 8
    wide = layout.samples if layout.planar == 1 else 1
    with pillow(name, "cannot be read"):
        width, rows = (page.tilewidth, page.tilelength) if page.is_tiled else (page.imagewidth, page.rowsperstrip)
        rows = rows if page.is_tiled else min(rows, layout.height)
        if not 0 < width * rows <= 2 * PIXELS or layout.samples > SAMPLES:
            raise ValueError("its strips or tiles are of no possible size")
        if len(page.dataoffsets) != len(page.databytecounts):
            raise ValueError("StripOffsets and StripByteCounts do not fit each other")
        page.compression = 1  # What tifffile gets is decompressed by then.
        planes, _, height, across, samples = page.shaped
        found = np.zeros((planes, height, across, samples), np.dtype(f"u{deep}"))
        left = planes * height * across
        for index, (offset, count) in enumerate(zip(page.dataoffsets, page.databytecounts, strict=True)):
            if offset + count > len(data):
                raise EOFError("the file ends before its pixels do")
            high = rows if page.is_tiled else min(rows, height - index % -(-height // rows) * rows)
            segment = data[offset : offset + count]
            if compression != 1:
                segment = _decompressed(segment, compression, width * wide * deep, high)
            block, (plane, _, top, begin, _), _ = page.decode(segment, index)
            block = block[0, : height - top, : across - begin]
            found[plane, top : top + block.shape[0], begin : begin + block.shape[1]] = block
            left -= block.shape[0] * block.shape[1]
        if left > 0:
            raise EOFError("strips or tiles are missing")
    return found[0] if planes == 1 else np.ascontiguousarray(np.moveaxis(found[..., 0], 0, -1))


def _decompressed(segment, compression, length, rows):
    """The bytes of one strip or tile: it is wrapped as a grey picture of one byte a pixel, which Pillow's libtiff opens."""
    entries = ((256, 4, length), (257, 4, rows), (258, 3, 8), (259, 3, compression), (262, 3, MIN_IS_BLACK), (273, 4, 8))
    entries = (*entries, (277, 3, 1), (278, 4, rows), (279, 4, len(segment)))
    packed = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in entries)
    start = 8 + len(segment)
    wrapped = struct.pack("<2sHI", b"II", 42, start) + segment + struct.pack("<H", len(entries)) + packed + bytes(4)
    with Image.open(io.BytesIO(wrapped), formats=["TIFF"]) as file:
        return file.tobytes()


def _seen(samples, layout, name):
    """Colours and alpha of samples: black at zero, not multiplied by alpha."""
    colours = layout.colours
    pixels, extra = samples[..., :colours], samples[..., colours:]
    # Where the tag is missing, a single further channel is alpha, as other readers have it.
    kinds = layout.extra if layout.extra is not None else (UNASSOCIATED,) if extra.shape[-1] == 1 else (0,) * extra.shape[-1]
    if len(kinds) != extra.shape[-1]:
        raise Unreadable(f"{name} cannot be read: ExtraSamples names {len(kinds)} channels, {extra.shape[-1]} are there")
    known = [index for index, kind in enumerate(kinds) if kind in (ASSOCIATED, UNASSOCIATED)]
    alpha = np.ascontiguousarray(extra[..., known[0]]) if known else None
    if known and kinds[known[0]] == ASSOCIATED:
        pixels = _unmultiplied(pixels, alpha)
    if layout.photometric == MIN_IS_WHITE:
        pixels = ~pixels
    return np.ascontiguousarray(pixels), alpha


def _unmultiplied(pixels, alpha):
    """Colours that had been multiplied by alpha, rounded; where nothing is seen they stay."""
    largest = np.iinfo(pixels.dtype).max
    found = np.empty_like(pixels)
    for rows in range(0, len(pixels), 256):  # Floating point for a part at a time.
        part, seen = pixels[rows : rows + 256], alpha[rows : rows + 256, :, None]
        whole = np.rint(part.astype(np.float64) * largest / np.maximum(seen, 1)).clip(0, largest)
        found[rows : rows + 256] = np.where(seen == 0, part, whole)
    return found


def _bytes(value):
    return value if isinstance(value, bytes) else bytes(value) if isinstance(value, np.ndarray) else b""


def _resolution(tags):
    """Pixels an inch, where the file gives a unit and numbers that can be one."""
    scale = {2: 1.0, 3: 2.54}.get(int(tags.get(296, 2)))
    values = [tags.get(code) for code in (282, 283)]
    if scale is None or not all(isinstance(value, tuple) and len(value) == 2 and value[0] > 0 and value[1] > 0 for value in values):
        return None
    return tuple(scale * numerator / denominator for numerator, denominator in values)
