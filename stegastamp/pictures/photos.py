"""Photos for training and evaluation: found, decoded once into a uint8 cache, split by photo."""

import hashlib
import json
import os
import re
import sys
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import compress
from pathlib import Path

import cv2
import numpy as np

from longrun.errors import UserError
from stegastamp.pictures.formats import read_picture
from stegastamp.pictures.opening import Unreadable

INDEX = 3
"""Version of what the cache's index holds."""
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
    """Decoded photos, (H, W, 3) uint8 RGB each, with their names. `unreadable` names the files that were left out.

    `contents` are hashes of the pixels as they were in the files, one a photo.
    """

    names: tuple[str, ...]
    images: tuple[np.ndarray, ...]
    unreadable: tuple[str, ...] = ()
    contents: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.images)

    def where(self, keep: Sequence[bool]) -> "Photos":
        """The photos for which `keep` is true."""
        names, images, contents = (tuple(compress(values, keep)) for values in (self.names, self.images, self.contents))
        return Photos(names, images, self.unreadable, contents)


def fingerprint(photos: Photos) -> str:
    """What identifies photos to train on: their pixels and their order, wherever they lie."""
    return hashlib.blake2b("\n".join(photos.contents).encode(), digest_size=16).hexdigest()


def training_and_held_out(images: str, held_out: str, size: int) -> tuple[Photos, Photos]:
    """The photos to train on and those to evaluate on, none in both; `images` empty means the embedded ones.

    A folder is split by photo: a tenth of the photos, chosen by a hash of their names, is held out. A photo that is in both folders,
    by its pixels or as a cut of the same photo, is held out only; how many those are is said on stderr.
    Raises FileNotFoundError or UserError where there is nothing to train on.
    """
    training = folder_photos(images, size) if images else embedded(EMBEDDED_TRAIN)
    if held_out:
        return _apart(training, folder_photos(held_out, size))
    if not images:
        return training, embedded(EMBEDDED_HELD_OUT)
    groups = sorted({photo_group(name) for name in training.names}, key=lambda group: zlib.crc32(group.encode()))
    if len(groups) < 2:
        raise UserError(f"{images} holds a single photo, so none can be held out; give --held-out")
    chosen = set(groups[: max(1, len(groups) // 10)])
    held = [photo_group(name) in chosen for name in training.names]
    return _apart(training.where([not each for each in held]), training.where(held))


def photos_to_judge(folder: str, images: str, held_out: str, size: int) -> Photos:
    """The photos of `folder`, or, where that is empty, those that a training on `images` and `held_out` keeps for evaluation."""
    return folder_photos(folder, size) if folder else training_and_held_out(images, held_out, size)[1]


def _apart(training, held_out):
    """Both, the first without what is also in the second: equal pixels, or other cuts of a photo by their names."""
    contents = set(held_out.contents)
    copies = [name for name, content in zip(training.names, training.contents, strict=True) if content in contents]
    known = (*held_out.names, *copies)
    # Two files called 1.png in two folders are two photos. A name that ends as a cut's says which photo it is a cut of.
    groups, cut_groups = {photo_group(name) for name in known}, {photo_group(name) for name in known if _is_cut(name)}
    keep = [
        content not in contents and photo_group(name) not in (groups if _is_cut(name) else cut_groups)
        for name, content in zip(training.names, training.contents, strict=True)
    ]
    if not any(keep):
        raise UserError(f"all {len(keep)} photos to train on are held out as well, so none is left")
    if not all(keep):
        print(f"{len(keep) - sum(keep)} of {len(keep)} photos are held out as well and not trained on", file=sys.stderr, flush=True)
    return training.where(keep), held_out


def _is_cut(name):
    return photo_group(name) != Path(name).stem


def photo_group(name: str) -> str:
    """The photo a file was cut from: its name without a last part `_full` or `_cN`, so that cuts of one photo stay together."""
    return re.sub(r"_(full|c\d+)$", "", Path(name).stem)


def embedded(names: Sequence[str]) -> Photos:
    """Photos inside the scikit-image wheel (see its data/README.txt for their licences)."""
    import skimage

    folder = Path(skimage.__file__).parent / "data"
    images = tuple(read_image(folder / name) for name in names)
    return Photos(tuple(names), images, contents=tuple(map(_content, images)))


def folder_photos(folder: str | Path, size: int) -> Photos:
    """All photos below a folder, through a uint8 cache that is decoded once and mapped into memory.

    Unreadable files, and photos with a side under `size`, are counted, named and left out. Raises FileNotFoundError for a missing
    folder or one without images, UserError where none of them can be used.
    """
    folder = Path(folder).expanduser()
    paths = find_images(folder)
    # The names are relative to the folder, and so it belongs to what the cache is known by; so does what the index holds.
    files = [[str(path.relative_to(folder)), path.stat().st_size, path.stat().st_mtime_ns] for path in paths]
    stamp = json.dumps([INDEX, size, str(folder.resolve()), files])
    cache = cache_folder() / "photos" / hashlib.sha256(stamp.encode()).hexdigest()[:24]
    if not (cache / "index.json").exists():
        _fill_cache(cache, folder, paths, size)
    index = json.loads((cache / "index.json").read_text())
    unreadable = index["unreadable"]
    why = "; ".join(unreadable[:5]) + (f"; and {len(unreadable) - 5} more" if len(unreadable) > 5 else "")
    if not index["photos"]:
        raise UserError(f"none of the {len(paths)} images in {folder} can be used: {why}")
    if unreadable:
        print(f"{len(unreadable)} of {len(paths)} files in {folder} left out: {why}", file=sys.stderr, flush=True)
    pixels = np.memmap(cache / "pixels.bin", np.uint8, "r")
    names, offsets, heights, widths, contents = zip(*index["photos"], strict=True)
    images = [pixels[o : o + h * w * 3].reshape(h, w, 3) for o, h, w in zip(offsets, heights, widths, strict=True)]
    return Photos(names, tuple(images), tuple(unreadable), contents)


def find_images(folder: Path) -> list[Path]:
    """Image files below a folder, sorted. Raises FileNotFoundError."""
    if not folder.is_dir():
        raise FileNotFoundError(f"image folder {folder} does not exist")
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file())
    if not paths:
        raise FileNotFoundError(f"image folder {folder} holds no image ({', '.join(SUFFIXES)})")
    return paths


def read_image(path: Path | str) -> np.ndarray:
    """One image as it is seen, (H, W, 3) uint8 RGB: upright, on white where it is transparent. Errors as `read_picture`."""
    seen = read_picture(path).eight_bit().on(1.0)
    return seen if seen.shape[2] == 3 else np.repeat(seen, 3, axis=2)


def cache_folder() -> Path:
    """Where decoded photos and fetched weights are kept: STEGASTAMP_CACHE, or stegastamp/ in the user's cache folder."""
    if "STEGASTAMP_CACHE" in os.environ:
        return Path(os.environ["STEGASTAMP_CACHE"])
    return Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "stegastamp"


def _content(image):
    return hashlib.blake2b(image, digest_size=16, salt=np.array(image.shape[:2]).tobytes()).hexdigest()


def _fill_cache(cache, folder, paths, size):
    cache.mkdir(parents=True, exist_ok=True)
    beside, index = (cache / f"{name}.{os.getpid()}" for name in ("pixels", "index"))
    try:
        with open(beside, "wb") as file:
            found = _decode(file, folder, paths, size)
        index.write_text(json.dumps(found))
        os.replace(beside, cache / "pixels.bin")
        os.replace(index, cache / "index.json")
    except OSError as error:
        raise type(error)(f"cannot write decoded photos to {cache}: {error.strerror}") from error
    finally:  # A full disk is not to be filled further.
        for path in (beside, index):
            path.unlink(missing_ok=True)


def _decode(file, folder, paths, size):
    """Write the pixels of all usable photos into a file; {"photos": [[name, offset, height, width, content]], "unreadable": [reason]}."""
    # No crop is taken from more than 4 x size pixels, so larger photos are stored at that short side.
    limit = 4 * size
    photos, unreadable, offset = [], [], 0
    for path in paths:
        name = str(path.relative_to(folder))
        try:
            image = read_image(path)
        except (Unreadable, FileNotFoundError) as error:
            unreadable.append(f"{name} ({str(error).removeprefix(str(path)).strip()})")
            continue
        height, width = image.shape[:2]
        if min(height, width) < size:
            unreadable.append(f"{name} ({width}x{height} is smaller than the crop of {size})")
            continue
        content = _content(image)
        if min(height, width) > limit:
            scale = limit / min(height, width)
            image = cv2.resize(image, (round(width * scale), round(height * scale)), interpolation=cv2.INTER_AREA)
            height, width = image.shape[:2]
        file.write(image.tobytes())
        photos.append([name, offset, height, width, content])
        offset += image.nbytes
    return {"photos": photos, "unreadable": unreadable}
