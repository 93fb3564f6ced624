"""What a message costs in the picture, at equal accuracy: models are comparable only where they are read equally well."""

import json as json_format
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from longrun import UserError
from stegastamp.measure.evaluate import colour_difference, psnr, similarity
from stegastamp.measure.native.case import CURVE_ATTACKS, Case, read
from stegastamp.network import stamp
from stegastamp.network.stamp import Stamper
from stegastamp.pictures.photos import find_images

RANGE = 8.0
"""The strength is looked for from the default over RANGE to the default times RANGE."""
HALVINGS = 8
"""Of that range, on a logarithmic scale; the last is 1.6 %."""


def compare(checkpoints: tuple[str, ...], /, *, images: str, accuracy: float = 0.98, messages: int = 1, json: bool = False) -> list[dict]:
    """Compare the image quality of models at equal bit accuracy.

    The strength of each is chosen so that the mean bit accuracy without an attack, after JPEG 50 and after a simulated print and camera
    is the same. On whole photos at their own resolution. Returns the rows.

    checkpoints: Run folders, checkpoints in them, or released folders; the first one is what the others are compared with.
    images: Folder of photos.
    accuracy: The bit accuracy, above 0.5 and below 1.
    messages: Stamps of each photo.
    json: Print the rows as one JSON array on stdout.

    Raises UserError for an accuracy that is not between 0.5 and 1, or that a model does not reach.

    Example:
        python -m stegastamp price checkpoints/released/stegastamp/base checkpoints/stegastamp/mine --images PHOTOS
    """
    if not 0.5 < accuracy < 1:
        raise UserError(f"--accuracy {accuracy}: above .5 and below 1")
    if messages < 1:
        raise UserError(f"--messages {messages}: at least one")
    stampers = [stamp.load(checkpoint, "keras") for checkpoint in checkpoints]
    paths = find_images(Path(images))
    rows = []
    for checkpoint, stamper in zip(checkpoints, stampers, strict=True):
        cases = [Case.of(path, messages, stamper.bits, seed=0) for path in paths]
        rows.append({"checkpoint": checkpoint, **price(stamper, cases, accuracy)})
    if json:
        print(json_format.dumps(rows))
        return rows
    print(f"{len(paths)} photos x {messages} messages; strength where the mean bit accuracy after {', '.join(CURVE_ATTACKS)}")
    print(f"is {accuracy:g}\n")
    names = list(rows[0])[1:]
    print(f"| model | {' | '.join(names)} | colour difference, ratio |\n|{'---|' * (len(names) + 2)}")
    for row in rows:
        values = " | ".join(f"{row[name]:.4f}" for name in names)
        print(f"| {row['checkpoint']} | {values} | {row['colour_difference'] / rows[0]['colour_difference']:.2f} |")
    return rows


def price(stamper: Stamper, cases: Sequence[Case], accuracy: float) -> dict[str, float]:
    """The strength that reaches a mean bit accuracy after CURVE_ATTACKS, the accuracy after each, and the price in the picture there.

    Bit accuracy is taken to rise with the strength. Raises UserError where the range of strengths does not hold `accuracy`.
    """
    low, high = np.log(stamper.strength / RANGE), np.log(stamper.strength * RANGE)
    at_low, reached = (_accuracies(stamper, cases, np.exp(end)) for end in (low, high))
    least, most = (np.mean(list(found.values())) for found in (at_low, reached))
    if not least <= accuracy <= most:
        raise UserError(f"stegastamp {stamper.preset}: its bit accuracy goes from {least:.4f} to {most:.4f}, not to {accuracy:g}")
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        found = _accuracies(stamper, cases, np.exp(middle))
        if np.mean(list(found.values())) < accuracy:
            low = middle
        else:
            high, reached = middle, found
    strength = float(np.exp(high))
    paid = {"psnr": [], "ssim": [], "colour_difference": []}
    for case in cases:
        for message in range(len(case.messages)):
            stamped = case.stamp(stamper, message, strength)
            paid["psnr"].append(psnr(case.cover[None], stamped[None])[0])
            paid["ssim"].append(similarity(case.cover, stamped))
            paid["colour_difference"].append(colour_difference(case.cover, stamped))
    accuracies = {f"bit_accuracy_{name}": value for name, value in reached.items()}
    return {"strength": strength, **accuracies, **{name: float(np.mean(values)) for name, values in paid.items()}}


def _accuracies(stamper, cases, strength):
    """Attack -> fraction of right bits, at a strength."""
    right = {name: [] for name in CURVE_ATTACKS}
    for case in cases:
        stamps = [case.stamp(stamper, message, strength) for message in range(len(case.messages))]
        for name in CURVE_ATTACKS:
            logits = read(stamper, [case.attack(name, stamped, message) for message, stamped in enumerate(stamps)])
            right[name].append(((logits > 0) == (case.messages > 0.5)).mean())
    return {name: float(np.mean(values)) for name, values in right.items()}
