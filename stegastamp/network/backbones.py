"""Weights of LPIPS: the official heads, which are here, and the ImageNet backbones, which are fetched once and converted.

The heads are version 0.1 of the reference (richzhang/PerceptualSimilarity, BSD-2-Clause), fitted on torchvision's backbones: with other
backbones the distance is not LPIPS. The backbones come from torchvision's public files; their convolutions are kept as `.npz`:
torch's `NAME.weight` (out, in, height, width) becomes `NAME.kernel` (height, width, in, out), `NAME.bias` stays.
"""

import hashlib
import http.client
import os
import tempfile
import urllib.request
import zipfile
from pathlib import Path
from typing import Literal

import numpy as np
from rich.console import Console
from rich.progress import wrap_file

from longrun.errors import UserError
from longrun.torch_file import read_tensors
from longrun.words import nearest

NETS = {"alex": "alexnet-owt-7be5be79.pth", "vgg": "vgg16-397923af.pth", "squeeze": "squeezenet1_1-b8a52dc0.pth"}
"""Backbone -> file name at torchvision; its last part is how the SHA-256 of the file begins."""
ADDRESS = "https://download.pytorch.org/models"
FOLDER_VARIABLE = "STEGASTAMP_LPIPS"
HEADS = Path(__file__).resolve().parents[1] / "weights" / "lpips_heads_v0.1.npz"


class NoWeights(FileNotFoundError):
    """The backbone has not been fetched yet; the message is the command that does."""


def lpips(*, net: Literal["alex", "vgg", "squeeze"] = "alex", source: str = "") -> None:
    """Fetch the official LPIPS weights and convert them.

    net: The backbone: a download of 244 MB of which 10 MB are kept (alex), 553 and 59 MB (vgg), 5 and 3 MB (squeeze).
    source: Folder that holds torchvision's file, or the address of a mirror; empty, torchvision.
    """
    print(f"the weights are in {fetch(net, source or None)}")


def fetch(net: str, source: str | None = None, folder: Path | str | None = None) -> Path:
    """Fetch the backbone of `net` and convert it; returns the `.npz`. What is there already is kept, unless a source is given.

    net: "alex" (244 MB to fetch, 10 MB to keep), "vgg" (553 MB, 59 MB) or "squeeze" (5 MB, 3 MB).
    source: folder that holds torchvision's file, or the address of a mirror; None for torchvision.
    folder: where the converted weights go; None for `default_folder()`.
    Raises UserError for an unknown net or a damaged file, FileNotFoundError where the source folder lacks the file,
    ConnectionError where it cannot be fetched; each one line.
    """
    target = weights_path(net, folder)
    if target.exists() and source is None:
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    # Next to its target, so that moving it there is atomic, and gone with whatever it holds if this is interrupted.
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        if source is None or "://" in source:
            origin = f"{(source or ADDRESS).rstrip('/')}/{NETS[net]}"
            file = _download(net, origin, Path(scratch))
        else:
            origin = file = Path(source).expanduser() / NETS[net]
            if not file.is_file():
                raise FileNotFoundError(f"{file} is missing; fetch it from {ADDRESS}/{NETS[net]}")
        _check_hash(file, origin)
        converted = Path(scratch) / target.name
        np.savez(converted, **convert(read_tensors(file, prefix="features.")))
        os.replace(converted, target)
    return target


def convert(state: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Tensors of torchvision's convolutions -> arrays as Keras keeps them, under the names of the layers; float32."""
    arrays = {}
    for name, tensor in state.items():
        if name.endswith(".weight"):
            arrays[name.removesuffix("weight") + "kernel"] = np.float32(tensor).transpose(2, 3, 1, 0)
        else:
            arrays[name] = np.float32(tensor)
    return arrays


def load_backbone(net: str, folder: Path | str | None = None) -> dict[str, np.ndarray]:
    """The converted backbone of `net`. Raises NoWeights with the command that makes it, UserError for a damaged file."""
    path = weights_path(net, folder)
    if not path.exists():
        raise NoWeights(f"no LPIPS weights at {path}; make them once with: python -m stegastamp lpips --net {net}")
    try:
        # NumPy leaves a file that it opened and cannot read to the garbage collector.
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as file:
            return dict(file)
    except (ValueError, EOFError, zipfile.BadZipFile) as error:
        raise UserError(f"{path} is damaged; delete it and run: python -m stegastamp lpips --net {net}") from error


def load_heads(net: str) -> list[np.ndarray]:
    """The official v0.1 weights of the 1x1 heads, one (1, 1, channels, 1) kernel a layer, none negative."""
    _require_known(net)
    with np.load(HEADS, allow_pickle=False) as file:
        count = sum(name.startswith(f"{net}.lin") for name in file)
        return [file[f"{net}.lin{index}.model.1.weight"].transpose(2, 3, 1, 0) for index in range(count)]


def weights_path(net: str, folder: Path | str | None = None) -> Path:
    """Where the converted backbone of `net` is kept. Raises UserError for an unknown net."""
    _require_known(net)
    return (default_folder() if folder is None else Path(folder)) / f"lpips_{net}.npz"


def default_folder() -> Path:
    """$STEGASTAMP_LPIPS, else stegastamp/lpips in the user's cache folder ($XDG_CACHE_HOME or ~/.cache)."""
    if chosen := os.environ.get(FOLDER_VARIABLE):
        return Path(chosen).expanduser()
    cache = os.environ.get("XDG_CACHE_HOME")
    return (Path(cache) if cache else Path.home() / ".cache") / "stegastamp" / "lpips"


def _require_known(net: str) -> None:
    if net not in NETS:
        raise UserError(f"unknown LPIPS net {net!r}{nearest(net, list(NETS))}; nets: {', '.join(NETS)}")


def _download(net: str, address: str, folder: Path) -> Path:
    path = folder / NETS[net]
    try:
        with urllib.request.urlopen(address, timeout=30) as response, path.open("wb") as file:
            total = int(response.headers.get("Content-Length") or 0)
            with wrap_file(response, total, description=path.name, console=Console(stderr=True)) as stream:
                while chunk := stream.read(1 << 20):
                    file.write(chunk)
    except (OSError, http.client.HTTPException) as error:
        by_hand = f"put {NETS[net]} into a folder by hand and run: python -m stegastamp lpips --net {net} --source FOLDER"
        raise ConnectionError(f"cannot fetch {address} ({error}); {by_hand}") from None
    return path


def _check_hash(path: Path, origin: Path | str) -> None:
    expected = path.stem.rpartition("-")[2]
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if not found.startswith(expected):
        raise UserError(f"{origin} is damaged or another file: its SHA-256 begins {found[: len(expected)]}, not {expected}")
