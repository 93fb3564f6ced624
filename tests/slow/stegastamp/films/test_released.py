"""Films with the released networks: read after compression, and as well as their frames; memory does not grow with the film."""

import subprocess
import sys

import cv2
import numpy as np
import pytest
from PIL import Image

from stegastamp.detector.detect import RELEASED_DETECTOR
from stegastamp.detector.finding import geometry, search
from stegastamp.detector.reading import Reader, read_all
from stegastamp.detector.tracking import Tracker
from stegastamp.detector.watching import watch
from stegastamp.films.judge import panned, recode, write
from stegastamp.films.opening import open_film
from stegastamp.films.reading import decode_film
from stegastamp.films.stamping import encode_film
from stegastamp.pictures import codec
from stegastamp.pictures.photos import EMBEDDED_HELD_OUT, embedded
from tests.fixtures.films import write_film


@pytest.fixture(scope="module")
def model():
    return codec.load()


@pytest.fixture(scope="module")
def photos():
    return embedded(EMBEDDED_HELD_OUT).images


@pytest.mark.parametrize("number", range(3))
def test_a_stamped_film_is_read_after_it_was_compressed_again(number, model, photos, tmp_path):
    cover, stamped = tmp_path / "cover.mp4", tmp_path / "stamped.mp4"
    write(cover, list(panned(photos[number], 30, seed=number)))
    made = encode_film(cover, stamped, "Hello", model=model)
    assert made.frames == 30 and made.psnr > 28 and made.flicker < 0.05 and made.survey.read == made.survey.pieces
    for crf, smaller in ((23, 1), (28, 1), (28, 2)):
        recode(stamped, tmp_path / "again.mp4", crf, smaller)
        assert decode_film(tmp_path / "again.mp4", model=model).reading.message == "Hello"
    assert decode_film(cover, model=model).reading is None


def held(model, photo, seed):
    """A stamped photo in the middle of a page of text, where nothing moves, as the network that finds pictures may overlook it."""
    stamped = model.encode(cv2.resize(photo, (360, 240), interpolation=cv2.INTER_AREA), "Hello")
    page = np.full((360, 640, 3), 235, np.uint8)
    generator = np.random.default_rng(seed)
    for line in range(8, 360, 14):
        for start in range(10, 620, 60):
            cv2.line(page, (start, line), (start + int(generator.integers(20, 50)), line), (90, 90, 90), 2)
    quad = np.float32([[140, 60], [501, 60], [501, 301], [140, 301]])
    matrix = geometry.resampling(np.float32([[0, 0], [360, 0], [360, 240], [0, 240]]), quad)
    return cv2.warpPerspective(stamped, matrix, (640, 360), dst=page, borderMode=cv2.BORDER_TRANSPARENT)


@pytest.mark.parametrize("seed", range(3))
def test_a_film_says_what_its_frame_says(seed, model, photos, tmp_path):
    detector, reader = search.load(RELEASED_DETECTOR), Reader(model.stamper)
    frame = held(model, photos[seed], seed)
    alone = {each.text for each in read_all(reader, frame, detector.quads(frame))[0]}
    write_film(tmp_path / "film.mp4", [frame] * 7)
    pictures = [Image.fromarray(np.roll(frame, number, axis=0)) for number in range(2)]
    pictures[0].save(tmp_path / "film.webp", save_all=True, append_images=pictures[1:], duration=80, quality=90)
    for name in ("film.mp4", "film.webp"):
        tracker = Tracker(detector, reader)
        with open_film(tmp_path / name) as film:
            watch(film, tracker)
        assert alone <= {track.reading.text for track in tracker.readings}, name


PEAK = """
import re, sys
from stegastamp.films.stamping import encode_film
encode_film(sys.argv[1], sys.argv[2], "Hello")
# Not what getrusage says, which counts what the parent had before this program was started.
print(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1])
"""


def test_memory_does_not_grow_with_the_film(photos, tmp_path):
    peaks = []
    for seconds in (8, 24):  # The encoder looks two seconds ahead.
        cover = tmp_path / f"{seconds}.mp4"
        write(cover, panned(photos[0], 25 * seconds))
        words = [sys.executable, "-c", PEAK, str(cover), str(tmp_path / f"stamped{seconds}.mp4")]
        done = subprocess.run(words, capture_output=True, text=True, check=True)
        peaks.append(int(done.stdout.split()[-1]))
    assert peaks[1] < 1.15 * peaks[0]
