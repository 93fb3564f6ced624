"""Pictures as files: whatever a camera or a scanner writes goes in, and comes out with its depth, transparency and metadata.

Pillow reads (it knows every variant, and notices truncated files), but for TIFF (see tiff.py) and for PNG of 16 bits, which OpenCV
reads. OpenCV writes, tifffile what is TIFF, Pillow what is AVIF.
"""

import io
import sys
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageOps, features

from longrun.errors import UserError
from stegastamp.pictures import metadata
from stegastamp.pictures.metadata import SEGMENT, Metadata
from stegastamp.pictures.opening import PNG, Unreadable, opened, pillow, quiet
from stegastamp.pictures.picture import ORIENTATION, Picture, planes
from stegastamp.pictures.tiff import STORAGE, is_tiff, read_tiff

QUALITY = {".jpg": 95, ".jpeg": 95, ".webp": 90, ".avif": 90}
"""The quality that is meant unless one is told, by suffix."""
DEEP = (".png", ".tif", ".tiff")
WRITTEN = (".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp", *([".avif"] if features.check("avif") else []))
OPAQUE = (".jpg", ".jpeg", ".bmp")
STDIO = "-"
"""The name of standard input and output."""
EXIF_ROOM = SEGMENT - len(b"Exif\0\0")


def read_picture(path: Path | str) -> Picture:
    """A picture from a file; "-" is standard input. Raises FileNotFoundError or Unreadable."""
    if str(path) == STDIO:
        return picture_from(sys.stdin.buffer.read(), "standard input")
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"image {path} does not exist")
    return picture_from(path.read_bytes(), str(path))


def picture_from(data: bytes, name: str) -> Picture:
    """A picture from the bytes of a file; `name` is what errors call it. Raises Unreadable."""
    raster = read_tiff(data, name) if is_tiff(data) else None
    if raster is not None:
        pixels, alpha = raster.pixels, raster.alpha
        pixels, alpha = (None if each is None else _upright(each, raster.orientation) for each in (pixels, alpha))
        colours, frames = raster.colours, raster.frames
        more = Metadata(xmp=raster.xmp, iptc=raster.iptc, dpi=metadata.resolution(raster.dpi))
        with pillow(name, "cannot be read"):
            exif = Image.Exif()
            if data[2:4] in (b"*\0", b"\0*"):
                exif.load(data)
            elif raster.described:  # Pillow cannot read that of the large ones, whose places are of 64 bits.
                more = metadata.without(more, "EXIF")
    else:
        file = opened(data, name)
        with pillow(name, "cannot be read"):
            exif = file.getexif()
            orientation = exif.get(ORIENTATION, 1)
            frames = getattr(file, "n_frames", 1) if file.format in ("GIF", "PNG", "WEBP", "TIFF", "AVIF", "HEIF") else 1
            more = metadata.of_file(data, file.info)
        colours = file.info.get("icc_profile") or b""
        if file.format == "PNG" and data[24] == 16:
            pixels, alpha = _sixteen_bits(data, orientation, file.mode, name)
        elif file.format == "HEIF" and file.info["bit_depth"] > 8:
            pixels, alpha = _deep_heif(data, name)
        elif file.format == "PPM" and file.mode == "I":
            pixels, alpha = _sixteen_grey(file, name)
        else:
            pixels, alpha = _eight_bits(file, data, name)
        if pixels.dtype == np.uint8 and (bits := metadata.bits_of(file.format, data)) > 8:
            more = metadata.without(more, f"what {bits} bits say beyond 8")
        if colours and file.mode not in ("L", "LA", "RGB", "RGBA", "P", "PA"):
            # Of CMYK, Lab, ...: it would be wrong for the RGB that they become.
            colours, more = b"", metadata.without(more, f"colour profile of {file.mode}")
    if alpha is not None and (alpha == np.iinfo(alpha.dtype).max).all():
        alpha = None
    return Picture(np.ascontiguousarray(pixels), alpha, _described(exif, is_tiff(data), name), colours, frames, more)


