"""A picture in memory: pixels, transparency, and what travels along."""

from dataclasses import dataclass, field, replace

import cv2
import numpy as np
from PIL import Image, ImageOps

from longrun.errors import UserError
from stegastamp.pictures.metadata import Metadata
from stegastamp.pictures.opening import Unreadable, pillow

ORIENTATION = 0x0112
"""The EXIF tag that says how a picture is held."""


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
    more: Metadata = field(default_factory=Metadata)
    """XMP, IPTC, resolution, comments, text and what else a PNG says."""

    @staticmethod
    def of(image: np.ndarray | Image.Image) -> "Picture":
        """A picture from a Pillow image of any mode up to 16 bits, or from an array, (H, W), (H, W, 1), (H, W, 3) or (H, W, 4).

        Arrays are uint8 or uint16, grey, RGB or RGBA. What a camera held sideways is turned upright, where a Pillow image says so.
        Raises UserError.
        """
        if isinstance(image, Image.Image):
            with pillow("the image", "cannot be read"):  # It may be that of a file, not read yet.
                turned = image.getexif().get(ORIENTATION, 1) != 1
                pixels, alpha = planes(ImageOps.exif_transpose(image) if turned else image)
            return Picture(np.ascontiguousarray(pixels), alpha)
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

    def image(self) -> Image.Image:
        """As Pillow has it: of mode L, RGB or RGBA, or I;16 for grey of 16 bits; colour of 16 bits becomes 8, which is all it knows."""
        grey = self.pixels.shape[2] == 1 and self.alpha is None
        array = self.pixels[..., 0] if grey else self.eight_bit().array()
        return Image.fromarray(array)

    def eight_bit(self) -> "Picture":
        """The same in 8 bits."""
        if self.pixels.dtype == np.uint8:
            return self
        alpha = None if self.alpha is None else _eight_bit(self.alpha)
        return replace(self, pixels=_eight_bit(self.pixels), alpha=alpha)

    def seen(self) -> list[np.ndarray]:
        """What there is to be seen: the pixels, or with transparency what they look like on white and on black."""
        if self.alpha is None:
            return [self.pixels]
        return [self.on(1.0), self.on(0.0)]

    def on(self, background: float) -> np.ndarray:
        """Pixels as they look before white (1.0) or black (0.0)."""
        if self.alpha is None:
            return self.pixels
        largest = np.iinfo(self.pixels.dtype).max
        found = np.empty_like(self.pixels)
        channels, white = found.shape[2], background == 1.0
        for rows in range(0, len(found), 256):  # Intermediate results of a part at a time.
            part, alpha = self.pixels[rows : rows + 256], self.alpha[rows : rows + 256]
            alpha = cv2.merge([alpha] * channels).reshape(part.shape)
            # p a + b (1 - a) is b + (p - b) a: of black or white behind, what is left of the difference.
            left = cv2.multiply(largest - part if white else part, alpha, scale=1 / largest).reshape(part.shape)
            found[rows : rows + 256] = largest - left if white else left
        return found


def planes(image: Image.Image) -> tuple[np.ndarray, np.ndarray | None]:
    """Pixels (H, W, 3) or (H, W, 1) and alpha (H, W) or None of a Pillow image, by its mode. Raises Unreadable for 32 bits."""
    if image.mode.startswith("I;16"):
        return np.asarray(image).astype(np.uint16)[..., None], None
    if image.mode in ("F", "I"):
        raise Unreadable(f"pixels of 32 bits (mode {image.mode}) are not supported")
    key = image.info.get("transparency")
    if image.mode in ("1", "L"):
        pixels = np.array(image.convert("L"))
        alpha = np.where(pixels == key, np.uint8(0), np.uint8(255)) if isinstance(key, int) else None
        return pixels[..., None], alpha
    transparent = image.mode in ("LA", "La", "PA", "RGBA", "RGBa") or key is not None
    if not transparent:
        return np.array(image.convert("RGB")), None
    # Pillow goes from La to RGBA through LA alone.
    straight = image.convert("LA") if image.mode == "La" else image
    pixels = np.array(straight.convert("RGBA"))
    return pixels[..., :1] if image.mode in ("LA", "La") else pixels[..., :3], pixels[..., 3]


def _eight_bit(array):
    """16 bits to 8, rounded: 65535 is 255."""
    return cv2.convertScaleAbs(array, alpha=1 / 257).reshape(array.shape)
