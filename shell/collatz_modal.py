"""Runs a training of this repository on a rented GPU, in the way the log did.

modal run --detach shell/collatz_modal.py --args "collatz run6 --run log6"

builds the image, mounts the sources and passes the words of --args to `python -m PROJECT train`; flags alone, as in the log
("--epochs 20001 --use-t4"), go to the log's own program, `collatz original`. Run folders are kept on the volume "longrun-checkpoints",
each with its output.log: the same command goes on where the last one stopped, and `modal volume get longrun-checkpoints collatz/log6`
fetches the folder. Needs `pip install .[modal]` and an account.
"""

import configparser
import os
import re
import shlex
import site
import subprocess
import sys
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

import modal

ROOT = Path(__file__).resolve().parents[1]
REMOTE = "/root/longrun"
GPU = "T4"
HOURS = 24
PACKAGES = ("longrun", "collatz", "stegastamp", "arc", "hrm")
SEES_GPU = "import sys, tensorflow; sys.exit(not tensorflow.config.list_physical_devices('GPU'))"


def requirements() -> list[str]:
    """What setup.cfg installs, with CUDA; empty inside the container, where the image is built already."""
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg", encoding="utf-8")
    if "options" not in setup:
        return []
    return [*_lines(setup["options"]["install_requires"]), *_extra(setup, "gpu")]


def _extra(setup, name):
    """What an extra installs, with that of other extras that it names: the project itself comes as files."""
    for line in _lines(setup["options.extras_require"][name]):
        if own := re.fullmatch(rf"{setup['metadata']['name']}\[(.*)\]", line):
            yield from (each for other in own[1].split(",") for each in _extra(setup, other))
        else:
            yield line


def _lines(text):
    return [line for line in text.splitlines() if line]


image = modal.Image.debian_slim(python_version="3.12").pip_install(requirements())
for package in PACKAGES:
    if (ROOT / package).is_dir():
        image = image.add_local_dir(ROOT / package, f"{REMOTE}/{package}")

app = modal.App("longrun", image=image)
volume = modal.Volume.from_name("longrun-checkpoints", create_if_missing=True)


def words_of(args: str) -> list[str]:
    """PROJECT and what follows `train`; ValueError where `args` names no project."""
    words = shlex.split(args)
    if words and words[0].startswith("-"):
        words = ["collatz", "original", *words]
    if not words or words[0] not in PACKAGES[1:]:
        raise ValueError(f'--args is "PROJECT [PRESET] [--flags]" with a project of {", ".join(PACKAGES[1:])}, or flags, not {args!r}')
    return words


def run_folder(args: str) -> Path:
    """The training's folder below checkpoints: PROJECT/NAME of --run, or PROJECT/PRESET; PROJECT where neither is given."""
    project, *rest = words_of(args)
    name = rest[0] if rest and not rest[0].startswith("-") else ""
    for word, following in pairwise([*rest, ""]):
        if word.split("=", 1)[0] == "--run":
            name = word.split("=", 1)[1] if "=" in word else following
    return Path(project) / name


def environment(packages: Path, before: Mapping[str, str]) -> dict[str, str]:
    """`before` with what TensorFlow reads on a GPU, as shell/environment.sh sets it: CUDA lies in pip's folder `packages`."""
    folders = sorted((packages / "nvidia").glob("*"))
    libraries = [str(folder / "lib") for folder in folders if (folder / "lib").is_dir()]
    changes = {"LD_LIBRARY_PATH": ":".join([*libraries, *filter(None, [before.get("LD_LIBRARY_PATH")])])}
    compilers = [folder for folder in folders if (folder / "nvvm" / "libdevice").is_dir()]
    if compilers:
        # XLA compiles with libdevice and ptxas, which pip puts where no CUDA toolkit would.
        changes["XLA_FLAGS"] = f"{before.get('XLA_FLAGS', '')} --xla_gpu_cuda_data_dir={compilers[0]}".strip()
    return {"TF_FORCE_GPU_ALLOW_GROWTH": "true", "TF_CPP_MIN_LOG_LEVEL": "2", **before, **changes}


def run(args: str, packages: Path, root: Path) -> int:
    """Train below `root` and return the exit code of the training; RuntimeError where TensorFlow sees no GPU: it is paid for."""
    project, *rest = words_of(args)
    variables = environment(packages, os.environ)
    if subprocess.run([sys.executable, "-c", SEES_GPU], env=variables).returncode:
        raise RuntimeError(f"TensorFlow sees no GPU, though a {GPU} was asked for")
    folder = root / "checkpoints" / run_folder(args)
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-u", "-m", project, "train", *rest]
    with (
        open(folder / "output.log", "a") as log,
        subprocess.Popen(command, cwd=root, env=variables, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as training,
    ):
        for line in training.stdout:
            print(line, end="", flush=True)
            log.write(line)
            log.flush()
    return training.returncode


@app.function(gpu=GPU, timeout=HOURS * 3600, volumes={f"{REMOTE}/checkpoints": volume})
def train(args: str) -> int:
    """Train in the container; what is written so far is kept, whatever the end is."""
    try:
        return run(args, Path(site.getsitepackages()[0]), Path(REMOTE))
    finally:
        volume.commit()


@app.local_entrypoint()
def main(args: str = "collatz run6"):
    """Check the words here, before anything is rented."""
    words_of(args)
    sys.exit(train.remote(args))
