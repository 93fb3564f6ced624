"""Stamping, reading and finding stamps in a line each, with the released networks: arrays, Pillow images or paths in."""

import functools
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from longrun.release.models import Runtime
from stegastamp.detector.detect import find_stamps
from stegastamp.detector.finding import search
from stegastamp.detector.finding.search import Detector
from stegastamp.detector.reading import Reader
from stegastamp.detector.reading import Reading as Stamp
from stegastamp.message.acceptance import Reading
from stegastamp.message.formats import Message
from stegastamp.message.key import Key, key_of
from stegastamp.network.stamp import Stamper
from stegastamp.pictures.codec import RELEASED, AnyImage, Codec, load_once, picture_of

AnyKey = Key | bytes | str | Path | None


def encode(image: AnyImage, message: Message, *, checkpoint: str = "", key: AnyKey = None, **options: Any) -> np.ndarray | Image.Image:
    """Stamp an image: the image with the message in it. See `Codec.encode`, also for the options.

    message: up to 7 bytes of text, or with format="uuid" a UUID. key: a file, its bytes or a Key; see `Codec`.
    """
    return _codec(checkpoint, options.get("format", ""), key).encode(image, message, **options)


def decode(image: AnyImage, *, checkpoint: str = "", key: AnyKey = None, format: str = "") -> Reading | None:
    """Read a stamp: its message, or None where there is none. See `Codec.decode`; a UUID is read with format="uuid"."""
    return _codec(checkpoint, format, key).decode(image, format=format)


def detect(image: AnyImage, *, checkpoint: str = "", key: AnyKey = None) -> list[Stamp]:
    """Find and read the stamps in a photo, each with its text and its corners in pixels."""
    seen = picture_of(image).eight_bit().on(1.0)
    frame = seen if seen.shape[2] == 3 else np.repeat(seen, 3, axis=2)
    return find_stamps(np.ascontiguousarray(frame), _detector(), Reader(_stamper(checkpoint, ""), key_of(key)))[0]


def _codec(checkpoint, format, key):
    return Codec(_stamper(checkpoint, format), key)


def _stamper(checkpoint: str, format: str, runtime: Runtime = "") -> Stamper:
    return load_once(str(checkpoint), format, runtime).stamper


@functools.cache
def _detector() -> Detector:
    folder = RELEASED / "detector"
    return search.load(folder if folder.exists() else search.WITHOUT)
