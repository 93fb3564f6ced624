"""One photo with the messages that are stamped into it, and how an image of any size is read."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from longrun.step.seeding import name_code
from stegastamp.measure.attacks import NATIVE_ATTACKS, attack_key
from stegastamp.network.stamp import Stamper, network_view
from stegastamp.pictures.photos import read_image

CURVE_ATTACKS = ("none", "jpeg50", "print_and_camera")
"""Attacks after which models are compared at several strengths."""


@dataclass(frozen=True)
class Case:
    """One photo with its messages, (M, bits) float32 of coin flips: a function of the seed and the photo's name."""

    path: Path
    cover: np.ndarray
    messages: np.ndarray
    seed: int

    @staticmethod
    def of(path: Path, count: int, bits: int, seed: int) -> "Case":
        """Read the photo and draw its messages. Raises Unreadable for a damaged file."""
        flips = np.random.default_rng((seed, name_code(f"messages of {path.name}"))).integers(0, 2, (count, bits))
        return Case(path, read_image(path), flips.astype(np.float32), seed)

    def stamp(self, stamper: Stamper, message: int, strength: float | None = None) -> np.ndarray:
        """The cover with its message of that number, (H, W, 3) uint8."""
        return stamper.stamp_image(self.cover, self.messages[message], strength)

    def attack(self, name: str, stamped: np.ndarray, message: int) -> np.ndarray:
        """The stamp with its message of that number after an attack, of whatever size it leaves."""
        return NATIVE_ATTACKS[name].apply(stamped, attack_key(self.seed, f"{self.path.name} with message {message}", name))


def views(image: np.ndarray, side: int, turned: bool) -> list[np.ndarray]:
    """What a reader looks at: the image at network size, (S, S, 3) uint8, and where it may lie on its side its four rotations."""
    small = network_view(image, side)
    return [np.ascontiguousarray(np.rot90(small, turns)) for turns in range(4 if turned else 1)]


def read(stamper: Stamper, images: Sequence[np.ndarray], turned: bool = False) -> np.ndarray:
    """Logits (N, bits) of images of any size; of several rotations the one whose logits are largest, which asks for no message."""
    seen = [views(image, stamper.size, turned) for image in images]
    logits = stamper.logits(np.stack([view for group in seen for view in group])).reshape(len(seen), len(seen[0]), -1)
    surest = np.abs(logits).mean(axis=-1).argmax(axis=1)
    return logits[np.arange(len(seen)), surest]
