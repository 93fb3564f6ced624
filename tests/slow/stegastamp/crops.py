"""How many stamped photos are read after a crop: python -m tests.slow.stegastamp.crops FOLDER [PHOTOS [SKIP]], a table on stdout.

Photos whose sides are 1.3 to 1.6 to one are stamped with the released `base` at its own strength, cut, and saved as JPEG 75. Of files
named NAME_c1, NAME_full and the like, which show one photo, the last is taken. SKIP leaves out the first photos.
"""

import sys
from pathlib import Path

import cv2
import numpy as np

import stegastamp
from longrun.health.floors import wilson_interval
from stegastamp.pictures import codec
from stegastamp.pictures.photos import SUFFIXES, read_image


def to_aspect(aspect, place):
    """The largest part of width / height `aspect`; place: 0 to 1, from the left or top end to the other."""

    def part(height, width):
        kept = min(1, aspect * height / width), min(1, width / height / aspect)
        return (place * (1 - kept[0]), place * (1 - kept[1]), *(place * (1 - one) + one for one in kept))

    return part


CUTS = {
    "square, middle": to_aspect(1, 0.5),
    "square, off the middle": to_aspect(1, 0.3),
    "4:5, middle": to_aspect(4 / 5, 0.5),
    "4:5, off the middle": to_aspect(4 / 5, 0.7),
    "16:9, middle": to_aspect(16 / 9, 0.5),
    "9:16, middle": to_aspect(9 / 16, 0.5),
    "15 % off the left": lambda height, width: (0.15, 0, 1, 1),
    "10 % off the right": lambda height, width: (0, 0, 0.9, 1),
    "15 % off above": lambda height, width: (0, 0.15, 1, 1),
    "5 % off below": lambda height, width: (0, 0, 1, 0.95),
}
"""Left, top, right and bottom in sides of a photo (height, width)."""
HALF = 0.5
"""Cuts that keep less of a photo are counted by themselves."""


def photos(folder: str, count: int, skip: int) -> list[np.ndarray]:
    """Photos of distinct names, (H, W, 3) uint8."""
    found = {}
    for path in sorted(Path(folder).rglob("*")):
        if path.suffix.lower() in SUFFIXES:
            photo = read_image(str(path))
            if 1.3 < max(photo.shape[:2]) / min(photo.shape[:2]) < 1.6:
                found[path.stem.rsplit("_", 1)[0] if path.stem.rsplit("_", 1)[-1][:1] in "cf" else path.stem] = photo
        if len(found) == skip + count:
            break
    return list(found.values())[skip:]


def main(folder: str, count: str = "24", skip: str = "0") -> None:
    """Print the table."""
    model = stegastamp.load(codec.RELEASED / "base")
    rows: dict[tuple[str, bool], list[bool]] = {}
    for photo in photos(folder, int(count), int(skip)):
        stamped = model.encode(photo, "Hello", strength=model.stamper.strength)
        height, width = photo.shape[:2]
        for name, part in CUTS.items():
            left, top, right, bottom = part(height, width)
            cut = stamped[round(top * height) : round(bottom * height), round(left * width) : round(right * width)]
            cut = cv2.imdecode(cv2.imencode(".jpg", cut, [cv2.IMWRITE_JPEG_QUALITY, 75])[1], cv2.IMREAD_COLOR)
            found = model.decode(cut)
            kept = (right - left) * (bottom - top)
            rows.setdefault((name, kept >= HALF), []).append(found is not None and found.message == "Hello")
            print(".", end="", file=sys.stderr, flush=True)
    print("\n| cut | read | of |\n|---|---|---|")
    for (name, much), read in sorted(rows.items()):
        print(f"| {name}{'' if much else ', less than half kept'} | {sum(read)} | {len(read)} |")
    for much, what in ((True, "half or more kept"), (False, "less than half kept")):
        read = [one for key, each in rows.items() if key[1] == much for one in each]
        low, high = wilson_interval(sum(read), len(read))
        print(f"| all, {what} | {sum(read)} ({low:.1%} to {high:.1%}) | {len(read)} |")


if __name__ == "__main__":
    main(*sys.argv[1:])
