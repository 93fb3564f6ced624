"""What the tests of StegaStamp share: a training so small that it takes seconds, photos for it, and the command line."""

import os
import subprocess
import sys
from dataclasses import fields, replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from stegastamp.config import Config
from stegastamp.presets import tiny

ROOT = Path(__file__).resolve().parents[2]
SMALL = replace(
    tiny(), size=32, bits=8, encoder_widths=(4,) * 5, decoder_widths=(4,) * 4, decoder_strides=(2, 1, 2, 1),
    decoder_dense=16, batch_size=4,
    distortions=False, log_every=5, save_every=5, evaluate_every=100, test_count=20,
)  # fmt: skip


@pytest.fixture(scope="session")
def small() -> Config:
    """32 px, 8 bits, four channels everywhere, no distortions."""
    return SMALL


@pytest.fixture(scope="session", autouse=True)
def cache(tmp_path_factory) -> Path:
    """A cache folder that is nobody's."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("cache")
        patch.setenv("STEGASTAMP_CACHE", str(folder))
        yield folder


@pytest.fixture(scope="session")
def photos_folder(tmp_path_factory) -> Path:
    """Twelve pictures of 80 x 96 pixels, smooth as photos are."""
    folder = tmp_path_factory.mktemp("photos")
    for index in range(12):
        assert cv2.imwrite(str(folder / f"{index}.png"), blobs(80, 96, index))
    return folder


def blobs(height: int, width: int, seed: int) -> np.ndarray:
    coarse = np.random.default_rng(seed).integers(0, 256, (6, 6, 3), dtype=np.uint8)
    return cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)


@pytest.fixture(scope="session")
def flags(photos_folder):
    """flags(config): the command line that turns the preset tiny into `config`, on the pictures of `photos_folder`."""

    def flags(config: Config) -> list[str]:
        preset, words = tiny(), []
        for name in (field.name for field in fields(Config)):
            value, flag = getattr(config, name), name.replace("_", "-")
            if value == getattr(preset, name):
                continue
            if isinstance(value, bool):
                words.append(f"--{'' if value else 'no-'}{flag}")
            else:
                words += [f"--{flag}", *map(str, value if isinstance(value, tuple) else (value,))]
        return words if config.images else [*words, "--images", str(photos_folder)]

    return flags


@pytest.fixture(scope="session")
def start():
    """start(*words): a Python process in the repository, its stdout and stderr to be read as text."""

    def start(*words: object, environment: dict[str, str] | None = None, **options) -> subprocess.Popen:
        return subprocess.Popen(
            [sys.executable, *map(str, words)], cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONUNBUFFERED": "1", **(environment or {})}, **options,
        )  # fmt: skip

    return start


@pytest.fixture(scope="session")
def run(start):
    """run(*words): what such a process answers: exit code, stdout, and stderr without TensorFlow's own greeting."""

    def run(*words: object, **options) -> subprocess.CompletedProcess:
        process = start(*words, **options)
        output, errors = process.communicate()
        return subprocess.CompletedProcess(process.args, process.returncode, output, without_greeting(errors))

    return run


def without_greeting(errors: str) -> str:
    greeting = ("WARNING: All log messages before absl", "I0000 ")
    return "".join(line for line in errors.splitlines(keepends=True) if not line.startswith(greeting))


@pytest.fixture(scope="session")
def training(small, flags) -> list[str]:
    """The command line of `trained`, without its --run."""
    config = replace(small, distortions=True, steps=150, average_decay=0.9)
    return ["-m", "stegastamp", "train", "tiny", *flags(config)]


@pytest.fixture(scope="session")
def trained(tmp_path_factory, run, training):
    """A finished training with distortions, in a process of its own: (run folder, its --json process)."""
    folder = tmp_path_factory.mktemp("runs") / "trained"
    done = run(*training, "--json", "--run", folder)
    assert done.returncode == 0, done.stderr
    return folder, done
