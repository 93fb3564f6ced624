"""How well a message is carried, beside the floor of one who guesses, and what the picture pays for it."""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from skimage.color import deltaE_ciede2000, rgb2lab

from longrun import binomial_score, result
from longrun.step import seeding
from stegastamp.measure.attacks import ATTACKS
from stegastamp.network.stamp import Stamper
from stegastamp.pictures.crops import evaluation_messages, held_out_crops
from stegastamp.pictures.photos import Photos

GUESSING = 0.5
"""Bit accuracy of one who has not seen the image."""
VIEWING_BLUR = 2.0
"""Standard deviation in pixels of the blur that stands for the eye at viewing distance."""


@dataclass(frozen=True)
class HeldOut:
    """Covers (N, S, S, 3) uint8 from photos that training never saw, and messages (N, bits)."""

    covers: np.ndarray
    messages: np.ndarray

    @staticmethod
    def draw(photos: Photos, stamper: Stamper, count: int) -> "HeldOut":
        """`count` cases for a stamper, the same ones whenever it is called with the same photos."""
        return HeldOut(held_out_crops(photos, stamper.size, count), evaluation_messages(count, stamper.bits))


def bit_accuracy(stamper: Stamper, images: np.ndarray, messages: np.ndarray) -> tuple[int, int]:
    """(right bits, bits) of images (N, S, S, 3) uint8."""
    right = (stamper.logits(images) > 0) == (messages > 0.5)
    return int(right.sum()), right.size


def quick_scores(stamper: Stamper, cases: HeldOut, strength: float) -> dict[str, float]:
    """Held-out bit accuracy under each attack as "held_out_NAME", and PSNR in dB as "held_out_psnr", for a line of metrics."""
    stamped = stamper.stamp(cases.covers, cases.messages, strength)
    scores = {"held_out_psnr": float(psnr(cases.covers, stamped).mean())}
    for name in ATTACKS:
        right, count = bit_accuracy(stamper, attacked(name, stamped), cases.messages)
        scores[f"held_out_{name}"] = right / count
    return scores


def evaluate(stamper: Stamper, photos: Photos, count: int) -> dict:
    """Everything: bit accuracy under each attack with floor and interval, and the price in the picture. See longrun.run.report.result."""
    cases = HeldOut.draw(photos, stamper, count)
    stamped = stamper.stamp(cases.covers, cases.messages)
    scores = {}
    for name in ATTACKS:
        right, bits = bit_accuracy(stamper, attacked(name, stamped), cases.messages)
        scores[f"bit_accuracy_{name}"] = binomial_score(right, bits, GUESSING)
    unmarked_right, bits = bit_accuracy(stamper, cases.covers, cases.messages)
    scores["bit_accuracy_unmarked"] = binomial_score(unmarked_right, bits, GUESSING)
    scores["psnr"] = float(psnr(cases.covers, stamped).mean())
    scores["ssim"] = float(np.mean([similarity(a, b) for a, b in zip(cases.covers, stamped, strict=True)]))
    scores["colour_difference"] = float(np.mean([colour_difference(a, b) for a, b in zip(cases.covers, stamped, strict=True)]))
    scores["strength"] = stamper.strength
    return result("stegastamp", stamper.preset, stamper.step, scores, cases=count)


def psnr(original: np.ndarray, stamped: np.ndarray) -> np.ndarray:
    """Peak signal-to-noise ratio of each uint8 image (N, H, W, 3) in dB, (N,).

    An image that was not changed at all counts as if one value were off by one (95 dB at 128 px), so that means stay finite.
    """
    error = np.mean(np.square(original.astype(np.float32) - stamped), axis=(1, 2, 3))
    return 20 * np.log10(255.0) - 10 * np.log10(np.maximum(error, 1 / original[0].size))


def similarity(original: np.ndarray, stamped: np.ndarray) -> float:
    """SSIM of two (H, W, 3) uint8 images, at least 7x7 (Wang et al. 2004), with a 7x7 window: the value of scikit-image, sooner."""
    a, b = original.astype(np.float64), stamped.astype(np.float64)

    def mean(values):
        return cv2.blur(values, (7, 7))[3:-3, 3:-3]

    unbiased = 49 / 48
    mean_a, mean_b = mean(a), mean(b)
    variance_a, variance_b = unbiased * (mean(a * a) - mean_a**2), unbiased * (mean(b * b) - mean_b**2)
    covariance = unbiased * (mean(a * b) - mean_a * mean_b)
    luminance, contrast = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    numerator = (2 * mean_a * mean_b + luminance) * (2 * covariance + contrast)
    return float(np.mean(numerator / ((mean_a**2 + mean_b**2 + luminance) * (variance_a + variance_b + contrast))))


def colour_difference(original: np.ndarray, stamped: np.ndarray) -> float:
    """Mean CIEDE2000 of two (H, W, 3) uint8 images after a blur that stands for viewing distance. About 1 is just noticeable.

    PSNR and SSIM forgive coloured blotches; this does not.
    """
    seen = [rgb2lab(cv2.GaussianBlur(image.astype(np.float32) / 255, (0, 0), VIEWING_BLUR)) for image in (original, stamped)]
    return float(deltaE_ciede2000(*seen).mean())


def picture(stamper: Stamper, photos: Photos, path: Path | str, count: int = 6) -> None:
    """A picture, JPEG or PNG by its suffix, with a row per held-out crop: cover, stamped, residual x10 on grey."""
    cases = HeldOut.draw(photos, stamper, count)
    stamped = stamper.stamp(cases.covers, cases.messages)
    rows = [np.hstack([a, b, amplified(a, b)]) for a, b in zip(cases.covers, stamped, strict=True)]
    half = (len(rows) + 1) // 2
    rows += [np.full_like(rows[0], 255)] * (2 * half - len(rows))
    image = np.hstack([np.vstack(rows[:half]), np.vstack(rows[half:])])
    if not cv2.imwrite(str(path), cv2.cvtColor(image, cv2.COLOR_RGB2BGR)):
        raise OSError(f"cannot write {path}")


def amplified(cover: np.ndarray, stamped: np.ndarray, gain: float = 10.0) -> np.ndarray:
    """The residual times `gain` on mid grey, uint8; saturates instead of wrapping round."""
    return np.clip(128 + gain * (stamped.astype(np.float32) - cover), 0, 255).astype(np.uint8)


def attacked(name: str, images: np.ndarray) -> np.ndarray:
    """Images (N, S, S, 3) uint8 after the attack of that name, the same on every call."""
    keys = seeding.sample_keys(11, 0, len(images), name).numpy()
    return ATTACKS[name](images, keys)
