"""Messages into pictures of any kind and out of them again: arrays in, arrays out."""

import functools
import math
import os
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from longrun.errors import UserError
from longrun.release import shipped
from longrun.release.models import Runtime
from stegastamp.message import soft
from stegastamp.message.acceptance import FALSE_ACCEPT, Reading, read
from stegastamp.message.formats import UUID_BITS, Format, Message, formats_for, named
from stegastamp.message.key import Key, key_of
from stegastamp.network import stamp
from stegastamp.network.stamp import Stamper, added, network_view
from stegastamp.pictures.crops import LUMA, resize
from stegastamp.pictures.formats import Picture, file_bytes, picture_from, read_picture
from stegastamp.pictures.strength import Survive, copy_of, needed
from stegastamp.pictures.tries import SHARES, search

AnyImage = np.ndarray | Image.Image | str | os.PathLike
"""An array, a Pillow image, or the path of a file."""
RELEASED = shipped.released("stegastamp")
RAISE = 1.25
"""Factor between two strengths that are tried."""
RAISES = 8
"""How often the strength is raised before giving up: up to six times the first one."""


class DoesNotSurvive(UserError):
    """The message cannot be read back, however strong the mark."""


@dataclass(frozen=True)
class Marked:
    """A picture with a message in it, and what that took."""

    picture: Picture
    format: str
    strength: float
    psnr: float
    """Of the picture against its cover, in dB, as both are seen on white."""
    survives: str
    """What the strength was searched for, see strength.py; empty where it was given, or is the network's own."""
    wrong: int
    """Bits that were read wrong after the check, of `bits`; up to `correctable` are put right whichever they are."""
    bits: int
    correctable: int


