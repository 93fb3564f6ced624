"""PyTorch files of both layouts, safetensors, and files that are neither."""

import io
import json
import zipfile
from pathlib import Path
from random import Random

import numpy as np

from longrun.torch_file import read_tensors
from tests.places import GOLDEN

IMPORTS = 0.03
"""Share of the files that are imported as a network, too, which takes a second each."""


RUNS = b"cos\nsystem\n(X\7\0\0\0touch xtR."
"""The opcodes of a pickle that runs a program."""
RUNS_WITHIN = b"\x80\2}X\1\0\0\0wcbuiltins\neval\nX\1\0\0\x001\x85Rs."


def prepare() -> None:
    """TensorFlow is imported, which takes its time."""
    from hrm.network import torch_import  # noqa: F401


def make(folder: Path) -> None:
    """The files that PyTorch has written for the other tests, the same as safetensors, and pickles that run something."""
    for path in [*GOLDEN.glob("stegastamp/torch_*.pth"), *GOLDEN.glob("hrm/torch_*.pt")]:
        _place(folder, path.name, path.read_bytes())
    for name in ("torch_trm.pt", "torch_hrm.pt"):
        _place(folder, f"{name}.safetensors", _safetensors(read_tensors(GOLDEN / "hrm" / name)))
    _place(folder, "lfs.pt", b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 123\n")
    _place(folder, "runs.pth", RUNS)
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("archive/data.pkl", RUNS_WITHIN)
    _place(folder, "runs.pt", archive.getvalue())


def read(folder: Path, chance: Random) -> None:
    """Read its tensors, or a few of them; now and then as a network."""
    path = next(path for path in sorted(folder.rglob("*")) if path.is_file())
    if chance.random() < IMPORTS:
        from hrm.network.torch_import import import_checkpoint

        import_checkpoint(path, puzzle="sudoku", side=4, heads=4)
        return
    read_tensors(path, chance.choice(("", "", "features.", "model.inner.L_level")))


def _place(folder, name, content):
    place = folder / name.replace(".", "-")
    place.mkdir()
    (place / name).write_bytes(content)


def _safetensors(tensors):
    header, parts, place = {"__metadata__": {"format": "pt"}}, [], 0
    for name, array in tensors.items():
        numbers = np.ascontiguousarray(array, "<f4").tobytes()
        header[name] = {"dtype": "F32", "shape": list(array.shape), "data_offsets": [place, place + len(numbers)]}
        parts.append(numbers)
        place += len(numbers)
    described = json.dumps(header).encode()
    return len(described).to_bytes(8, "little") + described + b"".join(parts)
