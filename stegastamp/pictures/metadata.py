"""What files say beside their pixels: taken out of PNG, JPEG and others, put into PNG and JPEG, and named where it is dropped."""

import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace

from stegastamp.pictures.opening import PNG, chunks

COLOUR_CHUNKS = (b"gAMA", b"cHRM", b"sRGB", b"cICP", b"mDCV", b"cLLI")
TEXT_CHUNKS = (b"tEXt", b"zTXt", b"iTXt")
XMP_KEY, XMP_HEADER = b"XML:com.adobe.xmp", b"http://ns.adobe.com/xap/1.0/\0"
IPTC_HEADER, MORE_XMP_HEADER = b"Photoshop 3.0\0", b"http://ns.adobe.com/xmp/extension/\0"
SEGMENT = 65533
"""Bytes that a segment of a JPEG holds."""
XMP_LENGTH = 2**24
"""Bytes of a packet of XMP that are unpacked at most."""
UNSAID, SRGB = 2, (1, (1, 6, 13))
"""Primaries and transfer functions that are as good as sRGB's, by the numbers of ITU-T H.273."""
METRE = 1 / 0.0254
"""Inches in one."""


@dataclass(frozen=True)
class Metadata:
    """What a file says beside its pixels, EXIF and colour profile apart.

    iptc: Photoshop's resources, each as a JPEG segment has them. dpi: pixels an inch, across and down. chunks: (name, content) of the
    PNG chunks that say how colours are meant. texts: the same of chunks of text. dropped: what reading has left out, in words.
    """

    xmp: bytes = b""
    iptc: tuple[bytes, ...] = ()
    dpi: tuple[float, float] | None = None
    comments: tuple[bytes, ...] = ()
    chunks: tuple[tuple[bytes, bytes], ...] = ()
    texts: tuple[tuple[bytes, bytes], ...] = ()
    dropped: tuple[str, ...] = ()


def of_file(data: bytes, info: dict) -> Metadata:
    """Metadata of the bytes of a file; `info` is what Pillow has found in them."""
    if data.startswith(PNG):
        return _of_png(data)
    found = _of_jpeg(data) if data.startswith(b"\xff\xd8") else Metadata(xmp=_bytes(info.get("xmp")))
    return replace(found, dpi=resolution(info.get("dpi")), chunks=_of_heif(info))


def without(more: Metadata, what: str) -> Metadata:
    """The same with a note that `what` was left out in reading."""
    return replace(more, dropped=(*more.dropped, what))


def left_out(more: Metadata, suffix: str) -> list[str]:
    """What a file of that suffix does not keep of it, in words."""
    names = [*more.dropped]
    png, jpeg = suffix == ".png", suffix in (".jpg", ".jpeg")
    tiff = suffix in (".tif", ".tiff")
    # A packet of XMP that is too long for its one segment would have to be rewritten in two.
    long = jpeg and len(more.xmp) + len(XMP_HEADER) > SEGMENT
    names += ["XMP"] * bool(more.xmp and (long or suffix == ".bmp"))
    names += ["IPTC"] * bool(more.iptc and not (jpeg and all(map(_fits, more.iptc))))
    names += ["resolution"] * bool(more.dpi and not (png or jpeg or tiff))
    names += ["comment"] * bool(more.comments and not (png or jpeg))
    names += [] if png else [name.decode() for name, _ in more.chunks]
    names += ["text"] * bool(more.texts and not png)
    return names


def into_png(data: bytes, more: Metadata, with_profile: bool) -> bytes:
    """The bytes of a PNG with metadata put in before its pixels. with_profile: whether a colour profile is there already."""
    chunks = [(name, content) for name, content in more.chunks if not (with_profile and name == b"sRGB")]
    if more.dpi:
        chunks.append((b"pHYs", struct.pack(">IIB", *(round(value * METRE) for value in more.dpi), 1)))
    if more.xmp:
        chunks.append((b"iTXt", XMP_KEY + b"\0\0\0\0\0" + more.xmp))
    chunks += [(b"iTXt", b"Comment\0\0\0\0\0" + comment.decode("utf-8", "replace").encode()) for comment in more.comments]
    chunks += more.texts
    made = b"".join(
        struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content)) for name, content in chunks
    )
    start = len(PNG) + 25  # Behind the header, which is always as long.
    return data[:start] + made + data[start:]


def into_jpeg(data: bytes, more: Metadata) -> bytes:
    """The bytes of a JPEG with metadata put in behind its first segment."""
    head, rest = data[:2], data[2:]
    if data[2:4] == b"\xff\xe0":
        length = 4 + int.from_bytes(data[4:6], "big")
        head, rest = data[:length], data[length:]
        if more.dpi:
            across, down = (min(round(value), 65535) for value in more.dpi)
            head = head[:13] + struct.pack(">BHH", 1, across, down) + head[18:]
    if more.xmp and len(XMP_HEADER + more.xmp) <= SEGMENT:
        rest = _segment(0xE1, XMP_HEADER + more.xmp) + rest
    made = b"".join(_segment(0xED, IPTC_HEADER + one) for one in more.iptc if _fits(one))
    made += b"".join(_segment(0xFE, comment) for comment in more.comments)
    # EXIF, which is there already, comes first by its standard.
    while rest[:2] == b"\xff\xe1":
        length = 2 + int.from_bytes(rest[2:4], "big")
        head, rest = head + rest[:length], rest[length:]
    return head + made + rest


