"""Two decoders on the very same pictures: python -m tests.slow.stegastamp.decoders OLD NEW FOLDER [PHOTOS], a table on stdout.

OLD and NEW are checkpoints or released folders with one encoder; OLD stamps. FOLDER is what a training on it holds out photos of: of those,
one of each scene. Every photo is stamped with a message of its own at the network's strength, 0.7 and 0.5 of it; a part is put where it
lies in the mark, up to 1.5 % of a side off its place and its size.
"""

import sys
from collections.abc import Iterator

import cv2
import numpy as np

from stegastamp.locating.views import placed
from stegastamp.measure.attacks import NATIVE_ATTACKS, attack_key
from stegastamp.message.acceptance import read
from stegastamp.message.formats import formats_for
from stegastamp.network.stamp import Stamper, added, load, network_view
from stegastamp.pictures.photos import photo_group, training_and_held_out
from tests.slow.stegastamp.crops import to_aspect

WHOLE = (
    *("none", "jpeg75", "jpeg50", "jpeg30", "resize_half", "resize_quarter", "screenshot", "print_and_camera", "rotation_5"),
    *("perspective_5_percent", "gaussian_blur", "noise", "brightness", "contrast", "gamma", "hue", "saturation"),
)
PARTS = {
    "middle, 90 % of each side": lambda height, width: (0.05, 0.05, 0.95, 0.95),
    "middle, 75 % of each side": lambda height, width: (0.125, 0.125, 0.875, 0.875),
    "square": to_aspect(1, 0.5),
    "4:5, off the middle": to_aspect(4 / 5, 0.7),
    "16:9": to_aspect(16 / 9, 0.5),
    "9:16": to_aspect(9 / 16, 0.5),
    "15 % off the left": lambda height, width: (0.15, 0, 1, 1),
    "15 % off above": lambda height, width: (0, 0.15, 1, 1),
}
"""Left, top, right and bottom in sides of a photo (height, width)."""
FACTORS = (1.0, 0.7, 0.5)
OFF = 0.015
SHARES = {True: 1 / 2, False: 1 / 32}
"""Of the risk: of a whole picture, and of one place of a part."""


def views(photo: np.ndarray, stamped: np.ndarray, name: str, side: int) -> Iterator[tuple[str, bool, np.ndarray]]:
    """Row, whether it is of the whole picture, and what a decoder sees."""
    height, width = photo.shape[:2]
    for row in WHOLE:
        yield row, True, network_view(NATIVE_ATTACKS[row].apply(stamped, attack_key(3, name, row)), side)
    for row, part in PARTS.items():
        left, top, right, bottom = part(height, width)
        cut = stamped[round(top * height) : round(bottom * height), round(left * width) : round(right * width)]
        cut = cv2.imdecode(cv2.imencode(".jpg", cut, [cv2.IMWRITE_JPEG_QUALITY, 75])[1], cv2.IMREAD_COLOR)
        generator = np.random.default_rng(attack_key(3, name, row).view(np.uint32))
        box = np.array([[left, top], [right, top], [right, bottom], [left, bottom]])
        box = 0.5 + (box - 0.5) * (1 + generator.uniform(-OFF, OFF, 2)) + generator.uniform(-OFF, OFF, 2)
        yield row, False, placed(cut, box, side)


def count(decoder: Stamper, seen: np.ndarray, word: np.ndarray, shares: list[float]) -> list[tuple[int, bool]]:
    """Wrong bits of each view, and whether it is read."""
    formats = formats_for(decoder.bits)
    found = []
    for logits, share in zip(decoder.logits(seen), shares, strict=True):
        reading = read(logits[None], formats, [share])
        found.append((int(((logits > 0) != word).sum()), reading is not None and (formats[0].encode(reading.message) == word).all()))
    return found


def main(old: str, new: str, folder: str, most: str = "24") -> None:
    """Print the table."""
    decoders = load(old), load(new)
    stamper, generator = decoders[0], np.random.default_rng(5)
    form = formats_for(stamper.bits)[0]
    held_out = training_and_held_out(folder, "", stamper.size)[1]
    scenes = {photo_group(name): (name, image) for name, image in zip(held_out.names, held_out.images, strict=True)}
    rows: dict[tuple[str, bool, float], list] = {}
    for name, photo in list(scenes.values())[: int(most)]:
        word = form.encode("".join(generator.choice(list("abcdefghijklmnop"), 7)))
        residual = stamper.residuals(network_view(photo, stamper.size)[None], word[None].astype(np.float32))[0]
        for factor in FACTORS:
            each = list(views(photo, added(photo, residual * np.float32(factor)), name, stamper.size))
            seen = np.stack([view for _, _, view in each])
            told = [count(one, seen, word, [SHARES[whole] for _, whole, _ in each]) for one in decoders]
            for (row, whole, _), *pair in zip(each, *told, strict=True):
                rows.setdefault((row, whole, factor), []).append(pair)
        print(".", end="", file=sys.stderr, flush=True)
    head = [f"x {factor:g}: wrong | read" for factor in FACTORS]
    print(f"\n| of {len(next(iter(rows.values())))}, old / new | {' | '.join(head)} |\n|{'---|' * (2 * len(FACTORS) + 1)}")
    for row, whole in dict.fromkeys((row, whole) for row, whole, _ in rows):
        cells = []
        for factor in FACTORS:
            wrong, read_ = np.moveaxis(np.array(rows[row, whole, factor], float), -1, 0)
            cells += [" / ".join(f"{value:.2f}" for value in wrong.mean(0)), " / ".join(f"{value:.0f}" for value in read_.sum(0))]
        print(f"| {row} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main(*sys.argv[1:])
