"""Pictures as files: whatever a camera or a scanner writes goes in, and comes out with its depth, transparency and metadata.

Pillow reads (it knows every variant, and notices truncated files), OpenCV reads what has 16 bits a channel, and writes.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from PIL import ImageOps

from longrun.errors import UserError
from stegastamp.pictures.opening import Unreadable, opened, pillow, quiet

QUALITY = {".jpg": (cv2.IMWRITE_JPEG_QUALITY, 95), ".jpeg": (cv2.IMWRITE_JPEG_QUALITY, 95), ".webp": (cv2.IMWRITE_WEBP_QUALITY, 90)}
"""OpenCV's name of the quality and its default, by suffix."""
DEEP = (".png", ".tif", ".tiff")
WRITTEN = (".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp")
ORIENTATION = 0x0112
BITS_PER_SAMPLE = 258


@dataclass(frozen=True)
class Picture:
    """A picture with what belongs to it, upright.

    pixels: (H, W, 3) RGB or (H, W, 1) grey, uint8 or uint16. alpha: (H, W) of the same depth, or None where all is opaque.
    exif: TIFF bytes without an orientation. colours: ICC profile. frames: how many the file holds; this is the first.
    """

    pixels: np.ndarray
    alpha: np.ndarray | None = None
    exif: bytes = b""
    colours: bytes = b""
    frames: int = 1

    @staticmethod
    def of(image: np.ndarray) -> "Picture":
        """A picture from (H, W), (H, W, 1), (H, W, 3) or (H, W, 4) uint8 or uint16, grey, RGB or RGBA. Raises UserError."""
        image = np.asarray(image)
        if image.dtype not in (np.uint8, np.uint16):
            raise UserError(f"an image is uint8 or uint16, not {image.dtype}")
        if image.ndim == 2:
            image = image[..., None]
        if image.ndim != 3 or image.shape[2] not in (1, 3, 4) or 0 in image.shape:
            raise UserError(f"an image has shape (H, W), (H, W, 1), (H, W, 3) or (H, W, 4), not {image.shape}")
        if image.shape[2] == 4:
            return Picture(np.ascontiguousarray(image[..., :3]), image[..., 3])
        return Picture(np.ascontiguousarray(image))

    @property
    def size(self) -> str:
        """Width x height, in words."""
        return f"{self.pixels.shape[1]}x{self.pixels.shape[0]}"

    def array(self) -> np.ndarray:
        """(H, W, 3), with transparency (H, W, 4), grey without it (H, W, 1)."""
        if self.alpha is None:
            return self.pixels
        pixels = self.pixels if self.pixels.shape[2] == 3 else np.repeat(self.pixels, 3, -1)
        return np.dstack([pixels, self.alpha])

    def eight_bit(self) -> "Picture":
        """The same in 8 bits."""
        if self.pixels.dtype == np.uint8:
            return self
        alpha = None if self.alpha is None else _eight_bit(self.alpha)
        return replace(self, pixels=_eight_bit(self.pixels), alpha=alpha)


def read_picture(path: Path | str) -> Picture:
    """A picture from a file. Raises FileNotFoundError or Unreadable."""
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"image {path} does not exist")
    return picture_from(path.read_bytes(), str(path))


def picture_from(data: bytes, name: str) -> Picture:
    """A picture from the bytes of a file; `name` is what errors call it. Raises Unreadable."""
    file = opened(data, name)
    with pillow(name, "cannot be read"):
        exif = file.getexif()
        orientation = exif.get(ORIENTATION, 1)
        frames = getattr(file, "n_frames", 1) if file.format in ("GIF", "PNG", "WEBP", "TIFF") else 1
        bits = file.tag_v2.get(BITS_PER_SAMPLE, ()) if file.format == "TIFF" else ()
    colours = file.info.get("icc_profile") or b""
    deep = data[24] if file.format == "PNG" else max(bits, default=8)
    if deep == 16 or (file.format != "PNG" and file.mode.startswith("I;16")):
        picture = Picture.of(_sixteen_bits(data, orientation, file.mode, name))
    else:
        picture = _eight_bits(file, name)
        if file.mode not in ("L", "LA", "RGB", "RGBA", "P"):
            colours = b""  # Of CMYK, Lab, ...: it would be wrong for the RGB that they become.
    with pillow(name, "cannot be read"):
        exif.pop(ORIENTATION, None)  # The picture is upright by now.
        described = exif.tobytes() if len(exif) else b""
    alpha = picture.alpha
    if alpha is not None and (alpha == np.iinfo(alpha.dtype).max).all():
        alpha = None
    return Picture(np.ascontiguousarray(picture.pixels), alpha, described.removeprefix(b"Exif\0\0"), colours, frames)