def resolution(dpi: object) -> tuple[float, float] | None:
    """Pixels an inch as a file has them, where they can be that: above 0, and below a pixel for each atom."""
    if not isinstance(dpi, tuple) or len(dpi) != 2 or not all(0 < float(value) < 1e8 for value in dpi):
        return None
    return float(dpi[0]), float(dpi[1])


def _of_png(data):
    colours, texts, xmp, dpi = [], [], b"", None
    for name, view, _ in chunks(data):
        content = b"" if name == b"IDAT" else bytes(view)
        if name in COLOUR_CHUNKS:
            colours.append((name, content))
        elif name == b"pHYs" and len(content) == 9 and content[8] == 1:
            across, down = struct.unpack(">II", content[:8])
            dpi = resolution((across / METRE, down / METRE))
        elif name == b"iTXt" and content.startswith(XMP_KEY + b"\0"):
            xmp = _international_text(content[len(XMP_KEY) + 1 :])
        elif name in TEXT_CHUNKS:
            texts.append((name, content))
    return Metadata(xmp=xmp, dpi=dpi, chunks=tuple(colours), texts=tuple(texts))


def _of_heif(info):
    """Other colours than sRGB, which HEIF tells by numbers, as the chunk that a PNG has for it."""
    told = info.get("nclx_profile") or {}
    primaries, transfer = (told.get(name, UNSAID) for name in ("color_primaries", "transfer_characteristics"))
    # A colour profile says more, and is kept by itself.
    if info.get("icc_profile") or (primaries in (UNSAID, SRGB[0]) and transfer in (UNSAID, *SRGB[1])):
        return ()
    return ((b"cICP", bytes([primaries, transfer, 0, 1])),)


def bits_of(kind: str | None, data: bytes) -> int:
    """Bits a channel that a file of a format says it has, which Pillow may bring to 8; 8 where it does not say.

    kind: as Pillow calls the format: AVIF, JPEG2000 and PPM are asked.
    """
    if kind == "AVIF":
        box = data.find(b"av1C")
        # Third byte: bit 6 stands for more than 8, bit 5 for 12 of these (AV1 Codec ISO Media File Format Binding, 2.3.3).
        flags = data[box + 6] if 0 <= box < len(data) - 6 else 0
        return (12 if flags & 0x20 else 10) if flags & 0x40 else 8
    if kind == "JPEG2000":
        # Of the first component: one less, and a bit for its sign (ISO/IEC 15444-1, A.5.1).
        place = data.find(b"\xff\x4f\xff\x51") + 42
        return (data[place] & 0x7F) + 1 if 42 <= place < len(data) else 8
    if kind == "PPM":
        words = re.sub(rb"#[^\n]*", b" ", data[:1000]).split(maxsplit=4)
        return int(words[3]).bit_length() if words[0] in (b"P3", b"P6") and len(words) > 3 and words[3].isdigit() else 8
    return 8


def _international_text(content):
    """The text of an iTXt chunk behind its key: whether it is packed, how, language and translated key, each of these ended by a zero."""
    parts = content[2:].split(b"\0", 2)
    if len(parts) < 3 or not content[0]:
        return parts[-1]
    try:
        return zlib.decompressobj().decompress(parts[2], XMP_LENGTH)
    except zlib.error:
        return b""


def _of_jpeg(data):
    xmp, iptc, comments, dropped = b"", [], [], []
    for marker, content in _segments(data):
        if marker == 0xE1 and content.startswith(XMP_HEADER):
            xmp = content[len(XMP_HEADER) :]
        elif marker == 0xE1 and content.startswith(MORE_XMP_HEADER):
            dropped.append("extended XMP")
        elif marker == 0xED and content.startswith(IPTC_HEADER):
            iptc.append(content[len(IPTC_HEADER) :])
        elif marker == 0xFE:
            comments.append(content)
        elif marker == 0xE2 and content.startswith(b"MPF\0"):
            dropped.append("pictures behind the first (MPF)")
    return Metadata(xmp=xmp, iptc=tuple(iptc), comments=tuple(comments), dropped=tuple(dict.fromkeys(dropped)))


def _segments(data) -> Iterator[tuple[int, bytes]]:
    place = 2
    while place + 4 <= len(data) and data[place] == 0xFF and data[place + 1] != 0xDA:
        if data[place + 1] == 0xFF:  # Filling.
            place += 1
            continue
        length = int.from_bytes(data[place + 2 : place + 4], "big")
        yield data[place + 1], data[place + 4 : place + 2 + length]
        place += 2 + max(length, 2)


def _fits(resources):
    return len(IPTC_HEADER) + len(resources) <= SEGMENT


def _segment(marker, content):
    return bytes([0xFF, marker]) + struct.pack(">H", len(content) + 2) + content


def _bytes(value):
    return value if isinstance(value, bytes) else value.encode() if isinstance(value, str) else b""
