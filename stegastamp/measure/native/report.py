"""The report of an evaluation at native resolution: one HTML page that needs nothing else, and the numbers as JSON beside it."""

import json
import os
import sys
import time
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import Progress

from longrun import UserError, bootstrap_interval, grouped_score, result
from longrun.run.output import check_output, write_output
from stegastamp.measure.attacks import NATIVE_ATTACKS
from stegastamp.measure.evaluate import GUESSING
from stegastamp.measure.native import page
from stegastamp.measure.native.case import CURVE_ATTACKS, Case
from stegastamp.measure.native.perceptual import perceptual_distance
from stegastamp.measure.native.photos import Measured, measure
from stegastamp.measure.native.spectrum import LIMITS, share_below
from stegastamp.measure.readers import readers
from stegastamp.message import acceptance
from stegastamp.network.backbones import NoWeights
from stegastamp.network.stamp import Stamper
from stegastamp.pictures.formats import Unreadable
from stegastamp.pictures.photos import find_images, read_image

SEED = 0
SMALLEST = 32
"""Pixels a side below which a photo has nothing to measure."""


def report(
    stamper: Stamper, images: str, target: str, messages: int = 8, *, checkpoint: str = "", workers: int = 1, cluster: str = ""
) -> dict:
    """Measure every photo below `images` with `messages` stamps each; write the page and its JSON, and return longrun.run.report.result.

    target: the .html to write; the JSON goes beside it. checkpoint, workers, cluster: see photos.measure. Raises UserError or OSError,
    before it measures where it can.
    """
    path = Path(target)
    if path.suffix.lower() not in (".html", ".htm"):
        raise UserError(f"--report {target} must end in .html")
    for each in (path, path.with_suffix(".json")):
        check_output(each)
    if messages < 1:
        raise UserError(f"--messages {messages}: each photo needs a stamp")
    if not images:
        raise UserError("--report needs --images FOLDER: photos at their own resolution")
    paths, notes = _usable(find_images(Path(images).expanduser()))
    if len(paths) < 2:
        raise UserError(f"{images} holds {len(paths)} usable images; an interval over images needs two at least")
    distance = None
    try:
        distance = perceptual_distance()
    except NoWeights as error:
        notes.append(f"Perceptual distance not measured: {error}")
    began = time.perf_counter()
    with Progress(console=Console(stderr=True), disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task("measuring", total=len(paths))
        spread = {"checkpoint": checkpoint, "workers": workers, "cluster": cluster}
        measured = measure(stamper, paths, messages, SEED, distance, lambda photos: progress.update(task, completed=photos), **spread)
    outcome = result("stegastamp", stamper.preset, stamper.step, scores(stamper, measured))
    shown, worst = _examples(measured), _worst(measured)
    chosen = {*shown, *(photo for photo, _ in worst.values())}
    cases = {photo: Case.of(paths[photo], messages, stamper.bits, SEED) for photo in chosen}
    seconds = time.perf_counter() - began
    write_output(path, page.render(stamper, measured, outcome, cases, shown, worst, notes, seconds))
    details = _details(stamper, measured) | {"notes": notes, "seconds": round(seconds, 1)}
    write_output(path.with_suffix(".json"), json.dumps(outcome | {"details": details}, indent=1) + "\n")
    for note in notes:
        print(note, file=sys.stderr)
    counts = f"{len(paths)} images x {messages} messages x {len(NATIVE_ATTACKS)} attacks"
    print(f"{path} and {path.with_suffix('.json').name}: {counts} in {seconds:.0f} s, {os.cpu_count()} cores", file=sys.stderr)
    return outcome


def scores(stamper: Stamper, measured: Measured) -> dict:
    """Metric -> Score (groups are images) or number, for longrun.run.report.result."""
    found = {}
    stamps, bits = next(iter(measured.accuracy.values())).shape[1], stamper.bits
    for name, values in measured.accuracy.items():
        found[f"bit_accuracy_{name}"] = grouped_score(np.rint(values.sum(axis=1) * bits), stamps * bits, GUESSING)
    for way in readers(bits):
        for name, values in measured.success[way.name].items():
            found[f"message_success_{way.name}_{name}"] = grouped_score(values.sum(axis=1), stamps, way.false_accept)
    for name, values in measured.search.items():
        found[f"message_success_decode_{name}"] = grouped_score(values.sum(axis=1), 1, acceptance.FALSE_ACCEPT)
    found |= {name: float(values.mean()) for name, values in measured.quality.items()}
    luma, chroma = measured.energy["luma"], measured.energy["chroma"]
    for channel, energy in measured.energy.items():
        found |= {f"{channel}_energy_below_{limit}_cycles": share_below(energy, limit) for limit in LIMITS}
    found["chroma_share_of_energy"] = float(chroma.sum() / max(luma.sum() + chroma.sum(), 1e-30))
    found["strength"] = stamper.strength
    return found


def _details(stamper, measured):
    """What the page shows beyond the scores: the table of attacks, each image by itself, spectrum and curve."""
    ways = readers(stamper.bits)
    images = []
    for photo, name in enumerate(measured.names):
        height, width = measured.sizes[photo]
        values = {f"bit_accuracy_{attack}": float(found[photo].mean()) for attack, found in measured.accuracy.items()}
        for way, attacks in measured.success.items():
            values |= {f"message_success_{way}_{attack}": float(found[photo].mean()) for attack, found in attacks.items()}
        values |= {f"message_success_decode_{attack}": float(found[photo].mean()) for attack, found in measured.search.items()}
        values |= {metric: float(found[photo].mean()) for metric, found in measured.quality.items()}
        images.append({"name": name, "width": width, "height": height, **values})
    curve = {name: [float(value) for value in measured.curve[name].mean(axis=0)] for name in ("psnr", *CURVE_ATTACKS)}
    intervals = {name: [bootstrap_interval(column) for column in measured.curve[name].T] for name in CURVE_ATTACKS}
    return {
        "messages_per_image": int(measured.quality["psnr"].shape[1]),
        "seed": SEED,
        "attacks": {name: {"text": attack.text, "parameters": dict(attack.parameters)} for name, attack in NATIVE_ATTACKS.items()},
        "readers": {way.name: {"format": way.form.name, "false_accept_probability": way.false_accept} for way in ways},
        "images": images,
        "radial_energy": {channel: energy.tolist() for channel, energy in measured.energy.items()},
        "curve": {"strength": list(measured.strengths), **curve, "intervals": intervals},
    }


def _worst(measured) -> dict[str, tuple[int, int]]:
    """Attack -> (photo, message) with the most wrong bits."""
    return {
        name: tuple(map(int, np.unravel_index(measured.accuracy[name].argmin(), measured.accuracy[name].shape))) for name in NATIVE_ATTACKS
    }


def _examples(measured) -> list[int]:
    """Photos to look at, by colour difference: the two most changed, the one in the middle, the least changed."""
    order = np.argsort(-measured.quality["colour_difference"].mean(axis=1), kind="stable").tolist()
    return list(dict.fromkeys([order[0], order[1], order[len(order) // 2], order[-1]]))


def _usable(paths: list[Path]) -> tuple[list[Path], list[str]]:
    """The images that can be read and are not tiny, and a line for each of the others."""
    usable, notes = [], []
    for path in paths:
        try:
            height, width = read_image(path).shape[:2]
        except Unreadable as error:
            notes.append(f"Left out: {error}")
            continue
        if min(height, width) < SMALLEST:
            notes.append(f"Left out: {path} is {width}x{height}, smaller than {SMALLEST} pixels")
        else:
            usable.append(path)
    return usable, notes