class Codec:
    """Trained networks together with formats, error correction and the handling of pictures.

    An image is grey (H, W) or (H, W, 1), RGB (H, W, 3) or RGBA (H, W, 4), of any size, uint8 or uint16; or a Pillow image of any mode
    of up to 16 bits, or the path of a file. The mark lies where a picture is seen: with transparency it is read on white and on black.

    key: what is stamped is said to those alone who have it, and what was stamped without it is not read. A file, its bytes, or a Key.
    """

    def __init__(self, stamper: Stamper, key: Key | bytes | str | Path | None = None):
        self.stamper, self.key = stamper, key_of(key)

    def formats(self, name: str = "") -> tuple[Format, ...]:
        """What the network's bits may mean, the default first, or the format of that name. Errors as `formats_for`."""
        return formats_for(self.stamper.bits, name, self.key)

    def encode(
        self,
        image: AnyImage,
        message: Message,
        *,
        survive: Survive = "",
        strength: float | None = None,
        format: str = "",
        verify: str = "none",
        margin: int = 0,
    ) -> np.ndarray | Image.Image:
        """The image with the message in it, of its own shape and depth; of a Pillow image or a file one of mode L, RGB, RGBA or I;16.

        message: a text, or a UUID for networks of 256 bits. survive: what the mark is to survive, no stronger than that takes.
        strength: to begin with instead. Raised until the message can be read after `verify` with `margin` correctable errors left. See
        `mark`, also for errors.
        """
        options = {"survive": survive, "strength": strength, "format": format, "margin": margin}
        marked = self.mark(picture_of(image), message, check=attack(verify), **options)
        if isinstance(image, Image.Image | str | os.PathLike):
            return marked.picture.image()
        return marked.picture.array().reshape(np.shape(image))

    def mark(
        self,
        picture: Picture,
        message: Message,
        *,
        survive: Survive = "",
        strength: float | None = None,
        format: str = "",
        check: Callable[[Picture], Picture] | None = None,
        margin: int = 0,
    ) -> Marked:
        """The picture with the message in it, read back before it is returned.

        survive: "file", "messenger" or "print": the strength to begin with is the least with which the mark survives that, see
        strength.py. Empty: the last of the three that the network can do; networks of the additive head have their own strength.
        check: what happens to the picture before it is read back, such as compression. The strength is raised in steps of `RAISE`
        until the message is read and at least `margin` more wrong bits could be corrected wherever they were.
        Raises DoesNotFit for the message, DoesNotSurvive where it is not read at the largest strength either, UserError for other values.
        """
        form = self.formats(format)[0]
        if not 0 <= margin <= form.code.correctable:
            raise UserError(f"margin is 0 to {form.code.correctable} for {form.name}, not {margin}")
        if strength is not None and not strength > 0:
            raise UserError(f"strength must be above 0, not {strength:g}")
        if strength is not None and survive:
            raise UserError(f"a strength ({strength:g}) is given, so there is nothing to search for survive {survive}")
        bits = form.encode(message)
        if picture.alpha is not None and not picture.alpha.any():
            raise DoesNotSurvive("nothing of the picture is seen, all of it is transparent: it can hold no message")
        shown = _shown(picture)
        mark, first, survives = None, strength or self.stamper.strength, ""
        if strength is None and self.stamper.config.mark.head == "normalised":
            mark, first, survives = self._weakest(picture, shown, bits, form, survive)
        elif survive:
            raise UserError(f"this network has one strength: nothing can be searched for survive {survive}")
        for used in (first * RAISE**step for step in range(RAISES + 1)):
            if mark is None:
                pixels = self.stamper.stamp_image(shown, bits.astype(np.float32), used)
            else:
                pixels = added(shown, mark * np.float32(used))
            stamped = replace(picture, pixels=pixels if shown is picture.pixels else np.where(_hidden(picture), picture.pixels, pixels))
            views = (check(stamped) if check else stamped).seen()
            logits = [self.stamper.read_image(view) for view in views]
            wrong = max(int(((one > 0) != bits).sum()) for one in logits)
            # As `decode` would read it: one try among those it has, with all formats that fit.
            found = [read(one[None], self.formats(), [SHARES.upright / len(views)]) for one in logits]
            if all(one is not None and one.format == form.name for one in found) and wrong <= form.code.correctable - margin:
                return Marked(stamped, form.name, used, _psnr(picture, stamped), survives, wrong, len(bits), form.code.correctable)
        part = "" if picture.alpha is None else f", {(picture.alpha > 0).mean():.0%} of the picture is seen"
        raise DoesNotSurvive(
            f"the message does not survive with {margin} errors to spare: at strength {used:.3g} {wrong} of {len(bits)} bits are wrong, "
            f"{form.name} corrects {form.code.correctable}{part}"
        )

    def _weakest(self, picture, shown, bits, form, survive):
        """The residual of strength 1, at the network's size and as many channels, the strength it needs, and what it then survives."""
        whole, side = sum(one.share for one in self.formats()), self.stamper.size

        def spare(logits):
            reliability = soft.reliabilities(logits)
            chance = soft.chance(reliability, int(reliability[(logits > 0) != bits].sum()))
            # As `acceptance.read` would accept it, the whole picture being its first try; without looking for what was stamped.
            return math.log10(FALSE_ACCEPT * SHARES.upright * form.share / (chance * form.messages * whole))

        residual = self.stamper.residuals(network_view(shown, side)[None], bits[None].astype(np.float32))[0]
        if shown.shape[2] == 1:
            residual = residual @ np.float32(LUMA)[:, None]
        copy = copy_of(picture.on(1.0))
        seen = residual if picture.alpha is None else residual * _opaque(picture, side)
        for goal in (survive,) if survive else ("print", "messenger", "file"):
            # Unless told to, no picture is marked more strongly than by the network itself.
            if found := needed(self.stamper, copy, seen, spare, goal, np.inf if survive else 1.0):
                mark = residual * found.weights / np.float32(self.stamper.strength)
                return mark, found.factor * self.stamper.strength, goal if found.survives else ""
        raise DoesNotSurvive(f"the message does not survive {survive or 'in a file'} at any strength that is tried")

    def decode(self, image: AnyImage, *, format: str = "") -> Reading | None:
        """The message in an image, or None. Raises UserError for what is no image, FileNotFoundError for a file that is not there.

        format: reads this one only. The whole picture is tried in four rotations and mirrored, then what lies within its margins, then
        the picture as a part of what was stamped. All those tries are paid for in `false_accept_probability`.
        """
        return self.read_picture(picture_of(image), self.formats(format))

    def read_picture(self, picture: Picture, formats: tuple[Format, ...]) -> Reading | None:
        """As `decode`, for a picture from a file."""
        return search(self.stamper, picture, formats)


