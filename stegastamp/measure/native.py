"""Stamps measured at the images' own resolution: what is read after each attack, and what the picture pays."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from longrun.step.seeding import name_code
from stegastamp.measure.attacks import NATIVE_ATTACKS, attack_key
from stegastamp.measure.evaluate import colour_difference, psnr, similarity
from stegastamp.measure.readers import Reader, draw_message, readers, reads, signs
from stegastamp.measure.spectrum import radial_energy
from stegastamp.network.stamp import Stamper, network_view
from stegastamp.pictures.codec import Codec
from stegastamp.pictures.formats import Picture
from stegastamp.pictures.photos import read_image

CURVE_ATTACKS = ("none", "jpeg50", "print_and_camera")
CURVE_FACTORS = (0.5, 0.7, 1.0, 1.4, 2.0)
"""Strengths of the curve, as multiples of the default; a factor of 2 is 6 dB."""

Distance = Callable[[np.ndarray, np.ndarray], float]


@dataclass(frozen=True)
class Measured:
    """What P photos with M messages each gave.

    accuracy: attack -> (P, M), fraction of right bits; "unmarked" is that of the covers, which carry nothing.
    success: reader -> attack -> (P, M) bool; "as_sent" are stamps that carry a message of the reader's format, through no attack.
    search: attack -> (P, 1) bool: whether `decode` with all it tries finds the default format in the stamp of the first message.
    quality: metric -> (P, M). energy: "luma" and "chroma" -> mean radial energy, see spectrum.radial_energy.
    curve: attack -> (P, strengths), and "psnr" -> (P, strengths); one message for each photo.
    """

    names: tuple[str, ...]
    sizes: tuple[tuple[int, int], ...]
    accuracy: dict[str, np.ndarray]
    success: dict[str, dict[str, np.ndarray]]
    search: dict[str, np.ndarray]
    quality: dict[str, np.ndarray]
    energy: dict[str, np.ndarray]
    curve: dict[str, np.ndarray]
    strengths: tuple[float, ...]


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


def measure(
    stamper: Stamper,
    paths: Sequence[Path],
    messages: int,
    seed: int = 0,
    distance: Distance | None = None,
    done: Callable[[int], None] = lambda photos: None,
) -> Measured:
    """Measure photo after photo.

    messages: stamps of each photo. distance: a perceptual one of two uint8 images, to be measured as well. done: called with the
    number of finished photos. Raises Unreadable for a photo that cannot be read.
    """
    ways = readers(stamper.config.bits)
    strengths = tuple(factor * stamper.strength for factor in CURVE_FACTORS)

    def one(path):
        case = Case.of(path, messages, stamper.config.bits, seed)
        return case.cover.shape[:2], _measure_case(stamper, case, ways, distance), _curve(stamper, case, strengths)

    found = []
    # Threads: OpenCV, NumPy and TensorFlow let go of Python's lock, and a photo at a time for each bounds the memory.
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        try:
            for outcome in pool.map(one, paths):
                found.append(outcome)
                done(len(found))
        except BaseException:
            # Leave at the first error, or at Ctrl-C, instead of measuring the rest before it is told.
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    sizes, scores, curves = zip(*found, strict=True)
    accuracy, success, search, quality, energy = (_stacked(parts) for parts in zip(*scores, strict=True))
    energy = {name: values.mean(axis=(0, 1)) for name, values in energy.items()}
    names = tuple(path.name for path in paths)
    return Measured(names, sizes, accuracy, success, search, quality, energy, _stacked(curves), strengths)


def views(image: np.ndarray, side: int, turned: bool) -> list[np.ndarray]:
    """What a reader looks at: the image at network size, (S, S, 3) uint8, and where it may lie on its side its four rotations."""
    small = network_view(image, side)
    return [np.ascontiguousarray(np.rot90(small, turns)) for turns in range(4 if turned else 1)]


def read(stamper: Stamper, images: Sequence[np.ndarray], turned: bool = False) -> np.ndarray:
    """Logits (N, bits) of images of any size; of several rotations the one whose logits are largest, which asks for no message."""
    seen = [views(image, stamper.config.size, turned) for image in images]
    logits = stamper.logits(np.stack([view for group in seen for view in group])).reshape(len(seen), len(seen[0]), -1)
    surest = np.abs(logits).mean(axis=-1).argmax(axis=1)
    return logits[np.arange(len(seen)), surest]


def _measure_case(stamper, case, ways: Sequence[Reader], distance):
    count = len(case.messages)
    stamps = [case.stamp(stamper, message) for message in range(count)]
    accuracy, success, search = {}, {way.name: {} for way in ways}, {}
    for name, attack in NATIVE_ATTACKS.items():
        attacked = [case.attack(name, stamped, message) for message, stamped in enumerate(stamps)]
        logits = read(stamper, attacked, attack.turned)
        accuracy[name] = ((logits > 0) == (case.messages > 0.5)).mean(axis=1)
        for way in ways:
            success[way.name][name] = reads(way, logits, case.messages, _generator(case, way.name, name))
        if ways:
            search[name] = np.array([_searched(stamper, case, attacked[0], ways[0].form, name)])
    accuracy["unmarked"] = ((read(stamper, [case.cover]) > 0) == (case.messages > 0.5)).mean(axis=1)
    for way in ways:
        success[way.name]["as_sent"] = _as_sent(stamper, case, way)
    quality = {"psnr": [], "ssim": [], "colour_difference": []} | ({"perceptual_distance": []} if distance else {})
    energies = {"luma": [], "chroma": []}
    for stamped in stamps:
        quality["psnr"].append(psnr(case.cover[None], stamped[None])[0])
        quality["ssim"].append(similarity(case.cover, stamped))
        quality["colour_difference"].append(colour_difference(case.cover, stamped))
        if distance:
            quality["perceptual_distance"].append(distance(case.cover, stamped))
        for name, energy in radial_energy((stamped.astype(np.float32) - case.cover) / 255).items():
            energies[name].append(energy)
    return accuracy, success, search, _arrays(quality), _arrays(energies)


def _as_sent(stamper, case, way):
    draws = _generator(case, way.name, "as_sent")
    sent = [draw_message(way.form, draws) for _ in case.messages]
    logits = read(stamper, [stamper.stamp_image(case.cover, np.float32(way.form.encode(message))) for message in sent])
    return np.array([way.read(values) == message for values, message in zip(logits, sent, strict=True)])


def _searched(stamper, case, attacked, form, name):
    """Whether `decode` finds a message in the attacked stamp of the case's first one, with all its rotations and parts."""
    message = draw_message(form, _generator(case, "decode", name))
    found = Codec(_Turned(stamper, signs(form.encode(message), case.messages[0]))).read_picture(Picture.of(attacked), (form,))
    return found is not None and found.message == message


