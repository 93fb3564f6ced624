"""Stamping and reading image files."""

import json
import sys
from pathlib import Path

import cv2
import numpy as np

from stegastamp import message, stamp
from stegastamp.evaluate import psnr
from stegastamp.photos import read_image

RELEASED = Path(__file__).resolve().parent.parent / "checkpoints" / "released" / "stegastamp" / "quick"
LOSSLESS = (".png", ".bmp", ".tif", ".tiff")


def encode_file(image: str, output: str, text: str, checkpoint: str, strength: float | None, overwrite: bool) -> None:
    """Hide `text` (up to 7 bytes of UTF-8) in an image file of any size and write the stamped one.

    Raises ValueError or OSError with one line: text too long, unreadable image, output exists, output format unknown.
    """
    target = Path(output)
    if target.exists() and not overwrite:
        raise ValueError(f"{target} exists; --overwrite replaces it")
    if target.suffix.lower() not in (*LOSSLESS, ".jpg", ".jpeg", ".webp"):
        raise ValueError(f"{target} must end in .png, .jpg or .webp, or another image suffix")
    cover = read_image(image)
    stamper = stamp.load(checkpoint or RELEASED)
    bits = message.encode_text(text, stamper.config.bits)
    stamped = stamper.stamp_image(cover, bits.astype(np.float32), strength)
    target.parent.mkdir(parents=True, exist_ok=True)
    if not cv2.imwrite(str(target), cv2.cvtColor(stamped, cv2.COLOR_RGB2BGR)):
        raise OSError(f"cannot write {target}")
    logits = stamper.read_image(read_image(target))
    right = int(((logits > 0) == (bits > 0)).sum())
    found = message.decode_text((logits > 0).astype(np.uint8))
    quality = float(psnr(cover[None], stamped[None])[0])
    print(f"{target}: {cover.shape[1]}x{cover.shape[0]}, PSNR {quality:.1f} dB, {right} of {len(bits)} bits read back from the file")
    if found is None or found.text != text:
        used = stamper.strength if strength is None else strength
        raise ValueError(f"{target} was written but its message cannot be read back; raise --strength (it is {used})")


def decode_file(image: str, checkpoint: str, as_json: bool) -> int:
    """Print the text in an image file; returns 0 if there is one, 1 if not."""
    stamper = stamp.load(checkpoint or RELEASED)
    logits = stamper.read_image(read_image(image))
    found = message.decode_text((logits > 0).astype(np.uint8))
    if as_json:
        values = {
            "found": found is not None,
            "text": found.text if found else None,
            "corrected": found.corrected if found else None,
        }
        print(json.dumps(values))
    elif found is None:
        print(f"{image}: no message", file=sys.stderr)
    else:
        print(f"{found.text}\n({found.corrected} bits corrected)" if found.corrected else found.text)
    return 0 if found else 1
