"""Many photos measured one by one, on the threads of this process, on several processes or on a cluster."""

import contextlib
import functools
import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from longrun import fleet
from stegastamp.measure.native.case import Case
from stegastamp.measure.native.perceptual import Distance, perceptual_distance
from stegastamp.measure.native.scores import CURVE_FACTORS, measure_case
from stegastamp.network import stamp
from stegastamp.network.stamp import Stamper


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


def measure(
    stamper: Stamper,
    paths: Sequence[Path],
    messages: int,
    seed: int = 0,
    distance: Distance | None = None,
    done: Callable[[int], None] = lambda photos: None,
    *,
    checkpoint: str = "",
    workers: int = 1,
    cluster: str = "",
) -> Measured:
    """Measure every photo by itself.

    messages: stamps of each photo. distance: a perceptual one of two uint8 images, to be measured as well. done: called with the
    number of finished photos. workers, cluster: see longrun.fleet.run; they load the stamper from `checkpoint`, and the distance as
    `perceptual_distance` does. Raises Unreadable for a photo that cannot be read.
    """
    if workers == 1 and not cluster:
        outcomes = _in_threads(
            lambda path, going: measure_case(stamper, Case.of(path, messages, stamper.bits, seed), distance, going), paths
        )
    else:
        tasks = [Photo(checkpoint, path, messages, seed, distance is not None) for path in paths]
        outcomes = fleet.run(measure_photo, tasks, workers=workers, cluster=cluster)
    found = {}
    with contextlib.closing(outcomes):
        for index, outcome in outcomes:
            found[index] = outcome
            done(len(found))
    sizes, scores, curves = zip(*(found[index] for index in range(len(paths))), strict=True)
    accuracy, success, search, quality, energy = (_stacked(parts) for parts in zip(*scores, strict=True))
    energy = {name: values.mean(axis=(0, 1)) for name, values in energy.items()}
    names = tuple(path.name for path in paths)
    strengths = tuple(factor * stamper.strength for factor in CURVE_FACTORS)
    return Measured(names, sizes, accuracy, success, search, quality, energy, _stacked(curves), strengths)


@dataclass(frozen=True)
class Photo:
    """One photo to measure, somewhere else."""

    checkpoint: str
    path: Path
    messages: int
    seed: int
    perceptual: bool


def measure_photo(task: Photo) -> tuple:
    """What `measure` collects of one photo, with a stamper that is loaded once a process."""
    stamper, distance = _loaded(task.checkpoint, task.perceptual)
    return measure_case(stamper, Case.of(task.path, task.messages, stamper.bits, task.seed), distance, lambda: None)


@functools.cache
def _loaded(checkpoint, perceptual):
    return stamp.load(checkpoint, "keras"), perceptual_distance() if perceptual else None


def _in_threads(work, paths):
    """(index, work(path, going)) for every path, in order. OpenCV, NumPy and TensorFlow let go of Python's lock."""
    over = threading.Event()

    def going():
        if over.is_set():
            raise CancelledError

    # A photo at a time for each bounds the memory.
    pool = ThreadPoolExecutor(os.cpu_count() or 1)
    try:
        yield from enumerate(pool.map(lambda path: work(path, going), paths))
    finally:
        # At the first error, or at Ctrl-C, what is under way ends within a second or two.
        over.set()
        pool.shutdown(wait=False, cancel_futures=True)


def _stacked(parts):
    """[{name: array}, ...] -> {name: arrays stacked}; dictionaries in dictionaries as well."""
    if isinstance(parts[0], dict):
        return {name: _stacked([part[name] for part in parts]) for name in parts[0]}
    return np.stack(parts)