def file_bytes(picture: Picture, suffix: str, quality: int | None = None) -> bytes:
    """A picture as the bytes of a file of that suffix. quality: 1 to 100, of JPEG, WebP (100 is lossless there) and AVIF.

    Grey with transparency becomes RGBA. Raises UserError where the format cannot hold the picture.
    """
    suffix = suffix.lower()
    if suffix not in WRITTEN:
        raise UserError(f"cannot write {suffix or 'a file without suffix'}; formats: {', '.join(WRITTEN)}")
    if picture.alpha is not None and suffix in OPAQUE:
        raise UserError(f"{suffix} has no transparency, the picture has; write .png or .webp")
    if quality is not None and not 1 <= quality <= 100:
        raise UserError(f"quality is 1 to 100, not {quality}")
    if suffix in (".jpg", ".jpeg") and len(picture.exif) > EXIF_ROOM:
        raise UserError(f"EXIF of {len(picture.exif)} bytes does not fit into a JPEG, which holds {EXIF_ROOM}; write .png or .webp")
    array = (picture if suffix in DEEP else picture.eight_bit()).array()
    colours = picture.colours if _fits(picture.colours, array) else b""
    if suffix in (".tif", ".tiff"):
        return _tiff_bytes(array, colours, picture.more)
    quality = quality or QUALITY.get(suffix)
    if suffix == ".avif":
        return _avif_bytes(picture, array, colours, quality)
    return _opencv_bytes(picture, suffix, array, colours, quality)


def dropped(picture: Picture, suffix: str) -> list[str]:
    """What the picture's file said beside its pixels and a file of that suffix does not say, in words."""
    suffix = suffix.lower()
    names = metadata.left_out(picture.more, suffix)
    names += ["EXIF"] * bool(picture.exif and suffix in (".tif", ".tiff", ".bmp"))
    lost = picture.colours and (suffix == ".bmp" or not _fits(picture.colours, picture.array()))
    return [*dict.fromkeys(names + ["colour profile"] * bool(lost))]


def _opencv_bytes(picture, suffix, array, colours, quality):
    size = picture.size
    if array.shape[2] > 1:
        array = cv2.cvtColor(array, cv2.COLOR_RGB2BGR if array.shape[2] == 3 else cv2.COLOR_RGBA2BGRA)
    # OpenCV's word for lossless WebP is a quality above 100.
    names = {".jpg": cv2.IMWRITE_JPEG_QUALITY, ".jpeg": cv2.IMWRITE_JPEG_QUALITY, ".webp": cv2.IMWRITE_WEBP_QUALITY}
    options = [names[suffix], 101 if suffix == ".webp" and quality == 100 else quality] if suffix in names else []
    kept = {cv2.IMAGE_METADATA_EXIF: picture.exif, cv2.IMAGE_METADATA_ICCP: colours}
    if suffix == ".webp":
        kept[cv2.IMAGE_METADATA_XMP] = picture.more.xmp
    # OpenCV has no way to put these into BMP.
    kinds = [kind for kind, content in kept.items() if content and suffix != ".bmp"]
    values = [np.frombuffer(kept[kind], np.uint8) for kind in kinds]
    try:
        with quiet():
            done, data = cv2.imencodeWithMetadata(suffix, array, kinds, values, options) if kinds else cv2.imencode(suffix, array, options)
    except cv2.error as error:
        raise UserError(f"{size} cannot be written as {suffix}: {error.err}") from error
    if not done:
        raise UserError(f"{size} cannot be written as {suffix}")
    if suffix == ".png":
        return metadata.into_png(data.tobytes(), picture.more, bool(colours))
    return metadata.into_jpeg(data.tobytes(), picture.more) if suffix in (".jpg", ".jpeg") else data.tobytes()


