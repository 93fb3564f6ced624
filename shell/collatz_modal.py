"""Runs a training of this repository on a rented GPU, in the way the log did.

modal run --detach shell/collatz_modal.py --args "collatz run6 --run log6"

builds the image, mounts the sources and passes the words of --args to train.sh's Python module. Run folders are kept on the volume
"longrun-checkpoints": the same command goes on where the last one stopped, and `modal volume get longrun-checkpoints collatz/log6`
fetches the folder. Needs `pip install .[modal]` and an account.
"""

import configparser
import shlex
import subprocess
import sys
from pathlib import Path

import modal

ROOT = Path(__file__).resolve().parents[1]
REMOTE = "/root/longrun"
GPU = "T4"
HOURS = 24
PACKAGES = ("longrun", "collatz", "stegastamp", "arc", "hrm")


def requirements() -> list[str]:
    """What setup.cfg installs, with CUDA; empty inside the container, where the image is built already."""
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg", encoding="utf-8")
    if "options" not in setup:
        return []
    extras = setup["options.extras_require"]["gpu"].split()
    return [line for line in setup["options"]["install_requires"].splitlines() if line] + extras


image = modal.Image.debian_slim(python_version="3.12").pip_install(requirements())
for package in PACKAGES:
    if (ROOT / package).is_dir():
        image = image.add_local_dir(ROOT / package, f"{REMOTE}/{package}")

app = modal.App("longrun", image=image)
volume = modal.Volume.from_name("longrun-checkpoints", create_if_missing=True)


def command(args: str) -> list[str]:
    """The training command of `args`, "PROJECT [PRESET] [--flags]"; ValueError where it names no project."""
    words = shlex.split(args)
    if not words or words[0] not in PACKAGES[1:]:
        raise ValueError(f'--args is "PROJECT [PRESET] [--flags]" with a project of {", ".join(PACKAGES[1:])}, not {args!r}')
    return [sys.executable, "-m", words[0], "train", *words[1:]]


@app.function(gpu=GPU, timeout=HOURS * 3600, volumes={f"{REMOTE}/checkpoints": volume})
def train(args: str) -> int:
    """Train in the container; the exit code is that of the training."""
    try:
        return subprocess.run(command(args), cwd=REMOTE).returncode
    finally:
        volume.commit()


@app.local_entrypoint()
def main(args: str = "collatz run6"):
    """Check the words here, before anything is rented."""
    command(args)
    sys.exit(train.remote(args))
