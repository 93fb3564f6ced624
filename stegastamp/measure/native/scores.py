"""Everything that is measured of one photo: what is read after each attack, and what the picture pays."""

from collections.abc import Callable, Sequence

import numpy as np

from longrun.step.seeding import name_code
from stegastamp.measure.attacks import NATIVE_ATTACKS
from stegastamp.measure.evaluate import colour_difference, psnr, similarity
from stegastamp.measure.native.case import CURVE_ATTACKS, Case, read
from stegastamp.measure.native.perceptual import Distance
from stegastamp.measure.native.spectrum import radial_energy
from stegastamp.measure.readers import Reader, draw_message, readers, reads, signs
from stegastamp.network.stamp import Stamper
from stegastamp.pictures.codec import Codec
from stegastamp.pictures.formats import Picture

CURVE_FACTORS = (0.5, 0.7, 1.0, 1.4, 2.0)
"""Strengths of the curve, as multiples of the default; a factor of 2 is 6 dB."""


def measure_case(stamper: Stamper, case: Case, distance: Distance | None, going: Callable[[], None]) -> tuple:
    """(height and width, (accuracy, success, search, quality, energy), curve), each as photos.Measured has it, of this photo alone.

    going: called on the way; what it raises ends the work.
    """
    strengths = [factor * stamper.strength for factor in CURVE_FACTORS]
    return case.cover.shape[:2], _scores(stamper, case, readers(stamper.bits), distance, going), _curve(stamper, case, strengths, going)


def _scores(stamper, case, ways: Sequence[Reader], distance, going):
    stamps = _each(range(len(case.messages)), lambda message: case.stamp(stamper, message), going)
    accuracy, success, search = {}, {way.name: {} for way in ways}, {}
    for name, attack in NATIVE_ATTACKS.items():
        attacked = _each(enumerate(stamps), lambda pair, name=name: case.attack(name, pair[1], pair[0]), going)
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
        going()
        quality["psnr"].append(psnr(case.cover[None], stamped[None])[0])
        quality["ssim"].append(similarity(case.cover, stamped))
        quality["colour_difference"].append(colour_difference(case.cover, stamped))
        if distance:
            quality["perceptual_distance"].append(distance(case.cover, stamped))
        for name, energy in radial_energy((stamped.astype(np.float32) - case.cover) / 255).items():
            energies[name].append(energy)
    return accuracy, success, search, _arrays(quality), _arrays(energies)


def _each(values, work, going):
    """work(value) of each value: on a large photo a single one takes a second."""
    found = []
    for value in values:
        going()
        found.append(work(value))
    return found


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
        self.size, self.bits, self.config = stamper.size, stamper.bits, stamper.config
        self._stamper, self._turns = stamper, turns

    def logits(self, images: np.ndarray) -> np.ndarray:
        return self._stamper.logits(images) * self._turns


def _curve(stamper, case, strengths, going):
    found = {"psnr": [], **{name: [] for name in CURVE_ATTACKS}}
    for strength in strengths:
        going()
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
