"""How long a command takes from the first instruction of its process to the last, and how much memory: what a person waits for."""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from longrun.measure.bench import print_table

SIZE = (900, 1200)
"""Height and width of a photo: one megapixel."""
FRAME = (960, 1280)


class Process(NamedTuple):
    """What a process took: seconds on the clock, seconds of all processors, and its largest memory."""

    seconds: float
    processor: float
    megabytes: float


_CLOCK = """
import json, os, sys, time
begin = time.perf_counter()
child = os.posix_spawn(sys.executable, [sys.executable, *sys.argv[1:]], os.environ)
_, status, usage = os.wait4(child, 0)
seconds = time.perf_counter() - begin
measured = os.waitstatus_to_exitcode(status), seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss
os.write(2, ("\\n" + json.dumps(measured)).encode())
"""
# In a small process of its own: until it begins its program, a child counts the memory of its parent.


def measure(words: Sequence[str], folder: Path, codes: Sequence[int] = (0,)) -> Process:
    """Run `python WORDS` in a folder. codes: exit codes that are no failure. Raises RuntimeError for any other."""
    done = subprocess.run([sys.executable, "-S", "-c", _CLOCK, *words], cwd=folder, capture_output=True, text=True, check=True)
    said, _, measured = done.stderr.rpartition("\n")
    code, seconds, processor, memory = json.loads(measured)
    if code not in codes:
        raise RuntimeError(f"{' '.join(words)} ended with {code}: {(done.stdout + said)[-500:]}")
    # Kilobytes on Linux, bytes on macOS.
    return Process(seconds, processor, memory / (1e6 if sys.platform == "darwin" else 1e3))


def bench_starts(rounds: int = 5, files: int = 500) -> None:
    """Print what whole commands take, medians of `rounds`; folders of `files` photos once, and not where there are none."""
    stegastamp = ["-m", "stegastamp"]
    # A package that is not in a checkout's folder is found from anywhere.
    source = str(Path(__file__).parents[2])
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [source, os.environ.get("PYTHONPATH", "")]))
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        _write_pictures(folder, files)
        single = {
            "encode, 1 megapixel JPEG": ([*stegastamp, "encode", "photo.jpg", "stamped.jpg", "--message", "Hello", "--overwrite"], (0,)),
            "decode it": ([*stegastamp, "decode", "stamped.jpg"], (0,)),
            "decode one without a stamp": ([*stegastamp, "decode", "photo.jpg"], (1,)),
            "detect in a frame of 1280x960": ([*stegastamp, "detect", "frame.png"], (0, 1)),
            'python -c "import tensorflow"': (["-c", "import tensorflow"], (0, 1)),
        }
        rows = []
        for name, (words, codes) in single.items():
            if "frame.png" in words:
                _write_frame(folder)
            rows.append(_row(name, [measure(words, folder, codes) for _ in range(rounds)]))
        if files:
            many = {
                f"encode {files} of them": [*stegastamp, "encode", "photos", "stamps", "--message", "Hello"],
                f"decode {files} of them": [*stegastamp, "decode", "stamps"],
            }
            rows += [_row(name, [measure(words, folder)]) for name, words in many.items()]
    print(f"Whole processes, medians of {rounds}; {os.cpu_count()} processors\n")
    print_table(("what", "seconds", "CPU seconds", "MB at most"), rows)


def _row(name, found):
    return (
        name,
        *(f"{statistics.median(values):{form}}" for values, form in zip(zip(*found, strict=True), (".2f", ".2f", ".0f"), strict=True)),
    )


def _write_pictures(folder, files):
    generator = np.random.default_rng(0)
    (folder / "photos").mkdir()
    for number in range(files + 1):
        coarse = generator.integers(0, 256, (12, 16, 3), dtype=np.uint8)
        photo = cv2.resize(coarse, SIZE[::-1], interpolation=cv2.INTER_CUBIC)
        photo = cv2.add(photo, generator.normal(0, 4, photo.shape).astype(np.float32), dtype=cv2.CV_8U)
        cv2.imwrite(str(folder / ("photos" if number else "") / (f"{number}.jpg" if number else "photo.jpg")), photo)


def _write_frame(folder):
    """The stamp lying askew on a desk."""
    stamp = cv2.imread(str(folder / "stamped.jpg"))
    height, width = stamp.shape[:2]
    corners = np.float32([[0, 0], [width, 0], [width, height], [0, height]])
    matrix = cv2.getPerspectiveTransform(corners, np.float32([[300, 200], [900, 260], [860, 760], [260, 700]]))
    frame = cv2.resize(np.random.default_rng(1).integers(60, 200, (6, 8, 3), dtype=np.uint8), FRAME[::-1], interpolation=cv2.INTER_CUBIC)
    inside = cv2.warpPerspective(np.full((height, width), 255, np.uint8), matrix, FRAME[::-1]) > 0
    frame[inside] = cv2.warpPerspective(stamp, matrix, FRAME[::-1])[inside]
    cv2.imwrite(str(folder / "frame.png"), frame)


def bench_sizes(megapixels: Sequence[int]) -> None:
    """Print what `encode` and `decode` of a photo take as whole processes, for each size, in a JPEG and in a PNG; each once.

    The photo is smooth with fine noise, 4 by 3; largest memory is that of the process.
    """
    rows = []
    with tempfile.TemporaryDirectory() as scratch:
        for size in megapixels:
            height = round((size * 1e6 * 3 / 4) ** 0.5)
            photo = cv2.resize(np.random.default_rng(0).integers(0, 256, (6, 8, 3), np.uint8), (height * 4 // 3, height))
            cv2.add(photo, cv2.resize(np.random.default_rng(1).integers(0, 9, (999, 999, 3), np.uint8), photo.shape[1::-1]), photo)
            for suffix in (".jpg", ".png"):
                cv2.imwrite(f"{scratch}/photo{suffix}", photo)
                words = ["-m", "stegastamp", "encode", f"photo{suffix}", f"stamped{suffix}", "--message", "Hello", "--overwrite"]
                for what, took in (
                    ("encode", measure(words, Path(scratch))),
                    ("decode", measure(["-m", "stegastamp", "decode", f"stamped{suffix}"], Path(scratch))),
                ):
                    name = f"{what}, {size} megapixels, {suffix[1:].upper()}"
                    rows.append((name, f"{took.seconds:.1f}", f"{took.processor:.1f}", f"{took.megabytes:,.0f}"))
    print_table(("what", "seconds", "CPU seconds", "MB"), rows)
