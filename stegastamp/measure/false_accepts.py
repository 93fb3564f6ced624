"""How often a photo without a stamp passes for a message, counted beside the probability that is printed with every message."""

import json as json_format
import sys
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from rich.console import Console
from rich.progress import Progress

from longrun import UserError, binomial_score, result
from longrun.step import seeding
from stegastamp.measure.readers import readers
from stegastamp.message import acceptance
from stegastamp.message.formats import formats_for
from stegastamp.network import stamp
from stegastamp.pictures.crops import random_crop
from stegastamp.pictures.photos import Photos, folder_photos

SEED = 23
CHUNK = 256
LOOSE = 1e-3
"""A limit so large that soft decision must accept some of a few thousand images, which shows that its probability means something."""


class Check(NamedTuple):
    """Something that a random image may pass: accepts(logits (bits,)), and the printed probability that coin flips do."""

    name: str
    probability: float
    accepts: Callable[[np.ndarray], bool]


def judge_unmarked(checkpoint: str, /, *, images: str, count: int = 20_000, json: bool = False) -> dict:
    """Count how often photos without a stamp pass for a message.

    The floor of each row is the printed probability. Returns longrun.run.report.result.

    checkpoint: A run folder, a checkpoint in it, or a released folder.
    images: Folder of photos without a stamp.
    count: Random crops of them.
    json: Print one object on stdout.

    Raises NoCode for stamps that carry no code, FileNotFoundError for a
    missing folder.
    """
    if count < 1:
        raise UserError(f"--count {count}: at least one crop")
    stamper = stamp.load(checkpoint, "keras")
    found = checks(stamper.bits)
    photos = folder_photos(images, stamper.size)
    accepted = dict.fromkeys((check.name for check in found), 0)
    with Progress(console=Console(stderr=True), disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task("crops without a stamp", total=count)
        for crops in unmarked_crops(photos, stamper.size, count):
            for logits in stamper.logits(crops):
                for check in found:
                    accepted[check.name] += check.accepts(logits)
            progress.advance(task, len(crops))
    scores = {f"accepted_{check.name}": binomial_score(accepted[check.name], count, check.probability) for check in found}
    outcome = result("stegastamp", stamper.preset, stamper.step, scores)
    if json:
        print(json_format.dumps(outcome))
        return outcome
    print(f"stegastamp {stamper.preset}, step {stamper.step}: {count:,} random crops of {len(photos)} photos without a stamp\n")
    print("| check | accepted | coin flips would be | printed probability | measured, 95 % interval |\n|---|---|---|---|---|")
    for check in found:
        low, high = outcome["intervals"][f"accepted_{check.name}"]
        cells = (check.name, accepted[check.name], f"{count * check.probability:.2g}", f"{check.probability:.2e}")
        print(f"| {' | '.join(map(str, cells))} | {low if low > 1e-12 else 0:.1e} to {high:.1e} |")
    return outcome


def checks(bits: int) -> list[Check]:
    """The code alone, and soft decision with a loose limit, whose probabilities are large enough to be seen in a count; every reader.

    Raises NoCode for stamps that carry no message.
    """
    form = formats_for(bits)[0]

    def in_code(logits):
        return form.code.decode(np.uint8(logits[: form.code.word_bits] > 0)) is not None

    def passes_loosely(logits):
        return acceptance.read(logits[None], (form,), limit=LOOSE) is not None

    seen = [
        Check(f"{form.name}_code_alone", form.code.false_accept_probability, in_code),
        Check(f"{form.name}_soft_at_{LOOSE:g}", LOOSE, passes_loosely),
    ]
    return seen + [Check(way.name, way.false_accept, lambda logits, way=way: way.read(logits) is not None) for way in readers(bits)]


def unmarked_crops(photos: Photos, size: int, count: int) -> Iterator[np.ndarray]:
    """`count` random crops, (up to CHUNK, size, size, 3) uint8 at a time, taking turns over the photos; always the same."""
    for first in range(0, count, CHUNK):
        keys = seeding.sample_keys(SEED, first // CHUNK, min(CHUNK, count - first)).numpy()
        yield np.stack([random_crop(photos.images[(first + row) % len(photos)], size, key) for row, key in enumerate(keys)])
