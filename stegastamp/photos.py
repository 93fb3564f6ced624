"""Photos for training and evaluation: found, decoded once into a uint8 cache, split by photo."""

import hashlib
import json
import os
import re
import sys
import warnings
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff")

# Colour and grey photographs inside the scikit-image wheel; the last three are kept for evaluation.
EMBEDDED_TRAIN = (
    *("astronaut.png", "brick.png", "camera.png", "cell.png", "clock_motion.png", "coins.png", "grass.png", "gravel.png"),
    *("hubble_deep_field.jpg", "ihc.png", "moon.png", "motorcycle_left.png", "motorcycle_right.png", "page.png"),
    *("retina.jpg", "text.png"),
)
EMBEDDED_HELD_OUT = ("chelsea.png", "coffee.png", "rocket.jpg")


@dataclass(frozen=True)
class Photos:
    """Decoded photos, (H, W, 3) uint8 RGB each, with their names. `unreadable` names the files that were left out."""

    names: tuple[str, ...]
    images: tuple[np.ndarray, ...]
    unreadable: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.images)


def training_and_held_out(images: str, held_out: str, size: int) -> tuple[Photos, Photos]:
    """The photos to train on and those to evaluate on, none in both; `images` empty means the embedded ones.

    A folder is split by photo: a tenth of the photos, chosen by a hash of their names, is held out.
    Raises FileNotFoundError or ValueError with one line where there is nothing to train on.
    """
    if not images:
        return embedded(EMBEDDED_TRAIN), folder_photos(held_out, size) if held_out else embedded(EMBEDDED_HELD_OUT)
    photos = folder_photos(images, size)
    if held_out:
        return photos, folder_photos(held_out, size)
    groups = sorted({photo_group(name) for name in photos.names}, key=lambda group: zlib.crc32(group.encode()))
    if len(groups) < 2:
        raise ValueError(f"{images} holds a single photo, so none can be held out; give --held-out")
    chosen = set(groups[: max(1, len(groups) // 10)])

    def part(keep):
        rows = [i for i, name in enumerate(photos.names) if (photo_group(name) in chosen) == keep]
        return Photos(tuple(photos.names[i] for i in rows), tuple(photos.images[i] for i in rows), photos.unreadable)

    return part(False), part(True)


def photo_group(name: str) -> str:
    """The photo a file was cut from: its name without a last part `_full` or `_cN`, so that cuts of one photo stay together."""
    return re.sub(r"_(full|c\d+)$", "", Path(name).stem)


def embedded(names: Sequence[str]) -> Photos:
    """Photos inside the scikit-image wheel (see its data/README.txt for their licences)."""
    import skimage

    folder = Path(skimage.__file__).parent / "data"
    return Photos(tuple(names), tuple(read_image(folder / name) for name in names))


def folder_photos(folder: str | Path, size: int) -> Photos:
    """All photos below a folder, through a uint8 cache that is decoded once and mapped into memory.

    Unreadable files, and photos with a side under `size`, are counted, named and left out. Raises FileNotFoundError for a missing
    folder or one without images, ValueError where none of them can be used.
    """
    folder = Path(folder).expanduser()
    paths = find_images(folder)
    stamp = json.dumps([size, [[str(p), p.stat().st_size, p.stat().st_mtime_ns] for p in paths]])
    cache = cache_folder() / "photos" / hashlib.sha256(stamp.encode()).hexdigest()[:24]
    if not (cache / "index.json").exists():
        _fill_cache(cache, folder, paths, size)
    index = json.loads((cache / "index.json").read_text())
    if index["unreadable"]:
        few = "; ".join(index["unreadable"][:5])
        more = f"; and {len(index['unreadable']) - 5} more" if len(index["unreadable"]) > 5 else ""
        print(f"{len(index['unreadable'])} of {len(paths)} files in {folder} left out: {few}{more}", file=sys.stderr, flush=True)
    if not index["photos"]:
        raise ValueError(f"none of the {len(paths)} images in {folder} can be used")
    pixels = np.memmap(cache / "pixels.bin", np.uint8, "r")
    images = [pixels[o : o + h * w * 3].reshape(h, w, 3) for _, o, h, w in index["photos"]]
    return Photos(tuple(name for name, *_ in index["photos"]), tuple(images), tuple(index["unreadable"]))


def find_images(folder: Path) -> list[Path]:
    """Image files below a folder, sorted. Raises FileNotFoundError with one line."""
    if not folder.is_dir():
        raise FileNotFoundError(f"image folder {folder} does not exist")
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file())
    if not paths:
        raise FileNotFoundError(f"image folder {folder} holds no image ({', '.join(SUFFIXES)})")
    return paths


def read_image(path: Path | str) -> np.ndarray:
    """One image as (H, W, 3) uint8 RGB, upright by its EXIF orientation. Raises FileNotFoundError or ValueError with one line."""
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"image {path} does not exist")
    try:
        # Pillow warns of odd metadata and transparent palettes; the pixels are none the worse.
        with warnings.catch_warnings(action="ignore"), Image.open(path) as file:
            upright = ImageOps.exif_transpose(file)
            if upright.mode.startswith("I"):  # 16 bits; Pillow would clip it.
                return np.repeat((np.asarray(upright, np.int64) >> 8).clip(0, 255).astype(np.uint8)[..., None], 3, axis=-1)
            return np.asarray(upright.convert("RGB"))
    except UnidentifiedImageError:
        raise ValueError(f"{path} is no readable image") from None
    except Exception as error:  # Damaged bytes make Pillow raise nearly anything.
        raise ValueError(f"{path} is damaged: {error}") from None


def cache_folder() -> Path:
    """Where decoded photos and fetched weights are kept: STEGASTAMP_CACHE, or stegastamp/ in the user's cache folder."""
    if "STEGASTAMP_CACHE" in os.environ:
        return Path(os.environ["STEGASTAMP_CACHE"])
    return Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "stegastamp"


def _fill_cache(cache, folder, paths, size):
    # No crop is taken from more than 4 x size pixels, so larger photos are stored at that short side.
    limit = 4 * size
    cache.mkdir(parents=True, exist_ok=True)
    photos, unreadable, offset = [], [], 0
    beside = cache / f"pixels.{os.getpid()}"
    with open(beside, "wb") as file:
        for path in paths:
            name = str(path.relative_to(folder))
            try:
                image = read_image(path)
            except ValueError as error:
                unreadable.append(f"{name} ({str(error).removeprefix(str(path)).strip()})")
                continue
            height, width = image.shape[:2]
            if min(height, width) < size:
                unreadable.append(f"{name} ({width}x{height} is smaller than the crop of {size})")
                continue
            if min(height, width) > limit:
                scale = limit / min(height, width)
                image = cv2.resize(image, (round(width * scale), round(height * scale)), interpolation=cv2.INTER_AREA)
                height, width = image.shape[:2]
            file.write(image.tobytes())
            photos.append([name, offset, height, width])
            offset += image.nbytes
    os.replace(beside, cache / "pixels.bin")
    index = cache / f"index.{os.getpid()}"
    index.write_text(json.dumps({"photos": photos, "unreadable": unreadable}))
    os.replace(index, cache / "index.json")