def _tiff_bytes(array, colours, more):
    import tifffile  # Other pictures do not wait for it.

    tags = [(34675, 7, len(colours), colours, True)] if colours else []
    tags += [(700, 1, len(more.xmp), more.xmp, True)] if more.xmp else []
    options = {"extrasamples": ["unassalpha"]} if array.shape[2] == 4 else {}
    if more.dpi:
        options |= {"resolution": more.dpi, "resolutionunit": "INCH"}
    file = io.BytesIO()
    tifffile.imwrite(
        file,
        array if array.shape[2] > 1 else array[..., 0],
        photometric="rgb" if array.shape[2] > 1 else "minisblack",
        planarconfig="contig" if array.shape[2] > 1 else None,
        compression="zlib",
        predictor=True,
        metadata=None,
        software=False,
        extratags=tags,
        rowsperstrip=max(1, 2**20 // (array.shape[1] * array.shape[2])),
        **options,
    )
    return file.getvalue()


def _avif_bytes(picture, array, colours, quality):
    file = io.BytesIO()
    image = Image.fromarray(array if array.shape[2] > 1 else array[..., 0])
    kept = {"exif": picture.exif, "icc_profile": colours, "xmp": picture.more.xmp}
    try:
        with quiet():
            image.save(file, "AVIF", quality=quality, subsampling="4:4:4", **{name: value for name, value in kept.items() if value})
    except (ValueError, OSError) as error:
        raise UserError(f"{picture.size} cannot be written as .avif: {error}") from error
    return file.getvalue()


def _fits(colours, array):
    """Whether a colour profile is one for what is written: grey for grey, RGB for RGB."""
    return bool(colours) and colours[16:20] == (b"GRAY" if array.shape[2] == 1 else b"RGB ")


def _described(exif, from_tiff, name):
    """EXIF as bytes, without what was true of the file's own pixels only; the picture is upright by now."""
    with pillow(name, "cannot be read"):
        for tag in STORAGE if from_tiff else (ORIENTATION,):
            exif.pop(tag, None)
        return exif.tobytes().removeprefix(b"Exif\0\0") if len(exif) else b""


def _eight_bits(file, data, name):
    """Pixels and alpha in an open file, upright."""
    if file.mode in ("F", "I"):
        raise Unreadable(f"{name} cannot be read: pixels of 32 bits (mode {file.mode}) are not supported")
    with pillow(name, "cannot be read"):
        ImageOps.exif_transpose(file, in_place=True)
        key = file.info.get("transparency")
        # Pillow has the key as it is in the file, and the pixels brought to 8 bits.
        if data.startswith(PNG) and isinstance(key, int) and file.mode in ("1", "L") and data[24] < 8:
            file.info["transparency"] = key % 2 ** data[24] * 255 // (2 ** data[24] - 1)
        return planes(file)


def _sixteen_bits(data, orientation, mode, name):
    """Pixels and alpha of a PNG of 16 bits, upright."""
    place = data.find(b"tRNS", 33, data.find(b"IDAT", 33))
    length = int.from_bytes(data[place - 4 : place], "big") if place > 0 else 0
    key = np.frombuffer(data[place + 4 : place + 4 + length], ">u2") if length in (2, 6) else None
    if key is not None:  # OpenCV has its own mind about it.
        data = data[: place - 4] + data[place + 8 + length :]
    try:
        with quiet():
            array = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    except cv2.error as error:
        raise Unreadable(f"{name} cannot be read: {error.err}") from error
    if array is None:
        raise Unreadable(f"{name} cannot be read: its pixels are damaged or cut short")
    if array.dtype != np.uint16:
        raise Unreadable(f"{name} cannot be read: {mode} with 16 bits a channel is not supported")
    if array.ndim == 3:
        array = cv2.cvtColor(array, cv2.COLOR_BGR2RGB if array.shape[2] == 3 else cv2.COLOR_BGRA2RGBA)
    picture = Picture.of(_upright(array, orientation))
    if key is None or len(key) != picture.pixels.shape[2]:
        return picture.pixels, picture.alpha
    return picture.pixels, np.where((picture.pixels == key).all(-1), np.uint16(0), np.uint16(65535))


def _sixteen_grey(file, name):
    """Pixels of a grey PNM of up to 16 bits, which Pillow brings to 16 and calls pixels of 32; it has no alpha."""
    with pillow(name, "cannot be read"):
        return np.asarray(file).astype(np.uint16)[..., None], None


def _deep_heif(data, name):
    """Pixels and alpha of a HEIF of 10 or 12 bits, brought to 16; its library turns them upright."""
    import pillow_heif  # It is there where the file has been opened.

    with pillow(name, "cannot be read"):
        picture = Picture.of(np.asarray(pillow_heif.open_heif(io.BytesIO(data), convert_hdr_to_8bit=False)))
    return picture.pixels, picture.alpha


def _upright(array, orientation):
    """Pillow cannot turn 16-bit colour; the eight cases of the EXIF tag."""
    if orientation in (5, 6, 7, 8):
        array = array.swapaxes(0, 1)
    vertical, horizontal = {2: (1, -1), 3: (-1, -1), 4: (-1, 1), 6: (1, -1), 7: (-1, -1), 8: (-1, 1)}.get(orientation, (1, 1))
    return np.ascontiguousarray(array[::vertical, ::horizontal])