def file_bytes(picture: Picture, suffix: str, quality: int | None = None) -> bytes:
    """A picture as the bytes of a file of that suffix. quality: 1 to 100, of JPEG and WebP (100 is lossless there).

    Grey with transparency becomes RGBA. Raises UserError where the format cannot hold the picture.
    """
    suffix = suffix.lower()
    if suffix not in WRITTEN:
        raise UserError(f"cannot write {suffix or 'a file without suffix'}; formats: {', '.join(WRITTEN)}")
    if picture.alpha is not None and suffix in (".jpg", ".jpeg", ".bmp"):
        raise UserError(f"{suffix} has no transparency, the picture has; write .png or .webp")
    if quality is not None and not 1 <= quality <= 100:
        raise UserError(f"quality is 1 to 100, not {quality}")
    array = (picture if suffix in DEEP else picture.eight_bit()).array()
    if array.shape[2] > 1:
        array = cv2.cvtColor(array, cv2.COLOR_RGB2BGR if array.shape[2] == 3 else cv2.COLOR_RGBA2BGRA)
    options = []
    if suffix in QUALITY:
        name, default = QUALITY[suffix]
        # OpenCV's word for lossless WebP is a quality above 100.
        options = [name, 101 if suffix == ".webp" and quality == 100 else quality or default]
    metadata = {cv2.IMAGE_METADATA_EXIF: picture.exif, cv2.IMAGE_METADATA_ICCP: picture.colours}
    # OpenCV has no way to put these into TIFF and BMP.
    kinds = [kind for kind, data in metadata.items() if data and suffix not in (".tif", ".tiff", ".bmp")]
    try:
        values = [np.frombuffer(metadata[kind], np.uint8) for kind in kinds]
        done, data = cv2.imencodeWithMetadata(suffix, array, kinds, values, options) if kinds else cv2.imencode(suffix, array, options)
    except cv2.error as error:
        raise UserError(f"{picture.size} cannot be written as {suffix}: {error.err}") from error
    if not done:
        raise UserError(f"{picture.size} cannot be written as {suffix}")
    return data.tobytes()


def _eight_bits(file, name):
    """The picture in an open file, upright."""
    if file.mode in ("F", "I"):
        raise Unreadable(f"{name} cannot be read: pixels of 32 bits (mode {file.mode}) are not supported")
    transparent = file.mode in ("LA", "La", "PA", "RGBA", "RGBa") or "transparency" in file.info
    grey = file.mode in ("1", "L", "LA", "La")
    mode = "RGBA" if transparent else "L" if grey else "RGB"
    with pillow(name, "cannot be read"):
        ImageOps.exif_transpose(file, in_place=True)
        pixels = np.asarray(file if file.mode == mode else file.convert(mode))
    return Picture(pixels[..., :1], pixels[..., 3]) if grey and transparent else Picture.of(pixels)


def _sixteen_bits(data, orientation, mode, name):
    try:
        with quiet():
            array = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    except cv2.error as error:
        raise Unreadable(f"{name} cannot be read: {error.err}") from error
    if array is None or array.dtype != np.uint16:
        raise Unreadable(f"{name} cannot be read: {mode} with 16 bits a channel is not supported")
    if array.ndim == 3:
        array = cv2.cvtColor(array, cv2.COLOR_BGR2RGB if array.shape[2] == 3 else cv2.COLOR_BGRA2RGBA)
    return _upright(array, orientation)


def _upright(array, orientation):
    """Pillow cannot turn 16-bit colour; the eight cases of the EXIF tag."""
    if orientation in (5, 6, 7, 8):
        array = array.swapaxes(0, 1)
    vertical, horizontal = {2: (1, -1), 3: (-1, -1), 4: (-1, 1), 6: (1, -1), 7: (-1, -1), 8: (-1, 1)}.get(orientation, (1, 1))
    return np.ascontiguousarray(array[::vertical, ::horizontal])


def _eight_bit(array):
    """16 bits to 8, rounded: 65535 is 255."""
    return cv2.convertScaleAbs(array, alpha=1 / 257).reshape(array.shape)
