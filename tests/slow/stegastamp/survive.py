"""What `encode` gains by searching: python -m tests.slow.stegastamp.survive [FOLDER [COUNT]], tables on stdout.

Every photo of the folder, and every scene of tests/fixtures/scenes.py, is stamped twice with the released `base`: at the network's own
strength, and as strong as what it must survive takes. Then both are read by all that `decode` tries. FLIP is that of 67 pixels per degree
(Andersson et al. 2020; pip install flip-evaluator), CIEDE2000 after a blur of 1/30 degree there; the scenes are read after JPEG 50 and
three prints.
"""

import sys
import time
from pathlib import Path

import cv2
import flip_evaluator
import numpy as np
from skimage.color import deltaE_ciede2000, rgb2lab

from stegastamp.measure.attacks import NATIVE_ATTACKS, attack_key
from stegastamp.pictures import codec
from stegastamp.pictures.codec import Codec
from stegastamp.pictures.photos import find_images, read_image
from stegastamp.pictures.picture import Picture
from tests.fixtures.scenes import SCENES

DEGREE = 67.0
"""Pixels per degree of visual angle."""
ATTACKS = ("none", "jpeg30", "resize_quarter", "crop_90_percent", "perspective_5_percent", "brightness", "noise", "print_and_camera")
LETTERS = list("abcdefghijklmnopqrstuvwxyz0123456789")


def flip(cover: np.ndarray, stamped: np.ndarray) -> float:
    """Mean FLIP of two (H, W, 3) uint8 images."""
    pair = (np.float32(image) / 255 for image in (cover, stamped))
    return float(flip_evaluator.evaluate(*pair, "LDR", True, False, True, {"ppd": DEGREE})[1])


def blurred_difference(cover: np.ndarray, stamped: np.ndarray) -> float:
    """Mean CIEDE2000 after a blur of a thirtieth of a degree."""
    seen = [rgb2lab(cv2.GaussianBlur(np.float32(image) / 255, (0, 0), DEGREE / 30)) for image in (cover, stamped)]
    return float(deltaE_ciede2000(*seen).mean())


def measured(used: Codec, name: str, cover: np.ndarray, strength: float | None, attacks) -> dict[str, float]:
    """What one stamp of a picture costs and survives; the message is the same whatever the strength."""
    text = "".join(np.random.default_rng(sum(map(ord, name))).choice(LETTERS, 7))
    began = time.process_time()
    marked = used.mark(Picture.of(cover), text, strength=strength)
    row = {"seconds": time.process_time() - began, "strength": marked.strength, "psnr": marked.psnr}
    row |= {"flip": flip(cover, marked.picture.pixels), "ciede": blurred_difference(cover, marked.picture.pixels)}
    for attack, draw in attacks:
        attacked = NATIVE_ATTACKS[attack].apply(marked.picture.pixels, attack_key(draw, name, attack))
        found = used.decode(attacked)
        row[attack] = row.get(attack, 0) + float(found is not None and found.message == text)
    return row


def main(folder: str = "", count: str = "1000") -> None:
    """Print the tables."""
    cv2.setNumThreads(1)
    used = codec.load(codec.RELEASED / "base")
    ways = {"network's own": used.stamper.strength, "searched": None}
    print("| picture | strength | PSNR | FLIP | read of 4 |\n|---|---|---|---|---|")
    for name, scene in SCENES.items():
        for way, strength in ways.items():
            row = measured(used, name, scene(), strength, [("jpeg50", 0), *(("print_and_camera", draw) for draw in range(3))])
            read = row["jpeg50"] + row["print_and_camera"]
            print(f"| {name}, {way} | {row['strength']:.4f} | {row['psnr']:.1f} | {row['flip']:.4f} | {read:.0f} |", flush=True)
    if not folder:
        return
    rows: dict[str, list[dict[str, float]]] = {way: [] for way in ways}
    for path in find_images(Path(folder))[: int(count)]:
        for way, strength in ways.items():
            rows[way].append(measured(used, path.name, read_image(path), strength, [(attack, 0) for attack in ATTACKS]))
        print(".", end="", file=sys.stderr, flush=True)
    names = ["PSNR", "worst", "FLIP", "worst", "CIEDE2000", "seconds", *ATTACKS]
    print(f"\n{len(rows['searched'])} photos; read, of all\n\n| strength | {' | '.join(names)} |\n|{'---|' * (len(names) + 1)}")
    for way, found in rows.items():
        mean = {name: float(np.mean([row[name] for row in found])) for name in found[0]}
        worst = min(row["psnr"] for row in found), max(row["flip"] for row in found)
        prices = f"{mean['psnr']:.1f} | {worst[0]:.1f} | {mean['flip']:.4f} | {worst[1]:.4f} | {mean['ciede']:.2f} | {mean['seconds']:.2f}"
        print(f"| {way} | {prices} | {' | '.join(f'{mean[attack]:.3f}' for attack in ATTACKS)} |")


if __name__ == "__main__":
    main(*sys.argv[1:])