def picture_of(image: AnyImage) -> Picture:
    """A picture from an array, a Pillow image or a file. Raises FileNotFoundError or UserError."""
    return read_picture(image) if isinstance(image, str | os.PathLike) else Picture.of(image)


def load(path: Path | str = "", *, format: str = "", key: Key | bytes | str | Path | None = None, runtime: Runtime = "") -> Codec:
    """A Codec from a released or exported folder, a run or a checkpoint; without a path from the released weights for that format.

    key: a file, its bytes or a Key; see `Codec`. runtime: "onnx" (onnxruntime) or "keras"; empty: onnxruntime where the folder has ONNX
    files, as released ones have. Raises OSError or UserError.
    """
    key = key_of(key)  # Found out before the networks are loaded.
    return Codec(stamp.load(path or released(format), runtime), key)


@functools.cache
def load_once(path: str, format: str, runtime: Runtime = "") -> Codec:
    """As `load`, kept for as long as the process lives: for workers that get one picture after the other."""
    return load(path, format=format, runtime=runtime)


def released(format: str = "") -> Path:
    """Folder of the released weights that carry a format (empty: text). Raises FileNotFoundError where there are none."""
    names = ("uuid", "uuid-quick") if format and named(format).bits == UUID_BITS else ("base", "quick")
    found = next((RELEASED / name for name in names if (RELEASED / name / "manifest.json").exists()), None)
    if found is None:
        raise FileNotFoundError(f"no released weights ({' or '.join(names)}) in {RELEASED}; train some, or name a checkpoint")
    return found


def attack(name: str) -> Callable[[Picture], Picture]:
    """What `--verify` names: "none", "png" (8 bits), "jpegQ" or "webpQ" with a quality Q of 1 to 100. Raises UserError."""
    if name == "none":
        return lambda picture: picture
    if name == "png":
        return lambda picture: picture.eight_bit()
    if not (match := re.fullmatch(r"(jpeg|webp)(\d{1,3})", name)) or not 1 <= int(match[2]) <= 100:
        raise UserError(f"unknown check {name!r}; it is none, png, jpegQ or webpQ with a quality Q of 1 to 100, such as jpeg75")
    suffix, quality = {"jpeg": ".jpg", "webp": ".webp"}[match[1]], int(match[2])
    # A JPEG has no transparency; who makes one puts the picture on white.
    return lambda picture: picture_from(file_bytes(Picture(picture.on(1.0)), suffix, quality), f"the picture after {name}")


def _psnr(cover, stamped):
    largest = np.iinfo(cover.pixels.dtype).max
    return float(cv2.PSNR(cover.on(1.0), stamped.on(1.0), largest))


def _hidden(picture):
    return picture.alpha[..., None] == 0


def _shown(picture):
    """The pixels; what nobody sees counts as white for the network."""
    if picture.alpha is None:
        return picture.pixels
    return np.where(_hidden(picture), np.iinfo(picture.pixels.dtype).max, picture.pixels).astype(picture.pixels.dtype)


def _opaque(picture, side):
    """How much of a mark shows, (side, side, 1)."""
    return resize(np.float32(picture.alpha) / np.iinfo(picture.alpha.dtype).max, (side, side))[..., None]