class _Turned:
    """A stamper whose logits have their signs turned: as if its stamps carried another message."""

    def __init__(self, stamper: Stamper, turns: np.ndarray):
        self.config, self._stamper, self._turns = stamper.config, stamper, turns

    def logits(self, images: np.ndarray) -> np.ndarray:
        return self._stamper.logits(images) * self._turns


def _curve(stamper, case, strengths):
    found = {"psnr": [], **{name: [] for name in CURVE_ATTACKS}}
    for strength in strengths:
        stamped = case.stamp(stamper, 0, strength)
        found["psnr"].append(psnr(case.cover[None], stamped[None])[0])
        for name in CURVE_ATTACKS:
            logits = read(stamper, [case.attack(name, stamped, 0)])
            found[name].append(((logits > 0) == (case.messages[:1] > 0.5)).mean())
    return _arrays(found)


def _generator(case, way, name):
    return np.random.default_rng((case.seed, name_code(f"{way} {name} {case.path.name}")))


def _arrays(lists):
    return {name: np.array(values) for name, values in lists.items()}


def _stacked(parts):
    """[{name: array}, ...] -> {name: arrays stacked}; dictionaries in dictionaries as well."""
    if isinstance(parts[0], dict):
        return {name: _stacked([part[name] for part in parts]) for name in parts[0]}
    return np.stack(parts)
